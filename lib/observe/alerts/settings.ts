import type { Duration } from 'cdk8s';
import { LONG_TRANSACTION } from '../../support/long-transaction';
import type { OptOut } from '../../support/opt-out';

/** How much an alert is about: somebody is woken, somebody looks at it in the morning, somebody may want to know. */
export type Severity = 'critical' | 'warning' | 'info';

/** How an alert is when nothing is said of it. */
export interface AlertDefault {
  readonly severity: Severity;
  /** Minutes that its condition must hold. */
  readonly minutes: number;
  /** The number that it is about, and what that is. @default - it is about none */
  readonly threshold?: { readonly value: number; readonly of: string; readonly minimum: number; readonly maximum: number };
}

const share = (value: number, of: string) => ({ value, of, minimum: 0.05, maximum: 1 });

/** All alerts, in the order of docs/alerts.md. */
export const ALERTS = {
  ErrorBudgetBurnsFast: { severity: 'critical', minutes: 2 },
  ErrorBudgetBurnsSlowly: { severity: 'warning', minutes: 15 },
  LatencyBudgetBurnsFast: { severity: 'critical', minutes: 2 },
  LatencyBudgetBurnsSlowly: { severity: 'warning', minutes: 15 },
  SiteUnreachable: { severity: 'critical', minutes: 3 },
  MetricsMissing: { severity: 'warning', minutes: 10 },
  PoolStarved: {
    severity: 'warning',
    minutes: 10,
    threshold: { value: 50, of: 'milliseconds that 1 of 100 queries waits for a connection', minimum: 1, maximum: 60000 },
  },
  RunQueueLong: {
    severity: 'warning',
    minutes: 10,
    threshold: { value: 3, of: 'processes that wait, for each scheduler', minimum: 0.5, maximum: 1000 },
  },
  AtomsRunOut: { severity: 'critical', minutes: 15, threshold: share(0.8, 'share of the limit') },
  ProcessesRunOut: { severity: 'warning', minutes: 15, threshold: share(0.8, 'share of the limit') },
  PortsRunOut: { severity: 'warning', minutes: 15, threshold: share(0.8, 'share of the limit') },
  BinariesGrow: { severity: 'info', minutes: 30, threshold: share(0.5, "share of the machine's memory") },
  MemoryNearLimit: { severity: 'warning', minutes: 10, threshold: share(0.9, 'share of the limit') },
  OutOfMemory: { severity: 'warning', minutes: 0 },
  PodsRestart: {
    severity: 'warning',
    minutes: 0,
    threshold: { value: 3, of: 'restarts of a container in an hour', minimum: 1, maximum: 1000 },
  },
  NodesApart: { severity: 'warning', minutes: 10 },
  VersionsMixed: { severity: 'warning', minutes: 60 },
  DatabaseDown: { severity: 'critical', minutes: 2 },
  DatabaseUnmeasured: { severity: 'warning', minutes: 10 },
  DatabaseConnectionsRunOut: {
    severity: 'warning',
    minutes: 5,
    threshold: share(0.9, 'share of the connections that clients may have'),
  },
  DatabaseTransactionLong: {
    severity: 'warning',
    minutes: 0,
    threshold: { value: LONG_TRANSACTION, of: 'minutes that a transaction is open', minimum: 1, maximum: 10080 },
  },
  DatabaseDeadlocks: {
    severity: 'warning',
    minutes: 0,
    threshold: { value: 5, of: 'deadlocks in an hour', minimum: 1, maximum: 1e6 },
  },
  DatabaseTransactionIdsRunOut: {
    severity: 'critical',
    minutes: 15,
    threshold: share(0.5, 'share of the transactions until it refuses to write'),
  },
  MigrationFailed: { severity: 'critical', minutes: 0 },
  GateWaits: { severity: 'warning', minutes: 15 },
  BackupMissing: { severity: 'critical', minutes: 0 },
  RestoreUnproven: { severity: 'warning', minutes: 0 },
  TaskOverdue: { severity: 'warning', minutes: 0 },
  QueueBacklog: {
    severity: 'warning',
    minutes: 15,
    threshold: { value: 1000, of: 'jobs that are due, and become more', minimum: 1, maximum: 1e9 },
  },
  JobsDiscarded: { severity: 'warning', minutes: 0 },
  CertificateExpires: {
    severity: 'critical',
    minutes: 60,
    threshold: { value: 14, of: 'days that are left', minimum: 0.1, maximum: 365 },
  },
} as const satisfies Readonly<Record<string, AlertDefault>>;

/** The name of an alert: a section of docs/alerts.md. */
export type AlertName = keyof typeof ALERTS;

/** How an alert differs from its default. */
export interface AlertChange {
  /** Who is told, by label `severity`. @default - as docs/alerts.md has it */
  readonly severity?: Severity;
  /** How long its condition must hold, whole seconds up to a day: `for`. @default - as docs/alerts.md has it */
  readonly after?: Duration;
  /** The number that it is about, in the unit of docs/alerts.md. @default - as there */
  readonly threshold?: number;
}

/** Alerts that differ from their defaults, or are left out with a reason, by name. One of what is not there is refused: it would change nothing. */
export type AlertChanges = Readonly<Partial<Record<AlertName, AlertChange | OptOut>>>;

/** What the environment promises to those who use it. */
export interface Objective {
  /** Percent of requests that are answered without an error of the server (5xx) within 30 days, 95 to 99.999. @default 99.9 */
  readonly availability?: number;
  /** What share of requests is answered in time. @default - nothing is promised */
  readonly latency?: LatencyObjective;
}

/** A share of requests that is answered in time. */
export interface LatencyObjective {
  /** The time, one of the bounds of the histogram: what lies between two of them is not measured. */
  readonly within: Duration;
  /** Percent of requests within 30 days, 95 to 99.999. */
  readonly share: number;
}
