import type { IConstruct } from 'constructs';
import { requireKubernetes } from './values';
import { KUBERNETES_VERSIONS, type KubernetesVersion } from './kubernetes-versions';

/** Under which an App's metadata has its Kubernetes. */
const KUBERNETES = 'cdk8s-phoenix/kubernetes';

/**
 * The oldest Kubernetes that an App's objects are applied to: said once, for all of them. It may be said after a construct was
 * made, so what depends on it is found out when the object is rendered.
 */
export function kubernetesOf({ node: { root } }: IConstruct): KubernetesVersion {
  const said = root.node.metadata.findLast(({ type }) => type === KUBERNETES);
  return (said?.data as KubernetesVersion | undefined) ?? KUBERNETES_VERSIONS[0];
}

/** Says which Kubernetes it is; one that is not known is refused, and counts as the nearest. */
export function sayKubernetes({ node: { root } }: IConstruct, version: KubernetesVersion): void {
  requireKubernetes(root, version);
  root.node.addMetadata(KUBERNETES, version);
}
