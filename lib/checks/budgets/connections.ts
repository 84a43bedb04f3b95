import { NAME_HASH } from '../../support/forms';
import { isLocal, type NamedAddress } from '../../support/addresses';
import { DEFAULT_POOL, MIGRATION_POOL } from '../../support/connection-counts';
import type { DatabaseLimit, HeldConnections } from '../../support/facts';
import { rolloutPeak, steadyPeak, type RolloutPeak } from '../../support/rollout-peak';
import { isBeam } from '../each';
import type { World } from '../rule';
import { commandOf, startsRelease, valueOf } from '../../model/beam';
import { inventoryOf } from '../../model/inventory';
import { map, once, specOf } from '../../model/values';
import { podsOfTask, surgeOf, type Pod, type Container } from '../../model/pods';
import { hostsOfServer } from '../../model/services';

/** What may be connected to one database at once, in the middle of a rollout. */
export interface Connections {
  readonly limit: DatabaseLimit;
  /** Who, the largest first. */
  readonly uses: readonly Use[];
  readonly sum: number;
}

/** Connections that someone may hold at once. */
export interface Use {
  /** Who, where it is a workload of the YAML. */
  readonly workload?: Pod;
  readonly name: string;
  readonly text: string;
  readonly sum: number;
  /** What its pods are counted as, in the words of the field. */
  readonly pods?: RolloutPeak;
  /** The variable that has the connections of each. */
  readonly size?: string;
}

function heldUse({ who, connections }: HeldConnections): Use {
  return { name: who, text: `${connections} ${who}`, sum: connections };
}

/** What may be connected to each database that is known. */
export const connectionsOf = once((world: World): readonly Connections[] => {
  const inventory = inventoryOf(world);
  return limitsOf(world)
    .filter(({ inEachPod }) => inEachPod === undefined)
    .map((limit) => {
      const server = { hosts: hostsOfServer(limit.host, inventory), port: limit.port, poolers: poolersBefore(limit, world) };
      const uses = [
        ...inventory.pods.flatMap((workload) => useOf(workload, server, world) ?? []),
        ...(world.connections ?? []).filter((held) => server.hosts.includes(held.host)).map(heldUse),
      ].sort((one, other) => other.sum - one.sum);
      return { limit, uses, sum: uses.reduce((total, use) => total + use.sum, 0) };
    });
});

/** Clients of each pooler that stands in pods itself, in one pod. */
export function clientsInPods(world: World): readonly { limit: DatabaseLimit; workload: Pod; clients: number }[] {
  return limitsOf(world)
    .filter(({ inEachPod }) => inEachPod !== undefined)
    .flatMap((limit) => {
      const pooler = { hosts: [limit.host], port: limit.port, poolers: [] };
      const { pods: workloads } = inventoryOf(world);
      return workloads.map((workload) => ({ limit, workload, clients: runningIn(poolsOf(workload, pooler, world)) }));
    });
}

/** The limit of each database; of several that were declared for one address, the lowest. */
function limitsOf({ databases }: World): readonly DatabaseLimit[] {
  const lowest = new Map<string, DatabaseLimit>();
  for (const limit of databases) {
    const address = `${limit.host}:${limit.port ?? ''}`;
    const known = lowest.get(address);
    if (!known || limit.connections < known.connections) lowest.set(address, limit);
  }
  return [...lowest.values()];
}

/** The poolers in pods that go to a server. */
function poolersBefore({ host, port }: DatabaseLimit, { databases }: World): readonly DatabaseLimit[] {
  const isIts = ({ inEachPod }: DatabaseLimit): boolean =>
    inEachPod?.host === host && (port === undefined || inEachPod.port === port);
  return databases.filter(isIts);
}

/** A server by all of its names. */
interface Server extends Pick<DatabaseLimit, 'port'> {
  readonly hosts: readonly string[];
  /** Poolers in pods that go to it. */
  readonly poolers: readonly DatabaseLimit[];
}

/** Connections of one container, or of a pooler beside it, in one pod. */
interface Pool {
  readonly init: boolean;
  readonly pool: number;
  /** The variables that have their numbers. */
  readonly sizes: readonly string[];
}

function poolsOf(workload: Pod, server: Server, world: World): readonly Pool[] {
  const own = workload.containers.map((container): Pool => {
    const addresses = addressesOf(container, workload, server, world);
    const sizes = [...new Set(addresses.map((name) => sizeOf(name, container, world)))];
    const beam = isBeam(container, world);
    const pool = sizes.reduce((total, size) => total + poolOf(container, workload, beam, size), 0);
    return { init: container.endsFirst, pool, sizes };
  });
  const byPoolers = server.poolers.map(({ host, port, inEachPod }): Pool => {
    const used = runningIn(poolsOf(workload, { hosts: [host], port, poolers: [] }, world)) > 0;
    return { init: false, pool: used ? (inEachPod?.connections ?? 0) : 0, sizes: [] };
  });
  return [...own, ...byPoolers];
}

/** What runs together has its connections together. */
function runningIn(pools: readonly Pool[]): number {
  return pools.filter(({ init }) => !init).reduce((total, { pool }) => total + pool, 0);
}

