import type { IConstruct } from 'constructs';
import { reject } from '../support/reject';

/** The longest name of PostgreSQL, in bytes: it cuts off what is longer, with a notice that nobody reads. */
const LONGEST = 63;

/**
 * Refuses what can be no role: any character but line ends and their kind may stand in it, such as the `.` and the `@` of
 * providers, because it is encoded in URLs and quoted in SQL.
 */
export function requireUserText(scope: IConstruct, prop: string, name: unknown): void {
  if (isName(name)) return;
  const must = `be 1 to ${LONGEST} bytes of text without control characters`;
  reject(scope, {
    prop,
    must,
    got: name,
    fix: 'write it as the server knows it, such as kube_native or postgres.abcdefgh',
  });
}

/**
 * Refuses what can be no database. `/` would be a folder in the names of dumps, and what has a `=` is taken for a list of
 * settings by the programs of PostgreSQL.
 */
export function requireDatabaseText(scope: IConstruct, prop: string, name: unknown): void {
  if (isDatabaseText(name)) return;
  const must = `be 1 to ${LONGEST} bytes of text without control characters, '/' and '=', and not begin with '-'`;
  reject(scope, { prop, must, got: name, fix: 'rename it, for example "kube_native"' });
}

/** Whether a text may be the name of a database. */
export function isDatabaseText(name: unknown): name is string {
  return isName(name) && !/[/=]|^-/.test(name);
}

/** Text of one line that the server keeps as it is. */
function isName(name: unknown): name is string {
  if (typeof name !== 'string' || name === '' || Buffer.byteLength(name) > LONGEST) return false;
  return !/\p{C}/u.test(name);
}

/** Refuses what is no name of an extension. */
export function requireExtensions(scope: IConstruct, prop: string, extensions: readonly string[]): void {
  for (const extension of extensions.filter((wanted) => typeof wanted !== 'string' || !/^[a-z][a-z0-9_-]*$/.test(wanted))) {
    const must = 'hold names of extensions in lower case';
    reject(scope, { prop, must, got: extension, fix: 'write it as citext or uuid-ossp' });
  }
}

/** Refuses names of roles and databases that a new server has, or keeps for itself. */
export function requireOwnNames(
  scope: IConstruct,
  { database, user }: { readonly database: string; readonly user: string },
): void {
  if (/^(?:postgres|public|none|pg_.*)$/.test(user)) {
    const must = 'be no role that PostgreSQL has or keeps for itself';
    reject(scope, { prop: 'user', must, got: user, fix: 'name it after the application' });
  }
  if (/^(?:postgres|template[01])$/.test(database)) {
    const must = 'be no database that every server has';
    reject(scope, { prop: 'database', must, got: database, fix: 'name it after the application' });
  }
}
