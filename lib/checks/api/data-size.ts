import type { Finding, Rule, World } from '../rule';
import { isKey } from '../../support/forms';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';

const MOST = 1048576;

/** Data objects are no file server. */
export const dataSize: Rule = {
  name: 'data-size',
  sentence: 'A ConfigMap and a Secret hold at most 1 MiB, under keys that can be names of files.',
  why: 'The API server refuses the object, and pods that name it stay in CreateContainerConfigError.',
  source: 'https://kubernetes.io/docs/concepts/configuration/configmap/#motivation',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('ConfigMap', 'Secret')) {
      const { kind, data, stringData, binaryData } = object.manifest;
      let size = 0;
      const seen = new Map<string, string>();
      for (const [field, part] of Object.entries({ data, binaryData, stringData })) {
        const encoded = field === 'binaryData' || (kind === 'Secret' && field === 'data');
        for (const [key, value] of Object.entries(map(part))) {
          size += typeof value === 'string' ? Buffer.byteLength(value, encoded ? 'base64' : 'utf8') : 0;
          const at = `${field}["${key}"]`;
          if (!isKey(key))
            yield {
              object,
              field: at,
              must: "be a key of letters, digits, '-', '_' and dots",
              got: key,
              fix: 'rename it, as in "app.conf"',
            };
          const first = seen.get(key);
          if (kind === 'ConfigMap' && first !== undefined)
            yield { object, field: at, must: `differ from the keys of ${first}`, got: key, fix: 'leave it in one of the two' };
          seen.set(key, field);
        }
      }
      if (size <= MOST) continue;
      const fix = 'put large files into the image, or into a volume';
      yield { object, field: 'data', must: `hold at most ${MOST} bytes`, got: size, fix };
    }
  },
};
