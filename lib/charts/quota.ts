import { ApiObject, type Size } from 'cdk8s';
import { type Cpu, k8s } from 'cdk8s-plus-27';
import type { Construct, IConstruct } from 'constructs';
import { peakOf, sumOf } from '../checks/budgets/quotas';
import { finish, opened } from '../app-checks/finished';
import type { World } from '../model/world';
import { namespaceOf } from '../model/values';
import type { Manifest } from '../support/edit';
import { declaredIn } from '../support/declare';
import type { GatewayProxies } from '../support/network';
import { cpuQuantity, sizeQuantity } from '../support/quantity';
import { requireInteger } from '../support/values';
import { KUBERNETES_VERSIONS } from '../support/kubernetes-versions';

/** The most that an environment may use. */
export interface Quota {
  /** CPU that its pods may request: `requests.cpu`. */
  readonly cpu: Cpu;
  /** Memory that its pods may use: `limits.memory`, and so `requests.memory`. */
  readonly memory: Size;
  /** Disk that its volumes may claim: `requests.storage`. */
  readonly storage: Size;
  /** Pods that may run at a time: `pods`. */
  readonly pods: number;
}

/** Refuses a quota that lets nothing run. */
export function requireQuota(scope: Construct, quota: Quota): void {
  requireInteger(scope, 'quota.pods', quota.pods, { minimum: 1, fix: 'leave room for a rollout and the jobs' });
}

/** The lines of a quota that somebody set. */
export function hardOf({ cpu, memory, storage, pods }: Quota): Record<string, k8s.Quantity> {
  return {
    'requests.cpu': cpuQuantity(cpu),
    'requests.memory': sizeQuantity(memory),
    'limits.memory': sizeQuantity(memory),
    'requests.storage': sizeQuantity(storage),
    pods: quantity(pods),
  };
}

/** The lines of a quota that nobody guesses: what opens the cluster, or costs money, is declared. */
export function services(nodePorts: number, loadBalancers: number): Record<string, k8s.Quantity> {
  return { 'services.nodeports': quantity(nodePorts), 'services.loadbalancers': quantity(loadBalancers) };
}

/** Room for what nobody declared, such as a pod that someone starts by hand. */
const ROOM = 1.25;
const GIBIBYTE = 2 ** 30;

/** What the finished objects of its namespace need at their peak, and some room, in amounts that small changes leave as they are. */
export function withPeak({ spec, ...manifest }: Manifest, quota: ApiObject): Manifest {
  const peak = peakOf(namespaceOf({ ...manifest, spec }), worldBeside(quota));
  const withRoom = (resource: string, unit: number): number => Math.ceil((sumOf(peak(resource)) * ROOM) / unit);
  const memory = withRoom('limits.memory', GIBIBYTE);
  const hard = {
    'requests.cpu': `${withRoom('requests.cpu', 1)}`,
    'requests.memory': `${memory}Gi`,
    'limits.memory': `${memory}Gi`,
    'requests.storage': `${withRoom('requests.storage', GIBIBYTE)}Gi`,
    pods: `${withRoom('pods', 1)}`,
  };
  return { ...manifest, spec: { ...spec, hard: { ...hard, ...spec.hard } } };
}

/** All objects of the App but those that follow from the others. */
function worldBeside(quota: ApiObject): World {
  const constructs: readonly IConstruct[] = quota.node.root.node.findAll();
  const others = constructs.filter((one): one is ApiObject => ApiObject.isApiObject(one) && one.kind !== quota.kind);
  const objects = others.flatMap((one) => finish(one).object ?? []).flatMap(opened);
  return { ...declaredIn(quota), objects, kubernetes: KUBERNETES_VERSIONS[0], previous: [] };
}

/** A controller that starts the proxies of a Gateway here gives them a load balancer, which opens their ports on every node. */
export function withProxies({ spec, ...manifest }: Manifest, proxies: readonly GatewayProxies[]): Manifest {
  const hard = spec.hard as Manifest;
  const { 'services.nodeports': nodePorts, 'services.loadbalancers': loadBalancers } = hard;
  const ports = proxies.reduce((sum, one) => sum + one.ports, Number(nodePorts));
  const services = { 'services.nodeports': `${ports}`, 'services.loadbalancers': `${Number(loadBalancers) + proxies.length}` };
  return { ...manifest, spec: { ...spec, hard: { ...hard, ...services } } };
}

function quantity(text: string | number): k8s.Quantity {
  return k8s.Quantity.fromString(`${text}`);
}
