import { keepFaults } from '../../support/made';
import { promExMetrics } from './prom-ex-metrics';
import type { BeamMetrics, Histogram, LiveMetrics, MetricNames, ObanMetrics, RepoMetrics, RequestMetrics } from './names';
import { keepOtpApp } from './otp-app';
import { wrongPromEx, wrongTelemetryMetrics } from './wrong-names';

/** Plugins of PromEx, as `plugins/0` of its module lists them: `Plugins.Beam` is `Beam`. */
export type PromExPlugin = 'Application' | 'Beam' | 'Phoenix' | 'PhoenixLiveView' | 'Ecto' | 'Oban';

/** What {@link promEx} is told. */
export interface PromExProps {
  /** The application in `use PromEx, otp_app: :shop`, an atom of lower-case letters, digits and `_`; in an umbrella the one whose module that is. */
  readonly otpApp: string;
  /** The plugins that its module lists, of those that are known here. */
  readonly plugins: readonly PromExPlugin[];
  /** Whether it lists others too, so that a rule may ask for metrics that are not known here. @default false */
  readonly further?: boolean;
  /** What the names begin with, where `metric_prefix` of the plugins says so. @default - `<otpApp>_prom_ex` */
  readonly prefix?: string;
  /** Gauge of the nodes that a node is connected to, by a plugin of your own: see docs/observe.md. @default - there is none */
  readonly clusterNodes?: string;
}

/**
 * The names that PromEx gives, of 1.11 and 1.12, with either of its stores. Its durations are in milliseconds, and its buckets
 * cannot be changed. A plugin that there is none of, or a name that no metric can begin with, is refused by whoever is given them.
 *
 * @see https://hexdocs.pm/prom_ex
 */
export function promEx(props: PromExProps): MetricNames {
  const wrong = wrongPromEx(props);
  if (wrong.length > 0) return keepFaults({}, wrong);
  return props.prefix === undefined ? keepOtpApp(ofPromEx(props), props.otpApp) : ofPromEx(props);
}

function ofPromEx({ otpApp, plugins, prefix = `${otpApp}_prom_ex`, clusterNodes, further = false }: PromExProps): MetricNames {
  const has = (plugin: PromExPlugin): boolean => plugins.includes(plugin);
  return {
    ...(has('Phoenix') ? { requests: { ...requests(prefix, [10, 100, 500, 1000, 5000, 10000, 30000]), host: 'host' } } : {}),
    ...(has('Beam') ? { beam: beam(prefix) } : {}),
    ...(has('Ecto') ? { repo: repo(prefix) } : {}),
    ...(has('Oban') ? { oban: oban(prefix) } : {}),
    ...(has('PhoenixLiveView') ? { live: live(prefix, has('Phoenix')) } : {}),
    ...(has('Application') ? { version: `${prefix}_application_primary_info` } : {}),
    ...(clusterNodes === undefined ? {} : { clusterNodes }),
    ...(further ? {} : { exporter: promExMetrics(prefix, plugins, clusterNodes) }),
  };
}

/** What {@link telemetryMetrics} is told. */
export interface TelemetryMetricsProps {
  /** What the names in the list begin with: `shop` where it has `shop.phoenix.http.requests.total`. */
  readonly prefix: string;
  /** Whether the list has the queues of Oban. @default false */
  readonly oban?: boolean;
  /** Whether the list has `<prefix>.cluster.nodes`. @default false */
  readonly clusterNodes?: boolean;
}

/**
 * The names of the list in docs/observe.md, for `telemetry_metrics_prometheus` and for Peep: both call metrics as the list does.
 * The list that `mix phx.new` writes has summaries, which neither exports. A prefix that no metric can begin with is refused by
 * whoever is given the names.
 */
export function telemetryMetrics(props: TelemetryMetricsProps): MetricNames {
  const wrong = wrongTelemetryMetrics(props);
  return wrong.length > 0 ? keepFaults({}, wrong) : ofList(props);
}

function ofList({ prefix, oban: queues = false, clusterNodes = false }: TelemetryMetricsProps): MetricNames {
  const { schedulers: _, collections: __, reductions: ___, ...machine } = beam(prefix);
  const { poolSize: ____, ...queries } = repo(prefix);
  return {
    requests: requests(prefix, [10, 50, 100, 250, 500, 1000, 2500, 5000, 10000]),
    beam: machine,
    repo: queries,
    ...(queues ? { oban: oban(prefix) } : {}),
    ...(clusterNodes ? { clusterNodes: `${prefix}_cluster_nodes` } : {}),
  };
}

function requests(prefix: string, buckets: readonly number[]): RequestMetrics {
  return {
    count: `${prefix}_phoenix_http_requests_total`,
    duration: { name: `${prefix}_phoenix_http_request_duration_milliseconds`, buckets },
  };
}

function beam(prefix: string): BeamMetrics {
  const of = (name: string) => `${prefix}_beam_${name}`;
  const counted = (what: string) => ({ count: of(`stats_${what}_count`), limit: of(`system_${what}_limit_info`) });
  return {
    memory: of('memory_allocated_bytes'),
    binaries: of('memory_binary_total_bytes'),
    memoryKinds: Object.fromEntries(
      ['atom', 'binary', 'code', 'ets', 'processes'].map((kind) => [kind, of(`memory_${kind}_total_bytes`)]),
    ),
    atoms: counted('atom'),
    processes: counted('process'),
    ports: counted('port'),
    runQueue: `${of('stats_run_queue_count')}{type="normal"}`,
    schedulers: of('system_schedulers_online_info'),
    collections: of('stats_gc_count'),
    reductions: of('stats_reduction_count'),
  };
}

function repo(prefix: string): RepoMetrics {
  const times = (what: string, buckets: readonly number[]): Histogram => ({
    name: `${prefix}_ecto_repo_query_${what}_time_milliseconds`,
    buckets,
  });
  return {
    queueTime: times('queue', [10, 50, 250, 1000, 5000, 10000]),
    queryTime: times('execution', [10, 50, 250, 2500, 10000, 30000]),
    totalTime: times('total', [10, 50, 250, 2500, 10000, 30000]),
    poolSize: `${prefix}_ecto_repo_init_pool_size`,
  };
}

function oban(prefix: string): ObanMetrics {
  const of = (name: string) => `${prefix}_oban_${name}`;
  const buckets = [10, 100, 500, 1000, 5000, 20000];
  return {
    length: of('queue_length_count'),
    processing: { name: of('job_processing_duration_milliseconds'), buckets },
    queueTime: { name: of('job_queue_time_milliseconds'), buckets },
    failures: of('job_exception_attempts_count'),
  };
}

function live(prefix: string, channels: boolean): LiveMetrics {
  const of = (name: string) => `${prefix}_phoenix_live_view_${name}_duration_milliseconds`;
  const buckets = [10, 100, 500, 1000, 2500, 5000, 10000];
  return {
    mount: { name: of('mount'), buckets },
    event: { name: of('handle_event'), buckets },
    exceptions: `${of('handle_event_exception')}_count`,
    ...(channels ? { joined: `${prefix}_phoenix_channel_joined_total` } : {}),
  };
}
