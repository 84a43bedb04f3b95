import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import type { Pod } from '../../model/pods';
import { selectorMatches } from '../../model/selectors';
import { map, maps, nameOf, namespaceOf, scalar, specOf } from '../../model/values';

export const drainable: Rule = {
  name: 'drainable',
  sentence: 'Every disruption budget lets a node take one pod.',
  why: 'Draining a node for its upgrade waits for ever, until someone deletes the budget or the pods by hand at night.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const { pods: workloads } = inventory;
    for (const object of inventory.ofKind('PodDisruptionBudget')) {
      const { maxUnavailable, minAvailable } = map(object.manifest['spec']);
      if (/^0+%?$/.test(scalar(maxUnavailable) ?? '')) {
        yield { object, field: 'spec.maxUnavailable', must: 'be 1 or more', got: maxUnavailable, fix: 'set it to 1' };
      }
      const least = scalar(minAvailable);
      if (least === undefined) continue;
      const pods = budgeted(object, workloads);
      // What scales from nothing has one pod at times.
      const sum = pods.reduce((total, { replicas }) => total + replicas.least, 0);
      const fewest = pods.length > 0 ? Math.max(1, sum) : 0;
      const kept = least.endsWith('%') ? Math.ceil((Number.parseFloat(least) / 100) * fewest) : Number(least);
      if (pods.length > 0 ? kept < fewest : least !== '100%') continue;
      const names = pods.map(({ name }) => name).join(' and ');
      const some = fewest === 1 ? `the only pod of ${names}` : `one of the ${fewest} pods of ${names}`;
      const must = `leave ${pods.length > 0 ? some : 'a pod'} to a drain`;
      const fix = fewest === 1 ? 'remove it, or run two pods' : 'set maxUnavailable to 1 instead';
      yield { object, field: 'spec.minAvailable', must, got: minAvailable, fix };
    }
  },
};

/** The workloads whose pods are evicted one after the other under a budget. */
export function budgeted(budget: FinishedObject, workloads: readonly Pod[]): readonly Pod[] {
  const selector: unknown = map(budget.manifest['spec'])['selector'];
  if (selector === undefined) return [];
  const namespace = namespaceOf(budget.manifest);
  return workloads.filter(
    ({ kind, namespace: own, labels, task, replicas }) =>
      own === namespace && !task && kind !== 'DaemonSet' && replicas.most > 0 && selectorMatches(selector, labels),
  );
}

export const oneBudget: Rule = {
  name: 'one-budget',
  sentence: 'No pod is under two disruption budgets.',
  why: 'Every eviction of the pod is answered with an error, and a node that it runs on is never drained.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const kept = new Map<FinishedObject, FinishedObject>();
    for (const object of inventory.ofKind('PodDisruptionBudget')) {
      const { selector } = specOf(object);
      // Without a selector it is for no pod; an empty one is for all.
      if (typeof selector !== 'object' || selector === null) continue;
      const owners = new Set(inventory.select(selector, namespaceOf(object.manifest)).map((pod) => pod.object));
      for (const owner of owners) {
        const first = kept.get(owner) ?? ownBudget(owner);
        if (!first) kept.set(owner, object);
        else {
          const whose = `${String(owner.manifest['kind'])} ${nameOf(owner.manifest)}`;
          const other = first === owner ? 'which its operator gives a budget' : `which [${first.construct.node.path}] is for`;
          const fix = first === owner ? 'remove it, or set enablePDB to false' : 'keep one of the two, or select other pods';
          const must = `not find the pods of ${whose}, ${other}`;
          yield { object, field: 'spec.selector', must, got: nameOf(object.manifest), fix };
          break;
        }
      }
    }
  },
};

/** CloudNativePG makes budgets for its instances, unless it is told not to. */
function ownBudget(owner: FinishedObject): FinishedObject | undefined {
  const { kind } = owner.manifest;
  return kind === 'Cluster' && specOf(owner)['enablePDB'] !== false ? owner : undefined;
}

const KINDS = ['Deployment', 'StatefulSet', 'Rollout'];

export const survivesANode: Rule = {
  name: 'survives-a-node',
  sentence:
    'Pods of a kind of which there may be two or more are kept apart, and a disruption budget keeps a drain from taking all.',
  why: 'All pods happen to run on one node; it fails or is drained, and the application is gone until they run elsewhere.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const { pods } = inventory;
    const kept = new Set(inventory.ofKind('PodDisruptionBudget').flatMap((budget) => budgeted(budget, pods)));
    for (const workload of pods.filter(({ kind, replicas }) => KINDS.includes(kind) && replicas.most >= 2)) {
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

function isSpread({ spec: pod }: Pod): boolean {
  const terms = map(map(pod['affinity'])['podAntiAffinity']);
  const lists = Object.values(terms).filter((list) => Array.isArray(list) && list.length > 0);
  return maps(pod['topologySpreadConstraints']).length > 0 || lists.length > 0;
}
