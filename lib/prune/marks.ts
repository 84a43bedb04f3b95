import { annotationsOf, labelsOf, map, nameOf } from '../model/values';
import type { Manifest } from '../support/edit';
import { NAME_HASH } from '../support/forms';

/** Whether an object has a hash in its name, so that each content is another one. */
export function isHashed(object: Manifest): boolean {
  return /^(?:ConfigMap|Job)$/.test(String(object['kind'])) && NAME_HASH.test(nameOf(object) ?? '');
}

/**
 * Who deletes an object when it is gone from the output; undefined for what was applied, and for hooks, which nobody deletes.
 *
 * @param usual who delivers the environment
 */
export function managerOf(object: Manifest, usual?: string): string | undefined {
  const [annotations, labels] = [annotationsOf(object), labelsOf(object)];
  if (annotations['argocd.argoproj.io/hook'] !== undefined || annotations['helm.sh/hook'] !== undefined) return undefined;
  if (annotations['argocd.argoproj.io/tracking-id'] ?? labels['argocd.argoproj.io/instance']) return 'Argo CD';
  if (labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name']) return 'Flux';
  if (annotations['meta.helm.sh/release-name'] !== undefined) return 'Helm';
  // Some Argo CD marks objects by a label that they have anyway. The others mark all of theirs.
  return usual === 'Argo CD' ? usual : undefined;
}

/** Whether a Job has come to its end. */
export function hasEnded({ status }: Manifest): boolean {
  const conditions: unknown = map(status)['conditions'];
  const ends = Array.isArray(conditions) ? conditions.map(map) : [];
  return ends.some(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'));
}

/** Whether all pods of a workload are those that it asks for now, and ready. */
export function isRolledOut({ metadata, spec, status }: Manifest): boolean {
  const { replicas = 1 } = map(spec);
  const { observedGeneration, updatedReplicas = 0, readyReplicas = 0, replicas: all = 0 } = map(status);
  return (
    observedGeneration === map(metadata)['generation'] && [updatedReplicas, readyReplicas, all].every((one) => one === replicas)
  );
}
