import { ApiObject, type Duration, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { PodMonitor } from '../../imports/monitoring.coreos.com';
import type { PhoenixApplication } from '../release/application';
import { declare, declaredIn, namespaceOf } from '../support/declare';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { abort, reject, rejectLate, type Refusal } from '../support/reject';
import { mergedTraffic } from '../support/traffic';
import { requireInteger, requireLabels, requireName } from '../support/values';
import { prometheusDuration, requirePrometheusDuration } from './prometheus-duration';
import { hostPattern } from './known-hosts';

/** How Prometheus collects the metrics of an application. */
export interface Scrape {
  /** How often: `interval`. @default - as often as Prometheus does by itself */
  readonly interval?: Duration;
  /** How long an answer may take, not longer than `interval`: `scrapeTimeout`. @default - Prometheus' own, 10 seconds */
  readonly timeout?: Duration;
  /**
   * Samples of one answer of one pod, 1 to 1,000,000; an answer with more is refused whole, so that labels without an end harm
   * this application alone: `sampleLimit`. @default 20000
   */
  readonly sampleLimit?: number;
  /**
   * Hosts beside those of the environment whose requests are counted, or `'any'`. Clients write the host, so that each scanner
   * makes series of its own; those of other hosts are left out, whole: without the label alone they would be one series with
   * several values, of which Prometheus keeps one. @default [] requests to hosts of the environment, and to its Service
   */
  readonly hosts?: 'any' | readonly string[];
  /**
   * Who collects them, where it may not list pods in this namespace, as the Prometheus of kube-prometheus:
   * `{ namespace: 'monitoring', serviceAccount: 'prometheus-k8s' }`. A Role is made for it. @default - it may already
   */
  readonly reader?: ScrapeReader;
}

/** A ServiceAccount of another namespace. */
export interface ScrapeReader {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Properties of {@link ReleaseMonitor}. */
export interface ReleaseMonitorProps extends Scrape {
  /** The application, which has `metrics`. */
  readonly application: PhoenixApplication;
  /** Labels by which Prometheus finds its monitors, such as `{ release: 'kube-prometheus-stack' }`. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Hosts at which the application is reached. @default [] */
  readonly ownHosts?: readonly string[];
}

/** What becomes labels of each series: `app_kubernetes_io_version` lets an alert say since which version. */
const TARGET_LABELS = ['app.kubernetes.io/component', 'app.kubernetes.io/version'];

/**
 * Has the Prometheus operator collect the metrics of all pods of a release that have the port: web pods and workers, whether made
 * before it or later. The way through a fence is opened by `monitoring` of that.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export class ReleaseMonitor extends Construct {
  /** What says which pods, and how. */
  readonly podMonitor: ApiObject;
  /** What lets Prometheus list the pods, where it may not by itself. */
  readonly role?: k8s.KubeRole;

  private readonly application: PhoenixApplication;

  constructor(scope: Construct, id: string, props: ReleaseMonitorProps) {
    super(scope, id);
    requireProps(this, props, 'ReleaseMonitorProps');
    const { application, reader, labels: own = {} } = props;
    this.application = application;
    const name = application.name;
    requireSettings(this, props);
    rejectLate(this, () => this.withoutPods());
    this.podMonitor = new ApiObject(this, 'PodMonitor', {
      ...PodMonitor.GVK,
      metadata: { name, labels: { ...own, ...labels({ application: name, instance: name, component: 'monitor' }) } },
      spec: Lazy.any({ produce: () => this.spec(props) }),
    });
    if (reader) this.role = this.roleFor(reader);
  }

  /** What Prometheus calls the job of these pods. */
  get job(): string {
    return `${namespaceOf(this) ?? 'default'}/${this.application.name}`;
  }

  private spec(props: ReleaseMonitorProps) {
    const { application, interval, timeout, sampleLimit = 20000 } = props;
    const { path = '/metrics' } = application.metrics ?? {};
    return {
      selector: { matchExpressions: [{ key: 'app.kubernetes.io/instance', operator: 'In', values: this.controllers() }] },
      podTargetLabels: TARGET_LABELS,
      sampleLimit,
      podMetricsEndpoints: [
        {
          port: 'metrics',
          path,
          ...(interval ? { interval: prometheusDuration(interval) } : {}),
          ...(timeout ? { scrapeTimeout: prometheusDuration(timeout) } : {}),
          ...this.relabelings(props),
        },
      ],
    };
  }

  /** The controllers whose pods have the port, as far as they are there now. */
  private controllers(): string[] {
    const { port } = this.application.metrics ?? {};
    const traffic = mergedTraffic(declaredIn(this, namespaceOf(this)).traffic);
    return traffic
      .filter(({ metrics = [], labels: its }) => {
        return [metrics].flat().some((one) => one === port) && its['app.kubernetes.io/name'] === this.application.name;
      })
      .map(({ pods }) => pods);
  }

  private withoutPods(): Refusal[] {
    if (this.application.metrics === undefined || this.controllers().length > 0) return [];
    const fix = 'give it the application of the release, or take the monitor out';
    return [{ prop: 'application', must: 'be that of pods in this namespace', got: this.application.name, fix }];
  }

  private relabelings({ application, hosts = [], ownHosts = [] }: ReleaseMonitorProps): object {
    const label = application.metrics?.names?.requests?.host;
    if (label === undefined || hosts === 'any') return {};
    const known = hostPattern([...ownHosts, ...hosts], application.name, namespaceOf(this));
    // Series of all else have no such label, which is the empty text here.
    return { metricRelabelings: [{ action: 'keep', sourceLabels: [label], regex: `|${known}` }] };
  }

  private roleFor({ namespace, serviceAccount }: ScrapeReader): k8s.KubeRole {
    declare(this, { externals: [{ kind: 'ServiceAccount', name: serviceAccount }] });
    const name = `${this.application.name}-scrape`;
    const own = labels({ application: this.application.name, instance: this.application.name, component: 'monitor' });
    const role = new k8s.KubeRole(this, 'Role', {
      metadata: { name, labels: own },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    });
    new k8s.KubeRoleBinding(this, 'RoleBinding', {
      metadata: { name, labels: own },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
    });
    return role;
  }
}

function requireSettings(scope: Construct, props: ReleaseMonitorProps): void {
  const { application, labels: own = {}, interval, timeout, sampleLimit = 20000, hosts = [], reader } = props;
  requireLabels(scope, 'labels', own);
  requireInteger(scope, 'sampleLimit', sampleLimit, { minimum: 1, maximum: 1000000, fix: 'omit it to use 20000' });
  if (interval) requirePrometheusDuration(scope, 'interval', interval);
  if (timeout) requirePrometheusDuration(scope, 'timeout', timeout);
  if (interval && timeout && timeout.toMilliseconds() > interval.toMilliseconds()) {
    const fix = 'write a shorter one, or leave it out';
    reject(scope, { prop: 'timeout', must: `be at most the interval of ${prometheusDuration(interval)}`, got: timeout, fix });
  }
  if (application.metrics === undefined) {
    const fix = "say where it answers: metrics: { port: 9568, names: promEx({ otpApp: 'shop', plugins: ['Beam', 'Phoenix'] }) }";
    abort(scope, [{ prop: 'application.metrics', must: 'be known to whoever collects them', got: undefined, fix }]);
  }
  const { path = '/metrics' } = application.metrics ?? {};
  if (!/^\/[^\s?#]*$/.test(path)) {
    reject(scope, {
      prop: 'application.metrics.path',
      must: "begin with '/', without a query",
      got: path,
      fix: "write '/metrics'",
    });
  }
  if (hosts !== 'any' && application.metrics?.names?.requests?.host === undefined && hosts.length > 0) {
    const fix = 'leave it out: no label of its requests is known to be the host';
    reject(scope, { prop: 'hosts', must: 'be left out where requests have no label of the host', got: hosts, fix });
  }
  if (!reader) return;
  requireName(scope, reader.namespace, 63, 'reader.namespace');
  requireName(scope, reader.serviceAccount, 253, 'reader.serviceAccount');
}
