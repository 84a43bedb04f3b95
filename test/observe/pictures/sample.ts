// Three hours of a shop that sells more and more, is rolled out after one of them, and whose payments fail for a quarter of an hour in
// the second. Nothing here was measured.

export const START = Date.UTC(2026, 0, 15, 9) / 1000;
export const END = START + 3 * 3600;
const STEP = 30;
const PODS = ['kube-native-4kx2p', 'kube-native-9wzqt', 'kube-native-b5m8n'];
const [ROLL_OUT, TROUBLE, MENDED] = [3600, 6300, 7200];
const MEBI = 2 ** 20;

type Value = (time: number, pod: number) => number;
interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: Value;
}
interface Family {
  readonly name: string;
  readonly series: readonly Series[];
}

/** A number from 0 to 1 that looks like chance, and is the same each time. */
function noise(...seeds: readonly number[]): number {
  const wave = Math.sin(seeds.reduce((sum, seed, index) => sum + seed * (12.9898 + 65.233 * index), 0)) * 43758.5453;
  return wave - Math.floor(wave);
}

function isTrouble(time: number): boolean {
  return time >= TROUBLE && time < MENDED;
}

/** Requests a second to one pod. */
const load: Value = (time, pod) => 22 + 9 * Math.sin(time / 3800) + time / 1500 + 3 * noise(time / STEP, pod);

/** What a rate adds up to. */
function counter(rate: Value): Value {
  const sums = new Map<string, number>();
  return (time, pod) => {
    const sum = (sums.get(`${pod}`) ?? 0) + Math.max(0, rate(time, pod)) * STEP;
    sums.set(`${pod}`, sum);
    return Math.round(sum);
  };
}

/** A histogram, of which so many of all observations lie about a middle, in milliseconds. */
function histogram(
  name: string,
  bounds: readonly number[],
  all: readonly { labels: Record<string, string>; rate: Value; middle: Value }[],
): Family[] {
  const below = (bound: number, middle: number) => 1 / (1 + (middle / bound) ** 2.2);
  const series = all.map((one) => ({
    buckets: bounds.map((bound) => ({
      labels: { ...one.labels, le: `${bound}` },
      value: counter((time, pod) => one.rate(time, pod) * below(bound, one.middle(time, pod))),
    })),
    all: { labels: { ...one.labels, le: '+Inf' }, value: counter(one.rate) },
    count: { labels: one.labels, value: counter(one.rate) },
    sum: { labels: one.labels, value: counter((time, pod) => one.rate(time, pod) * one.middle(time, pod) * 1.3) },
  }));
  return [
    { name: `${name}_bucket`, series: series.flatMap(({ buckets, all: whole }) => [...buckets, whole]) },
    { name: `${name}_count`, series: series.map(({ count }) => count) },
    { name: `${name}_sum`, series: series.map(({ sum }) => sum) },
  ];
}

const gauge = (name: string, value: Value, labels: Record<string, string> = {}): Family => ({
  name,
  series: [{ labels, value }],
});
const kinds = (
  name: string,
  key: string,
  values: Readonly<Record<string, Value>>,
  labels: Record<string, string> = {},
): Family => {
  return { name, series: Object.entries(values).map(([kind, value]) => ({ labels: { ...labels, [key]: kind }, value })) };
};

const paths = { '/': 0.4, '/books/:id': 0.45, '/checkout': 0.15 };
const slow =
  (base: number): Value =>
  (time, pod) =>
    base * (1 + noise(time / 90, pod) / 3) * (isTrouble(time) ? 7 : 1);

function requests(prefix: string): Family[] {
  const statuses = (path: string): Readonly<Record<string, number>> =>
    path === '/checkout' ? { '200': 1, '500': 0.35 } : path === '/' ? { '200': 1 } : { '200': 1, '404': 0.06 };
  const counted = Object.entries(paths).flatMap(([path, part]) =>
    Object.entries(statuses(path)).map(([status, share]) => {
      const rate: Value = (time, pod) => load(time, pod) * part * (status === '500' ? (isTrouble(time) ? share : 0.0004) : share);
      return { labels: { path, status, method: 'GET' }, rate, middle: slow(path === '/checkout' ? 90 : 22) };
    }),
  );
  return [
    {
      name: `${prefix}_phoenix_http_requests_total`,
      series: counted.map(({ labels, rate }) => ({ labels, value: counter(rate) })),
    },
    ...histogram(`${prefix}_phoenix_http_request_duration_milliseconds`, [10, 100, 500, 1000, 5000, 10000, 30000], counted),
  ];
}

