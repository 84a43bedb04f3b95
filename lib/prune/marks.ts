import { groupOf, isNamespaced } from '../checks/world/kinds';
import { nameOf } from '../checks/world/objects';
import { map } from '../checks/world/values';
import type { Manifest } from '../support/edit';
import { NAME_HASH } from '../support/forms';

/** A label of an object. */
export function labelOf({ metadata }: Manifest, label: string): unknown {
  return map(map(metadata)['labels'])[label];
}

function annotationsOf({ metadata }: Manifest): Manifest {
  return map(map(metadata)['annotations']);
}

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
  const annotations = annotationsOf(object);
  if (annotations['argocd.argoproj.io/hook'] !== undefined || annotations['helm.sh/hook'] !== undefined) return undefined;
  if (annotations['argocd.argoproj.io/tracking-id'] ?? labelOf(object, 'argocd.argoproj.io/instance')) return 'Argo CD';
  if (labelOf(object, 'kustomize.toolkit.fluxcd.io/name') ?? labelOf(object, 'helm.toolkit.fluxcd.io/name')) return 'Flux';
  if (annotations['meta.helm.sh/release-name'] !== undefined) return 'Helm';
  // Some Argo CD marks objects by a label that they have anyway. The others mark all of theirs.
  return usual === 'Argo CD' ? usual : undefined;
}

const ADDRESS = 'the address that DNS names goes with it';
/** What goes with an object of a kind, and nobody brings back. */
const LOST: readonly (readonly [kind: RegExp, lost: string])[] = [
  [/^PersistentVolumeClaim$/, 'the files of its volume go with it'],
  [/^StatefulSet$/, 'its pods have data in their claims'],
  [/^Secret$/, 'it has passwords or keys'],
  [/^(?:SealedSecret|ExternalSecret)$/, 'the Secret that it makes goes with it'],
  [/^(?:Cluster|Database|ObjectStore|Backup|ScheduledBackup)$/, 'a database or its backups go with it'],
  [/^Gateway$/, ADDRESS],
];

/** Groups of kinds that keep no data. Of others nobody here knows what is behind an object: a database of a provider, perhaps. */
const OPEN =
  /(?:^|\.)(?:cert-manager\.io|keda\.sh|monitoring\.coreos\.com|istio\.io|envoyproxy\.io|traefik\.io|integreatly\.org|cnpg\.io)$/;

/** Why an object is deleted by its name alone; undefined for what the next apply would make anew as it was. */
export function lossOf(object: Manifest): string | undefined {
  const kind = String(object['kind']);
  const lost = LOST.find(([kinds]) => kinds.test(kind))?.[1];
  if (lost !== undefined) return lost;
  if (kind === 'Service' && map(object['spec'])['type'] === 'LoadBalancer') return ADDRESS;
  if (isKept(object)) return 'an annotation says that it is kept';
  return isNamespaced(object) || OPEN.test(groupOf(object)) ? undefined : 'nobody here knows what this kind keeps';
}

/** Whether somebody has written that it stays. Helm is told so of all ConfigMaps: containers of old pods may start again. */
function isKept(object: Manifest): boolean {
  const annotations = annotationsOf(object);
  if (/(?:^|,)\s*Prune=false/.test(String(annotations['argocd.argoproj.io/sync-options']))) return true;
  if (annotations['kustomize.toolkit.fluxcd.io/prune'] === 'disabled') return true;
  return annotations['helm.sh/resource-policy'] === 'keep' && !isHashed(object);
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
