import { effective, limitsOf } from './limit-ranges';
import type { Finding, Rule, World } from './rule';
import { indexOf, namespaceOf, nameOf } from './workloads';
import { record } from './yaml-values';

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
    const index = indexOf(world);
    for (const quota of index.ofKind('ResourceQuota')) {
      const { hard, scopes, scopeSelector } = record(quota.manifest['spec']);
      // One with a scope counts some pods alone.
      if (scopes !== undefined || scopeSelector !== undefined) continue;
      const demanded = Object.keys(record(hard)).flatMap((line) => (DEMANDED[line] ? [DEMANDED[line]] : []));
      const namespace = namespaceOf(quota);
      const lines = limitsOf(namespace, index);
      for (const { object, containers } of index.workloads.filter((workload) => workload.namespace === namespace)) {
        for (const { path, spec } of containers) {
          const said = effective(spec, lines);
          for (const [part, resource] of demanded.filter(([one, other]) => said[one][other] === undefined)) {
            const must = `be given, because the ResourceQuota ${nameOf(quota)} counts it`;
            const fix = 'give it, or add a default to the LimitRange of the namespace';
            yield { object, field: `${path}.resources.${part}.${resource}`, must, got: undefined, fix };
          }
        }
      }
    }
  },
};
