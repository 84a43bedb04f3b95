import { parseImage } from '../support/image';
import type { FinishedObject, World } from './world';
import { type BeamContainer, beamContainers, commandOf, startsRelease, valueOf } from './beam';
import { namedPorts, type Member } from './fences';
import { inventoryOf } from './inventory';
import type { Container } from './pods';
import { serviceTargets } from './services';
import { grouped, maps, nameOf, once, scalar } from './values';

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
  const own = inventory.pods.map((pod): PrivatePods => {
    const { object, kind, name, namespace, labels, containers } = pod;
    const uses = new Map([...containers.flatMap(usesOf), ...(distribution.get(object.construct.node.path) ?? [])]);
    return { title: `${kind} ${name}`, namespace, labels, ports: namedPorts(pod), uses };
  });
  const made = inventory.madeSelectables.map(({ object, namespace, labels, ports }): PrivatePods => {
    const uses = new Map([...ports].flatMap((port) => (OF_OPERATORS[port] ? [OF_OPERATORS[port]] : [])));
    const title = `${object.manifest['kind']} ${nameOf(object.manifest)}`;
    return { title, namespace, labels, ports: new Map(), uses };
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

function usesOf({ spec }: Container): [number, PortUse][] {
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

/** The containers whose nodes meet, by what they look up: a name in DNS, or a label of pods. */
export function meshes(world: World): ReadonlyMap<string, readonly BeamContainer[]> {
  const queryOf = (beam: BeamContainer) => valueOf(beam, 'DNS_CLUSTER_QUERY') ?? valueOf(beam, 'LIBCLUSTER_SELECTOR') ?? '';
  return grouped(
    beamContainers(world).filter((beam) => beam.clustered && queryOf(beam) !== ''),
    queryOf,
  );
}

/** A range of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Port of epmd, which knows the ports of the nodes on its host. */
export const EPMD_PORT = 4369;

/**
 * The ports that other nodes reach a node on; undefined where its range is not pinned, or not to be read.
 *
 * @see https://www.erlang.org/doc/apps/kernel/kernel_app.html
 */
export function distributionPorts(beam: BeamContainer): { epmd?: number; nodes: PortRange } | undefined {
  const { flags } = beam;
  if (flags === undefined) return undefined;
  const number = (flag: RegExp): number | undefined => {
    const [, digits] = flag.exec(flags) ?? [];
    return digits === undefined ? undefined : Number(digits);
  };
  const fixed = number(/erl_epmd_(?:node_listen_)?port\s+(\d+)/);
  if (fixed !== undefined) return { nodes: { first: fixed, last: fixed } };
  const first = number(/inet_dist_listen_min\s+(\d+)/);
  // Without an upper end the range has one port.
  const last = number(/inet_dist_listen_max\s+(\d+)/) ?? first;
  if (first === undefined || last === undefined) return undefined;
  const nodes = { first, last };
  return /-start_epmd\s+false/.test(flags) ? { nodes } : { epmd: Number(valueOf(beam, 'ERL_EPMD_PORT') ?? EPMD_PORT), nodes };
}

/** Whether it is seen that a release is started without its endpoint: nothing sets the switch of it. */
export function startsNoEndpoint(beam: BeamContainer): boolean {
  const { legacy, variables } = beam;
  return (
    !legacy && !servesByFlag(beam) && variables.complete && !variables.byName.has('PHX_SERVER') && startsRelease(commandOf(beam))
  );
}

/** The switch of all endpoints, for an application that does not read the variable; flags that cannot be seen may have it. */
function servesByFlag({ flags }: BeamContainer): boolean {
  return flags === undefined || /-phoenix\s+serve_endpoints\s+true\b/.test(flags);
}

/** How the port of an endpoint is called. */
const NAMES = /^(?:https?|web|phoenix|endpoint)(?:-|$)/;

/** Whether a Service leads to the endpoint of a release, as far as can be seen, and not to other ports of it alone. */
export function leadsToEndpoint({ manifest }: FinishedObject, beam: BeamContainer): boolean {
  const ports = ['PORT', 'PHX_HTTPS_PORT'].flatMap((name) => valueOf(beam, name) ?? []);
  const declared = maps(beam.spec['ports']);
  const isElse = ({ number, protocol }: { number: number; protocol: string }): boolean => {
    if (protocol !== 'TCP') return true;
    const names = declared.flatMap(({ name, containerPort }) => (containerPort === number ? [String(name)] : []));
    const named = names.length === 0 || names.some((name) => NAMES.test(name));
    return ports.length > 0 && !ports.includes(`${number}`) && !named;
  };
  const targets = serviceTargets(manifest, beam.workload, () => true);
  return targets.length === 0 || !targets.every(isElse);
}
