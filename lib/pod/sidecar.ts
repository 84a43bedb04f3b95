import type { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { Opening } from '../support/network';
import type { OptOut } from '../support/opt-out';
import type { ImagePullPolicy } from './hardened-pod';
import type { Mount } from './mount';
import type { Probe } from './probe';
import type { Resources } from './resources';
import type { Variables } from './variables';

/** A volume that another container of the pod has too, such as a folder for logs. */
export interface SharedMount {
  /** Name of the volume: what `name` of a mount says, or is made of its path where that says none. */
  readonly volume: string;
  /** Absolute path in this container: `volumeMounts[].mountPath`. */
  readonly path: string;
  /** Whether this container may not write to it. @default false */
  readonly readOnly?: boolean;
  /** A file or a folder of the volume in the place of all of it: `subPath`. @default - the whole volume */
  readonly subPath?: string;
}

/** A container of another image beside that of the program. Its root is read-only, it may write to `/tmp`, and has no rights. */
export interface OtherContainer {
  /** Image with its version: `image`. */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Program to start instead of the image's own: `command`. @default - the image's entry point */
  readonly command?: readonly string[];
  /** Its arguments: `args`. @default - the image's own */
  readonly args?: readonly string[];
  /** Variables in their order: `env`. It has none of the program's. @default {} */
  readonly variables?: Variables;
  /** ConfigMaps and Secrets whose keys are all variables: `envFrom`. @default [] */
  readonly variableSources?: readonly k8s.EnvFromSource[];
  /** What it may use; the pod asks for the sum. Where the program's are guaranteed, these should be too. */
  readonly resources: Resources;
  /** Its files, beside `/tmp`. @default [] */
  readonly mounts?: readonly (Mount | SharedMount)[];
  /** User that it runs as, where its files belong to one: `runAsUser`. @default - that of the pod */
  readonly user?: number;
  /** Connections that it opens, for the fence, beside those of the program. @default [] */
  readonly egress?: readonly Opening[];
}

/**
 * A container that is there before the program starts and goes when that has ended: a proxy, a shipper of logs. It is a native
 * sidecar, an init container that is restarted always, so that jobs end, and the wait for migrations has it already.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export interface Sidecar extends OtherContainer {
  /** Its ports by name, above 1023, which no other container of the pod may have: `ports`. @default {} */
  readonly ports?: Readonly<Record<string, number>>;
  /** What Kubernetes asks it. */
  readonly probes: SidecarProbes;
  /** The longest that it takes to start, 10 seconds to an hour: `startupProbe`. @default Duration.minutes(1) */
  readonly bootTime?: Duration;
  /**
   * Why it may be a plain container, which starts and stops when the program does, on Kubernetes before 1.29, which has no native
   * sidecars. Never in pods that end. @default - it is refused there
   */
  readonly unordered?: OptOut;
}

/** The questions to a sidecar, by the names of its own ports. */
export interface SidecarProbes {
  /** Has it started? What comes after it waits for the answer; without the question, for nothing but its process. */
  readonly startup: Probe | OptOut;
  /** May the pod have traffic? The whole pod has none while it fails. @default - it is not asked */
  readonly readiness?: Probe;
  /** Must it be restarted? The program is not. @default - it is not asked: one that ends is started again */
  readonly liveness?: Probe;
}

/** A container of another image that must succeed before the program starts, and shares its `/tmp`: `initContainers[]`. */
export interface InitContainer extends OtherContainer {
  /** Whether it runs before the wait for migrations, where there is one, or after it. Sidecars are there before both. */
  readonly when: 'before-migrations' | 'after-migrations';
  /** The longest that it may take, so that the roll-out is not given up before, a second to an hour. @default Duration.minutes(1) */
  readonly limit?: Duration;
}

/** What pods have beside the container of their program, by the names of containers. */
export interface Beside {
  /** Containers that run beside the program, in the order in which they start. @default {} */
  readonly sidecars?: Readonly<Record<string, Sidecar>>;
  /** Containers of other images that end before the program starts, in their order. @default {} */
  readonly initContainers?: Readonly<Record<string, InitContainer>>;
}

/** What the pods of one role have beside that of all roles. */
export interface BesideOfRole {
  /**
   * Containers that run beside the program, after those of all pods. One of the same name takes the place of that, and an
   * `OptOut` says why it is not there. @default {}
   */
  readonly sidecars?: Readonly<Record<string, Sidecar | OptOut>>;
  /** Containers of other images that end before the program starts, after those of all pods, likewise. @default {} */
  readonly initContainers?: Readonly<Record<string, InitContainer | OptOut>>;
}
