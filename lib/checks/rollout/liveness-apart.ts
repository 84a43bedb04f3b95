import type { Finding, Rule, World } from '../rule';
import { pathOf, probedContainers, probeOf, questionOf } from '../world/probes';

/** What readiness asks may depend on the database; what liveness asks must not. */
export const livenessApart: Rule = {
  name: 'liveness-apart',
  sentence: 'Liveness asks something else than readiness, or for a connection alone.',
  why: 'When the database is gone for a minute, all pods fail both at once and are restarted together, and then all of them boot cold.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const { workload, container } of probedContainers(world)) {
      const readiness = probeOf(container, 'readinessProbe');
      const liveness = probeOf(container, 'livenessProbe');
      if (!readiness || !liveness) continue;
      // Whether a connection is accepted does not depend on the database: of another program than ours, both may ask just that.
      if (liveness['tcpSocket'] !== undefined) continue;
      const question = questionOf(liveness, container);
      const path = pathOf(liveness);
      if (question !== questionOf(readiness, container) && (path === undefined || path !== pathOf(readiness))) continue;
      const fix = 'use a path that touches no database, or tcpSocket: else an outage of the database restarts every pod';
      const field = `${container.path}.livenessProbe`;
      yield { object: workload.object, field, must: 'ask something else than readiness', got: question, fix };
    }
  },
};
