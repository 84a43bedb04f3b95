import type { AlertCases, Series } from './alert-cases';

// When each alert of a cluster of CloudNativePG fires, and when it does not.

const namespace = 'kube-native-staging';
const cluster = 'kube-native-postgresql';
const here = { namespace };
const of = (name: string, value: string, labels: Readonly<Record<string, string>> = {}, pod = `${cluster}-1`): Series => {
  const all = Object.entries({ namespace, pod, ...labels }).map(([label, text]) => `${label}="${text}"`);
  return { [`${name}{${all.join(', ')}}`]: value };
};
const up = (...values: readonly string[]): Series =>
  Object.assign({}, ...values.map((value, index) => of('cnpg_collector_up', value, {}, `${cluster}-${index + 1}`))) as Series;
const replica = { ...here, pod: `${cluster}-2` };
const received = (recovery: string, receiver: string): Series => ({
  ...of('cnpg_pg_replication_in_recovery', recovery, {}, replica.pod),
  ...of('cnpg_pg_replication_is_wal_receiver_up', receiver, {}, replica.pod),
});
const archived = (failed: string, last: string): Series => ({
  ...of('cnpg_pg_stat_archiver_last_failed_time', failed),
  ...of('cnpg_pg_stat_archiver_last_archived_time', last),
});
const claim = `${cluster}-1-wal`;
const room = (free: string): Series => ({
  [`kubelet_volume_stats_available_bytes{namespace="${namespace}", persistentvolumeclaim="${claim}"}`]: free,
  [`kubelet_volume_stats_capacity_bytes{namespace="${namespace}", persistentvolumeclaim="${claim}"}`]: '100x60',
});
const transaction = (application: string): Series =>
  of('cnpg_backends_max_tx_duration_seconds', '0+60x60', {
    ...{ datname: 'kube_native', usename: 'kube_native', state: 'idle in transaction', application_name: application },
  });
const frozen = (age: string): Series => of('cnpg_pg_database_xid_age', age, { datname: 'kube_native' });
const backup = (at: string): Series => of('barman_cloud_cloudnative_pg_io_last_available_backup_timestamp', at);
const first = { ...here, pod: `${cluster}-1` };

/** By the names of the alerts. */
export const CLUSTER_CASES: Readonly<Record<string, AlertCases>> = {
  PostgresInstanceMissing: {
    fires: [
      { series: up('1x20', '1x20', '0x20'), at: '10m', labels: {}, summary: `2 of 3 instances of ${cluster} answer` },
      { series: {}, at: '10m', labels: {}, summary: `0 of 3 instances of ${cluster} answer` },
    ],
    silent: [{ series: up('1x20', '1x20', '1x20'), at: '10m' }],
  },
  PostgresTransactionIdsRunOut: {
    fires: [
      {
        series: frozen('1200000000x60'),
        at: '20m',
        labels: { datname: 'kube_native' },
        summary: `kube_native of ${cluster} is half way to refusing all writes`,
      },
    ],
    silent: [{ series: frozen('210000000x60'), at: '20m' }],
  },
  PostgresTransactionLong: {
    fires: [
      {
        series: transaction(''),
        at: '40m',
        labels: { pod: `${cluster}-1`, datname: 'kube_native', usename: 'kube_native' },
        summary: `A transaction of kube_native on ${cluster}-1 is open for 40m 0s`,
      },
    ],
    silent: [
      { series: transaction(''), at: '20m' },
      { series: transaction('pg_dump'), at: '40m' },
    ],
  },
  PostgresReplicaDisconnected: {
    fires: [{ series: received('1x30', '0x30'), at: '20m', labels: replica, summary: `${replica.pod} receives no changes` }],
    silent: [
      { series: received('1x30', '1x30'), at: '20m' },
      // The primary receives nothing.
      { series: received('0x30', '0x30'), at: '20m' },
    ],
  },
  PostgresReplicaLags: {
    fires: [
      {
        series: of('cnpg_pg_replication_lag', '90x30', {}, replica.pod),
        at: '20m',
        labels: replica,
        summary: `${replica.pod} is 1m 30s behind`,
      },
    ],
    silent: [{ series: of('cnpg_pg_replication_lag', '5x30', {}, replica.pod), at: '20m' }],
  },
  PostgresArchiveFails: {
    fires: [
      {
        series: archived('600x60', '300x60'),
        at: '20m',
        labels: first,
        summary: `The last attempt of ${cluster}-1 to archive failed`,
      },
    ],
    silent: [{ series: archived('300x60', '600x60'), at: '20m' }],
  },
  PostgresBackupOld: {
    fires: [
      {
        series: backup('0x3000'),
        at: '40h',
        labels: {},
        summary: `No base backup of ${cluster} for longer than its schedule says`,
      },
    ],
    silent: [{ series: backup('86400x3000'), at: '40h' }],
  },
  PostgresVolumeFull: {
    fires: [
      {
        series: room('5x60'),
        at: '20m',
        labels: { ...here, persistentvolumeclaim: claim },
        summary: `${claim} has 5% left`,
      },
    ],
    silent: [{ series: room('40x60'), at: '20m' }],
  },
  PostgresConnectionsRunOut: {
    fires: [
      {
        series: of('cnpg_backends_total', '200x60', { datname: 'kube_native' }),
        at: '20m',
        labels: { pod: `${cluster}-1` },
        summary: `${cluster}-1 has 200 of 204 connections`,
      },
    ],
    silent: [{ series: of('cnpg_backends_total', '100x60', { datname: 'kube_native' }), at: '20m' }],
  },
};
