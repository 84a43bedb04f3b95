import type { Finding, FinishedObject } from '../rule';
import type { Inventory } from '../../model/inventory';
import { placesOf } from '../../model/values';
import { provided, remedy, type Remedy } from '../../model/remedy';

/** A part of another object that is named: a key, or what has a name of its own. */
export interface Part {
  /** The field that names it. */
  readonly field: string;
  readonly key: string;
}

/** A place where an object names another one. */
export interface Reference {
  readonly object: FinishedObject;
  /** The field that holds the name. */
  readonly field: string;
  /** The kind of the other one. */
  readonly kind: string;
  readonly name: string;
  /** Where the other one is. */
  readonly namespace: string;
  /** The keys that are wanted of it. */
  readonly keys?: readonly Part[];
  /** The listener or the port that is wanted of it. */
  readonly section?: Part;
}

/** What a section of a kind is called, where its names stand, and how one more is added. */
const SECTIONS: Readonly<Record<string, readonly [what: string, path: string, add: string]>> = {
  Gateway: ['listener', 'spec.listeners[].name', 'add the listener'],
  Service: ['port', 'spec.ports[].name', 'add the port to the Service'],
};

/** The references that lead nowhere. */
export function* dangling(references: Iterable<Reference>, inventory: Inventory): Iterable<Finding> {
  for (const { object, field, kind, name, namespace, keys = [], section } of references) {
    const known = inventory.find(kind, name, namespace);
    if (!known) {
      const must = `name ${article(kind)} ${kind} that exists`;
      yield { object, field, must, got: name, ...addOrDeclare(kind, name), missing: { kind, name, namespace } };
      continue;
    }
    for (const { field: at, key } of keys.filter((wanted) => known.keys?.has(wanted.key) === false)) {
      const must = `name a key of the ${kind} "${name}"`;
      yield { object, field: at, must, got: key, fix: `use one of ${listed(known.keys ?? [])}, or add the key` };
    }
    const [what, path, add] = SECTIONS[kind] ?? [];
    if (!section || !known.object || path === undefined) continue;
    const names = placesOf(known.object.manifest, path).map(({ value }) => String(value));
    if (names.includes(section.key)) continue;
    const must = `name a ${what} of the ${kind} "${name}"`;
    yield { object, field: section.field, must, got: section.key, fix: `use one of ${listed(names)}, or ${add}` };
  }
}

function listed(names: Iterable<string>): string {
  return [...names].join(', ') || '(none)';
}

/** The two ways out of a reference that leads nowhere. */
export function addOrDeclare(kind: string, name: string): Remedy {
  return remedy`correct the name, add the ${kind}, or ${provided(kind, name)}`;
}

function article(kind: string): string {
  return /^[AEIO]/.test(kind) ? 'an' : 'a';
}
