import type { IConstruct } from 'constructs';
import type { DatabaseLink } from '../pod/database-link';
import { podMounts } from '../pod/mount';
import { variableNameFault } from '../pod/variables';
import { reject } from '../support/reject';
import { fromSecret, type SecretKey } from '../support/secret-key';
import type { PoolSize } from './pool-size';

/** A further repository of an application, with a database of its own. */
export interface Repo {
  /** As Elixir writes it: `Shop.AnalyticsRepo`. */
  readonly module: string;
  /** Variable that its `url` is read from. @default - after its name in `repos`: `ANALYTICS_DATABASE_URL` of `analytics` */
  readonly url?: string;
  /** Variable that its `password` is read from. @default - `ANALYTICS_DATABASE_PASSWORD` */
  readonly password?: string;
  /** Variable that its `pool_size` is read from. @default - `ANALYTICS_POOL_SIZE` */
  readonly poolSize?: string;
  /** Whether it has migrations, which the gate asks for wherever `:ecto_repos` lacks it. @default true */
  readonly migrations?: boolean;
}

/** The database of a further repository. */
export interface RepoDatabase {
  /** Where the data are. */
  readonly link: DatabaseLink;
  /** Connections of each pod that keeps running, 1 to 1000, or a share of all that there are; jobs have 2. @default 10 */
  readonly poolSize?: PoolSize;
}

/** What a further repository is told by. */
export type RepoVariables = Required<Pick<Repo, 'url' | 'password' | 'poolSize'>>;

/** The variables of a repository of a name. */
export function repoVariables(name: string, { url, password, poolSize }: Repo): RepoVariables {
  const word = name.toUpperCase().replaceAll('-', '_');
  return {
    url: url ?? `${word}_DATABASE_URL`,
    password: password ?? `${word}_DATABASE_PASSWORD`,
    poolSize: poolSize ?? `${word}_POOL_SIZE`,
  };
}

/** A further database as pods are told of it. */
export interface NamedDatabase {
  readonly name: string;
  readonly variables: RepoVariables;
  /** The link, under names that no other database has: its variables, its password's and its files. */
  readonly link: DatabaseLink;
}

/** Gives all that a link says names of its own, so that no database gets what is another's. */
export function namedDatabase(name: string, repo: Repo, link: DatabaseLink): NamedDatabase {
  const variables = repoVariables(name, repo);
  const word = name.toUpperCase().replaceAll('-', '_');
  const mounts = link.mounts.map((mount) => {
    const [volume] = podMounts([mount]);
    return { ...mount, name: `${volume?.name}-${name}`, path: `${mount.path}-${name}` };
  });
  const moved = (value: string): string =>
    link.mounts.reduce((text, { path }) => (text.startsWith(`${path}/`) ? text.replace(path, `${path}-${name}`) : text), value);
  const { DATABASE_URL: url = '', ...beside } = link.config;
  const config = Object.fromEntries(Object.entries(beside).map(([variable, value]) => [`${word}_${variable}`, moved(value)]));
  return {
    name,
    variables,
    link: {
      ...link,
      config: { ...(url === '' ? {} : { [variables.url]: url }), ...config },
      secrets: {
        ...(link.url ? { [variables.url]: fromSecret(link.url) } : {}),
        ...(link.password ? { [variables.password]: fromSecret(link.password) } : {}),
      },
      mounts,
      // A pod has one container of a name.
      ...(link.proxy ? { proxy: { ...link.proxy, name: `${link.proxy.name}-${name}` } } : {}),
    },
  };
}

/** Where the password of the first database is where another one of its kind has another: no driver takes it by itself. */
const FIRST_PASSWORD = 'DATABASE_PASSWORD';

/**
 * The first database beside others. `PGPASSWORD` and `MYSQL_PWD` are read by the drivers themselves, of any connection that is
 * told no password: beside another database of the kind nobody has them, because that one's server would be sent it.
 */
export function besideOthers(first: DatabaseLink | undefined, others: readonly NamedDatabase[]): DatabaseLink | undefined {
  if (!first?.password) return first;
  const { adapter, password } = first;
  // One that a proxy logs in to has none, and would be sent this one.
  const another = ({ link }: NamedDatabase): boolean =>
    link.adapter === adapter && !link.url && !(link.password && isSame(link.password, password));
  const shared = others.some(another);
  return shared ? { ...first, secrets: { [FIRST_PASSWORD]: fromSecret(password) } } : first;
}

function isSame(one: SecretKey, other: SecretKey): boolean {
  return one.secret === other.secret && one.key === other.key;
}

/** Refuses repositories that no release could have, and databases that none of them reads, or that are missing. */
export function requireRepos(
  scope: IConstruct,
  repos: Readonly<Record<string, Repo>>,
  databases: Readonly<Record<string, unknown>>,
): void {
  for (const [name, repo] of Object.entries(repos)) requireRepo(scope, name, repo);
  for (const name of Object.keys(databases).filter((one) => !Object.hasOwn(repos, one))) {
    const fix = `write it there: repos: { ${name}: { module: 'Shop.AnalyticsRepo' } }, and read its variables in config/runtime.exs`;
    const known = Object.keys(repos).join(', ') || 'none';
    reject(scope, { prop: `databases.${name}`, must: `be of a repository in 'application.repos'`, got: known, fix });
  }
  for (const [name, repo] of Object.entries(repos)) {
    if (Object.hasOwn(databases, name)) continue;
    const fix = `write what runs it: its Repo does not start without ${repoVariables(name, repo).url}`;
    reject(scope, { prop: `databases.${name}`, must: `be given for ${repo.module}`, got: undefined, fix });
  }
}

function requireRepo(scope: IConstruct, name: string, repo: Repo): void {
  const prop = `application.repos.${name}`;
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name)) {
    const must = "have a name of lower-case letters, digits and single '-'";
    reject(scope, { prop, must, got: name, fix: 'it becomes a part of names of objects and of variables: analytics' });
  }
  if (!/^[A-Z]\w*(?:\.[A-Z]\w*)*$/.test(repo.module)) {
    reject(scope, { prop: `${prop}.module`, must: 'be a module', got: repo.module, fix: 'write it as Shop.AnalyticsRepo' });
  }
  for (const [of, variable] of Object.entries(repoVariables(name, repo))) {
    const fault = variableNameFault(`${prop}.${of}`, variable);
    if (fault) reject(scope, fault);
  }
}
