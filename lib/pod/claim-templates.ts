import type { Size } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../support/edit';
import { sizeQuantity } from '../support/quantity';

/** Name of the volume that each pod of a StatefulSet has for itself. */
export const DATA = 'data';

/** What each pod of a StatefulSet claims for itself. */
export interface OwnVolume {
  readonly storage: Size;
  readonly storageClass?: string;
}

/** The template of the claims of a StatefulSet: a disk for each pod. */
export function dataVolume(
  { storage, storageClass }: OwnVolume,
  labels: Readonly<Record<string, string>>,
): k8s.KubePersistentVolumeClaimProps {
  return {
    metadata: { name: DATA, labels: { ...labels } },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: sizeQuantity(storage) } },
    },
  };
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
