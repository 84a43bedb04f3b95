import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { DatabaseLink } from '../database/database-link';
import type { Drain } from '../pod/drain';
import type { ImagePullPolicy, Mount } from '../pod/hardened-pod';
import { Probe, type Probes } from '../pod/probe';
import { Resources } from '../pod/resources';
import { requireVariableName, type Variables } from '../pod/variables';
import { requireApplication, type PhoenixApplication } from '../release/application';
import { releaseVariables, type ReleaseSettings, type Role } from '../release/release-variables';
import { factsOf, type Opening } from '../support/facts';
import { imageVersion } from '../support/image';
import { labels } from '../support/labels';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { fromSecret } from '../support/secret-key';
import { requireTypes, type PropTypes } from '../support/types';
import { requireHost, requireInteger } from '../support/values';
import { HashedConfigMap } from './hashed-config-map';
import { KeyedSecret } from './keyed-secret';
import { ProbedDeployment } from './probed-deployment';
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
  /** Connections of each pod, 1 to 1000: `POOL_SIZE`. @default 10 */
  readonly poolSize?: number;
  /** Pods to keep running: `replicas`. */
  readonly replicas: number;
  /** What one pod may use; the number of schedulers follows the CPU. */
  readonly resources: Resources;
  /** Longest boot, 10 seconds to an hour: `startupProbe`. @default Duration.minutes(1) */
  readonly bootTime?: Duration;
  /** How a new version replaces the old one. @default - one pod at a time, none goes before the next is ready */
  readonly rollout?: Rollout;
  /** How the Service is reached. @default 'ClusterIP' */
  readonly exposure?: Exposure;
  /** Further variables for every pod of the release, in its ConfigMap. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** Further emulator flags, after our own in `ERL_FLAGS`. @default [] */
  readonly erlangFlags?: readonly string[];
  /** Whether the database is reached by IPv6: `ECTO_IPV6`. @default false */
  readonly ipv6?: boolean;
  /** Who may evict whom: `priorityClassName`. @default - the cluster's default */
  readonly priorityClassName?: string | OptOut;
  /** Probes other than those that the application's health paths give. @default - by HTTP, and by TCP without a live path */
  readonly probes?: Probes;
}

const propTypes: PropTypes<PhoenixReleaseProps> = {
  ...{ application: ['object'], image: ['string'], imagePullPolicy: ['string', undefined], host: ['string'] },
  ...{ secret: [KeyedSecret], database: ['object', undefined], poolSize: ['number', undefined], replicas: ['number'] },
  ...{ resources: [Resources], bootTime: [Duration, undefined], rollout: ['object', undefined] },
  ...{ exposure: ['string', 'object', undefined], config: ['object', undefined], erlangFlags: ['array', undefined] },
  ...{ ipv6: ['boolean', undefined], priorityClassName: ['string', OptOut, undefined], probes: ['object', undefined] },
};

/** The sleep before SIGTERM: proxies and load balancers need some seconds to learn that a pod is gone. */
const PRE_STOP = Duration.seconds(10);
/** A socket's transports are killed after this time (https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3). */
const SOCKET_DRAIN = Duration.seconds(30);
/** Bandit and Cowboy wait this long for requests under way (https://hexdocs.pm/thousand_island/ThousandIsland.html). */
const HTTP_DRAIN = Duration.seconds(15);

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

  private readonly settings: ReleaseSettings;
  private readonly added: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: PhoenixReleaseProps) {
    super(scope, id);
    requireTypes(this, props, propTypes);
    requireApplication(this, props.application);
    const { application, image, imagePullPolicy = 'Always', host, secret, database, poolSize = 10, replicas, resources } = props;
    const { bootTime, rollout, exposure, config = {}, erlangFlags = [], ipv6 = false, priorityClassName } = props;
    const { name, release: tool, port, health, sockets } = application;
    requireHost(this, host);

    this.application = application;
    this.image = image;
    this.imagePullPolicy = imagePullPolicy;
    this.resources = resources;
    this.settings = { application, host, database, poolSize, ipv6, erlangFlags };
    this.added = config;
    this.secrets = { ...secretVariables(secret), ...database?.secrets };
    this.mounts = [...tool.mounts, ...(database?.mounts ?? [])];
    this.sends = database ? [{ port: database.port, peer: database.peer }] : [];
    this.requireSettings(secret.keys);

    const identity = labels({ application: name, instance: name, component: 'web' });
    factsOf(this).traffic.push({ pods: name, labels: identity, sends: this.sends, serves: port, reachesOut: true });
    const data = this.variables(resources, 'server');
    this.configMap = new HashedConfigMap(this, 'Config', { name, labels: identity, data });
    this.web = new ProbedDeployment(this, 'Web', {
      ...{ name, image, imagePullPolicy, replicas, resources, bootTime, rollout, exposure, priorityClassName },
      version: imageVersion(image),
      command: tool.start,
      ports: { http: port },
      servicePorts: { http: 80 },
      variables: this.secrets,
      variableSources: [{ configMapRef: { name: this.configMap.configMapName } }],
      mounts: this.mounts,
      probes: props.probes ?? webProbes(health),
      drain: webDrain(sockets),
      // The BEAM is the container's first process, and the shells and daemons of `kubectl exec` would stay its zombies.
      reapProcesses: true,
    });
  }

  /** Variables of a pod of this release. None is secret. */
  variables(resources: Resources, role: Role): Record<string, string> {
    return { ...releaseVariables(this.settings, resources, role), ...this.added };
  }

  private requireSettings(secretKeys: readonly string[]): void {
    const { poolSize, application } = this.settings;
    requireInteger(this, 'poolSize', poolSize, { minimum: 1, maximum: 1000, fix: 'omit it to use 10' });
    requireInteger(this, 'application.sockets', application.sockets, {
      minimum: 0,
      maximum: 100,
      fix: "count the 'socket' lines of the endpoint",
    });
    this.requireNoRepeats(secretKeys);
  }

  private requireNoRepeats(secretKeys: readonly string[]): void {
    const database = this.settings.database?.secrets ?? {};
    const own = releaseVariables(this.settings, this.resources, 'server');
    for (const name of Object.keys(this.added)) {
      // All other bad names are no keys of a ConfigMap either, which says so.
      if (/^\d/.test(name)) requireVariableName(this, 'config', name);
      if (name in own || name in this.secrets) {
        const fix = 'remove it: the release sets it from a prop or a Secret';
        const got = name in this.secrets ? `${this.added[name]?.length} characters` : this.added[name];
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

/**
 * Probes that work on an unchanged application. A production endpoint redirects plain HTTP to its public name: a
 * probe that follows goes astray, one that does not never asks the application. The header says what a proxy would.
 */
function webProbes({ ready, live }: PhoenixApplication['health']): Probes {
  const headers = { 'X-Forwarded-Proto': 'https' };
  return {
    readiness: Probe.http({ path: ready, headers }),
    liveness: live === undefined ? Probe.tcp({ port: 'http' }) : Probe.http({ path: live, headers }),
  };
}

/** The endpoint drains one socket after the other, then waits for requests under way. */
function webDrain(sockets: number): Drain {
  return {
    preStop: PRE_STOP,
    shutdown: Duration.seconds(Math.max(0, sockets) * SOCKET_DRAIN.toSeconds() + HTTP_DRAIN.toSeconds()),
  };
}
