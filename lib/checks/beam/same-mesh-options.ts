import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, placeOf } from '../world/beam';
import { meshes } from '../world/ports';
import { type VmFlag, vmFlags } from './vm-flags';

/** What both ends of a connection go by, and its default. */
const SHARED: ReadonlyMap<string, string> = new Map([
  ['-kernel prevent_overlapping_partitions', 'true'],
  ['-kernel net_ticktime', '60'],
  ['-kernel net_tickintensity', '4'],
  ['-kernel dist_auto_connect', 'as usual'],
  ['-kernel connect_all', 'true'],
  ['-connect_all', 'true'],
  ['-proto_dist', 'inet_tcp'],
]);

/** Half of the nodes with an option that all should have is worse than none with it. */
export const sameMeshOptions: Rule = {
  name: 'same-mesh-options',
  sentence: 'All nodes of a mesh have the same options of the distribution, and none of them is hidden.',
  why: 'Nodes that disagree about who is gone throw each other out, over and over; a hidden one gets no message of PubSub.',
  source: 'https://www.erlang.org/doc/apps/kernel/kernel_app.html',
  *find(world: World): Iterable<Finding> {
    for (const [query, beams] of meshes(world)) {
      // What stands in a Secret or in a file of the image is not known.
      const known = beams.filter(({ flags }) => flags !== undefined).map((beam) => ({ beam, flags: vmFlags(beam) }));
      for (const { beam, flags } of known) yield* hidden(beam, flags);
      const [first, ...others] = known;
      if (!first) continue;
      const beside = `in ${first.beam.workload.kind} ${first.beam.workload.name}, which looks up ${query} too`;
      for (const { beam, flags } of others) {
        for (const [name, usual] of SHARED) {
          const [wanted, own] = [first.flags, flags].map((list) => list.find((flag) => flag.name === name));
          const [value, got] = [wanted?.value ?? usual, own?.value ?? usual];
          if (value === got) continue;
          const must = `have ${name} as it is ${beside}: ${value}`;
          const fix = 'give all nodes of the mesh the same';
          yield { ...placeOf(beam, own?.variable ?? wanted?.variable ?? 'ERL_AFLAGS'), must, got, fix };
        }
      }
    }
  },
};

function* hidden(beam: BeamContainer, flags: readonly VmFlag[]): Iterable<Finding> {
  const flag = flags.find(({ name, value }) => name === '-hidden' && value !== 'false');
  if (!flag) return;
  const fix = 'remove it: only nodes that look on, such as a shell, are hidden';
  yield { ...placeOf(beam, flag.variable), must: 'not hide a node from those that it is to meet', got: flag.name, fix };
}
