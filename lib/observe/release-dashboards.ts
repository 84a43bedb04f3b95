import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { PhoenixApplication } from '../release/application';
import { namespaceOf } from '../support/declare';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { reject } from '../support/reject';
import { requireLabels } from '../support/values';
import { onceWhole } from '../support/whole';
import type { Objective } from './alerts/settings';
import { dashboardsOf } from './dashboards/all';
import { dashboardJson, type Dashboard } from './dashboards/panel';
import { observedIn } from './observed';

/**
 * What brings dashboards to Grafana: the sidecar of its chart, or its operator.
 * @write { sidecar: {} }, or { operator: { instances: { dashboards: 'grafana' } } }
 */
export type DashboardRoad =
  | {
      /** ConfigMaps, which the sidecar of Grafana's chart finds. */
      readonly sidecar: {
        /** Label by which it finds them: `sidecar.dashboards.label` and its value. @default { grafana_dashboard: '1' } */
        readonly labels?: Readonly<Record<string, string>>;
        /** Folder, where the chart has `sidecar.dashboards.folderAnnotation: grafana_folder`. @default - that of the chart */
        readonly folder?: string;
      };
    }
  | {
      /** Objects `GrafanaDashboard` of the Grafana operator. */
      readonly operator: {
        /** Labels of the Grafana that shows them: `instanceSelector`. */
        readonly instances: Readonly<Record<string, string>>;
        /** Folder. @default - the namespace of the environment */
        readonly folder?: string;
      };
    };

/** Properties of {@link ReleaseDashboards}. */
export interface ReleaseDashboardsProps {
  /** The application, which says in `metrics: { names }` what it measures. */
  readonly application: PhoenixApplication;
  /** What brings them to Grafana. */
  readonly road: DashboardRoad;
  /** What Prometheus calls the job of the pods: see `ReleaseMonitor.job`. @default - pods cannot be chosen */
  readonly job?: string;
  /** The objective of a ReleaseAlerts beside it, whose series show how fast its budgets are used. @default - they are not shown */
  readonly objective?: Objective;
}

/**
 * Shows what an application measures in Grafana, over all of its pods or some: an overview, the machine, the database, LiveViews and
 * queues, each where it is measured. Their names stay, so that a new one replaces the old one.
 */
export class ReleaseDashboards extends Construct {
  private readonly props: ReleaseDashboardsProps;
  /** Those that there were when the tree was whole. */
  private found: readonly Dashboard[] = [];

  constructor(scope: Construct, id: string, props: ReleaseDashboardsProps) {
    super(scope, id);
    requireProps(this, props, 'ReleaseDashboardsProps');
    this.props = props;
    const { road, application } = props;
    if ('sidecar' in road) requireLabels(this, 'road.sidecar.labels', road.sidecar.labels ?? {});
    else requireLabels(this, 'road.operator.instances', road.operator.instances);
    if (application.metrics?.names === undefined) {
      const fix = "say how its metrics are called: metrics: { port, names: promEx({ otpApp: 'shop', plugins: ['Beam'] }) }";
      reject(this, { prop: 'application.metrics.names', must: 'be known to dashboards', got: undefined, fix });
    }
    onceWhole(this, () => this.complete());
  }

  /** The dashboards of what is there now, by the part that each is about. */
  get dashboards(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    return Object.fromEntries(this.wanted().map((one) => [one.part, this.json(one)]));
  }

  private wanted(): Dashboard[] {
    const { application, job, objective } = this.props;
    if (application.metrics?.names === undefined) return [];
    return dashboardsOf(observedIn(this, application, { job, probed: [] }), objective);
  }

  private json(dashboard: Dashboard): Record<string, unknown> {
    const { application, job } = this.props;
    const namespace = namespaceOf(this) ?? 'default';
    const version = application.metrics?.names?.version;
    const annotation =
      version &&
      `count by (version) (${version}{namespace="${namespace}"}) unless count by (version) (${version}{namespace="${namespace}"} offset 2m)`;
    return dashboardJson(dashboard, { application: application.name, namespace, job, annotation });
  }

  /** Adds an object for each dashboard that there is by now. */
  private complete(): void {
    this.found = this.wanted();
    for (const { part } of this.found) if (!this.node.tryFindChild(part)) this.make(part);
  }

  private text(part: string): string | undefined {
    const dashboard = this.found.find((one) => one.part === part);
    return dashboard && JSON.stringify(this.json(dashboard));
  }

  private make(part: string): void {
    const { application, road } = this.props;
    const name = `${application.name}-dashboard-${part}`;
    const own = labels({ application: application.name, instance: application.name, component: 'dashboard' });
    const text = Lazy.any({ produce: () => this.text(part) }) as string;
    // The sidecar writes the files of all namespaces into one folder.
    const key = `${namespaceOf(this) ?? 'default'}-${application.name}-${part}.json`;
    if ('sidecar' in road) {
      const { labels: found = { grafana_dashboard: '1' }, folder } = road.sidecar;
      const annotations = folder === undefined ? {} : { annotations: { grafana_folder: folder } };
      new k8s.KubeConfigMap(this, part, {
        metadata: { name, labels: { ...found, ...own }, ...annotations },
        data: { [key]: text },
      });
      return;
    }
    const { instances, folder } = road.operator;
    new ApiObject(this, part, {
      apiVersion: 'grafana.integreatly.org/v1beta1',
      kind: 'GrafanaDashboard',
      metadata: { name, labels: own },
      spec: {
        instanceSelector: { matchLabels: { ...instances } },
        // A Grafana is seldom in the namespace of what it shows.
        allowCrossNamespaceImport: true,
        ...(folder === undefined ? {} : { folder }),
        json: text,
      },
    });
  }
}
