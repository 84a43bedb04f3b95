import type { Finding, Rule, World } from '../rule';
import { hasRights } from '../world/accounts';
import { inventoryOf } from '../world/inventory';

/** A token that nothing uses is of use to an intruder alone. */
export const tokenUnused: Rule = {
  name: 'token-unused',
  sentence: 'No pod holds a token of the Kubernetes API whose ServiceAccount has no rights.',
  why: 'Whoever can read one file of the pod, through a path that was not checked, talks to the API server as this pod.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      const { object, path, spec } = pod;
      const got: unknown = spec['automountServiceAccountToken'];
      if (got === false || hasRights(pod, world)) continue;
      const fix = 'set it, or bind a Role to the ServiceAccount where the program asks the API';
      yield { object, field: `${path}.automountServiceAccountToken`, must: 'be false', got, fix };
    }
  },
};
