import { parseQuantity } from '../../support/quantity';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nameOf, namespaceOf, specOf } from '../world/objects';
import { podsAtPeak } from '../world/rollout-pods';
import { list, map, maps, numberOr, text, valueAt } from '../world/values';
import type { Workload } from '../world/workloads';
import { resourcesOf } from './limit-ranges';
import { podQuantity } from './pod-quantity';

/** Pods beyond the quota are never created: a rollout then stands still with all old pods in place. */
export const quotaFits: Rule = {
  name: 'quota-fits',
  sentence: 'All that an environment runs at its worst moment fits into its ResourceQuota.',
  why: 'In the middle of a rollout the quota is full, the next pod is refused, and the rollout stands still until its deadline.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('ResourceQuota')) {
      const { hard, scopes, scopeSelector } = specOf(object);
      // One with a scope counts some pods alone.
      if (scopes !== undefined || scopeSelector !== undefined) continue;
      const namespace = namespaceOf(object.manifest);
      const own = {
        workloads: inventory.workloads.filter((workload) => workload.namespace === namespace),
        objects: world.objects.filter(({ manifest }) => namespaceOf(manifest) === namespace),
        resources: resourcesOf(inventory),
      };
      for (const [resource, quantity] of Object.entries(map(hard))) {
        const most = parseQuantity(quantity);
        const parts = uses(resource, own);
        const sum = parts.reduce((total, { count, each }) => total + count * each, 0);
        if (most === undefined || sum <= most) continue;
        const terms = parts.map(({ name, count, each }) => `${count} x ${readable(each)} ${name}`).join(' + ');
        const fix = 'raise the quota, or lower replicas, surge or requests';
        const must = `be at least ${readable(sum)}, the sum of ${terms}`;
        yield { object, field: `spec.hard["${resource}"]`, must, got: quantity, fix };
      }
    }
  },
};

/** What is in the namespace of a quota. */
interface Own {
  readonly workloads: readonly Workload[];
  readonly objects: readonly FinishedObject[];
  readonly resources: Resources;
}

type Resources = ReturnType<typeof resourcesOf>;

interface Use {
  readonly name: string;
  readonly count: number;
  readonly each: number;
}

/** Who uses how much of one line of a quota. */
function uses(resource: string, { workloads, objects, resources }: Own): Use[] {
  const all = (): Use[] => {
    if (resource === 'requests.storage') return objects.map(storage);
    if (resource === 'services.nodeports') return objects.map(nodePorts);
    return workloads.map((workload) => podUse(resource, workload, resources));
  };
  return all().filter(({ count, each }) => count * each > 0);
}

function podUse(resource: string, workload: Workload, resources: Resources): Use {
  const [name, count] = [titleOf(workload.object), podsAtPeak(workload)];
  if (resource === 'pods') return { name, count, each: 1 };
  const [part, ...rest] = resource.split('.');
  const counted = part === 'requests' || part === 'limits';
  const each = counted
    ? podQuantity(workload, part, rest.join('.'), resources)
    : podQuantity(workload, 'requests', resource, resources);
  return { name, count, each };
}

function storage(object: FinishedObject): Use {
  const { kind } = object.manifest;
  const { replicas, volumeClaimTemplates } = specOf(object);
  const claims = kind === 'PersistentVolumeClaim' ? [object.manifest] : kind === 'StatefulSet' ? maps(volumeClaimTemplates) : [];
  const sizes = claims.map((claim) => parseQuantity(valueAt(claim, 'spec.resources.requests.storage')) ?? 0);
  const count = kind === 'StatefulSet' ? numberOr(1, replicas) : 1;
  return { name: titleOf(object), count, each: sizes.reduce((sum, size) => sum + size, 0) };
}

function nodePorts(object: FinishedObject): Use {
  const { type, ports } = specOf(object);
  const open = object.manifest['kind'] === 'Service' && (type === 'NodePort' || type === 'LoadBalancer');
  return { name: titleOf(object), count: open ? list(ports).length : 0, each: 1 };
}

/** The name that people know: a hash at the end says nothing. */
function titleOf({ manifest }: FinishedObject): string {
  const labels = map(map(manifest['metadata'])['labels']);
  return text(labels['app.kubernetes.io/instance']) ?? nameOf(manifest) ?? '';
}

function readable(amount: number): string {
  if (amount >= 2 ** 20) return `${Math.ceil(amount / 2 ** 20)}Mi`;
  return Number.isInteger(amount) ? `${amount}` : `${Math.round(amount * 1000)}m`;
}
