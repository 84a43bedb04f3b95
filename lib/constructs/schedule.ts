import type { Construct } from 'constructs';
import { clockFault, isTimeZone, scheduleFault } from '../support/cron';
import type { k8s } from 'cdk8s-plus-27';
import { declare, writtenFrom } from '../support/declare';
import { asWritten, reject } from '../support/reject';

/** When a CronJob runs. */
export interface Schedule {
  /** Minute, hour, day of the month, month, day of the week: `schedule`. */
  readonly schedule: string;
  /** Where it is that time: `timeZone`. */
  readonly timeZone: string;
}

/** Leaves the times of a CronJob to the rules, and says which of them clocks that change leave out or take twice. */
export function tellSchedule(scope: Construct, cronJob: k8s.KubeCronJob, { schedule, timeZone }: Schedule): void {
  writtenFrom(scope, cronJob, { 'spec.schedule': 'schedule', 'spec.timeZone': 'timeZone' });
  if (scheduleFault(schedule) !== undefined || !isTimeZone(timeZone)) return;
  const bears = clockFault(schedule, timeZone);
  if (bears === undefined) return;
  declare(scope, { assumed: [`${asWritten(scope, 'schedule')}, "${schedule}", is taken to bear being ${bears}`] });
}

/** Refuses a schedule that runs more than once an hour, for what reads a whole database each time. */
export function requireRareSchedule(scope: Construct, { schedule }: Pick<Schedule, 'schedule'>): void {
  if (scheduleFault(schedule) !== undefined || /^(?:\d+\s|@(?!every))/.test(schedule.trim())) return;
  const must = 'run once an hour at most: one minute, no list, range or step';
  reject(scope, { prop: 'schedule', must, got: schedule, fix: 'write it as "30 3 * * *"' });
}
