import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import { gatewayClaims, ROUTE_KINDS } from './gateway-claims';
import type { Inventory } from './inventory';
import { map, maps, nameIn, namespaceOf, once, placesOf, scalar, specOf, texts } from './values';

/** A place where requests come in: a listener, a class of Ingresses, a port of the mesh. A part that is not said is any. */
export type Entrance = readonly (string | undefined)[];

/** What an object wants to answer: requests to a host that look in some way, where they come in. */
export interface RouteClaim {
  readonly object: FinishedObject;
  readonly field: string;
  /** The host, in lower case; `*` is any. */
  readonly host: string;
  /** What the requests look like, with what the API fills in: two of one text are for the same requests. */
  readonly match: string;
  readonly entrance: Entrance;
  /** For sentences. */
  readonly got: string;
}

/** Whether requests of one may come in where those of another do. */
export function sharesEntrance(one: Entrance, other: Entrance): boolean {
  return one.every((part, index) => part === undefined || other[index] === undefined || part === other[index]);
}

/** The hosts that two names, which may begin with a star, have in common; undefined where there are none. */
export function commonHost(one: string, other: string): string | undefined {
  if (one === other || other === '*') return one;
  if (one === '*') return other;
  const within = (inner: string, outer: string) => outer.startsWith('*.') && inner.endsWith(outer.slice(1));
  return within(one, other) ? one : within(other, one) ? other : undefined;
}

/** A slash at the end of a prefix means nothing. */
export function plainPath(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}

/** A host as it is compared. */
export function hostText(host: unknown): string {
  return (nameIn(host) ?? '*').toLowerCase();
}

/** A mapping as text, whatever the order of its keys. */
export function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const own = map(inner);
    return own === inner ? Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}

/** All that the routes of an environment claim. */
export const routeClaims = once((inventory: Inventory): readonly RouteClaim[] => [
  ...inventory.ofKind('Ingress').flatMap(ingressClaims),
  ...inventory.ofKind(...ROUTE_KINDS).flatMap((object) => gatewayClaims(object, inventory)),
  ...istioClaims(inventory),
  ...inventory.ofKind('DNSEndpoint').flatMap(recordClaims),
]);

/** The ports that Traefik answers an Ingress on: one with TLS and one that redirects to it share their hosts. */
const ENTRY_POINTS = 'traefik.ingress.kubernetes.io/router.entrypoints';
const CANARY = 'nginx.ingress.kubernetes.io/canary';

function ingressClaims(object: FinishedObject): RouteClaim[] {
  const { spec, metadata } = object.manifest;
  const annotations = map(map(metadata)['annotations']);
  // It takes a part of the requests of another one, which is what it is for.
  if (scalar(annotations[CANARY]) === 'true') return [];
  const className = nameIn(map(spec)['ingressClassName']) ?? nameIn(annotations['kubernetes.io/ingress.class']);
  const points = nameIn(annotations[ENTRY_POINTS])?.split(',') ?? [undefined];
  return placesOf(object.manifest, 'spec.rules[]').flatMap(({ field, value }) => {
    const { host, http } = map(value);
    return maps(map(http)['paths']).flatMap(({ path = '/', pathType }) =>
      points.map((point) => ({
        object,
        field: `${field}.host`,
        host: hostText(host),
        match: pathMatch(pathType, path),
        entrance: [className, point?.trim()],
        got: `${nameIn(host) ?? '*'}${path}`,
      })),
    );
  });
}

/** What is left to the controller means the paths below one, as `Prefix` does, with or without a star behind it. */
function pathMatch(type: unknown, path: unknown): string {
  if (type === 'Exact') return `Exact ${path}`;
  return `PathPrefix ${plainPath(String(path).replace(/\/\*$/, '/'))}`;
}

