import { parseQuantity } from '../../support/parse-quantity';
import { isInVolume, isSubdomain } from '../../support/forms';
import type { Finding, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { map, maps, namesIn, placesOf, scalar, specOf, valueAt } from '../../model/values';
import { always, apartFrom, between, distinct, filled, is, isGiven, text, where, type TypeRule } from './condition';

const INSIDE = {
  must: "be a path inside the volume, without '..'",
  holds: text(isInVolume),
  fix: "write it without '..' and without a slash in front",
};

/** Mounts name volumes, of the pod or of the claims of its StatefulSet. */
export const volumeMounts: TypeRule = {
  name: 'volume-mounts',
  sentence: 'Every mount names a volume of its pod, every volume has one source, and paths stay inside.',
  why: 'The API server refuses the pod template, and a mount that a patch renamed is found in the cluster first.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/',
  types: {
    Volume: [
      always(
        '',
        'have one source',
        'make two volumes of it',
        (of) => sourcesOf(of).length < 2,
        (of) => sourcesOf(of).join(' and '),
      ),
    ],
    'KeyToPath DownwardAPIVolumeFile': [is('path', INSIDE)],
    VolumeMount: [
      where(
        'mountPath',
        "be a path without ':'",
        'mount it elsewhere',
        text((path) => !path.includes(':')),
      ),
      apartFrom('subPathExpr', 'subPath', 'leave one of the two'),
      is('subPath subPathExpr', INSIDE),
    ],
    Container: [
      where(
        'volumeMounts[].mountPropagation',
        'not be Bidirectional in a container without privileges',
        'take it out',
        (got, container) => got !== 'Bidirectional' || valueAt(container, 'securityContext.privileged') === true,
      ),
    ],
  },
  find: mountsOfNothing,
};

function sourcesOf(volume: object): string[] {
  return Object.entries(volume).flatMap(([key, value]) => (key !== 'name' && isGiven(value) ? [key] : []));
}

function* mountsOfNothing(world: World): Iterable<Finding> {
  for (const { object, kind, spec, containers } of inventoryOf(world).pods) {
    const claims = kind === 'StatefulSet' ? maps(specOf(object)['volumeClaimTemplates']) : [];
    const names = namesIn([...maps(spec['volumes']), ...claims.map(({ metadata }) => map(metadata))].map(({ name }) => name));
    for (const { path, spec: container } of containers) {
      for (const mounts of ['volumeMounts[].name', 'volumeDevices[].name']) {
        for (const { field, value: got } of placesOf(container, mounts, path)) {
          if (typeof got !== 'string' || got === '' || names.includes(got)) continue;
          const fix = `add the volume, or use one of its own: ${names.join(', ') || 'none'}`;
          yield { object, field, must: 'name a volume of the pod', got, fix };
        }
      }
    }
  }
}

const MODE = {
  must: 'be from 0 to 0o777',
  holds: between(0, 0o777).holds,
  fix: (got: unknown) => (/^[0-7]{3}$/.test(String(got)) ? `write 0o${String(got)}` : 'write it as 0o440'),
};

/** Who may read a file: three digits to the base of eight, which JSON knows as another number. */
export const fileModes: TypeRule = {
  name: 'file-modes',
  sentence: 'The mode of a file in a volume is at most 0777.',
  why: 'Written as 644 it is the number six hundred and forty-four, which the API server refuses with the whole pod template.',
  source: 'https://kubernetes.io/docs/concepts/configuration/secret/#secret-files-permissions',
  types: {
    'ConfigMapVolumeSource SecretVolumeSource DownwardAPIVolumeSource ProjectedVolumeSource': [is('defaultMode', MODE)],
    'KeyToPath DownwardAPIVolumeFile': [is('mode', MODE)],
  },
};

/** How large a volume is to be. */
export const claimStorage: TypeRule = {
  name: 'claim-storage',
  sentence: 'Every claim of a volume says how much it needs, and those of a StatefulSet have names of their own.',
  why: 'The API server refuses the claim, or the StatefulSet with its claims, and the database has no volume.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#resources',
  types: {
    PersistentVolumeClaimSpec: [
      where('storageClassName', 'be a DNS name', 'use the name of a StorageClass: kubectl get storageclass', filled(isSubdomain)),
      always(
        'resources.requests.storage',
        (got) => (isGiven(got) ? 'be more than 0' : 'be given'),
        'write a size such as 10Gi',
        (got) => isGiven(got) && (parseQuantity(scalar(got) ?? '') ?? 1) > 0,
      ),
    ],
    StatefulSetSpec: [distinct('volumeClaimTemplates[].metadata.name', 'be there once', 'rename one')],
  },
};
