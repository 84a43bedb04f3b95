import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { DatabaseLink } from '../database/database-link';
import { CloudIdentity } from '../pod/cloud-identity';
import type { ImagePullPolicy, Mount } from '../pod/hardened-pod';
import type { Probes } from '../pod/probe';
import { Resources } from '../pod/resources';
import { requireVariableName, type Variables } from '../pod/variables';
import { requireApplication, type PhoenixApplication } from '../release/application';
import { releaseVariables, type ReleaseSettings, type Role } from '../release/release-variables';
import { factsOf, type Opening } from '../support/facts';
import { requireSockets, webDrain, webProbes } from '../release/web-pod';
import { imageVersion } from '../support/image';
import { labels } from '../support/labels';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { fromSecret } from '../support/secret-key';
import { requireTypes, type PropTypes } from '../support/types';
import { requireHost, requireInteger, type KubernetesVersion } from '../support/values';
import type { Autoscaling } from './autoscaler';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { KeyedSecret } from './keyed-secret';
import { ProbedDeployment, type ProbedDeploymentProps } from './probed-deployment';
import { BeamCluster } from './beam-cluster';
import type { Rollout } from './rollout';
import type { Exposure } from './service';

/** What a {@link PhoenixRelease} is told. */
export interface PhoenixReleaseProps {
  /** The facts of the application. Its name becomes the name of the Deployment, the Service and the ServiceAccount. */
  readonly application: PhoenixApplication;
  /** Image with its version: `image`. */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Host name that browsers use; URLs, redirects and the origin check of sockets follow it: `PHX_HOST`. */
  readonly host: string;
  /** Secret with `SECRET_KEY_BASE`; each of its keys becomes a variable of that name. */
  readonly secret: KeyedSecret<string>;
  /** Where the data are. @default - the application has no database */
  readonly database?: DatabaseLink;
  /** The cluster that its pods form. @default - each pod is a node of its own */
  readonly cluster?: BeamCluster;
  /** Connections of each pod, 1 to 1000: `POOL_SIZE`. @default 10 */
  readonly poolSize?: number;
  /** Pods to keep running, or the range that an autoscaler keeps them in: `replicas`. */
  readonly replicas: number | Autoscaling;
  /** What one pod may use; the number of schedulers follows the CPU. */
  readonly resources: Resources;
  /** Longest boot, 10 seconds to an hour: `startupProbe`. @default Duration.minutes(1) */
  readonly bootTime?: Duration;
  /** How a new version replaces the old one. @default - one pod at a time; nodes of a cluster are ready for 10 seconds first */
  readonly rollout?: Rollout;
  /** How the Service is reached. @default 'ClusterIP' */
  readonly exposure?: Exposure;
  /** Further variables for every pod of the release, in its ConfigMap. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** Further variables for every pod, above those from Secrets: fields of the pod, or what refers to them. @default {} */
  readonly variables?: Variables;
  /** Further files for every pod, such as those of a Secret. @default [] */
  readonly mounts?: readonly Mount[];
  /** Who its pods are to the cloud. @default - nobody */
  readonly identity?: CloudIdentity;
  /** The oldest Kubernetes that it runs on. @default '1.27' */
  readonly kubernetes?: KubernetesVersion;
  /** Further emulator flags, after our own in `ERL_FLAGS`. @default [] */
  readonly erlangFlags?: readonly string[];
  /** Whether the database is reached by IPv6: `ECTO_IPV6`. @default false */
  readonly ipv6?: boolean;
  /** Who may evict whom: `priorityClassName`. @default - the cluster's default */
  readonly priorityClassName?: string | OptOut;
  /** Probes other than those that the application's health paths give. @default - by HTTP, and by TCP without a live path */
  readonly probes?: Probes;
}

/** What all pods of a release that keep running share. */
export type RunningPod = Pick<
  ProbedDeploymentProps,
  | 'image'
  | 'imagePullPolicy'
  | 'version'
  | 'command'
  | 'variables'
  | 'variableSources'
  | 'mounts'
  | 'podLabels'
  | 'podAnnotations'
  | 'identity'
  | 'rollout'
  | 'mountToken'
  | 'reapProcesses'
