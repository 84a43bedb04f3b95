import type { Finding, Rule, World } from '../rule';
import { databaseIn } from '../world/databases';
import { inventoryOf } from '../world/inventory';

/** What Kubernetes grants where nothing is said: whoever writes less takes it from the server. */
const LEAST_SECONDS = 30;

/** A server that is killed while it writes its last checkpoint reads its log again before it lets anybody in. */
export const databaseShutdown: Rule = {
  name: 'database-shutdown',
  sentence: 'A database has the time to shut down that Kubernetes would grant it, or more.',
  why: 'It is killed in the middle of its last checkpoint: each restart of the pod replays the log, which keeps users out for minutes.',
  source: 'https://www.postgresql.org/docs/current/server-shutdown.html',
  *find(world: World): Iterable<Finding> {
    for (const { object, path, spec: pod, kind } of inventoryOf(world).pods) {
      const got: unknown = pod['terminationGracePeriodSeconds'];
      if (typeof got !== 'number' || got >= LEAST_SECONDS || (kind !== 'StatefulSet' && kind !== 'Deployment')) continue;
      const server = databaseIn(object.manifest);
      if (!server) continue;
      const must = `be ${LEAST_SECONDS} or more: ${server.engine} writes all that it holds in memory before it ends`;
      const fix = 'write 120, or leave it out: a server that ends sooner is not waited for';
      yield { object, field: `${path}.terminationGracePeriodSeconds`, must, got, fix };
    }
  },
};
