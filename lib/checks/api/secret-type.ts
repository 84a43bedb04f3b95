import type { Finding, Rule, World } from '../rule';
import { isEncrypted } from '../../support/sops';
import { inventoryOf } from '../world/inventory';
import { map } from '../world/values';

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
