import type { Manifest } from '../../support/edit';
import { isHost } from '../../support/forms';
import { eachOf, placesOnce } from '../each';
import type { Finding, FinishedObject, Rule } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { containersOf, type Pod } from '../../model/pods';
import { backendsOf, ROUTES } from '../../model/routes';
import { annotationsOf, map, nameIn, nameOf, namespaceOf, placesOf, specOf } from '../../model/values';

const PLACES: readonly (readonly [kind: string, ...places: string[]])[] = [
  ['Ingress', 'spec.rules[].host', 'spec.tls[].hosts[]'],
  ['HTTPRoute', 'spec.hostnames[]'],
  ['GRPCRoute', 'spec.hostnames[]'],
  ['TLSRoute', 'spec.hostnames[]'],
  ['Gateway', 'spec.listeners[].hostname'],
  ['Certificate', 'spec.dnsNames[]'],
  ['DNSEndpoint', 'spec.endpoints[].dnsName'],
];

/** That of external-dns before 0.22, and since. */
const ANNOTATIONS = ['external-dns.alpha.kubernetes.io/hostname', 'external-dns.kubernetes.io/hostname'];

export const validHosts: Rule = {
  name: 'valid-hosts',
  sentence: 'Every host is a DNS name, with a wildcard only as its whole first label.',
  why: 'A host with a port or a scheme is refused by the API server, or never matches a request and never gets a certificate.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards',
  *find(world) {
    const inventory = inventoryOf(world);
    for (const [kind, ...places] of PLACES) {
      for (const object of inventory.ofKind(kind))
        for (const place of places) yield* judge(object, hostsAt(object.manifest, place));
    }
    for (const object of inventory.ofKind('Service', 'Ingress', 'Gateway')) yield* judge(object, annotated(object));
  },
};

function annotated({ manifest }: FinishedObject): HostAt[] {
  const annotations = annotationsOf(manifest);
  return ANNOTATIONS.flatMap((name) =>
    (nameIn(annotations[name])?.split(',') ?? []).map((host) => {
      return { field: `metadata.annotations["${name}"]`, host: host.trim() };
    }),
  );
}

function* judge(object: FinishedObject, hosts: readonly HostAt[]): Iterable<Finding> {
  for (const { field, host } of hosts) {
    // Records of the mail and of services begin with an underscore, and a zone may end with a dot.
    const name = object.manifest['kind'] === 'DNSEndpoint' ? host.replaceAll(/(^|\.)_/g, '$1').replace(/\.$/, '') : host;
    if (isHost(name.replace(/^\*\./, ''))) continue;
    const must = 'be a DNS name in lower case, without scheme, port or path';
    yield { object, field, must, got: host, fix: 'write it as app.example.com or *.example.com' };
  }
}

export const listenerTakesHost = eachOf(...ROUTES)({
  name: 'listener-takes-host',
  sentence: 'Every host of a route is taken by a listener of its Gateway.',
  why: 'The Gateway leaves the host of the route out, which then answers 404 or not at all.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/#hostnames',
  *each(object, world) {
    const found = listenersOf(object, inventoryOf(world)) ?? [];
    const names = found.flatMap(({ host }) => host ?? []);
    if (found.length === 0 || names.length < found.length) return;
    const must = `be taken by a listener of its Gateway, which are for ${[...new Set(names)].join(', ')}`;
    for (const { field, host } of hostsAt(object.manifest, 'spec.hostnames[]')) {
      const taken = names.some((name) => listens(name, host));
      if (!taken) yield { field, must, got: host, fix: 'correct the host, or add a listener for it' };
    }
  },
});

export const phxHostRouted: Rule = {
  name: 'phx-host-routed',
  sentence: 'PHX_HOST is one of the hosts that lead to its pod.',
  why: 'Pages load while every LiveView socket is refused for its origin, and redirects and mails lead to a host that nobody serves.',
  source: 'https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3-common-configuration',
  *find(world) {
    const inventory = inventoryOf(world);
    yield* placesOnce(ofBalancers(inventory));
    for (const [workload, hosts] of hostsByWorkload(inventory)) {
      for (const { path, variables } of workload.containers) {
        const { value: host, secret, dangling } = variables.byName.get('PHX_HOST') ?? {};
        // What a Secret holds is not shown, and fields of the pod are known in the cluster alone.
        if (host === undefined || secret !== undefined || dangling?.length !== 0 || host.includes('<')) continue;
        if (hosts.some((name) => covers(name, host))) continue;
        const must = `be one of the hosts that lead to its pod, ${hosts.join(', ')}`;
        const fix = 'give the application and the route the same host: Phoenix refuses sockets from any other';
        yield { object: workload.object, field: `${path}.env.PHX_HOST`, must, got: host, fix };
      }
    }
  },
};

/** Whoever comes by a load balancer calls it by its own name, which is never that of the laptop. */
function* ofBalancers(inventory: Inventory): Iterable<Finding> {
  const services = inventory.ofKind('Service').filter((service) => specOf(service)['type'] === 'LoadBalancer');
  for (const service of services) {
    for (const { container, workload } of containersOf(inventory.servedBy(service))) {
      const { value: got, secret } = container.variables.byName.get('PHX_HOST') ?? {};
      const { object } = workload;
      const field = `${container.path}.env.PHX_HOST`;
      if (got !== 'localhost' || secret !== undefined) continue;
      const must = `be the host by which Service ${nameOf(service.manifest)} is reached`;
      yield { object, field, must, got, fix: 'write that host: Phoenix refuses sockets from any other', severity: 'warning' };
    }
  }
}

/** The hosts that lead to each workload, without those that any host leads to. */
function hostsByWorkload(inventory: Inventory): ReadonlyMap<Pod, readonly string[]> {
  const found = new Map<Pod, readonly string[]>();
  const open = new Set<Pod>();
  const services = inventory.ofKind('Service');
  for (const { hosts, services: wanted } of hostRoutes(inventory)) {
    const meant = services.filter(({ manifest }) => wanted.has(`${namespaceOf(manifest)}/${nameOf(manifest)}`));
    for (const workload of meant.flatMap((service) => inventory.servedBy(service))) {
      if (hosts.length === 0) open.add(workload);
      found.set(workload, [...new Set([...(found.get(workload) ?? []), ...hosts.map(({ host }) => host)])]);
    }
  }
  return new Map([...found].filter(([workload]) => !open.has(workload)));
}

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
