import { asWritten } from '../../support/reject';
import type { Finding, Rule, World } from '../rule';
import { oursOf } from '../../model/world';
import { clientsInPods, connectionsOf, type Use } from './connections';
import { either, remedy, type Remedy } from '../../model/remedy';

/** A database serves so many connections, and refuses the next one whoever asks. */
export const connectionBudget: Rule = {
  name: 'connection-budget',
  sentence: 'All that connects to a database opens no more connections than it has, in the middle of a rollout too.',
  why: 'Old pods hold their connections until they are gone, new ones find none, and the rollout takes the whole site down.',
  source: 'https://www.postgresql.org/docs/current/runtime-config-connection.html',
  *find(world: World): Iterable<Finding> {
    if (world.databases.length === 0) return;
    const ours = new Set(oursOf(world));
    for (const { limit, uses, sum } of connectionsOf(world)) {
      const { host, connections, server = host } = limit;
      const largest = uses.find(({ workload }) => workload && ours.has(workload.object));
      const object = largest?.workload?.object ?? world.objects.find((one) => ours.has(one));
      if (!object || sum <= connections) continue;
      const must = `open at most ${connections} connections to ${server} together with all others`;
      const way = remedy`${knobsText(largest)}, or raise max_connections${othersText(uses)}`;
      const field = largest ? (FIELDS[largest.workload?.kind ?? ''] ?? 'spec.replicas') : 'metadata.name';
      yield { object, field, must, got: sumText(uses, sum), ...way };
    }
    // More clients in one pod than the pooler in it lets in.
    for (const { limit, workload, clients } of clientsInPods(world)) {
      if (clients <= limit.connections) continue;
      const must = `have at most ${limit.connections} clients of the pooler in each of its pods`;
      const inLiteral = "raise 'clients' of the pooler; in session mode that is its 'poolSize'";
      const way = remedy`lower POOL_SIZE or POOL_COUNT, or ${either('let the pooler have more clients', inLiteral)}`;
      yield { object: workload.object, field: workload.path, must, got: clients, ...way };
    }
  },
};

const FIELDS: Readonly<Record<string, string>> = {
  Job: 'spec.parallelism',
  CronJob: 'spec.jobTemplate.spec.parallelism',
  DaemonSet: 'spec.template',
  Pod: 'spec',
};

/** What the numbers of the largest one are, and the props that have them, where it was made from a literal. */
function knobsText(use: Use | undefined): Remedy {
  if (!use?.workload || !use.pods) return { fix: 'lower what others hold' };
  const { workload, name, pods } = use;
  const called = (prop: string, field: string): Remedy => {
    const written = asWritten(workload.object.construct, prop);
    return either(field, written === prop ? field : written);
  };
  // Another server has a number of its own, which the literal says in another place.
  const size = use.size === 'POOL_SIZE' ? called('poolSize', 'POOL_SIZE') : (use.size ?? 'its pool');
  const terms = pods.text.split('+').length;
  if (terms === 1) return remedy`lower ${size} of ${name} or its pods`;
  const old = terms === 3 ? ' + old pods that stop' : '';
  const peak = remedy`${called('replicas', 'replicas')} + ${called('rollout.surge', 'maxSurge')}${old}`;
  return remedy`${name} has (${peak}) x ${size}: lower one of these`;
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
