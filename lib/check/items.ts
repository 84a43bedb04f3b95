import type { Manifest } from '../support/edit';
import { isMap } from '../support/is-map';

/** The objects of a document, with their places in it: a list is taken apart, as kubectl does. */
export function itemsIn(value: unknown, at: readonly string[] = []): readonly { manifest: Manifest; at: readonly string[] }[] {
  const { kind, items } = Object(value) as Manifest;
  if (kind === 'List' && (items ?? undefined) === undefined) return [];
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items))
    return items.flatMap((item: unknown, index) => itemsIn(item, [...at, 'items', String(index)]));
  return isObject(value) ? [{ manifest: value, at }] : [];
}

/** Whether it says what it is, or has the form of an object that forgot to. */
function isObject(value: unknown): value is Manifest {
  if (!isMap(value)) return false;
  const { apiVersion, kind, metadata, spec } = value;
  return (apiVersion ?? kind) !== undefined || (metadata !== undefined && spec !== undefined);
}
