import type { Finding, FinishedObject, Rule, World } from '../rule';
import { NEIGHBOURS, placesInPod, type Pod, podMetadata } from '../world/pods';
import { isLabelValue, isQualifiedName } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { isBuiltIn } from '../world/kinds';
import { CONTROLLERS, selectorsOf } from '../world/selectors';
import { map, type Place, placesOf } from '../world/values';

const KEY_WORDS = "have a key of at most 63 letters, digits, '-', '_' and '.', after a DNS name and a '/' where it has a prefix";
const VALUE_WORDS = "be a text of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";

/** Versions, branches and commits become labels, and few of them are made for it. */
export const validLabels: Rule = {
  name: 'valid-labels',
  sentence: 'Every label and every key of an annotation is valid.',
  why: 'A version such as 1.4.2+build.7, or a branch with a slash, has the object refused in the middle of an apply.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const valid = { keys: new Set<string>(), values: new Set<unknown>() };
    for (const object of world.objects) {
      const { labels, annotations } = map(object.manifest['metadata']);
      yield* ofLabels(object, 'metadata.labels', labels, valid);
      // Of the kinds of Kubernetes, another rule says what is no text.
      const others = isBuiltIn(object.manifest) ? [] : Object.entries(map(annotations));
      for (const [key, value] of others.filter(([, one]) => typeof one !== 'string')) {
        const fix = 'write it in quotes';
        yield { object, field: `metadata.annotations["${key}"]`, must: 'be a text', got: value, fix };
      }
      // Keys of annotations may be in upper case before the slash, too.
      for (const key of Object.keys(map(annotations)).filter((one) => !isQualifiedName(one.toLowerCase()))) {
        yield { object, field: 'metadata.annotations', must: KEY_WORDS, got: key, fix: 'rename the annotation' };
      }
    }
    for (const pod of inventory.pods) {
      const { object, path, labels } = pod;
      if (path !== 'spec') yield* ofLabels(object, path.replace(/spec$/, 'metadata.labels'), labels, valid);
      const { path: about, metadata } = podMetadata(pod);
      const odd =
        path === 'spec' ? [] : Object.keys(map(metadata['annotations'])).filter((key) => !isQualifiedName(key.toLowerCase()));
      for (const key of odd)
        yield { object, field: `${about}.annotations`, must: KEY_WORDS, got: key, fix: 'rename the annotation' };
      for (const { field, value } of scheduling(pod)) yield* ofLabels(object, field, value, valid);
    }
    for (const object of inventory.ofKind(...CONTROLLERS)) {
      const { matchLabels } = map(map(object.manifest['spec'])['selector']);
      yield* ofLabels(object, 'spec.selector.matchLabels', matchLabels, valid);
    }
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
  const { affinity, nodeSelector, topologySpreadConstraints } = pod.spec;
  const paths = [
    ...(nodeSelector === undefined ? [] : ['nodeSelector']),
    ...(topologySpreadConstraints === undefined ? [] : ['topologySpreadConstraints[].labelSelector.matchLabels']),
    ...(affinity === undefined ? [] : NEAR),
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
