import type { EnvironmentChartProps } from '../charts/environment-chart';
import type { LivebookDesk, LivebookDeskProps } from '../charts/livebook-desk';
import type { MysqlChart, MysqlEngine } from '../charts/mysql-chart';
import type { PostgresChart, PostgresEngine } from '../charts/postgres-chart';
import type { LargestContainer, NamespaceChart, Quota, Temporary } from '../charts/namespace-chart';
import type { Scanner } from '../app-checks/scanners/scanner';
import type { Autoscaling } from '../constructs/autoscaler';
import type { BeamClusterProps } from '../constructs/beam-cluster';
import type { DatabaseBackupProps } from '../constructs/database-backup';
import type { SecretSource } from '../constructs/keyed-secret';
import type { FluxKustomizationsProps } from '../constructs/flux-kustomizations';
import type { MigrationJob, MigrationJobProps } from '../constructs/migration-job';
import type { NetworkFenceProps } from '../constructs/network-fence';
import type { ObanAutoscaling, ObanQueues } from '../constructs/oban-autoscaler';
import type { PhoenixRelease, PhoenixReleaseProps } from '../constructs/phoenix-release';
import type { ArgoApplicationProps, ArgoSource } from '../delivery/argo-application';
import type { FluxArtifactProps, FluxReference } from '../delivery/flux-artifact';
import type { FluxImageUpdatesProps } from '../delivery/flux-image-updates';
import type { AccessSubject } from '../constructs/access-subject';
import type { WebAlone } from '../constructs/web-alone';
import type { RestoreDrillProps } from '../constructs/restore-drill';
import type { ScheduledTask, ScheduledTaskProps } from '../constructs/scheduled-task';
import type { VolumeClaim, VolumeClaimProps } from '../constructs/volume-claim';
import type { Worker, WorkerProps } from '../constructs/worker';
import type { ReleaseAlerts } from '../observe/release-alerts';
import type { SiteProbe } from '../observe/site-probe';
import type { ReleaseMonitor } from '../observe/monitor';
import type { GatewayRoute, GatewayRouteProps } from '../routes/gateway-route';
import type { ServiceMeshProps } from '../routes/istio/service-mesh';
import type { IstioRoute, IstioRouteProps } from '../routes/istio-route';
import type { IssuerSource } from '../routes/issuer-source';
import type { WebIngress, WebIngressProps } from '../routes/web-ingress';
import type { IssuerReference } from '../constructs/issuer-reference';
import type { PodSettings } from '../pod/pod-settings';
import type { BesideOfRole } from '../pod/sidecar';
import type { External } from '../support/facts';
import type { Peer } from '../support/network';
import type { PoolSize } from '../release/pool-size';
import type { Observe } from './observe';
import type { Duration } from 'cdk8s';
import type { Operators } from '../support/operators';
import type { OptOut } from '../support/opt-out';
import type { KubernetesVersion } from '../support/kubernetes-versions';

/**
 * One environment of an application. What is required nobody else can know; what is left out has a safe default, or is not
 * used; a safety net is left with `OptOut.because('...')`.
 */
