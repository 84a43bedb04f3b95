import type { IConstruct } from 'constructs';
import { wrongProps } from '../support/props';
import { reject } from '../support/reject';
import type { DatabaseLink, LoginLink } from '../pod/database-link';
import { linkOf, requireDatabase, type PostgresAddress } from './postgres-link';

/** What a MySQL link is made from. */
export type MysqlAddress = Omit<PostgresAddress, 'pooled' | 'image'>;

/**
 * A link for Ecto's MySQL adapter. The URL has no password: Ecto leaves it out and MyXQL reads `MYSQL_PWD`, as `mysql`
 * and `mysqldump` do, so that any character may stand in it and nobody has to encode it.
 *
 * @see https://hexdocs.pm/myxql/MyXQL.html#start_link/1
 */
export function mysqlLink(address: MysqlAddress): LoginLink {
  return linkOf('mysql', address, wrongProps(address, 'MysqlAddress', ' to mysqlLink'));
}

/** Refuses names of a database or a user that the server would. */
export function requireMysqlNames(scope: IConstruct, names: Pick<DatabaseLink, 'database' | 'user'>): void {
  const { user, database } = names;
  requireDatabase(scope, names);
  requirePattern(scope, database);
  if (typeof user === 'string' && user.length > 32) {
    reject(scope, { prop: 'user', must: 'have at most 32 characters', got: user, fix: 'shorten it' });
  }
  if (typeof user === 'string' && user.endsWith(' ')) {
    const must = 'not end with a space, which the server takes off at its next start';
    reject(scope, { prop: 'user', must, got: user, fix: 'take it off' });
  }
}

/** A right is given by a pattern of 64 characters, in which `_`, `%` and a backslash have one before them. */
function requirePattern(scope: IConstruct, database: string): void {
  if (typeof database !== 'string') return;
  const pattern = database.replace(/[_%\\]/g, '\\$&').length;
  if (pattern <= 64 && !/ $|[\u{10000}-\u{10ffff}]/u.test(database)) return;
  const must =
    "have at most 64 characters, with '_', '%' and '\\' counted twice, none of them beyond the basic plane, and no space at its end";
  reject(scope, { prop: 'database', must, got: database, fix: 'shorten or rename it' });
}
