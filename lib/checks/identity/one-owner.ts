import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, nameOf, namespaceOf } from '../world/values';
import { CONTROLLERS } from '../world/selectors';

/** Labels that are shared too widely are the quietest way to send users to a migration. */
export const oneOwner: Rule = {
  name: 'one-owner',
  sentence: 'A selector of a Service, a budget or a controller finds the pods of one owner.',
  why: 'A Service that also finds the pods of a Job sends requests to it, and a budget over two controllers lets one of them go.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  // A controller without a selector finds the pods of all.
  follows: ['selector-matches-template'],
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('Service')) {
      const { selector, clusterIP } = map(object.manifest['spec']);
      const matchLabels = map(selector);
      // Nodes of one BEAM cluster may belong to several controllers; a headless Service lists them all.
      const found = owners(inventory, object, { matchLabels }).filter((owner) => clusterIP !== 'None' || isTask(owner));
      if (Object.keys(matchLabels).length > 0 && found.length > (clusterIP === 'None' ? 0 : 1)) yield tooMany(object, found);
    }
    for (const object of inventory.ofKind('PodDisruptionBudget')) {
      const found = owners(inventory, object, map(map(object.manifest['spec'])['selector']));
      if (found.length > 1) yield tooMany(object, found);
    }
    for (const object of inventory.ofKind(...CONTROLLERS)) {
      const found = owners(inventory, object, map(map(object.manifest['spec'])['selector']))
        .filter((owner) => owner !== object)
        .filter((owner) => adopts(object, owner));
      // Pods of a Job stay its own: who asks by the selector, such as an autoscaler, counts them all the same.
      const severity = found.every(isTask) ? 'warning' : undefined;
      if (found.length > 0) yield { ...tooMany(object, [object, ...found]), severity };
    }
  },
};

function owners(inventory: Inventory, { manifest }: FinishedObject, selector: Manifest): FinishedObject[] {
  const pods = inventory.select(selector, namespaceOf(manifest));
  return [...new Set(pods.map(({ object }) => object))];
}

/** Pods of a Deployment have a hash as a label, and those of a StatefulSet a number in the name: a Pod of its own has neither. */
function adopts(controller: FinishedObject, { manifest }: FinishedObject): boolean {
  return manifest['kind'] !== 'Pod' || !BY_NAME.has(controller.manifest['kind']);
}

const BY_NAME: ReadonlySet<unknown> = new Set(['Deployment', 'StatefulSet']);

function isTask({ manifest }: FinishedObject): boolean {
  return manifest['kind'] === 'Job' || manifest['kind'] === 'CronJob';
}

function tooMany(object: FinishedObject, found: readonly FinishedObject[]): Finding {
  const got = found.map(({ manifest }) => `${manifest['kind']} ${nameOf(manifest)}`).join(', ');
  const fix = 'select by a label that the pods of no other have, such as app.kubernetes.io/instance';
  return { object, field: 'spec.selector', must: 'find the pods of one controller, and of no Job', got, fix };
}
