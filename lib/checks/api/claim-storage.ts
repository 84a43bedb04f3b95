import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { isSubdomain } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { map, maps, scalar, specOf, valueAt } from '../world/values';

/** How large a volume is to be. */
export const claimStorage: Rule = {
  name: 'claim-storage',
  sentence: 'Every claim of a volume says how much it needs, and those of a StatefulSet have names of their own.',
  why: 'The API server refuses the claim, or the StatefulSet with its claims, and the database has no volume.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#resources',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('PersistentVolumeClaim')) yield* storage(object, 'spec', specOf(object));
    for (const object of inventory.ofKind('StatefulSet')) {
      const seen = new Set<unknown>();
      for (const [index, { metadata, spec }] of maps(specOf(object)['volumeClaimTemplates']).entries()) {
        const field = `spec.volumeClaimTemplates[${index}]`;
        yield* storage(object, `${field}.spec`, spec);
        const { name } = map(metadata);
        if (seen.has(name))
          yield { object, field: `${field}.metadata.name`, must: 'be there once', got: name, fix: 'rename one' };
        seen.add(name);
      }
    }
  },
};

function* storage(object: FinishedObject, path: string, spec: unknown): Iterable<Finding> {
  const { storageClassName } = map(spec);
  if (typeof storageClassName === 'string' && storageClassName !== '' && !isSubdomain(storageClassName)) {
    const fix = 'use the name of a StorageClass: kubectl get storageclass';
    yield { object, field: `${path}.storageClassName`, must: 'be a DNS name', got: storageClassName, fix };
  }
  const got = valueAt(spec, 'resources.requests.storage');
  const amount = parseQuantity(scalar(got) ?? '');
  // What is no quantity is refused as one.
  if (got !== undefined && (amount === undefined || amount > 0)) return;
  const must = got === undefined ? 'be given' : 'be more than 0';
  yield { object, field: `${path}.resources.requests.storage`, must, got, fix: 'write a size such as 10Gi' };
}
