import { perObject } from '../per-object';
import type { Finding, FinishedObject, Rule } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import type { Pod } from '../world/pods';
import { ROUTES } from '../world/routes';
import { annotationsOf, nameIn, nameOf, namespaceOf } from '../world/values';
import { covers, type HostAt, hostRoutes, hostsAt, listenersOf, listens } from './hosts';

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
const HOST = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

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
    if (HOST.test(name) && name.length <= 253 && !/^[\d.]+$/.test(name)) continue;
    const must = 'be a DNS name in lower case, without scheme, port or path';
    yield { object, field, must, got: host, fix: 'write it as app.example.com or *.example.com' };
  }
}

export const listenerTakesHost = perObject(ROUTES, {
  name: 'listener-takes-host',
  sentence: 'Every host of a route is taken by a listener of its Gateway.',
  why: 'The Gateway leaves the host of the route out, which then answers 404 or not at all.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/#hostnames',
  *find(object, world) {
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
    for (const [workload, hosts] of hostsByWorkload(inventoryOf(world))) {
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
