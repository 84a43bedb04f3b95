import type { Construct } from 'constructs';
import { PodMonitor } from '../../imports/monitoring.coreos.com';

/** Which pods of a database are asked for their metrics. */
export interface MonitoredPods {
  /** Name of the object, and so the end of what Prometheus calls the job. */
  readonly name: string;
  /** Labels of every object of the database. */
  readonly own: Readonly<Record<string, string>>;
  /** Labels of the pods. */
  readonly selector: Record<string, string>;
  /** Labels by which Prometheus finds its monitors. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Lets Prometheus collect the metrics of all pods that have a port of the name. */
export function makePodMonitor(scope: Construct, { name, own, selector, labels = {} }: MonitoredPods): PodMonitor {
  return new PodMonitor(scope, 'PodMonitor', {
    metadata: { name, labels: { ...labels, ...own } },
    spec: { selector: { matchLabels: selector }, podMetricsEndpoints: [{ port: 'metrics' }] },
  });
}
