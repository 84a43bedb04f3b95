import type { Mount } from '../pod/mount';
import type { Variables } from '../pod/variables';
import type { Opening } from '../support/facts';

/** What a pod needs to be a node of a cluster. All of it, or it meets nobody. */
export interface ClusterNode {
  /** Labels of the pod: who is in the mesh. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Variables in their order, because the node's name is made of the pod's address. */
  readonly variables: Variables;
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
