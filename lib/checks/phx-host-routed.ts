import { covers, hostRoutes, type HostRoute } from './hosts';
import { inventoryOf, type Inventory, type PodAt } from './inventory';
import { namespaceOf } from './names';
import type { Finding, Rule, World } from './rule';
import { map } from './untrusted';
import { variablesOf } from './variables-of';

/** Phoenix compares the origin of every socket with its host, and builds all URLs from it. */
export const phxHostRouted: Rule = {
  name: 'phx-host-routed',
  sentence: 'PHX_HOST is one of the hosts that lead to its pod.',
  why: 'Pages load while every LiveView socket is refused for its origin, and redirects and mails lead to a host that nobody serves.',
  source: 'https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3-common-configuration',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const routes = hostRoutes(inventory);
    if (routes.length === 0) return;
    const configs = { ...world, objects: inventory.ofKind('ConfigMap').filter(({ manifest }) => manifest['metadata']) };
    for (const [pod, hosts] of hostsByPod(routes, inventory)) {
      for (const { path, container } of pod.containers) {
        const host = variablesOf(container, pod.namespace, configs).get('PHX_HOST');
        // A reference to another variable is known to the kubelet alone.
        if (typeof host !== 'string' || host.includes('$(') || hosts.some((name) => covers(name, host))) continue;
        const must = `be one of the hosts that lead to its pod, ${hosts.join(', ')}`;
        const fix = 'give the application and the route the same host: Phoenix refuses sockets from any other';
        yield { object: pod.object, field: `${path}.env.PHX_HOST`, must, got: host, fix };
      }
    }
  },
};

/** The hosts that lead to each pod, without the pods that any host leads to. */
function hostsByPod(routes: readonly HostRoute[], inventory: Inventory): Map<PodAt, string[]> {
  const found = new Map<PodAt, Set<string>>();
  const open = new Set<PodAt>();
  for (const { hosts, services } of routes) {
    for (const pod of inventory.ofKind('Service').flatMap((service) => podsOf(service.manifest, services, inventory))) {
      if (hosts.length === 0) open.add(pod);
      const known = found.get(pod) ?? new Set();
      found.set(pod, new Set([...known, ...hosts.map(({ host }) => host)]));
    }
  }
  return new Map([...found].filter(([pod]) => !open.has(pod)).map(([pod, hosts]) => [pod, [...hosts]]));
}

function podsOf(service: PodAt['spec'], wanted: ReadonlySet<string>, inventory: Inventory): PodAt[] {
  const namespace = namespaceOf(service);
  if (!wanted.has(`${namespace}/${map(service['metadata'])['name']}`)) return [];
  const matchLabels = map(map(service['spec'])['selector']);
  return Object.keys(matchLabels).length === 0 ? [] : inventory.select({ matchLabels }, namespace);
}
