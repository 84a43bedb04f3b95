import type { Manifest } from '../../support/edit';
import { eachPod } from '../each';
import type { FinishedObject } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import type { Pod } from '../../model/pods';
import { startupSeconds } from '../../model/probes';
import { backends, portsOfService, servicesBehind } from '../../model/routes';
import { selectorMatches } from '../../model/selectors';
import { map, maps, namespaceOf, numberOr, once, scalar, specOf } from '../../model/values';
import { onlyInLiteral, remedy } from '../../model/remedy';

/** What Kubernetes takes where a Deployment says nothing. */
const DEFAULT_DEADLINE_SECONDS = 600;

export const rolloutProgresses = eachPod({
  name: 'rollout-progresses',
  sentence: 'A rollout may add or remove a pod, and is given time for one to start.',
  why: 'The rollout stands still, or is reported as failed while the first new pod is still booting, and the pipeline rolls it back.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progress-deadline-seconds',
  *each({ object, kind, spec: pod, containers }) {
    if (kind !== 'Deployment') return;
    const spec = map(object.manifest['spec']);
    const { maxSurge, maxUnavailable } = map(map(spec['strategy'])['rollingUpdate']);
    if (isZero(maxSurge) && isZero(maxUnavailable)) {
      const fix = 'set it to 1: one new pod is started before an old one goes';
      const must = 'not be 0 while maxUnavailable is';
      yield { field: 'spec.strategy.rollingUpdate.maxSurge', must, got: maxSurge, fix };
    }
    const slowest = Math.max(0, ...containers.filter(({ endsFirst: init }) => !init).map(startupSeconds));
    // The old pods are gone before the first new one starts.
    const before = map(spec['strategy'])['type'] === 'Recreate' ? numberOr(30, pod['terminationGracePeriodSeconds']) : 0;
    const needed = numberOr(0, spec['minReadySeconds']) + slowest + before;
    const got: unknown = spec['progressDeadlineSeconds'];
    if (numberOr(DEFAULT_DEADLINE_SECONDS, got) > needed) return;
    const times = before > 0 ? 'the time for old pods to end, the time to start' : 'the time to start';
    const must = `be more than ${needed}, ${times} and minReadySeconds together`;
    yield { field: 'spec.progressDeadlineSeconds', must, got, fix: `set it to ${needed + 60}` };
  },
});

function isZero(value: unknown): boolean {
  return /^0+%?$/.test(scalar(value) ?? '');
}

export const staysServed = eachPod({
  name: 'stays-served',
  sentence: 'A rollout of pods that someone outside is led to never takes all of them away.',
  why: 'Each release is an outage until a new pod has booted, and one that does not boot is an outage until someone takes it back.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy',
  *each(workload, world) {
    const inventory = inventoryOf(world);
    const { object, kind, replicas } = workload;
    if (replicas.least < 1) return;
    const fault =
      kind === 'Deployment'
        ? takesAll(map(specOf(object)['strategy']), replicas.least)
        : kind === 'StatefulSet'
          ? takesOnly(workload)
          : undefined;
    // One pod with a volume has a reason: two versions do not share its files.
    if (!fault || (replicas.most === 1 && keepsFiles(workload)) || !isPromised(workload, inventory)) return;
    const must = `leave a pod to the Service, which leads ${replicas.most > 1 ? 'to several' : 'others to it'}`;
    const inLiteral = "or say 'singleton: true' of the role";
    const way =
      kind === 'StatefulSet'
        ? remedy`run two${onlyInLiteral(`, ${inLiteral}`)}`
        : remedy`start a new pod first, with RollingUpdate, maxSurge 1 and maxUnavailable 0${onlyInLiteral(`; ${inLiteral}`)}`;
    yield { object, must, ...way, ...fault };
  },
});

