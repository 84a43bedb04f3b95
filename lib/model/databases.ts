import { isLocal } from '../support/addresses';
import type { Manifest } from '../support/edit';
import type { DatabaseLimit } from '../support/facts';
import { parseImage, type Version, versionIn } from '../support/image';
import type { FinishedObject, World } from './world';
import { type Inventory, inventoryOf } from './inventory';
import { containersOf } from './pods';
import { serverBehind } from './services';
import type { ContainerVariable, ContainerVariables } from './variables';
import { map, maps, nameIn, nameOf, namespaceOf, once, scalar, specOf } from './values';

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
  return containersOf(inventory.pods).flatMap(({ workload: { namespace }, container: { variables } }) =>
    writtenIn(variables).map(({ variable: { object, field, name }, host, port, database, user }) => {
      // By a proxy in the pod.
      const isBehind = (one: DatabaseLimit): boolean => one.host === host && (!port || one.port === Number(port));
      const behind = isLocal(host) ? world.databases.find(isBehind)?.server : undefined;
      const place = behind ? { server: behind, inside: false } : serverOf(host, namespace, inventory);
      return { object, field, variable: name, database, user, shown: `${behind ?? host}/${database}`, ...place };
    }),
  );
});

interface Written {
  readonly variable: ContainerVariable;
  readonly host: string;
  readonly database: string;
  readonly user?: string;
  readonly port?: string;
}

/** The databases that variables show: those in URLs, and those in parts. */
function writtenIn({ byName }: ContainerVariables): Written[] {
  const urls = [...byName.values()].flatMap((variable): Written[] => {
    const [, user, host, port, database] = URL.exec(variable.value ?? '') ?? [];
    const isOne = host !== undefined && database !== undefined && !REPLICA.test(variable.name);
    return isOne ? [{ variable, host, database, user, port }] : [];
  });
  const parts = PARTS.flatMap(([name, base]): Written[] => {
    const [variable, database] = [byName.get(name), byName.get(base)?.value];
    return variable?.value && database ? [{ variable, host: variable.value.replace(/:\d+$/, ''), database }] : [];
  });
  return [...urls, ...parts];
}

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

/** Where the URL of a database leads. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  /** What its scheme says of the server; `ecto` leaves it to the adapter. */
  readonly scheme: string;
}

/** The server in the URL of a database, with the port that is usual where none is written. */
export function addressIn(url: string | undefined): DatabaseAddress | undefined {
  const [, scheme = '', v6, name, port] = /^([a-z]+):\/\/(?:[^@/]*@)?(?:\[([^\]]+)\]|([^:/?]+))(?::(\d+))?/.exec(url ?? '') ?? [];
  const host = v6 ?? name;
  return host === undefined ? undefined : { host, port: Number(port ?? (scheme === 'mysql' ? 3306 : 5432)), scheme };
}

/** The databases whose official images are known. */
export type Engine = 'PostgreSQL' | 'MySQL' | 'MariaDB';

/** A server of a database among the containers of a pod that keeps its files. */
export interface DatabaseServer {
  readonly index: number;
  readonly image: string;
  readonly engine: Engine;
  /** An image by its digest alone does not say it. */
  readonly version?: Version;
  readonly container: Manifest;
}

const ENGINES: ReadonlyMap<string, Engine> = new Map([
  ...['postgres', 'postgresql', 'postgis', 'pgvector', 'timescaledb'].map((name) => [name, 'PostgreSQL'] as const),
  ['mysql', 'MySQL'],
  ['mysql-server', 'MySQL'],
  ['mariadb', 'MariaDB'],
]);

/** The database in the pods of a StatefulSet or a Deployment, where they keep files. */
export function databaseIn({ spec }: Manifest): DatabaseServer | undefined {
  const { template, volumeClaimTemplates } = map(spec);
  const { containers, volumes } = map(map(template)['spec']);
  const keeps = maps(volumeClaimTemplates).length > 0 || maps(volumes).some((volume) => 'persistentVolumeClaim' in volume);
  if (!keeps) return undefined;
  for (const [index, container] of maps(containers).entries()) {
    const image = scalar(container['image']) ?? '';
    const { repository = '', tag = '' } = parseImage(image) ?? {};
    const engine = ENGINES.get(repository.slice(repository.lastIndexOf('/') + 1));
    if (engine) return { index, image, engine, version: versionIn(tag), container };
  }
  return undefined;
}
