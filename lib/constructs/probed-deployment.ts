import { ApiObject, Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { declare } from '../support/declare';
import { edit } from '../support/edit';
import { requireImage } from '../support/image';
import { kubernetesOf } from '../support/kubernetes';
import { labels, type Identity } from '../support/labels';
import { abort } from '../support/reject';
import { requireOpenings } from '../support/peers';
import { secondsOf } from '../support/quantity';
import { requireLabelValue, requireName, requireSeconds } from '../support/values';
import { DisruptionBudget } from './disruption-budget';
import { gracePeriod, preStopHook, requireDrain } from '../pod/drain';
import { requireProps } from '../support/props';
import { initContainers, namesOf, slowestStart } from '../pod/init-command';
import { egressOf, settleSidecars, startLimits, withBeside } from '../pod/beside';
import { hardenedPod, NOBODY, requirePorts } from '../pod/hardened-pod';
import { requireMounts } from '../pod/require-mounts';
import { requirePodSettings } from '../pod/pod-settings';
import { requireApart, requireBeside } from '../pod/require-beside';
import { probeFields } from '../pod/probe-fields';
import { requireProbes } from '../pod/probe';
import { settlePods } from '../pod/settled-pods';
import { spread, spreadNamed } from '../pod/spread';
import { upToDate } from '../pod/up-to-date';
import type { Autoscaler } from './autoscaler';
import type { ObanAutoscaler } from './oban-autoscaler';
import { autoscaler, most, requireReplicas } from './replicas';
import { leaveOutRules } from './left-out-rules';
import { numbersOf, portServices, requirePodPorts, shutdownOf } from './pod-ports';
import { podController, type PodController } from './pod-controller';
import type { ProbedDeploymentProps } from './probed-deployment-props';
import { ownMounts, requireStateful } from './stateful';
import { PodService } from './service';
import { requireVariables } from '../pod/variables';
import { requireRoomInTmp, tmp } from '../pod/volumes';
import { propClass } from '../support/classes';

export type { ProbedDeploymentProps };

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
  /** The Services of ports that have one of their own, by the names of these. */
  readonly services: Readonly<Record<string, PodService>>;
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
      this.service = new PodService(this, 'Service', {
        ...metadata,
        containerPorts: numbersOf(ports),
        ports: servicePorts,
        exposure,
      });
    }
    this.services = portServices(this, { ...metadata, ports });
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
    drain: { ...props.drain, shutdown: Duration.seconds(secondsOf(props.drain.shutdown) + secondsOf(shutdownOf(ports))) },
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
  requirePorts(scope, numbersOf(ports));
  requirePodPorts(scope, name, ports);
  requireOpenings(scope, 'egress', settings.egress);
  requireProbes(scope, probes, numbersOf(ports, 'TCP'));
  requireSeconds(scope, 'bootTime', bootTime, { minimum: 10, maximum: 3600, fix: 'omit it to use 60s' });
  requireDrain(scope, drain);
  resources.require(scope);
  settings.identity?.require(scope);
  requireVariables(scope, 'variables', variables);
  if (settings.stateful) requireStateful(scope, settings.stateful, settings.rollout);
  requireMounts(scope, [...mounts, ...ownMounts(settings.stateful)]);
  requireRoomInTmp(scope, resources, mounts);
  requireApart(scope, settings);
  requireBeside(scope, settings, {
    containers: [component, ...namesOf(settings.initCommands)],
    ports: numbersOf(ports, 'TCP'),
    mounts,
    ends: false,
  });
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
    lifecycle: { ...probeFields(probes, numbersOf(ports), bootTime), ...preStopHook(drain) },
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
