import { surgePods } from '../../support/rollout-peak';
import { specOf } from './objects';
import { map, numberOr, scalar, valueAt } from './values';
import type { Workload } from './workloads';

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