export interface Environment extends ForAllPods, ForTheFence {
  /** Folder in `dist/`, and what `ENVIRONMENTS` selects. @default - the key under which the stack has it */
  readonly name?: string;
  /** Where its objects live. @default - the application's name, `-`, and its own */
  readonly namespace?: string;
  /**
   * Further labels of every object and pod, also of databases and of what `amend` adds, such as those of its owner and of a cost
   * centre. @default {}
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether it stays, or goes after a while. @default 'permanent' */
  readonly lifetime?: 'permanent' | Temporary;
  /**
   * The Kubernetes cluster that it is for, by any name of at most 63 characters: environments of two clusters may have the same
   * namespaces, hosts and ports of nodes. It is the label `cdk8s-phoenix/cluster` of every object, and `dist/cluster/<cluster>/guard.yaml`,
   * applied once by who administers the cluster, has it refuse objects that are for another one.
   * @default - the same one as all environments that say nothing
   */
  readonly cluster?: string;
  /** Why nothing of this stack refuses objects of other clusters there, such as a policy of your own. @default - `cluster` has a guard */
  readonly guard?: OptOut;
  /**
   * Who applies it from a pipeline: `[{ user: 'github:repo:acme/shop-stack:environment:production' }]`. Their rights are computed
   * from its objects, and written to `dist/cluster/<cluster>/<environment>-deployers.yaml`, which who administers the cluster applies whenever
   * it changes. Secrets are not read, and no command runs in a pod. @default [] nobody but who has rights already
   */
  readonly deployers?: readonly AccessSubject[];
  /**
   * Who rolls out another image of the same repository, by its digest, and changes nothing else: `kubectl set image`. Their rights, and
   * the policy that holds them to it, are written to `dist/cluster/<cluster>/<environment>-image-deployers.yaml`. The next apply brings back
   * the image of the YAML. Needs Kubernetes 1.30, an `image` that is named by its digest alone, and that nothing but the pods of the
   * release has it: `migrations` left out, and no `tasks`. @default [] an image comes with the YAML
   */
  readonly imageDeployers?: readonly AccessSubject[];
  /** The oldest Kubernetes that it runs on: what newer ones have is used, what they took away is not. @default '1.27' */
  readonly kubernetes?: KubernetesVersion;
  /** The oldest release of each operator that it meets, as `{ 'envoy-gateway': '1.7' }`. @default {} the newest of each */
  readonly operators?: Operators;
  /**
   * Who may look into its pods, by `kubectl logs`, `exec` and `port-forward`: `[{ group: 'shop-oncall' }]`. That is all the power
   * that the application has. @default [] nobody but who administers the cluster
   */
  readonly podAccess?: readonly AccessSubject[];
  /**
   * A Livebook beside its nodes, which are in a cluster: `{ image: 'ghcr.io/livebook-dev/livebook:0.19.9' }`. Nothing of it is in the
   * environment: its file, `dist/livebook/<environment>.yaml`, opens it for a time when somebody applies it. @default - there is none
   */
  readonly livebook?: Livebook;
  /**
   * Where Argo CD reads the files, with `delivery: 'argo'`: `{ repository: 'https://github.com/acme/shop-stack.git' }`. Its Application
   * and an AppProject with the namespaces and kinds of this environment are written to `dist/argo/<environment>.yaml`, which who
   * administers Argo CD applies whenever it changes. @default - somebody else has made them
   */
  readonly argo?: Argo;
  /** Where Flux reads the files, with `delivery: 'flux'`. @default - the folder `dist/<environment>` of the GitRepository `flux-system` */
  readonly flux?: Flux;
  /**
   * Has Flux write the newest image into the environment's file in `images`, whoever delivers it: `{ policy: { semver: '1.x' } }`. Its
   * objects are written to `dist/flux/<environment>.yaml`, which who administers Flux applies whenever it changes.
   * @default - only `promote`, and people, write there
   */
  readonly imageUpdates?: ImageUpdates;
  /** The pods that answer browsers. */
  readonly web: WebPods;
  /** Pods that work off queues, by the end of their name: `worker` makes `kube-native-worker`. @default {} */
  readonly workers?: Readonly<Record<string, WorkerPods>>;
  /** Commands of the release at fixed times, by the end of their name. @default {} */
  readonly tasks?: Readonly<Record<string, Task>>;
  /** How the pods find each other and become one Erlang cluster. @default - each pod is a node of its own */
  readonly beam?: Omit<BeamClusterProps, 'name' | 'cookie'> | OptOut;
  /** What leads to the web pods from outside of the cluster, beside their Service. @default - nothing */
  readonly route?: WebRoute;
  /** The service mesh that its pods are in. @default - none */
  readonly mesh?: ServiceMeshProps;
  /**
   * How the schema follows the release, or why none of its jobs migrates it, such as one that another stack owns: then no Job is made,
   * and no pod waits for any. @default {}
   */
  readonly migrations?: Migrations | OptOut;
  /** Where the application's secrets come from. @default { existing: true } */
  readonly secrets?: SecretSource<string>;
  /** Where the password of the database comes from. @default { existing: true }, and of its own with CloudNativePG */
  readonly databasePassword?: SecretSource<'password'>;
  /**
   * Volumes that stay, by the name of their claim: `{ uploads: { storage: Size.gibibytes(20) } }`, which roles mount as
   * `{ path: '/uploads', claim: 'uploads' }`. @default {}
   */
  readonly claims?: Readonly<Record<string, Omit<VolumeClaimProps, 'name' | 'application' | 'delivery' | 'turn'>>>;
  /** What runs the database. */
  readonly database: PostgresEngine;
  /** What runs the databases of the application's further repositories, by their names in its `repos`. @default {} */
  readonly databases?: Readonly<Record<string, FurtherDatabase>>;
  /** Dumps of the database, and what proves them. @default - an operator or a provider keeps backups; else it must be said */
  readonly backup?: Backups | OptOut;
  /** The most that the environment may use. @default - what its objects need in the middle of a roll-out, and a quarter more */
  readonly quota?: Quota;
  /** The most that one container may use. @default - what the quota lets all of them use */
  readonly largestContainer?: LargestContainer;
  /** How it is seen: metrics, alerts. @default - it is not looked at from here */
  readonly observe?: Observe;
  /** Objects that its objects name and that are in the cluster without being in the YAML, such as a Secret made by hand. @default [] */
  readonly existing?: readonly External[];
  /** Rules that do not hold here, by name, each with the reason. @default {} */
  readonly optOuts?: Readonly<Record<string, OptOut>>;
  /**
   * What becomes of findings that hurt under load, or are a matter of policy: `refuse` has synth fail, `print` has it tell them and
   * write the files all the same. @default 'refuse'
   */
  readonly warnings?: 'refuse' | 'print';
  /**
   * Public scanners that are told by their own annotations what was left out on purpose, with the same reasons. @default []
   */
  readonly scanners?: readonly Scanner[];
  /** What no field says: a difference in structure. */
  readonly amend?: (charts: Charts) => void;
}

