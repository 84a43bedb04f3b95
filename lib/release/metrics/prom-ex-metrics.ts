import type { Exporter } from '../../support/facts';
import type { PromExPlugin } from './exporters';

/**
 * All that each plugin of PromEx exports, as its own code answers a scrape; of histograms without `_bucket`.
 *
 * @see https://github.com/akoutmos/prom_ex/tree/master/lib/prom_ex/plugins
 */
const METRICS: Readonly<Record<PromExPlugin, readonly string[]>> = {
  Application: of('application', [
    ...['primary_info', 'dependency_info', 'git_sha_info', 'git_author_info', 'uptime_milliseconds_count'],
  ]),
  Beam: of('beam', [
    ...['memory_allocated_bytes', 'stats_gc_count', 'stats_reduction_count', 'stats_context_switch_count'],
    ...['atom', 'binary', 'code', 'ets', 'persistent_term', 'processes'].map((kind) => `memory_${kind}_total_bytes`),
    ...['atom', 'ets', 'port', 'process'].flatMap((what) => [`stats_${what}_count`, `system_${what}_limit_info`]),
    ...['stats_run_queue_count', 'stats_active_task_count', 'stats_gc_reclaimed_bytes', 'stats_port_io_byte_count'],
    ...[
      'stats_uptime_milliseconds_count',
      'system_thread_pool_size_info',
      'system_schedulers_info',
      'system_schedulers_online_info',
    ],
    ...['system_dirty_cpu_schedulers_info', 'system_dirty_cpu_schedulers_online_info', 'system_dirty_io_schedulers_info'],
    ...['system_logical_processors_info', 'system_logical_processors_available_info', 'system_logical_processors_online_info'],
    ...['system_version_info', 'system_word_size_bytes_info'],
    ...['jit', 'smp', 'thread', 'time_correction'].map((what) => `system_${what}_support_info`),
  ]),
  Phoenix: of('phoenix', [
    ...['http_request_duration_milliseconds', 'http_response_size_bytes', 'http_requests_total', 'channel_joined_total'],
    ...['channel_handled_in_duration_milliseconds', 'socket_connected_duration_milliseconds'],
    ...['endpoint_url_info', 'endpoint_port_info'],
  ]),
  PhoenixLiveView: of('phoenix_live_view', [
    ...['mount', 'handle_event'].flatMap((what) => [`${what}_duration_milliseconds`, `${what}_exception_duration_milliseconds`]),
  ]),
  Ecto: of('ecto_repo', [
    ...['init_pool_size', 'init_timeout_duration', 'init_status_info', 'query_results_returned'],
    ...['queue', 'idle', 'decode', 'execution', 'total'].map((what) => `query_${what}_time_milliseconds`),
  ]),
  Oban: of('oban', [
    ...['queue_length_count', 'init_queue_concurrency_limit', 'init_shutdown_grace_period_milliseconds', 'init_status_info'],
    ...['job_processing_duration_milliseconds', 'job_queue_time_milliseconds', 'job_complete_attempts'],
    ...['job_exception_duration_milliseconds', 'job_exception_queue_time_milliseconds', 'job_exception_attempts'],
    ...['producer_duration_milliseconds', 'producer_dispatched_count', 'producer_exception_duration_milliseconds'],
    ...['circuit_trip_total', 'circuit_open_total'],
  ]),
};

function of(plugin: string, names: readonly string[]): string[] {
  return names.map((name) => `${plugin}_${name}`);
}

/** All metrics of some plugins, that of PromEx itself, and those of plugins of the application's own. */
export function promExMetrics(
  prefix: string,
  plugins: readonly PromExPlugin[],
  ...own: readonly (string | undefined)[]
): Exporter {
  const names = ['prom_ex_status_info', ...plugins.flatMap((plugin) => METRICS[plugin] ?? [])];
  return { prefix: `${prefix}_`, names: [...names.map((name) => `${prefix}_${name}`), ...own.flatMap((name) => name ?? [])] };
}
