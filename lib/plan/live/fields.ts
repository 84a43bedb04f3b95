import { map } from '../../model/values';
import type { Manifest } from '../../support/edit';
import { isMap } from '../../support/is-map';
import type { Owners, Step } from './owners';
import { isFilledIn, isKeptAs, isOfServer } from './server-fields';
import { hasKeys, keyStep, pathOf } from './steps';

/** A field that is not there as it is written. */
export interface FieldState {
  readonly steps: readonly Step[];
  readonly path: string;
  /** What our YAML says. @default - it says nothing about it */
  readonly written?: unknown;
  /** What the cluster has. @default - nothing */
  readonly live?: unknown;
  /** At which place of a list it is written, where it is an item that is gone. @default - it is none */
  readonly at?: number;
}

/** How an object is looked at. */
export interface Look {
  readonly owners: Owners;
  /** Whether lists are merged item by item where their items have keys; else a list is one value. */
  readonly merges: boolean;
}

/** All in which an object of the cluster is not what is written, but for what the API server keeps and fills in. */
export function fieldStates(written: Manifest, live: Manifest, look: Look): FieldState[] {
  return ofMaps(written, live, [], look);
}

function statesOf(written: unknown, live: unknown, steps: readonly Step[], look: Look): FieldState[] {
  const path = pathOf(steps);
  if (isOfServer(path) || isKeptAs(path, written, live)) return [];
  if (Array.isArray(written) && Array.isArray(live)) return ofLists(written, live, steps, look);
  if (isMap(written) && isMap(live)) return ofMaps(written, live, steps, look);
  return [{ steps, path, written, live }];
}

function ofMaps(written: Manifest, live: Manifest, steps: readonly Step[], look: Look): FieldState[] {
  const names = [...new Set([...Object.keys(written), ...Object.keys(live)])];
  return names.flatMap((name) => {
    const own = [...steps, `f:${name}`];
    const [is, there]: unknown[] = [written[name] ?? undefined, live[name] ?? undefined];
    if (is === undefined) return extras(there, own, look);
    // Of names and texts each one is told.
    return statesOf(is, there ?? (isMap(is) && isOfNames(pathOf(own)) ? {} : undefined), own, look);
  });
}

function ofLists(written: readonly unknown[], live: readonly unknown[], steps: readonly Step[], look: Look): FieldState[] {
  const keys = look.merges ? look.owners.keysOf(steps) : [];
  if (keys.length > 0) return ofItems(written, live, { steps, keys, look });
  if (written.length !== live.length) return [{ steps, path: pathOf(steps), written, live }];
  const items = written.flatMap((item, index) => statesOf(item, live[index], [...steps, `i:${index}`], look));
  // A list of plain values is read as one.
  return items.length > 0 && !written.every(isMap) ? [{ steps, path: pathOf(steps), written, live }] : items;
}

interface KeyedList {
  readonly steps: readonly Step[];
  readonly keys: readonly Manifest[];
  readonly look: Look;
}

function ofItems(written: readonly unknown[], live: readonly unknown[], { steps, keys, look }: KeyedList): FieldState[] {
  const keyOf = (item: unknown): Manifest =>
    keys.find((key) => hasKeys(item, key)) ??
    Object.fromEntries(Object.keys(keys[0] ?? {}).map((name) => [name, map(item)[name] ?? 'TCP']));
  const known = written.map(keyOf);
  return [
    ...written.flatMap((item, index) => {
      const key = known[index] ?? {};
      const there = live.find((one) => hasKeys(one, key));
      const states = statesOf(item, there, [...steps, keyStep(key)], look);
      return there === undefined ? states.map((state) => ({ ...state, at: index })) : states;
    }),
    ...live
      .filter((item) => !known.some((key) => hasKeys(item, key)))
      .flatMap((item) => extras(item, [...steps, keyStep(keyOf(item))], look)),
  ];
}

/** What nobody has written here: as much of it at once as has one owner. */
function extras(live: unknown, steps: readonly Step[], look: Look): FieldState[] {
  const path = pathOf(steps);
  if (isOfServer(path) || isFilledIn(path, live)) return [];
  const owners = look.owners.of(steps);
  // Who has scaled what nobody had written is kept nowhere; without a word it would be one pod.
  if (owners.length === 0) return path === 'spec.replicas' && live !== 1 ? [{ steps, path, live }] : [];
  const isList = Array.isArray(live) && look.owners.keysOf(steps).length > 0;
  if (isList) return ofLists([], live, steps, look);
  if (isMap(live) && (owners.length > 1 || isOfNames(path))) return ofMaps({}, live, steps, look);
  return [{ steps, path, live }];
}

/** Whether a mapping has names that people choose. */
function isOfNames(path: string): boolean {
  return /(?:^|\.)(?:labels|annotations|data|matchLabels|selector|hard|limits|requests)$/.test(path);
}
