import { parseQuantity } from '../../support/parse-quantity';
import type { FinishedObject, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { kindOf } from '../world/kinds';
import { labelsOf, list, maps, nameOf, namespaceOf, numberOr, placesOf, specOf, text, valueAt } from '../world/values';
import { clusterVolumes, operatorWorkloads } from '../world/operator-workloads';
import { podsAtPeak, type Pod } from '../world/pods';
import { type Sidecar, sidecarQuantity, sidecarsOf } from '../world/istio';
import { type Effective, resourcesOf } from './limit-ranges';
import { podQuantity } from './pod-quantity';

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
