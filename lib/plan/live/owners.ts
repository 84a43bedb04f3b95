import { map, maps, text } from '../../model/values';
import type { Manifest } from '../../support/edit';

/**
 * One step of a path through an object, as `managedFields` writes it: `f:spec`, `k:{"name":"web"}` for the item of a list that has
 * keys, `i:0` for the item of one that has none.
 */
export type Step = string;

/** Whoever has written fields of an object, as the API server keeps it. */
export interface Owner {
  readonly manager: string;
  /** `Apply`, which is a server-side apply, or `Update`, which is everything else. */
  readonly operation: string;
  /** Through which part of the object, such as `scale`. @default - the object itself */
  readonly subresource?: string;
}

interface Entry {
  readonly owner: Owner;
  readonly fields: Manifest;
}

/**
 * Who owns the fields of an object.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export class Owners {
  private readonly entries: readonly Entry[];

  constructor(object: Manifest) {
    this.entries = maps(map(object['metadata'])['managedFields'])
      .filter(({ subresource }) => subresource !== 'status')
      .map((entry) => ({
        owner: {
          manager: text(entry['manager']) ?? 'an unknown manager',
          operation: text(entry['operation']) ?? '',
          subresource: text(entry['subresource']),
        },
        fields: map(entry['fieldsV1']),
      }));
  }

  /** All of them, in the order of the object. */
  get all(): readonly Owner[] {
    return this.entries.map(({ owner }) => owner);
  }

  /** Those that own a field, something in it, or the whole that it is a part of. */
  of(steps: readonly Step[]): Owner[] {
    return this.entries.filter(({ fields }) => nodeAt(fields, steps) !== undefined).map(({ owner }) => owner);
  }

  /** By what the API server tells the items of a list apart: the first key of each item that somebody owns. */
  keysOf(steps: readonly Step[]): readonly Manifest[] {
    const names = this.entries.flatMap(({ fields }) => Object.keys(nodeAt(fields, steps) ?? {}));
    return [...new Set(names)].filter((name) => name.startsWith('k:')).map((name) => map(JSON.parse(name.slice(2))));
  }

  /** How many fields one of them owns. */
  countOf(owner: Owner): number {
    const entry = this.entries.find((one) => one.owner === owner);
    return entry ? leaves(entry.fields) : 0;
  }
}

/** What somebody owns at a path; nothing below a value that is owned as one. */
function nodeAt(fields: Manifest, steps: readonly Step[]): Manifest | undefined {
  let node = fields;
  for (const step of steps) {
    if (node !== fields && Object.keys(node).length === 0) return node;
    const inner: unknown = node[step];
    if (inner === undefined) return undefined;
    node = map(inner);
  }
  return node;
}

function leaves(node: Manifest): number {
  const inner = Object.values(node);
  return inner.length === 0 ? 1 : inner.reduce<number>((sum, one) => sum + leaves(map(one)), 0);
}

/** Whoever it was, in words: `kubectl-set`, `kubectl (scale)`. */
export function ownerText({ manager, operation, subresource }: Owner): string {
  const how = [subresource, operation === 'Apply' ? 'server-side apply' : undefined].filter((part) => part !== undefined);
  return how.length === 0 ? manager : `${manager} (${how.join(', ')})`;
}
