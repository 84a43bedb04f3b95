import type { Finding, FinishedObject } from '../rule';
import type { Inventory } from '../world/inventory';

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
  /** The keys that are wanted of it, and the fields that name them. */
  readonly keys?: readonly { readonly field: string; readonly key: string }[];
}

/** The references that lead nowhere. */
export function* dangling(references: Iterable<Reference>, inventory: Inventory): Iterable<Finding> {
  for (const { object, field, kind, name, namespace, keys = [] } of references) {
    const known = inventory.find(kind, name, namespace);
    if (!known) {
      const must = `name ${article(kind)} ${kind} that exists`;
      yield { object, field, must, got: name, fix: addOrDeclare(kind, name), missing: { kind, name, namespace } };
      continue;
    }
    for (const { field: at, key } of keys.filter((wanted) => known.keys?.has(wanted.key) === false)) {
      const list = [...(known.keys ?? [])].join(', ') || '(none)';
      yield {
        object,
        field: at,
        must: `name a key of the ${kind} "${name}"`,
        got: key,
        fix: `use one of ${list}, or add the key`,
      };
    }
  }
}

/** The two ways out of a reference that leads nowhere. */
export function addOrDeclare(kind: string, name: string): string {
  return `correct the name, add the ${kind}, or declare it with Checks.of(app).provide({ kind: '${kind}', name: '${name}' })`;
}

function article(kind: string): string {
  return /^[AEIO]/.test(kind) ? 'an' : 'a';
}
