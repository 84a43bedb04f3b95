import type { Manifest } from '../support/edit';
import { parseQuantity } from '../support/quantity';
import { podOf, type PodTemplate } from './pods';
import type { FinishedObject, World } from './rule';

/** The pods of one object at the worst moment, which is in the middle of a rollout. */
export interface Peak {
  readonly pod: PodTemplate;
  /** How many run at a time, at most. */
  readonly pods: number;
}

/** What every pod-making object of the world runs at its worst moment: most replicas, and those of a rollout. */
export function peaks({ objects }: World): Peak[] {
  return objects.flatMap((object) => {
    const pod = podOf(object);
    return pod ? [{ pod, pods: podsAtPeak(object, objects) }] : [];
  });
}

function podsAtPeak({ manifest }: FinishedObject, objects: readonly FinishedObject[]): number {
  const { kind, metadata, spec } = manifest;
  const most = Math.max(spec.replicas ?? 1, ...objects.map(({ manifest: other }) => scaledTo(other, kind, metadata)));
  switch (kind) {
    case 'Deployment':
      return spec.strategy?.type === 'Recreate' ? most : most + surge(spec.strategy?.rollingUpdate?.maxSurge ?? '25%', most);
    case 'Job':
      return spec.parallelism ?? 1;
    case 'CronJob':
      return spec.jobTemplate.spec.parallelism ?? 1;
    default:
      return most;
  }
}

/** The most replicas that an autoscaler gives to the named object; 0 where it scales another. */
function scaledTo({ kind, metadata, spec }: Manifest, targetKind: string, target: Manifest): number {
  if (kind !== 'HorizontalPodAutoscaler' && kind !== 'ScaledObject') return 0;
  const { kind: scaledKind = 'Deployment', name } = spec.scaleTargetRef;
  const same = scaledKind === targetKind && name === target['name'] && metadata.namespace === target['namespace'];
  return same ? (spec.maxReplicas ?? spec.maxReplicaCount ?? 100) : 0;
}

/** Kubernetes rounds a surge in percent up. */
function surge(maxSurge: number | string, replicas: number): number {
  return typeof maxSurge === 'number' ? maxSurge : Math.ceil((parseFloat(maxSurge) / 100) * replicas);
}

/** What one pod asks for, as the scheduler and a quota count it: the larger of its containers' sum and any init container. */
export function podQuantity({ spec }: PodTemplate, kind: 'requests' | 'limits', resource: string): number {
  const of = (container: Manifest): number => {
    const { requests = {}, limits = {} } = (container['resources'] ?? {}) as Record<string, Record<string, unknown>>;
    const text = kind === 'limits' ? limits[resource] : (requests[resource] ?? limits[resource]);
    return parseQuantity(text ?? 0) ?? 0;
  };
  const containers = ((spec['containers'] ?? []) as Manifest[]).map(of);
  const init = ((spec['initContainers'] ?? []) as Manifest[]).map(of);
  return Math.max(
    containers.reduce((sum, value) => sum + value, 0),
    ...init,
  );
}
