import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nameIn } from '../world/objects';
import { placesInPod } from '../world/pods';
import { dangling } from './references';

/** A pod waits for its volumes for ever. */
export const claimExists: Rule = {
  name: 'claim-exists',
  sentence: 'Every PersistentVolumeClaim that a pod mounts exists.',
  why: 'The scheduler leaves the pod Pending until somebody makes the claim.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const wanted = inventory.pods.flatMap((pod) =>
      placesInPod(pod, 'volumes[].persistentVolumeClaim.claimName').flatMap(({ field, value }) => {
        const name = nameIn(value);
        return name === undefined
          ? []
          : [{ object: pod.object, field, kind: 'PersistentVolumeClaim', name, namespace: pod.namespace }];
      }),
    );
    yield* dangling(wanted, inventory);
  },
};
