import type { Finding, Rule, World } from '../rule';
import { beamContainers, placeOf } from '../world/beam';

/** The port table is as large as the node's file limit, which some container runtimes set to a billion. */
export const portTable: Rule = {
  name: 'port-table',
  sentence: 'The table of ports of a BEAM has a size of its own.',
  why: 'Its default follows the open-file limit of the node: on some, the VM takes gigabytes at its start and is killed for it.',
  source: 'https://github.com/teslamate-org/teslamate/issues/4999',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      if (beam.flags === undefined || /\+Q\s*[\d<$]/.test(beam.flags)) continue;
      const must = 'give the port table a size with +Q';
      yield { ...placeOf(beam, 'ERL_FLAGS'), must, got: beam.flags.trim() || undefined, fix: 'add +Q 65536' };
    }
  },
};
