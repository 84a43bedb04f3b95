import { parseQuantity } from '../../support/quantity';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nameOf, namespaceOf, specOf } from '../world/objects';
import { kindOf } from '../world/kinds';
import { clusterVolumes, operatorWorkloads } from '../world/operator-workloads';
import { podsAtPeak } from '../world/rollout-pods';
import { type Sidecar, sidecarQuantity, sidecarsOf } from '../world/sidecars';
import { list, map, maps, numberOr, text, valueAt } from '../world/values';
import type { Workload } from '../world/workloads';
import { type Effective, resourcesOf } from './limit-ranges';
import { podQuantity } from './pod-quantity';

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
      const namespace = namespaceOf(object.manifest);
      const own = {
        workloads: [...inventory.workloads, ...operatorWorkloads(inventory)].filter(
          (workload) => workload.namespace === namespace,
        ),
        objects: world.objects.filter(({ manifest }) => namespaceOf(manifest) === namespace),
        resources: resourcesOf(inventory),
        sidecars: sidecarsOf(inventory),
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
  /** What is injected into pods beside their containers. */
  readonly sidecars: ReadonlyMap<Workload, Sidecar>;
}

type Resources = ReturnType<typeof resourcesOf>;

interface Use {
  readonly name: string;
  readonly count: number;
  readonly each: number;
}

/** Who uses how much of one line of a quota. */
function uses(resource: string, { workloads, objects, ...own }: Own): Use[] {
  const all = (): Use[] => {
    if (resource === 'requests.storage') return objects.map(storage);
    if (resource === 'services.nodeports') return objects.map(nodePorts);
    if (resource === 'services.loadbalancers') return objects.map(loadBalancers);
    return workloads.map((workload) => podUse(resource, workload, own));
  };
  return all().filter(({ count, each }) => count * each > 0);
}

function podUse(resource: string, workload: Workload, { resources, sidecars }: Pick<Own, 'resources' | 'sidecars'>): Use {
  const [title, count] = [titleOf(workload.object), podsAtPeak(workload)];
  if (resource === 'pods') return { name: title, count, each: 1 };
  const [part, ...rest] = resource.split('.');
  const [kind, name]: [keyof Effective, string] =
    part === 'requests' || part === 'limits' ? [part, rest.join('.')] : ['requests', resource];
  const each = podQuantity(workload, kind, name, resources) + sidecarQuantity(sidecars.get(workload), kind, name);
  return { name: title, count, each };
}

function storage(object: FinishedObject): Use {
  const kind = kindOf(object.manifest);
  const { replicas, volumeClaimTemplates, instances } = specOf(object);
  const claims = kind === 'PersistentVolumeClaim' ? [object.manifest] : kind === 'StatefulSet' ? maps(volumeClaimTemplates) : [];
  const asked = claims.map((claim) => valueAt(claim, 'spec.resources.requests.storage'));
  const sizes = (kind === 'Cluster' ? clusterVolumes(specOf(object)) : asked).map((size) => parseQuantity(size) ?? 0);
  const count = kind === 'StatefulSet' ? numberOr(1, replicas) : kind === 'Cluster' ? numberOr(1, instances) : 1;
  return { name: titleOf(object), count, each: sizes.reduce((sum, size) => sum + size, 0) };
}

function nodePorts(object: FinishedObject): Use {
  const { type, ports, allocateLoadBalancerNodePorts } = specOf(object);
  const balanced = type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false;
  const open = object.manifest['kind'] === 'Service' && (type === 'NodePort' || balanced);
  return { name: titleOf(object), count: open ? list(ports).length : 0, each: 1 };
}

function loadBalancers(object: FinishedObject): Use {
  const balanced = object.manifest['kind'] === 'Service' && specOf(object)['type'] === 'LoadBalancer';
  return { name: titleOf(object), count: balanced ? 1 : 0, each: 1 };
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
