import type { Manifest } from '../../support/edit';
import { NAME_HASH } from '../../support/forms';
import type { World } from '../rule';
import { groupOf, isClusterScoped, isNamespaced, kindOf, nameFor } from '../../model/kinds';
import { annotationsOf, map, nameOf, namespaceOf } from '../../model/values';
import { changesOf, groupKind } from './changes';

/** Kinds that are deleted with care, or go by themselves. */
const APART: ReadonlySet<string> = new Set(['Namespace', 'PersistentVolume', 'kustomize.toolkit.fluxcd.io/Kustomization']);

/**
 * Commands that delete what is no longer in the output and that `kubectl apply` leaves in the cluster, one for each
 * namespace. The Deployment of an application that was renamed would run on.
 */
export function leftBehind(world: World): string[] {
  const commands = new Map<string, string[]>();
  for (const manifest of changesOf(world).gone) {
    const name = nameOf(manifest);
    // What is made anew for each version is wanted for a way back.
    if (name === undefined || isApart(manifest) || NAME_HASH.test(name)) continue;
    const place = placeOf(manifest);
    const own = commands.get(place) ?? [];
    own.push(nameFor(manifest));
    commands.set(place, own);
  }
  return [...commands].map(([place, names]) => `kubectl${place} delete ${names.join(' ')}`);
}

function isApart(manifest: Manifest): boolean {
  const kind = groupKind(manifest);
  return (
    APART.has(kind) ||
    lossOf(manifest) !== undefined ||
    (kind === 'batch/Job' && map(manifest['spec'])['ttlSecondsAfterFinished'] !== undefined)
  );
}

/** Where an object is, for kubectl: ` -n shop`. */
export function placeOf(manifest: Manifest): string {
  return isClusterScoped(kindOf(manifest)) ? '' : ` -n ${namespaceOf(manifest) || 'default'}`;
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