function machine(prefix: string): Family[] {
  const memory: Readonly<Record<string, Value>> = {
    processes: (time, pod) => (70 + 14 * Math.sin(time / 900 + pod) + 8 * noise(time, pod)) * MEBI,
    binary: (time, pod) => (34 + 10 * noise(time / 60, pod)) * MEBI,
    code: () => 48 * MEBI,
    ets: (time, pod) => (22 + time / 900 + pod) * MEBI,
    atom: () => 2.1 * MEBI,
  };
  const whole: Value = (time, pod) => Object.values(memory).reduce((sum, value) => sum + value(time, pod), 14 * MEBI);
  const counts: Readonly<Record<string, readonly [Value, number]>> = {
    process: [(time, pod) => 900 + load(time, pod) * 24, 262144],
    port: [(time, pod) => 60 + load(time, pod) * 3, 65536],
    atom: [(time) => 41000 + time / 40, 1048576],
  };
  return [
    gauge(`${prefix}_beam_memory_allocated_bytes`, whole),
    ...Object.entries(memory).map(([kind, value]) => gauge(`${prefix}_beam_memory_${kind}_total_bytes`, value)),
    gauge(`${prefix}_beam_stats_run_queue_count`, (time, pod) => Math.floor(noise(time, pod) * (isTrouble(time) ? 6 : 2.2)), {
      type: 'normal',
    }),
    ...Object.entries(counts).flatMap(([kind, [value, limit]]) => [
      gauge(`${prefix}_beam_stats_${kind}_count`, value),
      gauge(`${prefix}_beam_system_${kind}_limit_info`, () => limit),
    ]),
    gauge(
      `${prefix}_beam_stats_reduction_count`,
      counter((time, pod) => load(time, pod) * 1.1e6),
    ),
    gauge(
      `${prefix}_beam_stats_gc_count`,
      counter((time, pod) => load(time, pod) * 60),
    ),
    gauge('kube_native_cluster_nodes', (time) => (time > ROLL_OUT && time < ROLL_OUT + 240 ? 3 : 2)),
    kinds(`${prefix}_application_primary_info`, 'version', {
      '1.0.0': (time, pod) => (time < ROLL_OUT + pod * 90 ? 1 : NaN),
      '1.1.0': (time, pod) => (time < ROLL_OUT + pod * 90 ? NaN : 1),
    }),
  ];
}

function pods(): Family[] {
  const memory: Value = (time, pod) => (265 + 22 * Math.sin(time / 900 + pod) + 18 * noise(time / 60, pod)) * MEBI;
  return [
    kinds('kube_pod_container_resource_limits', 'resource', { memory: () => 512 * MEBI, cpu: () => 1 }, { container: 'web' }),
    gauge('container_memory_working_set_bytes', memory, { container: 'web' }),
    gauge(
      'container_cpu_usage_seconds_total',
      counter((time, pod) => load(time, pod) / 68),
      { container: 'web' },
    ),
    gauge(
      'container_cpu_cfs_periods_total',
      counter(() => 10),
      { container: 'web' },
    ),
    gauge(
      'container_cpu_cfs_throttled_periods_total',
      counter((time) => (isTrouble(time) ? 1.8 : 0.3)),
      { container: 'web' },
    ),
    gauge('kube_pod_container_status_restarts_total', (time, pod) => (pod === 1 && time > TROUBLE + 300 ? 1 : 0), {
      container: 'web',
    }),
  ];
}

