import { eachOf } from '../each';
import type { Finding, FinishedObject, Rule } from '../rule';
import { isLoopback } from '../../model/beam';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { type Container, containersOf } from '../../model/pods';
import { ROUTES } from '../../model/routes';
import { map, maps, nameIn, nameOf, namesIn, namespaceOf, placesOf, specOf } from '../../model/values';
import type { ContainerVariable } from '../../model/variables';
import { covers, type HostAt, hostsAt, type Listener, listeners, listenersOf, listens } from './hosts';
import { type Address, type WayIn, waysIn } from './ways-in';
import { either, leftOut, remedy, type Remedy } from '../../model/remedy';

export const hostHasCertificate: Rule = {
  name: 'host-has-certificate',
  sentence: 'Every host that is served over TLS is named by its certificate.',
  why: 'Browsers stop in front of the host with a warning, and with HSTS nobody can go past it.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#tls',
  *find(world) {
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
  const must = `be among the hosts of spec.tls, ${named.join(', ')}`;
  for (const { field, host } of hostsAt(object.manifest, 'spec.rules[].host'))
    if (!named.some((tls) => covers(tls, host))) yield { object, field, must, got: host, fix: 'add it to spec.tls' };
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

export const wildcardNeedsDns = eachOf('Certificate')({
  name: 'wildcard-needs-dns',
  sentence: 'A certificate for a wildcard is signed by an issuer that writes DNS records.',
  why: 'The authority refuses the order, again and again, and every preview is served with a certificate that no browser takes.',
  source: 'https://letsencrypt.org/docs/challenge-types/#http-01-challenge',
  *each(object, world) {
    const { dnsNames, issuerRef } = specOf(object);
    const got = namesIn(dnsNames).find((host) => host.startsWith('*.'));
    const { kind = 'Issuer', name } = map(issuerRef);
    if (got === undefined || typeof name !== 'string') return;
    const issuer = inventoryOf(world).find(String(kind), name, namespaceOf(object.manifest))?.object;
    const { acme } = issuer ? specOf(issuer) : {};
    if (acme === undefined || maps(map(acme)['solvers']).some(({ dns01 }) => dns01 !== undefined)) return;
    const must = `name no wildcard, because ${String(kind)} ${name} answers by HTTP alone`;
    yield { field: 'spec.dnsNames', must, got, fix: 'give the issuer a DNS-01 challenge, or name each host' };
  },
});

/** Kinds of routes that nothing here reads. */
const OTHERS = ['IngressRoute', 'HTTPProxy', 'VirtualServer', 'TransportServer', 'Route', 'Mapping', 'ApisixRoute', 'TCPIngress'];

/** Phoenix believes what it is told: it asks no proxy how browsers came. */
export const urlSchemeServed: Rule = {
  name: 'url-scheme-served',
  sentence: 'A way to the pods answers by the scheme of their URLs: PHX_URL_SCHEME, or https where it is not set.',
  why: 'Mails and redirects lead to a port where nobody answers, or from TLS back to clear text; with force_ssl nobody gets in at all.',
  source: 'https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#module-runtime-configuration',
  *find(world) {
    const inventory = inventoryOf(world);
    if (inventory.ofKind(...OTHERS).length > 0) return;
    for (const { container, workload } of containersOf(inventory.pods.filter(({ task }) => !task))) {
      const told = toldOf(container);
      const ways = told ? waysIn(workload, told, inventory) : [];
      const wanted = told?.scheme === 'https' ? 'tls' : 'clear';
      const [way] = ways;
      if (!told || !way || ways.some(({ answers }) => answers.has(wanted) || answers.has('unknown'))) continue;
      if (wanted === 'tls') yield encrypt(way, told);
      else if (told.variable) yield inClear(way, told.variable);
    }
  },
};

interface Told extends Address {
  readonly scheme: string;
  readonly variable?: ContainerVariable;
}

/** What a container says of its URLs; undefined where it says nothing, or where a Secret may say it. */
function toldOf({ endsFirst: init, variables: { byName, complete } }: Container): Told | undefined {
  const { value: host, dangling } = byName.get('PHX_HOST') ?? {};
  // force_ssl leaves the loopback interface alone, and no mail leads there.
  if (init || !host || isLoopback(host) || dangling?.length !== 0 || host.includes('<')) return undefined;
  const variable = byName.get('PHX_URL_SCHEME');
  const port = Number(byName.get('PHX_URL_PORT')?.value);
  const address = { host, ...(port > 0 ? { port } : {}) };
  if (!variable) return complete ? { ...address, scheme: 'https' } : undefined;
  const { value: scheme = '', secret } = variable;
  return secret === undefined && /^https?$/.test(scheme) ? { ...address, scheme, variable } : undefined;
}

function encrypt({ object, field, got, written }: WayIn, { host, port }: Told): Finding {
  const must = `end TLS somewhere, as the application's own URLs begin with https://${host}${written ? `:${port}` : ''}`;
  const clear = either(
    `set PHX_URL_SCHEME=http${written ? ` and PHX_URL_PORT=${port}` : ''} for config/runtime.exs to read`,
    `tell the release "url: { scheme: 'http', port: ${written ? port : 80} }"`,
  );
  return { object, field, must, got, ...remedy`${certificateFor(object, field)}; or ${clear}, and leave out force_ssl` };
}

function certificateFor({ manifest }: FinishedObject, field: string): Remedy {
  if (manifest['kind'] === 'Service')
    return either(
      'let the pods answer by TLS, and browsers come to that port',
      "give the release 'https', and let browsers come to that port",
    );
  if (field === 'spec.parentRefs') return { fix: 'give its Gateway a listener for HTTPS' };
  const inFront = either(leftOut('url-scheme-served').fix, "'tls: OptOut.because(...)' of our routes");
  return remedy`give it a certificate, or say ${inFront} where TLS ends in front`;
}

function inClear({ object, written }: WayIn, { object: home, field }: ContainerVariable): Finding {
  const must = `be https, as ${String(object.manifest['kind'])} ${nameOf(object.manifest)} answers by TLS alone`;
  const inLiteral = written
    ? "write scheme: 'https' in the release's 'url'"
    : "remove the release's 'url': https and 443 are taken for granted";
  return { object: home, field, must: written ? `${must} there` : must, got: 'http', ...either('write https', inLiteral) };
}
