import type { Manifest } from '../../support/edit';
import { surgePods } from '../../support/rollout-peak';
import type { FinishedObject } from '../rule';
import { map, maps, nameOf, namespaceOf, numberOr, type Place, placesOf, scalar, specOf, valueAt } from './values';
import { containerVariables, type ContainerVariables, type Shelf } from './variables';

/** The pod that an object makes: its template, or the object itself. */
export interface Pod {
  readonly object: FinishedObject;
  readonly kind: string;
  readonly namespace: string;
  /** Path of the pod's spec: `spec.template.spec`. */
  readonly path: string;
  readonly spec: Manifest;
  readonly labels: Manifest;
  /** Its containers, those for its start before the others. */
  readonly containers: readonly ContainerAt[];
}

/** A container and where it stands in its object. */
export interface ContainerAt {
  readonly path: string;
  readonly container: Manifest;
  readonly init: boolean;
}

const TEMPLATES: ReadonlyMap<unknown, string> = new Map([
  ['Pod', ''],
  ['Deployment', 'spec.template'],
  ['ReplicaSet', 'spec.template'],
  ['ReplicationController', 'spec.template'],
  ['StatefulSet', 'spec.template'],
  ['DaemonSet', 'spec.template'],
  ['Job', 'spec.template'],
  ['Rollout', 'spec.template'],
  ['CronJob', 'spec.jobTemplate.spec.template'],
]);

/** Where an object has the template of its pods; empty for a pod itself, undefined where it makes none. */
export function templatePath({ kind }: Manifest): string | undefined {
  return TEMPLATES.get(kind);
}

/** The pod that an object makes, if it makes any. */
export function podOf(object: FinishedObject): Pod | undefined {
  const { manifest } = object;
  const place = templatePath(manifest);
  if (place === undefined) return undefined;
  const template = map(place === '' ? manifest : valueAt(manifest, place));
  if (!template['spec']) return undefined;
  const [spec, path] = [map(template['spec']), place === '' ? 'spec' : `${place}.spec`];
  return {
    object,
    kind: String(manifest['kind']),
    namespace: namespaceOf(manifest),
    path,
    spec,
    labels: map(map(template['metadata'])['labels']),
    containers: [...containersAt(path, spec, 'initContainers'), ...containersAt(path, spec, 'containers')],
  };
}

/** Every container of a pod, those for debugging too: the kubelet starts them like any other. */
export function everyContainer({ path, spec, containers }: Pod): readonly ContainerAt[] {
  return spec['ephemeralContainers'] === undefined
    ? containers
    : [...containers, ...containersAt(path, spec, 'ephemeralContainers')];
}

function containersAt(path: string, spec: Manifest, field: string): ContainerAt[] {
  const init = field === 'initContainers';
  return maps(spec[field]).map((container, index) => ({ path: `${path}.${field}[${index}]`, container, init }));
}

/** Whether a container runs beside the others for as long as they do: one of the pod's own, or a sidecar. */
export function staysUp({ container, init }: ContainerAt): boolean {
  return !init || container['restartPolicy'] === 'Always';
}

/** The metadata of a pod's template, or of the bare pod, and where it stands. */
export function podMetadata({ object, path }: Pod): { readonly path: string; readonly metadata: Manifest } {
  const at = path === 'spec' ? 'metadata' : path.replace(/spec$/, 'metadata');
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

/** A container of a workload. */
export interface WorkloadContainer {
  /** Where it stands in its object. */
  readonly path: string;
  readonly spec: Manifest;
  /** Whether it runs before the others and ends; a sidecar among the init containers does not. */
  readonly init: boolean;
  readonly variables: ContainerVariables;
}

/** An object that makes pods. */
export interface Workload {
  readonly object: FinishedObject;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Path of the pod's spec. */
  readonly path: string;
  readonly pod: Manifest;
  /** Labels of its pods. */
  readonly labels: Manifest;
  readonly containers: readonly WorkloadContainer[];
  /** Whether its pods end by themselves. */
  readonly task: boolean;
  /** Fewest and most pods that it is scaled to. */
  readonly replicas: { readonly least: number; readonly most: number };
  /** What scales it, where anything does. */
  readonly scaler?: FinishedObject;
}

/** The workloads of an environment, in the order of the YAML. */
export function readWorkloads(inventory: Shelf): Workload[] {
  const scalers = scalersOf(inventory.ofKind('HorizontalPodAutoscaler', 'ScaledObject'));
  return inventory.pods.map((pod) => {
    const { object, kind, namespace, path, spec, labels } = pod;
    const name = nameOf(object.manifest) ?? '';
    const scaler = scalers.get(`${kind}/${namespace}/${name}`);
    const fixed = numberOr(1, specOf(object)['replicas']);
    return {
      object,
      kind,
      namespace,
      name,
      path,
      pod: spec,
      labels,
      containers: containersOf(pod, inventory),
      task: kind === 'Job' || kind === 'CronJob',
      replicas: scaler ? { least: scaler.least, most: Math.max(fixed, scaler.most) } : { least: fixed, most: fixed },
      scaler: scaler?.object,
    };
  });
}

function containersOf({ object, namespace, containers }: Pod, inventory: Shelf): WorkloadContainer[] {
  return containers.map((at) => {
    const { path, container: spec } = at;
    const variables = containerVariables(spec, { object, namespace, path }, inventory);
    return { path, spec, init: !staysUp(at), variables };
  });
}

interface Scaler {
  readonly object: FinishedObject;
  readonly least: number;
  readonly most: number;
}

function scalersOf(objects: readonly FinishedObject[]): ReadonlyMap<string, Scaler> {
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
export function surgeOf({ object, kind, replicas: { most } }: Workload): number {
  const { type, rollingUpdate, blueGreen, canary } = map(specOf(object)['strategy']);
  if (kind === 'Rollout' && blueGreen !== undefined) return most;
  if (type === 'Recreate' || (kind !== 'Deployment' && kind !== 'Rollout')) return 0;
  const maxSurge = scalar(map(rollingUpdate ?? canary)['maxSurge']) ?? '25%';
  return surgePods(maxSurge, most);
}

/** How many pods of a workload ask for resources at its rollout peak: in the middle of a rollout. */
export function podsAtPeak(workload: Workload): number {
  return workload.task ? podsOfTask(workload) : workload.replicas.most + surgeOf(workload);
}

/** How many pods of a Job, or of one run of a CronJob, run at a time. */
export function podsOfTask({ object, kind }: Workload): number {
  return numberOr(1, valueAt(object.manifest, kind === 'CronJob' ? 'spec.jobTemplate.spec.parallelism' : 'spec.parallelism'));
}