function repository(prefix: string): Family[] {
  const repo = { repo: 'KubeNative.Repo' };
  const tables = { books: 0.6, orders: 0.25, carts: 0.15 };
  const queries = Object.entries(tables).map(([source, part]) => {
    const rate: Value = (time, pod) => load(time, pod) * 2.4 * part;
    return { labels: { ...repo, source, command: 'select' }, rate, middle: slow(source === 'orders' ? 12 : 3) };
  });
  const waits = [{ labels: repo, rate: (time: number, pod: number) => load(time, pod) * 2.4, middle: slow(0.8) }];
  const [long, short] = [
    [10, 50, 250, 2500, 10000, 30000],
    [10, 50, 250, 1000, 5000, 10000],
  ];
  return [
    ...histogram(`${prefix}_ecto_repo_query_total_time_milliseconds`, long, queries),
    ...histogram(`${prefix}_ecto_repo_query_execution_time_milliseconds`, long, queries),
    ...histogram(`${prefix}_ecto_repo_query_queue_time_milliseconds`, short, waits),
    gauge(`${prefix}_ecto_repo_init_pool_size`, () => 10, repo),
  ];
}

function liveViews(prefix: string): Family[] {
  const bounds = [10, 100, 500, 1000, 2500, 5000, 10000];
  const views = { 'ShopWeb.BookLive': 'filter', 'ShopWeb.CartLive': 'add' };
  const all = Object.entries(views).map(([module, event], index) => {
    const rate: Value = (time, pod) => load(time, pod) * (0.3 - index / 8);
    return { module, event, rate, middle: slow(14 + 20 * index) };
  });
  const live = `${prefix}_phoenix_live_view`;
  return [
    ...histogram(
      `${live}_mount_duration_milliseconds`,
      bounds,
      all.map(({ module, rate, middle }) => ({ labels: { module }, rate, middle })),
    ),
    ...histogram(
      `${live}_handle_event_duration_milliseconds`,
      bounds,
      all.map(({ module, event, rate, middle }) => ({ labels: { module, event }, rate, middle })),
    ),
    {
      name: `${live}_handle_event_exception_duration_milliseconds_count`,
      series: [
        {
          labels: { module: 'ShopWeb.CartLive', event: 'add' },
          value: counter((time, pod) => (isTrouble(time) ? 0.4 + noise(time, pod) / 4 : 0)),
        },
      ],
    },
    kinds(`${prefix}_phoenix_channel_joined_total`, 'result', {
      ok: counter((time, pod) => load(time, pod) / 30),
      error: counter((time) => (isTrouble(time) ? 0.1 : 0)),
    }),
  ];
}

function queues(prefix: string): Family[] {
  const states: Readonly<Record<string, Value>> = {
    available: (time) =>
      isTrouble(time) ? (time - TROUBLE) / 3 : Math.max(0, 300 - Math.max(0, time - MENDED) * 0.4) * Number(time > TROUBLE),
    executing: (time) => Math.round(4 + 5 * noise(time)),
    retryable: (time) => (isTrouble(time) ? Math.round((time - TROUBLE) / 30) : 2),
    scheduled: (time) => Math.round(40 + 6 * noise(time / 300)),
    discarded: (time) => (time < TROUBLE + 600 ? 3 : 9),
  };
  const bounds = [10, 100, 500, 1000, 5000, 20000];
  const ends = { success: 0.97, failure: 0.03 };
  const jobs = Object.entries(ends).map(([state, part]) => {
    const rate: Value = (time, pod) => (load(time, pod) / 12) * (isTrouble(time) ? 1 - part : part);
    return { labels: { queue: 'mails', state, worker: 'Shop.Mail' }, rate, middle: slow(220) };
  });
  return [
    kinds(`${prefix}_oban_queue_length_count`, 'state', states, { queue: 'mails' }),
    ...histogram(`${prefix}_oban_job_processing_duration_milliseconds`, bounds, jobs),
    ...histogram(`${prefix}_oban_job_queue_time_milliseconds`, bounds, jobs),
  ];
}

