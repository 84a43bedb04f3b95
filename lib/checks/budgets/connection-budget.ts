import type { DatabaseLimit } from '../../support/facts';
import type { Finding, Rule, World } from '../rule';
import { beamContainers, commandOf, startsRelease, valueOf } from '../world/beam';
import { inventoryOf } from '../world/inventory';
import { podsOfTask, surgeOf } from '../world/rollout-pods';
import { map } from '../world/values';
import type { Workload, WorkloadContainer } from '../world/workloads';

/** A database serves so many connections, and refuses the next one whoever asks. */
export const connectionBudget: Rule = {
  name: 'connection-budget',
  sentence: 'All pods together open no more connections than their database has, in the middle of a rollout too.',
  why: 'Old pods hold their connections until they are gone, new ones find none, and the rollout takes the whole site down.',
  source: 'https://www.postgresql.org/docs/current/runtime-config-connection.html',
  *find(world: World): Iterable<Finding> {
    if (world.databases.length === 0) return;
    const { workloads } = inventoryOf(world);
    const beams = new Set(beamContainers(world).map(({ spec }) => spec));
    for (const database of world.databases) {
      const uses = workloads.flatMap((workload) => useOf(workload, database, beams) ?? []);
      const sum = uses.reduce((total, use) => total + use.sum, 0);
      const largest = uses.sort((one, other) => other.sum - one.sum)[0];
      if (!largest || sum <= database.connections) continue;
      const { object, kind } = largest.workload;
      const must = `open at most ${database.connections} connections to ${database.host} together with all others`;
      const fix = 'lower the pool size or the replicas, or raise max_connections';
      yield { object, field: FIELDS[kind] ?? 'spec.replicas', must, got: sumText(uses, sum), fix };
    }
  },
};

const FIELDS: Readonly<Record<string, string>> = {
  Job: 'spec.parallelism',
  CronJob: 'spec.jobTemplate.spec.parallelism',
  DaemonSet: 'spec.template',
  Pod: 'spec',
};

/** Connections that one workload may hold at once. */
interface Use {
  readonly workload: Workload;
  readonly text: string;
  readonly sum: number;
}

function useOf(workload: Workload, database: DatabaseLimit, beams: ReadonlySet<unknown>): Use | undefined {
  const each = (init: boolean) =>
    workload.containers
      .filter((container) => container.init === init && connects(container, workload, database.host))
      .map((container) => poolOf(container, workload, beams.has(container.spec)));
  // What runs before the others is gone when they connect.
  const pool = Math.max(
    0,
    ...each(true),
    each(false).reduce((total, size) => total + size, 0),
  );
  const { pods, text: count } = podsOf(workload);
  return pool === 0 ? undefined : { workload, sum: pods * pool, text: `${count} x ${pool} ${workload.name.replace(HASH, '')}` };
}

/** What ends the names of jobs of this library: it would make each sum another text. */
const HASH = /-[0-9a-f]{10}$/;

/** Pods at the worst moment. Those that are going still hold their connections, and no surge counts them. */
function podsOf(workload: Workload): { pods: number; text: string } {
  const { object, kind, replicas } = workload;
  const spec = map(object.manifest['spec']);
  const { most } = replicas;
  switch (kind) {
    case 'Deployment':
    case 'Rollout': {
      if (map(spec['strategy'])['type'] === 'Recreate') return { pods: most, text: `${most}` };
      const surge = surgeOf(workload);
      return { pods: most + surge + most, text: `(${most} + ${surge} + ${most})` };
    }
    case 'Job':
    case 'CronJob': {
      const pods = podsOfTask(workload);
      return { pods, text: `${pods}` };
    }
    default:
      return { pods: most, text: `${most}` };
  }
}

const ADDRESS = /(?:_URL|_HOST|^PGHOST)$/;

function connects({ variables }: WorkloadContainer, { namespace }: Workload, host: string): boolean {
  for (const { name, value } of variables.byName.values()) {
    if (value === undefined || !ADDRESS.test(name)) continue;
    const [, inUrl] = /^[\w+.-]+:\/\/(?:[^/]*@)?([^:/?#]+)/.exec(value) ?? [];
    if (isSameHost(inUrl ?? value.replace(/:\d+$/, ''), namespace, host)) return true;
  }
  return false;
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

function poolOf(container: WorkloadContainer, { task }: Workload, beam: boolean): number {
  const given = Number(valueOf(container, 'POOL_SIZE') ?? Number.NaN);
  const pools = Number(valueOf(container, 'POOL_COUNT') ?? 1) || 1;
  if (!beam) return Number.isFinite(given) ? given * pools : 1;
  const server = startsRelease(commandOf(container)) || (!task && !container.init);
  if (server) return (Number.isFinite(given) ? given : DEFAULT_POOL) * pools;
  return Math.min(MIGRATION_POOL, Number.isFinite(given) ? given : MIGRATION_POOL) * pools;
}

/** The sum as people would write it down; the small rest in one number where there are many. */
function sumText(uses: readonly Use[], sum: number): string {
  const shown = uses.slice(0, 3).map((use) => use.text);
  const rest = uses.slice(3).reduce((total, use) => total + use.sum, 0);
  return `${[...shown, ...(rest > 0 ? [`${rest} of others`] : [])].join(' + ')} = ${sum}`;
}
