import type { MeasuredDatabase } from '../../support/facts';
import { oneOf, quoted, select } from '../promql';
import type { Alert, Observed } from './alert';

/** Transactions that PostgreSQL numbers before it refuses to write, some three millions early. */
const TRANSACTION_IDS = 2 ** 31;

/**
 * What servers of one pod run out of, by the metrics of postgres_exporter and mysqld_exporter. That their volumes fill is said by
 * the rules of kube-prometheus; CloudNativePG has rules of its own.
 */
export function databaseAlerts({ namespace, databases }: Observed): Alert[] {
  const [postgres, mysql] = (['postgresql', 'mysql'] as const).map((engine) => jobsOf(namespace, databases, engine));
  const all = [...(postgres ?? []), ...(mysql ?? [])];
  if (all.length === 0) return [];
  const each = (ofPostgres: (of: Series) => string, ofMysql?: (of: Series) => string) =>
    [
      ...(postgres?.length ? [ofPostgres(seriesOf(namespace, postgres))] : []),
      ...(mysql?.length && ofMysql ? [ofMysql(seriesOf(namespace, mysql))] : []),
    ].join(' or ');
  return [
    {
      name: 'DatabaseDown',
      expr: () => {
        const refused = each(
          (of) => `${BY} (${of('pg_up')}) == 0`,
          (of) => `${BY} (${of('mysql_up')}) == 0`,
        );
        return `${refused} or ${unready(namespace, all)}`;
      },
      summary: '{{ $labels.job }} takes no connection',
      description:
        'Its pod is not there or not ready, or its exporter cannot log in: look at the pod and its events, then read the log of the server and that of the container exporter. A server that starts after a crash takes its time.',
    },
    unmeasured(namespace, all),
    {
      name: 'DatabaseConnectionsRunOut',
      expr: (threshold) =>
        each(
          // Before PostgreSQL 16 it is refused like all others: then it keeps the one connection that it has, and asks nothing.
          (of) =>
            `${postgresConnections(of)} > ${threshold} or (${BY} (${of('pg_up')}) == 1 unless ${BY} (${of('pg_settings_max_connections')}))`,
          (of) => `${mysqlConnections(of)} > ${threshold}`,
        ),
      summary: '{{ $labels.job }} has {{ $value | humanizePercentage }} of the connections that clients may have',
      description:
        'The next pod that starts is refused: look who holds them, by the dashboard or in the server. Lower poolSize, or raise maxConnections of the database with its memory.',
    },
    ...(postgres?.length ? ofPostgres(seriesOf(namespace, postgres)) : []),
  ];
}

type Series = (name: string, ...matchers: readonly string[]) => string;

const BY = 'max by (namespace, job)';

/** What Prometheus calls the jobs of the servers of one engine. */
export function jobsOf(namespace: string, databases: readonly MeasuredDatabase[], engine: MeasuredDatabase['engine']): string[] {
  return databases.filter((one) => one.engine === engine).map(({ name }) => `${namespace}/${name}`);
}

function seriesOf(namespace: string, jobs: readonly string[]): Series {
  return (name, ...matchers) => select(name, `namespace=${quoted(namespace)}`, oneOf('job', jobs), ...matchers);
}

/** With its pod the exporter is gone, too: then only the cluster knows. What that counts is called as the others are, so that nobody is told twice. */
function unready(namespace: string, jobs: readonly string[]): string {
  const names = jobs.map((job) => job.slice(namespace.length + 1));
  const ready = select('kube_statefulset_status_replicas_ready', `namespace=${quoted(namespace)}`, oneOf('statefulset', names));
  return `${BY} (label_replace(${ready}, "job", "${namespace}/$1", "statefulset", "(.*)")) == 0`;
}

function unmeasured(namespace: string, jobs: readonly string[]): Alert {
  const each = jobs.map((job) => {
    const up = select('up', `namespace=${quoted(namespace)}`, `job=${quoted(job)}`);
    return `absent(${up}) or (sum by (namespace, job) (${up}) == 0)`;
  });
  return {
    name: 'DatabaseUnmeasured',
    expr: () => each.join(' or '),
    summary: 'Prometheus gets no metrics of {{ $labels.job }}',
    description:
      'No other alert about the database can fire. Where its pod is not there either, the database is gone; else look at the target in Prometheus: its labels, the fence, the container exporter.',
  };
}

/** What is kept for superusers is nobody's else. */
export function postgresConnections(of: Series): string {
  const limit = `${of('pg_settings_max_connections')} - ${of('pg_settings_superuser_reserved_connections')}`;
  return `sum by (namespace, job) (${of('pg_stat_database_numbackends')}) / on (namespace, job) ${BY} (${limit})`;
}

/** Likewise of MySQL. */
export function mysqlConnections(of: Series): string {
  return `${BY} (${of('mysql_global_status_threads_connected')}) / on (namespace, job) ${BY} (${of('mysql_global_variables_max_connections')})`;
}

function ofPostgres(of: Series): Alert[] {
  // A dump is one transaction, however long it takes, and vacuum is none that anybody waits for.
  const clients = ['application_name!="pg_dump"', 'backend_type!~"autovacuum.*|walsender|.*worker"'];
  return [
    {
      name: 'DatabaseTransactionLong',
      expr: (minutes) =>
        `max by (namespace, job, datname, usename) (${of('pg_stat_activity_max_tx_duration', ...clients)}) > ${Math.round(minutes * 60)}`,
      summary: 'A transaction of {{ $labels.usename }} in {{ $labels.datname }} is open for {{ $value | humanizeDuration }}',
      description:
        'It keeps its locks, and vacuum takes no row away that it could still see: find it in pg_stat_activity, and end it by pg_terminate_backend. A transaction that calls another service is often the cause.',
    },
    {
      name: 'DatabaseDeadlocks',
      expr: (threshold) => `sum by (namespace, job, datname) (increase(${of('pg_stat_database_deadlocks')}[1h])) > ${threshold}`,
      summary: '{{ $value | printf "%.0f" }} transactions in {{ $labels.datname }} were ended by deadlocks within an hour',
      description:
        'Two transactions lock the same rows in another order: the log of the server has both statements. Lock rows in one order, such as that of their id, or take an advisory lock first.',
    },
    {
      name: 'DatabaseTransactionIdsRunOut',
      expr: (threshold) =>
        `max by (namespace, job, datname) (${of('pg_database_wraparound_age_datfrozenxid_seconds')}) / ${TRANSACTION_IDS} > ${threshold}`,
      summary: '{{ $labels.datname }} is {{ $value | humanizePercentage }} of the way to refusing all writes',
      description:
        'Vacuum does not freeze old rows: look for a transaction, a prepared one or a replication slot that is days old, and whether autovacuum is on.',
    },
  ];
}
