import type { Finding, Rule, World } from '../rule';
import type { BeamContainer } from '../world/beam';
import { type Direction, fencing, meansPod, namedPorts, namespacesOf, opens } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { selectsAll } from '../world/selectors';
import type { Pod } from '../world/pods';
import { distributionPorts, meshes } from '../world/ports';

/** Each node connects to each other one, so that both ends must be open at all of them. */
export const distributionOpen: Rule = {
  name: 'distribution-open',
  sentence: 'NetworkPolicies let the nodes of a mesh reach each other: epmd and the pinned range, out and in.',
  why: "The nodes find each other's addresses and cannot connect: each pod is a cluster of its own, and nothing says so but a warning.",
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  *find(world: World): Iterable<Finding> {
    if (fencesOf(world).length === 0) return;
    for (const mesh of meshes(world).values()) {
      const workloads = [...new Set(mesh.map(({ workload }) => workload))];
      for (const here of workloads) {
        yield* closed('Ingress', here, workloads, portsOf(mesh, here), world);
        for (const there of workloads) yield* closed('Egress', here, [there], portsOf(mesh, there), world);
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

/** The ports that a workload's nodes are reached on. */
function portsOf(mesh: readonly BeamContainer[], workload: Pod): number[] {
  return mesh
    .filter((beam) => beam.workload === workload)
    .flatMap((beam) => {
      const { epmd, nodes } = distributionPorts(beam) ?? {};
      // A range that is too wide to be meant is looked at from its start.
      const length = nodes ? Math.max(0, Math.min(nodes.last - nodes.first + 1, 100)) : 0;
      return [...(epmd === undefined ? [] : [epmd]), ...Array.from({ length }, (_, offset) => (nodes?.first ?? 0) + offset)];
    });
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
