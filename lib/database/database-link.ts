import { isIPv4 } from 'node:net';
import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import type { Mount } from '../pod/mount';
import type { Peer } from '../support/facts';
import { keepFaults } from '../support/made';
import { wrongProps } from '../support/props';
import type { Refusal } from '../support/reject';
import { fromSecret, type SecretKey } from '../support/secret-key';
import { requireHost, requireInteger } from '../support/values';
import type { PodProxy } from './pod-proxy';
import { requireDatabaseText, requireUserText } from './postgres-names';

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
  /** Where the password is. @default - in the URL, which is a secret as a whole */
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
}

/** A pooler in front of a database, such as PgBouncer. */
export interface PooledAddress extends Pick<DatabaseLink, 'host' | 'port' | 'peer'> {
  /** Its URL, without the password. */
  readonly url: string;
  /** How long a client keeps a connection of the server: while it is connected, or for one transaction at a time. */
  readonly mode: 'session' | 'transaction';
  /** Whether a client's named statements follow it to another connection: PgBouncer's `max_prepared_statements` is not 0. */
  readonly namedStatements: boolean;
  /** Clients that it lets in, over all of its pods: `max_client_conn`. */
  readonly clients: number;
}

/** Who connects. */
type Login = Required<Pick<DatabaseLink, 'user' | 'password'>>;

/** A link whose role and password are known apart from its URL. */
export type LoginLink = DatabaseLink & Login;

/** What a PostgreSQL link is made from. */
export interface PostgresAddress extends Pick<DatabaseLink, 'host' | 'port' | 'database' | 'connections'>, Login {
  /** Where the server is on the network, for the fence. @default - any address, because a host name says none */
  readonly peer?: Peer;
  /** Options at the end of the URL. */
  readonly options?: Readonly<Record<string, string>>;
  /** Variables beside the URL and the password. */
  readonly config?: Readonly<Record<string, string>>;
  /** Files that the connection needs. */
  readonly mounts?: readonly Mount[];
  /** A pooler in front of it. @default - there is none */
  readonly pooled?: Omit<PooledAddress, 'url'>;
  /** Read replicas. @default - there are none */
  readonly readOnly?: Omit<ReadOnlyAddress, 'url'>;
  /** Image that the server runs. @default - not known */
  readonly image?: string;
  /** The proxy that each pod which connects has; `host` is in the pod then. @default - there is none */
  readonly proxy?: PodProxy;
}

/**
 * A link for Ecto's PostgreSQL adapter. The URL has no password: Ecto leaves it out and Postgrex reads
 * `PGPASSWORD`, so that any character may stand in it and nobody has to encode it.
 *
 * @see https://hexdocs.pm/postgrex/Postgrex.html#start_link/1
 */
export function postgresLink(address: PostgresAddress): LoginLink {
  const wrong = wrongProps(address, 'PostgresAddress', ' to postgresLink');
  return linkOf('postgresql', 'PGPASSWORD', address, wrong);
}

/** The link of an adapter, with the variable that its driver reads the password from; what is wrong is refused by whoever is given it. */
export function linkOf(
  adapter: DatabaseLink['adapter'],
  passwordVariable: string,
  address: PostgresAddress,
  wrong: readonly Refusal[],
): LoginLink {
  const given = { ...address };
  const { host, port, database, user, password, connections, options = {}, config = {}, mounts = [] } = given;
  const { peer = { cidr: '0.0.0.0/0' }, pooled, readOnly, image, proxy } = given;
  const url = (at: { host: string; port: number }) => databaseUrl({ ...at, user, database, options });
  const link: LoginLink = {
    adapter,
    host,
    port,
    database,
    user,
    password,
    connections,
    peer,
    mounts,
    config: { DATABASE_URL: url({ host, port }), ...config },
    secrets: wrong.length > 0 ? {} : { [passwordVariable]: fromSecret(password) },
    ...(pooled ? { pooled: { ...pooled, url: url(pooled) } } : {}),
    ...(readOnly ? { readOnly: { ...readOnly, url: url(readOnly) } } : {}),
    ...(image === undefined ? {} : { image }),
    ...(proxy ? { proxy } : {}),
  };
  return keepFaults(link, wrong);
}

/** What a URL is made from. */
type UrlParts = Required<Pick<DatabaseLink, 'host' | 'port' | 'user' | 'database'>> & {
  readonly options: Readonly<Record<string, string>>;
};

/** A URL as Ecto reads it, without the password. */
function databaseUrl({ host, port, user, database, options }: UrlParts): string {
  const query = new URLSearchParams(options).toString();
  const url = `ecto://${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(database)}`;
  return query === '' ? url : `${url}?${query}`;
}

/** Refuses an address that no server can have. */
export function requirePlace(scope: IConstruct, { host, port }: Pick<DatabaseLink, 'host' | 'port'>, usual = 5432): void {
  // Some providers give a private address and no name.
  if (!isIPv4(host)) requireHost(scope, host);
  requireInteger(scope, 'port', port, { minimum: 1, maximum: 65535, fix: `omit it to use ${usual}` });
}

/** Refuses what can be no name of a database or a role. */
export function requireDatabase(scope: IConstruct, { database, user }: Pick<DatabaseLink, 'database' | 'user'>): void {
  requireDatabaseText(scope, 'database', database);
  requireUserText(scope, 'user', user);
}
