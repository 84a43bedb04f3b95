import type { Finding, Rule, World } from '../rule';
import { beamContainers, placeOf } from '../world/beam';
import { fencing } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { distributionPorts } from '../world/ports';

/** Left alone, a node listens on any free port, and no NetworkPolicy can name it. */
export const distributionPinned: Rule = {
  name: 'distribution-pinned',
  sentence: 'Nodes that meet listen on a pinned range of at least three ports, or on one port without epmd.',
  why: 'A node picks any free port, the NetworkPolicy closes it, and the cluster falls apart; of a single port, rpc and remote find none left.',
  source: 'https://www.erlang.org/doc/apps/kernel/kernel_app.html',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      if (!beam.clustered || beam.flags === undefined) continue;
      const ports = distributionPorts(beam);
      const place = placeOf(beam, beam.variables.byName.has('ERL_AFLAGS') ? 'ERL_AFLAGS' : 'ERL_FLAGS');
      const fix = 'add -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372';
      if (!ports) {
        // Where nothing is closed, any port is open.
        if (fencing(fencesOf(world), beam.workload, 'Ingress').length === 0) continue;
        yield { ...place, must: 'pin the ports of the distribution', got: beam.flags.trim() || undefined, fix };
        continue;
      }
      const { first, last } = ports.nodes;
      if (ports.epmd === undefined ? last >= first : last - first >= 2) continue;
      const must = 'pin three ports or more: bin/<release> rpc and remote listen on one too';
      yield { ...place, must, got: `${first}-${last}`, fix };
    }
  },
};
