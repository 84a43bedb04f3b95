import type { Mount } from '../pod/mount';
import type { Variables } from '../pod/variables';
import type { Opening } from '../support/network';

/** The first port that nodes listen on, and `epmd` on the one before it; people find a node there whether it is in a cluster or not. */
export const NODE_PORT = 4370;

/**
 * The ports of a node that is in no cluster and of the commands that talk to it, each of which is a node for its time: `rpc`,
 * `remote`. Nothing is opened for them, so that there may be more of them than in a cluster.
 */
export const ALONE_PORTS = `-kernel inet_dist_listen_min ${NODE_PORT} inet_dist_listen_max ${NODE_PORT + 9}`;

/** What a pod needs to be a node of a cluster. All of it, or it meets nobody. */
export interface ClusterNode {
  /** Labels of the pod: who is in the mesh. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Variables in their order, because the node's name is made of the pod's address. */
  readonly variables: Variables;
  /** The same where the names of pods stay, and with them those of their nodes. @default - nodes have no names that stay */
  readonly namedVariables?: Variables;
  /** The headless Service in which such pods have their names. @default - there is none */
  readonly serviceName?: string;
  /** Variables that are neither secret nor different for each pod. */
  readonly config: Readonly<Record<string, string>>;
  /** Flags of which the VM takes the first, before those of the image: `ERL_AFLAGS`. */
  readonly firstFlags: readonly string[];
  /** Flags of which it takes the last, after those of the image: `ERL_FLAGS`. */
  readonly flags: readonly string[];
  /** Ports of the container by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Files that the node reads. */
  readonly mounts: readonly Mount[];
  /** Connections to the others, and whatever finding them takes. */
  readonly openings: readonly Opening[];
  /** Whether the nodes call each other by IPv6 addresses. */
  readonly ipv6: boolean;
  /** Whether the pod asks the Kubernetes API who the others are. */
  readonly mountToken: boolean;
}

/** How the nodes of a mesh are reached by who is none of them. */
export interface MeshWays {
  /** Their ports; the peer is the mesh. */
  readonly openings: readonly Opening[];
  /** Whether they take nobody without a certificate. */
  readonly encrypted: boolean;
  /** The port of each, where no epmd tells it. */
  readonly port?: number;
  /** Whether they call each other by IPv6 addresses. */
  readonly ipv6: boolean;
}

/** A node that is called by the address of its pod, by which dns_cluster and libcluster look for it. */
export function nodeByAddress(base: string): Variables {
  return { POD_IP: field('status.podIP'), RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: `${base}@$(POD_IP)` };
}

/** A node that is called by the name of its pod, where that stays; SRV records of the Service have it. */
export function nodeByName(base: string, service: string): Variables {
  return { POD_NAME: field('metadata.name'), RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: `${base}@$(POD_NAME).${service}` };
}

function field(fieldPath: string) {
  return { fieldRef: { fieldPath } };
}
