import { parseQuantity } from '../../support/parse-quantity';
import { eachOf } from '../each';
import type { FinishedObject, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { type Sidecar, sidecarQuantity, sidecarsOf } from '../../model/istio';
import { kindOf } from '../../model/kinds';
import { clusterVolumes, operatorWorkloads } from '../../model/operator-workloads';
import { type Container, type Pod, podsAtPeak } from '../../model/pods';
import { labelsOf, list, map, maps, nameOf, namespaceOf, numberOr, placesOf, specOf, text, valueAt } from '../../model/values';
import { amountOf, type Effective, resourcesOf } from './limits';

/** What a quota counts must be said by every container. Disk and devices are counted where they are said. */
const DEMANDED: Readonly<Record<string, readonly ['requests' | 'limits', string]>> = {
  cpu: ['requests', 'cpu'],
  memory: ['requests', 'memory'],
  'requests.cpu': ['requests', 'cpu'],
  'requests.memory': ['requests', 'memory'],
  'limits.cpu': ['limits', 'cpu'],
  'limits.memory': ['limits', 'memory'],
};

export const quotaCounts = eachOf('ResourceQuota')({
  name: 'quota-counts',
  sentence: 'Every container says how much it takes of what a ResourceQuota counts, or a LimitRange says it.',
  why: 'The quota refuses every pod that leaves it open: the Deployment is applied and not one pod of it is made.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  *each(quota, world) {
    const inventory = inventoryOf(world);
    const { hard, scopes, scopeSelector } = map(quota.manifest['spec']);
    // One with a scope counts some pods alone.
    if (scopes !== undefined || scopeSelector !== undefined) return;
    const demanded = Object.keys(map(hard)).flatMap((line) => (DEMANDED[line] ? [DEMANDED[line]] : []));
    const namespace = namespaceOf(quota.manifest);
    const workloads = [...inventory.pods, ...operatorWorkloads(inventory)];
    for (const { object, containers } of workloads.filter((workload) => workload.namespace === namespace)) {
      for (const container of containers) {
        const said = resourcesOf(inventory).get(container);
        for (const [part, resource] of demanded.filter(([one, other]) => said?.[one][other] === undefined)) {
          const must = `be given, because the ResourceQuota ${nameOf(quota.manifest)} counts it`;
          const fix = 'give it, or add a default to the LimitRange of the namespace';
          yield { object, field: `${container.path}.resources.${part}.${resource}`, must, got: undefined, fix };
        }
      }
    }
  },
});

export const quotaFits = eachOf('ResourceQuota')({
  name: 'quota-fits',
  sentence: 'All that an environment runs at its rollout peak fits into its ResourceQuota.',
  why: 'In the middle of a rollout the quota is full, the next pod is refused, and the rollout stands still until its deadline.',
  source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  *each(object, world) {
    const { hard, scopes, scopeSelector } = specOf(object);
    // One with a scope counts some pods alone.
    if (scopes !== undefined || scopeSelector !== undefined) return;
    const peak = peakOf(namespaceOf(object.manifest), world);
    for (const [resource, quantity] of Object.entries(map(hard))) {
      const most = parseQuantity(quantity);
      const parts = peak(resource);
      const sum = sumOf(parts);
      if (most === undefined || sum <= most) continue;
      const terms = parts.map(({ name, count, each }) => `${count} x ${readable(each)} ${name}`).join(' + ');
      const fix = 'raise the quota, or lower replicas, surge or requests';
      const must = `be at least ${readable(sum)}, the sum of ${terms}`;
      yield { field: `spec.hard["${resource}"]`, must, got: quantity, fix };
    }
  },
});

function readable(amount: number): string {
  if (amount >= 2 ** 20) return `${Math.ceil(amount / 2 ** 20)}Mi`;
  return Number.isInteger(amount) ? `${amount}` : `${Math.round(amount * 1000)}m`;
}

