import { isLocal } from '../../support/addresses';
import type { DatabaseLimit } from '../../support/facts';
import type { FinishedObject, World } from '../rule';
import { inventoryOf, type Inventory } from './inventory';
import { nameIn, nameOf, namespaceOf, specOf } from './objects';
import { once } from './once';
import { serverBehind } from './server-names';
import { map } from './values';

/** A variable by which a container finds a database. */
export interface DatabaseUse {
  readonly object: FinishedObject;
  readonly field: string;
  /** Name of the variable. */
  readonly variable: string;
  /** The server, whatever name of it was written: `namespace/name` inside of the cluster, else the host. */
  readonly server: string;
  /** Whether the server is a Service of the cluster. */
  readonly inside: boolean;
  /** Name of the database in it. */
  readonly database: string;
  /** The role that connects, where the variable shows it. */
  readonly user?: string;
  /** Host and database as they are written, without a password. */
  readonly shown: string;
}

const URL =
  /^(?:ecto|postgres|postgresql|postgis|mysql2?|mariadb|myxql)(?:\+\w+)?:\/\/(?:([^/:@]*)(?::[^/]*)?@)?([^:/?#@]+)(?::(\d+))?\/([^/?#]+)/i;
/** Variables of clients that want the parts one by one. */
const PARTS = [
  ['PGHOST', 'PGDATABASE'],
  ['DATABASE_HOST', 'DATABASE_NAME'],
  ['DB_HOST', 'DB_NAME'],
  ['POSTGRES_HOST', 'POSTGRES_DB'],
  ['MYSQL_HOST', 'MYSQL_DATABASE'],
] as const;
/** A read replica holds no data of its own. */
const REPLICA = /READ|REPLICA/;

/** All databases that the pods of an environment use, where a variable shows them. */
export const databaseUses = once((world: World): readonly DatabaseUse[] => {
  const inventory = inventoryOf(world);
  return inventory.workloads.flatMap(({ namespace, containers }) =>
    containers.flatMap(({ variables: { byName } }) => {
      const uses: DatabaseUse[] = [];
      const add = (name: string, host: string, database: string, { user, port }: { user?: string; port?: string } = {}): void => {
        const found = byName.get(name);
        if (!found) return;
        const { object, field } = found;
        // By a proxy in the pod.
        const isBehind = (one: DatabaseLimit): boolean => one.host === host && (!port || one.port === Number(port));
        const behind = isLocal(host) ? world.databases.find(isBehind)?.server : undefined;
        const at = { object, field, variable: name, database, user, shown: `${behind ?? host}/${database}` };
        uses.push({ ...at, ...(behind ? { server: behind, inside: false } : serverOf(host, namespace, inventory)) });
      };
      for (const { name, value } of byName.values()) {
        if (value === undefined || !value.includes('://') || REPLICA.test(name)) continue;
        const [, user, host, port, database] = URL.exec(value) ?? [];
        if (host !== undefined && database !== undefined) add(name, host, database, { user, port });
      }
      for (const [name, base] of PARTS) {
        const [host, database] = [byName.get(name)?.value, byName.get(base)?.value];
        if (host && database) add(name, host.replace(/:\d+$/, ''), database);
      }
      return uses;
    }),
  );
});

/** The server that a host stands for, as somebody in a namespace sees it: whatever Service leads there, and whatever pooler of CloudNativePG. */
export function serverOf(written: string, home: string, inventory: Inventory): Pick<DatabaseUse, 'server' | 'inside'> {
  const host = written.toLowerCase().replace(/\.$/, '');
  const [service = '', namespace = home, kind, ...rest] = host.split('.');
  const short = kind === undefined && (namespace === home || inventory.find('Service', service, namespace) !== undefined);
  if (!short && (kind !== 'svc' || rest.length === 1)) return { server: host, inside: false };
  const { object } = inventory.find('Service', service, namespace) ?? {};
  const { type, externalName } = object ? specOf(object) : {};
  if (type === 'ExternalName') return { server: (nameIn(externalName) ?? host).toLowerCase(), inside: false };
  return { server: `${namespace}/${clusterOf(service, namespace, inventory)}`, inside: true };
}

/** The Cluster of CloudNativePG behind its Services and its poolers, or the StatefulSet; any other Service is a server by itself. */
function clusterOf(service: string, namespace: string, inventory: Inventory): string {
  const pooler = inventory
    .ofKind('Pooler')
    .find(({ manifest }) => nameOf(manifest) === service && namespaceOf(manifest) === namespace);
  if (pooler) return nameIn(map(specOf(pooler)['cluster'])['name']) ?? service;
  const [, cluster = service] = /^(.*)-(?:rw|ro|r)$/.exec(service) ?? [];
  if (inventory.find('Cluster', cluster, namespace)) return cluster;
  return serverBehind(service, namespace, inventory) ?? service;
}
