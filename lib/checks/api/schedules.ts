import { isTimeZone, scheduleFault, secondsScheduleFault, timeZoneFix } from '../../support/cron';
import type { Finding, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { map, maps, specOf } from '../../model/values';
import { filled, where, type Condition, type TypeRule, type Words } from './condition';

/** CronJobs have five fields; ScheduledBackups of CloudNativePG have six, with seconds in front. */
export const cronSchedule: TypeRule = {
  name: 'cron-schedule',
  sentence: 'A schedule has the fields that its kind reads, a day that comes, and a time zone that exists.',
  why: 'A schedule of six fields, as CloudNativePG wants it, is refused, and with a zone inside it the job runs at the wrong hour.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax',
  types: {
    CronJobSpec: [schedule('schedule'), zone('timeZone', (got) => timeZoneFix(String(got)))],
  },
  find: ofOperators,
};

function schedule(
  field: string,
  faultOf = scheduleFault,
  fix = 'write minute, hour, day, month, weekday: "30 3 * * *"',
): Condition {
  return where(
    field,
    (got) => faultOf(got) ?? '',
    fix,
    filled((text) => faultOf(text) === undefined),
  );
}

function zone(field: string, fix: Words): Condition {
  return where(field, 'be a time zone of the IANA database', fix, (got) => typeof got !== 'string' || isTimeZone(got));
}

const BACKUP = [schedule('schedule', secondsScheduleFault, 'write second, minute, hour, day, month, weekday: "0 30 3 * * *"')];

/** KEDA reads the times of its scaler when it scales: a wrong one is in its log alone. */
const SCALER = [
  schedule('start end'),
  zone('timezone', 'write "Etc/UTC" or "Europe/Berlin"'),
  where(
    'end',
    'be another time than the start',
    'write when the pods are to go',
    (got, { start }) => got === '' || got !== start,
  ),
];

function* ofOperators(world: World): Iterable<Finding> {
  const inventory = inventoryOf(world);
  for (const object of inventory.ofKind('ScheduledBackup'))
    for (const condition of BACKUP)
      for (const fault of condition(specOf(object), 0)) yield { ...fault, object, field: `spec.${fault.field}` };
  for (const object of inventory.ofKind('ScaledObject', 'ScaledJob'))
    for (const [index, { type, metadata }] of maps(specOf(object)['triggers']).entries())
      for (const condition of type === 'cron' ? SCALER : [])
        for (const fault of condition(map(metadata), 0))
          yield { ...fault, object, field: `spec.triggers[${index}].metadata.${fault.field}` };
}