>;

const propTypes: PropTypes<PhoenixReleaseProps> = {
  ...{ application: ['object'], image: ['string'], imagePullPolicy: ['string', undefined], host: ['string'] },
  ...{
    secret: [KeyedSecret],
    database: ['object', undefined],
    cluster: [BeamCluster, undefined],
    poolSize: ['number', undefined],
    replicas: ['number', 'object'],
  },
  ...{ resources: [Resources], bootTime: [Duration, undefined], rollout: ['object', undefined] },
  ...{
    exposure: ['string', 'object', undefined],
    config: ['object', undefined],
    variables: ['object', undefined],
    mounts: ['array', undefined],
    identity: [CloudIdentity, undefined],
    kubernetes: ['string', undefined],
    erlangFlags: ['array', undefined],
  },
  ...{ ipv6: ['boolean', undefined], priorityClassName: ['string', OptOut, undefined], probes: ['object', undefined] },
};

/** One release of a Phoenix application: its configuration, its pods and the Service in front of them. */
export class PhoenixRelease extends Construct {
  /** The facts of the application. */
  readonly application: PhoenixApplication;
  /** The image that runs, for the jobs of the same release. */
  readonly image: string;
  /** When the image is pulled. */
  readonly imagePullPolicy: ImagePullPolicy;
  /** What one pod may use. */
  readonly resources: Resources;
  /** Variables from Secrets, for every pod of the release. */
  readonly secrets: Variables;
  /** Files for every pod of the release. */
  readonly mounts: readonly Mount[];
  /** Connections that every pod of the release opens, for the fence. */
  readonly sends: readonly Opening[];
  /** The ConfigMap of the web pods. */
  readonly configMap: HashedConfigMap;
  /** The web pods. Reach in here when no prop fits. */
  readonly web: ProbedDeployment;
  /** The cluster that its pods form. */
  readonly cluster?: BeamCluster;
  /** Who its pods are to the cloud, for the tasks of the same release. */
  readonly identity?: CloudIdentity;
  private readonly revision?: string;
  private readonly settings: ReleaseSettings;
  private readonly added: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: PhoenixReleaseProps) {
    super(scope, id);
    requireTypes(this, props, propTypes);
    requireApplication(this, props.application);
    const { application, image, imagePullPolicy = 'Always', host, secret, database, poolSize = 10, replicas, resources } = props;
    const { config = {}, variables = {}, erlangFlags = [], ipv6 = false, cluster } = props;
    const { bootTime, exposure, priorityClassName, kubernetes, rollout, mounts = [], identity } = props;
    const { name, release: tool, port, health } = application;
    requireHost(this, host);
    this.application = application;
    this.image = image;
    this.imagePullPolicy = imagePullPolicy;
    this.resources = resources;
    this.cluster = cluster;
    const node = cluster?.member(tool, imageVersion(image));
    this.settings = { application, host, database, poolSize, ipv6, erlangFlags, cluster: node };
    this.added = config;
    this.secrets = { ...variables, ...secretVariables(secret), ...database?.secrets };
    this.mounts = [...tool.mounts, ...(database?.mounts ?? []), ...mounts];
    this.identity = identity;
    this.revision = secret.revision;
    this.sends = database ? [{ port: database.port, peer: database.peer }] : [];
    this.requireSettings(secret.keys);

    const ownLabels = labels({ application: name, instance: name, component: 'web' });
    this.join(name, ownLabels, port);
    const data = this.variables(resources, 'server');
    this.configMap = new HashedConfigMap(this, 'Config', { name, labels: ownLabels, data });
    this.web = new ProbedDeployment(this, 'Web', {
      ...{ name, replicas, resources, bootTime, exposure, priorityClassName, kubernetes },
      ...this.running(this.configMap, rollout),
      ports: { http: port, ...this.runningPorts },
      servicePorts: { http: 80 },
      probes: props.probes ?? webProbes(health),
      drain: webDrain(application),
    });
  }

  /** Ports of every pod that keeps running, by name: of the cluster's nodes, and for metrics. */
  get runningPorts(): Readonly<Record<string, number>> {
    const { metricsPort } = this.application;
    return { ...this.settings.cluster?.ports, ...(metricsPort === undefined ? {} : { metrics: metricsPort }) };
  }

  /** Variables of a pod that keeps running, beside those of its ConfigMap: they win over it. */
  get ownVariables(): Variables {
    return { ...this.settings.cluster?.variables, ...this.secrets };
  }

  /** Opens to the pods of a controller what every pod of the release that keeps running needs. */
  join(pods: string, ownLabels: Readonly<Record<string, string>>, serves?: number): void {
    const sends = [...this.sends, ...(this.settings.cluster?.openings ?? [])];
    const { metricsPort: metrics } = this.application;
    factsOf(this).traffic.push({ pods, labels: ownLabels, sends, serves, metrics, reachesOut: true });
    this.cluster?.allow(pods);
  }

  /** What every pod of the release that keeps running has, with the variables of a ConfigMap. */
  running(configMap: HashedConfigMap, rollout: Rollout | undefined): RunningPod {
    const { image, imagePullPolicy, mounts } = this;
    const { cluster: node, application } = this.settings;
    return {
      ...{ image, imagePullPolicy, version: imageVersion(image), command: application.release.start },
      variables: this.ownVariables,
      variableSources: [{ configMapRef: { name: configMap.configMapName } }],
      mounts: [...mounts, ...(node?.mounts ?? [])],
      podLabels: node?.podLabels,
      // Sealed values are known here, so others roll the pods.
      podAnnotations: this.revision === undefined ? undefined : { 'cdk8s-phoenix/secret-revision': this.revision },
      mountToken: node?.mountToken,
      identity: this.identity,
      rollout: { ...rolloutOf(this.cluster), ...rollout },
      // The BEAM is the container's first process, and the shells and daemons of `kubectl exec` would stay its zombies.
      reapProcesses: true,
    };
  }

  /** Variables of a pod of this release. None is secret. */
  variables(resources: Resources, role: Role): Record<string, string> {
    return { ...releaseVariables(this.settings, resources, role), ...this.added };
  }

  private requireSettings(secretKeys: readonly string[]): void {
    const { poolSize, application } = this.settings;
    requireInteger(this, 'poolSize', poolSize, { minimum: 1, maximum: 1000, fix: 'omit it to use 10' });
    requireSockets(this, application.sockets);
    this.requireNoRepeats(secretKeys);
  }

  private requireNoRepeats(secretKeys: readonly string[]): void {
    const database = this.settings.database?.secrets ?? {};
    const own = releaseVariables(this.settings, this.resources, 'server');
    for (const name of Object.keys(this.added)) {
      // All other bad names are no keys of a ConfigMap either, which says so.
      if (/^\d/.test(name)) requireVariableName(this, 'config', name);
      if (name in own || name in this.ownVariables) {
        const fix = 'remove it: the release sets it from a prop or a Secret';
        const got = name in this.ownVariables ? `${this.added[name]?.length} characters` : this.added[name];
        reject(this, { prop: `config.${name}`, must: 'not repeat a variable of the release', got, fix });
      }
    }
    for (const name of secretKeys.filter((key) => key in own || key in database)) {
      const fix = 'drop the key: the release sets it from a prop or the database link';
      reject(this, { prop: `secret.${name}`, must: 'not repeat a variable of the release', got: name, fix });
    }
  }
}

function secretVariables(secret: KeyedSecret<string>): Record<string, k8s.EnvVarSource> {
  return Object.fromEntries(secret.keys.map((key) => [key, fromSecret(secret.key(key))]));
}

/** A node is found within five seconds of its start, by dns_cluster as by libcluster: the next old one waits for that. */
function rolloutOf(cluster: BeamCluster | undefined): Rollout | undefined {
  return cluster ? { minReady: Duration.seconds(10) } : undefined;
}
