import type { Construct } from 'constructs';
import type { ProxiedLogin } from '../pod/database-link';
import { ownerOf } from '../support/props';
import { abort, reject } from '../support/reject';
import { requireName } from '../support/values';
import type { DatabaseProxy } from './database-proxy';

/** The way to the server of a managed database. */
interface Way<Tls> {
  readonly host?: string;
  readonly tls?: Tls;
  readonly proxy?: DatabaseProxy;
}

/** Stops without the host of a server that pods connect to themselves, or without a word of how that is protected. */
export function requireDirect<Tls>(scope: Construct, { host, tls }: Way<Tls>): { readonly host: string; readonly tls: Tls } {
  const missing = Object.entries({ host, tls }).flatMap(([prop, got]) => {
    const fix = `pass '${prop}'${ownerOf(scope)}, or a 'proxy' in the pods`;
    return got === undefined ? [{ prop, must: 'be given', got, fix }] : [];
  });
  if (host === undefined || tls === undefined) abort(scope, missing);
  return { host, tls };
}

/** Who connects to a managed server: a role with a password, or the one that its proxy logs in as. Stops without either. */
export function managedLogin(
  scope: Construct,
  { user, password, proxy }: Partial<ProxiedLogin> & { readonly proxy?: DatabaseProxy },
): ProxiedLogin {
  if (proxy?.iamUser !== undefined) {
    const { iamUser, name } = proxy;
    const without = { must: `be left out beside ${name}, which logs in as ${iamUser} by IAM`, fix: 'remove it' };
    if (password) reject(scope, { prop: 'password', got: `the Secret ${password.secret}`, ...without });
    if (user !== undefined && user !== iamUser) reject(scope, { prop: 'user', got: user, ...without });
    return { user: iamUser };
  }
  const missing = Object.entries({ user, password }).flatMap(([prop, got]) => {
    const fix = `pass '${prop}'${ownerOf(scope)}, or 'iamUser' to the proxy that logs in by itself`;
    return got === undefined ? [{ prop, must: 'be given', got, fix }] : [];
  });
  if (user === undefined || password === undefined) abort(scope, missing);
  requireName(scope, password.secret, 253, 'password.secret');
  return { user, password };
}
