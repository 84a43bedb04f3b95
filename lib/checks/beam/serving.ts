import { eachBeam } from '../each';
import type { FinishedObject } from '../rule';
import { type BeamContainer, commandOf, valueOf } from '../../model/beam';
import { type Inventory, inventoryOf } from '../../model/inventory';
import type { Pod } from '../../model/pods';
import { leadsToEndpoint, startsNoEndpoint } from '../../model/ports';
import { portOf, probeOf, PROBES } from '../../model/probes';
import { serviceTargets } from '../../model/services';
import { maps, numberAlone, specOf } from '../../model/values';
import { either } from '../../model/remedy';

/** `bin/server` of a generated release sets the switch; `bin/<release> start` does not. */
export const serverSwitch = eachBeam({
  name: 'server-switch',
  sentence: 'A release that is started to serve is told to: PHX_SERVER.',
  why: 'Without it Phoenix starts without its web server, says so in one line of the log, and no pod ever becomes ready.',
  source: 'https://hexdocs.pm/phoenix/releases.html',
  *each(beam, world) {
    if (!startsNoEndpoint(beam) || !servicesOf(beam, inventoryOf(world)).some((one) => leadsToEndpoint(one, beam))) return;
    const must = `be set where ${commandOf(beam).join(' ')} is to serve`;
    yield { variable: 'PHX_SERVER', must, got: undefined, fix: 'set PHX_SERVER=true, or start bin/server' };
  },
});

/** The Services that find a container. A headless one brings nodes together; it does not make them serve. */
function servicesOf({ workload }: BeamContainer, inventory: Inventory): readonly FinishedObject[] {
  const isIts = (service: FinishedObject) =>
    specOf(service)['clusterIP'] !== 'None' && inventory.servedBy(service).includes(workload);
  return inventory.ofKind('Service').filter(isIts);
}

export const portAgrees = eachBeam({
  name: 'port-agrees',
  sentence: 'A release listens on the port at which its Services and probes look for it.',
  why: 'Nobody answers where the probe asks: no new pod becomes ready, and the ones that run are restarted until the roll-out is given up.',
  source: 'https://hexdocs.pm/phoenix/releases.html#runtime-configuration',
  *each(beam, world) {
    // An endpoint that is not started has no port.
    if (beam.endsFirst || beam.workload.task || startsNoEndpoint(beam)) return;
    for (const name of VARIABLES) {
      const port = Number(valueOf(beam, name) ?? NaN);
      if (!Number.isInteger(port) || isDeclared(port, beam.workload)) continue;
      const wanted = wantedOf(port, beam, inventoryOf(world));
      if (wanted === undefined) continue;
      const must = `be ${wanted}, the port of the container that Services or probes of ${beam.workload.name} lead to`;
      const inLiteral = "take it out: 'application.port' gives the variable, the container's port, the Service and the probes";
      yield { variable: name, must, got: port, ...either('give both the same number', inLiteral) };
    }
  },
});

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
  const served = servicesOf(beam, inventory).flatMap(({ manifest }) => serviceTargets(manifest, beam.workload, () => true));
  const reached = new Set<unknown>([...asked, ...served.map(({ number }) => number)]);
  if (reached.has(port)) return undefined;
  const numbers = declared.flatMap(({ containerPort }) => (typeof containerPort === 'number' ? [containerPort] : []));
  return numbers.find((number) => reached.has(number) && !isSaid(number, beam));
}

function isSaid(number: number, { variables }: BeamContainer): boolean {
  const word = numberAlone(number);
  return [...variables.byName.values()].some(({ value }) => value !== undefined && word.test(value));
}
