import type { Construct } from 'constructs';
import { ownerOf } from '../support/props';
import { abort, reject } from '../support/reject';
import type { DatabaseProxy } from './database-proxy';

/** The way to the server of a managed database. */
interface Way<Tls> {
  readonly host?: string;
  readonly tls?: Tls;
  readonly proxy?: DatabaseProxy;
  readonly readOnly?: unknown;
  readonly pooler?: unknown;
  readonly throughPooler?: unknown;
  readonly port?: number;
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

/** Refuses beside a proxy what it does, or what it knows nothing of. */
export function requireBehindProxy(scope: Construct, props: Way<unknown>, { findsServer, name }: DatabaseProxy): void {
  const without: (readonly [prop: keyof Way<unknown>, must: string, fix: string])[] = [
    ['tls', 'be left out beside a proxy, which encrypts what leaves the pod', 'remove it'],
    ['readOnly', 'be left out beside a proxy, which leads to one server', 'give the replicas a link of their own'],
    ['pooler', 'be left out beside a proxy, which leads to one server', 'let the application pool its connections'],
    ['throughPooler', 'be left out beside a proxy, which leads to the server itself', 'remove it'],
    ...(findsServer
      ? ([
          ['host', `be left out beside ${name}, which finds the server by its instance`, 'remove it'],
          ['port', `be left out beside ${name}, which knows it`, "remove it; that in the pod is 'port' of the proxy"],
        ] as const)
      : []),
  ];
  for (const [prop, must, fix] of without) if (props[prop] !== undefined) reject(scope, { prop, must, got: props[prop], fix });
  if (findsServer || props.host !== undefined) return;
  reject(scope, {
    prop: 'host',
    must: `be given for ${name}`,
    got: undefined,
    fix: 'write what the provider gave: the fence opens its port',
  });
}
