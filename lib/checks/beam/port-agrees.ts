import { PROBES, portOf, probeOf } from '../world/probes';
import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, placeOf, valueOf } from '../world/beam';
import { startsNoEndpoint } from '../world/ports';
import { type Inventory, inventoryOf } from '../world/inventory';
import { maps, numberAlone, specOf } from '../world/values';
import { serviceTargets } from '../world/services';
import type { Pod } from '../world/pods';

/** The port is said twice: to the program by a variable, and to Kubernetes by the pod. */
export const portAgrees: Rule = {
  name: 'port-agrees',
  sentence: 'A release listens on the port at which its Services and probes look for it.',
  why: 'Nobody answers where the probe asks: no new pod becomes ready, and the ones that run are restarted until the roll-out is given up.',
  source: 'https://hexdocs.pm/phoenix/releases.html#runtime-configuration',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const beam of beamContainers(world)) {
      // An endpoint that is not started has no port.
      if (beam.endsFirst || beam.workload.task || startsNoEndpoint(beam)) continue;
      for (const name of VARIABLES) {
        const port = Number(valueOf(beam, name) ?? NaN);
        if (!Number.isInteger(port) || isDeclared(port, beam.workload)) continue;
        const wanted = wantedOf(port, beam, inventory);
        if (wanted === undefined) continue;
        const must = `be ${wanted}, the port of the container that Services or probes of ${beam.workload.name} lead to`;
        const fix = "take it out: 'application.port' gives the variable, the container's port, the Service and the probes";
        yield { ...placeOf(beam, name), must, got: port, fix };
      }
    }
  },
};

/** What the endpoint of a release reads its ports from. */
const VARIABLES = ['PORT', 'PHX_HTTPS_PORT'];

function isDeclared(port: number, { containers }: Pod): boolean {
  return containers.some(({ spec }) => maps(spec['ports']).some(({ containerPort }) => containerPort === port));
}

/** A port of the container that others lead to, and that no other variable is about; none where they lead to this one. */
function wantedOf(port: number, beam: BeamContainer, inventory: Inventory): number | undefined {
  const declared = maps(beam.spec['ports']);
  if (declared.length === 0) return undefined;
  const asked = PROBES.flatMap((name) => {
    const wanted = portOf(probeOf(beam, name) ?? {})?.port;
    return declared.find(({ name: called }) => called === wanted)?.['containerPort'] ?? wanted ?? [];
  });
  const served = inventory.ofKind('Service').flatMap((service) => {
    const leads = specOf(service)['clusterIP'] !== 'None' && inventory.servedBy(service).includes(beam.workload);
    return leads ? serviceTargets(service.manifest, beam.workload, () => true).map(({ number }) => number) : [];
  });
  const reached = new Set<unknown>([...asked, ...served]);
  if (reached.has(port)) return undefined;
  const numbers = declared.flatMap(({ containerPort }) => (typeof containerPort === 'number' ? [containerPort] : []));
  return numbers.find((number) => reached.has(number) && !isSaid(number, beam));
}

function isSaid(number: number, { variables }: BeamContainer): boolean {
  const word = numberAlone(number);
  return [...variables.byName.values()].some(({ value }) => value !== undefined && word.test(value));
}
