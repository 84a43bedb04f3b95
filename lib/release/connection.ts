import type { IConstruct } from 'constructs';
import type { DatabaseLink, PooledAddress } from '../pod/database-link';
import type { Opening } from '../support/network';
import { reject } from '../support/reject';
import type { ClusterNode } from './cluster-node';

/**
 * Which address of the database the pods of a role use.
 * @write 'direct', or { pooled: { listens: false, statements: 'unnamed' } } for a pooler
 */
export type Connection =
  /** The server's own. */
  | 'direct'
  /** That of the pooler in front of it. */
  | { readonly pooled: PooledUse };

/** What pods do that not every pooler can carry. */
export interface PooledUse {
  /**
   * Whether they keep something in a session by this URL: LISTEN, as Oban's and Phoenix.PubSub's notifiers on PostgreSQL do,
   * advisory locks of a session, `SET`, temporary tables. A pooler in transaction mode loses it without an error.
   */
  readonly listens: boolean;
  /** How the Repo prepares statements: its `prepare` option, `named` where it has none. */
  readonly statements: 'named' | 'unnamed';
}

/** The pooler that pods with this connection go through; undefined where they go to the server. */
export function poolerOf(database: DatabaseLink | undefined, connection: Connection): PooledAddress | undefined {
  return connection === 'direct' ? undefined : database?.pooled;
}

/** What pods with these connections open, for the fence, and to the replicas; each once, because several may be at one place. */
export function openingsOf(
  database: DatabaseLink | undefined,
  connections: readonly Connection[],
  readUrl = false,
  others: readonly DatabaseLink[] = [],
): readonly Opening[] {
  if (!database) return openingsTo(others);
  const replicas = readUrl && database.readOnly ? [database.readOnly] : [];
  const addresses = [...connections.map((connection) => poolerOf(database, connection) ?? database), ...replicas];
  return openingsTo([...addresses, ...others]);
}

/** What a proxy in the pod reaches, it opens itself. */
function openingsTo(addresses: readonly Pick<DatabaseLink, 'port' | 'peer' | 'proxy'>[]): readonly Opening[] {
  const openings = addresses.filter(({ proxy }) => !proxy).map(({ port, peer }): Opening => ({ port, peer }));
  return [...new Map(openings.map((opening) => [JSON.stringify(opening), opening])).values()];
}

/** By what applications encrypt to the server: a pooler in their own pod does that, and they speak to it in clear text. */
const ENCRYPTION = ['PGSSLMODE', 'PGSSLROOTCERT'];

/** Variables that differ by connection. */
type Variables = Readonly<Record<string, string>>;

/** Variables of a pod as it connects, made from those of one that goes to the server. */
export function connectionVariables(
  direct: Variables,
  database: DatabaseLink | undefined,
  connection: Connection,
): Record<string, string> {
  const pooler = poolerOf(database, connection);
  if (!pooler) return { ...direct };
  const kept = Object.entries(direct).filter(([name]) => !pooler.proxy || !ENCRYPTION.includes(name));
  return { ...Object.fromEntries(kept), DATABASE_URL: pooler.url };
}

/** Variables by which a command in such a pod goes past the pooler, over those of the pod's ConfigMap. */
export function directVariables(database: DatabaseLink | undefined, connection: Connection): Record<string, string> {
  const pooler = poolerOf(database, connection);
  if (!database || !pooler) return {};
  const names = ['DATABASE_URL', ...(pooler.proxy ? ENCRYPTION : [])];
  return Object.fromEntries(Object.entries(database.config).filter(([name]) => names.includes(name)));
}

