import type { Construct } from 'constructs';
import { PodMonitor, PrometheusRule } from '../../../imports/monitoring.coreos.com';
import { alertsOf, type Watched } from './alerts';
import { clusterLabels } from './names';

/** Lets Prometheus collect the metrics of the instances and the poolers: their ports have the same name. */
export function makePodMonitor(scope: Construct, name: string): PodMonitor {
  return new PodMonitor(scope, 'PodMonitor', {
    metadata: { name, labels: clusterLabels(name) },
    spec: { selector: { matchLabels: { 'cnpg.io/cluster': name } }, podMetricsEndpoints: [{ port: 'metrics' }] },
  });
}

/** Lets Prometheus raise the alerts. */
export function makeAlerts(scope: Construct, watched: Watched): PrometheusRule {
  const { name } = watched;
  return new PrometheusRule(scope, 'PrometheusRule', {
    metadata: { name, labels: clusterLabels(name) },
    spec: { groups: [{ name, rules: alertsOf(watched) }] },
  });
}
