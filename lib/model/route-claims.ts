import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import { gatewayClaims } from './gateway-claims';
import type { Inventory } from './inventory';
import { ROUTES } from './routes';
import { annotationsOf, map, maps, nameIn, namespaceOf, once, placesOf, scalar, specOf, texts } from './values';

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
  ...inventory.ofKind(...ROUTES).flatMap((object) => gatewayClaims(object, inventory)),
  ...inventory.ofKind('VirtualService').flatMap(serviceClaims),
  ...inventory.ofKind('Gateway.networking.istio.io').flatMap(serverClaims),
  ...inventory.ofKind('DNSEndpoint').flatMap(recordClaims),
]);

/** The ports that Traefik answers an Ingress on: one with TLS and one that redirects to it share their hosts. */
const ENTRY_POINTS = 'traefik.ingress.kubernetes.io/router.entrypoints';
const CANARY = 'nginx.ingress.kubernetes.io/canary';

function ingressClaims(object: FinishedObject): RouteClaim[] {
  const annotations = annotationsOf(object.manifest);
  // It takes a part of the requests of another one, which is what it is for.
  if (scalar(annotations[CANARY]) === 'true') return [];
  const className = nameIn(specOf(object)['ingressClassName']) ?? nameIn(annotations['kubernetes.io/ingress.class']);
  const points = nameIn(annotations[ENTRY_POINTS])?.split(',') ?? [undefined];
  return placesOf(object.manifest, 'spec.rules[]').flatMap(({ field, value }) => {
    const { host, http } = map(value);
    const at = { object, field: `${field}.host`, host: hostText(host) };
    return maps(map(http)['paths']).flatMap(({ path = '/', pathType }) => {
      const claim = { ...at, match: pathMatch(pathType, path), got: `${nameIn(host) ?? '*'}${path}` };
      return points.map((point) => ({ ...claim, entrance: [className, point?.trim()] }));
    });
  });
}

/** What is left to the controller means the paths below one, as `Prefix` does, with or without a star behind it. */
function pathMatch(type: unknown, path: unknown): string {
  return type === 'Exact' ? `Exact ${path}` : `PathPrefix ${plainPath(String(path).replace(/\/\*$/, '/'))}`;
}

function recordClaims(object: FinishedObject): RouteClaim[] {
  return placesOf(object.manifest, 'spec.endpoints[]').map(({ field, value }) => {
    const { dnsName, recordType = 'A', setIdentifier } = map(value);
    const match = sortedText([recordType, setIdentifier]);
    const host = hostText(dnsName).replace(/\.$/, '');
    return { object, field: `${field}.dnsName`, host, match, entrance: [], got: `${recordType} ${dnsName}` };
  });
}

/** What an object of Istio claims: hosts of the mesh, and hosts at a Gateway. */
function serviceClaims(object: FinishedObject): RouteClaim[] {
  const home = namespaceOf(object.manifest);
  const own = gatewaysIn(specOf(object)['gateways'], home);
  return placesOf(object.manifest, 'spec.hosts[]').flatMap(({ field, value }) =>
    (own.length > 0 ? own : [MESH]).flatMap((gateway) => {
      const bare = hostText(value);
      // In the mesh a short name is that of a Service beside the object.
      const host = gateway !== MESH || bare.includes('.') || bare === '*' ? bare : `${bare}.${home}.svc.cluster.local`;
      // There one object has a host, and all others are left out; at a Gateway their routes are put together.
      const matches = gateway === MESH ? ['every request'] : conditions(object, gateway, home);
      return matches.map((match) => ({ object, field, host, match, entrance: [gateway], got: `${String(value)} at ${gateway}` }));
    }),
  );
}

const MESH = 'mesh';

function gatewaysIn(names: unknown, home: string): string[] {
  return texts(names).map((name) => (name === MESH || name.includes('/') ? name : `${home}/${name}`));
}

function conditions(object: FinishedObject, gateway: string, home: string): string[] {
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    maps(specOf(object)[protocol]).flatMap(({ match }) => {
      const own = maps(match).filter(({ gateways }) => {
        const only = gatewaysIn(gateways, home);
        return only.length === 0 || only.includes(gateway);
      });
      return (maps(match).length > 0 ? own : [{}]).map((one) => `${protocol} ${conditionText(one)}`);
    }),
  );
}

/** A condition without its name; the prefix `/` is every path. */
function conditionText({ name: _, gateways: __, uri, ...condition }: Manifest): string {
  return sortedText(map(uri)['prefix'] === '/' || uri === undefined ? condition : { ...condition, uri });
}

/** A server of one port, host and proxy; of two with TLS the second gets no certificate, of two without the routes mix. */
function serverClaims(object: FinishedObject): RouteClaim[] {
  const proxies = sortedText(specOf(object)['selector']);
  return placesOf(object.manifest, 'spec.servers[]').flatMap(({ field, value }) => {
    const { port, hosts } = map(value);
    const { number, protocol } = map(port);
    // Without TLS several Gateways may answer for one host.
    if (!/^(?:HTTPS|TLS)$/i.test(String(protocol))) return [];
    const claim = { object, match: `${number}`, entrance: [proxies, scalar(number)] };
    return texts(hosts).map((written, index) => {
      const host = hostText(written.replace(/^[^/]*\//, ''));
      return { ...claim, field: `${field}.hosts[${index}]`, host, got: `${written}:${number}` };
    });
  });
}
