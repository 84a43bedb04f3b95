import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, placeOf } from '../world/beam';

/** What a generated config/runtime.exs raises without, whatever is started. */
const NEEDED = ['SECRET_KEY_BASE', 'DATABASE_URL'];

/** All that runs an image reads the same configuration at its boot, a migration too. */
export const sameBoot: Rule = {
  name: 'same-boot',
  sentence: 'All that runs one release gets the variables that it cannot boot without, from the same place.',
  why: 'config/runtime.exs runs before every command and raises: the migration or the worker ends before it begins.',
  source: 'https://hexdocs.pm/phoenix/releases.html#runtime-configuration',
  *find(world: World): Iterable<Finding> {
    const first = new Map<string, BeamContainer>();
    for (const beam of beamContainers(world)) {
      for (const name of NEEDED) if (beam.variables.byName.has(name)) remember(first, beam, name);
    }
    for (const beam of beamContainers(world)) {
      for (const name of NEEDED) {
        const other = first.get(keyOf(beam, name));
        if (!other || other === beam || !beam.variables.complete) continue;
        const [wanted, own] = [other, beam].map(({ variables }) => variables.byName.get(name));
        const beside = `${other.workload.kind} ${other.workload.name}, which runs the same image`;
        if (!own) {
          const fix = 'give it the same variables: config/runtime.exs reads them before every command';
          yield { ...placeOf(beam, name), must: `be set as in ${beside}`, got: undefined, fix };
        } else if (
          own.secret !== wanted?.secret &&
          own.secret !== undefined &&
          wanted?.secret !== undefined &&
          name !== 'DATABASE_URL'
        ) {
          const fix = `use the key ${wanted.secret}: what one pod signs, the others must accept`;
          yield { ...placeOf(beam, name), must: `come from the same key as in ${beside}`, got: own.secret, fix };
        }
      }
    }
  },
};

function remember(first: Map<string, BeamContainer>, beam: BeamContainer, name: string): void {
  const key = keyOf(beam, name);
  if (!first.has(key)) first.set(key, beam);
}

function keyOf({ spec }: BeamContainer, name: string): string {
  return `${name} ${String(spec['image'])}`;
}
