import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, numberOr, scalar } from '../world/values';
import { startupSeconds } from '../world/probes';

/** What Kubernetes takes where a Deployment says nothing. */
const DEFAULT_DEADLINE_SECONDS = 600;

/** A rollout goes on only while it may add a pod or take one away, and while it is not given up too early. */
export const rolloutProgresses: Rule = {
  name: 'rollout-progresses',
  sentence: 'A rollout may add or remove a pod, and is given time for one to start.',
  why: 'The rollout stands still, or is reported as failed while the first new pod is still booting, and the pipeline rolls it back.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds',
  *find(world: World): Iterable<Finding> {
    for (const { object, kind, spec: pod, containers } of inventoryOf(world).pods) {
      if (kind !== 'Deployment') continue;
      const spec = map(object.manifest['spec']);
      const { maxSurge, maxUnavailable } = map(map(spec['strategy'])['rollingUpdate']);
      if (isZero(maxSurge) && isZero(maxUnavailable)) {
        const fix = 'set it to 1: one new pod is started before an old one goes';
        yield {
          object,
          field: 'spec.strategy.rollingUpdate.maxSurge',
          must: 'not be 0 while maxUnavailable is',
          got: maxSurge,
          fix,
        };
      }
      const slowest = Math.max(0, ...containers.filter(({ endsFirst: init }) => !init).map(startupSeconds));
      // The old pods are gone before the first new one starts.
      const before = map(spec['strategy'])['type'] === 'Recreate' ? numberOr(30, pod['terminationGracePeriodSeconds']) : 0;
      const needed = numberOr(0, spec['minReadySeconds']) + slowest + before;
      const deadline = numberOr(DEFAULT_DEADLINE_SECONDS, spec['progressDeadlineSeconds']);
      if (deadline > needed) continue;
      const times = before > 0 ? 'the time for old pods to end, the time to start' : 'the time to start';
      const must = `be more than ${needed}, ${times} and minReadySeconds together`;
      yield {
        object,
        field: 'spec.progressDeadlineSeconds',
        must,
        got: spec['progressDeadlineSeconds'],
        fix: `set it to ${needed + 60}`,
      };
    }
  },
};

function isZero(value: unknown): boolean {
  return /^0+%?$/.test(scalar(value) ?? '');
}
