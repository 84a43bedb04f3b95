/** Times of a day that come twice or not at all where the clocks of a time zone change, in minutes from its midnight. */
export interface ClockChange {
  readonly from: number;
  /** The first minute that is as always. */
  readonly to: number;
  readonly comes: 'twice' | 'never';
  /** Day of the week, from Sunday on. */
  readonly weekday: number;
  /** Month, from 1 on. */
  readonly month: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A year far ahead has the rules that are in force, and no more of what they were. */
const YEAR = 2040;
/** Nowhere do clocks stand otherwise for a shorter time: Morocco's do so for the month of Ramadan. */
const STEP = 10 * DAY;

const MONTH = new Intl.DateTimeFormat('en', { timeZone: 'UTC', month: 'numeric' });

const known = new Map<string, readonly ClockChange[]>();

/** The changes of the clocks of a time zone within a year. */
export function clockChanges(timeZone: string): readonly ClockChange[] {
  const found = known.get(timeZone) ?? changesIn(offsets(timeZone));
  known.set(timeZone, found);
  return found;
}

/** How far the clocks of a zone are from UTC at a time, in milliseconds. */
type Offset = (time: number) => number;

function offsets(timeZone: string): Offset {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en', { timeZone, calendar: 'gregory', hourCycle: 'h23', ...fields });
  return (time) => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const of = (type: keyof typeof fields): number => parts.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute')) - time;
  };
}

function changesIn(offset: Offset): ClockChange[] {
  const changes: ClockChange[] = [];
  for (let start = Date.UTC(YEAR, 0, 1); start < Date.UTC(YEAR + 1, 0, 1); start += STEP) {
    if (offset(start) !== offset(start + STEP)) changes.push(changeWithin(offset, start, start + STEP));
  }
  return changes;
}

/** The change between two times, of which the first is before it and the second is not. */
function changeWithin(offset: Offset, before: number, after: number): ClockChange {
  const [old, next] = [offset(before), offset(after)];
  let [low, high] = [before, after];
  while (high - low > MINUTE) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
    if (offset(middle) === old) low = middle;
    else high = middle;
  }
  // From here on it is later by what was skipped, or what was comes again.
  const first = high + Math.min(old, next);
  const from = (first % DAY) / MINUTE;
  const to = from + Math.abs(next - old) / MINUTE;
  const comes = next > old ? 'never' : 'twice';
  // Days are counted from a Thursday.
  return { from, to, comes, weekday: (Math.floor(first / DAY) + 4) % 7, month: Number(MONTH.format(first)) };
}
