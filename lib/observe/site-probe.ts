import { ApiObject, type Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { PublicUrl } from '../release/public-url';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { reject } from '../support/reject';
import { requireLabels, requireName } from '../support/values';
import { prometheusDuration, requirePrometheusDuration } from './prometheus-duration';

/** Properties of {@link SiteProbe}. */
export interface SiteProbeProps {
  /** Name of the object. */
  readonly name: string;
  /** Hosts that browsers ask for. Of `*.example.com` there is no address to ask. */
  readonly hosts: readonly string[];
  /** How their addresses begin. @default { scheme: 'https', port: 443 } */
  readonly url?: PublicUrl;
  /** Path that answers without a login. @default '/' */
  readonly path?: string;
  /** Host and port of the blackbox exporter, such as `blackbox-exporter.monitoring.svc:9115`: `prober.url`. */
  readonly prober: string;
  /** Which of its modules says what a good answer is. @default 'http_2xx' */
  readonly module?: string;
  /** How often it asks. @default Duration.minutes(1) */
  readonly interval?: Duration;
  /** Labels by which Prometheus finds its probes, such as `{ release: 'kube-prometheus-stack' }`. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Has the blackbox exporter ask for the addresses that browsers use: the only one that sees DNS, the load balancer, the proxy and the
 * certificate as they do. The exporter connects, so that no way through the fence is needed.
 *
 * @see https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Probe
 */
export class SiteProbe extends Construct {
  /** What says whom to ask. */
  readonly probe: ApiObject;
  /** What is asked for: the label `instance` of what is measured. */
  readonly addresses: readonly string[];

  constructor(scope: Construct, id: string, props: SiteProbeProps) {
    super(scope, id);
    requireProps(this, props, 'SiteProbeProps');
    const { name, hosts, url, path = '/', prober, labels: own = {} } = props;
    const { module = 'http_2xx', interval } = props;
    const { scheme, port } = url ?? { scheme: 'https', port: 443 };
    requireSettings(this, props);
    const usual = port === (scheme === 'https' ? 443 : 80);
    this.addresses = hosts
      .filter((host) => !host.startsWith('*.'))
      .map((host) => `${scheme}://${host}${usual ? '' : `:${port}`}${path}`);
    this.probe = new ApiObject(this, 'Probe', {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Probe',
      metadata: { name, labels: { ...own, ...labels({ application: name, instance: name, component: 'monitor' }) } },
      spec: {
        jobName: name,
        prober: { url: prober },
        module,
        interval: interval ? prometheusDuration(interval) : '1m',
        targets: { staticConfig: { static: [...this.addresses] } },
      },
    });
  }
}

function requireSettings(
  scope: Construct,
  { name, hosts, path = '/', prober, labels: own = {}, interval }: SiteProbeProps,
): void {
  requireName(scope, name);
  requireLabels(scope, 'labels', own);
  if (interval) requirePrometheusDuration(scope, 'interval', interval);
  if (!/^[a-z0-9.-]+(?::\d{1,5})?$/.test(prober)) {
    const fix = "write 'blackbox-exporter.monitoring.svc:9115'";
    reject(scope, { prop: 'prober', must: 'be a host and a port, without a scheme or a path', got: prober, fix });
  }
  if (!/^\/[^\s]*$/.test(path)) reject(scope, { prop: 'path', must: "begin with '/'", got: path, fix: "write '/'" });
  if (!hosts.some((host) => !host.startsWith('*.'))) {
    const fix = 'name one of the hosts that answer, such as www.example.com';
    reject(scope, { prop: 'hosts', must: 'have an address that can be asked for', got: hosts, fix });
  }
}
