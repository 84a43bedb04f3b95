import type { Size } from 'cdk8s';
import type { Resources } from '../../pod/resources';
import type { ServerPods } from '../../pod/server-pods';
import type { OptOut } from '../../support/opt-out';
import type { ClusterBackup } from './backup';
import type { ClusterDatabase } from './databases';
import type { ClusterPooler } from './pooler';
import type { ClusterRecovery } from './recovery';
import type { ClusterRole } from './roles';
import type { ClusterVolume } from './storage';
import type { SynchronousCopies } from './synchronous';

/** Properties of {@link CloudNativePg}. */
export interface CloudNativePgProps {
  /** Name of the Cluster, at most 50 characters, and 47 with a pooler for reads: it begins the names of all that the operator makes. */
  readonly name: string;
  /** How many servers: one that writes, and replicas of it. 1 is an outage with its node, 3 survive one with a replica left. */
  readonly instances: number;
  /** An image of CloudNativePG with its version, `ghcr.io/cloudnative-pg/postgresql:17.6`, a digest behind it if you like: `imageName`. */
  readonly image: string;
  /** Database to create at the first start: 1 to 63 bytes of text without blanks, `/`, `=` and `\`. */
  readonly database: string;
  /** Role to create at the first start, any text of 1 to 63 bytes: `svc@project.iam`. It owns the database and is no superuser. */
  readonly user: string;
  /**
   * Name of a Secret of type `kubernetes.io/basic-auth` with the role's password: its keys are `username`, the same as
   * `user`, and `password`. @default - the operator makes one, `<name>-app`
   */
  readonly secret?: string;
  /** Size of each instance's volume, 1 GiB or more: `storage.size`. It may grow in place where its class allows it. */
  readonly storage: Size;
  /** Kind of the volumes: `storageClass`. @default - the cluster's default */
  readonly storageClass?: string;
  /** A volume for the log of all changes, 2 GiB or more; it cannot be taken away again: `walStorage`. @default - it is with the data */
  readonly wal?: ClusterVolume;
  /** Replicas that have a commit before its client is told so: `postgresql.synchronous`. @default - none: the last moments go with the primary */
  readonly synchronous?: SynchronousCopies;
  /** What one instance may use; its settings follow the memory. At least 512 MiB. */
  readonly resources: Resources;
  /** Connections of an instance at a time, 20 or more: `max_connections`. @default - a tenth of the memory's mebibytes, 20 to 500 */
  readonly maxConnections?: number;
  /**
   * Settings beside those that follow the memory, and over them: `postgresql.parameters`. @default {}
   * @told with the unit that a value needs
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Extensions of the database, added when they are new here. @default [] */
  readonly extensions?: readonly string[];
  /**
   * Whether the application verifies the server by the operator's own authority, as docs/database.md says. The server
   * offers TLS in any case. @default 'verify-full'
   */
  readonly tls?: 'verify-full' | OptOut;
  /** PgBouncer in front of it. @default - there is none */
  readonly pooler?: ClusterPooler;
  /** Where backups go, and when. */
  readonly backup: ClusterBackup | OptOut;
  /** Backups that a new cluster begins with. One that runs takes no notice. @default - it begins empty */
  readonly recovery?: ClusterRecovery;
  /** Databases beside the application's. @default [] */
  readonly databases?: readonly ClusterDatabase[];
  /** Roles beside the application's. @default [] */
  readonly roles?: readonly ClusterRole[];
  /** Whether two instances may share a node where there is no other one: `podAntiAffinityType`. @default 'preferred' */
  readonly antiAffinity?: 'preferred' | 'required';
  /** Whether Prometheus collects its metrics. Needs the Prometheus operator. @default false */
  readonly monitoring?: boolean;
  /** Whether Prometheus raises alerts. Needs `monitoring`, or metrics that are collected otherwise. @default false */
  readonly alerts?: boolean;
  /** Labels by which Prometheus finds its monitors and rules. @default - those of `observe` in an environment, else {} */
  readonly monitorLabels?: Readonly<Record<string, string>>;
  /**
   * Address of docs/alerts.md, or of a page of your own with a section for each alert: `runbook_url` is it with the name of the alert
   * in lower case as its fragment. @default - that of `observe` in an environment, else 'cdk8s-phoenix/docs/alerts.md'
   */
  readonly runbooks?: string;
  /** Lets Argo CD, Flux and Helm delete the Cluster, and with it all volumes. @default - they leave it alone */
  readonly prunable?: OptOut;
  /** Namespace that CloudNativePG runs in, for the fence. @default 'cnpg-system' */
  readonly operatorNamespace?: string;
  /** Domain of the cluster's names. @default 'cluster.local' */
  readonly clusterDomain?: string;
  /** Where instances and poolers are scheduled, and who pulls their images. @default {} */
  readonly pods?: ServerPods;
}
