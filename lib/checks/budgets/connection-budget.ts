import { isLocal } from '../../support/addresses';
import { asWritten } from '../../support/reject';
import type { DatabaseLimit, HeldConnections } from '../../support/facts';
import type { NamedAddress } from '../../support/addresses';
import { rolloutPeak, steadyPeak, type RolloutPeak } from '../../support/rollout-peak';
import type { Finding, Rule, World } from '../rule';
import { beamContainers, commandOf, startsRelease, valueOf } from '../world/beam';
import { inventoryOf } from '../world/inventory';
import { specOf } from '../world/objects';
import { podsOfTask, surgeOf } from '../world/rollout-pods';
import { hostsOfServer } from '../world/server-names';
import { map } from '../world/values';
import type { Workload, WorkloadContainer } from '../world/workloads';

/** A database serves so many connections, and refuses the next one whoever asks. */
export const connectionBudget: Rule = {
  name: 'connection-budget',
  sentence: 'All that connects to a database opens no more connections than it has, in the middle of a rollout too.',
  why: 'Old pods hold their connections until they are gone, new ones find none, and the rollout takes the whole site down.',
  source: 'https://www.postgresql.org/docs/current/runtime-config-connection.html',
  *find(world: World): Iterable<Finding> {
    if (world.databases.length === 0) return;
    const inventory = inventoryOf(world);
    const beams = new Set(beamContainers(world).map(({ spec }) => spec));
    for (const limit of limitsOf(world)) {
      const { host, port, connections } = limit;
      const server = { hosts: hostsOfServer(host, inventory), port };
      const uses = [
        ...inventory.workloads.flatMap((workload) => useOf(workload, server, beams, world) ?? []),
        ...(world.connections ?? []).filter((held) => server.hosts.includes(held.host)).map(heldUse),
      ].sort((one, other) => other.sum - one.sum);
      const sum = uses.reduce((total, use) => total + use.sum, 0);
      const largest = uses.find(({ workload }) => workload);
      const object = largest?.workload?.object ?? world.objects[0];
      if (!object || sum <= connections) continue;
      const must = `open at most ${connections} connections to ${limit.server ?? host} together with all others`;
      const fix = `${knobsText(largest)}, or raise max_connections${othersText(uses)}`;
      const field = largest ? (FIELDS[largest.workload?.kind ?? ''] ?? 'spec.replicas') : 'metadata.name';
      yield { object, field, must, got: sumText(uses, sum), fix };
    }
  },
};

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

const FIELDS: Readonly<Record<string, string>> = {
  Job: 'spec.parallelism',
  CronJob: 'spec.jobTemplate.spec.parallelism',
  DaemonSet: 'spec.template',
  Pod: 'spec',
};

/** Connections that someone may hold at once. */
interface Use {
  /** Who, where it is a workload of the YAML. */
  readonly workload?: Workload;
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

/** A server by all of its names. */
interface Server extends Pick<DatabaseLimit, 'port'> {
  readonly hosts: readonly string[];
}

function useOf(workload: Workload, server: Server, beams: ReadonlySet<unknown>, world: World): Use | undefined {
  const pools = workload.containers.map((container) => {
    const addresses = addressesOf(container, workload, server, world);
    const sizes = new Set(addresses.map((name) => sizeOf(name, container, world)));
    const beam = beams.has(container.spec);
    const pool = [...sizes].reduce((total, size) => total + poolOf(container, workload, beam, size), 0);
    return { init: container.init, pool, sizes: [...sizes] };
  });
  // What runs before the others is gone when they connect, and was gone in old pods long ago.
  const early = pools.filter(({ init }) => init).map(({ pool }) => pool);
  const late = pools.filter(({ init }) => !init).map(({ pool }) => pool);
  const starting = { peak: podsOf(workload, true), pool: Math.max(0, ...early) };
  const running = { peak: podsOf(workload, false), pool: late.reduce((total, size) => total + size, 0) };
  const most = starting.peak.pods * starting.pool > running.peak.pods * running.pool ? starting : running;
  const { peak, pool } = most;
  if (pool === 0) return undefined;
  const name = workload.name.replace(HASH, '');
  const size = [...new Set(pools.flatMap(({ sizes }) => sizes))].join(' and ');
  return { workload, name, sum: peak.pods * pool, text: `${peak.text} x ${pool} ${name}`, pods: peak, size };
}

/** What ends the names of jobs of this library: it would make each sum another text. */
const HASH = /-[0-9a-f]{10}$/;

/** Pods at the rollout peak; those that start alone, or all that there are then. */
function podsOf(workload: Workload, starting: boolean): RolloutPeak {
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
  { variables }: WorkloadContainer,
  { namespace }: Workload,
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
function sizeOf(address: string, { variables }: WorkloadContainer, { repos = [] }: World): string {
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

/** What the generated `config/runtime.exs` takes where POOL_SIZE is not set. */
const DEFAULT_POOL = 10;
/** What `Ecto.Migrator.with_repo/3` opens, whatever POOL_SIZE says. */
const MIGRATION_POOL = 2;
const MIGRATES = /\b(?:migrate|rollback)\b|Ecto\.Migrator/;

/** Connections of one pool of a container, whose number a variable has. */
function poolOf(container: WorkloadContainer, { task }: Workload, beam: boolean, size: string): number {
  const given = Number(valueOf(container, size) ?? Number.NaN);
  const pools = Number(valueOf(container, 'POOL_COUNT') ?? 1) || 1;
  if (!beam) return Number.isFinite(given) ? given * pools : 1;
  const server = startsRelease(commandOf(container)) || (!task && !container.init);
  if (server) return (Number.isFinite(given) ? given : DEFAULT_POOL) * pools;
  // What is evaluated may start the whole application.
  const opens = container.init || MIGRATES.test(commandOf(container).join(' ')) || Number.isNaN(given) ? 0 : given;
  return Math.max(MIGRATION_POOL, opens) * pools;
}

/** What the numbers of the largest one are, and the props that have them, where it was made from a literal. */
function knobsText(use: Use | undefined): string {
  if (!use?.workload || !use.pods) return 'lower what others hold';
  const { workload, name, pods } = use;
  const called = (prop: string, field: string): string => {
    const written = asWritten(workload.object.construct, prop);
    return written === prop ? field : written;
  };
  // Another server has a number of its own, which the literal says in another place.
  const size = use.size === 'POOL_SIZE' ? called('poolSize', 'POOL_SIZE') : (use.size ?? 'its pool');
  const terms = pods.text.split('+').length;
  if (terms === 1) return `lower ${size} of ${name} or its pods`;
  const old = terms === 3 ? ' + old pods that stop' : '';
  const peak = `${called('replicas', 'replicas')} + ${called('rollout.surge', 'maxSurge')}${old}`;
  return `${name} has (${peak}) x ${size}: lower one of these`;
}

/** The sum as people would write it down; the small rest in one number where there are many. */
function sumText(uses: readonly Use[], sum: number): string {
  const shown = uses.slice(0, 3).map(({ text }) => text);
  const rest = uses.slice(3).reduce((total, use) => total + use.sum, 0);
  return `${[...shown, ...(rest > 0 ? [`${rest} of others`] : [])].join(' + ')} = ${sum}`;
}

/** Names of those that the sum has no room for: the one that nobody thought of is among them. */
function othersText(uses: readonly Use[]): string {
  const names = uses.slice(3).map(({ name }) => name);
  return names.length === 0 ? '' : `; the others are ${names.join(', ')}`;
}
