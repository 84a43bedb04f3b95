import type { Construct } from 'constructs';
import type { DatabaseLink } from '../pod/database-link';
import { poolerOf, requireConnection, requireCopies, type Connection } from '../release/connection';
import { poolSizeOf, poolsIn, type PoolSize } from '../release/pool-size';
import type { DatabaseUse } from '../release/release-variables';
import type { NamedDatabase, RepoDatabase } from '../release/repo';
import { DEFAULT_POOL } from '../support/connection-counts';
import { declare } from '../support/declare';
import { reject } from '../support/reject';
import { surgePods, rolloutPeak, steadyPeak, type RolloutPeak } from '../support/rollout-peak';
import { most, type Replicas } from './replicas';
import { surgeOf, type Rollout } from './rollout';
import type { Stateful } from './stateful';

/** What decides how the pods of a role use the database. */
export interface DatabaseUseProps {
  readonly database?: DatabaseLink;
  readonly connection?: Connection;
  readonly poolSize?: PoolSize;
  readonly readUrl?: boolean;
  readonly ipv6?: boolean;
  readonly replicas: Replicas;
  readonly rollout?: Rollout;
  /** Whether each pod is gone before the next one comes. @default false */
  readonly singleton?: boolean;
  /** Whether a pod is gone before the next one of its name comes. */
  readonly stateful?: Stateful;
  /** Variables of the role beside those of the library. */
  readonly config?: Readonly<Record<string, string>>;
}

/**
 * How the pods of a role use the database, refused under `scope` where the database does not bear it.
 *
 * @param poolFix what to do about a number of connections that is none
 */
export function databaseUse(scope: Construct, props: DatabaseUseProps, poolFix: string): DatabaseUse {
  const { database, connection = 'direct', poolSize = DEFAULT_POOL, readUrl = false } = props;
  const { config = {} } = props;
  requireConnection(scope, database, connection);
  requireCopies(scope, database, readUrl);
  if (!database) {
    requireNoUse(scope, props);
    return { connection, readUrl, poolSize: DEFAULT_POOL };
  }
  const pooler = poolerOf(database, connection);
  if (pooler) declare(scope, { poolers: [{ host: pooler.host, port: pooler.port, connections: pooler.clients }] });
  const division = {
    database,
    connection,
    atPeak: peakOf(props),
    pools: poolsIn(config),
  };
  return { database, connection, readUrl, poolSize: poolSizeOf(scope, poolSize, division, poolFix) };
}

/** How many pods of a role there are, and how they are replaced. */
export type RolePods = Pick<DatabaseUseProps, 'replicas' | 'rollout' | 'singleton' | 'stateful'>;

/** The pods of a role in the middle of a rollout. */
function peakOf({ replicas, rollout, singleton = false, stateful }: RolePods): RolloutPeak {
  const steady = singleton ? 1 : stateful ? most(replicas) : undefined;
  return steady === undefined ? rolling(most(replicas), surgeOf(rollout)) : steadyPeak(steady);
}

/** Connections of each pod of a role to the databases of further repositories, by variable. */
export function repoPools(
  scope: Construct,
  others: readonly NamedDatabase[],
  databases: Readonly<Record<string, RepoDatabase>>,
  role: RolePods,
): Readonly<Record<string, string>> {
  const atPeak = peakOf(role);
  return Object.fromEntries(
    others.map(({ name, link, variables }) => {
      const { poolSize = DEFAULT_POOL } = databases[name] ?? {};
      const division = { database: link, connection: 'direct' as const, atPeak, pools: 1 };
      return [variables.poolSize, `${poolSizeOf(scope, poolSize, division, 'omit it to use 10', `databases.${name}.poolSize`)}`];
    }),
  );
}

/** Without a link these would change nothing: who gives the URL by other means gives what belongs to it as well. */
function requireNoUse(scope: Construct, { poolSize, ipv6 = false }: DatabaseUseProps): void {
  const without: readonly [prop: string, got: unknown, variable: string][] = [
    ['poolSize', poolSize, `POOL_SIZE: '${typeof poolSize === 'number' ? poolSize : DEFAULT_POOL}'`],
    ['ipv6', ipv6 || undefined, "ECTO_IPV6: 'true'"],
  ];
  for (const [prop, got, variable] of without) {
    if (got === undefined) continue;
    const fix = `pass the link of a database, or write config: { ${variable} } where the URL comes from elsewhere`;
    reject(scope, { prop, must: 'be left out where no database is given', got, fix });
  }
}

/** What is no number of pods is refused where the pods are made. */
function rolling(pods: unknown, surge: unknown): RolloutPeak {
  const known = typeof pods === 'number' && (typeof surge === 'number' || typeof surge === 'string');
  return known ? rolloutPeak(pods, surgePods(surge, pods)) : rolloutPeak(NaN, NaN);
}
