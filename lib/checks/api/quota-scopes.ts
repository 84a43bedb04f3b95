import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, specOf, texts } from '../world/values';

const OF_PODS = /^(?:pods|count\/pods|(?:(?:requests|limits)\.)?(?:cpu|memory))$/;

/** A quota with scopes counts some of the pods, and so only what pods have. */
export const quotaScopes: Rule = {
  name: 'quota-scopes',
  sentence: 'A ResourceQuota with scopes counts pods, CPU and memory alone; pods without requests are only counted.',
  why: 'The API server refuses the ResourceQuota, and nothing limits the namespace.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('ResourceQuota')) {
      const { scopes, hard } = specOf(object);
      const given = texts(scopes).filter((scope) => scope !== 'VolumeAttributesClass');
      const allowed = given.includes('BestEffort') ? /^(?:pods|count\/pods)$/ : OF_PODS;
      const odd = Object.keys(map(hard)).filter((resource) => !allowed.test(resource));
      if (given.length === 0 || odd.length === 0) continue;
      const fix = `count ${odd.join(', ')} in a quota of their own`;
      yield { object, field: 'spec.scopes', must: 'fit to what is counted', got: given, fix };
    }
  },
};
