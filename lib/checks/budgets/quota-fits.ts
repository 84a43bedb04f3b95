import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, namespaceOf, specOf } from '../world/values';
import { peakOf, sumOf } from './rollout-demand';

/** Pods beyond the quota are never created: a rollout then stands still with all old pods in place. */
export const quotaFits: Rule = {
  name: 'quota-fits',
  sentence: 'All that an environment runs at its rollout peak fits into its ResourceQuota.',
  why: 'In the middle of a rollout the quota is full, the next pod is refused, and the rollout stands still until its deadline.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('ResourceQuota')) {
      const { hard, scopes, scopeSelector } = specOf(object);
      // One with a scope counts some pods alone.
      if (scopes !== undefined || scopeSelector !== undefined) continue;
      const peak = peakOf(namespaceOf(object.manifest), world);
      for (const [resource, quantity] of Object.entries(map(hard))) {
        const most = parseQuantity(quantity);
        const parts = peak(resource);
        const sum = sumOf(parts);
        if (most === undefined || sum <= most) continue;
        const terms = parts.map(({ name, count, each }) => `${count} x ${readable(each)} ${name}`).join(' + ');
        const fix = 'raise the quota, or lower replicas, surge or requests';
        const must = `be at least ${readable(sum)}, the sum of ${terms}`;
        yield { object, field: `spec.hard["${resource}"]`, must, got: quantity, fix };
      }
    }
  },
};

function readable(amount: number): string {
  if (amount >= 2 ** 20) return `${Math.ceil(amount / 2 ** 20)}Mi`;
  return Number.isInteger(amount) ? `${amount}` : `${Math.round(amount * 1000)}m`;
}
