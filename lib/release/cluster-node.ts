import type { Mount } from '../pod/mount';
import type { Variables } from '../pod/variables';
import type { Opening } from '../support/network';

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