/** Why no pod may be left in the middle of a rollout. */
function takesAll({ type, rollingUpdate }: Manifest, pods: number): { field: string; got: unknown } | undefined {
  if (type === 'Recreate') return { field: 'spec.strategy.type', got: type };
  const { maxSurge, maxUnavailable } = map(rollingUpdate);
  const surge = amount(maxSurge ?? '25%', pods, Math.ceil);
  const away = amount(maxUnavailable ?? '25%', pods, Math.floor);
  // Kubernetes takes one away where neither would change anything.
  const gone = surge === 0 && away === 0 ? 1 : away;
  if (gone < pods) return undefined;
  return surge === 0
    ? { field: 'spec.strategy.rollingUpdate.maxSurge', got: maxSurge }
    : { field: 'spec.strategy.rollingUpdate.maxUnavailable', got: maxUnavailable };
}

function amount(value: unknown, pods: number, round: (number: number) => number): number {
  const text = scalar(value) ?? '';
  return text.endsWith('%') ? round((Number.parseFloat(text) / 100) * pods) : numberOr(0, Number(text));
}

/** A StatefulSet starts no pod before the one of its name is gone. */
function takesOnly({ object, replicas }: Pod): { field: string; got: unknown } | undefined {
  const { type } = map(specOf(object)['updateStrategy']);
  return replicas.least === 1 && type !== 'OnDelete' ? { field: 'spec.replicas', got: replicas.least } : undefined;
}

function keepsFiles({ spec: pod, object }: Pod): boolean {
  const claims = maps(specOf(object)['volumeClaimTemplates']);
  return claims.length > 0 || maps(pod['volumes']).some((volume) => 'persistentVolumeClaim' in volume);
}

/** Behind a Service that leads to several pods, or that a route, a load balancer or a proxy of another namespace leads to. */
function isPromised(workload: Pod, inventory: Inventory): boolean {
  const services = servicesOf(inventory).get(workload) ?? [];
  if (services.length === 0) return false;
  if (workload.replicas.most > 1) return true;
  const routed = routedServices(inventory);
  if (services.some((service) => routed.has(service))) return true;
  const ports = servedPorts(workload, services);
  return inventory.ofKind('NetworkPolicy').some(({ manifest }) => letsOthersIn(manifest, workload, ports));
}

const servicesOf = once((inventory: Inventory): ReadonlyMap<Pod, readonly FinishedObject[]> => {
  const found = new Map<Pod, FinishedObject[]>();
  for (const service of inventory.ofKind('Service')) {
    for (const workload of inventory.servedBy(service)) found.set(workload, [...(found.get(workload) ?? []), service]);
  }
  return found;
});

const routedServices = once((inventory: Inventory): ReadonlySet<FinishedObject> => {
  const balanced = inventory.ofKind('Service').filter((service) => specOf(service)['type'] === 'LoadBalancer');
  return new Set([...servicesBehind(backends(inventory), inventory).map(({ service }) => service), ...balanced]);
});

/** Ports of the pods that Services lead to, by number and by name. */
function servedPorts({ containers }: Pod, services: readonly FinishedObject[]): ReadonlySet<string> {
  const wanted = services.flatMap((service) => portsOfService(service).map(({ port, targetPort }) => scalar(targetPort ?? port)));
  const own = containers.flatMap(({ spec }) => maps(spec['ports']));
  const same = own.filter(({ name, containerPort }) => wanted.includes(scalar(name)) || wanted.includes(scalar(containerPort)));
  const called = same.flatMap(({ name, containerPort }) => [scalar(name), scalar(containerPort)]);
  return new Set([...wanted, ...called].flatMap((port) => port ?? []));
}

/** Proxies, and whoever else is named outside of the namespace. One that is open to everyone promises nobody anything. */
function letsOthersIn(policy: Manifest, { namespace, labels }: Pod, served: ReadonlySet<string>): boolean {
  const { podSelector, ingress } = map(policy['spec']);
  if (namespaceOf(policy) !== namespace || !selectorMatches(podSelector, labels)) return false;
  return maps(ingress).some(({ from, ports }) => {
    const open = maps(ports).length === 0 || maps(ports).some(({ port }) => served.has(scalar(port) ?? ''));
    return open && maps(from).some((peer) => 'namespaceSelector' in peer || 'ipBlock' in peer);
  });
}
