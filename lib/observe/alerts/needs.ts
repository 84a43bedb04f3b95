import type { AlertName } from './settings';

const REQUESTS = "requests in 'metrics.names' of the application, which the plugin Phoenix of PromEx measures";
const LATENCY = `${REQUESTS}, and 'latency' in the objective`;
const MACHINE = "the virtual machine in 'metrics.names' of the application, which the plugin Beam of PromEx measures";
const COLLECTED = "pods whose metrics are collected: 'metrics' of the application";
const PODS = 'pods of the application';
const DATABASE = "a database of one pod with an 'exporter'";
const POSTGRES = "a PostgreSQL of one pod with an 'exporter'";
const QUEUES = "the queues of Oban in 'metrics.names' of the application, which the plugin Oban of PromEx measures";

/** What must be there for an alert to be: metrics that somebody measures, or what they are about. */
export const NEEDS: Readonly<Record<AlertName, string>> = {
  ErrorBudgetBurnsFast: REQUESTS,
  ErrorBudgetBurnsSlowly: REQUESTS,
  LatencyBudgetBurnsFast: LATENCY,
  LatencyBudgetBurnsSlowly: LATENCY,
  SiteUnreachable: "'uptime', which asks from outside",
  MetricsMissing: COLLECTED,
  PoolStarved: "repositories in 'metrics.names' of the application, which the plugin Ecto of PromEx measures",
  RunQueueLong: `${MACHINE}, with its schedulers`,
  AtomsRunOut: MACHINE,
  ProcessesRunOut: MACHINE,
  PortsRunOut: MACHINE,
  BinariesGrow: MACHINE,
  MemoryNearLimit: PODS,
  OutOfMemory: PODS,
  PodsRestart: PODS,
  NodesApart: "pods that are nodes of one cluster, and 'clusterNodes' in 'metrics.names' of the application",
  VersionsMixed: COLLECTED,
  DatabaseDown: DATABASE,
  DatabaseUnmeasured: DATABASE,
  DatabaseConnectionsRunOut: DATABASE,
  DatabaseTransactionLong: POSTGRES,
  DatabaseDeadlocks: POSTGRES,
  DatabaseTransactionIdsRunOut: POSTGRES,
  MigrationFailed: 'a job that migrates',
  GateWaits: 'pods that wait for migrations',
  BackupMissing: 'dumps that a schedule makes',
  RestoreUnproven: 'a drill that restores dumps',
  TaskOverdue: 'a task with a schedule that is not suspended',
  QueueBacklog: QUEUES,
  JobsDiscarded: QUEUES,
  CertificateExpires: "a certificate that cert-manager keeps, or 'uptime'",
};
