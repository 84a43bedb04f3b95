import type { Size } from 'cdk8s';
import { type k8s } from 'cdk8s-plus-27';
import { sizeQuantity } from '../support/quantity';

/** A volume and where the container sees it. */
export interface Mount {
  /** Name of the volume, unique in the pod: `volumes[].name`. */
  readonly name: string;
  /** Absolute path in the container: `volumeMounts[].mountPath`. */
  readonly path: string;
  /** What is mounted, as Kubernetes spells it: `{ configMap: { name: 'x' } }`. @default - a claim template of that name */
  readonly source?: Omit<k8s.Volume, 'name'>;
  /** @default - true for ConfigMaps, Secrets and projections */
  readonly readOnly?: boolean;
}

/** Writable scratch space on the node's disk that goes with the pod. */
export function scratch(name: string, path: string, limit: Size): Mount {
  return { name, path, source: { emptyDir: { sizeLimit: sizeQuantity(limit) } } };
}

/** Writable scratch space in memory. It counts as memory of the container and never reaches a disk. */
export function memory(name: string, path: string, limit: Size): Mount {
  return { name, path, source: { emptyDir: { medium: 'Memory', sizeLimit: sizeQuantity(limit) } } };
}
