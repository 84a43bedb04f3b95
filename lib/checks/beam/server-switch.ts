import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, commandOf, placeOf, startsRelease } from '../world/beam';
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
    const starting = beamContainers(world).filter(
      (beam) =>
        !beam.legacy &&
        !servesByFlag(beam) &&
        beam.variables.complete &&
        !beam.variables.byName.has('PHX_SERVER') &&
        startsRelease(commandOf(beam)),
    );
    if (starting.length === 0) return;
    // A headless Service brings nodes together; it does not make them serve.
    const services = inventory.ofKind('Service').filter(({ manifest }) => map(manifest['spec'])['clusterIP'] !== 'None');
    const served = new Set(services.flatMap((service) => inventory.servedBy(service)));
    for (const beam of starting.filter(({ workload }) => served.has(workload))) {
      const must = `be set where ${commandOf(beam).join(' ')} is to serve`;
      yield { ...placeOf(beam, 'PHX_SERVER'), must, got: undefined, fix: 'set PHX_SERVER=true, or start bin/server' };
    }
  },
};

/** The switch of all endpoints, for an application that does not read the variable; flags that cannot be seen may have it. */
function servesByFlag({ flags }: BeamContainer): boolean {
  return flags === undefined || /-phoenix\s+serve_endpoints\s+true\b/.test(flags);
}
