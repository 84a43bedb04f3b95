import { type Duration } from 'cdk8s';
import type { DatabaseLink } from '../pod/database-link';
import { type CloudIdentity } from '../pod/cloud-identity';
import type { ImagePullPolicy } from '../pod/hardened-pod';
import type { Mount } from '../pod/mount';
import type { PodSettings } from '../pod/pod-settings';
import type { Beside } from '../pod/sidecar';
import type { Probes } from '../pod/probe';
import { type Resources } from '../pod/resources';
import type { Variables } from '../pod/variables';
import type { PhoenixApplication } from '../release/application';
import type { BackingServices } from '../release/backing-services';
import type { Connection } from '../release/connection';
import type { Delivery } from '../release/delivery';
import type { PoolSize } from '../release/pool-size';
import type { RepoDatabase } from '../release/repo';
import type { Autoscaling } from './autoscaler';
import { type KeyedSecret } from './keyed-secret';
import type { MigrationGate } from './migration-gate';
import { type BeamCluster } from './beam-cluster';
import type { Rollout } from './rollout';
import type { Exposure } from './service';
import type { Stateful } from './stateful';
import type { WebAlone } from './web-alone';
import type { PodHttps, PublicUrl } from '../release/public-url';
import type { Logs } from '../release/telemetry/logs';
import type { Sentry } from '../release/telemetry/sentry';
import type { Tracing } from '../release/telemetry/tracing';

/** Properties of `PhoenixRelease`. */
export interface PhoenixReleaseProps extends Beside {
  /** The facts of the application. Its name becomes the name of the Deployment, the Service and the ServiceAccount. */
  readonly application: PhoenixApplication;
  /** Image with its version: `image`. */
  readonly image: string;
  /**
   * Whether labels, traces, errors and logs of all pods say which version of the image runs: `app.kubernetes.io/version`. Not where
   * somebody rolls out other images behind the YAML, which would then say what is not so. @default true
   */
  readonly versioned?: boolean;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Host name that browsers use; URLs, redirects and the origin check of sockets follow it: `PHX_HOST`. */
  readonly host: string;
  /**
   * Further host names that browsers use, such as one for each customer, or `*.shop.example.com` for all subdomains:
   * `PHX_CHECK_ORIGIN`, and hosts of the route. Redirected ones are not among them. @default []
   */
  readonly hosts?: readonly string[];
  /** How its URLs begin: `PHX_URL_SCHEME`, `PHX_URL_PORT`. @default { scheme: 'https', port: 443 } */
  readonly url?: PublicUrl;
  /** TLS that ends in the web pods, beside clear text. @default - a proxy ends it, and speaks clear text to the pods */
  readonly https?: PodHttps;
  /** Secret with `SECRET_KEY_BASE`; each of its keys becomes a variable: of the same name, or of that which the key is mapped to. */
  readonly secret: KeyedSecret<string>;
  /** Where the data are. @default - the application has no database */
  readonly database?: DatabaseLink;
  /** The databases of its further repositories, by their names in `repos` of the application. @default {} */
  readonly databases?: Readonly<Record<string, RepoDatabase>>;
  /**
   * What it uses by the network beside its database, by the variable that leads there: each gives the variable, the way through
   * the fence at both ends, and the check that it is open, to its web pods, workers and tasks. @default {}
   */
  readonly backingServices?: BackingServices;
  /**
   * Where the traces of all pods go, by OpenTelemetry: its variables, in which service, version, pod and node stand, and the way
   * through the fence to the collector. @default - the pods are told nothing of it
   */
  readonly tracing?: Tracing;
  /** Where the errors of all pods go: the variables of Sentry, and the way to it. @default - the pods are told nothing of it */
  readonly sentry?: Sentry;
  /** What pods know for their logs: their name, their node, their version, the level. @default - nothing */
  readonly logs?: Logs;
  /** The cluster that its pods form. @default - each pod is a node of its own */
  readonly cluster?: BeamCluster;
  /** How its objects get into the cluster, and those of its jobs and workers. @default 'apply' */
  readonly delivery?: Delivery;
  /**
   * How long new pods wait for the migrations that they need, in an init container, and how long these may take: see
   * {@link MigrationJobProps.deadline}. @default - pods do not wait, and migrations have 30 minutes
   */
  readonly migrationGate?: Duration | MigrationGate;
  /** Connections of each pod that keeps running, 1 to 1000, or a share of all that there are; jobs have 2: `POOL_SIZE`. @default 10 */
  readonly poolSize?: PoolSize;
  /** By which address web pods reach the database: `DATABASE_URL`. Jobs always use the server's own. @default 'direct' */
  readonly connection?: Connection;
  /** Whether pods that keep running learn of the database's read replicas, for a second Repo: `DATABASE_READ_URL`. @default false */
  readonly readUrl?: boolean;
  /** Pods to keep running, or the range that an autoscaler keeps them in: `replicas`. */
  readonly replicas: number | Autoscaling;
  /** What one pod may use; the number of schedulers follows the CPU. */
  readonly resources: Resources;
  /** Longest boot, 10 seconds to an hour: `startupProbe`. @default Duration.minutes(1) */
  readonly bootTime?: Duration;
  /** How a new version replaces the old one. @default - one pod at a time; nodes of a cluster are ready for 10 seconds first */
  readonly rollout?: Rollout;
  /**
   * Whether it never runs twice, as a scheduler without a leader must not, or a writer of one volume: `strategy.type: Recreate`, and
   * one pod. The old pod goes before the new one comes, so each roll-out is a time without one: as long as the old one takes to
   * stop and the new one to boot. A pod that is evicted may still be stopping while the next one boots. @default false
   */
  readonly singleton?: boolean;
  /**
   * Whether the names of the web pods stay, with a volume for each: a StatefulSet in the place of the Deployment.
   * @default - pods have no names of their own
   */
  readonly stateful?: Stateful;
  /** How the Service is reached. @default 'ClusterIP' */
  readonly exposure?: Exposure;
  /**
   * Whether the Service has a second port, `h2c`, on which proxies speak HTTP/2: `appProtocol`. Sockets stay on the first.
   * @default false
   */
  readonly http2?: boolean;
  /** Further variables for every pod of the release, in its ConfigMap. @default {} */
  readonly config?: Readonly<Record<string, string>>;
  /** Further variables for every pod, above those from Secrets: fields of the pod, or what refers to them. @default {} */
  readonly variables?: Variables;
  /** Further files for every pod, such as those of a Secret. @default [] */
  readonly mounts?: readonly Mount[];
  /** Who its pods are to the cloud. @default - nobody */
  readonly identity?: CloudIdentity;
  /** Further emulator flags, after our own in `ERL_FLAGS`. @default [] */
  readonly erlangFlags?: readonly string[];
  /**
   * Whether the database is reached by IPv6, and by nothing else: `ECTO_IPV6`.
   * @default - as the range of a managed database is; beside a database in the Kubernetes cluster, as `ipv6` of the BeamCluster
   */
  readonly ipv6?: boolean;
  /** Where all pods of the release are scheduled, who pulls their image, as whom they run: its jobs and workers too. @default {} */
  readonly pods?: PodSettings;
  /** What the web pods alone have. @default {} */
  readonly web?: WebAlone;
  /** Probes other than those that the application's health paths give. @default - by HTTP, and by TCP without a live path */
  readonly probes?: Probes;
}
