import type { Manifest } from '../../support/edit';
import type { Fault } from '../each';
import { map, nameIn } from '../../model/values';
import { eachKept, groupKind, isSame } from './changes';
import { type Difference, FROZEN, type Frozen, RENAME } from './frozen-fields';

export const immutableFields = eachKept({
  name: 'immutable-fields',
  sentence: 'No change touches a field that the API server keeps as it was created.',
  why: 'kubectl apply stops at the object with "field is immutable", after those before it were changed.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates',
  *each({ object, before }) {
    const now = object.manifest;
    if (isMadeAnew(now)) return;
    const frozen = FROZEN[groupKind(now)];
    if (frozen) yield* changed(frozen, before, now);
    for (const part of groupKind(now) === 'Service' ? [address, balancer] : [data, strategy]) yield* part(before, now);
  },
});

/** Argo CD and Helm remove a hook before they make it again, and what gets its name when it is created is another object each time. */
export function isMadeAnew({ metadata }: Manifest): boolean {
  if (nameIn(map(metadata)['name']) === undefined) return true;
  const annotations = map(map(metadata)['annotations']);
  return annotations['argocd.argoproj.io/hook'] !== undefined || annotations['helm.sh/hook'] !== undefined;
}

function* changed(frozen: Frozen, before: Manifest, now: Manifest): Iterable<Fault> {
  const { within, fields, but = [], defaults = {}, kept = {}, fix, ways } = frozen;
  const [was, is] = within === '' ? [before, now] : [map(before[within]), map(now[within])];
  const names = fields ?? [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => !but.includes(name));
  for (const name of names) {
    const keep = kept[name] ?? ((value: unknown): unknown => value);
    const [old, given] = [keep(was[name], was), keep(is[name], was)];
    if (isSame(old ?? defaults[name], given ?? defaults[name])) continue;
    if (name === 'completions' && is['completionMode'] === 'Indexed' && is['completions'] === is['parallelism']) continue; // may be scaled
    const difference = firstDifference(old, given, within === '' ? name : `${within}.${name}`);
    const way = ways?.(difference, now) ?? { fix };
    yield { field: difference.path, must: `stay ${shown(difference.was)}`, got: difference.is, ...way };
  }
}

/** A headless Service has no address, and cannot get one later; an address cannot be taken away or changed. */
function* address(before: Manifest, now: Manifest): Iterable<Fault> {
  const [was, is] = [map(before['spec']), map(now['spec'])];
  if (was['type'] === 'ExternalName' || is['type'] === 'ExternalName') return;
  const [old, given] = [was['clusterIP'], is['clusterIP']];
  // Where none is written the server keeps the one that it chose.
  if (isSame(old, given) || (old !== 'None' && given !== 'None' && (isSame(old, undefined) || isSame(given, undefined)))) return;
  const fix = 'give the Service a new name, or delete it by hand first';
  yield { field: 'spec.clusterIP', must: `stay ${shown(old)}`, got: given, fix };
}

/** A load balancer stays with whoever made it. */
function* balancer(before: Manifest, now: Manifest): Iterable<Fault> {
  const [was, is] = [map(before['spec']), map(now['spec'])];
  if (was['type'] !== 'LoadBalancer' || is['type'] !== 'LoadBalancer') return;
  const [old, given] = [was['loadBalancerClass'], is['loadBalancerClass']];
  if (isSame(old, given)) return;
  const fix = 'delete the Service by hand first, which gives its address back';
  yield { field: 'spec.loadBalancerClass', must: `stay ${shown(old)}`, got: given, fix };
}

/** How a StatefulSet is updated has a part that the API server fills in, keeps, and takes with nothing but RollingUpdate. */
function* strategy(before: Manifest, now: Manifest): Iterable<Fault> {
  if (groupKind(now) !== 'apps/StatefulSet') return;
  const [was, is] = [map(map(before['spec'])['updateStrategy']), map(map(now['spec'])['updateStrategy'])];
  if (is['type'] !== 'OnDelete' || was['type'] === 'OnDelete' || was['rollingUpdate'] || is['rollingUpdate'] === null) return;
  const fix = 'write "rollingUpdate: null" beside it, which takes away what the API server has filled in';
  yield { field: 'spec.updateStrategy.type', must: 'stay "RollingUpdate"', got: is['type'], fix };
}

function* data(before: Manifest, now: Manifest): Iterable<Fault> {
  const kind = groupKind(now);
  if ((kind !== 'ConfigMap' && kind !== 'Secret') || before['immutable'] !== true) return;
  if (now['immutable'] !== true) yield { field: 'immutable', must: 'stay true', got: now['immutable'], fix: RENAME };
  const secret = kind === 'Secret';
  for (const field of secret ? ['data'] : ['data', 'binaryData']) {
    const [was, is] = secret ? [keptSecret(before), keptSecret(now)] : [map(before[field]), map(now[field])];
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (isSame(was[key], is[key])) continue;
      const got: unknown = secret ? 'another value' : is[key];
      const must = 'stay as it is: the object is immutable';
      const written = [now, before].some(({ stringData }) => key in map(stringData)) ? 'stringData' : field;
      yield { field: `${written}["${key}"]`, must, got, fix: 'append a hash of the data to the name' };
    }
  }
}

/** The data of a Secret as the API server keeps them, whichever way they were written. */
function keptSecret({ data: encoded, stringData }: Manifest): Manifest {
  const plain = Object.entries(map(stringData)).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  return { ...map(encoded), ...Object.fromEntries(plain) };
}

/** Goes down to the first value that differs, so that the sentence shows it and not the whole template. */
function firstDifference(was: unknown, is: unknown, path: string): Difference {
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) return { path, was, is };
  const list = Array.isArray(was) && Array.isArray(is);
  const [left, right] = [was as Manifest, is as Manifest];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const key = keys.find((name) => !isSame(left[name], right[name]));
  if (key === undefined) return { path, was, is };
  const step = list ? `[${key}]` : /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`;
  return firstDifference(left[key], right[key], path + step);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'out';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
