import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { DatabaseLink } from '../database/database-link';
import { type CloudIdentity } from '../pod/cloud-identity';
import type { ImagePullPolicy, Mount } from '../pod/hardened-pod';
import type { InitCommand } from '../pod/init-command';
import { roleSettings, type PodSettings } from '../pod/pod-settings';
import { type Resources } from '../pod/resources';
import { requireSources, type Variables } from '../pod/variables';
import { refusalsOf } from '../support/reject';
import { nodeVariablesAlone, requireApplication, type PhoenixApplication } from '../release/application';
import { backing } from '../release/backing-services';
import { directVariables, openingsOf, reachedByIpv6, requireFamily, type Connection } from '../release/connection';
import { assumedReads, requireKeyBase, requireRead } from '../release/reads';
import { requireDelivery, type Delivery } from '../release/delivery';
import {
  requireConfig,
  requireFreePorts,
  requireNoRepeats,
  requireOwnEpmd,
  requireOwnMetricsPort,
  tellOrigins,
} from '../release/repeats';
import { httpsMounts, listeners, publicAddress, requireAddress, type PodHttps, type PublicUrl } from '../release/public-url';
import { releaseVariables, type ReleaseSettings, type Role } from '../release/release-variables';
import { declare, type Opening, type Reach, type Traffic } from '../support/facts';
import { http2Port, requireNoBalancer, requireSockets, webDrain, webProbes } from '../release/web-pod';
import { imageVersion } from '../support/image';
import { labels } from '../support/labels';
import { requireTypes } from '../support/types';
import { databaseUse } from './database-use';
import { HashedConfigMap } from '../pod/hashed-config-map';
import type { KeyedSecret } from './keyed-secret';
import { gateCommands, gateVariables, limitOf, requireGate, type MigrationGate } from './migration-gate';
import { ProbedDeployment } from './probed-deployment';
import type { Running, RunningPod } from './running-pod';
import { type BeamCluster } from './beam-cluster';
import type { Rollout } from './rollout';
import { giveTurns } from './turns';
import { webMounts, webVariables } from './web-alone';
import { releasePropTypes, type PhoenixReleaseProps } from './phoenix-release-props';

export type { PhoenixReleaseProps, RunningPod };

