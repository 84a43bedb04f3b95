import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import { containerVariables, type ContainerVariables } from './container-variables';
import type { Shelf } from './shelf';
import { nameOf, namespaceOf, specOf } from './objects';
import { staysUp, type Pod } from './pods';
import { map, numberOr } from './values';

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
