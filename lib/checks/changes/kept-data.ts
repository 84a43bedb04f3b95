import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { oursOf } from '../../model/world';
import { map, maps, valueAt } from '../../model/values';
import { changesOf, eachKept, groupKind } from './changes';

/** Where the sizes of volumes stand that may grow in place. */
const SIZES: Readonly<Record<string, readonly string[]>> = {
  PersistentVolumeClaim: ['spec.resources.requests.storage'],
  'postgresql.cnpg.io/Cluster': [
    ...['spec.storage.size', 'spec.walStorage.size', 'spec.storage.pvcTemplate.resources.requests.storage'],
    'spec.walStorage.pvcTemplate.resources.requests.storage',
  ],
};

export const storageShrinks = eachKept({
  name: 'storage-shrinks',
  sentence: 'No volume becomes smaller than it was, and no instance loses the one of its log.',
  why: 'The API server and CloudNativePG refuse the change, and everything else that the same apply holds waits for it.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims',
  *each({ object, before }) {
    for (const path of SIZES[groupKind(object.manifest)] ?? []) {
      const [was, is] = [valueAt(before, path), valueAt(object.manifest, path)];
      // That of the log cannot be taken away either.
      const gone = path.startsWith('spec.walStorage') && map(object.manifest['spec'])['walStorage'] == null;
      const [old, now] = [amountOf(was), gone ? 0 : amountOf(is)];
      if (old === undefined || now === undefined || now >= old) continue;
      const fix = 'take the change back, or move the data to a new one with another name';
      yield { field: path, must: `be at least ${was}, as it was`, got: is, fix };
    }
  },
});

function amountOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
}

/** What is lost with an object that is deleted; undefined where it keeps no data. */
const KEEPERS: Readonly<Record<string, (lost: Manifest) => string | undefined>> = {
  'apps/StatefulSet': statefulSet,
  Namespace: () => 'everything in it is deleted, volumes too',
  PersistentVolumeClaim: () => 'its volume is deleted with all data, unless its class retains it',
  'postgresql.cnpg.io/Cluster': () => 'its volumes are deleted with the database',
  'barmancloud.cnpg.io/ObjectStore': () => 'nothing is archived there any more, and no restore finds the backups that are there',
};

function statefulSet({ spec }: Manifest): string | undefined {
  const { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy } = map(spec);
  if (maps(volumeClaimTemplates).length === 0) return undefined;
  return map(persistentVolumeClaimRetentionPolicy)['whenDeleted'] === 'Delete'
    ? 'its volumes are deleted with it'
    : 'its pods go, and its volumes stay behind under names that no other finds';
}

export const lostData: Rule = {
  name: 'lost-data',
  sentence: 'No object that keeps data goes away or changes its name.',
  why: 'GitOps deletes the old StatefulSet, makes a new one with an empty volume, and the application migrates an empty database.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#delete',
  *find(world: World): Iterable<Finding> {
    for (const lost of changesOf(world).gone) {
      const loss = KEEPERS[groupKind(lost)]?.(lost);
      const object = loss === undefined ? undefined : neighbour(lost, oursOf(world));
      if (!object) continue;
      const { name, namespace } = map(lost['metadata']);
      const where = namespace === undefined ? '' : ` in the namespace "${namespace}"`;
      const old = `${lost['kind']} "${name}"${where}`;
      const renamed = groupKind(object.manifest) === groupKind(lost);
      const must = renamed ? `stay beside the ${old}, which was there before` : `stay where it was before`;
      const fix = `bring it back under its name, else ${loss}; where that is meant, take a backup and leave the rule out for one release`;
      // What is gone is named itself: the object that the fault stands at has nothing to do with it.
      const field = renamed ? 'metadata.name' : old;
      yield { object, field, must, got: renamed ? map(object.manifest['metadata'])['name'] : undefined, fix };
    }
  },
};

/** The object that stands for one that is gone: of its kind, its namespace itself, or the first of all. */
function neighbour(lost: Manifest, objects: readonly FinishedObject[]): FinishedObject | undefined {
  const kind = groupKind(lost);
  const { namespace } = map(lost['metadata']);
  return (
    objects.find(({ manifest }) => groupKind(manifest) === kind) ??
    objects.find(({ manifest }) => manifest['kind'] === 'Namespace' && map(manifest['metadata'])['name'] === namespace) ??
    objects[0]
  );
}
