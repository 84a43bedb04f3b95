import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { beamContainers } from '../world/beam';
import { backends, portsOfService } from '../world/routes';
import { inventoryOf } from '../world/inventory';
import type { Pod } from '../world/pods';
import { list, map, maps, scalar } from '../world/values';
import { distributionPorts, EPMD_PORT } from '../world/ports';

/** Whoever reaches a distribution port and knows the cookie runs any code. */
export const distributionPrivate: Rule = {
  name: 'distribution-private',
  sentence: 'No Service and no route opens epmd or the distribution of Erlang outside of the cluster.',
  why: 'Whoever reaches these ports with the cookie runs any code in the pod, as the application itself.',
  source: 'https://www.erlang.org/doc/system/distributed.html',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('Service')) {
      const spec = map(object.manifest['spec']);
      const type = scalar(spec['type']) ?? 'ClusterIP';
      const outside =
        type === 'NodePort' || type === 'LoadBalancer' || (Array.isArray(spec['externalIPs']) && spec['externalIPs'].length > 0);
      if (!outside) continue;
      const workloads = inventory.servedBy(object);
      const ranges = rangesOf(world, workloads);
      for (const [index, port] of maps(spec['ports']).entries()) {
        const number = targetOf(port, workloads);
        if (!ranges.some(({ first, last }) => number >= first && number <= last)) continue;
        const fix = 'keep these ports on a headless Service of their own, and use kubectl port-forward from outside';
        yield { object, field: `spec.ports[${index}]`, must: `not open a port of the distribution by ${type}`, got: number, fix };
      }
    }
    yield* byRoutes(world);
  },
};

/** A gateway is outside, too: whoever opens its own way to these ports opens it for all who reach the gateway. */
function* byRoutes(world: World): Iterable<Finding> {
  const inventory = inventoryOf(world);
  for (const { object, portField: field, kind, name, namespace, port } of backends(inventory)) {
    if (isInside(object)) continue;
    const service = kind === 'Service' ? inventory.find('Service', name, namespace)?.object : undefined;
    const entry = service && portsOfService(service).find((one) => one['port'] === port || one['name'] === port);
    if (!service || !entry) continue;
    const workloads = inventory.servedBy(service);
    const number = targetOf(entry, workloads);
    if (!rangesOf(world, workloads).some(({ first, last }) => number >= first && number <= last)) continue;
    const must = `not lead to a port of the distribution, as port ${String(port)} of Service ${name} does`;
    yield { object, field, must, got: number, fix: 'lead to the port of the endpoint, and open no way for this one' };
  }
}

/** A VirtualService without a gateway routes what pods of the mesh send, and lets nobody in. */
function isInside({ manifest }: FinishedObject): boolean {
  const { gateways } = map(manifest['spec']);
  return manifest['kind'] === 'VirtualService' && list(gateways).every((gateway) => gateway === 'mesh');
}

function rangesOf(world: World, workloads: readonly Pod[]): { first: number; last: number }[] {
  const pinned = beamContainers(world).flatMap((beam) => {
    // What listens on loopback alone is reached by no Service, so that one leads to another program.
    const inside = /inet_dist_use_interface\s+\{127,/.test(beam.flags ?? '');
    const ports = workloads.includes(beam.workload) && !inside ? distributionPorts(beam) : undefined;
    return ports ? [ports.nodes, ...(ports.epmd === undefined ? [] : [{ first: ports.epmd, last: ports.epmd }])] : [];
  });
  return [{ first: EPMD_PORT, last: EPMD_PORT }, ...pinned];
}

/** The number of the pods' port behind a port of a Service. */
function targetOf({ port, targetPort = port }: Manifest, workloads: readonly Pod[]): number {
  if (typeof targetPort === 'number') return targetPort;
  const declared = workloads.flatMap(({ containers }) => containers.flatMap(({ spec }) => maps(spec['ports'])));
  return Number(declared.find(({ name }) => name === targetPort)?.['containerPort']);
}
