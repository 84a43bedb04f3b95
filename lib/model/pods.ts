import type { Manifest } from '../support/edit';
import { surgePods } from '../support/rollout-peak';
import type { FinishedObject } from './world';
import { labelsOf, map, maps, nameOf, namespaceOf, numberOr, type Place, placesOf, scalar, specOf, valueAt } from './values';
import { containerVariables, type ContainerVariables, type Lookup } from './variables';

/** The pods of an object that makes some: one template, or the object itself, and how many there are of them. */
export interface Pod {
  readonly object: FinishedObject;
  readonly kind: string;
  readonly namespace: string;
  /** Name of the object; empty where it has none. */
  readonly name: string;
  /** Path of the pod's spec: `spec.template.spec`. */
  readonly path: string;
  readonly spec: Manifest;
  readonly labels: Manifest;
  /** Its containers, those for its start before the others. */
  readonly containers: readonly Container[];
  /** Those for debugging, which the kubelet starts like any other. */
  readonly ephemeral: readonly Container[];
  /** Whether its pods end by themselves. */
  readonly task: boolean;
  /** Fewest and most pods that it is scaled to. */
  readonly replicas: { readonly least: number; readonly most: number };
  /** What scales it, where anything does. */
  readonly scaler?: FinishedObject;
}

/** A container of a pod. */
export interface Container {
  /** Where it stands in its object. */
  readonly path: string;
  readonly spec: Manifest;
  /** Whether it is listed under `initContainers`. */
  readonly init: boolean;
  /** Whether it runs before the others and ends; a sidecar among the init containers does not. */
  readonly endsFirst: boolean;
  readonly variables: ContainerVariables;
}

const TEMPLATES: ReadonlyMap<unknown, string> = new Map([
  ['Pod', ''],
  ['CronJob', 'spec.jobTemplate.spec.template'],
  ...['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job', 'Rollout'].map(
    (kind) => [kind, 'spec.template'] as const,
  ),
]);

/** Where an object has the template of its pods; empty for a pod itself, undefined where it makes none. */
export function templatePath({ kind }: Manifest): string | undefined {
  return TEMPLATES.get(kind);
}

/** The pods that objects make, in the order of the YAML. */
export function podsOf(objects: readonly FinishedObject[], inventory: Lookup): Pod[] {
  const scalers = scalersOf(inventory.ofKind('HorizontalPodAutoscaler', 'ScaledObject'));
  return objects.flatMap((object) => {
    const { manifest } = object;
    const place = templatePath(manifest);
    const template = place === undefined ? {} : map(place === '' ? manifest : valueAt(manifest, place));
    if (!template['spec']) return [];
    const [kind, namespace, name] = [String(manifest['kind']), namespaceOf(manifest), nameOf(manifest) ?? ''];
    const scaler = scalers.get(`${kind}/${namespace}/${name}`);
    const fixed = numberOr(1, specOf(object)['replicas']);
    const path = place === '' ? 'spec' : `${place}.spec`;
    const at = { object, kind, namespace, name, path, spec: map(template['spec']) };
    return {
      ...at,
      labels: labelsOf(template),
      containers: ['initContainers', 'containers'].flatMap((field) => containersAt(at, field, inventory)),
      ephemeral: containersAt(at, 'ephemeralContainers', inventory),
      task: kind === 'Job' || kind === 'CronJob',
      replicas: scaler ? { least: scaler.least, most: Math.max(fixed, scaler.most) } : { least: fixed, most: fixed },
      scaler: scaler?.object,
    };
  });
}

type Template = Pick<Pod, 'object' | 'namespace' | 'path' | 'spec'>;

