import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { PrometheusRule } from '../../imports/monitoring.coreos.com';
import type { PhoenixApplication } from '../release/application';
import { labels } from '../support/labels';
import { OptOut } from '../support/opt-out';
import { declare } from '../support/declare';
import { requireProps } from '../support/props';
import { requireRunbooks, RUNBOOKS } from '../support/runbooks';
import { reject, rejectLate, type Refusal } from '../support/reject';
import { requireLabels, requireReason } from '../support/values';
import type { Observed } from './alerts/alert';
import { requireObjective } from './alerts/require-objective';
import { NEEDS } from './alerts/needs';
import { alertsThere, groupsOf, type Group } from './alerts/rules';
import { ALERTS, type AlertChanges, type AlertDefault, type AlertName, type Objective } from './alerts/settings';
import { observedIn } from './observed';
import { requirePrometheusDuration } from './prometheus-duration';

/** Properties of {@link ReleaseAlerts}. */
export interface ReleaseAlertsProps {
  /** The application. Of one without `metrics: { names }` only what the cluster measures is watched. */
  readonly application: PhoenixApplication;
  /** Labels by which Prometheus finds its rules, such as `{ release: 'kube-prometheus-stack' }`. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** What is promised. @default {} 99.9 percent of requests without an error */
  readonly objective?: Objective;
  /** Alerts that differ from their defaults, or are left out: of those that there are. @default {} */
  readonly changes?: AlertChanges;
  /**
   * Address of docs/alerts.md, or of a page of your own that has a section for each alert: `runbook_url` is it with the name of the
   * alert in lower case as its fragment. @default 'cdk8s-phoenix/docs/alerts.md' the place in the package
   */
  readonly runbooks?: string;
  /** What Prometheus calls the job of the pods: see `ReleaseMonitor.job`. @default - nobody collects their metrics here */
  readonly job?: string;
  /** Addresses that are asked from outside: see `SiteProbe`. @default [] */
  readonly probed?: readonly string[];
}

/**
 * Has Prometheus compute what is promised, and say what is worth it: of what the environment has, whether made before it or later,
 * and by metrics that exist there. What the rules of kube-prometheus say of every cluster is not said again.
 */
export class ReleaseAlerts extends Construct {
  /** What Prometheus is given. */
  readonly rule: ApiObject;

  private readonly props: ReleaseAlertsProps;

  constructor(scope: Construct, id: string, props: ReleaseAlertsProps) {
    super(scope, id);
    requireProps(this, props, 'ReleaseAlertsProps');
    const { application, labels: own = {}, objective = {}, changes = {} } = props;
    this.props = props;
    const { exporter } = application.metrics?.names ?? {};
    if (exporter) declare(this, { exporters: [exporter] });
    requireLabels(this, 'labels', own);
    requireObjective(this, application, objective);
    requireChanges(this, changes);
    rejectLate(this, () => this.changesOfNothing());
    requireRunbooks(this, props.runbooks);
    const { name } = application;
    this.rule = new ApiObject(this, 'PrometheusRule', {
      ...PrometheusRule.GVK,
      metadata: { name, labels: { ...own, ...labels({ application: name, instance: name, component: 'alerts' }) } },
      spec: { groups: Lazy.any({ produce: () => this.groups }) },
    });
  }

  /** What is watched, as far as it is there now. */
  get observed(): Observed {
    const { application, job, probed = [] } = this.props;
    return observedIn(this, application, { job, probed });
  }

  /** The rules about what is there now. */
  get groups(): readonly Group[] {
    const { objective = {}, changes = {}, runbooks = RUNBOOKS } = this.props;
    return groupsOf(this.observed, { objective, changes, runbooks });
  }

  /** Refuses what is said of alerts that are not there: nobody would hear of what it was meant for. */
  private changesOfNothing(): readonly Refusal[] {
    const { objective = {}, changes = {} } = this.props;
    const changed = Object.entries(changes).flatMap(([name, change]) => (change === undefined ? [] : [name as AlertName]));
    if (changed.length === 0) return [];
    const there = alertsThere(this.observed, objective);
    return changed
      .filter((name) => !there.has(name))
      .map((name) => {
        const must = 'be an alert that is there';
        return { prop: `changes.${name}`, must, got: name, fix: `remove it, or add what it needs: ${NEEDS[name]}` };
      });
  }
}

function requireChanges(scope: Construct, changes: AlertChanges): void {
  for (const [name, change] of Object.entries(changes)) {
    const usual: AlertDefault = ALERTS[name as AlertName];
    if (change === undefined) continue;
    if (change instanceof OptOut) {
      requireReason(scope, `changes.${name}`, change);
      continue;
    }
    const { after, threshold } = change;
    if (after) requirePrometheusDuration(scope, `changes.${name}.after`, after, 0);
    if (threshold === undefined) continue;
    const prop = `changes.${name}.threshold`;
    if (!usual.threshold) {
      const fix = 'leave it out: severity and after may be changed';
      reject(scope, { prop, must: 'be left out for an alert that has no number of its own', got: threshold, fix });
    } else if (!(threshold >= usual.threshold.minimum && threshold <= usual.threshold.maximum)) {
      const { minimum, maximum, of, value } = usual.threshold;
      reject(scope, { prop, must: `be ${minimum} to ${maximum}, ${of}`, got: threshold, fix: `omit it to use ${value}` });
    }
  }
}
