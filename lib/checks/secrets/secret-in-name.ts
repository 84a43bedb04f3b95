import { NAME_HASH } from '../../support/forms';
import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { map, text } from '../world/values';
import { plainSecrets } from './plain-secrets';

/** Names are seen by everyone: in events, in logs, in other objects. A hash of something short can be guessed back. */
export const secretInName: Rule = {
  name: 'secret-in-name',
  sentence: 'No name carries a hash of a secret.',
  why: 'Who sees the name tries all common passwords until one gives the same hash, without a single login that anybody would notice.',
  // Once the secret is out of the object, it is out of the hash.
  follows: ['secret-in-plain-text', 'literal-secrets'],
  source: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  *find({ objects }: World): Iterable<Finding> {
    for (const object of objects) {
      const { kind, metadata } = object.manifest;
      const got = text(map(metadata)['name']);
      if (!HASHED.has(String(kind)) || got === undefined || !NAME_HASH.test(got)) continue;
      if (!holdsSecret(object.manifest)) continue;
      const fix = 'give the Secret a name without a hash, and let the others refer to it by that name';
      yield { object, field: 'metadata.name', must: 'not be made from a secret', got, fix };
    }
  },
};

/** Kinds whose names carry a hash of what they hold. */
const HASHED: ReadonlySet<string> = new Set(['ConfigMap', 'Secret', 'Job']);

function holdsSecret(manifest: Manifest): boolean {
  const values = [manifest['data'], manifest['stringData']].flatMap((part) => Object.keys(map(part)));
  return manifest['kind'] === 'Secret' ? values.length > 0 : plainSecrets(manifest).length > 0;
}
