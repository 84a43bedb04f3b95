import type { Manifest } from '../../support/edit';
import { type Fault, ruleFor } from '../each';
import type { FinishedObject, World } from '../rule';
import { oursOf } from '../../model/world';
import { isClusterScoped, kindOf } from '../../model/kinds';
import { map, once } from '../../model/values';

/** An object that was there before under the same name. */
export interface Change {
  readonly object: FinishedObject;
  readonly before: Manifest;
}

/** What became of the objects of the environment as it was synthesized before. */
export interface Changes {
  readonly kept: readonly Change[];
  readonly gone: readonly Manifest[];
}

const NOTHING: Changes = { kept: [], gone: [] };

/** Finds every earlier object again, by group, kind, namespace and name; empty where nothing earlier is known. */
export const changesOf = once((world: World): Changes => (world.previous.length === 0 ? NOTHING : compare(world)));

/** A rule about each object that was there before. */
export const eachKept = ruleFor<Change, Fault>(
  (world) => changesOf(world).kept,
  (found, { object }) => ({ object, ...found }),
);

function compare(world: World): Changes {
  const { objects, previous } = world;
  const now = new Map(objects.map((object) => [identity(object.manifest), object]));
  const homes = new Set(oursOf(world).map(({ manifest }) => homeOf(manifest)));
  const kept: Change[] = [];
  const gone: Manifest[] = [];
  for (const before of previous) {
    const object = now.get(identity(before));
    if (object) kept.push({ object, before });
    // Of what is gone nobody knows the chart: where none of ours is, it was of others.
    else if (world.theirs === undefined || homes.has(homeOf(before))) gone.push(before);
  }
  return { kept, gone };
}

/** The namespace that an object is in, or makes; none for what is of the whole cluster. */
function homeOf(manifest: Manifest): string {
  const { name, namespace } = map(manifest['metadata']);
  if (kindOf(manifest) === 'Namespace') return String(name);
  return isClusterScoped(kindOf(manifest)) ? '' : String(namespace ?? 'default');
}

function identity(manifest: Manifest): string {
  const { generateName, name = `${generateName}*`, namespace } = map(manifest['metadata']);
  // Whoever names no namespace means that of the context, which is `default` where nobody says another one.
  return `${groupKind(manifest)}/${isClusterScoped(kindOf(manifest)) ? '' : (namespace ?? 'default')}/${name}`;
}

/** The kind of an object with its group, such as `apps/StatefulSet`, whatever the version. */
export function groupKind({ apiVersion, kind }: Manifest): string {
  const version = String(apiVersion);
  return version.includes('/') ? `${version.slice(0, version.indexOf('/'))}/${kind}` : String(kind);
}

/** Whether two values of the YAML mean the same to the API server: what is empty was not given. */
export function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (isEmpty(one) || isEmpty(other)) return isEmpty(one) && isEmpty(other);
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => isSame(item, other[index]));
  }
  const [left, right] = [map(one), map(other)];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every(
    (key) => isSame(left[key], right[key]) && !isOtherSelector(key, left[key], right[key]),
  );
}

/** Whether one of two selectors is not there: an empty one takes all, and one that is missing none, or those beside it. */
export function isOtherSelector(key: string, one: unknown, other: unknown): boolean {
  return (
    ((one ?? undefined) === undefined) !== ((other ?? undefined) === undefined) &&
    /(?:^|\.)(?:pod|namespace|label)Selector$/.test(key)
  );
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value).length === 0;
}
