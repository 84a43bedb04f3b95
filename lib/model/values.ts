import type { Manifest } from '../support/edit';
import { map, maps } from '../support/is-map';
import type { FinishedObject } from './world';

export { map, maps };

/** The value as a list, empty where it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text of the YAML; undefined where something else stands there. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The texts of a list of the YAML, each at its index; empty ones where something else stands there. */
export function texts(value: unknown): string[] {
  return list(value).map((item) => text(item) ?? '');
}

/** A text, a number or a switch, as text: those that people write without quotes. */
export function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The scalars of a list as text, such as a command's words. */
export function scalars(value: unknown): readonly string[] {
  return list(value).map((item) => scalar(item) ?? '');
}

/** A number, or what Kubernetes takes where none is given. */
export function numberOr(otherwise: number, value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

/** Things by what they have in common, in the order in which they come. */
export function grouped<Key, One>(all: Iterable<One>, keyOf: (one: One) => Key): Map<Key, One[]> {
  const groups = new Map<Key, One[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}

/** Finds a number in a text where it is no part of a longer one. */
export function numberAlone(number: number): RegExp {
  return new RegExp(`(?<!\\d)${number}(?!\\d)`);
}

/** One step of a path: a key, and whether every item of the list there is meant. */
interface Step {
  readonly name: string;
  readonly each: boolean;
}

const steps = new Map<string, readonly Step[]>();

function stepsOf(path: string): readonly Step[] {
  const known = steps.get(path);
  if (known) return known;
  const read = path.split('.').map((step) => ({ name: step.replace('[]', ''), each: step.endsWith('[]') }));
  steps.set(path, read);
  return read;
}

/** The value below some keys, `securityContext.runAsUser`; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  let inner = value;
  for (const { name } of stepsOf(path)) inner = map(inner)[name] ?? undefined;
  return inner;
}

/** A value of the YAML and the field where it stands. */
export interface Place {
  readonly field: string;
  readonly value: unknown;
}

/**
 * The values at a path such as `spec.tls[].secretName`, where `[]` stands for every item of a list.
 *
 * @param at path of `manifest` itself, for the fields @default - an object's root
 */
export function placesOf(manifest: Manifest, path: string, at = ''): Place[] {
  const found: Place[] = [];
  const steps = stepsOf(path);
  if (leadsOn(steps[0], manifest)) collect(steps, 0, at, manifest, found);
  return found;
}

/** Goes on from a value that has the next step: what leads to nothing, as most does, needs no field. */
function collect(path: readonly Step[], index: number, field: string, value: unknown, found: Place[]): void {
  const step = path[index];
  if (!step) {
    found.push({ field, value });
    return;
  }
  const inner: unknown = map(value)[step.name];
  const own = field === '' ? step.name : `${field}.${step.name}`;
  const next = path[index + 1];
  if (step.each) list(inner).forEach((item, at) => leadsOn(next, item) && collect(path, index + 1, `${own}[${at}]`, item, found));
  else if (leadsOn(next, inner)) collect(path, index + 1, own, inner, found);
}

function leadsOn(next: Step | undefined, value: unknown): boolean {
  return next === undefined || (map(value)[next.name] ?? undefined) !== undefined;
}

/** A name: a text with something in it. */
export function nameIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The names of a list. */
export function namesIn(value: unknown): string[] {
  return list(value).flatMap((name) => nameIn(name) ?? []);
}

/** The name of an object. */
export function nameOf(manifest: Manifest): string | undefined {
  return nameIn(map(manifest['metadata'])['name']);
}

/** The namespace of an object; empty where it has none. */
export function namespaceOf(manifest: Manifest): string {
  return text(map(manifest['metadata'])['namespace']) ?? '';
}

/** The labels of an object. */
export function labelsOf({ metadata }: Manifest): Manifest {
  return map(map(metadata)['labels']);
}

/** The annotations of an object. */
export function annotationsOf({ metadata }: Manifest): Manifest {
  return map(map(metadata)['annotations']);
}

/** The spec of an object. */
export function specOf({ manifest }: FinishedObject): Manifest {
  return map(manifest['spec']);
}

/** Makes a reader that looks at each world, or each manifest, once and then remembers what it found. */
export function once<Subject extends object, Found>(read: (subject: Subject) => Found): (subject: Subject) => Found {
  const known = new WeakMap<Subject, { readonly found: Found }>();
  return (subject) => {
    const before = known.get(subject);
    if (before) return before.found;
    const found = read(subject);
    known.set(subject, { found });
    return found;
  };
}

/** The keys and indices that a field is made of: `data["LOG_LEVEL"]`. */
export function keysOf(field: string): string[] {
  return [...field.matchAll(/"([^"]*)"|[^.[\]"]+/g)].map(([whole, quoted]) => quoted ?? whole);
}