/** Refuses to read from replicas that want a certificate's authority, which would hold for the pooler in the pod too. */
export function requireOneEncryption(scope: IConstruct, database: DatabaseLink | undefined, use: ReadingUse): void {
  const { connection, readUrl } = use;
  if (!readUrl || !poolerOf(database, connection)?.proxy || database?.config['PGSSLROOTCERT'] === undefined) return;
  const must = "be 'direct' in pods that read from replicas too: PGSSLROOTCERT would hold for the pooler in the pod as well";
  const fix = "write 'direct', or leave readUrl out; with tls: 'public-authority' each URL says it for itself";
  reject(scope, { prop: 'connection', must, got: 'pooled', fix });
}

interface ReadingUse {
  readonly connection: Connection;
  readonly readUrl: boolean;
}

/** Refuses a connection that the database does not offer, or that its pooler would break. */
export function requireConnection(scope: IConstruct, database: DatabaseLink | undefined, connection: Connection): void {
  if (connection === 'direct') return;
  const { listens, statements } = connection.pooled;
  const pooler = database?.pooled;
  if (!pooler) {
    const fix = "give the database a pooler, or write 'direct'";
    reject(scope, { prop: 'connection', must: 'have a pooler to go through', got: database?.host, fix });
    return;
  }
  if (pooler.mode !== 'transaction') return;
  if (listens) {
    const must = 'be false: this pooler lends a connection for one transaction, and what was listened for is lost';
    const fix = "write 'direct', or take a notifier that needs no LISTEN, such as Oban.Notifiers.PG";
    reject(scope, { prop: 'connection.pooled.listens', must, got: listens, fix });
  }
  if (statements === 'named' && !pooler.namedStatements) {
    const must = "be 'unnamed': this pooler forgets a named statement with the transaction";
    const fix = "write 'prepare: :unnamed' in the Repo's config and say so here, or set max_prepared_statements of the pooler";
    reject(scope, { prop: 'connection.pooled.statements', must, got: statements, fix });
  }
}

/** Whether a database is reached by IPv6, where nobody says so: as its range is, or as the pods are that it runs beside. */
export function reachedByIpv6(database: DatabaseLink | undefined, cluster: ClusterNode | undefined): boolean {
  if (!database) return false;
  return 'cidr' in database.peer ? database.peer.cidr.includes(':') : cluster?.ipv6 === true;
}

/** What decides by which version of IP a database is reached. */
export interface Reached {
  readonly database?: DatabaseLink;
  readonly connection: Connection;
  readonly readUrl: boolean;
  readonly cluster?: ClusterNode;
  readonly ipv6: boolean;
}

/** Refuses to reach a database by one version of IP where its addresses, or the way through the fence, are of the other. */
export function requireFamily(scope: IConstruct, { database, connection, readUrl, cluster, ipv6 }: Reached): void {
  const used = [database, connection === 'direct' ? undefined : database?.pooled, readUrl ? database?.readOnly : undefined];
  for (const { host, peer } of used.flatMap((address) => address ?? [])) {
    // Of pods whose nodes meet nobody, and of other namespaces, nothing tells.
    const wanted = 'cidr' in peer ? peer.cidr.includes(':') : 'pods' in peer ? cluster?.ipv6 : undefined;
    if (wanted === undefined || wanted === ipv6) continue;
    const [why, fix] =
      'cidr' in peer
        ? [
            `the addresses of ${host} are ${peer.cidr} to the fence`,
            `or give the database a range such as ${ipv6 ? '::/0' : '0.0.0.0/0'}`,
          ]
        : [
            `${host} has addresses like those of the pods, and 'ipv6' of the BeamCluster is ${wanted}`,
            `or write ipv6: ${ipv6} there`,
          ];
    reject(scope, { prop: 'ipv6', must: `be ${wanted}, because ${why}`, got: ipv6, fix });
  }
}

/** Refuses to name read replicas where there are none. */
export function requireCopies(scope: IConstruct, database: DatabaseLink | undefined, readUrl: boolean): void {
  if (!readUrl || database?.readOnly) return;
  const fix = 'remove it, or give the database some';
  reject(scope, { prop: 'readUrl', must: 'have read replicas', got: database?.host, fix });
}
