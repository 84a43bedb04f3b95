import type { IConstruct } from 'constructs';
import type { DatabaseLink } from '../pod/database-link';
import { DEFAULT_POOL } from '../support/connection-counts';
import { reject } from '../support/reject';
import { requireInteger } from '../support/values';
import type { RolloutPeak } from '../support/rollout-peak';
import { poolerOf, type Connection } from './connection';

/** Connections of one pod: so many, or what its share of those that there are comes to. */
export type PoolSize = number | PoolShare;

/** A part of what the database, or the pooler, has for everyone. */
export interface PoolShare {
  /** The part that all pods of this role together may take in the middle of a rollout, above 0 and up to 1. */
  readonly share: number;
}

/** What a share is divided by. */
export interface PoolDivision {
  readonly database: DatabaseLink;
  readonly connection: Connection;
  /** The pods that share. */
  readonly atPeak: RolloutPeak;
  /** Pools of each pod: `POOL_COUNT`. */
  readonly pools: number;
}

const MOST = 1000;

/** `POOL_SIZE` of a pod, refused under `scope` where it leaves the pod no connection. */
export function poolSizeOf(
  scope: IConstruct,
  poolSize: PoolSize,
  division: PoolDivision,
  fix: string,
  prop = 'poolSize',
): number {
  if (typeof poolSize === 'number') {
    requireInteger(scope, prop, poolSize, { minimum: 1, maximum: MOST, fix });
    return poolSize;
  }
  const { share } = poolSize;
  if (!(share > 0 && share <= 1)) {
    reject(scope, { prop: `${prop}.share`, must: 'be above 0 and at most 1', got: share, fix: 'write 0.6 for six of ten' });
    return DEFAULT_POOL;
  }
  return divided(scope, share, division, prop);
}

function divided(scope: IConstruct, share: number, { database, connection, atPeak, pools }: PoolDivision, prop: string): number {
  const pooler = poolerOf(database, connection);
  const there = pooler?.clients ?? database.connections;
  // A pooler in the pod is there for no other one.
  const { pods, text } = pooler?.proxy ? { pods: 1, text: '1' } : atPeak;
  // A share is written as a decimal fraction: 0.3 of 100 must not become 29.
  const size = Math.floor(Number((there * share).toPrecision(12)) / (pods * pools));
  if (size >= 1) return Math.min(MOST, size);
  // A number of pods that is none has been refused where it stands.
  if (Number.isFinite(size)) {
    const sum = `${there} x ${share} / ${pools === 1 ? text : `${text} x ${pools}`} pods`;
    const fix = 'raise the share or the connections of the database, or lower the replicas or the surge';
    reject(scope, { prop, must: 'leave each pod a connection in the middle of a rollout', got: sum, fix });
  }
  return DEFAULT_POOL;
}

/** `POOL_COUNT` as far as it is written down. */
export function poolsIn(config: Readonly<Record<string, string>>): number {
  const given: unknown = config['POOL_COUNT'];
  return (typeof given === 'string' && Number(given)) || 1;
}
