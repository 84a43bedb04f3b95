import type { Workload } from './workloads';
import { record, text } from './yaml-values';

/** How many pods a rollout of a Deployment may have beyond its replicas. Kubernetes rounds a percentage up. */
export function surgeOf({ object, kind, replicas: { most } }: Workload): number {
  const { type, rollingUpdate, blueGreen, canary } = record(record(object.manifest['spec'])['strategy']);
  if (kind === 'Rollout' && blueGreen !== undefined) return most;
  if (type === 'Recreate' || (kind !== 'Deployment' && kind !== 'Rollout')) return 0;
  const maxSurge = text(record(rollingUpdate ?? canary)['maxSurge']) ?? '25%';
  const number = Number.parseFloat(maxSurge) || 0;
  return maxSurge.endsWith('%') ? Math.ceil((number / 100) * most) : number;
}
