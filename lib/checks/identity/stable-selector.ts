import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, namespaceOf } from '../world/values';
import { CONTROLLERS, type SelectorAt, selectorsOf } from '../world/selectors';

/** Labels that change with a release. */
const CHANGING = /(?:^|\/)(?:version|helm\.sh\/chart|chart|pod-template-hash|controller-revision-hash)$/;

/** What changes with every release has no place in what must never change. */
export const stableSelector: Rule = {
  name: 'stable-selector',
  sentence: 'No selector names a version.',
  why: 'The selector of a Deployment cannot change, so its next version is refused; that of a Service changes at once, before any new pod runs.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const { object, field, selector } of [...ofControllers(inventory), ...selectorsOf(inventory)]) {
      const key = Object.keys(map(selector['matchLabels'])).find((label) => CHANGING.test(label));
      if (key === undefined) continue;
      const fix = 'drop it; select by app.kubernetes.io/instance alone';
      yield { object, field, must: 'name no label that changes with a release', got: key, fix };
    }
  },
};

function ofControllers(inventory: Inventory): SelectorAt[] {
  return inventory.ofKind(...CONTROLLERS).map((object) => {
    const { selector } = map(object.manifest['spec']);
    const namespace = namespaceOf(object.manifest);
    return { object, field: 'spec.selector', selector: map(selector), namespace, finds: 'Pod' };
  });
}