function useOf(workload: Pod, server: Server, world: World): Use | undefined {
  const pools = poolsOf(workload, server, world);
  // What runs before the others is gone when they connect, and was gone in old pods long ago.
  const early = pools.filter(({ init }) => init).map(({ pool }) => pool);
  const starting = { peak: podsOf(workload, true), pool: Math.max(0, ...early) };
  const running = { peak: podsOf(workload, false), pool: runningIn(pools) };
  const { peak, pool } = starting.peak.pods * starting.pool > running.peak.pods * running.pool ? starting : running;
  if (pool === 0) return undefined;
  const name = workload.name.replace(NAME_HASH, '');
  const size = [...new Set(pools.flatMap(({ sizes }) => sizes))].join(' and ');
  return { workload, name, sum: peak.pods * pool, text: `${peak.text} x ${pool} ${name}`, pods: peak, size };
}

/** Pods at the rollout peak; those that start alone, or all that there are then. */
function podsOf(workload: Pod, starting: boolean): RolloutPeak {
  const { object, kind, replicas } = workload;
  const { most } = replicas;
  switch (kind) {
    case 'Deployment':
    case 'Rollout': {
      if (map(specOf(object)['strategy'])['type'] === 'Recreate') return steadyPeak(most);
      const surge = surgeOf(workload);
      return starting ? { pods: most + surge, text: `(${most} + ${surge})` } : rolloutPeak(most, surge);
    }
    case 'Job':
    case 'CronJob':
      return steadyPeak(podsOfTask(workload));
    default:
      return steadyPeak(most);
  }
}

/** Hosts of databases, whose variables have no URL. */
const DATABASE_HOST = /^(?:PG|MYSQL_|POSTGRES_|DB_|DATABASE_)HOST$/;
const ADDRESS = /(?:_URL|_HOST|^PGHOST)$/;

/** The variables by which a container finds a server: those that show it, and those of which it is declared. */
function addressesOf(
  { variables }: Container,
  { namespace }: Pod,
  { hosts, port }: Server,
  { backingServices = [] }: World,
): string[] {
  const declared = new Map(backingServices.map(({ variable, address }) => [variable, address]));
  return [...variables.byName.values()].flatMap(({ name, value, secret }) => {
    if (!ADDRESS.test(name)) return [];
    const address = value === undefined && secret !== undefined ? declared.get(name) : writtenAddress(value);
    if (!address) return [];
    const { host: given, ports } = address;
    if (port !== undefined && ports.length > 0 && !ports.includes(port)) return [];
    // What else is in the pod has its address too.
    if (isLocal(given) && value !== undefined && !value.includes('://') && !DATABASE_HOST.test(name)) return [];
    return hosts.some((host) => isSameHost(given, namespace, host)) ? [name] : [];
  });
}

/** Where a variable leads; one without a port leads to any. */
function writtenAddress(value: string | undefined): NamedAddress | undefined {
  if (value === undefined) return undefined;
  const [, inUrl, port] = /^[\w+.-]+:\/\/(?:[^/]*@)?([^:/?#]+)(?::(\d+))?/.exec(value) ?? [];
  return { host: inUrl ?? value.replace(/:\d+$/, ''), ports: port === undefined ? [] : [Number(port)] };
}

/** The variable of the number of connections that go with an address. */
function sizeOf(address: string, { variables }: Container, { repos = [] }: World): string {
  const declared = repos.find(({ url }) => url === address)?.poolSize;
  const named = address.replace(/(?:DATABASE_)?(?:URL|HOST)$/, 'POOL_SIZE');
  return declared ?? (variables.byName.has(named) ? named : 'POOL_SIZE');
}

/** Whether a pod of the namespace means the host by this name: `db`, `db.shop` and `db.shop.svc` may be the same. */
function isSameHost(given: string, namespace: string, host: string): boolean {
  const name = given.trim().toLowerCase().replace(/\.$/, '');
  if (name === host.toLowerCase()) return true;
  const [service, ns, svc] = host.toLowerCase().split('.');
  if (svc !== 'svc') return false;
  return name === `${service}.${ns}` || name === `${service}.${ns}.svc` || (name === service && ns === namespace);
}

const MIGRATES = /\b(?:migrate|rollback)\b|Ecto\.Migrator/;

/** Connections of one pool of a container, whose number a variable has. */
function poolOf(container: Container, { task }: Pod, beam: boolean, size: string): number {
  const given = Number(valueOf(container, size) ?? Number.NaN);
  const pools = Number(valueOf(container, 'POOL_COUNT') ?? 1) || 1;
  if (!beam) return Number.isFinite(given) ? given * pools : 1;
  const server = startsRelease(commandOf(container)) || (!task && !container.endsFirst);
  if (server) return (Number.isFinite(given) ? given : DEFAULT_POOL) * pools;
  // What is evaluated may start the whole application.
  const opens = container.endsFirst || MIGRATES.test(commandOf(container).join(' ')) || Number.isNaN(given) ? 0 : given;
  return Math.max(MIGRATION_POOL, opens) * pools;
}
