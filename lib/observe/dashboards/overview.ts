import type { RequestMetrics } from '../../release/metrics/names';
import type { Observed } from '../alerts/alert';
import { budgetBurns, ofUsers } from '../alerts/objective';
import type { Objective } from '../alerts/settings';
import { oneOf, quantile, select } from '../promql';
import { panel, type Panel } from './panel';
import { chosen, most, ours, rate, unitOf, WINDOW } from './queries';

/** What users get, and what the pods have left. */
export function overview(observed: Observed, objective?: Objective): Panel[] {
  const { requests, version } = observed.names;
  const versions = version && `count by (version) (${select(version, ...ours(observed))})`;
  return [
    ...(requests ? ofRequests(observed, requests) : []),
    ...(objective ? ofBudgets(observed, objective) : []),
    ...(observed.containers.length > 0 ? ofPods(observed) : []),
    ...(versions === undefined ? [] : [panel('Versions', 'Pods of each.', 'short', versions, '{{version}}')]),
  ];
}

function ofRequests(observed: Observed, { count, duration, status = 'status', route = 'path' }: RequestMetrics): Panel[] {
  const users = [...ofUsers(observed), ...chosen(observed)];
  const failed = `${status}=~"5.."`;
  const [errors, all] = [rate('namespace', count, ...users, failed), rate('namespace', count, ...users)];
  const quantiles = [0.5, 0.95, 0.99].map((share) => {
    return { expr: quantile(share, duration, ['namespace'], WINDOW, ...users), legend: `${share * 100} %` };
  });
  const slowest = `topk(10, ${most(duration, [route], users)})`;
  const failing = `topk(10, ${rate(route, count, ...users, failed)} > 0)`;
  const byStatus = panel(
    'Requests',
    'By status, without those of probes.',
    'reqps',
    rate(status, count, ...users),
    `{{${status}}}`,
  );
  return [
    { ...byStatus, stacked: true },
    panel('Errors', 'Share of requests that end in a 5xx.', 'percentunit', `(${errors} or 0 * ${all}) / ${all}`, 'errors'),
    panel('Duration', 'So many of all requests are faster.', unitOf(duration), quantiles),
    panel('Slowest routes', '95 of 100 requests to each are faster.', unitOf(duration), slowest, `{{${route}}}`),
    panel('Routes that fail', 'Errors a second.', 'reqps', failing, `{{${route}}}`),
  ];
}

function ofBudgets(observed: Observed, objective: Objective): Panel[] {
  const [hour, days] = [budgetBurns(observed, objective, '1h'), budgetBurns(observed, objective, '3d')];
  return (['errors', 'latency'] as const).flatMap((what) => {
    const queries = [
      { expr: hour[what], legend: 'in an hour' },
      { expr: days[what], legend: 'in three days' },
    ].flatMap(({ expr, legend }) => (expr === undefined ? [] : [{ expr, legend }]));
    const text = 'How fast it is used: at 1 it lasts for its 30 days, at 14 for two.';
    return queries.length === 0 ? [] : [panel(`Budget of ${what}`, text, 'short', queries)];
  });
}

function ofPods(observed: Observed): Panel[] {
  const own = [...ours(observed), oneOf('container', observed.containers)];
  const by = 'max by (pod, container)';
  const limit = (resource: string) => `${by} (${select('kube_pod_container_resource_limits', ...own, `resource="${resource}"`)})`;
  const memory = `${by} (${select('container_memory_working_set_bytes', ...own)}) / ${limit('memory')}`;
  const cpu = `${rate('pod, container', 'container_cpu_usage_seconds_total', ...own)} / ${limit('cpu')}`;
  const periods = (what: string) => rate('pod', `container_cpu_cfs_${what}periods_total`, ...own);
  const throttled = `${periods('throttled_')} / ${periods('')}`;
  const restarts = `sum by (pod) (increase(${select('kube_pod_container_status_restarts_total', ...own)}[1h]))`;
  return [
    panel('Memory of its limit', 'At 1 the kernel kills the pod.', 'percentunit', memory),
    panel('CPU of its limit', 'Near 1 it is throttled, and everything waits.', 'percentunit', cpu),
    panel('Throttled', 'Share of periods in which a pod wanted more CPU than it may have.', 'percentunit', throttled),
    panel('Restarts', 'Within an hour.', 'short', restarts),
  ];
}
