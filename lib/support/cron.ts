interface CronField {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly words: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly CronField[] = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of the month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: MONTHS },
  { name: 'day of the week', least: 0, most: 6, words: DAYS },
];
const MACRO = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every (?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+)$/;

/** What is wrong with the schedule of a CronJob, as it continues after "must"; undefined where nothing is. */
export function scheduleFault(schedule: string): string | undefined {
  if (schedule.includes('TZ=')) return 'not name a time zone: that goes to timeZone';
  if (schedule.startsWith('@'))
    return MACRO.test(schedule) ? undefined : 'be @hourly, @daily, @weekly, @monthly, @yearly or five fields';
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return `have five fields, not ${parts.length}`;
  const wrong = FIELDS.find((field, index) => !parts[index]?.split(',').every((part) => isPart(part, field)));
  return wrong && `have the ${wrong.name} from ${wrong.least} to ${wrong.most}`;
}

/** Whether a text is a time zone of the IANA database, as Kubernetes takes it. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Z][\w+-]*(?:\/[A-Z][\w+-]*)*$/.test(zone) || zone === 'Local') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isPart(part: string, field: CronField): boolean {
  const [range = '', step, ...rest] = part.split('/');
  if (rest.length > 0 || (step !== undefined && !(Number(step) > 0 && /^\d+$/.test(step)))) return false;
  if (range === '*' || range === '?') return true;
  const ends = range.split('-').map((end) => numberOf(end, field));
  const [from = NaN, to = from] = ends;
  return ends.length <= 2 && from >= field.least && to <= field.most && from <= to;
}

function numberOf(end: string, { words, least }: CronField): number {
  const word = words.indexOf(end.toLowerCase());
  if (word >= 0) return word + least;
  return /^\d+$/.test(end) ? Number(end) : NaN;
}