/** One release of a Phoenix application: its configuration, its pods and the Service in front of them. */
export class PhoenixRelease extends Construct {
  /** The facts of the application. */
  readonly application: PhoenixApplication;
  /** Host name that browsers use. */
  readonly host: string;
  /** Further host names that browsers use. */
  readonly hosts: readonly string[];
  /** How its URLs begin, beside the host. */
  readonly url: PublicUrl;
  /** The TLS that ends in the web pods: their port, and that of the Service, are named `https`. */
  readonly https?: Required<PodHttps>;
  /** The image that runs, for the jobs of the same release. */
  readonly image: string;
  /** When the image is pulled. */
  readonly imagePullPolicy: ImagePullPolicy;
  /** What one pod may use. */
  readonly resources: Resources;
  /** Settings of every pod of the release. */
  readonly pods: PodSettings;
  /** Variables from Secrets, for every pod of the release. */
  readonly secrets: Variables;
  /** Files for every pod of the release. */
  readonly mounts: readonly Mount[];
  /** The ConfigMap of the web pods. */
  readonly configMap: HashedConfigMap;
  /** The web pods. Reach in here when no prop fits. */
  readonly web: ProbedDeployment;
  /** The cluster that its pods form. */
  readonly cluster?: BeamCluster;
  /** Where the data are. */
  readonly database?: DatabaseLink;
  /** Who its pods are to the cloud, for the tasks of the same release. */
  readonly identity?: CloudIdentity;
  /** How its objects get into the cluster. */
  readonly delivery: Delivery;
  /** Hosts that every pod of the release reaches by name, for the fence. */
  readonly reaches: readonly Reach[];
  private readonly revision?: string;
  private readonly migrationGate?: Duration | MigrationGate;
  private readonly settings: ReleaseSettings;
  private readonly added: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: PhoenixReleaseProps) {
    super(scope, id);
    requireTypes(this, props, releasePropTypes);
    requireApplication(this, props.application);
    const { application, image, imagePullPolicy = 'Always', secret, database, replicas, resources, cluster } = props;
    const { bootTime, exposure, mounts = [], identity, erlangFlags = [], web = {} } = props;
    const { name, release: tool, port, health } = application;
    const address = publicAddress(props);
    ({ host: this.host, hosts: this.hosts, url: this.url, https: this.https } = address);
    ({ application: this.application, image: this.image, resources: this.resources } = props);
    [this.imagePullPolicy, this.cluster, this.database, this.identity] = [imagePullPolicy, cluster, database, identity];
    const use = databaseUse(this, props, 'omit it to use 10');
    this.mounts = [...tool.mounts, ...(database?.mounts ?? []), ...mounts];
    const member = cluster?.member(application, imageVersion(image));
    const { ipv6 = reachedByIpv6(database, member) } = props;
    this.settings = { application, address, ipv6, erlangFlags, cluster: member, mounts: this.mounts, ...use };
    ({ added: this.added, secrets: this.secrets, reaches: this.reaches } = givenVariables(this, props));
    this.pods = roleSettings(this, {}, props.pods);
    this.revision = secret.revision;
    this.delivery = props.delivery ?? 'apply';
    this.migrationGate = props.migrationGate;
    this.requireSettings(secret);
    requireNoBalancer(this, props.http2, typeof exposure === 'object' && 'loadBalancer' in exposure);

    const ownLabels = labels({ application: name, instance: name, component: 'web' });
    const ports = listeners(port, address);
    this.join(this, { pods: name, labels: ownLabels, serves: Object.values(ports) }, use.connection);
    if (application.longPoll === true) declare(this, { longPolls: [name] });
    const pod = { common: this.variables(resources, 'server', web.mounts), winning: this.ownVariables, ports: this.runningPorts };
    this.configMap = new HashedConfigMap(this, 'Config', { name, labels: ownLabels, data: webVariables(this, web, pod) });
    const alone = { pods: roleSettings(this, this.pods, web.pods, 'web.pods'), mounts: webMounts(web, httpsMounts(address)) };
    this.web = new ProbedDeployment(this, 'Web', {
      ...{ name, replicas, resources, bootTime, exposure },
      ...this.running(this.configMap, { ...props, ...alone }),
      ports: { ...ports, ...this.runningPorts },
      servicePorts: { http: 80, ...(address.https ? { https: 443 } : {}), ...http2Port(props.http2) },
      probes: props.probes ?? webProbes(health),
      drain: webDrain(application, Object.keys(ports).length),
    });
    giveTurns(this.delivery, this.configMap, this.web);
  }

  /** Connections that its jobs open, for the fence: to the server itself. */
  get sends(): readonly Opening[] {
    return openingsOf(this.database, ['direct']);
  }

  /** Ports of every pod that keeps running, by name: of the cluster's nodes, and for metrics. */
  get runningPorts(): Readonly<Record<string, number>> {
    const { metricsPort } = this.application;
    return { ...this.settings.cluster?.ports, ...(metricsPort === undefined ? {} : { metrics: metricsPort }) };
  }

  private get runningMounts(): readonly Mount[] {
    return [...this.mounts, ...(this.settings.cluster?.mounts ?? [])];
  }

  /** Variables of a pod that keeps running, beside those of its ConfigMap: they win over it. */
  get ownVariables(): Variables {
    return { ...(this.settings.cluster?.variables ?? nodeVariablesAlone(this.application)), ...this.secrets };
  }

  /** Variables of a pod that runs one command, beside those of its role: an image that names its node does so there too. */
  get commandVariables(): Variables {
    return { ...nodeVariablesAlone(this.application), ...this.secrets };
  }

  /** Opens to the pods of a controller what every pod of the release that keeps running needs. */
  join(scope: Construct, pods: Pick<Traffic, 'pods' | 'labels' | 'serves'>, connection: Connection): void {
    const { database, readUrl, cluster } = this.settings;
    const connections: Connection[] = this.migrationGate === undefined ? [connection] : [connection, 'direct'];
    const sends = [...openingsOf(database, connections, readUrl), ...(cluster?.openings ?? [])];
    const { metricsPort: metrics } = this.application;
    const { reaches } = this;
    declare(scope, { traffic: [{ ...pods, sends, metrics, reaches, reachesOut: true }] });
    this.cluster?.allow(scope, pods.pods);
  }

  /** What every pod of the release that keeps running has, with the variables of a ConfigMap. */
  running(configMap: HashedConfigMap, role: Running): RunningPod {
    const { rollout, connection = 'direct', resources = this.resources, pods, mounts = [] } = role;
    const { image, imagePullPolicy } = this;
    const { cluster: node, application } = this.settings;
    const gated = { ...this.commandVariables, ...directVariables(this.database, connection) };
    const files = (node?.mounts ?? []).length > 0;
    return {
      ...{ image, imagePullPolicy, version: imageVersion(image), command: application.release.start },
      variables: this.ownVariables,
      variableSources: [{ configMapRef: { name: configMap.configMapName } }],
      mounts: [...this.runningMounts, ...mounts],
      initCommands: this.gate(gateVariables(application.release, gated, this.variables(resources, 'task'), { files }), mounts),
      pods: roleSettings(this, pods ?? this.pods, {
        labels: node?.podLabels,
        // Sealed values are known here, so others roll the pods.
        annotations: this.revision === undefined ? undefined : { 'cdk8s-phoenix/secret-revision': this.revision },
      }),
      mountToken: node?.mountToken,
      identity: this.identity,
      rollout: { ...rolloutOf(this.cluster), ...rollout },
      // The BEAM is the container's first process, and the shells and daemons of `kubectl exec` would stay its zombies.
      reapProcesses: true,
    };
  }

  /** How long its pods wait for migrations, and how long those may take; undefined where no pod waits. */
  get gateLimit(): Duration | undefined {
    return limitOf(this.migrationGate);
  }

  /** What a pod of the release with these variables runs first, so that it starts on a schema that it knows. */
  gate(variables: Variables, own: readonly Mount[] = []): readonly InitCommand[] {
    const without = [...(this.settings.cluster?.mounts ?? []), ...own].map(({ name }) => name);
    return gateCommands(this.migrationGate, this.application.release, variables).map((command) => ({ ...command, without }));
  }

  /** Variables of a pod of this release. None is secret. */
  variables(resources: Resources, role: Role, own: readonly Mount[] = []): Record<string, string> {
    const mounts = [...this.mounts, ...own];
    return { ...releaseVariables({ ...this.settings, mounts }, resources, role), ...this.added };
  }

  private requireSettings(secret: KeyedSecret<string>): void {
    const { application, address, database } = this.settings;
    requireAddress(this, address);
    requireSockets(this, application.sockets);
    requireDelivery(this, this.delivery);
    requireFamily(this, this.settings);
    requireGate(this, this.migrationGate, application.release);
    const own = releaseVariables(this.settings, this.resources, 'server');
    const secretKeys = Object.keys(secret.variables);
    const origins = { config: this.added, secretKeys, own, winning: this.ownVariables, database: database?.secrets ?? {} };
    requireNoRepeats(this, origins);
    requireOwnEpmd(this, this.added, this.runningPorts);
    const listening = listeners(application.port, address);
    requireFreePorts(this, listening, this.settings.cluster?.ports ?? {});
    requireOwnMetricsPort(this, application.metricsPort, listening);
    requireRead(this, application.reads, { ...own, ...this.ownVariables });
    // Where the keys are wrong, the Secret has said so.
    if (refusalsOf(secret).length === 0) requireKeyBase(this, application.reads, secret.keys, this.ownVariables);
    const assumed = assumedReads(application.name, application.reads, { ...own, ...this.ownVariables });
    if (assumed !== undefined) declare(this, { assumed: [assumed] });
  }
}

/** Variables that the environment gives, those of its backing services among them, and where these are. */
function givenVariables(scope: Construct, { config, variables, secret, database, backingServices = {} }: PhoenixReleaseProps) {
  requireConfig(scope, config ?? {});
  tellOrigins(scope, config ?? {});
  requireSources(scope, 'variables', variables ?? {});
  const known = { ...config, ...variables, ...secret.variables };
  const { reaches, ...more } = backing(scope, backingServices, known);
  const secrets: Variables = { ...variables, ...secret.variables, ...more.secrets, ...database?.secrets };
  return { added: { ...config, ...more.config }, secrets, reaches };
}

/** A node is found within five seconds of its start, by dns_cluster as by libcluster: the next old one waits for that. */
function rolloutOf(cluster: BeamCluster | undefined): Rollout | undefined {
  return cluster ? { minReady: Duration.seconds(10) } : undefined;
}
