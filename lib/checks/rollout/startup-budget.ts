import type { Finding, Rule, World } from '../rule';
import { beamContainers } from '../world/beam';
import { numberOr } from '../world/values';
import { probedContainers, probeOf, startupSeconds } from '../world/probes';

/** A cold boot on a busy node takes longer than one on a laptop. */
const LEAST_SECONDS = 30;

/** A liveness probe that begins too early restarts a pod that is only starting, again and again. */
export const startupBudget: Rule = {
  name: 'startup-budget',
  sentence: 'A liveness probe waits for the start: behind a startup probe, or with a delay, and for 30 seconds at least.',
  why: 'On a busy node the boot takes longer than the probe allows, and the pod is restarted until someone notices.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const beams = new Set(beamContainers(world).map(({ spec }) => spec));
    for (const { workload, container } of probedContainers(world)) {
      const startup = probeOf(container, 'startupProbe');
      const liveness = probeOf(container, 'livenessProbe');
      const { object } = workload;
      // Half a minute is a start of most programs, but not of a BEAM that has its code and its migrations to look at.
      const isEarly = !startup && liveness && numberOr(0, liveness['initialDelaySeconds']) <= 0;
      if (isEarly && (beams.has(container.spec) || startupSeconds(container) < LEAST_SECONDS)) {
        const fix = 'add a startupProbe with a period of 5 seconds and a threshold of 12, say';
        yield { object, field: `${container.path}.startupProbe`, must: 'be there before a liveness probe', got: undefined, fix };
        continue;
      }
      const budget = startupSeconds(container);
      if ((!startup && !liveness) || budget >= LEAST_SECONDS) continue;
      const field = `${container.path}.${startup ? 'startupProbe' : 'livenessProbe'}.failureThreshold`;
      const must = `leave the start ${LEAST_SECONDS}s or more with the period`;
      yield { object, field, must, got: `${budget}s`, fix: 'raise the threshold to the longest boot divided by the period' };
    }
  },
};
