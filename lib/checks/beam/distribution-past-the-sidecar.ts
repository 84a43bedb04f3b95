import { serviceSelects } from '../world/selectors';
import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { maps, namespaceOf, numberOr, scalar, specOf } from '../world/values';
import { type Sidecar, sidecarsOf } from '../world/istio';
import type { Pod } from '../world/pods';
import { distributionPorts, meshes } from '../world/ports';

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
      const ports = portsOf(distributionPorts(beam));
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

function portsOf(found: ReturnType<typeof distributionPorts>): number[] {
  if (!found) return [];
  const { epmd, nodes } = found;
  // A range that is too wide to be meant is looked at from its start.
  const length = Math.max(0, Math.min(nodes.last - nodes.first + 1, 100));
  return [...(epmd === undefined ? [] : [epmd]), ...Array.from({ length }, (_, offset) => nodes.first + offset)];
}

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
