import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import { type Backend, backendsOf } from '../world/routes';
import type { Inventory } from '../world/inventory';
import { map, maps, nameIn, placesOf } from '../world/values';

/** A rule of an HTTPRoute, or a path of an Ingress, that leads to pods of Phoenix. */
export interface Way {
  readonly object: FinishedObject;
  /** The rule, and where it stands. */
  readonly field: string;
  readonly rule: Manifest;
  /** Beginnings of the paths that it takes. */
  readonly prefixes: readonly string[];
  readonly backend: Backend;
  readonly service: FinishedObject;
}

/** Where `mix phx.new` puts sockets. */
const SOCKETS = ['/live', '/socket'];
/** Paths of one segment or more that people give to sockets of their own, and what Phoenix adds behind each. */
const OTHERS = /\/(?:ws|wss|websockets?|sockets?|live|cable|longpoll)\/?$/;

/**
 * The ways that websockets come by and that are not right: those of the sockets' own paths, and those of shorter ones
 * unless a longer path of the same Service goes a way that is right.
 */
export function wrongWays(ways: readonly Way[], right: (way: Way) => boolean): Way[] {
  return ways.filter((way) => !right(way) && way.prefixes.some((prefix) => takesSockets(prefix, way, ways, right)));
}

function takesSockets(prefix: string, { service }: Way, ways: readonly Way[], right: (way: Way) => boolean): boolean {
  if (isOfSockets(prefix)) return true;
  if (!SOCKETS.some((socket) => isUnder(socket, prefix))) return false;
  const longer = (other: string) => other.length > prefix.length && isUnder(other, prefix);
  return !ways.some((other) => other.service === service && right(other) && other.prefixes.some(longer));
}

function isOfSockets(prefix: string): boolean {
  return OTHERS.test(prefix) || SOCKETS.some((socket) => isUnder(prefix, socket));
}

/** Whether a way has paths of sockets on it. */
export function takesSocketPaths({ prefixes }: Way): boolean {
  return prefixes.some((prefix) => isOfSockets(prefix) || SOCKETS.some((socket) => isUnder(socket, prefix)));
}

/** Whether a route of any kind leads to pods that are told their host as Phoenix is. */
export function routeLeadsToPhoenix(object: FinishedObject, inventory: Inventory): boolean {
  return backendsOf(object).some(({ kind, name, namespace }) => {
    const service = kind === 'Service' ? inventory.find('Service', name, namespace)?.object : undefined;
    return service !== undefined && isPhoenix(service, inventory);
  });
}

/** All ways from paths to pods that are told their host as Phoenix is. */
export function waysToPhoenix(inventory: Inventory): Way[] {
  return inventory.ofKind('HTTPRoute', 'Ingress').flatMap((object) => {
    const rules = object.manifest['kind'] === 'Ingress' ? ofIngress(object) : ofRoute(object);
    return rules.flatMap(({ field, rule, prefixes }) =>
      backendsOf(object)
        .filter((backend) => backend.kind === 'Service' && backend.field.startsWith(`${field}.`))
        .flatMap((backend): Way[] => {
          const service = inventory.find('Service', backend.name, backend.namespace)?.object;
          return service && isPhoenix(service, inventory) ? [{ object, field, rule, prefixes, backend, service }] : [];
        }),
    );
  });
}

type Found = Pick<Way, 'field' | 'rule' | 'prefixes'>;

function ofRoute({ manifest }: FinishedObject): Found[] {
  return placesOf(manifest, 'spec.rules[]').map(({ field, value }) => {
    const rule = map(value);
    const matches = maps(rule['matches']);
    const paths = (matches.length > 0 ? matches : [{}]).map((match) => map(map(match)['path']));
    // What a regular expression takes is not known here.
    const plain = paths.filter(({ type }) => type !== 'RegularExpression');
    return { field, rule, prefixes: plain.map(({ value: path }) => nameIn(path) ?? '/') };
  });
}

function ofIngress({ manifest }: FinishedObject): Found[] {
  return [...placesOf(manifest, 'spec.rules[].http.paths[]'), ...placesOf(manifest, 'spec.defaultBackend')].map(
    ({ field, value }) => ({ field, rule: map(value), prefixes: [nameIn(map(value)['path']) ?? '/'] }),
  );
}

/** Whether a Service leads to pods that are told their host as Phoenix is. */
export function isPhoenix(service: FinishedObject, inventory: Inventory): boolean {
  return inventory
    .servedBy(service)
    .some(({ containers }) => containers.some(({ variables }) => variables.byName.has('PHX_HOST')));
}

function isUnder(path: string, prefix: string): boolean {
  const folder = prefix.replace(/\/+$/, '');
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
