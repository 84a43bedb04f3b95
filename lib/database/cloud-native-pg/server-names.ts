import type { Construct } from 'constructs';
import { reject } from '../../support/reject';
import { isDatabaseText, requireDatabaseText, requireUserText } from '../postgres-names';

// The operator quotes names in all of its SQL, and its CRDs have no pattern for them. What remains are the places where it
// does not quote: its own settings of a connection, and the command of the Job that makes the database and its owner.

/**
 * Refuses what can be no database of a Cluster. The operator connects to each by `dbname=<name>` without quotes, for
 * extensions and metrics: a blank ends the name there, and `'` and `\` begin something else.
 *
 * @see https://github.com/cloudnative-pg/cloudnative-pg/blob/main/pkg/management/postgres/pool/pool.go
 */
export function requireDatabaseName(scope: Construct, prop: string, name: string): void {
  requireDatabaseText(scope, prop, name);
  if (!isDatabaseText(name)) return;
  if (/[ \\]|^'/.test(name)) {
    const must = "have no blank and no '\\', and not begin with ', because the operator connects to it without quotes";
    reject(scope, { prop, must, got: name, fix: `rename it, for example "${name.replace(/[ \\']+/g, '_')}"` });
  }
  if (!['postgres', 'template0', 'template1'].includes(name)) return;
  const must = 'be no database that every server has';
  reject(scope, { prop, must, got: name, fix: 'name it after the application' });
}

/** `public` and `none` are no roles to PostgreSQL, in quotes neither. */
const RESERVED = /^(?:postgres|streaming_replica|cnpg_.*|pg_.*|public|none)$/;

/** Refuses what can be no role, and the name of one that the operator or PostgreSQL keeps for itself. */
export function requireRoleName(scope: Construct, prop: string, name: string): void {
  requireUserText(scope, prop, name);
  if (!RESERVED.test(name)) return;
  const must = 'be no name that PostgreSQL or the operator keeps for itself';
  reject(scope, { prop, must, got: name, fix: 'name it after the application' });
}

/** Refuses what Kubernetes would change in the command of a Job: `$$` becomes `$`, and `$(NAME)` the value of a variable. */
export function requireUnchanged(scope: Construct, prop: string, name: string): void {
  if (!/\$[$(]/.test(name)) return;
  const must = "have neither '$$' nor '$(', which Kubernetes replaces in the command that makes it";
  reject(scope, { prop, must, got: name, fix: `rename it, for example "${name.replace(/[$()]+/g, '_')}"` });
}
