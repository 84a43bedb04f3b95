import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps } from '../world/values';
import type { Workload } from '../world/workloads';
import { budgeted } from './drainable';

const KINDS = ['Deployment', 'StatefulSet', 'Rollout'];

/** Two pods on one node are one pod to that node. */
export const survivesANode: Rule = {
  name: 'survives-a-node',
  sentence:
    'Pods of a kind of which there may be two or more are kept apart, and a disruption budget keeps a drain from taking all.',
  why: 'All pods happen to run on one node; it fails or is drained, and the application is gone until they run elsewhere.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const { workloads } = inventory;
    const several = workloads.filter(({ kind, replicas }) => KINDS.includes(kind) && replicas.most >= 2);
    if (several.length === 0) return;
    const kept = new Set(inventory.ofKind('PodDisruptionBudget').flatMap((budget) => budgeted(budget, workloads)));
    for (const workload of several) {
      const { object, path, replicas } = workload;
      if (!kept.has(workload)) {
        const must = 'be kept by a PodDisruptionBudget where there may be two pods or more';
        const fix = 'add one with maxUnavailable 1 and the selector of these pods';
        yield { object, field: 'spec.replicas', must, got: replicas.most, fix };
      }
      if (isSpread(workload)) continue;
      const must = 'keep the pods apart where there may be two or more';
      const fix = 'spread them over kubernetes.io/hostname with whenUnsatisfiable ScheduleAnyway';
      yield { object, field: `${path}.topologySpreadConstraints`, must, got: undefined, fix };
    }
  },
};

function isSpread({ pod }: Workload): boolean {
  const terms = map(map(pod['affinity'])['podAntiAffinity']);
  const lists = Object.values(terms).filter((list) => Array.isArray(list) && list.length > 0);
  return maps(pod['topologySpreadConstraints']).length > 0 || lists.length > 0;
}
