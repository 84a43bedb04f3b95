import { isAtLeast } from '../../support/kubernetes-versions';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';

const NOT_BEFORE_START = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'];

/** What runs before the pod starts is not served, asked or stopped; a sidecar among the init containers is. */
export const initContainers: Rule = {
  name: 'init-containers',
  sentence: 'Init containers have no probes and hooks unless they are sidecars, and other containers no restartPolicy.',
  why: 'The API server refuses the pod template: a container copied among the init containers brings its probes along.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#differences-from-regular-containers',
  *find(world: World): Iterable<Finding> {
    const ownRestart = isAtLeast(world.kubernetes, '1.35');
    for (const { object, containers } of inventoryOf(world).pods) {
      for (const { path, spec: container, init } of containers) {
        const { restartPolicy } = container;
        if (!init && typeof restartPolicy === 'string' && !ownRestart) {
          const fix = 'move the sidecar to initContainers, or leave the policy to the pod';
          yield {
            object,
            field: `${path}.restartPolicy`,
            must: 'stand on init containers alone before Kubernetes 1.35',
            got: restartPolicy,
            fix,
          };
        }
        if (!init || restartPolicy === 'Always') continue;
        for (const name of NOT_BEFORE_START.filter((field) => container[field] !== undefined && container[field] !== null)) {
          const fix = "take it out, or make a sidecar of it with restartPolicy: 'Always'";
          yield {
            object,
            field: `${path}.${name}`,
            must: 'not be given: the container ends before the pod starts',
            got: name,
            fix,
          };
        }
      }
    }
  },
};
