import type { Construct } from 'constructs';
import { reject } from '../support/reject';
import { requireInteger } from '../support/values';
import { proxied, type DatabaseProxy } from './database-proxy';
import type { ManagedReplicas } from './managed-addresses';
import { PodPooler } from './pod-pooler';
import type { PostgresAddress } from './postgres-link';

/** A managed server that pods reach by a proxy. */
interface Way {
  readonly host?: string;
  readonly port: number;
  readonly connections: number;
  readonly cidr: string;
  readonly proxy: DatabaseProxy;
  readonly readOnly?: ManagedReplicas;
  /** The usual port of its kind. */
  readonly usual: number;
}

/** The link's part of a server, and of its read replicas, that pods reach by proxies of their own. */
export function behindProxy(
  scope: Construct,
  { host, port, connections, cidr, proxy, readOnly, usual }: Way,
): Pick<PostgresAddress, 'host' | 'port' | 'peer' | 'proxy' | 'readOnly'> {
  const server = proxied(scope, proxy, { usual, host, port, cidr, connections });
  if (!readOnly) return server;
  const { proxy: own } = readOnly;
  // Refused: what else would be missing is no fault of its own.
  if (!own) return { ...server, readOnly: server };
  requireHost(scope, own, readOnly.host, 'readOnly.host');
  if (own.findsServer && readOnly.host !== undefined) {
    const must = `be left out beside ${own.name}, which finds the server by its instance`;
    reject(scope, { prop: 'readOnly.host', must, got: readOnly.host, fix: 'remove it' });
  }
  if (own.iamUser !== proxy.iamUser) {
    const must = 'be that of the proxy of the server: one role connects to both';
    reject(scope, { prop: 'readOnly.proxy.iamUser', must, got: own.iamUser, fix: `write ${proxy.iamUser ?? 'none'}` });
  }
  const fix = 'ask a replica for its max_connections';
  requireInteger(scope, 'readOnly.connections', readOnly.connections, { minimum: 1, maximum: 100000, fix });
  const place = { usual: usual + 1, host: readOnly.host, port: readOnly.port ?? port, cidr: readOnly.cidr ?? cidr };
  const replicas = { ...place, connections: readOnly.connections, replicas: true };
  return { ...server, readOnly: proxied(scope, own, replicas, 'readOnly.proxy') };
}

/** What of the props of a managed server a proxy has to do with. */
interface Given {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: unknown;
  readonly readOnly?: ManagedReplicas;
  readonly pooler?: unknown;
  readonly throughPooler?: unknown;
}

/** Refuses beside a proxy what it does, or what it knows nothing of. */
export function requireBehindProxy(scope: Construct, props: Given, proxy: DatabaseProxy): void {
  const { name, findsServer } = proxy;
  const without: (readonly [prop: keyof Given, must: string, fix: string])[] = [
    ['tls', 'be left out beside a proxy, which encrypts what leaves the pod', 'remove it'],
    ['throughPooler', 'be left out beside a proxy, which leads to the server itself', 'remove it'],
    ...(findsServer
      ? ([
          ['host', `be left out beside ${name}, which finds the server by its instance`, 'remove it'],
          ['port', `be left out beside ${name}, which knows it`, "remove it; that in the pod is 'port' of the proxy"],
        ] as const)
      : []),
  ];
  for (const [prop, must, fix] of without) if (props[prop] !== undefined) reject(scope, { prop, must, got: props[prop], fix });
  requireHost(scope, proxy, props.host);
  requireOwnWays(scope, props);
}

/** What a proxy does not encrypt would leave the pod in clear text: the URLs behind it have no TLS. */
function requireOwnWays(scope: Construct, { readOnly, pooler }: Given): void {
  if (readOnly && !readOnly.proxy) {
    const fix = 'write that of the replicas: it listens one port further, in the pods that read from them';
    reject(scope, { prop: 'readOnly.proxy', must: 'be given beside a proxy of the server', got: undefined, fix });
  }
  if (pooler === undefined || pooler instanceof PodPooler) return;
  const must = 'be in the pods beside a proxy, by which the pooler connects; one elsewhere is not behind it';
  const fix = 'write PodPooler.pgBouncer({ image, poolSize }), or leave the proxy out and write host and tls';
  reject(scope, { prop: 'pooler', must, got: 'an address', fix });
}

function requireHost(scope: Construct, { findsServer, name }: DatabaseProxy, host: string | undefined, prop = 'host'): void {
  if (findsServer || host !== undefined) return;
  const fix = 'write what the provider gave: the fence opens its port';
  reject(scope, { prop, must: `be given for ${name}`, got: undefined, fix });
}
