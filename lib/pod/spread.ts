import type { ApiObject } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { edit, type Manifest } from '../support/edit';
import { selector } from '../support/labels';
import { isAtLeast, type KubernetesVersion } from '../support/values';

/**
 * What tells the pods of one roll-out from those before it. Counted together, old pods fill the places of those that they
 * make room for: the second of two new pods finds one pod on either node, and joins the first.
 */
export const ONE_ROLLOUT: readonly string[] = ['pod-template-hash'];

/**
 * Keeps the pods of one roll-out apart, softly: over nodes, then over zones. Nodes that have no label of a zone are passed
 * over by every constraint, so that the affinity alone counts there; since 1.31 it tells roll-outs apart as well, and
 * until then nodes are a constraint of their own.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition
 */
export function spread(
  instance: string,
  kubernetes: KubernetesVersion,
): Pick<k8s.PodSpec, 'affinity' | 'topologySpreadConstraints'> {
  const labelSelector = { matchLabels: selector(instance) };
  const apart = { topologyKey: NODE, labelSelector };
  const over = (topologyKey: string): k8s.TopologySpreadConstraint => ({
    ...{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector, matchLabelKeys: [...ONE_ROLLOUT] },
  });
  return {
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: apart }] } },
    topologySpreadConstraints: isAtLeast(kubernetes, '1.31') ? [over(ZONE)] : [over(ZONE), over(NODE)],
  };
}

const NODE = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

/** Adds the field where typed objects do not have it: in affinities, and in constraints of custom kinds. */
export function countOneRollout(target: ApiObject): void {
  edit(target, (manifest) => {
    const { affinity, topologySpreadConstraints = [] } = manifest['spec'].template.spec as Manifest;
    const preferred = (affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) as Manifest[];
    const terms = preferred.map(({ podAffinityTerm }) => podAffinityTerm as Manifest);
    for (const term of [...terms, ...(topologySpreadConstraints as Manifest[])]) term['matchLabelKeys'] = [...ONE_ROLLOUT];
    return manifest;
  });
}
