import type { IConstruct } from 'constructs';
import type { DatabaseLink, PooledAddress } from '../pod/database-link';
import { requireUserText } from '../database/postgres-names';
import { declare } from '../support/declare';
import { reject } from '../support/reject';
import { fromSecret, type SecretKey } from '../support/secret-key';
import { requireKey, requireName } from '../support/values';
import { loginVariables } from './pod-pooler';

/** A role of the database, by which pods may do less than its owner. */
export interface DatabaseLogin {
  /** Name of the role. */
  readonly user: string;
  /** Where its password is. */
  readonly password: SecretKey;
}

/** The database as another role has it. */
export function loggedIn(
  scope: IConstruct,
  database: DatabaseLink | undefined,
  login: DatabaseLogin | undefined,
): DatabaseLink | undefined {
  if (!login) return database;
  const { user, password } = login;
  requireUserText(scope, 'login.user', user);
  requireName(scope, password.secret, 253, 'login.password.secret');
  requireKey(scope, 'login.password.key', password.key);
  if (!database) {
    const fix = "pass the link of a database to the release, or write the whole URL in 'config'";
    reject(scope, { prop: 'login', must: 'have a database to log in to', got: user, fix });
    return undefined;
  }
  if (database.url) {
    const must = 'be left out where the whole URL is a secret, in which another role stands';
    const fix = 'give these pods a URL of their own: variables of a patch, or a release of their own';
    reject(scope, { prop: 'login', must, got: user, fix });
    return database;
  }
  if (!database.password) {
    const must = `be left out where ${database.proxy?.name ?? 'a proxy'} logs in by IAM, as whom all pods of the release are`;
    reject(scope, { prop: 'login', must, got: user, fix: 'remove it, or give these pods a release of their own' });
    return database;
  }
  const as = (url: string): string => url.replace(/^(\w+:\/\/)[^@/]*@/, `$1${encodeURIComponent(user)}@`);
  const { config, secrets, pooled, readOnly } = database;
  const { DATABASE_URL: url, ...beside } = config;
  return {
    ...database,
    user,
    password,
    config: { ...(url === undefined ? {} : { DATABASE_URL: as(url) }), ...beside },
    secrets: Object.fromEntries(Object.keys(secrets).map((name) => [name, fromSecret(password)])),
    ...(pooled ? { pooled: { ...pooled, url: as(pooled.url), ...poolerFor(scope, pooled, login) } } : {}),
    ...(readOnly ? { readOnly: { ...readOnly, url: as(readOnly.url) } } : {}),
  };
}

/** A pooler in the pods logs in as they do. */
function poolerFor(scope: IConstruct, { proxy }: PooledAddress, login: DatabaseLogin): Pick<PooledAddress, 'proxy'> {
  if (!proxy) return {};
  const sidecar = { ...proxy.sidecar, variables: { ...proxy.sidecar.variables, ...loginVariables(login) } };
  declare(scope.node.root, { others: [{ container: sidecar, prop: 'database.pooler' }] });
  return { proxy: { ...proxy, sidecar } };
}
