import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import { backendsOf, ROUTES } from '../world/routes';
import type { Inventory } from '../world/inventory';
import { map, nameIn, namespaceOf, placesOf } from '../world/values';

/** A host name and where it stands. */
export interface HostAt {
  readonly field: string;
  readonly host: string;
}

/** An Ingress or a route: which hosts lead to which Services. */
export interface HostRoute {
  readonly object: FinishedObject;
  /** The hosts; none where any host is let in. */
  readonly hosts: readonly HostAt[];
  /** The Services, as `namespace/name`. */
  readonly services: ReadonlySet<string>;
}

/** All ways from a host to Services. */
export function hostRoutes(inventory: Inventory): HostRoute[] {
  const routes = inventory.ofKind(...ROUTES).map((object) => {
    const own = hostsAt(object.manifest, 'spec.hostnames[]');
    const hosts = own.length > 0 ? own : gatewayHosts(object, inventory);
    return { object, hosts, services: servicesOf(object, '') };
  });
  const virtual = inventory.ofKind('VirtualService').map((object) => {
    return { object, hosts: hostsAt(object.manifest, 'spec.hosts[]'), services: servicesOf(object, '') };
  });
  return [...inventory.ofKind('Ingress').flatMap(ofIngress), ...routes, ...virtual];
}

function ofIngress(object: FinishedObject): HostRoute[] {
  const rules = placesOf(object.manifest, 'spec.rules[]').map(({ field, value }) => {
    const host = nameIn(map(value)['host']);
    const hosts = host === undefined ? [] : [{ field: `${field}.host`, host }];
    return { object, hosts, services: servicesOf(object, field) };
  });
  const rest = servicesOf(object, 'spec.defaultBackend');
  return rest.size > 0 ? [...rules, { object, hosts: [], services: rest }] : rules;
}

function servicesOf(object: FinishedObject, prefix: string): Set<string> {
  const own = backendsOf(object).filter(
    ({ kind, field }) => kind === 'Service' && (prefix === '' || field.startsWith(`${prefix}.`)),
  );
  return new Set(own.map(({ namespace, name }) => `${namespace}/${name}`));
}

/** A listener of a Gateway that a route is attached to. */
export interface Listener {
  readonly gateway: FinishedObject;
  readonly field: string;
  readonly name: string | undefined;
  /** Its host; any where it names none. */
  readonly host: string | undefined;
}

/** The listeners of the Gateways that a route names; undefined where one of them is outside of the YAML. */
export function listenersOf({ manifest }: FinishedObject, inventory: Inventory): Listener[] | undefined {
  const parents = placesOf(manifest, 'spec.parentRefs[]').map(({ value }) => map(value));
  const found = parents.map(({ kind = 'Gateway', name, namespace, sectionName }) => {
    const home = nameIn(namespace) ?? namespaceOf(manifest);
    const gateway = kind === 'Gateway' ? inventory.find('Gateway', String(name), home)?.object : undefined;
    return gateway && listeners(gateway).filter((listener) => sectionName === undefined || listener.name === sectionName);
  });
  return found.every((list) => list !== undefined) ? found.flat() : undefined;
}

/** The listeners of a Gateway. */
export function listeners(gateway: FinishedObject): Listener[] {
  return placesOf(gateway.manifest, 'spec.listeners[]').map(({ field, value }) => {
    const { name, hostname } = map(value);
    return { gateway, field, name: nameIn(name), host: nameIn(hostname) };
  });
}

/** A route without hosts takes those of its listeners. */
function gatewayHosts(route: FinishedObject, inventory: Inventory): HostAt[] {
  const found = listenersOf(route, inventory) ?? [];
  const hosts = found.flatMap(({ field, host }) => (host === undefined ? [] : [{ field: `${field}.hostname`, host }]));
  return hosts.length === found.length ? hosts : [];
}

/** The texts at a path, as hosts. */
export function hostsAt(root: Manifest, path: string, prefix?: string): HostAt[] {
  return placesOf(root, path).flatMap(({ field, value }) => {
    const host = nameIn(value);
    return host === undefined ? [] : [{ field: prefix === undefined ? field : `${prefix}.${field}`, host }];
  });
}

/** Whether a name covers a host as certificates and Ingresses have it: a `*` stands for one label. */
export function covers(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.indexOf('.') > 0 && host.slice(host.indexOf('.')) === name.slice(1));
}

/** Whether a listener takes a host: here a `*` stands for one label or more, on either side. */
export function listens(name: string, host: string): boolean {
  const within = (suffix: string, text: string) => suffix.startsWith('*.') && text.endsWith(suffix.slice(1));
  return name === host || within(name, host) || within(host, name);
}
