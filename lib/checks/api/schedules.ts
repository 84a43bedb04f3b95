import { isTimeZone, scheduleFault, secondsScheduleFault, timeZoneFix } from '../../support/cron';
import { map } from '../../model/values';
import { askedAt, filled, where, type Condition, type TypeRule, type Words } from './condition';

const BACKUP = [schedule('schedule', secondsScheduleFault, 'write second, minute, hour, day, month, weekday: "0 30 3 * * *"')];

/** KEDA reads the times of its scaler when it scales: a wrong one is in its log alone. */
const SCALER = [
  schedule('metadata.start metadata.end'),
  zone('metadata.timezone', 'write "Etc/UTC" or "Europe/Berlin"'),
  where(
    'metadata.end',
    'be another time than the start',
    'write when the pods are to go',
    (got, { metadata }) => got === '' || got !== map(metadata)['start'],
  ),
].map(
  (condition): Condition =>
    (trigger, minor) =>
      trigger['type'] === 'cron' ? condition(trigger, minor) : [],
);

/** CronJobs have five fields; ScheduledBackups of CloudNativePG have six, with seconds in front. */
export const cronSchedule: TypeRule = {
  name: 'cron-schedule',
  sentence: 'A schedule has the fields that its kind reads, a day that comes, and a time zone that exists.',
  why: 'A schedule of six fields, as CloudNativePG wants it, is refused, and with a zone inside it the job runs at the wrong hour.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax',
  types: {
    CronJobSpec: [schedule('schedule'), zone('timeZone', (got) => timeZoneFix(String(got)))],
  },
  find: askedAt({
    'ScheduledBackup spec': BACKUP,
    'ScaledObject spec.triggers[]': SCALER,
    'ScaledJob spec.triggers[]': SCALER,
  }),
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
