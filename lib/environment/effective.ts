import type { App } from 'cdk8s';
import { AppChecks } from '../app-checks/app-checks';
import { needs } from '../needs/operators';
import type { FinishedObject } from '../model/world';
import { inventoryOf, type Inventory } from '../model/inventory';
import { list, map, nameOf, scalar, text, valueAt } from '../model/values';
import type { Pod } from '../model/pods';

/** What a knob comes to: its name, and its value as text. */
export type EffectiveKnob = readonly [name: string, value: string];

/**
 * What an environment comes to, defaults filled in, from its finished objects: who reaches it, and for each workload its pods,
 * resources, time to end and plain variables. Environments are compared by it, whatever their literals leave out. The App is
 * rendered before.
 */
export function effectiveKnobs(app: App): readonly EffectiveKnob[] {
  const { world, optOuts } = AppChecks.of(app);
  const inventory = inventoryOf(world);
  const workloads = inventory.pods.filter(({ kind }) => kind !== 'Job').flatMap((pod) => knobsOf(pod, inventory));
  const operators = needs(world).map(({ title, release, because }) => (because === undefined ? title : `${title} ${release}`));
  return [
    ['kubernetes', `${world.kubernetes} or newer`],
    ['namespace', inventory.ofKind('Namespace').map(named).join(', ')],
    ['reached by', reachedBy(world.objects)],
    ['operators', operators.join(', ') || 'none'],
    ['Secrets made here', inventory.ofKind('Secret').map(named).join(', ') || 'none'],
    ['quota', inventory.ofKind('ResourceQuota').map(quotaText).join('; ') || 'none'],
    ['rules left out', optOuts.map(({ rule }) => rule).join(', ') || 'none'],
    ...workloads,
  ];
}

function named({ manifest }: FinishedObject): string {
  return `\`${nameOf(manifest) ?? ''}\``;
}

const ROUTES: Readonly<Record<string, string>> = {
  HTTPRoute: 'Gateway API',
  GRPCRoute: 'Gateway API',
  Ingress: 'Ingress',
  VirtualService: 'Istio',
};

function reachedBy(objects: readonly FinishedObject[]): string {
  const ways = objects.flatMap(({ manifest }) => {
    const { kind, spec } = manifest;
    if (kind !== 'Service') return ROUTES[String(kind)] ?? [];
    const { type, ports } = map(spec);
    if (type === 'LoadBalancer') return 'load balancer';
    return type === 'NodePort' ? list(ports).map((port) => `node port ${scalar(map(port)['nodePort'])}`) : [];
  });
  return [...new Set(ways)].join(', ') || 'nothing outside';
}

function quotaText({ manifest }: FinishedObject): string {
  return Object.entries(map(map(manifest['spec'])['hard']))
    .filter(([name]) => /^(requests|limits|pods)/.test(name))
    .map(([name, amount]) => `${name} ${scalar(amount)}`)
    .join(', ');
}

function knobsOf(pod: Pod, inventory: Inventory): EffectiveKnob[] {
  const { manifest } = pod.object;
  const name = nameOf(manifest) ?? pod.kind;
  const main = pod.containers.find(({ init }) => !init);
  if (!main) return [];
  const { requests, limits } = map(main.spec['resources']);
  const span = (resource: string): string =>
    `${scalar(map(requests)[resource]) ?? 'any'} to ${scalar(map(limits)[resource]) ?? 'any'}`;
  const grace = scalar(pod.spec['terminationGracePeriodSeconds']) ?? '30';
  const variables = [...main.variables.byName.values()];
  return [
    [`${name}: ${pod.kind === 'CronJob' ? 'schedule' : 'pods'}`, count(pod, inventory)],
    [`${name}: image`, text(main.spec['image']) ?? ''],
    [`${name}: CPU`, span('cpu')],
    [`${name}: memory`, span('memory')],
    [`${name}: time to end`, `${grace} s`],
    [`${name}: waits for`, waits(pod)],
    ...variables.map((variable): EffectiveKnob => [`${name}: ${variable.name}`, variable.secret ?? variable.value ?? 'a field']),
  ];
}

/** How many pods there are, or when there is one. */
function count({ kind, object: { manifest } }: Pod, inventory: Inventory): string {
  const spec = map(manifest['spec']);
  if (kind === 'CronJob') return [text(spec['schedule']), text(spec['timeZone'])].filter(Boolean).join(' ');
  const scaler = inventory
    .ofKind('HorizontalPodAutoscaler', 'ScaledObject')
    .find((other) => valueAt(other.manifest, 'spec.scaleTargetRef.name') === nameOf(manifest));
  if (!scaler) return scalar(spec['replicas']) ?? '1';
  const { minReplicas, minReplicaCount, maxReplicas, maxReplicaCount } = map(scaler.manifest['spec']);
  return `${scalar(minReplicas ?? minReplicaCount ?? 0)} to ${scalar(maxReplicas ?? maxReplicaCount)}`;
}

function waits(pod: Pod): string {
  const first = pod.containers.filter(({ init, spec: container }) => init && container['restartPolicy'] !== 'Always');
  return first.map(({ spec: container }) => (text(container['name']) ?? '').replace('wait-for-', '')).join(', ') || 'nothing';
}
