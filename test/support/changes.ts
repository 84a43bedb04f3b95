import { definitionOf, type Definition, type Field, type Value } from '../../lib/schema/fields';
import type { Manifest } from '../../lib/index';

/** A change that somebody might make to an object by hand, good or bad. */
export interface Change {
  /** What changes, and to what: `spec.replicas -1`. */
  readonly what: string;
  readonly changed: Manifest;
}

type Path = readonly (string | number)[];

const TEXTS = ['', 'x', 'x y', 'UPPER_case!', '-5', '0', '7Gi', '150%', '10.0.0.1', '/a/../b', 'x'.repeat(300)];
const NUMBERS = [-1, 0, 1, 1.5, 101, 70000, 4e9];

/** Every change of one field of an object: another value, none, and fields that it did not have. */
export function* changesOf(manifest: Manifest): Iterable<Change> {
  const top = definitionOf(manifest['apiVersion'], manifest['kind']);
  if (!top) return;
  for (const { path, value } of valuesIn(manifest, [])) {
    if (path.length === 0 || (path.length === 1 && ['apiVersion', 'kind'].includes(String(path[0])))) continue;
    yield { what: `${path.join('.')} taken out`, changed: at(manifest, path, undefined) };
    for (const other of othersFor(value)) yield { what: `${path.join('.')} ${shown(other)}`, changed: at(manifest, path, other) };
  }
  for (const { of, path, value } of nodesIn(top, manifest, [])) {
    for (const [name, field] of of.fields) {
      if (value[name] !== undefined || name === 'status' || path.at(-1) === 'metadata') continue;
      const place = [...path, name];
      for (const added of samplesOf(field))
        yield { what: `${place.join('.')} ${shown(added)}`, changed: at(manifest, place, added) };
    }
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 40);
}

/** A copy with another value at a path; without the field where that is undefined. */
function at(manifest: Manifest, path: Path, value: unknown): Manifest {
  const copy = structuredClone(manifest);
  const parent = path.slice(0, -1).reduce<Manifest>((inner, key) => inner[key] as Manifest, copy);
  const last = path.at(-1) ?? '';
  if (value !== undefined) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else Reflect.deleteProperty(parent, last);
  return copy;
}

/** All values of an object, of long lists the first. */
function* valuesIn(value: unknown, path: Path): Iterable<{ path: Path; value: unknown }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()].slice(0, 3) : Object.entries(value);
  for (const [key, inner] of entries) yield* valuesIn(inner, [...path, key]);
}

function othersFor(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [...TEXTS, 5];
  if (typeof value === 'number') return [...NUMBERS, 'abc'];
  if (typeof value === 'boolean') return [!value, 'yes'];
  if (Array.isArray(value)) return [[], [...(value as unknown[]), value[0]]];
  return [{}, { ...(value as object), oddField: 'x' }];
}

interface Node {
  readonly of: Definition;
  readonly path: Path;
  readonly value: Manifest;
}

/** The mappings of an object whose fields are known. */
function* nodesIn(of: Definition, value: Manifest, path: Path): Iterable<Node> {
  yield { of, path, value };
  for (const [name, { definition, shape }] of of.fields) {
    const inner = definition();
    const found: unknown = value[name];
    if (!inner || typeof found !== 'object' || found === null || shape === 'mapping') continue;
    if (shape === 'one') yield* nodesIn(inner, found, [...path, name]);
    else for (const [index, item] of (found as Manifest[]).entries()) yield* nodesIn(inner, item, [...path, name, index]);
  }
}

/** Values for a field that was not there. */
function samplesOf(field: Field): readonly unknown[] {
  const each = singles(field);
  if (field.shape === 'list') return [[], ...each.map((value) => [value])];
  return field.shape === 'mapping' ? [{}, ...each.map((value) => ({ a: value })), { 'B c': each[0] }] : each;
}

function singles({ type, values }: Value): readonly unknown[] {
  if (values) return [...[...values.keys()].filter((value) => value !== ''), 'Odd'];
  if (type === 'string') return ['x', '', '/a', 'A b', '10.0.0.1'];
  if (type === 'integer' || type === 'number') return [-1, 0, 1, 100000];
  if (type === 'boolean') return [true, false];
  if (type === 'intOrString') return [0, -1, 'x', '50%'];
  if (type === 'quantity') return ['1Gi', '-1', '0'];
  return type === 'base64' ? ['eA==', '!'] : [{}];
}
