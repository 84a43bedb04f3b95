import type { Manifest } from '../../support/edit';
import { NAME_HASH } from '../../support/forms';
import { groupOf, isClusterScoped, isNamespaced } from '../../model/kinds';
import { annotationsOf, map, nameOf } from '../../model/values';

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
  /(?:^|\.)(?:cert-manager\.io|keda\.sh|monitoring\.coreos\.com|istio\.io|cilium\.io|projectcalico\.org|envoyproxy\.io|traefik\.io|integreatly\.org|cnpg\.io)$/;

/** Whether objects of a kind have data, or passwords, that nobody brings back. */
export function keepsData(kind: string): boolean {
  return LOST.some(([kinds, lost]) => lost !== ADDRESS && kinds.test(kind));
}

/** Why an object is deleted by its name alone; undefined for what the next apply would make anew as it was. */
export function lossOf(object: Manifest): string | undefined {
  const kind = String(object['kind']);
  const lost = LOST.find(([kinds]) => kinds.test(kind))?.[1];
  if (lost !== undefined) return lost;
  if (kind === 'Service' && map(object['spec'])['type'] === 'LoadBalancer') return ADDRESS;
  if (isKept(object)) return 'an annotation says that it is kept';
  return isNamespaced(object) || isClusterScoped(kind) || OPEN.test(groupOf(object))
    ? undefined
    : 'nobody here knows what this kind keeps';
}

/** Whether somebody has written that it stays. Helm is told so of all ConfigMaps: containers of old pods may start again. */
function isKept(object: Manifest): boolean {
  const annotations = annotationsOf(object);
  if (/(?:^|,)\s*Prune=false/.test(String(annotations['argocd.argoproj.io/sync-options']))) return true;
  if (annotations['kustomize.toolkit.fluxcd.io/prune'] === 'disabled') return true;
  return (
    annotations['helm.sh/resource-policy'] === 'keep' && !(object['kind'] === 'ConfigMap' && NAME_HASH.test(nameOf(object) ?? ''))
  );
}
