import type { Finding, Rule, World } from '../rule';
import { NEIGHBOURS, placesInPod, POD_AFFINITIES, PREFERRED } from '../world/pods';
import { isLabel, isQualifiedName } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { isBelow } from './numbers';

const WEIGHTS = ['affinity.nodeAffinity', ...POD_AFFINITIES].map((kind) => `${kind}.${PREFERRED}.weight`);

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
      for (const { field, value } of NEIGHBOURS.flatMap((path) => placesInPod(pod, `${path}.topologyKey`))) {
        if (typeof value !== 'string' || isQualifiedName(value)) continue;
        yield { object, field, must: 'be the key of a label', got: value, fix: 'write kubernetes.io/hostname' };
      }
      for (const { field, value } of NEIGHBOURS.flatMap((path) => placesInPod(pod, `${path}.namespaces[]`))) {
        if (typeof value !== 'string' || isLabel(value)) continue;
        yield { object, field, must: 'be the name of a namespace', got: value, fix: 'leave namespaces out for its own' };
      }
    }
  },
};
