import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { valueAt } from '../world/values';

// No limit on CPU: whether a busy neighbour may be slowed down is a decision, not a mistake.
const WANTED: readonly [string, readonly string[]][] = [
  ['requests', ['cpu', 'memory', 'ephemeral-storage']],
  ['limits', ['memory', 'ephemeral-storage']],
];

/** The scheduler counts requests, and the kubelet enforces limits: what is not said is zero, or without end. */
export const resourcesSet: Rule = {
  name: 'resources-set',
  sentence: 'Every container says what it needs and the most that it may take of memory and disk.',
  why: 'Without requests a node is filled with pods that it cannot run, and without limits one pod that leaks takes all others of its node down.',
  source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      // Containers for debugging may not have any.
      for (const { path, spec: container } of pod.containers) {
        const missing = missingIn(container);
        if (missing.length === 0) continue;
        const fix = 'measure what it uses, and write it down with room to spare';
        yield {
          object: pod.object,
          field: `${path}.resources`,
          must: `set ${missing.join(', ')}`,
          got: container['resources'],
          fix,
          policy: missing.every((name) => name.endsWith('ephemeral-storage')),
        };
      }
    }
  },
};

function missingIn(container: Manifest): string[] {
  return WANTED.flatMap(([kind, names]) => {
    const given = valueAt(container, `resources.${kind}`);
    return names.filter((name) => !isSet(valueAt(given, name))).map((name) => `${kind}.${name}`);
  });
}

/** Zero is as good as nothing. What is no quantity is refused elsewhere. */
function isSet(quantity: unknown): boolean {
  return quantity !== undefined && parseQuantity(quantity) !== 0;
}
