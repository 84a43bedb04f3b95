import { fieldFires, fieldsOf } from './cron';

const UNITS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Each day of the month meets each day of the week within these years, 29 February too. */
const YEARS = Array.from({ length: 28 }, (_, index) => 2024 + index);

/** The most seconds from one time of a valid schedule to the next; undefined where there are none. */
export function longestGap(schedule: string): number | undefined {
  const every = /^@every (.+)$/.exec(schedule)?.[1];
  if (every !== undefined) {
    const parts = [...every.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)];
    return parts.reduce((sum, [, count, unit = 's']) => sum + Number(count) * (UNITS[unit] ?? 1), 0);
  }
  const [minute, hour, day, month, weekday] = fieldsOf(schedule);
  const hours = numbers(24).filter((one) => fieldFires(hour, one, 1));
  const minutes = numbers(60).filter((one) => fieldFires(minute, one, 0));
  const times = hours.flatMap((one) => minutes.map((other) => one * 60 + other));
  const [first, last] = [times.at(0), times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const days = daysThat({ day, month, weekday });
  if (days.length < 2) return undefined;
  const within = Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
  const between = Math.max(...days.slice(1).map((one, index) => one - (days[index] ?? one))) * 1440 - last + first;
  return Math.max(within, between) * 60;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The days on which a schedule fires, counted from the first of January 2024, which was a Monday. */
function daysThat({ day, month, weekday }: { day: string; month: string; weekday: string }): number[] {
  // Cron takes either where both are restricted.
  const either = !/^[*?]/.test(day) && !/^[*?]/.test(weekday);
  let at = 0;
  return YEARS.flatMap((year) =>
    LENGTHS.flatMap((length, index) =>
      numbers(index === 1 && year % 4 === 0 ? 29 : length).flatMap((date) => {
        const [ofMonth, ofWeek] = [fieldFires(day, date + 1, 2), fieldFires(weekday, (at + 1) % 7, 4)];
        const fires = fieldFires(month, index + 1, 3) && (either ? ofMonth || ofWeek : ofMonth && ofWeek);
        at += 1;
        return fires ? [at - 1] : [];
      }),
    ),
  );
}
