import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';

/** Rights given to `default` are given to every pod of the namespace, also to those of tomorrow. */
export const ownServiceAccount: Rule = {
  name: 'own-service-account',
  sentence: 'Every pod runs as a ServiceAccount of its own name.',
  why: 'What one tool is allowed through "default", every other pod of the namespace may do as well, also the one that was broken into.',
  source: 'https://kubernetes.io/docs/concepts/security/service-accounts/',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const { object, path, spec } of inventoryOf(world).pods) {
      const got: unknown = spec['serviceAccountName'] ?? spec['serviceAccount'];
      if (typeof got === 'string' && got !== '' && got !== 'default') continue;
      const fix = 'make a ServiceAccount with the name of the controller, and name it here';
      yield { object, field: `${path}.serviceAccountName`, must: 'name another ServiceAccount than default', got, fix };
    }
  },
};
