import type { Size } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../support/edit';
import { sizeQuantity } from '../support/quantity';

/** Name of the volume that each pod of a StatefulSet has for itself. */
export const DATA = 'data';

/** How much is claimed, and of which kind. */
export interface OwnVolume {
  readonly storage: Size;
  readonly storageClass?: string;
}

/** What a claim asks for: room for one node at a time, unless something else is said. */
export function claimSpec(
  { storage, storageClass }: OwnVolume,
  accessModes: readonly string[] = ['ReadWriteOnce'],
): k8s.PersistentVolumeClaimSpec {
  return {
    accessModes: [...accessModes],
    ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    resources: { requests: { storage: sizeQuantity(storage) } },
  };
}

/** The template of the claims of a StatefulSet: a disk for each pod. */
export function dataVolume(volume: OwnVolume, labels: Readonly<Record<string, string>>): k8s.KubePersistentVolumeClaimProps {
  return { metadata: { name: DATA, labels: { ...labels } }, spec: claimSpec(volume) };
}

/**
 * Writes into the templates of claims what the API server adds to them. Their list has one owner as a whole: with anything
 * less, `kubectl apply --server-side` takes the additions for another's after an apply of the other way, and stops.
 */
export function withKeptTemplates({ spec, ...rest }: Manifest): Manifest {
  const volumeClaimTemplates = (spec.volumeClaimTemplates as Manifest[]).map(({ metadata, spec: claim }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: { ...claim, volumeMode: 'Filesystem' },
    status: { phase: 'Pending' },
  }));
  return { ...rest, spec: { ...spec, volumeClaimTemplates } };
}
