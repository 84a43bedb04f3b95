import type { Construct } from 'constructs';
import { reject } from '../support/reject';
import { requireInteger } from '../support/values';
import { Autoscaler, type AutoscalerProps, type Autoscaling } from './autoscaler';
import { ObanAutoscaler, type ObanAutoscaling } from './oban-autoscaler';

/** How many pods of a kind there are: one number, or as many as there is work. */
export type Replicas = number | Autoscaling | ObanAutoscaling;

/** The most pods that there may be, without those of a rollout. */
export function most(replicas: Replicas): number {
  return typeof replicas === 'number' ? replicas : replicas.maximum;
}

/** The Deployment's `replicas`: each deployment would set what an autoscaler found back to a number written here. */
export function replicasField(replicas: Replicas): { replicas?: number } {
  return typeof replicas === 'number' ? { replicas } : {};
}

/** Refuses a number of pods that is none, and any other than one for a singleton. Ranges are looked at by what scales in them. */
export function requireReplicas(scope: Construct, replicas: Replicas, singleton = false): void {
  if (singleton && replicas !== 1) {
    const fix = "write replicas: 1, or take 'singleton' out where two may run at a time";
    reject(scope, { prop: 'replicas', must: 'be 1 for a singleton', got: replicas, fix });
    return;
  }
  if (typeof replicas !== 'number') return;
  requireInteger(scope, 'replicas', replicas, {
    minimum: 1,
    maximum: 1000,
    fix: 'scale to zero with kubectl, not in the manifest',
  });
}

/** What scales the pods of this name, where their number is not fixed. */
export function autoscaler(
  scope: Construct,
  replicas: Replicas,
  { name, kind, labels }: Pick<AutoscalerProps, 'name' | 'kind' | 'labels'>,
): Autoscaler | ObanAutoscaler | undefined {
  if (typeof replicas === 'number') return undefined;
  const { minimum, maximum, behavior } = replicas;
  if ('oban' in replicas) {
    const { oban } = replicas;
    return new ObanAutoscaler(scope, 'Autoscaler', { name, kind, labels, minimum, maximum, behavior, oban });
  }
  const { cpu, memory, metrics } = replicas;
  return new Autoscaler(scope, 'Autoscaler', { name, kind, labels, minimum, maximum, behavior, cpu, memory, metrics });
}
