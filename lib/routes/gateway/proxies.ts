import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { PhoenixRelease } from '../../constructs/phoenix-release';
import { declare } from '../../support/declare';
import type { Peer } from '../../support/network';
import { OptOut } from '../../support/opt-out';

/** Lets someone from outside connect to the web pods of some releases, on each port that they answer on. */
export function admit(
  scope: Construct,
  releases: readonly PhoenixRelease[],
  visitor: { readonly peer: Peer; readonly meshed?: boolean },
): void {
  for (const { application, https } of releases) {
    for (const port of [application.port, ...(https ? [https.port] : [])]) {
      declare(scope, { visitors: [{ pods: application.name, port, ...visitor }] });
    }
  }
}

/**
 * Lets in and out the proxies that an implementation starts beside their Gateway, which a fence would close, lets them
 * reach the pods, and has the quota count their load balancer. Their label is that of the Gateway API.
 */
export function openProxies(
  scope: Construct,
  { name, labels }: { name: string; labels: Record<string, string> },
  releases: readonly PhoenixRelease[],
  { meshed, ports }: { meshed: boolean; ports: number },
): k8s.KubeNetworkPolicy {
  const { namespace = 'default' } = Chart.of(scope);
  admit(scope, releases, { peer: { namespace }, meshed });
  declare(scope, { proxies: [{ gateway: name, meshed, ports }] });
  const policy = new k8s.KubeNetworkPolicy(scope, 'Proxies', {
    metadata: { name: `${name}-gateway`, labels },
    spec: {
      podSelector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{}],
      egress: [{}],
    },
  });
  const optOut = OptOut.because('the controller of the Gateway makes these pods');
  declare(scope, { leftOut: [{ rule: 'selector-finds-pods', optOut, target: policy }] });
  return policy;
}
