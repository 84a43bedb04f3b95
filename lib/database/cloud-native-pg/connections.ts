import type { Construct } from 'constructs';
import type { Resources } from '../../pod/resources';
import { reject } from '../../support/reject';
import { requireInteger } from '../../support/values';
import { RESERVED_CONNECTIONS } from '../../support/connection-counts';
import { postgresSettings } from '../postgres-settings';
import type { ClusterPooler } from './pooler';
import type { ClusterRole } from './roles';

/** Held by the operator's agent beside PostgreSQL, its metrics and a running backup. */
const OPERATOR_CONNECTIONS = 7;
/** Held by each pod of a pooler to look up passwords. */
const LOOKUP_CONNECTIONS = 2;
/** What a migration opens, whatever its pool size. It goes past every pooler. */
const MIGRATION_CONNECTIONS = 2;

/** How the connections of an instance are divided. */
export interface ClusterConnections {
  /** Settings that follow from the memory, `max_connections` among them. */
  readonly parameters: Readonly<Record<string, string>>;
  /** `max_connections` of each instance. */
  readonly maxConnections: number;
  /** What is left of the primary's for the application without a pooler. */
  readonly direct: number;
  /** What is left of one replica's. Any replica may have to serve all readers. */
  readonly replicas: number;
}

/** What takes connections. */
export interface Takers {
  readonly resources: Resources;
  readonly maxConnections: number | undefined;
  readonly pooler: ClusterPooler | undefined;
  readonly roles: readonly ClusterRole[];
}

/** Divides the connections of an instance. Replicas follow the primary by walsenders, which PostgreSQL counts apart. */
export function divideConnections({ resources, maxConnections: wanted, pooler, roles }: Takers): ClusterConnections {
  const { maxConnections, parameters } = postgresSettings(resources.memory.limit, wanted);
  const rest = maxConnections - RESERVED_CONNECTIONS - OPERATOR_CONNECTIONS - heldByRoles(roles);
  const pooled = pooler ? heldBy(pooler) : 0;
  return { parameters, maxConnections, direct: rest - pooled, replicas: rest - (pooler?.readOnly === true ? pooled : 0) };
}

/** Server connections that a pooler holds at most: in its own rollout it has one pod more. */
function heldBy({ instances, poolSize }: ClusterPooler): number {
  return (instances + 1) * (poolSize + LOOKUP_CONNECTIONS);
}

function heldByRoles(roles: readonly ClusterRole[]): number {
  return roles.reduce((sum, { connections = 0 }) => sum + connections, 0);
}

/** Refuses a division that leaves nothing for migrations, which never go through a pooler. */
export function requireConnections(
  scope: Construct,
  { pooler, roles }: Takers,
  { maxConnections, direct }: ClusterConnections,
): void {
  const fix = 'omit it to follow the memory';
  requireInteger(scope, 'maxConnections', maxConnections, { minimum: 20, maximum: 10000, fix });
  if (direct >= MIGRATION_CONNECTIONS) return;
  const parts = [
    `${RESERVED_CONNECTIONS + OPERATOR_CONNECTIONS} for administrators and the operator`,
    ...(pooler ? [`${heldBy(pooler)} for the pooler`] : []),
    ...(roles.length > 0 ? [`${heldByRoles(roles)} for other roles`] : []),
    `${MIGRATION_CONNECTIONS} for migrations`,
  ];
  reject(scope, {
    prop: 'maxConnections',
    must: `be ${maxConnections - direct + MIGRATION_CONNECTIONS} or more: ${parts.join(', ')}`,
    got: maxConnections,
    fix: 'raise it with the memory, or lower what the others get',
  });
}
