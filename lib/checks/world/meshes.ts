import type { World } from '../rule';
import { type BeamContainer, beamContainers, valueOf } from './beam';

/** The containers whose nodes meet, by what they look up: a name in DNS, or a label of pods. */
export function meshes(world: World): ReadonlyMap<string, readonly BeamContainer[]> {
  const found = new Map<string, BeamContainer[]>();
  for (const beam of beamContainers(world)) {
    const query = beam.clustered ? (valueOf(beam, 'DNS_CLUSTER_QUERY') ?? valueOf(beam, 'LIBCLUSTER_SELECTOR')) : undefined;
    if (query === undefined) continue;
    const mesh = found.get(query);
    if (mesh) mesh.push(beam);
    else found.set(query, [beam]);
  }
  return found;
}

/** A range of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Port of epmd, which knows the ports of the nodes on its host. */
export const EPMD_PORT = 4369;

/**
 * The ports that other nodes reach a node on; undefined where its range is not pinned, or not to be read.
 *
 * @see https://www.erlang.org/doc/apps/kernel/kernel_app.html
 */
export function distributionPorts(beam: BeamContainer): { epmd?: number; nodes: PortRange } | undefined {
  const { flags } = beam;
  if (flags === undefined) return undefined;
  const number = (flag: RegExp): number | undefined => {
    const [, digits] = flag.exec(flags) ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  const fixed = number(/erl_epmd_(?:node_listen_)?port\s+(\d+)/);
  if (fixed !== undefined) return { nodes: { first: fixed, last: fixed } };
  const first = number(/inet_dist_listen_min\s+(\d+)/);
  // Without an upper end the range has one port.
  const last = number(/inet_dist_listen_max\s+(\d+)/) ?? first;
  if (first === undefined || last === undefined) return undefined;
  const nodes = { first, last };
  return /-start_epmd\s+false/.test(flags) ? { nodes } : { epmd: Number(valueOf(beam, 'ERL_EPMD_PORT') ?? EPMD_PORT), nodes };
}
