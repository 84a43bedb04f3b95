import { isIPv4 } from 'node:net';
import type { IConstruct } from 'constructs';
import type {
  DatabaseLink,
  Login,
  LoginLink,
  PodProxy,
  PooledAddress,
  ProxiedLogin,
  ReadOnlyAddress,
} from '../pod/database-link';
import type { Mount } from '../pod/mount';
import type { Peer } from '../support/network';
import { keepFaults } from '../support/made';
import { wrongProps } from '../support/props';
import type { Refusal } from '../support/reject';
import { fromSecret } from '../support/secret-key';
import { requireHost, requireInteger } from '../support/values';
import { requireDatabaseText, requireUserText } from './postgres-names';

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
  return linkOf('postgresql', address, wrong);
}

/** The variables that drivers, and the programs of the servers, read a password from. */
const PASSWORDS = { postgresql: 'PGPASSWORD', mysql: 'MYSQL_PWD' } as const;

/** An address whose password a proxy may have. */
type LoggedInAddress<Who extends ProxiedLogin> = Omit<PostgresAddress, keyof Login> & Who;

/** The link of an adapter; what is wrong is refused by whoever is given it. */
export function linkOf<Who extends ProxiedLogin>(
  adapter: DatabaseLink['adapter'],
  address: LoggedInAddress<Who>,
  wrong: readonly Refusal[] = [],
): DatabaseLink & Who {
  const given = { ...address };
  const { host, port, database, user, password, connections, options = {}, config = {}, mounts = [] } = given;
  const { peer = { cidr: '0.0.0.0/0' }, pooled, readOnly, image, proxy } = given;
  // In the pod nothing is encrypted.
  const url = (at: { host: string; port: number; proxy?: PodProxy }) =>
    databaseUrl({ host: at.host, port: at.port, user, database, options: at.proxy ? {} : options });
  const link: DatabaseLink & ProxiedLogin = {
    adapter,
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    connections,
    peer,
    mounts,
    config: { DATABASE_URL: url({ host, port, proxy }), ...config },
    secrets: wrong.length > 0 || !password ? {} : { [PASSWORDS[adapter]]: fromSecret(password) },
    ...(pooled ? { pooled: { ...pooled, url: url(pooled) } } : {}),
    ...(readOnly ? { readOnly: { ...readOnly, url: url(readOnly) } } : {}),
    ...(image === undefined ? {} : { image }),
    ...(proxy ? { proxy } : {}),
  };
  return keepFaults(link as DatabaseLink & Who, wrong);
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
