import { isDeepStrictEqual } from 'node:util';
import { completed } from '../../lib/schema/conditions';
import { definitionOf, type Definition, type Value } from '../../lib/schema/fields';
import type { Manifest } from '../../lib/index';

/** An item of a list, and what the API server makes of it. */
export interface Unlike {
  readonly path: string;
  readonly written: unknown;
  readonly kept: unknown;
}

/**
 * The items of lists of a custom object that the API server fills something into, where no key tells the items apart. Such a
 * list has one owner as a whole: a server-side apply after a client-side one finds a different list of another owner, and stops.
 */
export function unlikeKept(manifest: Manifest): Unlike[] {
  const { apiVersion, kind } = manifest;
  const top = definitionOf(apiVersion, kind);
  return top?.custom ? inFields(top, manifest, `${kind}`) : [];
}

function inFields(of: Definition, fields: Manifest, path: string): Unlike[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const field = of.fields.get(name);
    return field ? inValue(field, value, `${path}.${name}`) : [];
  });
}

function inValue({ items, keys, definition }: Value, value: unknown, path: string): Unlike[] {
  const inner = (items?.definition ?? definition)();
  if (!inner?.custom || typeof value !== 'object' || value === null) return [];
  if (!items) return inFields(inner, value, path);
  const atomic = Array.isArray(value) && keys.length === 0;
  return Object.entries(value).flatMap(([key, item]: [string, Manifest]) => {
    if (!atomic) return inFields(inner, item, `${path}[${key}]`);
    const kept = completed(inner, item);
    return isDeepStrictEqual(item, kept) ? [] : [{ path: `${path}[${key}]`, written: item, kept }];
  });
}
