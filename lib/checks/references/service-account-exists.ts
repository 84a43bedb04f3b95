import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { maps, nameIn, namespaceOf } from '../world/values';
import { dangling, type Reference } from './references';

/** The API server creates no pod for an account that is missing. */
export const serviceAccountExists: Rule = {
  name: 'service-account-exists',
  sentence: 'Every ServiceAccount that a pod or a binding names exists.',
  why: 'Pods of an unknown account are refused, which only the events of their ReplicaSet say, and its bindings grant nothing.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    // Every namespace has the account `default`.
    const wanted = [...accounts(inventory)].filter(({ name }) => name !== 'default');
    yield* dangling(wanted, inventory);
  },
};

function* accounts(inventory: Inventory): Iterable<Reference> {
  const kind = 'ServiceAccount';
  for (const { object, namespace, path, spec } of inventory.pods) {
    const name = nameIn(spec['serviceAccountName']);
    if (name !== undefined) yield { object, field: `${path}.serviceAccountName`, kind, name, namespace };
  }
  for (const object of inventory.ofKind('RoleBinding', 'ClusterRoleBinding')) {
    for (const [index, subject] of maps(object.manifest['subjects']).entries()) {
      const name = nameIn(subject['name']);
      const namespace = nameIn(subject['namespace']) ?? namespaceOf(object.manifest);
      if (subject['kind'] === kind && name !== undefined)
        yield { object, field: `subjects[${index}].name`, kind, name, namespace };
    }
  }
}
