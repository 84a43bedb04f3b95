import type { Finding, FinishedObject, Rule, World } from '../rule';
import { beamContainers, commandOf, placeOf } from '../world/beam';
import { leadsToEndpoint, startsNoEndpoint } from '../world/ports';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';

/** `bin/server` of a generated release sets the switch; `bin/<release> start` does not. */
export const serverSwitch: Rule = {
  name: 'server-switch',
  sentence: 'A release that is started to serve is told to: PHX_SERVER.',
  why: 'Without it Phoenix starts without its web server, says so in one line of the log, and no pod ever becomes ready.',
  source: 'https://hexdocs.pm/phoenix/releases.html',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const starting = beamContainers(world).filter(startsNoEndpoint);
    if (starting.length === 0) return;
    // A headless Service brings nodes together; it does not make them serve.
    const services = inventory.ofKind('Service').filter(({ manifest }) => map(manifest['spec'])['clusterIP'] !== 'None');
    for (const beam of starting) {
      const leads = (service: FinishedObject) =>
        inventory.servedBy(service).includes(beam.workload) && leadsToEndpoint(service, beam);
      if (!services.some(leads)) continue;
      const must = `be set where ${commandOf(beam).join(' ')} is to serve`;
      yield { ...placeOf(beam, 'PHX_SERVER'), must, got: undefined, fix: 'set PHX_SERVER=true, or start bin/server' };
    }
  },
};
