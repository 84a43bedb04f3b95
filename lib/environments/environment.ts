import type { App } from 'cdk8s';
import type { secretKeys } from '../application';
import {
  requireTypes,
  type Autoscaling,
  type BeamClusterProps,
  type Exposure,
  type ImagePullPolicy,
  type KubernetesVersion,
  type MigrationJob,
  type NamespaceChart,
  type ObanAutoscaling,
  type ObanQueues,
  type PhoenixRelease,
  type PostgresChart,
  type PostgresEngine,
  type Worker,
  type NetworkFenceProps,
  type Opening,
  OptOut,
  type Quota,
  Resources,
  type SecretSource,
  type WorkerProps,
} from '../index';

/** One environment: every knob that may differ between two. All fields are required, so that two can be compared. */
export interface Environment {
  /** Folder in `dist/`, and what `ENVIRONMENTS` selects. */
  readonly name: string;
  /** Where its objects live. */
  readonly namespace: string;
  /** The oldest Kubernetes that it runs on. */
  readonly kubernetes: KubernetesVersion;
  /** Host name that browsers use. */
  readonly host: string;
  /** Image of the release. `IMAGE` replaces it in CI. */
  readonly image: string;
  /** When to pull images. */
  readonly imagePullPolicy: ImagePullPolicy;
  /** How the Service is reached. */
  readonly exposure: Exposure;
  /** Who may connect to the web pods. */
  readonly clients: NetworkFenceProps['clients'];
  /** What the application reaches beside its database. */
  readonly egress: readonly Opening[];
  /** Web pods, or the range that an autoscaler keeps them in. */
  readonly replicas: number | Autoscaling;
  /** How the pods find each other and become one BEAM. */
  readonly cluster: Omit<BeamClusterProps, 'name' | 'cookie'> | OptOut;
  /** Pods that work off queues. */
  readonly worker: WorkerPods | OptOut;
  /** What one web pod, and one job, may use. */
  readonly resources: Resources;
  /** Database connections of each web pod. */
  readonly poolSize: number;
  /** Who may evict whom. */
  readonly priorityClassName: string | OptOut;
  /** Where the application's secrets come from. */
  readonly secrets: SecretSource<(typeof secretKeys)[number]>;
  /** Where the password of the database comes from. */
  readonly databasePassword: SecretSource<'password'>;
  /** What runs the database. */
  readonly database: PostgresEngine;
  /** The most that the environment may use. */
  readonly quota: Quota;
  /** Rules that do not hold here, by name, each with the reason. */
  readonly optOuts: Readonly<Record<string, OptOut>>;
  /** What no field says: a difference in structure. */
  readonly amend?: (charts: Charts) => void;
}

/** What an environment is made of, for `amend`. */
export interface Charts {
  readonly namespace: NamespaceChart;
  readonly postgres: PostgresChart;
  readonly migration: MigrationJob;
  readonly release: PhoenixRelease;
  /** Only where there are workers. */
  readonly worker?: Worker;
}

/** Pods that work off queues. */
export interface WorkerPods extends Pick<WorkerProps, 'resources' | 'shutdown'> {
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
    ...{ name: ['string'], namespace: ['string'], kubernetes: ['string'], host: ['string'], image: ['string'] },
    ...{ imagePullPolicy: ['string'], exposure: ['string', 'object'], clients: ['string', 'array'], egress: ['array'] },
    ...{
      replicas: ['number', 'object'],
      cluster: ['object'],
      worker: ['object'],
      resources: [Resources],
      poolSize: ['number'],
      priorityClassName: ['string', OptOut],
    },
    ...{ secrets: ['object'], databasePassword: ['object'], database: ['object'], quota: ['object'], optOuts: ['object'] },
    amend: ['function', undefined],
  });
}
