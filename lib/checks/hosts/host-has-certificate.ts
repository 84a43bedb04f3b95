import type { Finding, FinishedObject, Rule, World } from '../rule';
import { ROUTES } from '../world/routes';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, maps, nameIn, namesIn, namespaceOf, placesOf } from '../world/values';
import { covers, type HostAt, hostsAt, type Listener, listeners, listenersOf, listens } from './hosts';

/** A certificate is for the names that it lists, and for no other. */
export const hostHasCertificate: Rule = {
  name: 'host-has-certificate',
  sentence: 'Every host that is served over TLS is named by its certificate.',
  why: 'Browsers stop in front of the host with a warning, and with HSTS nobody can go past it.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#tls',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('Ingress')) {
      yield* ofRules(object);
      yield* ofIngress(object, inventory);
    }
    for (const gateway of inventory.ofKind('Gateway')) {
      for (const listener of listeners(gateway)) yield* ofListener(listener, inventory);
    }
  },
};

/** With TLS for some of its hosts, an Ingress serves the others with the certificate of its controller. */
function* ofRules(object: FinishedObject): Iterable<Finding> {
  const entries = maps(map(object.manifest['spec'])['tls']);
  const named = entries.flatMap(({ hosts }) => namesIn(hosts));
  // An entry without hosts is for all of them.
  if (entries.length === 0 || entries.some(({ hosts }) => namesIn(hosts).length === 0)) return;
  for (const { field, host } of hostsAt(object.manifest, 'spec.rules[].host').filter(
    ({ host: one }) => !named.some((tls) => covers(tls, one)),
  )) {
    yield { object, field, must: `be among the hosts of spec.tls, ${named.join(', ')}`, got: host, fix: 'add it to spec.tls' };
  }
}

function* ofIngress(object: FinishedObject, inventory: Inventory): Iterable<Finding> {
  for (const { field, value } of placesOf(object.manifest, 'spec.tls[]')) {
    const certificate = certificateOf(nameIn(map(value)['secretName']), namespaceOf(object.manifest), inventory);
    if (certificate) yield* uncovered(object, hostsAt(map(value), 'hosts[]', field), certificate);
  }
}

function* ofListener({ gateway, field, name, host }: Listener, inventory: Inventory): Iterable<Finding> {
  const places = placesOf(gateway.manifest, `spec.listeners[].tls.certificateRefs[]`);
  const names = places.filter((place) => place.field.startsWith(`${field}.`)).map(({ value }) => map(value));
  const found = names.map(({ name: secret, namespace }) =>
    certificateOf(nameIn(secret), nameIn(namespace) ?? namespaceOf(gateway.manifest), inventory),
  );
  if (found.length === 0 || found.some((names) => names === undefined)) return;
  const certificate = found.flatMap((names) => names ?? []);
  if (host !== undefined && !host.startsWith('*.')) {
    yield* uncovered(gateway, [{ field: `${field}.hostname`, host }], certificate);
    return;
  }
  for (const route of inventory.ofKind(...ROUTES)) {
    const mine = listenersOf(route, inventory)?.some((listener) => listener.gateway === gateway && listener.name === name);
    const hosts = hostsAt(route.manifest, 'spec.hostnames[]').filter((one) => host === undefined || listens(host, one.host));
    if (mine) yield* uncovered(route, hosts, certificate);
  }
}

function* uncovered(object: FinishedObject, hosts: readonly HostAt[], certificate: readonly string[]): Iterable<Finding> {
  for (const { field, host } of hosts.filter((one) => !certificate.some((name) => covers(name, one.host)))) {
    const must = `be named by its certificate, which is for ${certificate.join(', ') || '(none)'}`;
    yield { object, field, must, got: host, fix: 'add it to dnsNames of the Certificate; a wildcard stands for one label' };
  }
}

/** The names of the Certificate that makes a Secret; undefined where none in the YAML does. */
function certificateOf(secret: string | undefined, namespace: string, inventory: Inventory): string[] | undefined {
  const made = inventory
    .ofKind('Certificate')
    .filter(({ manifest }) => namespaceOf(manifest) === namespace && map(manifest['spec'])['secretName'] === secret);
  return made.length === 0 ? undefined : made.flatMap(({ manifest }) => namesIn(map(manifest['spec'])['dnsNames']));
}
