import type { MetricNames } from '../../release/metrics/names';
import type { MeasuredDatabase } from '../../support/facts';
import type { AlertName } from './settings';

/** An alert that the environment can have, before it is changed. */
export interface Alert {
  readonly name: AlertName;
  /** What it asks; of a number that may be changed it is told. */
  readonly expr: (threshold: number) => string;
  /** What is seen, with the labels of the series. */
  readonly summary: string;
  /** What to do. */
  readonly description: string;
}

/** A series that is computed beforehand. */
export interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** A task that runs at fixed times. */
export interface Scheduled {
  readonly name: string;
  readonly kind: 'backup' | 'drill' | 'task';
  /** Seconds that may lie between two runs that end well. */
  readonly within: number;
}

/** What an environment has that is worth an alert, and how it is called. */
export interface Observed {
  readonly application: string;
  readonly namespace: string;
  readonly names: MetricNames;
  /** Routes that only probes ask. */
  readonly healthRoutes: readonly string[];
  /** What Prometheus calls the job of the pods. @default - nobody collects their metrics here */
  readonly job?: string;
  /** Containers of the application, by name. */
  readonly containers: readonly string[];
  /** Whether its pods are nodes of one cluster. */
  readonly clustered: boolean;
  /** Whether new pods wait for migrations. */
  readonly gated: boolean;
  /** Starts of the names of jobs that migrate. */
  readonly migrations: readonly string[];
  readonly scheduled: readonly Scheduled[];
  /** Whether cert-manager keeps a certificate here. */
  readonly certificates: boolean;
  /** Databases whose metrics are collected. */
  readonly databases: readonly MeasuredDatabase[];
  /** Addresses that are asked from outside. */
  readonly probed: readonly string[];
}
