import type {
  PrometheusRuleSpecGroupsRules as AlertingRule,
  PrometheusRuleSpecGroupsRulesExpr,
} from '../../../imports/monitoring.coreos.com';
import { PrometheusRuleSpecGroupsRulesExpr as Expr } from '../../../imports/monitoring.coreos.com';
import { LONG_TRANSACTION } from '../../support/long-transaction';
import { runbookOf } from '../../support/runbooks';

/** What the alerts of a cluster are computed from. */
export interface Watched {
  readonly name: string;
  readonly namespace: string;
  readonly instances: number;
  readonly maxConnections: number;
  /** The oldest that the newest base backup may be, in seconds. @default - there are no backups */
  readonly backupAge?: number;
  /** Where each alert has a section of its name. */
  readonly runbooks: string;
}

/**
 * What is worth waking up for. The names are those of the operator's own metrics, of the Barman Cloud plugin's, and of
 * the kubelet's.
 *
 * @see https://cloudnative-pg.io/documentation/current/monitoring/
 */
export function alertsOf(watched: Watched): AlertingRule[] {
  const { name, namespace, instances, backupAge, runbooks } = watched;
  const of = (more = '') => `{namespace="${namespace}",pod=~"${name}-[0-9]+"${more}}`;
  return [
    ...health(watched, of()),
    ...(instances > 1 ? replicas(of()) : []),
    ...(backupAge === undefined ? [] : backups(name, of(), backupAge)),
    ...room(watched, of),
  ].map((rule) => ({ ...rule, annotations: { ...rule.annotations, runbook_url: runbookOf(runbooks, rule.alert ?? '') } }));
}

function health({ name, instances }: Watched, of: string): AlertingRule[] {
  return [
    {
      alert: 'PostgresInstanceMissing',
      expr: expr(`(sum(cnpg_collector_up${of}) or vector(0)) < ${instances}`),
      for: '5m',
      labels: { severity: 'critical' },
      annotations: {
        summary: `{{ $value }} of ${instances} instances of ${name} answer`,
        description:
          'Look at the pods of the cluster and at its status; with one instance left there is nowhere to fail over to.',
      },
    },
    {
      alert: 'PostgresTransactionIdsRunOut',
      expr: expr(`max by (datname) (cnpg_pg_database_xid_age${of}) > 1000000000`),
      for: '15m',
      labels: { severity: 'critical' },
      annotations: {
        summary: `{{ $labels.datname }} of ${name} is half way to refusing all writes`,
        description:
          'Vacuum does not freeze old rows: look for a transaction, a prepared one or a replication slot that is days old.',
      },
    },
    {
      alert: 'PostgresTransactionLong',
      expr: expr(
        `max by (pod, datname, usename) (cnpg_backends_max_tx_duration_seconds{${of.slice(1, -1)},application_name!="pg_dump"}) > ${LONG_TRANSACTION * 60}`,
      ),
      labels: { severity: 'warning' },
      annotations: {
        summary: 'A transaction of {{ $labels.usename }} on {{ $labels.pod }} is open for {{ $value | humanizeDuration }}',
        description:
          'It keeps its locks, and vacuum takes no row away that it could still see: find it in pg_stat_activity, and end it by pg_terminate_backend.',
      },
    },
  ];
}

function replicas(of: string): AlertingRule[] {
  return [
    {
      alert: 'PostgresReplicaDisconnected',
      expr: expr(`cnpg_pg_replication_in_recovery${of} == 1 and cnpg_pg_replication_is_wal_receiver_up${of} == 0`),
      for: '10m',
      labels: { severity: 'critical' },
      annotations: {
        summary: '{{ $labels.pod }} receives no changes',
        description: 'What is written is lost with the primary, and the primary keeps the log for it until its volume is full.',
      },
    },
    {
      alert: 'PostgresReplicaLags',
      expr: expr(`cnpg_pg_replication_lag${of} > 60`),
      for: '10m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.pod }} is {{ $value | humanizeDuration }} behind',
        description: 'Reads from it are old, and a failover to it takes as long or loses as much.',
      },
    },
  ];
}

function backups(name: string, of: string, age: number): AlertingRule[] {
  const last = `max(barman_cloud_cloudnative_pg_io_last_available_backup_timestamp${of})`;
  return [
    {
      alert: 'PostgresArchiveFails',
      expr: expr(`cnpg_pg_stat_archiver_last_failed_time${of} > cnpg_pg_stat_archiver_last_archived_time${of}`),
      for: '15m',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'The last attempt of {{ $labels.pod }} to archive failed',
        description: 'No later state can be restored, and the log stays on the volume until that is full and the database stops.',
      },
    },
    {
      alert: 'PostgresBackupOld',
      expr: expr(`time() - ${last} > ${age} or absent(${last})`),
      for: '1h',
      labels: { severity: 'critical' },
      annotations: {
        summary: `No base backup of ${name} for longer than its schedule says`,
        description: 'Look at the newest Backup objects and at the log of the container plugin-barman-cloud.',
      },
    },
  ];
}

function room({ name, namespace, maxConnections }: Watched, of: (more?: string) => string): AlertingRule[] {
  const volumes = `{namespace="${namespace}",persistentvolumeclaim=~"${name}-[0-9]+(-wal)?"}`;
  return [
    {
      alert: 'PostgresVolumeFull',
      expr: expr(`kubelet_volume_stats_available_bytes${volumes} / kubelet_volume_stats_capacity_bytes${volumes} < 0.1`),
      for: '5m',
      labels: { severity: 'critical' },
      annotations: {
        summary: '{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left',
        description: 'A full volume stops the database: raise its size, which needs a class that allows volumes to grow.',
      },
    },
    {
      alert: 'PostgresConnectionsRunOut',
      expr: expr(`sum by (pod) (cnpg_backends_total${of()}) > ${Math.floor(maxConnections * 0.9)}`),
      for: '10m',
      labels: { severity: 'warning' },
      annotations: {
        summary: `{{ $labels.pod }} has {{ $value }} of ${maxConnections} connections`,
        description: 'The next pod that starts is refused: lower the pools, or let the application go through a pooler.',
      },
    },
  ];
}

function expr(text: string): PrometheusRuleSpecGroupsRulesExpr {
  return Expr.fromString(text);
}
