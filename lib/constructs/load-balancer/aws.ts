import { type Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { reject } from '../../support/reject';
import { requireCidr, requireSeconds } from '../../support/values';
import { type BalancedPort, type Preset, READINESS_GATE } from './preset';
import { secondsOf } from '../../support/quantity';

/**
 * A Network Load Balancer of the AWS Load Balancer Controller, straight to the pods' addresses.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
 */
export interface AwsLoadBalancer {
  /** Who can reach it at all: `aws-load-balancer-scheme`. */
  readonly scheme: 'internal' | 'internet-facing';
  /** Ranges of the subnets that it is in: its health checks come from there, and the fence must let them in. */
  readonly subnets: readonly string[];
  /** Certificate in ACM: TLS ends in the load balancer, on port 443. @default - TLS ends in the pods */
  readonly certificateArn?: string;
  /**
   * What it speaks to the pods after that. A load balancer of this layer cannot say `X-Forwarded-Proto`: in clear text,
   * `tcp`, the application takes every request for `http` and must not force TLS. @default 'ssl', to the pods' own https
   */
  readonly backendProtocol?: 'ssl' | 'tcp';
  /** Silence after which it forgets a connection, 60 to 6000 seconds; one with TLS of ACM always has 350. @default - 350 seconds */
  readonly idleTimeout?: Duration;
}

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer';

/** The Service of a Network Load Balancer. */
export function awsPreset(scope: IConstruct, aws: AwsLoadBalancer, ports: readonly BalancedPort[], healthPort?: number): Preset {
  requireAws(scope, aws, ports);
  const checked = ports.some(({ protocol }) => protocol === 'UDP') ? healthPort : undefined;
  requireHealthPort(scope, ports, checked);
  const { scheme, subnets, certificateArn, backendProtocol = 'ssl', idleTimeout } = aws;
  const timed = ports.filter(({ port, protocol }) => protocol !== 'UDP' && (certificateArn === undefined || port !== 443));
  const clear = timed.map(({ port }) => port);
  const idle = idleTimeout && `tcp.idle_timeout.seconds=${secondsOf(idleTimeout)}`;
  return {
    annotations: {
      [`${PREFIX}-scheme`]: scheme,
      [`${PREFIX}-nlb-target-type`]: 'ip',
      // Without it the pods see the load balancer's address, and the source ranges do not hold.
      [`${PREFIX}-target-group-attributes`]: 'preserve_client_ip.enabled=true',
      ...(certificateArn === undefined ? {} : { [`${PREFIX}-ssl-cert`]: certificateArn, [`${PREFIX}-ssl-ports`]: '443' }),
      ...(certificateArn !== undefined && backendProtocol === 'ssl' ? { [`${PREFIX}-backend-protocol`]: 'ssl' } : {}),
      ...Object.fromEntries(idle ? clear.map((port) => [`${PREFIX}-listener-attributes.TCP-${port}`, idle]) : []),
      // It asks by TCP, and where it leads to by UDP nobody answers.
      ...(checked === undefined ? {} : { [`${PREFIX}-healthcheck-port`]: `${checked}` }),
    },
    // Pods are reached by their own addresses: no port of a node is opened.
    spec: { loadBalancerClass: 'service.k8s.aws/nlb', allocateLoadBalancerNodePorts: false },
    ports: certificateArn !== undefined && backendProtocol === 'tcp' ? [toClearText] : [],
    ownRanges: subnets,
    checked,
    namespaceLabels: READINESS_GATE,
  };
}

const toClearText: BalancedPort = { name: 'https', port: 443, targetPort: k8s.IntOrString.fromString('http') };

function requireHealthPort(scope: IConstruct, ports: readonly BalancedPort[], checked: number | undefined): void {
  if (checked !== undefined || !ports.some(({ protocol }) => protocol === 'UDP')) return;
  const must = 'be in front of pods with a TCP port, at which it asks whether they are well';
  const fix = 'give the application a port for its health: application.health.port';
  reject(scope, { prop: 'exposure.loadBalancer.cloud.aws', must, got: 'UDP alone', fix });
}

function requireAws(scope: IConstruct, aws: AwsLoadBalancer, ports: readonly BalancedPort[]): void {
  const at = 'exposure.loadBalancer.cloud.aws';
  const { subnets, certificateArn, backendProtocol = 'ssl', idleTimeout } = aws;
  if (subnets.length === 0) {
    reject(scope, {
      prop: `${at}.subnets`,
      must: 'name a range',
      got: subnets,
      fix: "write those of the load balancer's subnets",
    });
  }
  for (const subnet of subnets) requireCidr(scope, `${at}.subnets`, subnet);
  if (idleTimeout) {
    requireSeconds(scope, `${at}.idleTimeout`, idleTimeout, { minimum: 60, maximum: 6000, fix: 'omit it to use 350s' });
  }
  if (certificateArn === undefined) return;
  if (!/^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(certificateArn)) {
    const must = 'be the ARN of a certificate in ACM';
    const fix = 'write it as arn:aws:acm:eu-central-1:123456789012:certificate/...';
    reject(scope, { prop: `${at}.certificateArn`, must, got: certificateArn, fix });
  }
  const encrypted = ports.some(({ port }) => port === 443);
  if (encrypted === (backendProtocol === 'ssl')) return;
  const must = encrypted ? "be 'ssl' where the pods have https" : "be 'tcp' where the pods have no https";
  const fix = encrypted
    ? "remove it, or the release's 'https'"
    : "give the release 'https', or write 'tcp' and leave out force_ssl";
  reject(scope, { prop: `${at}.backendProtocol`, must, got: backendProtocol, fix });
}
