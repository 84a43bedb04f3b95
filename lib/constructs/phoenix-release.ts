import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { DatabaseLink } from '../pod/database-link';
import { type CloudIdentity } from '../pod/cloud-identity';
import { knownPullPolicy, type ImagePullPolicy } from '../pod/hardened-pod';
import { requireOthers } from '../pod/require-beside';
import type { Mount } from '../pod/mount';
import { roleSettings, type PodSettings } from '../pod/pod-settings';
import { type Resources } from '../pod/resources';
import type { Variables } from '../pod/variables';
import { refusalsOf, writtenAs } from '../support/reject';
import {
  ownListeners,
  requireApplication,
  requireShutdownVariable,
  shutdownVariables,
  type PhoenixApplication,
} from '../release/application';
import { requireFamily } from '../release/connection';
import { assumedReads, requireKeyBase, requireRead } from '../release/reads';
import { type Delivery } from '../release/delivery';
import { requireFreePorts, requireNoRepeats, requireOwnEpmd, requireOwnListeners } from '../release/repeats';
import {
  httpsMounts,
  listeners,
  publicAddress,
  requireAddress,
  type PodHttps,
  type PublicAddress,
  type PublicUrl,
} from '../release/public-url';
import { releaseVariables, type ReleaseSettings } from '../release/release-variables';
import { declare } from '../support/declare';
import type { Reach } from '../support/network';
import { http2Port, requireHealth, requireNoBalancer, requireSockets, webDrain, webProbes } from '../release/web-pod';
import { imageVersion } from '../support/image';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { databasesOf, proxiesOf, requireProxies, secretsOf } from './release-databases';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { gateScripts, requireGate } from './migration-gate';
import { ProbedDeployment } from './probed-deployment';
import { ReleasePods, type ReleaseParts } from './release-pods';
import { givenVariables, settingsOf } from './release-settings';
import type { RunningPod } from './running-pod';
import { type BeamCluster } from './beam-cluster';
import { roleDescriptions } from './role-ports';
import { giveTurns } from './turns';
import { webRole, webVariables } from './web-alone';
import { type PhoenixReleaseProps } from './phoenix-release-props';
import { propClass } from '../support/classes';
import { knownFacts } from '../release/known-image';

export type { PhoenixReleaseProps, RunningPod };

/** One release of a Phoenix application: its configuration, its pods and the Service in front of them. */
export class PhoenixRelease extends Construct {
  static {
    propClass('PhoenixRelease', this);
  }

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
  /** The version that its pods say they run. */
  readonly version?: string;
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
  /**
   * What its workers, tasks and jobs are made from.
   *
   * @internal
   */
  readonly common: ReleasePods;

  constructor(scope: Construct, id: string, props: PhoenixReleaseProps) {
    super(scope, id);
    requireProps(this, props, 'PhoenixReleaseProps');
    requireApplication(this, props.application);
    const { application, versioned = true, resources, cluster, mounts = [], identity, web = {} } = props;
    const { name, release: tool, port } = application;
    const address = publicAddress(props);
    const { database, others, files } = databasesOf(this, props);
    ({ host: this.host, hosts: this.hosts, url: this.url, https: this.https } = address);
    ({ application: this.application, image: this.image, resources: this.resources } = props);
    this.version = versioned ? imageVersion(this.image) : undefined;
    [this.cluster, this.database, this.identity] = [cluster, database, identity];
    this.imagePullPolicy = knownPullPolicy(props.imagePullPolicy);
    this.mounts = [...tool.mounts, ...files, ...mounts];
    const settings = settingsOf(this, { ...props, database }, { address, mounts: this.mounts, others });
    const { added, secrets, reaches, telemetry } = givenVariables(this, { ...props, database }, others);
    [this.secrets, this.reaches, this.delivery] = [secrets, reaches, props.delivery ?? 'apply'];
    this.pods = roleSettings(this, {}, props.pods);
    this.common = this.podsOf(props, settings, { added, telemetry });
    const own = releaseVariables({ ...settings, mounts: [...this.mounts, ...(web.mounts ?? [])] }, resources, 'server');
    const variables = { ...this.common.ownVariables({ name, version: this.version }, props.stateful), ...secrets };
    this.requireSettings(props, { settings, added, own, variables });

    const ownLabels = labels({ application: name, instance: name, component: 'web' });
    const ports = listeners(port, address);
    this.common.join(this, { pods: name, labels: ownLabels, serves: Object.values(ports) }, settings.connection);
    declare(this, { images: knownFacts(application, this.image) });
    if (application.longPoll === true) declare(this, { longPolls: [name] });
    const shutdown = shutdownVariables(application, application.queueShutdown);
    const pod = { common: { ...own, ...added, ...shutdown }, winning: variables, pods: this.common };
    this.configMap = new HashedConfigMap(this, 'Config', { name, labels: ownLabels, data: webVariables(this, web, pod) });
    this.web = this.webPods(props, address, variables);
    giveTurns(this.delivery, this.configMap, this.web);
  }