/**
 * What one pod asks for, as the scheduler and a quota count it: its containers and sidecars together, or an init
 * container with the sidecars that were started before it, whichever is more.
 *
 * @param resources those of all containers, with the defaults of their namespaces
 */
export function podQuantity(
  { containers, path }: Pod,
  part: keyof Effective,
  resource: string,
  resources: ReadonlyMap<Container, Effective>,
): number {
  const of = (container: Container): number => amountOf(resources.get(container)?.[part] ?? {}, resource) ?? 0;
  let sidecars = 0;
  let together = 0;
  let most = 0;
  for (const container of containers) {
    const asked = of(container);
    if (container.endsFirst) most = Math.max(most, sidecars + asked);
    else if (container.path.startsWith(`${path}.initContainers[`)) sidecars += asked;
    else together += asked;
  }
  return Math.max(most, sidecars + together);
}

/** What is in a namespace. */
interface Own {
  readonly workloads: readonly Pod[];
  readonly objects: readonly FinishedObject[];
  readonly resources: Resources;
  /** What is injected into pods beside their containers. */
  readonly sidecars: ReadonlyMap<Pod, Sidecar>;
  /** How many pods of a workload are counted. */
  readonly pods: (workload: Pod) => number;
}

type Resources = ReturnType<typeof resourcesOf>;

/** What one workload, or one volume, adds to a line of a quota. */
export interface Use {
  readonly name: string;
  readonly count: number;
  readonly each: number;
}

/** What all of a namespace needs at its rollout peak, by the lines of a ResourceQuota: `requests.cpu`, `pods`. */
export function peakOf(namespace: string, world: World): (resource: string) => readonly Use[] {
  return demandOf(namespace, world, podsAtPeak);
}

/** What all of a namespace needs with so many pods of each workload, by the lines of a ResourceQuota. */
export function demandOf(namespace: string, world: World, pods: (workload: Pod) => number): (resource: string) => readonly Use[] {
  const inventory = inventoryOf(world);
  const own = {
    workloads: [...inventory.pods, ...operatorWorkloads(inventory)].filter((workload) => workload.namespace === namespace),
    objects: world.objects.filter(({ manifest }) => namespaceOf(manifest) === namespace),
    resources: resourcesOf(inventory),
    sidecars: sidecarsOf(inventory),
    pods,
  };
  return (resource) => uses(resource, own);
}

/** The sum of what is used. */
export function sumOf(parts: readonly Use[]): number {
  return parts.reduce((total, { count, each }) => total + count * each, 0);
}

/** Who uses how much of one line of a quota. */
function uses(resource: string, { workloads, objects, ...own }: Own): Use[] {
  const all = (): Use[] => {
    if (resource === 'requests.storage')
      return [...objects.map(storage), ...workloads.map((one) => ephemeralStorage(one, own.pods))];
    if (resource === 'services.nodeports') return objects.map(nodePorts);
    if (resource === 'services.loadbalancers') return objects.map(loadBalancers);
    return workloads.map((workload) => podUse(resource, workload, own));
  };
  return all().filter(({ count, each }) => count * each > 0);
}

function podUse(resource: string, workload: Pod, { resources, sidecars, pods }: Omit<Own, 'workloads' | 'objects'>): Use {
  const [title, count] = [titleOf(workload.object), pods(workload)];
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

/** Volumes that each pod claims for itself. */
function ephemeralStorage(workload: Pod, pods: Own['pods']): Use {
  const asked = placesOf(workload.spec, 'volumes[].ephemeral.volumeClaimTemplate.spec.resources.requests.storage');
  const each = asked.reduce((sum, { value }) => sum + (parseQuantity(value) ?? 0), 0);
  return { name: titleOf(workload.object), count: pods(workload), each };
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
  const labels = labelsOf(manifest);
  return text(labels['app.kubernetes.io/instance']) ?? nameOf(manifest) ?? '';
}
