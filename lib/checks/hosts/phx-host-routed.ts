import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, nameOf, namespaceOf } from '../world/values';
import type { Pod } from '../world/pods';
import { covers, hostRoutes, type HostRoute } from './hosts';

/** Phoenix compares the origin of every socket with its host, and builds all URLs from it. */
export const phxHostRouted: Rule = {
  name: 'phx-host-routed',
  sentence: 'PHX_HOST is one of the hosts that lead to its pod.',
  why: 'Pages load while every LiveView socket is refused for its origin, and redirects and mails lead to a host that nobody serves.',
  source: 'https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3-common-configuration',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    yield* ofBalancers(inventory);
    const routes = hostRoutes(inventory);
    if (routes.length === 0) return;
    for (const [workload, hosts] of hostsByWorkload(routes, inventory)) {
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
  const told = new Set<string>();
  for (const service of inventory.ofKind('Service')) {
    if (map(service.manifest['spec'])['type'] !== 'LoadBalancer') continue;
    for (const { object, path, variables } of inventory.servedBy(service).flatMap(inContainers)) {
      const { value: got, secret } = variables.byName.get('PHX_HOST') ?? {};
      const field = `${path}.env.PHX_HOST`;
      if (got !== 'localhost' || secret !== undefined || told.has(object.construct.node.path + field)) continue;
      told.add(object.construct.node.path + field);
      const must = `be the host by which Service ${nameOf(service.manifest)} is reached`;
      yield { object, field, must, got, fix: 'write that host: Phoenix refuses sockets from any other', severity: 'warning' };
    }
  }
}

function inContainers({ object, containers }: Pod) {
  return containers.map((container) => ({ object, ...container }));
}

/** The hosts that lead to each workload, without those that any host leads to. */
function hostsByWorkload(routes: readonly HostRoute[], inventory: Inventory): ReadonlyMap<Pod, readonly string[]> {
  const found = new Map<Pod, Set<string>>();
  const open = new Set<Pod>();
  const services = inventory.ofKind('Service').map((service) => {
    const { manifest } = service;
    return { id: `${namespaceOf(manifest)}/${nameOf(manifest)}`, workloads: inventory.servedBy(service) };
  });
  for (const { hosts, services: wanted } of routes) {
    for (const workload of services.flatMap(({ id, workloads }) => (wanted.has(id) ? workloads : []))) {
      if (hosts.length === 0) open.add(workload);
      const known = found.get(workload) ?? new Set();
      found.set(workload, new Set([...known, ...hosts.map(({ host }) => host)]));
    }
  }
  return new Map([...found].filter(([workload]) => !open.has(workload)).map(([workload, hosts]) => [workload, [...hosts]]));
}
