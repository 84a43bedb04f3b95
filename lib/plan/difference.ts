import type { Manifest } from '../support/edit';
import { isMap } from '../support/is-map';
import { isOtherSelector, isSame } from '../checks/changes/changes';
import { map } from '../model/values';
import { isSecretAt } from './hidden';

/** A value of the YAML that is another one now. */
export interface Difference {
  /** Where it stands; items of lists by their names where they have some: `spec.template.spec.containers[web].image`. */
  readonly path: string;
  /** What it was; undefined where there was nothing. */
  readonly was: unknown;
  /** What it is; undefined where there is nothing any more. */
  readonly is: unknown;
}

/** By what the API tells the items of a list apart, as people do too. */
const KEYS = ['name', 'mountPath', 'key', 'containerPort', 'port', 'topologyKey', 'type', 'ip', 'alert', 'record'] as const;

/** Everything in which two values differ, down to the texts and numbers. What is empty was not given. */
export function differences(was: unknown, is: unknown, path = ''): Difference[] {
  if (isSame(was, is)) return isOtherSelector(path, was, is) ? [{ path, was, is }] : [];
  const empty = emptyOf(was ?? is, path);
  if (empty !== undefined && (was ?? undefined) === undefined) return differences(empty, is, path);
  if (empty !== undefined && (is ?? undefined) === undefined) return differences(was, empty, path);
  if (Array.isArray(was) && Array.isArray(is)) return ofLists(was, is, path);
  if (!isMap(was) || !isMap(is)) return [{ path, was, is }];
  return keysOf(was, is).flatMap((key) => differences(was[key], is[key], `${path}${step(key, path)}`));
}

/** What stands for a missing list of things with names, or mapping of names: each of its entries is told then. */
function emptyOf(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.length > 0 && named(value, 'name') ? [] : undefined;
  return isMap(value) && /(?:labels|annotations|data|stringData|Labels)$/i.test(path) ? {} : undefined;
}

function ofLists(was: readonly unknown[], is: readonly unknown[], path: string): Difference[] {
  const key = KEYS.find((one) => named(was, one) && named(is, one) && (one !== 'key' || isOpen([...was, ...is], path)));
  if (key === undefined) return was.every(isMap) && is.every(isMap) ? ofItems(was, is, path) : [{ path, was, is }];
  const [old, now] = [byKey(was, key), byKey(is, key)];
  const found = keysOf(old, now).flatMap((name) => differences(old[name], now[name], `${path}[${name}]`));
  // The same ones in another order: of variables, a later one may refer to those before it.
  return found.length > 0 ? found : [{ path, was: Object.keys(old), is: Object.keys(now) }];
}

/** Items without names: those that are on one side alone. */
function ofItems(was: readonly unknown[], is: readonly unknown[], path: string): Difference[] {
  const gone = was.flatMap((item, index) => (is.some((other) => isSame(item, other)) ? [] : [{ item, index }]));
  const added = is.flatMap((item, index) => (was.some((other) => isSame(item, other)) ? [] : [{ item, index }]));
  if (gone.length === 0 && added.length === 0) return [{ path, was, is }];
  if (gone.length === added.length)
    return gone.flatMap(({ item, index }, place) => {
      const [own, other] = [`${path}[${index}]`, added[place]?.item];
      // What a value is called stands beside it, and is not seen from within.
      const isPair = 'value' in map(item) && [item, other].some((one) => isSecretAt(own, one));
      return isPair ? [{ path: own, was: item, is: other }] : differences(item, other, own);
    });
  return [
    ...gone.map(({ item, index }) => ({ path: `${path}[${index}]`, was: item, is: undefined })),
    ...added.map(({ item, index }) => ({ path: `${path}[${index}]`, was: undefined, is: item })),
  ];
}

/** Whether what is called a key may stand in a path: of a list of keys it is the secret itself. */
function isOpen(items: readonly unknown[], path: string): boolean {
  return !items.some((item) => isSecretAt(`${path}[0].key`, map(item)['key']));
}

function named(items: readonly unknown[], key: string): boolean {
  const names = items.map((item) => map(item)[key]);
  return names.every((name) => typeof name === 'string' || typeof name === 'number') && new Set(names).size === names.length;
}

function byKey(items: readonly unknown[], key: string): Manifest {
  return Object.fromEntries(items.map((item) => [String(map(item)[key]), item]));
}

function keysOf(was: Manifest, is: Manifest): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])];
}

function step(key: string, path: string): string {
  if (!/^[\w-]+$/.test(key)) return `["${key}"]`;
  return path === '' ? key : `.${key}`;
}
