import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nameIn, nameOf, specOf } from '../world/objects';
import { placesInPod, type Pod } from '../world/pods';
import { maps } from '../world/values';
import { dangling, type Reference } from './references';

/** The claims that a pod mounts. */
export function claimsOf(pod: Pod): Reference[] {
  return placesInPod(pod, 'volumes[].persistentVolumeClaim.claimName').flatMap(({ field, value }) => {
    const name = nameIn(value);
    const { object, namespace } = pod;
    return name === undefined || isTemplate(field, pod)
      ? []
      : [{ object, field, kind: 'PersistentVolumeClaim', name, namespace }];
  });
}

/** A claim template of a StatefulSet takes the place of the volume of its name. */
function isTemplate(field: string, { object, spec }: Pod): boolean {
  const index = Number(/volumes\[(\d+)\]/.exec(field)?.[1]);
  const volume = maps(spec['volumes'])[index]?.['name'];
  return maps(specOf(object)['volumeClaimTemplates']).some((claim) => nameOf(claim) === volume);
}

/** A pod waits for its volumes for ever. */
export const claimExists: Rule = {
  name: 'claim-exists',
  sentence: 'Every PersistentVolumeClaim that a pod mounts exists.',
  why: 'The scheduler leaves the pod Pending until somebody makes the claim.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    yield* dangling(inventory.pods.flatMap(claimsOf), inventory);
  },
};
