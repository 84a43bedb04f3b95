import { type App, Duration } from 'cdk8s';
import type { secretKeys } from '../application';
import {
  requireOneProp,
  requireTypes,
  type Autoscaling,
  type BackingServices,
  type BeamClusterProps,
  type Connection,
  type DatabaseBackupProps,
  type Delivery,
  type DnsPeer,
  type Exposure,
  type GatewayRoute,
  type GatewayRouteProps,
  type ImagePullPolicy,
  type IstioRoute,
  type IstioRouteProps,
  type KubernetesVersion,
  type MigrationJob,
  type NamespaceChart,
  type ObanAutoscaling,
  type ObanQueues,
  type Operators,
  type PhoenixRelease,
  type PodHttps,
  type PoolSize,
  type PostgresChart,
  type PostgresEngine,
  type Worker,
  type NetworkFenceProps,
  type Opening,
  OptOut,
  type Peer,
  type Quota,
  Resources,
  type PublicUrl,
  type RestoreDrillProps,
  type SecretSource,
  type ServiceMeshProps,
  type Temporary,
  type WebIngress,
  type WebIngressProps,
  type WorkerProps,
} from '../index';

/** One environment: every knob that may differ between two. All fields are required, so that two can be compared. */
export interface Environment {
  /** Folder in `dist/`, and what `ENVIRONMENTS` selects. */
  readonly name: string;
  /** Where its objects live. */
  readonly namespace: string;
  /** Whether it stays, or goes after a while. */
  readonly lifetime: 'permanent' | Temporary;
  /** The oldest Kubernetes that it runs on. */
  readonly kubernetes: KubernetesVersion;
  /**
   * The Kubernetes cluster that it is for, by any name: environments of two clusters may have the same namespaces, hosts and
   * ports of nodes. @default - the same one as all environments that say nothing
   */
  readonly kubernetesCluster?: string;
  /** The oldest release of each operator that it meets, as `{ 'envoy-gateway': '1.7' }`. @default {} the newest of each */
  readonly operators?: Operators;
  /** Host name that browsers use. */
  readonly host: string;
  /** Image of the release. `IMAGE` replaces it in CI. */
  readonly image: string;
  /** When to pull images. */
  readonly imagePullPolicy: ImagePullPolicy;
  /** Further host names that browsers use. */
  readonly hosts: readonly string[];
  /** How its URLs begin in the address bar. */
  readonly url: PublicUrl;
  /** TLS in the web pods themselves, or outside of them: at the edge of the cluster, or nowhere. */
  readonly https: PodHttps | 'outside';
  /** Whether proxies may speak HTTP/2 with the web pods. */
  readonly http2: boolean;
  /** How the Service is reached. */
  readonly exposure: Exposure;
  /** What leads to it from outside of the cluster, beside its Service. */
  readonly route: WebRoute | OptOut;
  /** The service mesh that its pods are in. */
  readonly mesh: Omit<ServiceMeshProps, 'kubernetes'> | 'none';
  /** Who may connect to the web pods. */
  readonly clients: NetworkFenceProps['clients'];
  /** What the application reaches beside its database and its backing services. */
  readonly egress: readonly Opening[];
  /** What the application uses by the network, by the variable that leads there; the fence is opened for it. */
  readonly backingServices?: BackingServices;
  /** Who answers DNS, and on which port of its own pods. */
  readonly dns: readonly DnsPeer[];
  /** Who collects metrics, from the pods that have a port for them: the namespace of Prometheus; or why nobody does. */
  readonly monitoring: readonly Peer[] | OptOut;
  /** Web pods, or the range that an autoscaler keeps them in. */
  readonly replicas: number | Autoscaling;
  /** How the pods find each other and become one BEAM. */
  readonly cluster: Omit<BeamClusterProps, 'name' | 'cookie'> | OptOut;
  /** Pods that work off queues. */
  readonly worker: WorkerPods | OptOut;
  /** What one web pod, and one job, may use. */
  readonly resources: Resources;
  /** Database connections of each web pod, or the share of all that web pods may hold. */
  readonly poolSize: PoolSize;
  /**
   * Whether the database is reached by IPv6, as in a Kubernetes cluster that has nothing else.
   * @default - as the range of a managed database is; beside one in the Kubernetes cluster, as `ipv6` of `cluster`
   */
  readonly ipv6?: boolean;
  /** By which address web pods reach the database. */
  readonly connection: Connection;
  /** Whether pods learn of copies of the database that answer reads. */
  readonly readUrl: boolean;
  /** How its objects get into the cluster. */
  readonly delivery: Delivery;
  /** How the schema follows the release. */
  readonly migrations: Migrations;
  /** Who may evict whom. */
  readonly priorityClassName: string | OptOut;
  /** Where the application's secrets come from. */
  readonly secrets: SecretSource<(typeof secretKeys)[number]>;
  /** Where the password of the database comes from; CloudNativePG makes its own. */
  readonly databasePassword: SecretSource<'password'> | OptOut;
  /** What runs the database. */
  readonly database: PostgresEngine;
  /** Dumps of the database, and what proves them; where an operator or a provider keeps backups, it is left to them. */
  readonly backup: Backups | OptOut;
  /** The most that the environment may use. */
  readonly quota: Quota;
  /** Rules that do not hold here, by name, each with the reason. */
  readonly optOuts: Readonly<Record<string, OptOut>>;
  /** What no field says: a difference in structure. */
  readonly amend?: (charts: Charts) => void;
}

