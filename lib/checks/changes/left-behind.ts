import { NAME_HASH } from '../../support/forms';
import type { Manifest } from '../../support/edit';
import type { World } from '../rule';
import { isClusterScoped, kindOf, nameFor } from '../../model/kinds';
import { map, nameOf, namespaceOf } from '../../model/values';
import { changesOf, groupKind } from './changes';
import { lossOf } from './loss';

/** Kinds that are deleted with care, or go by themselves. */
const APART: ReadonlySet<string> = new Set([...['Namespace', 'PersistentVolume', 'kustomize.toolkit.fluxcd.io/Kustomization']]);

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
