import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { placesInPod } from '../world/pods';

const SOURCES = ['configMap', 'secret', 'downwardAPI', 'projected'];
const LISTS = [...SOURCES.slice(0, 3), ...SOURCES.slice(0, 3).map((source) => `projected.sources[].${source}`)];
const PLACES = [
  ...SOURCES.map((source) => `volumes[].${source}.defaultMode`),
  ...LISTS.map((source) => `volumes[].${source}.items[].mode`),
];

/** Who may read a file: three digits to the base of eight, which JSON knows as another number. */
export const fileModes: Rule = {
  name: 'file-modes',
  sentence: 'The mode of a file in a volume is at most 0777.',
  why: 'Written as 644 it is the number six hundred and forty-four, which the API server refuses with the whole pod template.',
  source: 'https://kubernetes.io/docs/concepts/configuration/secret/#secret-files-permissions',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      for (const { field, value: got } of PLACES.flatMap((path) => placesInPod(pod, path))) {
        if (typeof got !== 'number' || (got >= 0 && got <= 0o777)) continue;
        const fix = /^[0-7]{3}$/.test(String(got)) ? `write 0o${got}` : 'write it as 0o440';
        yield { object: pod.object, field, must: 'be from 0 to 0o777', got, fix };
      }
    }
  },
};