/** An environment's Application of Argo CD. */
export interface Argo extends Omit<ArgoSource, 'path'>, Pick<ArgoApplicationProps, 'server' | 'namespace' | 'automated'> {
  /** Folder of the environment's files in the repository. @default - `dist/<environment>` */
  readonly path?: string;
}

/** What an environment's Kustomizations of Flux read. */
export interface Flux extends Pick<FluxKustomizationsProps, 'source' | 'namespace' | 'interval'> {
  /** Folder of the environment's files in the source. @default - `dist/<environment>`; of an artifact, the whole of it */
  readonly path?: string;
  /** The files in a registry, in the place of `source`: `{ url: 'oci://ghcr.io/acme/shop-stack' }`. @default - they are in Git */
  readonly artifact?: FluxFiles;
}

/** An environment's files in a registry. */
export interface FluxFiles extends Omit<FluxArtifactProps, 'name' | 'namespace' | 'reference'> {
  /** Which artifact is applied. @default - the tag with the name of the environment */
  readonly reference?: FluxReference;
}

/** What writes the newest image into an environment's file. */
export interface ImageUpdates extends Omit<FluxImageUpdatesProps, 'name' | 'image' | 'file'> {
  /** That file, from the root of the repository. @default - `images/<environment>.yaml` */
  readonly file?: string;
}

/** What holds for every pod of the release, whatever it does. */
export type ForAllPods = {
  /**
   * Where the pods are scheduled, who pulls their image, as whom they run; roles have settings of their own laid over it. Backups
   * and drills have it too, but for what is about the application's image: its login, and a user by number. @default {}
   */
  readonly pods?: PodSettings;
  /**
   * The image of the application, `registry.example.com/shop:1.4.2@sha256:...`: tag or digest, never `latest`.
   * @default - that of the environment's file in the folder `images`; one of the two says it
   */
  readonly image?: string;
} & Pick<
  PhoenixReleaseProps,
  | 'imagePullPolicy'
  | 'config'
  | 'variables'
  | 'mounts'
  | 'identity'
  | 'erlangFlags'
  | 'ipv6'
  | 'readUrl'
  | 'delivery'
  | 'backingServices'
  | 'tracing'
  | 'sentry'
  | 'logs'
  | 'sidecars'
  | 'initContainers'
>;

/** Who else is let in and out, see {@link NetworkFenceProps}. */
export type ForTheFence = Pick<NetworkFenceProps, 'dns' | 'egress' | 'monitoring'>;

/** The pods that answer browsers. */
export interface WebPods
  extends
    Pick<
      PhoenixReleaseProps,
      'host' | 'hosts' | 'url' | 'https' | 'http2' | 'exposure' | 'replicas' | 'resources' | 'poolSize' | 'connection'
    >,
    Pick<PhoenixReleaseProps, 'bootTime' | 'rollout' | 'singleton' | 'stateful' | 'probes'>,
    WebAlone {
  /** Who may connect to them. @default - the proxies of the route; everyone, with a port of nodes or a load balancer; else nobody */
  readonly clients?: NetworkFenceProps['clients'];
}

/** Pods that work off queues. */
export interface WorkerPods extends Omit<WorkerProps, 'release' | 'role' | 'replicas' | 'login'> {
  /** The database's role that these pods connect as, where they may do less than the web pods. @default - that of the web pods */
  readonly login?: WorkerLogin;
  /** How many: a number, a range by load, or a range by what waits in queues of Oban. */
  readonly replicas: number | Autoscaling | ScaledByQueues;
}

/** A role of the database, which a migration or an administrator makes. */
export interface WorkerLogin {
  /** Name of the role. */
  readonly user: string;
  /** Where its password comes from: the Secret `<application>-<worker>-database`. @default { existing: true } */
  readonly password?: SecretSource<'password'>;
}

/** A Livebook that somebody opens for a time, see {@link LivebookDeskProps}. */
export type Livebook = Omit<LivebookDeskProps, 'release' | keyof EnvironmentChartProps>;

/** A command at fixed times. */
export interface Task extends Omit<ScheduledTaskProps, 'release' | 'task' | 'command'> {
  /** What it runs: Elixir for `bin/<release> eval`, as `Shop.Nightly.run()`, or a whole command. */
  readonly run: string | readonly string[];
}

