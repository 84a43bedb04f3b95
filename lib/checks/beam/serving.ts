import { KEY_BASE_BYTES } from '../../support/secret-key';
import { eachBeam, oncePerPlace } from '../each';
import type { Finding, FinishedObject } from '../rule';
import { type BeamContainer, beamContainers, commandOf, placeOf, valueOf } from '../../model/beam';
import { type Inventory, inventoryOf } from '../../model/inventory';
import type { Pod } from '../../model/pods';
import { leadsToEndpoint, startsNoEndpoint } from '../../model/ports';
import { portOf, probeOf, PROBES } from '../../model/probes';
import { serviceTargets } from '../../model/services';
import { map, maps, numberAlone, specOf } from '../../model/values';
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

/** A key that was made up by hand is short, and nobody asks for its length before the first session. */
export const keyBaseLength = oncePerPlace({
  name: 'key-base-length',
  sentence: 'SECRET_KEY_BASE has 64 bytes at least, where the YAML shows it.',
  why: 'The release boots, and the first request that has a session fails: "cookie store expects conn.secret_key_base to be at least 64 bytes".',
  source: 'https://hexdocs.pm/plug/Plug.Session.COOKIE.html',
  *find(world) {
    for (const beam of beamContainers(world)) {
      const { value } = beam.variables.byName.get('SECRET_KEY_BASE') ?? {};
      // Who only migrates has no sessions; fields of the pod, and what refers to another variable, are known in the cluster alone.
      if (beam.endsFirst || beam.workload.task || !value || /^<|\$\(/.test(value) || Buffer.byteLength(value) >= KEY_BASE_BYTES)
        continue;
      const place = whereItStands(beam, inventoryOf(world));
      const fix = 'make one with mix phx.gen.secret';
      yield { ...place, must: `have ${KEY_BASE_BYTES} bytes or more`, got: `${Buffer.byteLength(value)} bytes`, fix };
    }
  },
});

/** The Secret that it comes from, rather than the variable: many may read it. */
function whereItStands(beam: BeamContainer, inventory: Inventory): Pick<Finding, 'object' | 'field'> {
  const [name = '', key = ''] = beam.variables.byName.get('SECRET_KEY_BASE')?.secret?.split('/') ?? [];
  const object = name === '' ? undefined : inventory.find('Secret', name, beam.workload.namespace)?.object;
  if (!object) return placeOf(beam, 'SECRET_KEY_BASE');
  return { object, field: `${Object.hasOwn(map(object.manifest['stringData']), key) ? 'stringData' : 'data'}.${key}` };
}
