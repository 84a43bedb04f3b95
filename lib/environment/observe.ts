import { ReleaseMonitor, type Scrape } from '../observe/monitor';
import { SizeAdvisor } from '../observe/size-advisor';
import { SiteProbe, type SiteProbeProps } from '../observe/site-probe';
import { ReleaseDashboards, type DashboardRoad, type ReleaseDashboardsProps } from '../observe/release-dashboards';
import { ReleaseAlerts } from '../observe/release-alerts';
import type { AlertChanges, Objective } from '../observe/alerts/settings';
import type { EnvironmentChart } from '../charts/environment-chart';
import type { PhoenixRelease } from '../constructs/phoenix-release';
import type { ProbedDeployment } from '../constructs/probed-deployment';
import { OptOut } from '../support/opt-out';
import { reject, writtenAs } from '../support/reject';
import { requireReason } from '../support/values';
import type { Charts } from './environment';
import { inLiteral } from './in-literal';
import { chartOf, type Parts } from './parts';

/**
 * How an environment is seen, by the operator of Prometheus. `{}` collects the metrics of the application and says what is worth an
 * alert.
 */
export interface Observe {
  /**
   * Labels by which Prometheus finds its monitors and rules: the chart kube-prometheus-stack takes those alone that have
   * `{ release: <its name> }`. @default {}
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** How metrics are collected; who does is `monitoring`. @default {} */
  readonly scrape?: Scrape;
  /** What it promises to those who use it. @default {} 99.9 percent of requests without an error */
  readonly objective?: Objective;
  /** Alerts that differ from docs/alerts.md, or why there are none. @default {} */
  readonly alerts?: AlertChanges | OptOut;
  /** Who asks for its public addresses from outside. @default - nobody does */
  readonly uptime?: Pick<SiteProbeProps, 'prober' | 'module' | 'interval' | 'path'>;
  /** What brings dashboards of it to Grafana. @default - there are none */
  readonly dashboards?: DashboardRoad;
  /**
   * Whether the VerticalPodAutoscaler says what web pods and workers need. It changes none of them, and must be in the cluster: see
   * docs/sizes.md. @default false
   */
  readonly sizes?: boolean;
  /** Address of the page that says what to do about each alert: see `ReleaseAlertsProps`. @default - that in the package */
  readonly runbooks?: string;
}

/** What looks at an environment. */
export function observersOf(
  parts: Parts,
  release: PhoenixRelease,
  workers: Charts['workers'],
): Pick<Charts, 'monitor' | 'alerts' | 'uptime'> {
  const { observe, monitoring } = parts.environment;
  if (observe === undefined) return {};
  const { application } = parts.facts;
  const { labels, scrape, objective, alerts: changes = {}, runbooks, uptime: asked, dashboards, sizes = false } = observe;
  const chart = chartOf(parts, '45-observe');
  writtenAs(chart, 'Monitor', inLiteral('observe.scrape', 'Scrape', {}, { labels: 'observe.labels' }));
  const others = { changes: 'observe.alerts', labels: 'observe.labels' };
  writtenAs(chart, 'Alerts', inLiteral('observe', 'Observe', {}, others));
  const metrics = application.metrics !== undefined || scrape !== undefined;
  if (metrics && monitoring instanceof OptOut) {
    const fix = "write it as [{ namespace: 'monitoring' }], or leave 'observe' out";
    reject(chart, { prop: 'monitoring', must: 'name who collects the metrics', got: 'left out', fix });
  }
  const ownHosts = [release.host, ...release.hosts];
  const monitor = metrics ? new ReleaseMonitor(chart, 'Monitor', { ...scrape, application, labels, ownHosts }) : undefined;
  const uptime = askedFrom(chart, asked, release, application.name, labels);
  if (dashboards) showIn(chart, { application, road: dashboards, job: monitor?.job, objective: promisedBy(observe) });
  if (sizes) adviseOn(chart, application.name, [release.web, ...Object.values(workers).map(({ pods }) => pods)]);
  if (changes instanceof OptOut) {
    requireReason(chart, 'observe.alerts', changes);
    return { monitor, uptime };
  }
  const alerts = new ReleaseAlerts(chart, 'Alerts', {
    application,
    labels,
    objective,
    changes,
    runbooks,
    job: monitor?.job,
    probed: uptime?.addresses,
  });
  return { monitor, alerts, uptime };
}

function showIn(chart: EnvironmentChart, props: ReleaseDashboardsProps): void {
  writtenAs(chart, 'Dashboards', inLiteral('observe', 'Observe', {}, { road: 'observe.dashboards' }));
  new ReleaseDashboards(chart, 'Dashboards', props);
}

/** Without alerts nothing is recorded of it. */
function promisedBy({ alerts, objective = {} }: Observe): Objective | undefined {
  return alerts instanceof OptOut ? undefined : objective;
}

/** What says the sizes of pods, for each controller one. */
function adviseOn(chart: EnvironmentChart, application: string, all: readonly ProbedDeployment[]): void {
  for (const { controller } of all) {
    const kind = controller.kind === 'StatefulSet' ? 'StatefulSet' : 'Deployment';
    new SizeAdvisor(chart, `Sizes-${controller.name}`, { name: controller.name, kind, application });
  }
}

/** Who asks for the addresses from outside. */
function askedFrom(
  chart: EnvironmentChart,
  asked: Observe['uptime'],
  { host, hosts, url }: PhoenixRelease,
  name: string,
  labels: Observe['labels'],
): SiteProbe | undefined {
  writtenAs(chart, 'Uptime', inLiteral('observe.uptime', 'SiteProbeProps', {}, { labels: 'observe.labels', hosts: 'web.hosts' }));
  return asked ? new SiteProbe(chart, 'Uptime', { ...asked, name, hosts: [host, ...hosts], url, labels }) : undefined;
}
