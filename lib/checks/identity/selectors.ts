import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { CONTROLLERS, type SelectorAt, selectorMatches, selectorsOf, selectorText } from '../../model/selectors';
import { map, nameOf, namespaceOf, specOf } from '../../model/values';

export const selectorMatchesTemplate: Rule = {
  name: 'selector-matches-template',
  sentence: "A controller's selector finds the pods of its own template.",
  why: 'The API server refuses the controller, and what it should run does not run.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  *find(world) {
    const kinds: readonly string[] = CONTROLLERS;
    for (const { object, labels } of inventoryOf(world).pods.filter((pod) => kinds.includes(pod.kind))) {
      const selector = map(specOf(object)['selector']);
      const wanted = selectorText(selector);
      if (wanted !== '' && selectorMatches(selector, labels)) continue;
      const own = selectorText({ matchLabels: labels });
      const must = `find the labels of its own template, ${own || '(none)'}`;
      const missing = specOf(object)['selector'] === undefined && own !== '';
      const fix = missing ? 'write these labels into spec.selector.matchLabels' : 'make both from one map of labels';
      yield { object, field: 'spec.selector', must, got: wanted || undefined, fix };
    }
  },
};

/** Labels that change with a release. */
const CHANGING = /(?:^|\/)(?:version|helm\.sh\/chart|chart|pod-template-hash|controller-revision-hash)$/;

export const stableSelector: Rule = {
  name: 'stable-selector',
  sentence: 'No selector names a version.',
  why: 'The selector of a Deployment cannot change, so its next version is refused; that of a Service changes at once, before any new pod runs.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates',
  *find(world) {
    const inventory = inventoryOf(world);
    for (const { object, field, selector } of [...ofControllers(inventory), ...selectorsOf(inventory)]) {
      const key = Object.keys(map(selector['matchLabels'])).find((label) => CHANGING.test(label));
      const fix = 'drop it; select by app.kubernetes.io/instance alone';
      if (key !== undefined) yield { object, field, must: 'name no label that changes with a release', got: key, fix };
    }
  },
};

function ofControllers(inventory: Inventory): Pick<SelectorAt, 'object' | 'field' | 'selector'>[] {
  return inventory.ofKind(...CONTROLLERS).map((object) => {
    return { object, field: 'spec.selector', selector: map(specOf(object)['selector']) };
  });
}

export const oneOwner: Rule = {
  name: 'one-owner',
  sentence: 'A selector of a Service, a budget or a controller finds the pods of one owner.',
  why: 'A Service that also finds the pods of a Job sends requests to it, and a budget over two controllers lets one of them go.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  // A controller without a selector finds the pods of all.
  follows: ['selector-matches-template'],
  *find(world) {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('Service')) {
      const { selector, clusterIP } = specOf(object);
      const matchLabels = map(selector);
      // Nodes of one BEAM cluster may belong to several controllers; a headless Service lists them all.
      const found = owners(inventory, object, { matchLabels }).filter((owner) => clusterIP !== 'None' || isTask(owner));
      if (Object.keys(matchLabels).length > 0 && found.length > (clusterIP === 'None' ? 0 : 1)) yield tooMany(object, found);
    }
    for (const object of inventory.ofKind('PodDisruptionBudget')) {
      const found = owners(inventory, object);
      if (found.length > 1) yield tooMany(object, found);
    }
    for (const object of inventory.ofKind(...CONTROLLERS)) {
      const found = owners(inventory, object).filter((owner) => owner !== object && adopts(object, owner));
      // Pods of a Job stay its own: who asks by the selector, such as an autoscaler, counts them all the same.
      const severity = found.every(isTask) ? 'warning' : undefined;
      if (found.length > 0) yield { ...tooMany(object, [object, ...found]), severity };
    }
  },
};

function owners(inventory: Inventory, object: FinishedObject, selector: Manifest = map(specOf(object)['selector'])) {
  return [...new Set(inventory.select(selector, namespaceOf(object.manifest)).map((pod) => pod.object))];
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
