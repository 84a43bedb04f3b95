import { isLabelValue, isQualifiedName } from '../../support/forms';
import { eachObject } from '../each';
import type { Finding, FinishedObject, Rule } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { isBuiltIn } from '../../model/kinds';
import { NEIGHBOURS, placesInPod, type Pod, podMetadata } from '../../model/pods';
import { CONTROLLERS, selectorsOf } from '../../model/selectors';
import { annotationsOf, labelsOf, map, type Place, placesOf, text, valueAt } from '../../model/values';

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
