import type { AlertName } from '../../lib/index';

/** Series that Prometheus is given, a sample each minute: `0+10x60` grows by 10 for an hour. */
export type Series = Readonly<Record<string, string>>;

/** What an alert sees. */
export interface Case {
  readonly series: Series;
  /** When it is asked. */
  readonly at: string;
}

/** An alert that fires, with the labels that its series have and the summary as people read it. */
export interface Firing extends Case {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** When each alert fires, and when it does not although something is there to be seen. */
export interface AlertCases {
  readonly fires: readonly Firing[];
  readonly silent: readonly Case[];
}

const namespace = 'kube-native-staging';
const here = { namespace };
const prefix = 'kube_native_prom_ex';
const job = `${namespace}/kube-native`;
const labelled = (name: string, labels: Readonly<Record<string, string>>): string =>
  `${name}{${Object.entries({ ...here, ...labels })
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ')}}`;
const of = (name: string, labels: Readonly<Record<string, string>> = {}): string => labelled(`${prefix}_${name}`, labels);

const requests = (good: string, bad: string, path = '/books/:id'): Series => ({
  [of('phoenix_http_requests_total', { status: '200', path })]: good,
  [of('phoenix_http_requests_total', { status: '503', path })]: bad,
});
const durations = (inTime: string, all: string, le = '500', path = '/books/:id'): Series => ({
  [of('phoenix_http_request_duration_milliseconds_bucket', { le, path })]: inTime,
  [of('phoenix_http_request_duration_milliseconds_bucket', { le: '+Inf', path })]: all,
  [of('phoenix_http_request_duration_milliseconds_count', { path })]: all,
});
const waits = (short: string, long: string): Series => ({
  [of('ecto_repo_query_queue_time_milliseconds_bucket', { repo: 'Shop.Repo', le: '10' })]: '0x60',
  [of('ecto_repo_query_queue_time_milliseconds_bucket', { repo: 'Shop.Repo', le: '50' })]: short,
  [of('ecto_repo_query_queue_time_milliseconds_bucket', { repo: 'Shop.Repo', le: '250' })]: long,
  [of('ecto_repo_query_queue_time_milliseconds_bucket', { repo: 'Shop.Repo', le: '+Inf' })]: long,
});
const pod = 'kube-native-6f7';
const counted = (what: string, count: string, limit: string): Series => ({
  [of(`beam_stats_${what}_count`, { pod })]: count,
  [of(`beam_system_${what}_limit_info`, { pod })]: limit,
});
const container = 'web';
const restarts = (count: string, more: Series = {}): Series => ({
  [labelled('kube_pod_container_status_restarts_total', { pod, container })]: count,
  ...more,
});
const killed = (reason: string): Series => ({
  [labelled('kube_pod_container_status_last_terminated_reason', { pod, container, reason })]: '1x120',
});
const up = (...pods: readonly (readonly [pod: string, value: string, version?: string])[]): Series =>
  Object.fromEntries(
    pods.map(([one, value, version = '1.0.0']) => [
      labelled('up', { job, pod: one, app_kubernetes_io_version: version, app_kubernetes_io_component: 'web' }),
      value,
    ]),
  );
const nodes = (...counts: readonly (readonly [pod: string, value: string])[]): Series =>
  Object.fromEntries(counts.map(([one, value]) => [labelled('kube_native_cluster_nodes', { pod: one }), value]));
const jobs = (name: string, created: string, failed: string): Series => ({
  [labelled('kube_job_created', { job_name: name })]: created,
  [labelled('kube_job_failed', { job_name: name, condition: 'true' })]: failed,
});
const cron = (cronjob: string, created: string, last?: string): Series => ({
  [labelled('kube_cronjob_created', { cronjob })]: created,
  ...(last === undefined ? {} : { [labelled('kube_cronjob_status_last_successful_time', { cronjob })]: last }),
});
const queued = (state: string, value: string, one = pod): Series => ({
  [of('oban_queue_length_count', { name: 'Oban', queue: 'mails', state, pod: one })]: value,
});
const failures = (value: string, one = pod): Series => ({
  [of('oban_job_exception_attempts_count', { queue: 'mails', state: 'discard', worker: 'Shop.Mail', pod: one })]: value,
});
const memory = (used: string): Series => ({
  [labelled('container_memory_working_set_bytes', { pod, container })]: used,
  [labelled('kube_pod_container_resource_limits', { pod, container, resource: 'memory', unit: 'byte' })]: '512x120',
});
const address = 'https://staging.kube-native.example.com/';
const probe = (name: string, value: string): Series => ({ [`${name}{job="kube-native", instance="${address}"}`]: value });
const certificate = (label: string, value: string): Series => ({
  [`certmanager_certificate_expiration_timestamp_seconds{${label}="${namespace}", name="kube-native"}`]: value,
});
const DAY = 86400;
const postgres = { job: `${namespace}/kube-native-postgresql` };
const mysql = { job: `${namespace}/kube-native-mysql` };
const ready = (statefulset: string, value: string): Series => ({
  [labelled('kube_statefulset_status_replicas_ready', { statefulset, job: 'kube-state-metrics' })]: value,
});
const both = (up: string, other: string): Series => ({ [labelled('up', postgres)]: up, [labelled('up', mysql)]: other });
const connections = (numbackends: string): Series => ({
  [labelled('pg_up', postgres)]: '1x60',
  [labelled('pg_stat_database_numbackends', { ...postgres, datname: 'kube_native' })]: numbackends,
  [labelled('pg_stat_database_numbackends', { ...postgres, datname: 'postgres' })]: '1x60',
  [labelled('pg_settings_max_connections', postgres)]: '103x60',
  [labelled('pg_settings_superuser_reserved_connections', postgres)]: '3x60',
});
const transaction = (seconds: string, labels: Readonly<Record<string, string>> = {}): Series => ({
  [labelled('pg_stat_activity_max_tx_duration', {
    ...{ ...postgres, datname: 'kube_native', usename: 'kube_native', state: 'idle in transaction' },
    ...{ application_name: '', backend_type: 'client backend', ...labels },
  })]: seconds,
});
const ofDatabase = (name: string, value: string): Series => ({
  [labelled(name, { ...postgres, datname: 'kube_native' })]: value,
});

export const ALERT_CASES: Readonly<Record<AlertName, AlertCases>> = {
  ErrorBudgetBurnsFast: {
    fires: [
      {
        series: requests('0+90x120', '0+10x120'),
        at: '90m',
        labels: here,
        summary: '10% of requests to kube-native fail; 99.9 % must not',
      },
      // 1 of 100, for hours.
      {
        series: requests('0+99x480', '0+1x480'),
        at: '7h',
        labels: here,
        summary: '1% of requests to kube-native fail; 99.9 % must not',
      },
    ],
    silent: [
      { series: requests('0+9990x480', '0+10x480'), at: '7h' },
      // A burst that is over, which the longer time still sees.
      { series: requests('0+90x120', '0+10x20 200x100'), at: '50m' },
      { series: { ...requests('0+90x120', '0x120'), ...requests('0+90x120', '0+90x120', '/ready') }, at: '90m' },
      { series: { [of('phoenix_http_requests_total', { status: '200', path: '/' })]: '0+90x120' }, at: '90m' },
      { series: requests('5x120', '5x120'), at: '90m' },
    ],
  },
  ErrorBudgetBurnsSlowly: {
    fires: [
      {
        series: requests('0+996x200', '0+4x200'),
        at: '3h',
        labels: here,
        summary: '0.4% of requests to kube-native fail, for hours; 99.9 % must not',
      },
      {
        series: requests('0+998x600', '0+2x600'),
        at: '9h',
        labels: here,
        summary: '0.2% of requests to kube-native fail, for hours; 99.9 % must not',
      },
    ],
    silent: [{ series: requests('0+9995x600', '0+5x600'), at: '9h' }],
  },
  LatencyBudgetBurnsFast: {
    fires: ['500', '500.0'].map((le) => ({
      series: durations('0+80x120', '0+100x120', le),
      at: '90m',
      labels: here,
      summary: '20% of requests to kube-native take longer than 500 ms; 99 % must not',
    })),
    silent: [
      { series: durations('0+99x120', '0+100x120'), at: '90m' },
      { series: { ...durations('0+100x120', '0+100x120'), ...durations('0x120', '0+100x120', '500', '/ready') }, at: '90m' },
    ],
  },
  LatencyBudgetBurnsSlowly: {
    fires: [
      {
        series: durations('0+96x200', '0+100x200', '500.0'),
        at: '3h',
        labels: here,
        summary: '4% of requests to kube-native take longer than 500 ms, for hours; 99 % must not',
      },
    ],
    silent: [{ series: durations('0+995x600', '0+1000x600'), at: '9h' }],
  },
  SiteUnreachable: {
    fires: [
      {
        series: probe('probe_success', '0x20'),
        at: '10m',
        labels: { instance: address },
        summary: `${address} does not answer from outside, or nobody asks it`,
      },
      {
        series: {},
        at: '10m',
        labels: { instance: address },
        summary: `${address} does not answer from outside, or nobody asks it`,
      },
    ],
    silent: [{ series: probe('probe_success', '1 0 1 0 0 1x20'), at: '10m' }],
  },
  MetricsMissing: {
    fires: [
      { series: {}, at: '20m', labels: { ...here, job }, summary: 'Prometheus gets no metrics of kube-native' },
      {
        series: up(['a', '0x60'], ['b', '0x60']),
        at: '20m',
        labels: { ...here, job, app_kubernetes_io_component: 'web' },
        summary: 'Prometheus gets no metrics of kube-native, of its pods web',
      },
      {
        series: { ...up(['a', '1x60']), [labelled('up', { job, pod: 'w', app_kubernetes_io_component: 'worker' })]: '0x60' },
        at: '20m',
        labels: { ...here, job, app_kubernetes_io_component: 'worker' },
        summary: 'Prometheus gets no metrics of kube-native, of its pods worker',
      },
    ],
    silent: [{ series: up(['a', '0x60'], ['b', '1x60']), at: '20m' }],
  },
  PoolStarved: {
    fires: [
      {
        series: waits('0+90x60', '0+100x60'),
        at: '30m',
        labels: { ...here, repo: 'Shop.Repo' },
        summary: '1 of 100 queries of Shop.Repo waits 230 milliseconds for a connection',
      },
    ],
    silent: [{ series: waits('0+100x60', '0+100x60'), at: '30m' }],
  },
  RunQueueLong: {
    fires: [
      {
        series: {
          [of('beam_stats_run_queue_count', { pod, type: 'normal' })]: '8x60',
          [of('beam_system_schedulers_online_info', { pod })]: '2x60',
        },
        at: '30m',
        labels: { ...here, pod },
        summary: '4.0 processes wait for each scheduler of kube-native-6f7',
      },
    ],
    silent: [
      {
        series: {
          [of('beam_stats_run_queue_count', { pod, type: 'normal' })]: '5x60',
          [of('beam_system_schedulers_online_info', { pod })]: '2x60',
        },
        at: '30m',
      },
    ],
  },
  AtomsRunOut: {
    fires: [
      {
        series: counted('atom', '900x60', '1000x60'),
        at: '30m',
        labels: { ...here, pod },
        summary: 'kube-native-6f7 has 90% of the atoms that it may have',
      },
    ],
    silent: [{ series: counted('atom', '700x60', '1000x60'), at: '30m' }],
  },
  ProcessesRunOut: {
    fires: [
      {
        series: counted('process', '850x60', '1000x60'),
        at: '30m',
        labels: { ...here, pod },
        summary: 'kube-native-6f7 has 85% of the processes that it may have',
      },
    ],
    silent: [{ series: counted('process', '850x10 100x50', '1000x60'), at: '30m' }],
  },
  PortsRunOut: {
    fires: [
      {
        series: counted('port', '62000x60', '65536x60'),
        at: '30m',
        labels: { ...here, pod },
        summary: 'kube-native-6f7 has 94.6% of the ports that it may have',
      },
    ],
    silent: [{ series: counted('port', '300x60', '65536x60'), at: '30m' }],
  },
  BinariesGrow: {
    fires: [
      {
        series: {
          [of('beam_memory_binary_total_bytes', { pod })]: '600+1x120',
          [of('beam_memory_allocated_bytes', { pod })]: '1000x120',
        },
        at: '100m',
        labels: { ...here, pod },
        summary: 'Binaries of kube-native-6f7 of kube-native are 70% of its memory, and grow',
      },
    ],
    silent: [
      {
        series: {
          [of('beam_memory_binary_total_bytes', { pod })]: '700x120',
          [of('beam_memory_allocated_bytes', { pod })]: '1000x120',
        },
        at: '100m',
      },
    ],
  },
  MemoryNearLimit: {
    fires: [
      {
        series: memory('490x120'),
        at: '30m',
        labels: { ...here, pod, container },
        summary: 'kube-native-6f7 uses 95.7% of its memory',
      },
    ],
    silent: [
      { series: memory('400x120'), at: '30m' },
      // A database fills its memory with what it has read.
      {
        series: Object.fromEntries(
          Object.entries(memory('490x120')).map(([name, value]) => [name.replace('"web"', '"postgres"'), value]),
        ),
        at: '30m',
      },
    ],
  },
  OutOfMemory: {
    fires: [
      {
        series: restarts('0x20 1x60', killed('OOMKilled')),
        at: '25m',
        labels: { ...here, pod, container },
        summary: 'kube-native-6f7 was killed because its memory was full',
      },
    ],
    silent: [
      { series: restarts('0x20 1x60', killed('Error')), at: '25m' },
      // Long ago.
      { series: restarts('1x60', killed('OOMKilled')), at: '25m' },
    ],
  },
  PodsRestart: {
    fires: [
      {
        series: restarts('0+1x120'),
        at: '90m',
        labels: { ...here, pod, container },
        summary: 'kube-native-6f7 was restarted 60 times in an hour',
      },
    ],
    silent: [{ series: restarts('0x20 1x20 2x60'), at: '90m' }],
  },
  NodesApart: {
    fires: [
      {
        series: { ...up(['a', '1x60'], ['b', '1x60'], ['c', '1x60']), ...nodes(['a', '1x60'], ['b', '1x60'], ['c', '0x60']) },
        at: '30m',
        labels: here,
        summary: 'A node of kube-native does not see 2 of the others',
      },
    ],
    silent: [
      { series: { ...up(['a', '1x60'], ['b', '1x60']), ...nodes(['a', '1x60'], ['b', '1x60']) }, at: '30m' },
      // One that is down is missed by nobody.
      { series: { ...up(['a', '1x60'], ['b', '0x60']), ...nodes(['a', '0x60']) }, at: '30m' },
    ],
  },
  VersionsMixed: {
    fires: [
      {
        series: up(['a', '1x180', '1.0.0'], ['b', '1x180', '1.1.0']),
        at: '2h',
        labels: here,
        summary: '2 versions of kube-native run side by side',
      },
    ],
    silent: [
      { series: up(['a', '1x180'], ['b', '1x180']), at: '2h' },
      // A roll-out of half an hour.
      { series: up(['a', '1x30 _x150', '1.0.0'], ['b', '_x5 1x175', '1.1.0']), at: '40m' },
    ],
  },
  DatabaseDown: {
    fires: [
      {
        series: { [labelled('pg_up', postgres)]: '1x10 0x20', [labelled('mysql_up', mysql)]: '1x60' },
        at: '15m',
        labels: { ...here, ...postgres },
        summary: `${postgres.job} takes no connection`,
      },
      {
        series: { [labelled('pg_up', postgres)]: '1x60', [labelled('mysql_up', mysql)]: '0x60' },
        at: '15m',
        labels: { ...here, ...mysql },
        summary: `${mysql.job} takes no connection`,
      },
      // Its pod is gone, and its exporter with that; or both say it, which is told once.
      ...[{}, { [labelled('pg_up', postgres)]: '0x60' }].map((more) => ({
        series: { ...ready('kube-native-postgresql', '1x10 0x20'), ...ready('kube-native-mysql', '1x60'), ...more },
        at: '15m',
        labels: { ...here, ...postgres },
        summary: `${postgres.job} takes no connection`,
      })),
    ],
    silent: [
      { series: { [labelled('pg_up', postgres)]: '1x60', ...ready('kube-native-postgresql', '1x60') }, at: '15m' },
      // Another one of the namespace.
      { series: ready('kube-native-ledger', '0x60'), at: '15m' },
      // It starts again.
      { series: { [labelled('pg_up', postgres)]: '1x10 0 1x20' }, at: '12m' },
    ],
  },
  DatabaseUnmeasured: {
    fires: [
      {
        series: both('0x60', '1x60'),
        at: '15m',
        labels: { ...here, ...postgres },
        summary: `Prometheus gets no metrics of ${postgres.job}`,
      },
      {
        series: { [labelled('up', postgres)]: '1x60' },
        at: '15m',
        labels: { ...here, ...mysql },
        summary: `Prometheus gets no metrics of ${mysql.job}`,
      },
    ],
    silent: [{ series: both('1x60', '1x60'), at: '15m' }],
  },
  DatabaseConnectionsRunOut: {
    fires: [
      {
        series: connections('94x60'),
        at: '15m',
        labels: { ...here, ...postgres },
        summary: `${postgres.job} has 95% of the connections that clients may have`,
      },
      // All are taken, and the exporter has no other one to ask by.
      {
        series: { [labelled('pg_up', postgres)]: '1x60' },
        at: '15m',
        labels: { ...here, ...postgres },
        summary: `${postgres.job} has 100% of the connections that clients may have`,
      },
      {
        series: {
          [labelled('mysql_global_status_threads_connected', mysql)]: '57x60',
          [labelled('mysql_global_variables_max_connections', mysql)]: '60x60',
        },
        at: '15m',
        labels: { ...here, ...mysql },
        summary: `${mysql.job} has 95% of the connections that clients may have`,
      },
    ],
    silent: [
      { series: connections('80x60'), at: '15m' },
      // It is down, which another one says.
      { series: { [labelled('pg_up', postgres)]: '0x60' }, at: '15m' },
    ],
  },
  DatabaseTransactionLong: {
    fires: [
      {
        series: transaction('0+60x60'),
        at: '40m',
        labels: { ...here, ...postgres, datname: 'kube_native', usename: 'kube_native' },
        summary: 'A transaction of kube_native in kube_native is open for 40m 0s',
      },
    ],
    silent: [
      { series: transaction('0+60x60'), at: '20m' },
      { series: transaction('0+60x60', { application_name: 'pg_dump' }), at: '40m' },
      { series: transaction('0+60x60', { backend_type: 'autovacuum worker' }), at: '40m' },
    ],
  },
  DatabaseDeadlocks: {
    fires: [
      {
        series: ofDatabase('pg_stat_database_deadlocks', '3x70 12x50'),
        at: '100m',
        labels: { ...here, ...postgres, datname: 'kube_native' },
        summary: '9 transactions in kube_native were ended by deadlocks within an hour',
      },
    ],
    silent: [{ series: ofDatabase('pg_stat_database_deadlocks', '3x70 5x50'), at: '100m' }],
  },
  DatabaseTransactionIdsRunOut: {
    fires: [
      {
        series: ofDatabase('pg_database_wraparound_age_datfrozenxid_seconds', '1288490189x60'),
        at: '20m',
        labels: { ...here, ...postgres, datname: 'kube_native' },
        summary: 'kube_native is 60% of the way to refusing all writes',
      },
    ],
    // Autovacuum begins at 200 millions.
    silent: [{ series: ofDatabase('pg_database_wraparound_age_datfrozenxid_seconds', '210000000x60'), at: '20m' }],
  },
  MigrationFailed: {
    fires: [
      {
        series: {
          ...jobs('kube-native-migrate-0123456789', '100x60', '0x60'),
          ...jobs('kube-native-migrate-1123456789', '200x60', '1x60'),
        },
        at: '10m',
        labels: { ...here, job_name: 'kube-native-migrate-1123456789' },
        summary: 'kube-native-migrate-1123456789 of kube-native failed',
      },
    ],
    silent: [
      // The next image has mended it.
      {
        series: {
          ...jobs('kube-native-migrate-0123456789', '100x60', '1x60'),
          ...jobs('kube-native-migrate-1123456789', '200x60', '0x60'),
        },
        at: '10m',
      },
      { series: jobs('kube-native-nightly-1', '200x60', '1x60'), at: '10m' },
    ],
  },
  GateWaits: {
    fires: [
      {
        series: { [labelled('kube_pod_init_container_status_running', { pod, container: 'wait-for-migrations' })]: '1x60' },
        at: '30m',
        labels: here,
        summary: '1 pods of kube-native wait for migrations',
      },
    ],
    silent: [
      {
        series: { [labelled('kube_pod_init_container_status_running', { pod, container: 'wait-for-migrations' })]: '1x10 0x50' },
        at: '30m',
      },
    ],
  },
  BackupMissing: {
    fires: [
      {
        series: cron('kube-native-postgresql-backup', '0x2000', '0x2000'),
        at: '30h',
        labels: { ...here, cronjob: 'kube-native-postgresql-backup' },
        summary: 'No dump by kube-native-postgresql-backup for 1d 6h 0m 0s',
      },
      // Never yet.
      {
        series: cron('kube-native-postgresql-backup', '0x2000'),
        at: '30h',
        labels: { ...here, cronjob: 'kube-native-postgresql-backup' },
        summary: 'No dump by kube-native-postgresql-backup for 1d 6h 0m 0s',
      },
    ],
    silent: [
      { series: cron('kube-native-postgresql-backup', '0x2000', `0x600 ${DAY}x1400`), at: '30h' },
      { series: cron('kube-native-postgresql-backup', `${DAY}x2000`), at: '30h' },
    ],
  },
  RestoreUnproven: {
    fires: [
      {
        series: cron('kube-native-postgresql-restore-drill', '0x15000', '0x15000'),
        at: '192h',
        labels: { ...here, cronjob: 'kube-native-postgresql-restore-drill' },
        summary: 'No dump was restored by kube-native-postgresql-restore-drill for 8d 0h 0m 0s',
      },
    ],
    silent: [{ series: cron('kube-native-postgresql-restore-drill', '0x15000', '0x15000'), at: '160h' }],
  },
  TaskOverdue: {
    fires: [
      {
        series: cron('kube-native-nightly', '0x2000', '0x2000'),
        at: '30h',
        labels: { ...here, cronjob: 'kube-native-nightly' },
        summary: 'kube-native-nightly has not ended well for 1d 6h 0m 0s',
      },
    ],
    silent: [{ series: cron('kube-native-nightly', '0x2000', '0x2000'), at: '24h' }],
  },
  QueueBacklog: {
    fires: [
      {
        // Each pod counts the same jobs.
        series: { ...queued('available', '900+10x60'), ...queued('available', '900+10x60', 'other') },
        at: '45m',
        labels: { ...here, queue: 'mails' },
        summary: '1350 jobs are due in the queue mails of kube-native, and become more',
      },
    ],
    silent: [
      { series: { ...queued('available', '600+5x60'), ...queued('available', '600+5x60', 'other') }, at: '45m' },
      { series: queued('available', '5000-50x60'), at: '45m' },
      { series: queued('completed', '0+100x60'), at: '45m' },
    ],
  },
  JobsDiscarded: {
    fires: [
      {
        series: failures('0x70 1x50'),
        at: '80m',
        labels: { ...here, queue: 'mails' },
        summary: 'Jobs of the queue mails of kube-native were given up',
      },
      // The first one that a pod ever had.
      {
        series: { ...failures('_x70 1x50'), ...queued('discarded', '4x70 5x50') },
        at: '80m',
        labels: { ...here, queue: 'mails' },
        summary: 'Jobs of the queue mails of kube-native were given up',
      },
    ],
    silent: [
      { series: { ...failures('3x120'), ...queued('discarded', '3x120') }, at: '80m' },
      // The table is pruned.
      { series: queued('discarded', '9x70 2x50'), at: '80m' },
    ],
  },
  CertificateExpires: {
    fires: [
      ...['namespace', 'exported_namespace'].map((label) => ({
        series: certificate(label, `${10 * DAY}x120`),
        at: '90m',
        labels: { name: 'kube-native' },
        summary: 'The certificate of kube-native ends in 9d 22h 30m 0s',
      })),
      {
        series: probe('probe_ssl_earliest_cert_expiry', `${10 * DAY}x120`),
        at: '90m',
        labels: { instance: address },
        summary: `The certificate of ${address} ends in 9d 22h 30m 0s`,
      },
    ],
    silent: [
      {
        series: { ...certificate('namespace', `${30 * DAY}x120`), ...probe('probe_ssl_earliest_cert_expiry', `${30 * DAY}x120`) },
        at: '90m',
      },
    ],
  },
};
