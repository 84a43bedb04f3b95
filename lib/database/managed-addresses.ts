import { isIPv4 } from 'node:net';
import type { Construct } from 'constructs';
import { declare } from '../support/declare';
import { abort, reject } from '../support/reject';
import { requireCidr, requireHost, requireInteger } from '../support/values';
import type { PooledAddress, ReadOnlyAddress } from '../pod/database-link';
import type { DatabaseProxy } from './database-proxy';
import type { PostgresAddress } from './postgres-link';

/** Read replicas of a server outside of the cluster. */
export interface ManagedReplicas {
  /** Host name, or IPv4 address, that the provider gave. Left out where a proxy finds them itself. */
  readonly host?: string;
  /** @default - that of the server */
  readonly port?: number;
  /** Connections that one replica has for this application: any of them may have to serve all readers. */
  readonly connections: number;
  /** Addresses that they may have. @default - those of the server */
  readonly cidr?: string;
  /** Their own proxy, beside one of the server, in the pods that read from them. @default - there is none */
  readonly proxy?: DatabaseProxy;
}

/** A pooler in front of a server outside of the cluster, such as PgBouncer or RDS Proxy. */
export interface ManagedPooler extends Pick<PooledAddress, 'mode' | 'namedStatements' | 'clients'> {
  /** Host name, or IPv4 address, that the provider gave. */
  readonly host: string;
  /** @default - that of the server */
  readonly port?: number;
  /** Addresses that it may have. @default - those of the server */
  readonly cidr?: string;
}

/** The server itself, which the others are like where they say nothing else. */
export interface ManagedServer extends Required<Pick<PostgresAddress, 'host' | 'port' | 'connections'>> {
  readonly cidr: string;
  /** Whether someone said why migrations may go there although it looks like a pooler. */
  readonly throughPooler?: boolean;
}

/** Declares a server, and what stands beside it, with what each of them bears; refused where nobody could be there. */
export function managedAddresses(
  scope: Construct,
  server: ManagedServer,
  { readOnly, pooler }: { readonly readOnly?: ManagedReplicas; readonly pooler?: ManagedPooler },
): Pick<PostgresAddress, 'peer' | 'readOnly' | 'pooled'> {
  const { host, port, connections, throughPooler = false } = server;
  const limit = { host, port, connections, ...(throughPooler ? { throughPooler } : {}) };
  declare(scope, { databases: [limit], outside: [{ host, port, cidrs: [server.cidr] }] });
  return {
    peer: { cidr: server.cidr },
    ...(readOnly ? { readOnly: replicasOf(scope, server, readOnly) } : {}),
    ...(pooler ? { pooled: poolerOf(scope, server, pooler) } : {}),
  };
}

function replicasOf(scope: Construct, server: ManagedServer, replicas: ManagedReplicas): Omit<ReadOnlyAddress, 'url'> {
  const { host, connections, proxy } = replicas;
  if (proxy) {
    const got = proxy.name;
    reject(scope, {
      prop: 'readOnly.proxy',
      must: 'be left out where the server has none',
      got,
      fix: "write host, or a 'proxy' for both",
    });
  }
  if (host === undefined) {
    const fix = 'write what the provider gave for them';
    abort(scope, [{ prop: 'readOnly.host', must: 'be given', got: host, fix }]);
  }
  const place = placeOf(scope, 'readOnly', server, { ...replicas, host });
  const fix = 'ask a replica for its max_connections';
  requireInteger(scope, 'readOnly.connections', connections, { minimum: 1, maximum: 100000, fix });
  declare(scope, { databases: [{ host: place.host, port: place.port, connections }] });
  return place;
}

function poolerOf(scope: Construct, server: ManagedServer, pooler: ManagedPooler): Omit<PooledAddress, 'url'> {
  const place = placeOf(scope, 'pooler', server, pooler);
  const { mode, namedStatements, clients } = pooler;
  requireInteger(scope, 'pooler.clients', clients, {
    minimum: 1,
    maximum: 100000,
    fix: 'ask the pooler for its max_client_conn',
  });
  declare(scope, { databases: [{ host: place.host, port: place.port, connections: clients }] });
  return { ...place, mode, namedStatements, clients };
}

/** Where one of them is; the server's own address leads to the server alone. */
function placeOf(
  scope: Construct,
  prop: string,
  server: ManagedServer,
  { host, port = server.port, cidr = server.cidr }: { host: string; port?: number; cidr?: string },
): Omit<ReadOnlyAddress, 'url'> {
  if (!isIPv4(host)) requireHost(scope, host, `${prop}.host`);
  requireInteger(scope, `${prop}.port`, port, { minimum: 1, maximum: 65535, fix: 'omit it to use that of the server' });
  requireCidr(scope, `${prop}.cidr`, cidr);
  if (host === server.host && port === server.port) {
    const must = 'have another address than the server';
    reject(scope, { prop, must, got: `${host}:${port}`, fix: 'write what the provider gave for it, or remove it' });
  }
  declare(scope, { outside: [{ host, port, cidrs: [cidr] }] });
  return { host, port, peer: { cidr } };
}
