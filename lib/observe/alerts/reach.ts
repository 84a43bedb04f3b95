import { oneOf, quoted, select } from '../promql';
import type { Alert, Observed } from './alert';

/** What cannot be reached: the site from outside, the pods by Prometheus, the nodes by each other, a certificate by its renewal. */
export function reachAlerts(observed: Observed): Alert[] {
  const { namespace, application, job, names, clustered, certificates, probed } = observed;
  const here = `namespace=${quoted(namespace)}`;
  return [
    ...(probed.length > 0 ? [siteUnreachable(probed)] : []),
    ...(job === undefined ? [] : [metricsMissing(application, here, job)]),
    ...(job !== undefined && clustered && names.clusterNodes !== undefined
      ? [nodesApart(application, here, { job, nodes: names.clusterNodes })]
      : []),
    ...(certificates || probed.length > 0 ? [certificateExpires(observed)] : []),
  ];
}

function siteUnreachable(probed: readonly string[]): Alert {
  return {
    name: 'SiteUnreachable',
    expr: () => {
      const unasked = probed.map((instance) => `absent(${select('probe_success', oneOf('instance', [instance]))})`);
      return [`max by (instance) (${select('probe_success', oneOf('instance', probed))}) == 0`, ...unasked].join(' or ');
    },
    summary: '{{ $labels.instance }} does not answer from outside, or nobody asks it',
    description:
      'Where probe_success has no series, the prober is gone or Prometheus does not take the Probe. Else look at the pods first; where they are ready, the way to them is at fault: DNS, the load balancer, the proxy, the certificate.',
  };
}

function metricsMissing(application: string, here: string, job: string): Alert {
  const up = select('up', here, `job=${quoted(job)}`);
  return {
    name: 'MetricsMissing',
    // The matchers of absent() are the labels of what it makes: https://prometheus.io/docs/prometheus/latest/querying/functions/#absent
    // Where one role is not asked, web pods or workers, the others do not hide it.
    expr: () => `absent(${up}) or (sum by (namespace, job, app_kubernetes_io_component) (${up}) == 0)`,
    summary: `Prometheus gets no metrics of ${application}{{ with $labels.app_kubernetes_io_component }}, of its pods {{ . }}{{ end }}`,
    description:
      'No other alert about these pods can fire. Look at the target in Prometheus: where it has none, its labels or its rights miss the PodMonitor; where it has errors, the fence, the port or the path is wrong, or an answer has more samples than sampleLimit.',
  };
}

function nodesApart(application: string, here: string, { job, nodes }: { job: string; nodes: string }): Alert {
  const pods = `count by (namespace) (${select('up', here, `job=${quoted(job)}`)} == 1)`;
  return {
    name: 'NodesApart',
    expr: () => `${pods} - 1 - on (namespace) min by (namespace) (${select(nodes, here)}) > 0`,
    summary: `A node of ${application} does not see {{ $value }} of the others`,
    description:
      'Broadcasts, presence and caches are split: look at the logs of dns_cluster or libcluster, and whether cookie and port are the same in all pods. Restart the pod that sees fewest.',
  };
}

function certificateExpires({ namespace, certificates, probed }: Observed): Alert {
  const kept = (label: string) => select('certmanager_certificate_expiration_timestamp_seconds', `${label}=${quoted(namespace)}`);
  const shown = `min by (instance) (${select('probe_ssl_earliest_cert_expiry', oneOf('instance', probed))})`;
  // Where the labels of cert-manager do not win, Prometheus keeps its namespace as exported_namespace.
  const dates = [
    ...(certificates ? [`min by (name) (${kept('exported_namespace')} or ${kept('namespace')})`] : []),
    ...(probed.length > 0 ? [shown] : []),
  ];
  return {
    name: 'CertificateExpires',
    expr: (days) => `(${dates.join(' or ')}) - time() < ${Math.round(days * 86400)}`,
    summary: 'The certificate of {{ $labels.name }}{{ $labels.instance }} ends in {{ $value | humanizeDuration }}',
    description:
      'It should have been renewed long ago: look at the Certificate, its CertificateRequest and its Order by kubectl describe. Browsers refuse the site once it has ended.',
  };
}
