import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, namespaceOf, scalar } from '../world/values';
import { selectorMatches } from '../world/selectors';
import type { Pod } from '../world/pods';

/** A disruption budget that allows none keeps a node from ever being drained. */
export const drainable: Rule = {
  name: 'drainable',
  sentence: 'Every disruption budget lets a node take one pod.',
  why: 'Draining a node for its upgrade waits for ever, until someone deletes the budget or the pods by hand at night.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const { pods: workloads } = inventory;
    for (const object of inventory.ofKind('PodDisruptionBudget')) {
      const { maxUnavailable, minAvailable } = map(object.manifest['spec']);
      const fix = 'set maxUnavailable to 1 instead';
      if (/^0+%?$/.test(scalar(maxUnavailable) ?? '')) {
        yield { object, field: 'spec.maxUnavailable', must: 'be 1 or more', got: maxUnavailable, fix: 'set it to 1' };
      }
      const least = scalar(minAvailable);
      if (least === undefined) continue;
      const pods = budgeted(object, workloads);
      // What scales from nothing has one pod at times.
      const fewest =
        pods.length > 0
          ? Math.max(
              1,
              pods.reduce((sum, { replicas }) => sum + replicas.least, 0),
            )
          : 0;
      const kept = least.endsWith('%') ? Math.ceil((Number.parseFloat(least) / 100) * fewest) : Number(least);
      const blocks = pods.length > 0 ? kept >= fewest : least === '100%';
      if (!blocks) continue;
      const names = pods.map(({ name }) => name).join(' and ');
      const some = fewest === 1 ? `the only pod of ${names}` : `one of the ${fewest} pods of ${names}`;
      const must = `leave ${pods.length > 0 ? some : 'a pod'} to a drain`;
      yield {
        object,
        field: 'spec.minAvailable',
        must,
        got: minAvailable,
        fix: fewest === 1 ? 'remove it, or run two pods' : fix,
      };
    }
  },
};

/** The workloads whose pods are evicted one after the other under a budget. */
export function budgeted(budget: FinishedObject, workloads: readonly Pod[]): readonly Pod[] {
  const selector: unknown = map(budget.manifest['spec'])['selector'];
  if (selector === undefined) return [];
  const namespace = namespaceOf(budget.manifest);
  return workloads.filter(
    ({ kind, namespace: own, labels, task, replicas }) =>
      own === namespace && !task && kind !== 'DaemonSet' && replicas.most > 0 && selectorMatches(selector, labels),
  );
}
