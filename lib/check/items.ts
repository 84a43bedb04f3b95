import type { Manifest } from '../support/edit';
import { isMap } from '../support/is-map';
import type { ReadDocument } from './documents';
import type { Fault } from './fault';

/** What stands in a document or in a list, and where. */
interface Item {
  readonly value: unknown;
  readonly at: readonly string[];
}

/** The objects of a document, with their places in it: a list is taken apart, as kubectl does. */
export function itemsIn(value: unknown): readonly { readonly manifest: Manifest; readonly at: readonly string[] }[] {
  return leavesOf({ value, at: [] }).flatMap(({ value: manifest, at }) => (isObject(manifest) ? [{ manifest, at }] : []));
}

/** What is in a list and no object: kubectl takes nothing of the file then. */
export function lostIn({ file, value, placeOf }: ReadDocument): readonly Fault[] {
  const lost = leavesOf({ value, at: [] }).filter((one) => one.at.length > 0 && !isObject(one.value));
  return lost.map(({ value: got, at }) => ({
    file,
    ...placeOf(at),
    prop: pathOf(at),
    must: at.at(-1) === 'items' ? 'be a list' : 'be an object',
    // It may be the value of a Secret.
    got: got === null ? undefined : isMap(got) ? 'a mapping without apiVersion and kind' : `a ${typeof got}`,
    fix: 'write apiVersion, kind and metadata behind a dash, or take it out',
  }));
}

/** Steps as a path in the YAML: `items[0].metadata.name`. */
export function pathOf(steps: readonly string[]): string {
  return steps.join('.').replaceAll(/\.(\d+)/g, '[$1]');
}

function leavesOf({ value, at }: Item): readonly Item[] {
  const { apiVersion, kind, items = null } = Object(value) as Manifest;
  if (kind === 'List' && items === null) return [];
  if (typeof kind !== 'string' || !kind.endsWith('List') || !(Array.isArray(items) || kind === 'List')) return [{ value, at }];
  if (!Array.isArray(items)) return [{ value: items, at: [...at, 'items'] }];
  return items.flatMap((item: unknown, index) => {
    // The items of a ConfigMapList need not say that they are ConfigMaps.
    const isBare = kind !== 'List' && isMap(item) && item['kind'] === undefined;
    const whole = isBare ? { apiVersion, kind: kind.slice(0, -'List'.length), ...item } : item;
    return leavesOf({ value: whole, at: [...at, 'items', String(index)] });
  });
}

/** Whether it says what it is, or has the form of an object that forgot to. */
function isObject(value: unknown): value is Manifest {
  if (!isMap(value)) return false;
  const { apiVersion, kind, metadata, spec } = value;
  return (apiVersion ?? kind) !== undefined || (metadata !== undefined && spec !== undefined);
}
