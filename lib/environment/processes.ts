import type { Construct } from 'constructs';
import type { EnvironmentChart } from '../charts/environment-chart';
import type { PhoenixRelease } from '../constructs/phoenix-release';
import type { Replicas } from '../constructs/replicas';
import { ScheduledTask } from '../constructs/scheduled-task';
import { Worker } from '../constructs/worker';
import type { DatabaseLink } from '../pod/database-link';
import type { ReleaseTool } from '../release/release-tool';
import { declare } from '../support/declare';
import { abort, writtenAs } from '../support/reject';
import { KeyedSecret } from '../constructs/keyed-secret';
import type { Charts, Task, WorkerLogin, WorkerPods } from './environment';
import { inLiteral } from './in-literal';
import type { Parts } from './parts';

/** The workers of an environment, by their names. */
export function workersOf(
  parts: Parts,
  { chart, secrets }: { readonly chart: EnvironmentChart; readonly secrets: EnvironmentChart },
  release: PhoenixRelease,
  database: DatabaseLink,
): Charts['workers'] {
  const { workers = {} } = parts.environment;
  return Object.fromEntries(
    Object.entries(workers).map(([role, pods]) => {
      const { replicas, login, ...own } = pods;
      const id = partId('Worker', role);
      writtenAs(chart, id, inLiteral(`workers.${role}`, 'WorkerPods', pods, { drain: `workers.${role}` }));
      const worker = new Worker(chart, id, {
        ...own,
        release,
        role,
        replicas: replicasOf(replicas, database),
        login: login && loginOf(secrets, `${release.application.name}-${role}-database`, role, login),
      });
      if (Object.keys(pods.config ?? {}).length === 0) declare(worker, { assumed: [noDifference(role)] });
      return [role, worker];
    }),
  );
}

/** The role of the database that a worker has, with the Secret of its password. */
function loginOf(secrets: EnvironmentChart, name: string, role: string, { user, password = { existing: true } }: WorkerLogin) {
  const secret = new KeyedSecret(secrets, `Login-${role}`, { name, keys: ['password'], source: password });
  return { user, password: secret.key('password') };
}

/** What makes a worker one: without it, its pods are web pods that nobody asks. */
function noDifference(role: string): string {
  return `workers.${role} is taken to know its part by PHX_SERVER, which its pods have not: say in its 'config' what makes it a worker otherwise, such as { OBAN_QUEUES: 'default' }`;
}

/** An environment names the queues; where their jobs are is known here. */
function replicasOf(replicas: WorkerPods['replicas'], database: DatabaseLink): Replicas {
  if (typeof replicas !== 'object' || replicas === null || !('oban' in replicas)) return replicas;
  return { ...replicas, oban: { ...replicas.oban, database } };
}

/** The tasks of an environment, by their names. */
export function tasksOf(parts: Parts, chart: EnvironmentChart, release: PhoenixRelease): Charts['tasks'] {
  return Object.fromEntries(
    Object.entries(parts.environment.tasks ?? {}).map(([task, { run, ...own }]) => {
      const command = commandOf(chart, task, run, release.application.release);
      const id = partId('Task', task);
      writtenAs(chart, id, inLiteral(`tasks.${task}`, 'Task', own, { command: `tasks.${task}.run` }));
      const made = new ScheduledTask(chart, id, { ...own, release, task, command });
      return [task, made];
    }),
  );
}

function commandOf(chart: Construct, task: string, run: Task['run'], tool: ReleaseTool): readonly string[] {
  if (typeof run !== 'string') return run;
  if (run.trim() === '') return [];
  if (tool.evaluate) return tool.evaluate(run);
  const fix = "write the whole command, such as ['/app/bin/shop', 'nightly']";
  abort(chart, [
    { prop: `tasks.${task}.run`, must: 'be a command, which a release of this tool has no `eval` for', got: run, fix },
  ]);
}

/** The id of a part that may be there more than once: the word alone where the name is the word too. */
function partId(word: string, name: string): string {
  return name === word.toLowerCase() ? word : `${word}-${name}`;
}
