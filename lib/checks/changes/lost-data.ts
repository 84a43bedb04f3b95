import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { map } from '../world/values';
import { changesOf, groupKind } from './changes';

/** What is lost with an object of a kind that is deleted. */
const KEEPERS: Readonly<Record<string, string>> = {
  'apps/StatefulSet': 'its pods go, and its volumes stay behind under names that no other finds',
  Namespace: 'everything in it is deleted, volumes too',
  PersistentVolumeClaim: 'its volume is deleted with all data, unless its class retains it',
  'postgresql.cnpg.io/Cluster': 'its volumes are deleted with the database',
};

/** A renamed database is an empty one beside a deleted one. */
export const lostData: Rule = {
  name: 'lost-data',
  sentence: 'No object that keeps data goes away or changes its name.',
  why: 'GitOps deletes the old StatefulSet, makes a new one with an empty volume, and the application migrates an empty database.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#delete',
  *find(world: World): Iterable<Finding> {
    for (const lost of changesOf(world).gone) {
      const loss = KEEPERS[groupKind(lost)];
      const object = loss === undefined ? undefined : neighbour(lost, world.objects);
      if (!object) continue;
      const { name, namespace } = map(lost['metadata']);
      const where = namespace === undefined ? '' : ` in the namespace "${namespace}"`;
      const must = `stay beside the ${lost['kind']} "${name}"${where}, which was there before`;
      const fix = `bring it back under its name, else ${loss}; where that is meant, leave the rule out for one release`;
      yield { object, field: 'metadata.name', must, got: map(object.manifest['metadata'])['name'], fix };
    }
  },
};

/** The object that stands for one that is gone: of its kind, of its namespace, or the first of all. */
function neighbour(lost: Manifest, objects: readonly FinishedObject[]): FinishedObject | undefined {
  const kind = groupKind(lost);
  const { namespace } = map(lost['metadata']);
  return (
    objects.find(({ manifest }) => groupKind(manifest) === kind) ??
    objects.find(({ manifest }) => map(manifest['metadata'])['namespace'] === namespace) ??
    objects[0]
  );
}
