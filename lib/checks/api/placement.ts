import { isLabel, isQualifiedName } from '../../support/forms';
import { list, map, maps } from '../../model/values';
import { always, atLeast, between, each, filled, is, isGiven, notWith, onlyWith, text, where, type TypeRule } from './condition';

/** Which pods and nodes a pod is drawn to, and which it stays away from. */
export const affinityFields: TypeRule = {
  name: 'affinity-fields',
  sentence: 'The weight of a preferred affinity is from 1 to 100, and its topology is the key of a label.',
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity-weight',
  types: {
    'PreferredSchedulingTerm WeightedPodAffinityTerm': [is('weight', between(1, 100), 'write 100 for the strongest')],
    PodAffinityTerm: [
      where('topologyKey', 'be the key of a label', 'write kubernetes.io/hostname', text(isQualifiedName)),
      where('namespaces[]', 'be the name of a namespace', 'leave namespaces out for its own', text(isLabel)),
    ],
  },
};

/** Which tainted nodes a pod may run on. */
export const tolerations: TypeRule = {
  name: 'tolerations',
  sentence: "A toleration names a taint's key, or tolerates all with 'Exists', and then has no value.",
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#concepts',
  types: {
    Toleration: [
      always(
        'operator',
        "be 'Exists' where there is no key",
        'name the key of the taint',
        (got, { key = '' }) => key !== '' || got === 'Exists',
        (got) => got ?? 'Equal',
      ),
      where('key', 'be the key of a taint', 'write it as in example.com/dedicated', filled(isQualifiedName)),
      notWith('value', { operator: 'Exists' }, 'take it out'),
      onlyWith('tolerationSeconds', { effect: 'NoExecute' }, "write effect: 'NoExecute', or take it out"),
    ],
  },
};

/** How pods are spread over zones and nodes. */
export const topologySpread: TypeRule = {
  name: 'topology-spread',
  sentence: 'Spread constraints have a skew of 1 or more, and fields that fit together.',
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#spread-constraint-definition',
  types: {
    TopologySpreadConstraint: [
      is('maxSkew', atLeast(1), 'write 1'),
      is('minDomains', atLeast(1), 'write the number of zones, or leave it out'),
      where(
        'minDomains',
        'stand with whenUnsatisfiable: DoNotSchedule alone',
        'leave it out',
        (got, { whenUnsatisfiable }) => typeof got !== 'number' || got < 1 || whenUnsatisfiable === 'DoNotSchedule',
      ),
      each('matchLabelKeys', 'be keys of labels', 'write pod-template-hash', text(isQualifiedName)),
      where(
        'matchLabelKeys',
        'stand beside a labelSelector',
        'add the selector of the pods',
        (got, { labelSelector }) => list(got).length === 0 || isGiven(labelSelector),
      ),
      each(
        'matchLabelKeys',
        'name no label of labelSelector',
        'leave it in one of the two',
        (key, { labelSelector }) => !keysOf(labelSelector).includes(key),
      ),
    ],
  },
};

function keysOf(labelSelector: unknown): unknown[] {
  const { matchLabels, matchExpressions } = map(labelSelector);
  return [...Object.keys(map(matchLabels)), ...maps(matchExpressions).map(({ key }): unknown => key)];
}
