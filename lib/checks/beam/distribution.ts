import type { Manifest } from '../../support/edit';
import { eachBeam } from '../each';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type BeamContainer, beamContainers } from '../../model/beam';
import { type Direction, fencing, meansPod, namedPorts, namespacesOf, opens } from '../../model/fences';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { type Sidecar, sidecarsOf } from '../../model/istio';
import { fencesOf } from '../../model/network-policies';
import type { Pod } from '../../model/pods';
import { distributionPorts, EPMD_PORT, meshes } from '../../model/ports';
import { backends, portsOfService, servicesBehind } from '../../model/routes';
import { selectsAll, serviceSelects } from '../../model/selectors';
import { opensOutside } from '../../model/services';
import { list, maps, namespaceOf, numberOr, scalar, specOf } from '../../model/values';

export const distributionPinned = eachBeam({
  name: 'distribution-pinned',
  sentence: 'Nodes that meet listen on a pinned range of at least three ports, or on one port without epmd.',
  why: 'A node picks any free port, the NetworkPolicy closes it, and the cluster falls apart; of a single port, rpc and remote find none left.',
  source: 'https://www.erlang.org/doc/apps/kernel/kernel_app.html',
  *each(beam, world) {
    if (!beam.clustered || beam.flags === undefined) return;
    const { nodes, epmd } = distributionPorts(beam) ?? {};
    const variable = beam.variables.byName.has('ERL_AFLAGS') ? 'ERL_AFLAGS' : 'ERL_FLAGS';
    const fix = 'add -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372';
    if (!nodes) {
      // Where nothing is closed, any port is open.
      if (fencing(fencesOf(world), beam.workload, 'Ingress').length === 0) return;
      yield { variable, must: 'pin the ports of the distribution', got: beam.flags.trim() || undefined, fix };
    } else if (nodes.last - nodes.first < (epmd === undefined ? 0 : 2)) {
      const must = 'pin three ports or more: bin/<release> rpc and remote listen on one too';
      yield { variable, must, got: `${nodes.first}-${nodes.last}`, fix };
    }
  },
});

export const distributionOpen: Rule = {
  name: 'distribution-open',
  sentence: 'NetworkPolicies let the nodes of a mesh reach each other: epmd and the pinned range, out and in.',
  why: "The nodes find each other's addresses and cannot connect: each pod is a cluster of its own, and nothing says so but a warning.",
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  *find(world: World): Iterable<Finding> {
    if (fencesOf(world).length === 0) return;
    for (const mesh of meshes(world).values()) {
      const workloads = [...new Set(mesh.map(({ workload }) => workload))];
      const portsAt = (pod: Pod) => mesh.filter(({ workload }) => workload === pod).flatMap(portsOf);
      for (const here of workloads) {
        yield* closed('Ingress', here, workloads, portsAt(here), world);
        for (const there of workloads) yield* closed('Egress', here, [there], portsAt(there), world);
      }
    }
  },
};

/** What the policies at `here` do not allow from or to the others; the first of them stands for all. */
function* closed(direction: Direction, here: Pod, others: readonly Pod[], ports: number[], world: World): Iterable<Finding> {
  const closing = fencing(fencesOf(world), here, direction);
  // One for all pods of the namespace only closes; what is to be opened belongs into one for these.
  const { object } = closing.find(({ selector }) => !selectsAll(selector)) ?? closing[0] ?? {};
  if (!object) return;
  const namespaces = namespacesOf(world);
  for (const there of others) {
    const named = namedPorts(direction === 'Ingress' ? here : there);
    const missing = ports.filter((number) => {
      const port = { number, protocol: 'TCP' };
      return !opens(closing, direction, { port, named, isPeer: (peer, fence) => meansPod(peer, there, fence, namespaces) });
    });
    if (missing.length === 0) continue;
    const way = direction === 'Ingress' ? 'from' : 'to';
    const must = `allow TCP ${shortened(ports)} ${way} the pods of ${there.name}, which ${here.name} forms a cluster with`;
    const fix = `add them to the ports of a rule whose ${way} selects these pods`;
    yield { object, field: `spec.${direction.toLowerCase()}`, must, got: `nothing for ${shortened(missing)}`, fix };
    return;
  }
}

/** The ports that a node is reached on. */
function portsOf(beam: BeamContainer): number[] {
  const { epmd, nodes = { first: 0, last: -1 } } = distributionPorts(beam) ?? {};
  // A range that is too wide to be meant is looked at from its start.
  const length = Math.max(0, Math.min(nodes.last - nodes.first + 1, 100));
  return [...(epmd === undefined ? [] : [epmd]), ...Array.from({ length }, (_, offset) => nodes.first + offset)];
}

/** Ports in a row as a range: `4369, 4370-4372`. */
function shortened(ports: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last && port === last[1] + 1 && last[0] !== 4369) last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

