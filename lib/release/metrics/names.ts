import type { Exporter } from '../../support/facts';

/**
 * How the metrics of an application are called: what alerts and dashboards are made from. Made by {@link promEx} or
 * {@link telemetryMetrics}, or written by hand. What is left out is measured by nobody, so that nothing asks for it. A name may
 * have labels: `shop_run_queue{type="normal"}`.
 */
export interface MetricNames {
  /** Requests to the endpoint. @default - they are not measured */
  readonly requests?: RequestMetrics;
  /** The virtual machine. @default - it is not measured */
  readonly beam?: BeamMetrics;
  /** Repositories of Ecto. @default - they are not measured */
  readonly repo?: RepoMetrics;
  /** Queues of Oban. @default - they are not measured */
  readonly oban?: ObanMetrics;
  /** LiveViews and channels. @default - they are not measured */
  readonly live?: LiveMetrics;
  /** Gauge of the nodes that a node is connected to: see docs/observe.md. @default - it is not measured */
  readonly clusterNodes?: string;
  /**
   * All names with a beginning that nobody else's have, where they are known: a rule that asks for another one is refused.
   * @default - others may be there
   */
  readonly exporter?: Exporter;
  /** Gauge whose label `version` is that of the application. @default - it is not measured */
  readonly version?: string;
}

/** A histogram: the name without `_bucket`. */
export interface Histogram {
  readonly name: string;
  /** What it counts in. @default 'milliseconds' */
  readonly unit?: 'milliseconds' | 'seconds';
  /** The bounds of its buckets, rising, in that unit, without `+Inf`. */
  readonly buckets: readonly number[];
}

/** Requests to the endpoint, also those that no route answers. */
export interface RequestMetrics {
  /** Counter of requests. */
  readonly count: string;
  /** How long they took. */
  readonly duration: Histogram;
  /** Label of the status, such as 404. @default 'status' */
  readonly status?: string;
  /** Label of the route, such as `/books/:id`. @default 'path' */
  readonly route?: string;
  /** Label of the host that was asked for, as clients write it. @default - there is none */
  readonly host?: string;
}

/** Gauges of the virtual machine; of limits, what the machine was started with. */
export interface BeamMetrics {
  /** Bytes that it has allocated. */
  readonly memory: string;
  /** Bytes of binaries. */
  readonly binaries: string;
  /** Bytes by their kind, for the dashboard, by the names of the kinds. @default {} */
  readonly memoryKinds?: Readonly<Record<string, string>>;
  /** Atoms, processes and ports, each with its limit. */
  readonly atoms: Counted;
  readonly processes: Counted;
  readonly ports: Counted;
  /** Processes that wait for a scheduler. */
  readonly runQueue: string;
  /** Schedulers that run. @default - it is not measured, and nothing is said of the run queue */
  readonly schedulers?: string;
  /** Collections of garbage since the start. @default - it is not measured */
  readonly collections?: string;
  /** Reductions since the start. @default - it is not measured */
  readonly reductions?: string;
}

/** A gauge, and one of the most that it may be. */
export interface Counted {
  readonly count: string;
  readonly limit: string;
}

/** Repositories of Ecto, each in the label `repo`. */
export interface RepoMetrics {
  /** How long queries waited for a connection. */
  readonly queueTime: Histogram;
  /** How long the database took. */
  readonly queryTime: Histogram;
  /** All of it. */
  readonly totalTime: Histogram;
  /** Connections of a pod. @default - it is not measured */
  readonly poolSize?: string;
}

/** Queues of Oban, by the labels `queue` and `state`. */
export interface ObanMetrics {
  /** Gauge of jobs in the table, which every pod counts: they are never added up. */
  readonly length: string;
  /** How long jobs took. */
  readonly processing: Histogram;
  /** How long they waited. */
  readonly queueTime: Histogram;
  /** Counter of attempts that failed, with the label `state`. */
  readonly failures: string;
}

/** LiveViews and channels. */
export interface LiveMetrics {
  /** How long LiveViews took to mount, by `module`. */
  readonly mount: Histogram;
  /** How long they took to handle events, by `module` and `event`. */
  readonly event: Histogram;
  /** Counter of exceptions in events. */
  readonly exceptions: string;
  /** Counter of channels that were joined, by `result`. @default - it is not measured */
  readonly joined?: string;
}

/** Where the application answers Prometheus, and with what. */
export interface ApplicationMetrics {
  /** Port of a listener of its own, above 1023. It is on no Service for clients. */
  readonly port: number;
  /** Path that answers in Prometheus' text. @default '/metrics' */
  readonly path?: string;
  /**
   * How the metrics are called, which alerts and dashboards are made from. @default - nobody knows: only what the cluster measures
   * is looked at
   */
  readonly names?: MetricNames;
}
