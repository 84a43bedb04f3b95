import { isTimeZone, scheduleFault, secondsScheduleFault } from '../../support/cron';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf } from '../world/values';

/** CronJobs have five fields; ScheduledBackups of CloudNativePG have six, with seconds in front. */
export const cronSchedule: Rule = {
  name: 'cron-schedule',
  sentence: 'A schedule has the fields that its kind reads, a day that comes, and a time zone that exists.',
  why: 'A schedule of six fields, as CloudNativePG wants it, is refused, and with a zone inside it the job runs at the wrong hour.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('CronJob')) {
      const { schedule, timeZone } = specOf(object);
      yield* fiveFields(object, 'spec.schedule', schedule);
      yield* zone(object, 'spec.timeZone', timeZone, 'write "Etc/UTC", "Europe/Berlin" or leave it out');
    }
    for (const object of inventoryOf(world).ofKind('ScheduledBackup')) {
      const got: unknown = specOf(object)['schedule'];
      const must = isText(got) ? secondsScheduleFault(got) : undefined;
      const fix = 'write second, minute, hour, day, month, weekday: "0 30 3 * * *"';
      if (must !== undefined) yield { object, field: 'spec.schedule', must, got, fix };
    }
    for (const object of inventoryOf(world).ofKind('ScaledObject', 'ScaledJob')) yield* scaler(object);
  },
};

/** KEDA reads the times of its scaler when it scales: a wrong one is in its log alone. */
function* scaler(object: FinishedObject): Iterable<Finding> {
  for (const [index, { type, metadata }] of maps(specOf(object)['triggers']).entries()) {
    if (type !== 'cron') continue;
    const path = `spec.triggers[${index}].metadata`;
    const { start, end, timezone } = map(metadata);
    yield* fiveFields(object, `${path}.start`, start);
    yield* fiveFields(object, `${path}.end`, end);
    yield* zone(object, `${path}.timezone`, timezone, 'write "Etc/UTC" or "Europe/Berlin"');
    const must = 'be another time than the start';
    if (isText(start) && start === end)
      yield { object, field: `${path}.end`, must, got: end, fix: 'write when the pods are to go' };
  }
}

function* fiveFields(object: FinishedObject, field: string, got: unknown): Iterable<Finding> {
  const must = isText(got) ? scheduleFault(got) : undefined;
  if (must !== undefined) yield { object, field, must, got, fix: 'write minute, hour, day, month, weekday: "30 3 * * *"' };
}

function* zone(object: FinishedObject, field: string, got: unknown, fix: string): Iterable<Finding> {
  if (typeof got !== 'string' || isTimeZone(got)) return;
  yield { object, field, must: 'be a time zone of the IANA database', got, fix };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