  private webPods(props: PhoenixReleaseProps, address: PublicAddress, variables: Variables): ProbedDeployment {
    const { application, image, version, imagePullPolicy, identity, common, pods: all, secrets } = this;
    const { replicas, resources, bootTime, exposure, http2, web = {}, probes = webProbes(application.health) } = props;
    const { name, release: tool, port } = application;
    const ports = listeners(port, address);
    const further = roleDescriptions(this, web.ports, { ...ports, ...common.ports }, 'web.');
    writtenAs(this, 'Web', (prop) => (/^ports\b/.test(prop) ? `web.${prop}` : undefined));
    const beside = common.besideOf(this.database, props.connection ?? 'direct');
    const alone = webRole(this, web, { all, beside, https: httpsMounts(address) });
    return new ProbedDeployment(this, 'Web', {
      name,
      image,
      imagePullPolicy,
      version,
      identity,
      command: tool.start,
      variables,
      replicas,
      resources,
      bootTime,
      exposure,
      ...common.running(this, this.configMap, { ...props, ...alone, name, secrets }),
      ports: { ...ports, ...common.ports, ...further },
      servicePorts: { http: 80, ...(address.https ? { https: 443 } : {}), ...http2Port(http2) },
      probes,
      drain: webDrain(application, Object.keys(ports).length),
    });
  }

  /** What web pods, workers, tasks and jobs have in common. */
  private podsOf(
    props: PhoenixReleaseProps,
    settings: ReleaseSettings,
    given: Pick<ReleaseParts, 'added' | 'telemetry'>,
  ): ReleasePods {
    const { secret, migrationGate, sidecars, initContainers, databases = {} } = props;
    const { application, version, resources, reaches, cluster, database, pods } = this;
    const scripts = gateScripts(this, application, migrationGate, this.delivery);
    return new ReleasePods({
      application,
      version,
      resources,
      settings,
      ...given,
      reaches,
      cluster,
      database,
      databases,
      pods,
      proxies: proxiesOf(database, settings.others),
      beside: { sidecars, initContainers },
      revision: secret.revision,
      gate: migrationGate,
      scripts,
    });
  }

  private requireSettings(props: PhoenixReleaseProps, { settings, added, own, variables: winning }: Given): void {
    const { secret, migrationGate, http2, exposure, web = {} } = props;
    requireOthers(this, props);
    requireOthers(this, web, 'web.');
    const { application, address, database, others } = settings;
    requireProxies(this, database, others, props);
    const { ports } = this.common;
    requireAddress(this, address);
    requireSockets(this, application.sockets);
    requireHealth(this, application.health);
    requireNoBalancer(this, http2, typeof exposure === 'object' && 'loadBalancer' in exposure);
    requireFamily(this, settings);
    requireGate(this, migrationGate, application.release);
    const secretKeys = Object.keys(secret.variables);
    requireShutdownVariable(this, application, own);
    // Each role has its own, so that none may be said for all of them.
    const set = { ...own, ...shutdownVariables(application, Duration.seconds(0)) };
    requireNoRepeats(this, { config: added, secretKeys, own: set, winning, database: secretsOf(database, others) });
    requireOwnEpmd(this, added, ports);
    const listening = listeners(application.port, address);
    requireFreePorts(this, { ...listening, ...ownListeners(application) }, settings.cluster?.ports);
    requireOwnListeners(this, application, listening);
    requireRead(this, application.reads, { ...own, ...winning });
    // Where the keys are wrong, the Secret has said so.
    if (refusalsOf(secret).length === 0) requireKeyBase(this, application.reads, secret.keys, winning);
    const assumed = assumedReads(application.name, application.reads, { ...own, ...winning });
    if (assumed !== undefined) declare(this, { assumed: [assumed] });
  }
}

/** How a release is made, and the variables of its web pods: those that the environment gives, and its own. */
interface Given {
  readonly settings: ReleaseSettings;
  readonly added: Readonly<Record<string, string>>;
  readonly own: Readonly<Record<string, string>>;
  /** What wins over both. */
  readonly variables: Variables;
}
