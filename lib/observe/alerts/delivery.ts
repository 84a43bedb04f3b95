import { GATE } from '../../support/gate-name';
import { literal } from '../../support/literal';
import { oneOf, quoted, select } from '../promql';
import type { Alert, Observed, Scheduled } from './alert';
import type { AlertName } from './settings';

/** What keeps a release from going out, and what should have run and did not. */
export function deliveryAlerts(observed: Observed): Alert[] {
  const { namespace, application, migrations, gated } = observed;
  const here = `namespace=${quoted(namespace)}`;
  const failed: Alert = {
    name: 'MigrationFailed',
    expr: () => {
      const jobs = `job_name=~${quoted(`(${migrations.map(literal).join('|')})(-.*)?`)}`;
      const created = select('kube_job_created', here, jobs);
      // One of an image that was given up stays there for a while.
      const newest = `${created} == on (namespace) group_left () max by (namespace) (${created})`;
      return `max by (namespace, job_name) (${select('kube_job_failed', here, jobs, 'condition="true"')}) > 0 and on (namespace, job_name) (${newest})`;
    },
    summary: `{{ $labels.job_name }} of ${application} failed`,
    description:
      'New pods wait for it, and the old ones go on. Read its log, mend the migration, and roll out again: another image makes another Job. After going back to an image whose Job is there, delete the failed one.',
  };
  const waits: Alert = {
    name: 'GateWaits',
    expr: () =>
      `count by (namespace) (${select('kube_pod_init_container_status_running', here, oneOf('container', [GATE]))} == 1) > 0`,
    summary: `{{ $value }} pods of ${application} wait for migrations`,
    description:
      'The migrations still run, or never began: look at the Job whose name has migrate in it. A lock that an old pod holds keeps them waiting too.',
  };
  return [...(migrations.length > 0 ? [failed] : []), ...(gated ? [waits] : []), ...scheduledAlerts(observed)];
}

const KINDS: Readonly<Record<Scheduled['kind'], { name: AlertName; summary: string; description: string }>> = {
  backup: {
    name: 'BackupMissing',
    summary: 'No dump by {{ $labels.cronjob }} for {{ $value | humanizeDuration }}',
    description:
      'What is written since then is lost with the database. Read the log of its last Job; run it by kubectl create job --from=cronjob/<its name> <a name>.',
  },
  drill: {
    name: 'RestoreUnproven',
    summary: 'No dump was restored by {{ $labels.cronjob }} for {{ $value | humanizeDuration }}',
    description: 'Nobody knows whether the dumps can be restored. Read the log of its last Job: it says which step failed.',
  },
  task: {
    name: 'TaskOverdue',
    summary: '{{ $labels.cronjob }} has not ended well for {{ $value | humanizeDuration }}',
    description:
      'Read the log of its last Job; run it by kubectl create job --from=cronjob/<its name> <a name>. Where no Job is there, look at the events of the CronJob.',
  },
};

/** One alert for each kind: its CronJobs, each with the time that its schedule leaves, side by side. */
function scheduledAlerts({ namespace, scheduled }: Observed): Alert[] {
  return Object.entries(KINDS).flatMap(([kind, alert]) => {
    const all = scheduled.filter((one) => one.kind === kind);
    return all.length === 0 ? [] : [{ ...alert, expr: () => all.map((one) => overdue(namespace, one)).join(' or ') }];
  });
}

/** Before the first run that ends well there is no time of it, and the age of the CronJob counts. */
function overdue(namespace: string, { name, within }: Scheduled): string {
  const of = (metric: string) => select(metric, `namespace=${quoted(namespace)}`, `cronjob=${quoted(name)}`);
  const by = 'max by (namespace, cronjob)';
  const last = `${by} (${of('kube_cronjob_status_last_successful_time')})`;
  const since = `time() - (${last} or ${by} (${of('kube_cronjob_created')}))`;
  return `${since} > ${within}`;
}
