import type { Finding, Rule, World } from '../rule';
import { isKey } from '../../support/forms';
import { isEncrypted } from '../../support/sops';
import { inventoryOf } from '../../model/inventory';
import { map } from '../../model/values';

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
/** Keys that a Secret of a type must have: all of a group, or one of it. */
const KEYS: Readonly<Record<string, { readonly all?: readonly string[]; readonly any?: readonly string[] }>> = {
  'kubernetes.io/tls': { all: ['tls.crt', 'tls.key'] },
  'kubernetes.io/dockerconfigjson': { all: ['.dockerconfigjson'] },
  'kubernetes.io/dockercfg': { all: ['.dockercfg'] },
  'kubernetes.io/basic-auth': { any: ['username', 'password'] },
  'kubernetes.io/ssh-auth': { all: ['ssh-privatekey'] },
};

/** What the type of a Secret promises. */
export const secretType: Rule = {
  name: 'secret-type',
  sentence: 'A Secret has the keys that its type promises.',
  why: 'The API server refuses the Secret, and pods that name it wait for it for ever.',
  source: 'https://kubernetes.io/docs/concepts/configuration/secret/#secret-types',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('Secret')) {
      const { type, data, stringData } = object.manifest;
      const { all = [], any = [] } = KEYS[String(type)] ?? {};
      const given = new Map([...Object.entries(map(data)), ...Object.entries(map(stringData))]);
      for (const key of all.filter((wanted) => !given.has(wanted)))
        yield {
          object,
          field: `data["${key}"]`,
          must: `be given in a Secret of type ${type}`,
          got: undefined,
          fix: 'add the key, or leave the type out',
        };
      if (any.length > 0 && !any.some((key) => given.has(key)))
        yield {
          object,
          field: 'data',
          must: `have ${any.join(' or ')} in a Secret of type ${type}`,
          got: undefined,
          fix: 'add one of the keys',
        };
      // What is encrypted was not seen by anybody here.
      if (isEncrypted(object.manifest)) continue;
      for (const key of ['.dockerconfigjson', '.dockercfg'].filter((name) => all.includes(name) && given.has(name))) {
        const plain = map(stringData)[key];
        const text: unknown = plain ?? Buffer.from(String(given.get(key)), 'base64').toString();
        if (isJson(text)) continue;
        const fix = 'let kubectl create secret docker-registry write it';
        yield { object, field: `data["${key}"]`, must: 'be a JSON object', got: 'something else', fix };
      }
    }
  },
};

function isJson(text: unknown): boolean {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
