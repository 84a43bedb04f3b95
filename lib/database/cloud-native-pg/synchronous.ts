import type { Construct } from 'constructs';
import {
  ClusterSpecPostgresqlSynchronousDataDurability as Durability,
  ClusterSpecPostgresqlSynchronousMethod as Method,
  type ClusterSpecPostgresqlSynchronous,
} from '../../../imports/postgresql.cnpg.io';
import { reject } from '../../support/reject';
import { requireInteger } from '../../support/values';

/** Replicas that have a commit before its client is told so. */
export interface SynchronousCopies {
  /** How many, whichever they are: `number`. */
  readonly number: number;
  /**
   * What happens while fewer than so many replicas answer. `required` stops all writes; `preferred` goes on, and a primary that
   * is lost then takes its last commits with it: `dataDurability`.
   */
  readonly dataDurability: 'required' | 'preferred';
}

/** What the Cluster says of it. */
export function synchronousOf({ number, dataDurability }: SynchronousCopies): ClusterSpecPostgresqlSynchronous {
  const durability = dataDurability === 'required' ? Durability.REQUIRED : Durability.PREFERRED;
  return { method: Method.ANY, number, dataDurability: durability };
}

/** Refuses more replicas than there are, and writes that stop at every restart of one. */
export function requireSynchronous(scope: Construct, { number, dataDurability }: SynchronousCopies, instances: number): void {
  requireInteger(scope, 'synchronous.number', number, { minimum: 1, fix: 'write 1: two volumes have each commit' });
  const spare = dataDurability === 'required' ? 2 : 1;
  if (!(instances - number < spare)) return;
  const why = spare === 2 ? 'so that writes go on while one replica restarts' : 'because the primary is no replica of its own';
  const must = `be at most ${Math.max(0, instances - spare)} of ${instances} instances, ${why}`;
  const fix = spare === 2 ? "raise instances, or write dataDurability: 'preferred'" : 'raise instances, or remove it';
  reject(scope, { prop: 'synchronous.number', must, got: number, fix });
}