/** The server of PostgreSQL, by its exporter and the kubelet. */
function postgres(): Family[] {
  const own = { job: 'kube-native-staging/kube-native-postgresql' };
  const here = { ...own, datname: 'kube_native' };
  const each = (name: string, rate: Value): Family => gauge(`pg_stat_database_${name}`, counter(rate), here);
  const states: Readonly<Record<string, Value>> = {
    active: (time) => Math.round(2 + 3 * noise(time) + (isTrouble(time) ? 14 : 0)),
    idle: () => 22,
    'idle in transaction': (time) => (isTrouble(time) ? 6 : Math.round(noise(time / 60))),
  };
  const modes: Readonly<Record<string, Value>> = {
    accesssharelock: (time) => Math.round(8 + 9 * noise(time)),
    rowexclusivelock: (time) => Math.round(2 + 4 * noise(time) + (isTrouble(time) ? 12 : 0)),
  };
  const tables = { books: 2400, orders: 900, carts: 5200 };
  const claim = { persistentvolumeclaim: 'data-kube-native-postgresql-0' };
  return [
    kinds('pg_stat_activity_count', 'state', states, here),
    gauge('pg_settings_max_connections', () => 100, own),
    gauge('pg_settings_superuser_reserved_connections', () => 3, own),
    gauge('pg_stat_database_numbackends', (time) => Math.round(26 + 3 * noise(time) + (isTrouble(time) ? 18 : 0)), here),
    gauge('pg_stat_activity_max_tx_duration', (time) => (isTrouble(time) ? (time - TROUBLE) / 4 : 2 * noise(time)), here),
    each('xact_commit', (time) => load(time, 0) * 6),
    each('xact_rollback', (time) => (isTrouble(time) ? 4 : 0.2)),
    each('blks_hit', (time) => load(time, 1) * 900),
    each('blks_read', (time) => load(time, 2) * 9),
    each('deadlocks', (time) => (isTrouble(time) ? 0.003 : 0)),
    each('temp_bytes', (time) => 2e4 * noise(time / 300)),
    gauge('pg_database_size_bytes', (time) => 3.1 * 2 ** 30 + time * 9000, here),
    kinds('pg_locks_count', 'mode', modes, here),
    kinds(
      'pg_stat_user_tables_n_dead_tup',
      'relname',
      Object.fromEntries(
        Object.entries(tables).map(([name, rows]) => [name, (time) => rows * (0.2 + ((time + rows) % 4000) / 5000)]),
      ),
      { ...here, schemaname: 'public' },
    ),
    gauge('kubelet_volume_stats_capacity_bytes', () => 10 * 2 ** 30, claim),
    gauge('kubelet_volume_stats_available_bytes', (time) => 5.4 * 2 ** 30 - time * 12000, claim),
  ];
}

/** What the rules of the environment would have recorded. */
function recorded(): Family[] {
  const burn = (window: number, most: number): Value => {
    return (time) => Math.max(0, Math.min(time, MENDED) - Math.max(TROUBLE, time - window)) * (most / window) + 0.0002;
  };
  const of = (name: string, most: number) =>
    Object.entries({ '1h': 3600, '3d': 259200 }).map(([window, seconds]) => {
      return gauge(`phoenix:${name}:ratio_rate${window}`, burn(seconds, most), { application: 'kube-native' });
    });
  return [...of('request_errors', 0.05), ...of('slow_requests', 0.2)];
}

/** All of it as `promtool tsdb create-blocks-from openmetrics` reads it, with the labels that a PodMonitor gives. */
export function openMetrics(prefix: string, namespace: string): string {
  const families = [requests, machine, repository, liveViews, queues].flatMap((of) => of(prefix));
  const perPod = [...families, ...pods()].flatMap((family) => lines(family, namespace, PODS));
  return [
    ...perPod,
    ...[...postgres(), ...recorded()].flatMap((family) => lines(family, namespace, [undefined])),
    '# EOF',
    '',
  ].join('\n');
}

function lines({ name, series }: Family, namespace: string, pods: readonly (string | undefined)[]): string[] {
  const all = series.flatMap(({ labels, value }) =>
    pods.flatMap((pod, index) => {
      const own = Object.entries({ ...labels, namespace, ...(pod === undefined ? {} : { pod }) });
      const shown = own.map(([key, one]) => `${key}="${one}"`).join(',');
      return Array.from({ length: (END - START) / STEP + 1 }, (_, at) => [shown, at * STEP, value(at * STEP, index)] as const);
    }),
  );
  const there = all.filter(([, , value]) => !Number.isNaN(value));
  return [`# TYPE ${name} unknown`, ...there.map(([labels, time, value]) => `${name}{${labels}} ${value} ${START + time}`)];
}
