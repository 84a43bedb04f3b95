import type { k8s } from 'cdk8s-plus-27';
import type { Mount } from './mount';
import type { Sidecar } from './sidecar';
import type { Cloud } from '../support/clouds';
import type { Peer } from '../support/network';
import type { SecretKey } from '../support/secret-key';

/** All that a release or a job is told about its database, wherever that runs. */
export interface DatabaseLink {
  /** What speaks to it: the adapter of the application's Repo. */
  readonly adapter: 'postgresql' | 'mysql';
  /** Host name, or IPv4 address, that reaches the server. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** Name of the database. */
  readonly database: string;
  /** Role that the application connects as. @default - as the URL says, which is a secret as a whole */
  readonly user?: string;
  /** Where the password is. @default - in the URL, which is a secret as a whole, or none is sent: a proxy logs in */
  readonly password?: SecretKey;
  /** Where the whole URL is, where it is a secret. @default - it is not, and stands in `config` */
  readonly url?: SecretKey;
  /** Connections that the server has for the application: `max_connections` less those kept for administrators. */
  readonly connections: number;
  /** Where the server is on the network, for the fence. */
  readonly peer: Peer;
  /** Variables that are not secret, `DATABASE_URL` among them. */
  readonly config: Readonly<Record<string, string>>;
  /** Variables that come from the Secret. */
  readonly secrets: Readonly<Record<string, k8s.EnvVarSource>>;
  /** Files that the connection needs. */
  readonly mounts: readonly Mount[];
  /** The same database by way of a pooler, where there is one. */
  readonly pooled?: PooledAddress;
  /** Read replicas, a moment behind, where there are some. */
  readonly readOnly?: ReadOnlyAddress;
  /** Image that the server runs, where it runs in the cluster. */
  readonly image?: string;
  /** The proxy that each pod which connects has, where `host` is in the pod. */
  readonly proxy?: PodProxy;
}

/** The read replicas of a database. */
export interface ReadOnlyAddress extends Pick<DatabaseLink, 'host' | 'port' | 'peer'> {
  /** Its URL, without the password. */
  readonly url: string;
  /** The proxy that each pod which reads from them has, where `host` is in the pod. @default - there is none */
  readonly proxy?: PodProxy;
}

/** A pooler in front of a database, such as PgBouncer. */
export interface PooledAddress extends Pick<DatabaseLink, 'host' | 'port' | 'peer'> {
  /** Its URL, without the password. */
  readonly url: string;
  /** How long a client keeps a connection of the server: while it is connected, or for one transaction at a time. */
  readonly mode: 'session' | 'transaction';
  /** Whether a client's named statements follow it to another connection: PgBouncer's `max_prepared_statements` is not 0. */
  readonly namedStatements: boolean;
  /** Clients that it lets in, over all of its pods, or in each pod that has one: `max_client_conn`. */
  readonly clients: number;
  /** The pooler that each pod which goes by way of it has, where `host` is in the pod. @default - it is elsewhere, one for all */
  readonly proxy?: PodProxy;
}

/** Who connects. */
export type Login = Required<Pick<DatabaseLink, 'user' | 'password'>>;

/** Who connects, where a proxy that logs in by itself is sent no password. */
export type ProxiedLogin = Pick<Login, 'user'> & Partial<Pick<Login, 'password'>>;

/** A link whose role and password are known apart from its URL. */
export type LoginLink = DatabaseLink & Login;

/** A proxy, or a pooler, as it stands in the pods of a database link. */
export interface PodProxy {
  /** Name of its container. */
  readonly name: string;
  /** The server behind it, for sentences. */
  readonly server: string;
  /** Port at 127.0.0.1. */
  readonly port: number;
  /** Its container, which stands before all that connects. */
  readonly sidecar: Sidecar;
  /** Whose identity the pods must have. @default - none is needed */
  readonly identity?: Cloud;
  /** The role of the database that this identity logs in as, by its service account. @default - any will do */
  readonly account?: string;
}
