import type { Finding, Rule, World } from '../rule';
import { beamContainers, valueOf } from '../world/beam';
import { inventoryOf } from '../world/inventory';
import { map, numberOr, scalars } from '../world/values';
import type { Container } from '../world/pods';

/** Bandit and Cowboy wait this long for requests under way. */
const HTTP_DRAIN_SECONDS = 15;
/** How many seconds jobs under way have after SIGTERM, in the lines of docs/application.md. */
const GRACE = 'OBAN_GRACE_SECONDS';
/** What Kubernetes grants where nothing is said. */
const DEFAULT_SECONDS = 30;

/** The clock of the grace period starts before the preStop hook: what the hook sleeps is gone for the shutdown. */
export const gracePeriod: Rule = {
  name: 'grace-period',
  sentence: 'The grace period covers the sleep before SIGTERM and the shutdown after it.',
  why: 'The pod is killed in the middle of its shutdown, and every rollout cuts off the requests under way.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
  *find(world: World): Iterable<Finding> {
    const beams = new Set(beamContainers(world).map(({ spec }) => spec));
    for (const { object, path, spec: pod, task, containers } of inventoryOf(world).pods) {
      const sleeping = containers.map((container) => {
        const jobs = task || container.endsFirst || !worksOff(container) ? 0 : Number(valueOf(container, GRACE) ?? 0) || 0;
        return { sleep: sleepOf(container), shutdown: Math.max(jobs, beams.has(container.spec) ? HTTP_DRAIN_SECONDS : 1), jobs };
      });
      const needs = sleeping
        .filter(({ sleep, jobs }) => sleep > 0 || jobs > 0)
        .map((one) => ({ ...one, sum: one.sleep + one.shutdown }));
      const most = needs.sort((one, other) => other.sum - one.sum)[0];
      const got = numberOr(DEFAULT_SECONDS, pod['terminationGracePeriodSeconds']);
      if (!most || got >= most.sum) continue;
      const must = `be at least ${most.sum}, the sleep of ${most.sleep}s and ${most.shutdown}s for the shutdown`;
      const fix =
        most.jobs === most.shutdown
          ? `raise it, by 'shutdown' of a worker or 'queueShutdown' of the application; have ${GRACE} follow that: 'shutdownVariable' of the application`
          : 'raise it, or shorten the sleep of the preStop hook';
      yield { object, field: `${path}.terminationGracePeriodSeconds`, must, got: pod['terminationGracePeriodSeconds'], fix };
    }
  },
};

/** Whether jobs run in it, as the variable beside it says: a web pod may be told for how long they would, and have none. */
function worksOff(container: Container): boolean {
  return (valueOf(container, 'OBAN_QUEUES') ?? 'false') !== 'false';
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** Seconds that a container's preStop hook sleeps, by itself or in a shell. */
function sleepOf({ spec }: Container): number {
  const { sleep, exec } = map(map(spec['lifecycle'])['preStop']);
  const command = scalars(map(exec)['command']).join(' ');
  const written = [...command.matchAll(/(?:^|[\s;&|/])sleep\s+(\d+(?:\.\d+)?)([smh]?)(?![\w.])/g)];
  const inShell = written.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 1), 0);
  return numberOr(inShell, map(sleep)['seconds']);
}
