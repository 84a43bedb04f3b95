import { ofKind, specOf } from './lookup';
import type { Finding, Rule, World } from './rule';

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

/** CronJobs have five fields; ScheduledBackups of CloudNativePG have six, with seconds in front. */
export const cronSchedule: Rule = {
  name: 'cron-schedule',
  sentence: 'A CronJob has five fields and a time zone that exists.',
  why: 'A schedule of six fields, as CloudNativePG wants it, is refused, and with a zone inside it the job runs at the wrong hour.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax',
  *find(world: World): Iterable<Finding> {
    for (const object of ofKind(world, 'CronJob')) {
      const { schedule, timeZone } = specOf(object);
      const must = typeof schedule === 'string' && schedule !== '' ? scheduleFault(schedule) : undefined;
      if (must)
        yield {
          object,
          field: 'spec.schedule',
          must,
          got: schedule,
          fix: 'write minute, hour, day, month, weekday: "30 3 * * *"',
        };
      if (typeof timeZone !== 'string' || isTimeZone(timeZone)) continue;
      const fix = 'write "Etc/UTC", "Europe/Berlin" or leave it out';
      yield { object, field: 'spec.timeZone', must: 'be a time zone of the IANA database', got: timeZone, fix };
    }
  },
};

function scheduleFault(schedule: string): string | undefined {
  if (schedule.includes('TZ=')) return 'not name a time zone: that goes to spec.timeZone';
  if (schedule.startsWith('@'))
    return MACRO.test(schedule) ? undefined : 'be @hourly, @daily, @weekly, @monthly, @yearly or five fields';
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return `have five fields, not ${parts.length}`;
  const wrong = FIELDS.find((field, index) => !parts[index]?.split(',').every((part) => isPart(part, field)));
  return wrong && `have the ${wrong.name} from ${wrong.least} to ${wrong.most}`;
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

function isTimeZone(zone: string): boolean {
  if (!/^[A-Z][\w+-]*(?:\/[A-Z][\w+-]*)*$/.test(zone) || zone === 'Local') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
