import { isTimeZone, scheduleFault } from '../../support/cron';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { specOf } from '../world/objects';

/** CronJobs have five fields; ScheduledBackups of CloudNativePG have six, with seconds in front. */
export const cronSchedule: Rule = {
  name: 'cron-schedule',
  sentence: 'A CronJob has five fields and a time zone that exists.',
  why: 'A schedule of six fields, as CloudNativePG wants it, is refused, and with a zone inside it the job runs at the wrong hour.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('CronJob')) {
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