function containersAt(pod: Template, field: string, inventory: Lookup): Container[] {
  return maps(pod.spec[field]).map((spec, index) => {
    const path = `${pod.path}.${field}[${index}]`;
    const init = field === 'initContainers';
    let known: ContainerVariables | undefined;
    return {
      path,
      spec,
      init,
      endsFirst: init && spec['restartPolicy'] !== 'Always',
      // Most rules look at no variable.
      get variables() {
        return (known ??= containerVariables(spec, { ...pod, path }, inventory));
      },
    };
  });
}

/** A container, and the object whose pods have it. */
export interface OwnedContainer {
  readonly workload: Pod;
  readonly container: Container;
}

/** All containers of some pods, each with its own one. */
export function containersOf(pods: readonly Pod[]): OwnedContainer[] {
  return pods.flatMap((workload) => workload.containers.map((container) => ({ workload, container })));
}

/** Every container of a pod, those for debugging too. */
export function everyContainer({ containers, ephemeral }: Pod): readonly Container[] {
  return [...containers, ...ephemeral];
}

/** The metadata of a pod's template, or of the bare pod, and where it stands. */
export function podMetadata({ object, path }: Pod): { readonly path: string; readonly metadata: Manifest } {
  const at = path.replace(/spec$/, 'metadata');
  return { path: at, metadata: map(valueAt(object.manifest, at)) };
}

/** The values at a path in a pod's spec. */
export function placesInPod({ spec, path: pod }: Pod, path: string): Place[] {
  return placesOf(spec, path, pod);
}

/** Whether the pod runs on Windows, which has neither capabilities nor numbered users. */
export function onWindows({ spec }: Pod): boolean {
  return valueAt(spec, 'os.name') === 'windows';
}

function scalersOf(objects: readonly FinishedObject[]): ReadonlyMap<string, Pod['replicas'] & { object: FinishedObject }> {
  return new Map(
    objects.map((object) => {
      const { scaleTargetRef, minReplicas, maxReplicas, minReplicaCount, maxReplicaCount } = specOf(object);
      const { kind = 'Deployment', name } = map(scaleTargetRef);
      const keda = object.manifest['kind'] === 'ScaledObject';
      const least = keda ? numberOr(0, minReplicaCount) : numberOr(1, minReplicas);
      const most = keda ? numberOr(100, maxReplicaCount) : numberOr(least, maxReplicas);
      return [`${kind}/${namespaceOf(object.manifest)}/${name}`, { object, least, most }];
    }),
  );
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution[]';
/** The terms that the scheduler weighs. */
export const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution[]';

/** The affinities of a pod to other pods. */
export const POD_AFFINITIES = ['affinity.podAffinity', 'affinity.podAntiAffinity'];

/** The paths in a pod's spec where it says which pods it stays near to, or away from. */
export const NEIGHBOURS = POD_AFFINITIES.flatMap((kind) => [`${kind}.${REQUIRED}`, `${kind}.${PREFERRED}.podAffinityTerm`]);

/** How many pods a rollout of a Deployment may have beyond its replicas. Kubernetes rounds a percentage up. */
export function surgeOf({ object, kind, replicas: { most } }: Pod): number {
  const { type, rollingUpdate, blueGreen, canary } = map(specOf(object)['strategy']);
  if (kind === 'Rollout' && blueGreen !== undefined) return most;
  if (type === 'Recreate' || (kind !== 'Deployment' && kind !== 'Rollout')) return 0;
  const maxSurge = scalar(map(rollingUpdate ?? canary)['maxSurge']) ?? '25%';
  return surgePods(maxSurge, most);
}

/** How many pods of an object ask for resources at its rollout peak: in the middle of a rollout. */
export function podsAtPeak(pod: Pod): number {
  return pod.task ? podsOfTask(pod) : pod.replicas.most + surgeOf(pod);
}

/** How many pods of a Job, or of one run of a CronJob, run at a time. */
export function podsOfTask({ object, kind }: Pod): number {
  return numberOr(1, valueAt(object.manifest, kind === 'CronJob' ? 'spec.jobTemplate.spec.parallelism' : 'spec.parallelism'));
}
