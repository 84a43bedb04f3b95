import type { ApiObject } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { edit, type Manifest } from '../support/edit';
import { selector } from '../support/labels';

/**
 * What tells the pods of one roll-out from those before it. Counted together, old pods fill the places of those that they
 * make room for: the second of two new pods finds one pod on either node, and joins the first.
 */
export const ONE_ROLLOUT: readonly string[] = ['pod-template-hash'];

/**
 * Keeps the pods of one roll-out apart, softly: over nodes, then over zones. Nodes that have no label of a zone are passed
 * over by every constraint, so that the affinity alone counts there. Nodes are a constraint of their own, because before 1.31
 * the affinity does not tell roll-outs apart: see {@link spreadByAffinity}.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition
 */
export function spread(instance: string): Pick<k8s.PodSpec, 'affinity' | 'topologySpreadConstraints'> {
  const { affinity, over } = apart(instance);
  return { affinity, topologySpreadConstraints: [over(ZONE), over(NODE)].map(ofOneRollout) };
}

/** Keeps pods whose names stay apart: there is never a second of one, so all of them count. */
export function spreadNamed(instance: string): Pick<k8s.PodSpec, 'affinity' | 'topologySpreadConstraints'> {
  const { affinity, over } = apart(instance);
  return { affinity, topologySpreadConstraints: [over(ZONE)] };
}

function apart(instance: string) {
  const labelSelector = { matchLabels: selector(instance) };
  const podAffinityTerm = { topologyKey: NODE, labelSelector };
  const over = (topologyKey: string): k8s.TopologySpreadConstraint => {
    return { maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector };
  };
  return {
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] } },
    over,
  };
}

function ofOneRollout(constraint: k8s.TopologySpreadConstraint): k8s.TopologySpreadConstraint {
  return { ...constraint, matchLabelKeys: [...ONE_ROLLOUT] };
}

const NODE = 'kubernetes.io/hostname';
const ZONE = 'topology.kubernetes.io/zone';

/** What since 1.31 spreads pods better: the affinity tells roll-outs apart, and nodes need no constraint beside it. */
export function spreadByAffinity(manifest: Manifest): Manifest {
  const { spec } = manifest['spec'].template as Manifest;
  const constraints = spec.topologySpreadConstraints as Manifest[] | undefined;
  if (constraints) spec.topologySpreadConstraints = constraints.filter(({ topologyKey }) => topologyKey !== NODE);
  return countingOneRollout(manifest);
}

/** Adds the field where typed objects do not have it: in affinities, and in constraints of custom kinds. */
export function countOneRollout(target: ApiObject): void {
  edit(target, countingOneRollout);
}

function countingOneRollout(manifest: Manifest): Manifest {
  const { affinity, topologySpreadConstraints = [] } = manifest['spec'].template.spec as Manifest;
  const preferred = (affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) as Manifest[];
  const terms = preferred.map(({ podAffinityTerm }) => podAffinityTerm as Manifest);
  for (const term of [...terms, ...(topologySpreadConstraints as Manifest[])]) term['matchLabelKeys'] = [...ONE_ROLLOUT];
  return manifest;
}
