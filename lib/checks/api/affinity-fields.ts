import type { Finding, Rule, World } from '../rule';
import { isQualifiedName } from '../world/forms';
import { inventoryOf } from '../world/inventory';
import { placesInPod } from '../world/pods';
import { isBelow } from './numbers';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution[]';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution[]';
const PODS = ['podAffinity', 'podAntiAffinity'];
const WEIGHTS = ['nodeAffinity', ...PODS].map((kind) => `affinity.${kind}.${PREFERRED}.weight`);
const TOPOLOGIES = PODS.flatMap((kind) =>
  [REQUIRED, `${PREFERRED}.podAffinityTerm`].map((term) => `affinity.${kind}.${term}.topologyKey`),
);

/** Which pods and nodes a pod is drawn to, and which it stays away from. */
export const affinityFields: Rule = {
  name: 'affinity-fields',
  sentence: 'The weight of a preferred affinity is from 1 to 100, and its topology is the key of a label.',
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity-weight',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      const { object, spec } = pod;
      if (spec['affinity'] === undefined) continue;
      for (const { field, value } of WEIGHTS.flatMap((path) => placesInPod(pod, path))) {
        if (!isBelow(value, 1) && !(typeof value === 'number' && value > 100)) continue;
        yield { object, field, must: 'be from 1 to 100', got: value, fix: 'write 100 for the strongest' };
      }
      for (const { field, value } of TOPOLOGIES.flatMap((path) => placesInPod(pod, path))) {
        if (typeof value !== 'string' || isQualifiedName(value)) continue;
        yield { object, field, must: 'be the key of a label', got: value, fix: 'write kubernetes.io/hostname' };
      }
    }
  },
};
