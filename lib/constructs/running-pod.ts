import type { DatabaseLink } from '../pod/database-link';
import type { Mount } from '../pod/mount';
import type { PodSettings } from '../pod/pod-settings';
import type { Beside } from '../pod/sidecar';
import type { Resources } from '../pod/resources';
import type { Variables } from '../pod/variables';
import type { Connection } from '../release/connection';
import type { ProbedDeploymentProps } from './probed-deployment';
import type { Rollout } from './rollout';
import type { Stateful } from './stateful';

/** What of a pod that keeps running differs by role. */
export interface Running extends Beside {
  /** Name of their controller. */
  readonly name: string;
  readonly rollout?: Rollout;
  readonly singleton?: boolean;
  readonly stateful?: Stateful;
  /** @default 'direct' */
  readonly connection?: Connection;
  /** Variables from Secrets, and fields of the pod. */
  readonly secrets: Variables;
  /** The database as the role logs in to it. @default - as the web pods do */
  readonly loggedIn?: DatabaseLink;
  /** @default - what a web pod may use */
  readonly resources?: Resources;
  /** @default - those of the release */
  readonly pods?: PodSettings;
  /** Files that no other role has. @default [] */
  readonly mounts?: readonly Mount[];
}

/** What all pods of a release that keep running share, beside the program itself. */
export type RunningPod = Pick<
  ProbedDeploymentProps,
  | 'variableSources'
  | 'mounts'
  | 'initCommands'
  | 'sidecars'
  | 'initContainers'
  | 'pods'
  | 'rollout'
  | 'singleton'
  | 'stateful'
  | 'serviceName'
  | 'mountToken'
  | 'reapProcesses'
>;
