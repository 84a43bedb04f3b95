import type { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { Opening } from '../support/network';
import type { CloudIdentity } from '../pod/cloud-identity';
import type { Drain } from '../pod/drain';
import type { InitCommand } from '../pod/init-command';
import type { Beside } from '../pod/beside';
import type { ImagePullPolicy } from '../pod/hardened-pod';
import type { Mount } from '../pod/mount';
import type { PodSettings } from '../pod/pod-settings';
import type { Probes } from '../pod/probe';
import type { Resources } from '../pod/resources';
import type { Variables } from '../pod/variables';
import type { PodPorts } from './pod-ports';
import type { Replicas } from './replicas';
import type { Rollout } from './rollout';
import type { Exposure, ServicePort } from './service';
import type { Stateful } from './stateful';

/** Properties of `ProbedDeployment`. */
export interface ProbedDeploymentProps extends Beside {
  /** Name of the Deployment and of all that belongs to it, at most 52 characters: `metadata.name`. */
  readonly name: string;
  /** The program, the same for all of its workloads: label `app.kubernetes.io/name`. @default - `name` */
  readonly application?: string;
  /** The part that it plays: label `app.kubernetes.io/component`. @default 'web' */
  readonly component?: string;
  /** What runs: label `app.kubernetes.io/version`. @default - the label is left out */
  readonly version?: string;
  /** Image with its version: `image`. */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Program to start instead of the image's own: `command`. @default - the image's entry point */
  readonly command?: readonly string[];
  /** Its arguments: `args`. @default - the image's own */
  readonly args?: readonly string[];
  /** Container ports by name, above 1023: `ports`. One that is described may have a Service of its own. @default {} */
  readonly ports?: PodPorts;
  /** Ports of the Service by the names of container ports. Without any there is no Service. @default {} */
  readonly servicePorts?: Readonly<Record<string, number | ServicePort>>;
  /** How the Service is reached. @default 'ClusterIP' */
  readonly exposure?: Exposure;
  /** Connections that its pods open, for the fence. Who connects to them says so itself. @default [] */
  readonly egress?: readonly Opening[];
  /** Variables in their order: `env`. @default {} */
  readonly variables?: Variables;
  /** ConfigMaps and Secrets whose keys are all variables: `envFrom`. @default [] */
  readonly variableSources?: readonly k8s.EnvFromSource[];
  /** Volumes beside `/tmp`, which is always there. @default [] */
  readonly mounts?: readonly Mount[];
  /** Commands of the image that must succeed, one after the other, before the container starts: `initContainers`. @default [] */
  readonly initCommands?: readonly InitCommand[];
  /** The three questions that Kubernetes asks the container. */
  readonly probes: Probes;
  /** Longest silence of a booting pod before its restart, 10 seconds to an hour: `startupProbe`. @default Duration.minutes(1) */
  readonly bootTime?: Duration;
  /** How a pod stops: `preStop` and `terminationGracePeriodSeconds`, to which `shutdown` of ports is added. */
  readonly drain: Drain;
  /** What the container may use. */
  readonly resources: Resources;
  /**
   * Pods to keep running, or the range that an autoscaler keeps them in: `replicas`. Where there may be two or more, they
   * are spread and get a {@link DisruptionBudget}, which lets the last one go too.
   */
  readonly replicas: Replicas;
  /** How a new version replaces the old one. @default - one pod at a time, none goes before the next is ready */
  readonly rollout?: Rollout;
  /**
   * Whether it never runs twice, as a scheduler without a leader must not, or a writer of one volume: `strategy.type: Recreate`, and
   * one pod. The old pod goes before the new one comes, so each roll-out is a time without one: as long as the old one takes to
   * stop and the new one to boot. A pod that is evicted may still be stopping while the next one boots. @default false
   */
  readonly singleton?: boolean;
  /**
   * Whether the names of its pods stay, with a volume for each: a StatefulSet in the place of the Deployment.
   * @default - pods have no names of their own
   */
  readonly stateful?: Stateful;
  /** Name of a headless Service in which pods that keep their names have them. @default - one of its own, `<name>-pods` */
  readonly serviceName?: string;
  /** Where its pods are scheduled, who pulls their image, as whom they run, their labels and annotations. @default {} */
  readonly pods?: PodSettings;
  /** Who they are to the cloud provider: annotations of the ServiceAccount, and labels of the pods. @default - nobody */
  readonly identity?: CloudIdentity;
  /** Whether the pods get a token of their ServiceAccount: `automountServiceAccountToken`. @default false */
  readonly mountToken?: boolean;
  /**
   * Lets the pause container reap what `kubectl exec` leaves behind. All containers see each other's processes then, and read
   * their variables and files, so it is not for pods with `sidecars`: `shareProcessNamespace`. @default false
   */
  readonly reapProcesses?: boolean;
}
