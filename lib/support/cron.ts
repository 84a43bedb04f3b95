import { clockChanges } from './clock-changes';
import { nearest } from './nearest';

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
  if (wrong) return `have the ${wrong.name} from ${wrong.least} to ${wrong.most}`;
  return neverFires(parts) ? 'name a day that its months have' : undefined;
}

/** What is wrong with a schedule that has seconds in front, as operators take them; undefined where nothing is. */
export function secondsScheduleFault(schedule: string): string | undefined {
  const bare = schedule.replace(/^(?:CRON_)?TZ=\S+\s+/, '').trim();
  if (bare.startsWith('@')) return scheduleFault(bare);
  const [seconds = '', ...parts] = bare.split(/\s+/);
  if (parts.length !== FIELDS.length) return `have six fields, not ${parts.length + 1}`;
  if (!seconds.split(',').every((part) => isPart(part, SECOND))) return 'have the second from 0 to 59';
  return scheduleFault(parts.join(' '));
}

const SECOND: CronField = { name: 'second', least: 0, most: 59, words: [] };
/** In leap years, which come. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether no month of the schedule has one of its days, as on 31 February. A day of the week beside a day of the month is
 * another way to fire, unless either stands for all days: then both must hold.
 */
function neverFires([, , day = '*', month = '*', weekday = '*']: readonly string[]): boolean {
  if (isEvery(day) || !isEvery(weekday)) return false;
  const earliest = Math.min(...day.split(',').map((part) => firstOf(part, FIELDS[2])));
  return !LONGEST.some(
    (length, index) => length >= earliest && month.split(',').some((part) => covers(part, index + 1, FIELDS[3])),
  );
}

/** `*` with a step of more than one is a choice. */
function isEvery(text: string): boolean {
  return text.split(',').some((part) => /^[*?](?:\/0*1)?$/.test(part));
}

function firstOf(part: string, field: CronField = SECOND): number {
  return rangeOf(part, field).from;
}

function covers(part: string, number: number, field: CronField = SECOND): boolean {
  const { from, to, step } = rangeOf(part, field);
  return number >= from && number <= to && (number - from) % step === 0;
}

/** Whether a field of a schedule, by its place among the five, fires at a number; Sunday is 0. */
export function fieldFires(text: string, number: number, place: 0 | 1 | 2 | 3 | 4): boolean {
  const sunday = place === 4 && number === 0;
  return text.split(',').some((part) => covers(part, number, FIELDS[place]) || (sunday && covers(part, 7, FIELDS[place])));
}

function rangeOf(part: string, field: CronField): { from: number; to: number; step: number } {
  const [range = '', step = '1'] = part.split('/');
  if (range === '*' || range === '?') return { from: field.least, to: field.most, step: Number(step) };
  const [from = NaN, to = part.includes('/') ? field.most : from] = range.split('-').map((end) => numberOf(end, field));
  return { from, to, step: Number(step) };
}

/** What macros stand for. */
const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** The fields of a valid schedule that is none of `@every`. */
export function fieldsOf(schedule: string): readonly [minute: string, hour: string, day: string, month: string, weekday: string] {
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = (MACROS[schedule] ?? schedule).trim().split(/\s+/);
  return [minute, hour, day, month, weekday];
}

/**
 * What becomes of a schedule in the nights when clocks change, as robfig/cron 3 reads it, by which Kubernetes does: a time that
 * does not come is left out, and one that comes twice is due twice. Undefined where it is neither, where it is due every few
 * hours anyway, or on one day of a month, which such a night seldom is.
 */
export function clockFault(schedule: string, timeZone: string): string | undefined {
  const [minute, hour, day, month, weekday] = fieldsOf(schedule);
  if (!isEvery(day) || /[*?/-]/.test(hour)) return undefined;
  const changes = clockChanges(timeZone);
  const met = changes.filter(({ from, to, weekday: on, month: when }) => {
    if (!fieldFires(month, when, 3) || !fieldFires(weekday, on, 4)) return false;
    const times = Array.from({ length: to - from }, (_, index) => from + index);
    return times.some((time) => fieldFires(minute, time % 60, 0) && fieldFires(hour, Math.floor(time / 60) % 24, 1));
  });
  if (met.length === 0) return undefined;
  const nights = [
    ...(met.some(({ comes }) => comes === 'never') ? ['left out in the night when clocks go forward'] : []),
    ...(met.some(({ comes }) => comes === 'twice') ? ['run twice in the night when they go back'] : []),
  ];
  const free = [3, 4, 5, 6].find((one) => !changes.some(({ from, to }) => from < one * 60 + 60 && to > one * 60));
  return `${nights.join(', and ').replace('they', nights.length > 1 ? 'they' : 'clocks')} in ${timeZone}: write another hour, such as ${free}, or leave 'timeZone' out for UTC`;
}

/** What to write in the place of a text that is no time zone. */
export function timeZoneFix(zone: string): string {
  const known = ['Etc/UTC', ...Intl.supportedValuesOf('timeZone')];
  const meant = known.find((one) => one.toLowerCase().endsWith(`/${zone.toLowerCase()}`)) ?? nearest(zone, known, 2);
  return `write "${meant ?? 'Europe/Berlin'}", or leave it out for "Etc/UTC"`;
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
