import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { map } from '../world/values';
import { changesOf, groupKind } from './changes';

/** Where the sizes of volumes stand that may grow in place. */
const SIZES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  PersistentVolumeClaim: [['spec', 'resources', 'requests', 'storage']],
  'postgresql.cnpg.io/Cluster': [
    ['spec', 'storage', 'size'],
    ['spec', 'walStorage', 'size'],
    ['spec', 'storage', 'pvcTemplate', 'resources', 'requests', 'storage'],
    ['spec', 'walStorage', 'pvcTemplate', 'resources', 'requests', 'storage'],
  ],
};

/** A volume may grow and never shrink. */
export const storageShrinks: Rule = {
  name: 'storage-shrinks',
  sentence: 'No volume becomes smaller than it was, and no instance loses the one of its log.',
  why: 'The API server and CloudNativePG refuse the change, and everything else that the same apply holds waits for it.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims',
  *find(world: World): Iterable<Finding> {
    for (const { object, before } of changesOf(world).kept) {
      for (const path of SIZES[groupKind(object.manifest)] ?? []) {
        const [was, is] = [valueAt(before, path), valueAt(object.manifest, path)];
        // That of the log cannot be taken away either.
        const gone = path[1] === 'walStorage' && map(object.manifest['spec'])['walStorage'] == null;
        const [old, now] = [amountOf(was), gone ? 0 : amountOf(is)];
        if (old === undefined || now === undefined || now >= old) continue;
        const fix = 'take the change back, or move the data to a new one with another name';
        yield { object, field: path.join('.'), must: `be at least ${was}, as it was`, got: is, fix };
      }
    }
  },
};

function valueAt(manifest: Manifest, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => map(value)[step], manifest);
}

function amountOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
}