function recordClaims(object: FinishedObject): RouteClaim[] {
  return placesOf(object.manifest, 'spec.endpoints[]').map(({ field, value }) => {
    const { dnsName, recordType = 'A', setIdentifier } = map(value);
    const host = hostText(dnsName).replace(/\.$/, '');
    return {
      object,
      field: `${field}.dnsName`,
      host,
      match: sortedText([recordType, setIdentifier]),
      entrance: [],
      got: `${recordType} ${dnsName}`,
    };
  });
}

/** What objects of Istio claim: hosts of the mesh, hosts at a Gateway, and ports of its proxies. */
export function istioClaims(inventory: Inventory): RouteClaim[] {
  return [
    ...inventory.ofKind('VirtualService').flatMap(serviceClaims),
    ...inventory.ofKind('Gateway.networking.istio.io').flatMap(serverClaims),
  ];
}

function serviceClaims(object: FinishedObject): RouteClaim[] {
  const { manifest } = object;
  const own = texts(specOf(object)['gateways']).map((name) => gatewayName(name, manifest));
  const gateways = own.length > 0 ? own : ['mesh'];
  return placesOf(manifest, 'spec.hosts[]').flatMap(({ field, value }) =>
    gateways.flatMap((gateway) => {
      const host = gateway === 'mesh' ? meshHost(value, manifest) : hostText(value);
      // In the mesh one object has a host, and all others are left out; at a Gateway their routes are put together.
      const matches = gateway === 'mesh' ? [ALL] : matchesOf(object, gateway);
      return matches.map((match) => ({
        object,
        field,
        host,
        match,
        entrance: [gateway],
        got: `${String(value)} at ${gateway}`,
      }));
    }),
  );
}

function gatewayName(name: string, manifest: Manifest): string {
  return name === 'mesh' || name.includes('/') ? name : `${namespaceOf(manifest)}/${name}`;
}

/** A short name is that of a Service beside the object. */
function meshHost(host: unknown, manifest: Manifest): string {
  const text = hostText(host);
  return text.includes('.') || text === '*' ? text : `${text}.${namespaceOf(manifest)}.svc.cluster.local`;
}

const ALL = 'every request';

function matchesOf(object: FinishedObject, gateway: string): string[] {
  const { http, tls, tcp } = specOf(object);
  return [
    ...conditions(object, http, 'http', gateway),
    ...conditions(object, tls, 'tls', gateway),
    ...conditions(object, tcp, 'tcp', gateway),
  ];
}

function conditions({ manifest }: FinishedObject, routes: unknown, protocol: string, gateway: string): string[] {
  return maps(routes).flatMap(({ match }) => {
    const own = maps(match).filter(({ gateways }) => {
      const only = texts(gateways).map((name) => gatewayName(name, manifest));
      return only.length === 0 || only.includes(gateway);
    });
    const found = maps(match).length > 0 ? own : [{}];
    return found.map((one) => `${protocol} ${conditionText(one)}`);
  });
}

/** A condition without its name; the prefix `/` is every path. */
function conditionText(condition: Manifest): string {
  const every = map(condition['uri'])['prefix'] === '/';
  const left = ['name', 'gateways', ...(every ? ['uri'] : [])];
  return sortedText(Object.fromEntries(Object.entries(condition).filter(([key]) => !left.includes(key))));
}

/** A server of one port, host and proxy; of two with TLS the second gets no certificate, of two without the routes mix. */
function serverClaims(object: FinishedObject): RouteClaim[] {
  const proxies = sortedText(specOf(object)['selector']);
  return placesOf(object.manifest, 'spec.servers[]').flatMap(({ field, value }) => {
    const { port, hosts } = map(value);
    const { number, protocol } = map(port);
    // Without TLS several Gateways may answer for one host.
    if (!/^(?:HTTPS|TLS)$/i.test(String(protocol))) return [];
    return texts(hosts).map((host, index) => ({
      object,
      field: `${field}.hosts[${index}]`,
      host: hostText(host.replace(/^[^/]*\//, '')),
      match: `${number}`,
      entrance: [proxies, scalar(number) ?? nameIn(number)],
      got: `${host}:${number}`,
    }));
  });
}
