import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { placesInPod } from '../world/pods';
import { isBelow } from './numbers';

const PREFERENCES = ['nodeAffinity', 'podAffinity', 'podAntiAffinity'].map(
  (kind) => `affinity.${kind}.preferredDuringSchedulingIgnoredDuringExecution[].weight`,
);

/** How much a preference of the scheduler counts. */
export const affinityWeights: Rule = {
  name: 'affinity-weights',
  sentence: 'The weight of a preferred affinity is from 1 to 100.',
  why: 'The API server refuses the pod template, with the whole Deployment.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity-weight',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      if (pod.spec['affinity'] === undefined) continue;
      for (const { field, value } of PREFERENCES.flatMap((path) => placesInPod(pod, path))) {
        if (!isBelow(value, 1) && !(typeof value === 'number' && value > 100)) continue;
        yield { object: pod.object, field, must: 'be from 1 to 100', got: value, fix: 'write 100 for the strongest' };
      }
    }
  },
};
