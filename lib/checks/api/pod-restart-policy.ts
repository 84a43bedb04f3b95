import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';

const SERVERS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);
const TASKS = new Set(['Job', 'CronJob']);

/** A server is started again for ever; a job ends. */
export const podRestartPolicy: Rule = {
  name: 'pod-restart-policy',
  sentence: "Pods of servers restart always and have no deadline; those of jobs say 'Never' or 'OnFailure'.",
  why: 'The API server refuses a Job whose pods restart always, which is the default, and a Deployment whose pods may end.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-template',
  *find(world: World): Iterable<Finding> {
    for (const { object, kind, path, spec } of inventoryOf(world).pods) {
      const { restartPolicy: got, activeDeadlineSeconds } = spec;
      const field = `${path}.restartPolicy`;
      if (TASKS.has(kind) && (got === undefined || got === null || got === 'Always'))
        yield {
          object,
          field,
          must: "be 'Never' or 'OnFailure'",
          got,
          fix: "write 'Never': each try is a pod of its own, with its log",
        };
      if (!SERVERS.has(kind)) continue;
      if (got === 'Never' || got === 'OnFailure')
        yield { object, field, must: "be 'Always'", got, fix: 'leave it out, or make a Job of it' };
      if (activeDeadlineSeconds === undefined || activeDeadlineSeconds === null) continue;
      const at = `${path}.activeDeadlineSeconds`;
      yield {
        object,
        field: at,
        must: 'not be given',
        got: activeDeadlineSeconds,
        fix: 'take it out: only jobs have a deadline',
      };
    }
  },
};
