import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nameIn } from '../world/values';
import { dangling } from './references';

/** Classes belong to the whole cluster, so an environment mostly declares them. */
export const priorityClassExists: Rule = {
  name: 'priority-class-exists',
  sentence: 'Every PriorityClass that a pod names exists.',
  why: 'Admission refuses pods of an unknown class, so the Deployment stands there and no pod is ever created.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#pod-priority',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const wanted = inventory.pods.flatMap(({ object, path, spec }) => {
      const name = nameIn(spec['priorityClassName']);
      // system-cluster-critical and system-node-critical are in every cluster.
      if (name === undefined || name.startsWith('system-')) return [];
      return [{ object, field: `${path}.priorityClassName`, kind: 'PriorityClass', name, namespace: '' }];
    });
    yield* dangling(wanted, inventory);
  },
};
