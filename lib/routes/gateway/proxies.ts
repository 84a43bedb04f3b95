import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { PhoenixRelease } from '../../constructs/phoenix-release';
import { factsOf } from '../../support/facts';
import { OptOut } from '../../support/opt-out';

/**
 * Lets in and out the proxies that an implementation starts beside their Gateway, which a fence would close, and lets them
 * reach the pods. Their label is that of the Gateway API.
 */
export function openProxies(
  scope: Construct,
  { name, labels }: { name: string; labels: Record<string, string> },
  releases: readonly PhoenixRelease[],
): k8s.KubeNetworkPolicy {
  const { namespace } = Chart.of(scope);
  const { visitors, leftOut } = factsOf(scope);
  for (const { application } of releases) {
    visitors.push({ pods: application.name, port: application.port, peer: { namespace: namespace ?? 'default' } });
  }
  const policy = new k8s.KubeNetworkPolicy(scope, 'Proxies', {
    metadata: { name: `${name}-gateway`, labels },
    spec: {
      podSelector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': name } },
      policyTypes: ['Ingress', 'Egress'],
      ...{ ingress: [{}], egress: [{}] },
    },
  });
  const optOut = OptOut.because('the controller of the Gateway makes these pods');
  leftOut.push({ rule: 'selector-finds-pods', optOut, target: policy });
  return policy;
}
