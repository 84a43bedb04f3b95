import type { Manifest } from '../support/edit';
import type { FinishedObject, World } from './world';
import { type Inventory, inventoryOf } from './inventory';
import { kindOf } from './kinds';
import { containersOf } from './pods';
import { map, maps, nameIn, namespaceOf, once, placesOf } from './values';

/** A place where traffic is sent on to another object. */
export interface Backend {
  readonly object: FinishedObject;
  /** The field that holds the name, and the one that holds the port. */
  readonly field: string;
  readonly portField: string;
  /** `Service`, or what else the route leads to. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Its port, by number or by name. */
  readonly port: unknown;
}

/** The kinds of routes that belong to a Gateway. */
export const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;

const ROUTE_BACKENDS = ['spec.rules[].backendRefs[]', 'spec.rules[].filters[].requestMirror.backendRef'];

/** Where an Ingress or a route sends traffic. */
export function backendsOf(object: FinishedObject): Backend[] {
  const { kind } = object.manifest;
  return kind === 'Ingress' ? ofIngress(object) : kind === 'VirtualService' ? ofVirtualService(object) : ofRoute(object);
}

/** All backends of an environment. */
export function backends(inventory: Inventory): Backend[] {
  return inventory.ofKind('Ingress', 'VirtualService', ...ROUTES).flatMap(backendsOf);
}

/** A backend that is a Service of the environment. */
export interface ServiceBackend extends Backend {
  readonly service: FinishedObject;
  /** The ports of the Service that are meant, by number or by name. */
  readonly meant: readonly Manifest[];
}

/** The Services behind backends, as far as they are of the environment. */
export function servicesBehind(all: readonly Backend[], inventory: Inventory): ServiceBackend[] {
  return all.flatMap((backend): ServiceBackend[] => {
    const service = backend.kind === 'Service' ? inventory.find('Service', backend.name, backend.namespace)?.object : undefined;
    if (!service) return [];
    const meant = portsOfService(service).filter(({ port, name }) => port === backend.port || name === backend.port);
    return [{ ...backend, service, meant }];
  });
}

function ofIngress(object: FinishedObject): Backend[] {
  const namespace = namespaceOf(object.manifest);
  const places = [
    ...placesOf(object.manifest, 'spec.defaultBackend.service'),
    ...placesOf(object.manifest, 'spec.rules[].http.paths[].backend.service'),
  ];
  return places.flatMap(({ field: path, value }) => {
    const { name, port } = map(value);
    const service = nameIn(name);
    const { number, name: portName } = map(port);
    // That of an AWS load balancer's action, which an annotation describes.
    if (service === undefined || portName === 'use-annotation') return [];
    const portField = `${path}.port.${number === undefined ? 'name' : 'number'}`;
    return [{ object, field: `${path}.name`, portField, kind: 'Service', name: service, namespace, port: number ?? portName }];
  });
}

function ofRoute(object: FinishedObject): Backend[] {
  const places = ROUTE_BACKENDS.flatMap((place) => placesOf(object.manifest, place));
  return places.flatMap(({ field: path, value }) => {
    const { group = '', kind = 'Service', name, namespace, port } = map(value);
    const target = nameIn(name);
    if (target === undefined) return [];
    const named = kindOf({ apiVersion: group === '' ? 'v1' : `${group}/v1`, kind });
    const home = nameIn(namespace) ?? namespaceOf(object.manifest);
    return [{ object, field: `${path}.name`, portField: `${path}.port`, kind: named, name: target, namespace: home, port }];
  });
}

const DESTINATIONS = ['http', 'tls', 'tcp'].map((protocol) => `spec.${protocol}[].route[].destination`);

function ofVirtualService(object: FinishedObject): Backend[] {
  return DESTINATIONS.flatMap((place) => placesOf(object.manifest, place)).flatMap(({ field: path, value }) => {
    const { host, port } = map(value);
    const service = serviceOfHost(host, object);
    if (!service) return [];
    const place = { object, field: `${path}.host`, portField: `${path}.port.number` };
    return [{ ...place, kind: 'Service', ...service, port: map(port)['number'] }];
  });
}

/** The Service that an object of Istio means by a host: its short name, or its full one. Others are in Istio's own registry. */
export function serviceOfHost(host: unknown, { manifest }: FinishedObject): { name: string; namespace: string } | undefined {
  const [name = '', namespace, kind] = (nameIn(host) ?? '').split('.');
  if (name === '' || name === '*') return undefined;
  if (namespace === undefined) return { name, namespace: namespaceOf(manifest) };
  return kind === 'svc' ? { name, namespace } : undefined;
}

/** The ports of a Service. */
export function portsOfService({ manifest }: FinishedObject): readonly Manifest[] {
  return maps(map(manifest['spec'])['ports']);
}

const PLACES: Readonly<Record<string, readonly string[]>> = {
  Ingress: ['spec.rules[].host', 'spec.tls[].hosts[]'],
  Gateway: ['spec.listeners[].hostname'],
  'Gateway.networking.istio.io': ['spec.servers[].hosts[]'],
  VirtualService: ['spec.hosts[]'],
  Certificate: ['spec.dnsNames[]'],
  ...Object.fromEntries(ROUTES.map((kind) => [kind, ['spec.hostnames[]']])),
};

/** Whether a host is one at which browsers find the environment itself: of its routes, and what `PHX_HOST` says. */
export const isPublicHost = once((world: World): ((host: string) => boolean) => {
  const inventory = inventoryOf(world);
  const routed = Object.entries(PLACES).flatMap(([kind, paths]) =>
    inventory.ofKind(kind).flatMap(({ manifest }) => paths.flatMap((path) => placesOf(manifest, path))),
  );
  const named = containersOf(inventory.pods).flatMap(({ container: { variables } }) => [
    variables.byName.get('PHX_HOST')?.value,
    ...(variables.byName.get('PHX_CHECK_ORIGIN')?.value?.split(/[\s,]+|\/\//) ?? []),
  ]);
  const hosts = new Set(
    [...routed.map(({ value }) => nameIn(value)), ...named].flatMap((host) => (host ? [host.toLowerCase()] : [])),
  );
  const wildcards = [...hosts].filter((host) => host.startsWith('*.')).map((host) => host.slice(1));
  return (host) => hosts.has(host) || wildcards.some((end) => host.endsWith(end));
});