/** A range of pods by what waits in queues of Oban, wherever the environment's database is. */
export interface ScaledByQueues extends Omit<ObanAutoscaling, 'oban'> {
  readonly oban: Omit<ObanQueues, 'database'>;
}

/** Where its certificate is, unless `certificate` of the route has it made. */
type Kept<Props extends { readonly tls?: unknown }> = Partial<Pick<Props, 'tls'>>;

/**
 * The way from outside: exactly one of these, and who comes by it.
 * @write one of them, or leave the route out
 */
export type WebRoute = (
  | { readonly gatewayApi: Omit<GatewayRouteProps, 'release' | 'canary' | 'controllerVersion' | 'tls'> & Kept<GatewayRouteProps> }
  | { readonly ingress: Omit<WebIngressProps, 'release' | 'tls'> & Kept<WebIngressProps> }
  | { readonly istio: Omit<IstioRouteProps, 'release' | 'canary' | 'tls'> & Kept<IstioRouteProps> }
) & {
  /**
   * Who signs its certificate, which cert-manager then keeps in the Secret `<name>-tls`, for all hosts and those that redirect: an
   * issuer that is there, or what an Issuer that is made here signs by, such as Let's Encrypt with `acme`.
   * @default - none is asked for: `tls` says where it is
   */
  readonly certificate?: IssuerReference | IssuerSource;
  /** Where the proxies of the controller run. The fence lets them in. @default [] */
  readonly proxies?: readonly Peer[];
};

/** How the schema follows the release, beside the migrations before each roll-out. */
export interface Migrations extends BesideOfRole {
  /**
   * The time that migrations may take, with the wait for the database, and how long new pods wait for them.
   * @default Duration.minutes(30), without a gate too
   */
  readonly gate?: Duration | OptOut;
  /** Whether migrations that take something away run after the roll-out: those in `priv/repo/post_migrations`. @default false */
  readonly contract?: boolean;
  /**
   * Whether seeds are planted once the schema is there, which the gate tells: with each delivery, so that they must bear being
   * planted twice, or `'once'` for each database, which keeps a mark of it. @default false
   */
  readonly seeds?: boolean | 'once';
  /** Settings of the pods of migrations and seeds, laid over those of all pods. @default {} */
  readonly pods?: PodSettings;
  /** Files that migrations and seeds have beside those of all pods. @default [] */
  readonly mounts?: MigrationJobProps['mounts'];
}

/** The database of a further repository: what runs it, and how it is used. */
export type FurtherDatabase = ({ readonly postgres: PostgresEngine } | { readonly mysql: MysqlEngine }) & {
  /** Name of the database. @default - the application's and its own, with `_`: `shop_analytics` */
  readonly database?: string;
  /** Role that the application connects as. @default - as the database is called */
  readonly user?: string;
  /** Where the role's password comes from. @default { existing: true }, and of its own with CloudNativePG */
  readonly password?: SecretSource<'password'>;
  /** Connections of each pod that keeps running, 1 to 1000, or a share of all that there are; jobs have 2. @default 10 */
  readonly poolSize?: PoolSize;
  /** Its dumps, and what proves them. @default - an operator or a provider keeps backups; else it must be said */
  readonly backup?: Backups | OptOut;
};

/** Dumps of the database. */
export interface Backups extends Omit<DatabaseBackupProps, 'name' | 'database'> {
  /** What restores the newest dump at fixed times, to prove it. */
  readonly drill: Pick<RestoreDrillProps, 'schedule' | 'maximumAge' | 'check'> | OptOut;
}

/** What an environment is made of, for `amend`. */
export interface Charts {
  readonly namespace: NamespaceChart;
  readonly postgres: PostgresChart;
  /** Those of further repositories, by their names in the literal. */
  readonly databases: Readonly<Record<string, PostgresChart | MysqlChart>>;
  /** Not where the literal says that nothing migrates. */
  readonly migration?: MigrationJob;
  readonly release: PhoenixRelease;
  /** Workers by their names in the literal. */
  readonly workers: Readonly<Record<string, Worker>>;
  /** Tasks by their names in the literal. */
  readonly tasks: Readonly<Record<string, ScheduledTask>>;
  /** Claims of volumes by their names in the literal. */
  readonly claims: Readonly<Record<string, VolumeClaim>>;
  /** Only where Prometheus collects the application's metrics. */
  readonly monitor?: ReleaseMonitor;
  /** Only where something is to be told. */
  readonly alerts?: ReleaseAlerts;
  /** Only where somebody asks from outside whether it answers. */
  readonly uptime?: SiteProbe;
  /** Only where somebody may open it. */
  readonly livebook?: LivebookDesk;
  /** Only where something leads to it from outside. */
  readonly route?: GatewayRoute | WebIngress | IstioRoute;
}
