import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { type SelectorAt, selectorsOf, selectorText } from '../../model/selectors';
import { either, leftOut, remedy } from '../../model/remedy';

/** A selector that finds nothing is no error anywhere, and that is the trouble. */
export const selectorFindsPods: Rule = {
  name: 'selector-finds-pods',
  sentence: 'Every selector of a Service, a budget, a policy or a monitor finds something.',
  why: 'The Service has no endpoints, the budget keeps no pod, the policy opens no way: each is accepted and does nothing.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const at of selectorsOf(inventory)) {
      const { object, field, selector, finds } = at;
      // An empty one finds all there is.
      if (found(at, inventory)) continue;
      const wanted = selectorText(selector);
      if (wanted === '') continue;
      const must = finds === 'Pod' ? 'find pods' : 'find Services';
      const labels = finds === 'Pod' ? 'the labels of a pod template' : 'the labels of a Service';
      const operators = either(`say so: ${leftOut('selector-finds-pods').fix}`, 'leave the rule out here');
      const way = remedy`write ${labels}; where an operator makes the pods, ${operators}`;
      // Where no pods at all are of this YAML, somebody else makes them.
      const isElsewhere = finds === 'Pod' && inventory.pods.every(({ namespace }) => namespace !== at.namespace);
      yield { object, field, must, got: wanted, ...way, severity: isElsewhere ? 'warning' : undefined };
    }
  },
};

function found({ selector, namespace, finds }: SelectorAt, inventory: Inventory): boolean {
  const all = finds === 'Pod' ? inventory.select(selector, namespace) : inventory.selectServices(selector, namespace);
  return all.length > 0;
}
