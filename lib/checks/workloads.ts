import type { Manifest } from '../support/edit';
import { containerVariables, type ContainerVariables, type Lookup } from './container-variables';
import { podOf } from './pods';
import type { FinishedObject, World } from './rule';
import { serviceSelects } from './selects';
import { numberOr, record, records, text } from './yaml-values';

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

/** An environment, sorted for looking things up. */
export interface Index {
  readonly workloads: readonly Workload[];
  /** The objects of a kind. */
  readonly ofKind: (kind: string) => readonly FinishedObject[];
  readonly find: Lookup;
  /** The workloads that a Service finds. */
  readonly servedBy: (service: FinishedObject) => readonly Workload[];
}

const indexes = new WeakMap<World, Index>();

/** The index of an environment, built once for all rules. */
export function indexOf(world: World): Index {
  const known = indexes.get(world) ?? build(world);
  indexes.set(world, known);
  return known;
}

/** The namespace that an object is in. */
export function namespaceOf({ manifest }: FinishedObject): string {
  return text(record(manifest['metadata'])['namespace']) ?? '';
}

/** The name of an object. */
export function nameOf({ manifest }: FinishedObject): string {
  return text(record(manifest['metadata'])['name']) ?? '';
}

function build(world: World): Index {
  const kinds = new Map<string, FinishedObject[]>();
  const named = new Map<string, FinishedObject>();
  for (const object of world.objects) {
    const kind = text(object.manifest['kind']) ?? '';
    const known = kinds.get(kind);
    if (known) known.push(object);
    else kinds.set(kind, [object]);
    named.set(`${kind}/${namespaceOf(object)}/${nameOf(object)}`, object);
  }
  const ofKind = (kind: string) => kinds.get(kind) ?? [];
  const find: Lookup = (kind, namespace, name) => named.get(`${kind}/${namespace}/${name}`);
  const scalers = scalersOf([...ofKind('HorizontalPodAutoscaler'), ...ofKind('ScaledObject')]);
  const workloads = world.objects.flatMap((object) => workload(object, scalers, find, world));
  const servedBy = (service: FinishedObject) =>
    workloads.filter(({ namespace, labels }) => namespace === namespaceOf(service) && serviceSelects(service.manifest, labels));
  return { workloads, ofKind, find, servedBy };
}

interface Scaler {
  readonly object: FinishedObject;
  readonly least: number;
  readonly most: number;
}

function scalersOf(objects: readonly FinishedObject[]): ReadonlyMap<string, Scaler> {
  return new Map(
    objects.map((object) => {
      const { scaleTargetRef, minReplicas, maxReplicas, minReplicaCount, maxReplicaCount } = record(object.manifest['spec']);
      const { kind = 'Deployment', name } = record(scaleTargetRef);
      const keda = object.manifest['kind'] === 'ScaledObject';
      const least = keda ? numberOr(0, minReplicaCount) : numberOr(1, minReplicas);
      const most = keda ? numberOr(100, maxReplicaCount) : numberOr(least, maxReplicas);
      return [`${kind}/${namespaceOf(object)}/${name}`, { object, least, most }];
    }),
  );
}

function workload(object: FinishedObject, scalers: ReadonlyMap<string, Scaler>, find: Lookup, world: World): Workload[] {
  const template = podOf(object);
  if (!template) return [];
  const kind = String(object.manifest['kind']);
  const namespace = namespaceOf(object);
  const name = nameOf(object);
  const pod = record(template.spec);
  const containersAt = (field: string) =>
    records(pod[field]).map((spec, index): WorkloadContainer => {
      const path = `${template.path}.${field}[${index}]`;
      const init = field === 'initContainers' && spec['restartPolicy'] !== 'Always';
      return { path, spec, init, variables: containerVariables(spec, { object, namespace, path }, find, world) };
    });
  const scaler = scalers.get(`${kind}/${namespace}/${name}`);
  const fixed = numberOr(1, record(object.manifest['spec'])['replicas']);
  const replicas = scaler ? { least: scaler.least, most: Math.max(fixed, scaler.most) } : { least: fixed, most: fixed };
  return [
    {
      ...{ object, kind, namespace, name, path: template.path, pod, labels: record(template.labels), replicas },
      containers: [...containersAt('initContainers'), ...containersAt('containers')],
      task: kind === 'Job' || kind === 'CronJob',
      scaler: scaler?.object,
    },
  ];
}
