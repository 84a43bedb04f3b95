import type { Construct } from 'constructs';
import type { Mount } from '../pod/mount';
import type { DatabaseLink } from '../pod/database-link';
import { proxyOf, requireProxy } from '../database/database-proxy';
import type { Sidecar } from '../pod/sidecar';
import { poolerOf } from '../release/connection';
import type { DatabaseUse } from '../release/release-variables';
import { besideOthers, namedDatabase, requireRepos, type NamedDatabase } from '../release/repo';
import { declare } from '../support/declare';
import { reject } from '../support/reject';
import type { PhoenixReleaseProps } from './phoenix-release-props';

/** The databases of a release, each under names of its own. */
export interface ReleaseDatabases {
  readonly database: DatabaseLink | undefined;
  readonly others: readonly NamedDatabase[];
  /** The files that connections to them need. */
  readonly files: readonly Mount[];
}

/** The databases of a release as its pods are told of them, refused where no repository reads one; says where they are. */
export function databasesOf(
  scope: Construct,
  { application, database: first, databases = {} }: PhoenixReleaseProps,
): ReleaseDatabases {
  const { repos = {} } = application;
  requireRepos(scope, repos, databases);
  const others = Object.entries(databases).map(([key, { link }]) => namedDatabase(key, repos[key] ?? { module: '' }, link));
  requireServersAlone(scope, databases);
  const database = besideOthers(first, others);
  const urls = Object.fromEntries(others.map(({ variables, link }) => [variables.url, link]));
  declareUrls(scope, { DATABASE_URL: database, ...urls });
  if (others.length > 0) declare(scope, { repos: others.map(({ variables }) => variables) });
  const files = linksOf(database, others).flatMap(({ mounts }) => mounts);
  return { database, others, files };
}

/** Refuses containers that no pod would have: only the first database has roles that go by way of a pooler, or read from replicas. */
function requireServersAlone(scope: Construct, databases: NonNullable<PhoenixReleaseProps['databases']>): void {
  for (const [name, { link }] of Object.entries(databases)) {
    for (const { proxy } of [link.pooled ?? {}, link.readOnly ?? {}]) {
      if (!proxy) continue;
      const must = 'be left out of a further database, which pods reach at its server alone';
      reject(scope, { prop: `databases.${name}`, must, got: proxy.name, fix: 'remove its pooler and its readOnly' });
    }
  }
}

function linksOf(database: DatabaseLink | undefined, others: readonly NamedDatabase[]): DatabaseLink[] {
  return [...(database ? [database] : []), ...others.map(({ link }) => link)];
}

/** Says where URLs lead that are secret as a whole. */
function declareUrls(scope: Construct, links: Readonly<Record<string, DatabaseLink | undefined>>): void {
  for (const [variable, link] of Object.entries(links)) {
    if (link?.url) declare(scope, { backingServices: [{ variable, address: { host: link.host, ports: [link.port] } }] });
  }
}

/** The variables that databases take from their Secrets. */
export function secretsOf(database: DatabaseLink | undefined, others: readonly NamedDatabase[]): DatabaseLink['secrets'] {
  return Object.assign({}, ...linksOf(database, others).map(({ secrets }) => secrets)) as DatabaseLink['secrets'];
}

/** The sidecars by which pods reach the databases, where these have any. */
export function proxiesOf(
  database: DatabaseLink | undefined,
  others: readonly NamedDatabase[],
): Readonly<Record<string, Sidecar>> {
  return Object.assign({}, ...linksOf(database, others).map(proxyOf)) as Readonly<Record<string, Sidecar>>;
}

/** The sidecars by which the pods of a role reach what others do not: the pooler, and read replicas. */
export function proxiesOfUse(
  database: DatabaseLink | undefined,
  { connection, readUrl }: Pick<DatabaseUse, 'connection' | 'readUrl'>,
): Readonly<Record<string, Sidecar>> {
  return { ...proxyOf(readUrl ? database?.readOnly : undefined), ...proxyOf(poolerOf(database, connection)) };
}

/** Refuses pods that could not connect by such a sidecar, or that have another one of its name. */
export function requireProxies(
  scope: Construct,
  database: DatabaseLink | undefined,
  others: readonly NamedDatabase[],
  pods: Pick<PhoenixReleaseProps, 'sidecars' | 'identity'>,
): void {
  const addresses = [...linksOf(database, others), database?.readOnly, database?.pooled];
  for (const address of addresses) if (address?.proxy) requireProxy(scope, address.proxy, pods);
}
