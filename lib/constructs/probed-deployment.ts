import { ApiObject, Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { declare } from '../support/declare';
import type { Opening } from '../support/network';
import { edit } from '../support/edit';
import { requireImage } from '../support/image';
import { kubernetesOf } from '../support/kubernetes';
import { labels, type Identity } from '../support/labels';
import { abort } from '../support/reject';
import { requireOpenings } from '../support/peers';
import { requireLabelValue, requireName, requireSeconds } from '../support/values';
import { DisruptionBudget } from './disruption-budget';
import { type CloudIdentity } from '../pod/cloud-identity';
import { gracePeriod, preStopHook, requireDrain, type Drain } from '../pod/drain';
import { requireProps } from '../support/props';
import { initContainers, namesOf, slowestStart, type InitCommand } from '../pod/init-command';
import { egressOf, settleSidecars, startLimits, withBeside, type Beside } from '../pod/beside';
import { hardenedPod, NOBODY, requirePorts, type ImagePullPolicy } from '../pod/hardened-pod';
import type { Mount } from '../pod/mount';
import { requireMounts } from '../pod/require-mounts';
import { requirePodSettings, type PodSettings } from '../pod/pod-settings';
import { requireApart, requireBeside } from '../pod/require-beside';
import { probeFields } from '../pod/probe-fields';
import { requireProbes, type Probes } from '../pod/probe';
import { type Resources } from '../pod/resources';
import { settlePods } from '../pod/settled-pods';
import { spread, spreadNamed } from '../pod/spread';
import { upToDate } from '../pod/up-to-date';
import type { Autoscaler } from './autoscaler';
import type { ObanAutoscaler } from './oban-autoscaler';
import { autoscaler, most, requireReplicas, type Replicas } from './replicas';
import { leaveOutRules } from './left-out-rules';
import { podController, type PodController } from './pod-controller';
import type { Rollout } from './rollout';
import { ownMounts, requireStateful, type Stateful } from './stateful';
import { PodService, type Exposure, type ServicePort } from './service';
import { requireVariables, type Variables } from '../pod/variables';
import { requireRoomInTmp, tmp } from '../pod/volumes';
import { propClass } from '../support/classes';

/** Properties of {@link ProbedDeployment}. */
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
  /** Container ports by name, above 1023: `ports`. @default {} */
  readonly ports?: Readonly<Record<string, number>>;
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
  /** How a pod stops: `preStop` and `terminationGracePeriodSeconds`. */
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

/**
 * A Deployment that cannot exist without its probes, and everything that belongs to it: ServiceAccount, Service,
 * disruption budget. Its pods satisfy Pod Security "restricted" and write to `/tmp` alone.
 */
export class ProbedDeployment extends Construct {
  static {
    propClass('ProbedDeployment', this);
  }

  /** The ServiceAccount that the pods run as, with no token mounted. */
  readonly serviceAccount: k8s.KubeServiceAccount;
  /** What keeps the pods running: the Deployment, or the StatefulSet. */
  readonly controller: PodController;
  /** The Service, where `servicePorts` names any. */
  readonly service?: PodService;
  /** What a drained node may take at once, where there may be two replicas or more. */
  readonly disruptionBudget?: DisruptionBudget;
  /** What scales the pods, where `replicas` is a range. */
  readonly autoscaler?: Autoscaler | ObanAutoscaler;

  constructor(scope: Construct, id: string, props: ProbedDeploymentProps) {
    super(scope, id);
    requireProps(this, props, 'ProbedDeploymentProps');
    const settings = withDefaults(props);
    const { name, application, component, version, ports, servicePorts, exposure, replicas } = settings;
    requireSettings(this, settings);
    requireReplicas(this, props.replicas, settings.singleton);
    leaveOutRules(this, settings);

    const identity: Identity = { application, instance: name, component };
    const metadata = { name, labels: labels(identity) };
    const sends = [...settings.egress, ...egressOf(settings), ...(settings.identity?.openings ?? [])];
    declare(this, { traffic: [{ pods: name, labels: metadata.labels, sends, reachesOut: false }] });
    const { annotations } = settings.identity ?? {};
    this.serviceAccount = new k8s.KubeServiceAccount(this, 'ServiceAccount', {
      metadata: { ...metadata, ...(annotations ? { annotations } : {}) },
      automountServiceAccountToken: false,
    });
    if (Object.keys(servicePorts).length > 0) {
      this.service = new PodService(this, 'Service', { ...metadata, containerPorts: ports, ports: servicePorts, exposure });
    }
    if (most(replicas) >= 2) this.disruptionBudget = new DisruptionBudget(this, 'DisruptionBudget', metadata);
    const versioned = labels({ ...identity, version });
    const podLabels = { ...versioned, ...settings.identity?.podLabels };
    const start = slowestStart([...settings.initCommands, ...startLimits(settings)], settings.bootTime);
    const kept = { ...settings, labels: versioned, ownLabels: metadata.labels, start };
    this.controller = podController(this, kept, { metadata: { labels: podLabels }, spec: podSpec(settings) });
    const { kind } = this.controller;
    this.autoscaler = autoscaler(this, replicas, { ...metadata, kind: kind === 'StatefulSet' ? kind : 'Deployment' });
    edit(ApiObject.of(this.controller), (manifest) => upToDate(manifest, settings.drain, kubernetesOf(this)));
    settlePods(ApiObject.of(this.controller), settings.pods);
    settleSidecars(ApiObject.of(this.controller), settings);
  }

  /**
   * The Deployment.
   *
   * @throws Unbuildable where there is a StatefulSet in its place
   */
  get deployment(): k8s.KubeDeployment {
    // Every object of Kubernetes is an instance of each of their classes.
    if (this.controller.kind === 'Deployment') return this.controller;
    const fix = "use 'controller', which is the StatefulSet";
    return abort(this, [{ prop: 'deployment', must: "be left alone beside 'stateful'", got: 'StatefulSet', fix }]);
  }
}

type Settings = ReturnType<typeof withDefaults>;

function withDefaults(props: ProbedDeploymentProps) {
  const { name, application = name, component = 'web', imagePullPolicy = 'Always', ports = {}, servicePorts = {} } = props;
  const { exposure = 'ClusterIP', variables = {}, variableSources = [], mounts = [], rollout = {}, pods = {} } = props;
  const { bootTime = Duration.minutes(1), reapProcesses = false, singleton = false } = props;
  const { mountToken = false, initCommands = [], egress = [], sidecars = {}, initContainers = {} } = props;
  return {
    ...props,
    application,
    component,
    imagePullPolicy,
    ports,
    servicePorts,
    exposure,
    egress,
    variables,
    variableSources,
    mounts,
    bootTime,
    replicas: singleton ? 1 : props.replicas,
    rollout,
    singleton,
    pods,
    reapProcesses,
    mountToken,
    initCommands,
    sidecars,
    initContainers,
  };
}

function requireSettings(scope: Construct, settings: Settings): void {
  const { name, application, component, version, image, ports, probes, bootTime, drain, resources } = settings;
  const { variables, mounts } = settings;
  // The name becomes a label of the pods, and a ReplicaSet appends eleven characters to it.
  requireName(scope, name, 52);
  if (application !== name) requireName(scope, application, 63, 'application');
  requireName(scope, component, 63, 'component');
  if (version !== undefined) requireLabelValue(scope, 'version', version);
  requirePodSettings(scope, settings.pods);
  requireImage(scope, image);
  requirePorts(scope, ports);
  requireOpenings(scope, 'egress', settings.egress);
  requireProbes(scope, probes, ports);
  requireSeconds(scope, 'bootTime', bootTime, { minimum: 10, maximum: 3600, fix: 'omit it to use 60s' });
  requireDrain(scope, drain);
  resources.require(scope);
  settings.identity?.require(scope);
  requireVariables(scope, 'variables', variables);
  if (settings.stateful) requireStateful(scope, settings.stateful, settings.rollout);
  requireMounts(scope, [...mounts, ...ownMounts(settings.stateful)]);
  requireRoomInTmp(scope, resources, mounts);
  requireApart(scope, settings);
  requireBeside(scope, settings, { containers: [component, ...namesOf(settings.initCommands)], ports, mounts, ends: false });
}

function podSpec(settings: Settings): k8s.PodSpec {
  const { name, component, ports, probes, bootTime, drain, resources, replicas, reapProcesses } = settings;
  const { image, imagePullPolicy, command, args, variables, variableSources, mounts, stateful } = settings;
  const pod = {
    container: component,
    image,
    imagePullPolicy,
    command,
    args,
    variables,
    variableSources,
    ports,
    resources,
    user: NOBODY,
    mounts: [tmp(resources, mounts), ...mounts, ...ownMounts(stateful)],
    serviceAccountName: name,
    lifecycle: { ...probeFields(probes, ports, bootTime), ...preStopHook(drain) },
  };
  // What a pod keeps is none of the business of what runs before it.
  const before = initContainers({ ...pod, mounts: [tmp(resources, mounts), ...mounts] }, settings.initCommands);
  return {
    ...withBeside({ ...hardenedPod(pod), ...before }, settings),
    terminationGracePeriodSeconds: gracePeriod(drain),
    ...(settings.mountToken ? { automountServiceAccountToken: true } : {}),
    ...(reapProcesses ? { shareProcessNamespace: true } : {}),
    ...(most(replicas) >= 2 ? (stateful ? spreadNamed(name) : spread(name)) : {}),
  };
}