export const distributionPrivate: Rule = {
  name: 'distribution-private',
  sentence: 'No Service and no route opens epmd or the distribution of Erlang outside of the cluster.',
  why: 'Whoever reaches these ports with the cookie runs any code in the pod, as the application itself.',
  source: 'https://www.erlang.org/doc/system/distributed.html',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const { service, entry, ...place } of [...byServices(inventory), ...byRoutes(inventory)]) {
      const workloads = inventory.servedBy(service);
      const got = targetOf(entry, workloads);
      if (rangesOf(world, workloads).some(({ first, last }) => got >= first && got <= last)) yield { ...place, got };
    }
  },
};

/** A port of a Service that is open to the outside, as a finding where it is one of the distribution. */
interface Opening extends Omit<Finding, 'got'> {
  readonly service: FinishedObject;
  readonly entry: Manifest;
}

function* byServices(inventory: Inventory): Iterable<Opening> {
  for (const object of inventory.ofKind('Service')) {
    if (!opensOutside(object)) continue;
    const { type = 'ClusterIP' } = specOf(object);
    const must = `not open a port of the distribution by ${String(type)}`;
    const fix = 'keep these ports on a headless Service of their own, and use kubectl port-forward from outside';
    for (const [index, entry] of portsOfService(object).entries())
      yield { object, field: `spec.ports[${index}]`, must, fix, service: object, entry };
  }
}

/** A gateway is outside, too: whoever opens its own way to these ports opens it for all who reach the gateway. */
function* byRoutes(inventory: Inventory): Iterable<Opening> {
  for (const { object, portField: field, name, port, service, meant } of servicesBehind(backends(inventory), inventory)) {
    const [entry] = meant;
    if (isInside(object) || !entry) continue;
    const must = `not lead to a port of the distribution, as port ${String(port)} of Service ${name} does`;
    yield { object, field, must, fix: 'lead to the port of the endpoint, and open no way for this one', service, entry };
  }
}

/** A VirtualService without a gateway routes what pods of the mesh send, and lets nobody in. */
function isInside(object: FinishedObject): boolean {
  return object.manifest['kind'] === 'VirtualService' && list(specOf(object)['gateways']).every((gateway) => gateway === 'mesh');
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

const INBOUND = 'traffic.sidecar.istio.io/excludeInboundPorts';
const OUTBOUND = 'traffic.sidecar.istio.io/excludeOutboundPorts';

/** Nodes connect to addresses of pods. A proxy knows those that a headless Service declares, and no other. */
export const distributionPastTheSidecar: Rule = {
  name: 'distribution-past-the-sidecar',
  sentence:
    'Where Istio adds its proxy to the nodes of a mesh, their ports go past it in both directions, or a headless Service declares them.',
  why: 'One sidecar sends in clear text what the other takes encrypted alone: every node stays alone, and users miss what happens on other pods.',
  source: 'https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#headless-services',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const sidecars = sidecarsOf(inventory);
    if (sidecars.size === 0) return;
    for (const beam of [...meshes(world).values()].flat()) {
      const { workload } = beam;
      const sidecar = sidecars.get(workload);
      const ports = portsOf(beam);
      if (!sidecar || ports.length === 0) continue;
      const [inbound, outbound] = [portsIn(sidecar, INBOUND), portsIn(sidecar, OUTBOUND)];
      const declared = declaredPorts(workload, inventory);
      const wrong = ports.filter((port) => {
        const past = inbound.has(port);
        return past !== outbound.has(port) || (!past && !declared.has(port));
      });
      if (wrong.length === 0) continue;
      const annotation = wrong.some((port) => !inbound.has(port)) ? INBOUND : OUTBOUND;
      const field = `${sidecar.path}["${annotation}"]`;
      const must = `name ${wrong.join(', ')}, on which the nodes meet and which no headless Service declares`;
      const got = sidecar.annotations[annotation] as unknown;
      const fix = `write "${ports.join(',')}" into ${INBOUND} and ${OUTBOUND}, or declare the ports on the headless Service`;
      yield { object: workload.object, field, must, got, fix };
    }
  },
};

function portsIn({ annotations }: Sidecar, annotation: string): ReadonlySet<number> {
  const text = scalar(annotations[annotation]) ?? '';
  return new Set(text.split(',').map((port) => Number(port.trim() || NaN)));
}

/** Ports at which a headless Service finds these pods. */
function declaredPorts({ namespace, labels }: Pod, inventory: Inventory): ReadonlySet<number> {
  const services = inventory.ofKind('Service').filter((service) => {
    const { clusterIP, selector } = specOf(service);
    return clusterIP === 'None' && namespaceOf(service.manifest) === namespace && serviceSelects(selector, labels);
  });
  return new Set(services.flatMap((service) => maps(specOf(service)['ports']).map(({ port }) => numberOr(NaN, port))));
}
