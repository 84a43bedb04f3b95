import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf } from '../world/values';

/** Others have the domain of their maker before them. */
const RESOURCE = /^(?:cpu|memory|ephemeral-storage|storage|hugepages-.+|.+\/.+)$/;
const ORDER = ['min', 'defaultRequest', 'default', 'max'];

/** What a container may have, and what it gets that says nothing. */
export const limitRangeOrder: Rule = {
  name: 'limit-range-order',
  sentence: 'In a LimitRange min <= defaultRequest <= default <= max, and each type is there once.',
  why: 'The API server refuses the LimitRange, and then the quota refuses every pod that states no resources.',
  source: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('LimitRange')) {
      const seen = new Set<unknown>();
      for (const [index, item] of maps(specOf(object)['limits']).entries()) {
        const field = `spec.limits[${index}]`;
        const { type } = item;
        if (seen.has(type))
          yield { object, field: `${field}.type`, must: 'be there once', got: type, fix: 'make one item of the two' };
        seen.add(type);
        for (const fault of faultsOf(item)) yield { ...fault, object, field: `${field}.${fault.field}` };
      }
    }
  },
};

function* faultsOf(item: Manifest): Iterable<Omit<Finding, 'object'>> {
  const named = [...ORDER, 'maxLimitRequestRatio'];
  const resources = new Set(named.flatMap((field) => Object.keys(map(item[field]))));
  for (const resource of resources) {
    if (!RESOURCE.test(resource)) {
      const field = `${named.find((name) => resource in map(item[name]))}`;
      yield { field, must: 'name resources', got: resource, fix: 'write cpu, memory, ephemeral-storage or storage' };
    }
    let below: { readonly field: string; readonly value: unknown; readonly amount: number } | undefined;
    for (const field of ORDER) {
      const value: unknown = map(item[field])[resource];
      const amount = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
      if (amount === undefined) continue;
      if (below && amount < below.amount) {
        const must = `be at least the ${below.field} of ${below.value}`;
        yield { field: `${field}["${resource}"]`, must, got: value, fix: `raise it, or lower ${below.field}` };
      }
      below = { field, value, amount };
    }
  }
}
