import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, nameOf, namespaceOf } from '../world/values';
import { operatorWorkloads } from '../world/operator-workloads';
import { resourcesOf } from './limit-ranges';

/** What a quota counts must be said by every container. Disk and devices are counted where they are said. */
const DEMANDED: Readonly<Record<string, readonly ['requests' | 'limits', string]>> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
};

/** A quota refuses pods that do not say what they take from it. */
export const quotaCounts: Rule = {
  name: 'quota-counts',
  sentence: 'Every container says how much it takes of what a ResourceQuota counts, or a LimitRange says it.',
  why: 'The quota refuses every pod that leaves it open: the Deployment is applied and not one pod of it is made.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const quota of inventory.ofKind('ResourceQuota')) {
      const { hard, scopes, scopeSelector } = map(quota.manifest['spec']);
      // One with a scope counts some pods alone.
      if (scopes !== undefined || scopeSelector !== undefined) continue;
      const demanded = Object.keys(map(hard)).flatMap((line) => (DEMANDED[line] ? [DEMANDED[line]] : []));
      const namespace = namespaceOf(quota.manifest);
      const workloads = [...inventory.pods, ...operatorWorkloads(inventory)];
      for (const { object, containers } of workloads.filter((workload) => workload.namespace === namespace)) {
        for (const container of containers) {
          const { path } = container;
          const said = resourcesOf(inventory).get(container);
          for (const [part, resource] of demanded.filter(([one, other]) => said?.[one][other] === undefined)) {
            const must = `be given, because the ResourceQuota ${nameOf(quota.manifest)} counts it`;
            const fix = 'give it, or add a default to the LimitRange of the namespace';
            yield { object, field: `${path}.resources.${part}.${resource}`, must, got: undefined, fix };
          }
        }
      }
    }
  },
};
