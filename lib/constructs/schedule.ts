import type { Construct } from 'constructs';
import { clockFault, isTimeZone, scheduleFault, timeZoneFix } from '../support/cron';
import { declare } from '../support/declare';
import { asWritten, reject } from '../support/reject';

/** When a CronJob runs. */
export interface Schedule {
  /** Minute, hour, day of the month, month, day of the week: `schedule`. */
  readonly schedule: string;
  /** Where it is that time: `timeZone`. */
  readonly timeZone: string;
}

/** Refuses a schedule or a time zone that Kubernetes would refuse or never reach. */
export function requireSchedule(scope: Construct, { schedule, timeZone }: Schedule): void {
  const must = scheduleFault(schedule);
  if (must !== undefined) {
    const fix = 'write minute, hour, day, month, weekday: "30 3 * * *"';
    reject(scope, { prop: 'schedule', must, got: schedule, fix });
  }
  if (!isTimeZone(timeZone)) {
    reject(scope, { prop: 'timeZone', must: 'be a time zone of the IANA database', got: timeZone, fix: timeZoneFix(timeZone) });
  } else if (must === undefined) {
    const bears = clockFault(schedule, timeZone);
    if (bears !== undefined)
      declare(scope, { assumed: [`${asWritten(scope, 'schedule')}, "${schedule}", is taken to bear being ${bears}`] });
  }
}

/** Refuses a schedule that runs more than once an hour, for what reads a whole database each time. */
export function requireRareSchedule(scope: Construct, times: Schedule): void {
  requireSchedule(scope, times);
  const { schedule } = times;
  if (scheduleFault(schedule) !== undefined || /^(?:\d+\s|@(?!every))/.test(schedule.trim())) return;
  const must = 'run once an hour at most: one minute, no list, range or step';
  reject(scope, { prop: 'schedule', must, got: schedule, fix: 'write it as "30 3 * * *"' });
}
