import type { IConstruct } from 'constructs';
import { reject } from '../support/reject';

/** Refuses the name of a database or a role that would have to be quoted in places that we do not see. */
export function requireIdentifier(scope: IConstruct, prop: string, name: unknown, example = 'reports'): void {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/.test(name)) return;
  const must = "be 1 to 63 letters, digits, '_', '$' or '-' and start with a letter or '_'";
  reject(scope, { prop, must, got: name, fix: `rename it, for example "${example}"` });
}

/** Refuses what is no name of an extension. */
export function requireExtensions(scope: IConstruct, prop: string, extensions: readonly string[]): void {
  for (const extension of extensions.filter((wanted) => typeof wanted !== 'string' || !/^[a-z][a-z0-9_-]*$/.test(wanted))) {
    const must = 'hold names of extensions in lower case';
    reject(scope, { prop, must, got: extension, fix: 'write it as citext or uuid-ossp' });
  }
}
