import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nameOf, namespaceOf, specOf } from '../world/values';

/** Kubernetes answers an eviction with an error where it does not know which budget to ask. */
export const oneBudget: Rule = {
  name: 'one-budget',
  sentence: 'No pod is under two disruption budgets.',
  why: 'Every eviction of the pod is answered with an error, and a node that it runs on is never drained.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const kept = new Map<FinishedObject, FinishedObject>();
    for (const object of inventory.ofKind('PodDisruptionBudget')) {
      const { selector } = specOf(object);
      // Without a selector it is for no pod; an empty one is for all.
      if (typeof selector !== 'object' || selector === null) continue;
      const owners = new Set(inventory.select(selector, namespaceOf(object.manifest)).map((pod) => pod.object));
      for (const owner of owners) {
        const first = kept.get(owner) ?? ownBudget(owner);
        if (!first) kept.set(owner, object);
        else {
          const whose = `${String(owner.manifest['kind'])} ${nameOf(owner.manifest)}`;
          const other = first === owner ? 'which its operator gives a budget' : `which [${first.construct.node.path}] is for`;
          const fix = first === owner ? 'remove it, or set enablePDB to false' : 'keep one of the two, or select other pods';
          yield {
            object,
            field: 'spec.selector',
            must: `not find the pods of ${whose}, ${other}`,
            got: nameOf(object.manifest),
            fix,
          };
          break;
        }
      }
    }
  },
};

/** CloudNativePG makes budgets for its instances, unless it is told not to. */
function ownBudget(owner: FinishedObject): FinishedObject | undefined {
  const { kind } = owner.manifest;
  return kind === 'Cluster' && specOf(owner)['enablePDB'] !== false ? owner : undefined;
}