/** How the schema follows the release, beside the migrations before each roll-out. */
export interface Migrations {
  /** The time that migrations may take, with the wait for the database, and how long new pods wait for them. Without a gate it is 30 minutes. */
  readonly gate: Duration | OptOut;
  /** Whether migrations that take something away run after the roll-out: those in `priv/repo/post_migrations`. */
  readonly contract: boolean;
  /** Whether seeds are planted once the schema is there, which the gate tells. They must bear being planted twice. */
  readonly seeds: boolean;
}

/** Dumps of the database. */
export interface Backups extends Omit<DatabaseBackupProps, 'name' | 'database'> {
  /** What restores the newest dump at fixed times, to prove it. */
  readonly drill: Pick<RestoreDrillProps, 'schedule' | 'maximumAge' | 'check'> | OptOut;
}

/** What an environment is made of, for `amend`. */
export interface Charts {
  readonly namespace: NamespaceChart;
  readonly postgres: PostgresChart;
  readonly migration: MigrationJob;
  readonly release: PhoenixRelease;
  /** Only where there are workers. */
  readonly worker?: Worker;
  /** Only where something leads to it from outside. */
  readonly route?: GatewayRoute | WebIngress | IstioRoute;
}

/** The road from outside: exactly one of these. */
export type WebRoute =
  | { readonly gatewayApi: Omit<GatewayRouteProps, 'release' | 'canary' | 'controllerVersion'> }
  | { readonly ingress: Omit<WebIngressProps, 'release'> }
  | { readonly istio: Omit<IstioRouteProps, 'release' | 'canary'> };

/** Pods that work off queues. */
export interface WorkerPods extends Pick<WorkerProps, 'resources' | 'shutdown' | 'poolSize' | 'connection'> {
  /** How many: a number, a range by load, or a range by what waits in queues of Oban. */
  readonly replicas: number | Autoscaling | ScaledByQueues;
}

/** A range of pods by what waits in queues of Oban, wherever the environment's database is. */
export interface ScaledByQueues extends Omit<ObanAutoscaling, 'oban'> {
  readonly oban: Omit<ObanQueues, 'database'>;
}

/** Stops where a knob has a value of another type, which only an environment without a compiler can have. */
export function requireEnvironment(app: App, environment: Environment): void {
  requireTypes(app, environment, {
    ...{
      name: ['string'],
      namespace: ['string'],
      kubernetes: ['string'],
      kubernetesCluster: ['string', undefined],
      operators: ['object', undefined],
      host: ['string'],
      image: ['string'],
    },
    lifetime: ['string', 'object'],
    ...{ hosts: ['array'], url: ['object'], https: ['string', 'object'], http2: ['boolean'] },
    ...{
      imagePullPolicy: ['string'],
      exposure: ['string', 'object'],
      route: ['object'],
      mesh: ['string', 'object'],
      clients: ['string', 'array'],
      egress: ['array'],
      backingServices: ['object', undefined],
      dns: ['array'],
      monitoring: ['array', OptOut],
    },
    ...{
      replicas: ['number', 'object'],
      cluster: ['object'],
      worker: ['object'],
      resources: [Resources],
      poolSize: ['number', 'object'],
      connection: ['string', 'object'],
      ipv6: ['boolean', undefined],
      readUrl: ['boolean'],
      delivery: ['string'],
      migrations: ['object'],
      backup: ['object'],
      priorityClassName: ['string', OptOut],
    },
    ...{ secrets: ['object'], databasePassword: ['object'], database: ['object'], quota: ['object'], optOuts: ['object'] },
    amend: ['function', undefined],
  });
  const { route } = environment;
  if (!(route instanceof OptOut))
    requireOneProp(
      app,
      'route',
      route,
      ['gatewayApi', 'ingress', 'istio'],
      'name one of them, or say with OptOut why there is none',
    );
  const migrations = { gate: [Duration, OptOut], contract: ['boolean'], seeds: ['boolean'] } as const;
  requireTypes(app, environment.migrations, migrations, 'migrations.');
  const pods = {
    replicas: ['number', 'object'],
    resources: [Resources, undefined],
    shutdown: [Duration, undefined],
    poolSize: ['number', 'object', undefined],
    connection: ['string', 'object', undefined],
  } as const;
  if (!(environment.worker instanceof OptOut)) requireTypes(app, environment.worker, pods, 'worker.');
}
