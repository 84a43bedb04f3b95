import type { Construct } from 'constructs';
import { PrometheusRule } from '../../../imports/monitoring.coreos.com';
import { alertsOf, type Watched } from './alerts';
import { clusterLabels } from './names';

/** What the alerts of a cluster are made from, and how they are found. */
export interface AlertsMade {
  readonly watched: Watched;
  /** Labels by which Prometheus finds its rules. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Lets Prometheus raise the alerts. */
export function makeAlerts(scope: Construct, { watched, labels = {} }: AlertsMade): PrometheusRule {
  const { name } = watched;
  return new PrometheusRule(scope, 'PrometheusRule', {
    metadata: { name, labels: { ...labels, ...clusterLabels(name) } },
    spec: { groups: [{ name, rules: alertsOf(watched) }] },
  });
}
