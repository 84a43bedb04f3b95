import type { Finding, Rule, World } from '../rule';
import { numberOr } from '../world/values';
import { probedContainers, probeOf, secondsToFail } from './probes';

/** Load balancers outside of the cluster learn from readiness alone that a pod goes. */
export const readinessInDrain: Rule = {
  name: 'readiness-in-drain',
  sentence: 'Readiness fails within the grace period.',
  why: 'A pod that shuts down counts as ready until it is killed, and whoever believes its probes sends it requests to the end.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
  *find(world: World): Iterable<Finding> {
    for (const { workload, container } of probedContainers(world)) {
      const probe = workload.task ? undefined : probeOf(container, 'readinessProbe');
      const grace = numberOr(30, workload.pod['terminationGracePeriodSeconds']);
      if (!probe || secondsToFail(probe) <= grace) continue;
      const must = `be reached within the grace period of ${grace}s, by period times threshold`;
      const fix = 'lower the period or the threshold, or raise terminationGracePeriodSeconds';
      const field = `${container.path}.readinessProbe.failureThreshold`;
      yield { object: workload.object, field, must, got: `${secondsToFail(probe)}s`, fix };
    }
  },
};
