import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import type { Inventory } from './inventory';
import { nameIn, namespaceOf, specOf } from './objects';
import { hostText, sortedText, type RouteClaim } from './route-claim';
import { map, maps, placesOf, scalar, texts } from './values';

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
