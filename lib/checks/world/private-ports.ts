import type { World } from '../rule';
import { parseImage } from '../../support/image';
import { beamContainers } from './beam';
import type { Member } from './fence';
import { inventoryOf } from './inventory';
import { distributionPorts, EPMD_PORT } from './meshes';
import { namespaceOf, nameOf } from './objects';
import { once } from './once';
import { maps, scalar } from './values';
import type { WorkloadContainer } from './workloads';

/** What listens behind a port that is not for everyone. */
export type PortUse = 'distribution' | 'database' | 'metrics';

/** Pods with ports that are for some alone. */
export interface PrivatePods extends Member {
  /** For sentences: `StatefulSet db`. */
  readonly title: string;
  /** Numbers of TCP ports. */
  readonly uses: ReadonlyMap<number, PortUse>;
}

const DATABASE_PORTS = [5432, 6432, 3306, 33060, 1433, 27017, 6379, 9042];
const DATABASE_NAME =
  /^(?:tcp-)?(?:postgres|postgresql|pgsql|pgbouncer|mysql|mariadb|mongo|mongodb|redis|valkey|clickhouse|db|database)$/;
const METRICS_NAME = /^(?:(?:\w+-)?metrics|prom|prometheus)$/;
/** What images of databases listen on, declared or not: a port that no container declares is open all the same. */
const OF_IMAGES: readonly [names: RegExp, port: number][] = [
  [/^(?:postgres|postgresql|postgis|pgvector|timescaledb)$/, 5432],
  [/^(?:mysql|mysql-server|mariadb)$/, 3306],
  [/^(?:redis|valkey)$/, 6379],
  [/^mongo(?:db)?$/, 27017],
];
/** Ports of CloudNativePG, by their names there. */
const OF_OPERATORS: Readonly<Record<string, readonly [number, PortUse]>> = {
  'TCP/postgresql': [5432, 'database'],
  'TCP/pgbouncer': [5432, 'database'],
  'TCP/status': [8000, 'database'],
};

/** The pods of an environment that have such ports, those of CloudNativePG too. */
export const privatePods = once((world: World): readonly PrivatePods[] => {
  const inventory = inventoryOf(world);
  const distribution = distributionOf(world);
  const own = inventory.workloads.map(({ object, kind, name, namespace, labels, containers }): PrivatePods => {
    const met = distribution.get(object.construct.node.path) ?? [];
    const uses = new Map([...containers.flatMap(usesOf), ...met]);
    return { title: `${kind} ${name}`, namespace, labels, ports: portsOf(containers), uses };
  });
  const made = inventory.madeSelectables.map(({ object, namespace, labels, ports }): PrivatePods => {
    const uses = new Map([...ports].flatMap((port) => (OF_OPERATORS[port] ? [OF_OPERATORS[port]] : [])));
    const title = `${object.manifest['kind']} ${nameOf(object.manifest)}`;
    return { title, namespace: namespace || namespaceOf(object.manifest), labels, ports: new Map(), uses };
  });
  return [...own, ...made].filter(({ uses }) => uses.size > 0);
});

/** The ports on which the nodes of each workload meet; one that is not to meet listens on loopback. */
function distributionOf(world: World): ReadonlyMap<string, readonly [number, PortUse][]> {
  const clustered = beamContainers(world).filter((beam) => beam.clustered);
  return new Map(
    clustered.map((beam) => {
      const { epmd, nodes } = distributionPorts(beam) ?? { epmd: EPMD_PORT };
      const length = nodes ? Math.max(0, Math.min(nodes.last - nodes.first + 1, 100)) : 0;
      const range = Array.from({ length }, (_, offset) => (nodes?.first ?? 0) + offset);
      const numbers = [...(epmd === undefined ? [] : [epmd]), ...range];
      return [beam.workload.object.construct.node.path, numbers.map((number) => [number, 'distribution'] as const)];
    }),
  );
}

function usesOf({ spec }: WorkloadContainer): [number, PortUse][] {
  const ports = maps(spec['ports']).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  // A name says more than a number, and one number may have two names: that of the web wins.
  const isWeb = (number: unknown) =>
    ports.some(({ name, containerPort }) => containerPort === number && /^https?$/.test(String(name)));
  const declared = ports.flatMap(({ name = '', containerPort }): [number, PortUse][] => {
    if (typeof containerPort !== 'number' || isWeb(containerPort)) return [];
    if (METRICS_NAME.test(String(name))) return [[containerPort, 'metrics']];
    return DATABASE_NAME.test(String(name)) || DATABASE_PORTS.includes(containerPort) ? [[containerPort, 'database']] : [];
  });
  const { repository = '' } = parseImage(scalar(spec['image']) ?? '') ?? {};
  const image = repository.slice(repository.lastIndexOf('/') + 1);
  // An image of a database with a command of its own may be a client alone.
  const runs = spec['command'] === undefined;
  const implied = runs ? OF_IMAGES.filter(([names]) => names.test(image)) : [];
  return [...implied.map(([, port]): [number, PortUse] => [port, 'database']), ...declared];
}

function portsOf(containers: readonly WorkloadContainer[]): Member['ports'] {
  const ports = containers.flatMap(({ spec }) => maps(spec['ports']));
  return new Map(ports.map(({ name, containerPort, protocol = 'TCP' }) => [`${protocol}/${name}`, Number(containerPort)]));
}
