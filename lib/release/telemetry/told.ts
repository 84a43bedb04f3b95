import type { Reach } from '../../support/network';
import type { SecretKey } from '../../support/secret-key';
import type { Variables } from '../../pod/variables';

/** The pods of one controller, as traces and errors tell them from others. */
export interface ObservedPods {
  /** Name of the controller. */
  readonly name: string;
  /** The version that they run. @default - nobody says which */
  readonly version?: string;
}

/** What one way of looking at pods has them told. */
export interface Told {
  /** Variables that are the same in all pods, and refer to nothing. */
  readonly config: Readonly<Record<string, string>>;
  /** Variables of fields of the pod, which stand before all that refer to them. */
  readonly fields: Variables;
  /** Variables that differ by pods, or refer to those fields or to Secrets. */
  readonly of: (pods: ObservedPods) => Variables;
  /** The Secrets that these name. */
  readonly secrets: readonly SecretKey[];
  /** Where the pods connect to, for the fence. */
  readonly reaches: readonly Reach[];
}

const field = (name: string, fieldPath: string): Variables => ({ [name]: { fieldRef: { fieldPath } } });

/** Name of the pod. */
export const POD_NAME = field('POD_NAME', 'metadata.name');
/** What no other pod ever has. */
export const POD_UID = field('POD_UID', 'metadata.uid');
/** Its namespace. */
export const POD_NAMESPACE = field('POD_NAMESPACE', 'metadata.namespace');
/** Name of its node. */
export const NODE_NAME = field('NODE_NAME', 'spec.nodeName');
/** Address of its node. */
export const NODE_IP = field('NODE_IP', 'status.hostIP');
