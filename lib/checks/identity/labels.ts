import type { Manifest } from '../../support/edit';
import { isLabelValue, isQualifiedName } from '../../support/forms';
import { eachObject } from '../each';
import type { Finding, FinishedObject, Rule } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { isBuiltIn } from '../world/kinds';
import { NEIGHBOURS, placesInPod, type Pod, podMetadata } from '../world/pods';
import { CONTROLLERS, type SelectorAt, selectorMatches, selectorsOf, selectorText } from '../world/selectors';
import { annotationsOf, labelsOf, map, nameOf, namespaceOf, type Place, placesOf, specOf, text, valueAt } from '../world/values';

const KEY_WORDS = "have a key of at most 63 letters, digits, '-', '_' and '.', after a DNS name and a '/' where it has a prefix";
const VALUE_WORDS = "be a text of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";

export const validLabels: Rule = {
  name: 'valid-labels',
  sentence: 'Every label and every key of an annotation is valid.',
  why: 'A version such as 1.4.2+build.7, or a branch with a slash, has the object refused in the middle of an apply.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set',
  *find(world) {
    const inventory = inventoryOf(world);
    const valid = { keys: new Set<string>(), values: new Set<unknown>() };
    for (const object of world.objects) {
      const annotations = annotationsOf(object.manifest);
      yield* ofLabels(object, 'metadata.labels', labelsOf(object.manifest), valid);
      // Of the kinds of Kubernetes, another rule says what is no text.
      const others = isBuiltIn(object.manifest) ? [] : Object.entries(annotations);
      for (const [key, got] of others.filter(([, one]) => typeof one !== 'string'))
        yield { object, field: `metadata.annotations["${key}"]`, must: 'be a text', got, fix: 'write it in quotes' };
      yield* ofAnnotations(object, 'metadata.annotations', annotations);
    }
    for (const pod of inventory.pods) {
      const { object, labels } = pod;
      const { path, metadata } = podMetadata(pod);
      if (path !== 'metadata') {
        yield* ofLabels(object, `${path}.labels`, labels, valid);
        yield* ofAnnotations(object, `${path}.annotations`, annotationsOf({ metadata }));
      }
      for (const { field, value } of scheduling(pod)) yield* ofLabels(object, field, value, valid);
    }
    for (const object of inventory.ofKind(...CONTROLLERS))
      yield* ofLabels(object, 'spec.selector.matchLabels', valueAt(object.manifest, 'spec.selector.matchLabels'), valid);
    for (const { object, field, selector } of selectorsOf(inventory))
      yield* ofLabels(object, field, selector['matchLabels'], valid);
    for (const object of inventory.ofKind('NetworkPolicy')) {
      for (const { field, value } of NAMESPACES.flatMap((path) => placesOf(object.manifest, path)))
        yield* ofLabels(object, field, value, valid);
    }
  },
};

/** Where a NetworkPolicy chooses namespaces. */
const NAMESPACES = ['ingress[].from[]', 'egress[].to[]'].map((peers) => `spec.${peers}.namespaceSelector.matchLabels`);

/** Where a pod chooses its neighbours, or their namespaces. */
const NEAR = NEIGHBOURS.flatMap((term) => ['labelSelector', 'namespaceSelector'].map((one) => `${term}.${one}.matchLabels`));

/** The labels by which the scheduler places a pod. */
function scheduling(pod: Pod): Place[] {
  const paths = [
    'nodeSelector',
    'topologySpreadConstraints[].labelSelector.matchLabels',
    ...(pod.spec['affinity'] === undefined ? [] : NEAR),
  ];
  return paths.flatMap((path) => placesInPod(pod, path));
}

/** The objects of an environment share most of their labels, so each is judged once. */
interface Valid {
  readonly keys: Set<string>;
  readonly values: Set<unknown>;
}

function* ofLabels(object: FinishedObject, field: string, labels: unknown, valid: Valid): Iterable<Finding> {
  const mapping = map(labels);
  for (const key in mapping) {
    const value: unknown = mapping[key];
    const keyFits = valid.keys.has(key) || isQualifiedName(key);
    const valueFits = valid.values.has(value) || fits(value, object);
    if (keyFits) valid.keys.add(key);
    if (valueFits && typeof value === 'string') valid.values.add(value);
    if (!keyFits) yield { object, field, must: KEY_WORDS, got: key, fix: 'rename the label' };
    const fix = 'shorten it, or replace what is not allowed; an annotation may hold any text';
    if (!valueFits) yield { object, field: `${field}["${key}"]`, must: VALUE_WORDS, got: value, fix };
  }
}

/** Of the kinds of Kubernetes, another rule says what is no text. */
function fits(value: unknown, { manifest }: FinishedObject): boolean {
  return typeof value === 'string' ? isLabelValue(value) : isBuiltIn(manifest);
}

/** Keys of annotations may be in upper case before the slash, too. */
function* ofAnnotations(object: FinishedObject, field: string, annotations: object): Iterable<Finding> {
  for (const key of Object.keys(annotations).filter((one) => !isQualifiedName(one.toLowerCase())))
    yield { object, field, must: KEY_WORDS, got: key, fix: 'rename the annotation' };
}

/** The API server's limit for all keys and values of one object. */
const MOST = 256 * 1024;

export const annotationsFit = eachObject({
  name: 'annotations-fit',
  sentence: 'The annotations of an object have at most 256 KiB together.',
  why: 'The object is refused in the middle of an apply, and what comes after it never reaches the cluster.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/',
  *each({ manifest }) {
    // What is no text is refused by another rule.
    const written = Object.entries(annotationsOf(manifest)).flatMap(([key, value]) => [key, text(value) ?? '']);
    const size = Buffer.byteLength(written.join(''));
    const fix = 'move the text into a ConfigMap';
    if (size > MOST)
      yield { field: 'metadata.annotations', must: `have at most ${MOST} bytes together`, got: `${size} bytes`, fix };
  },
});

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
