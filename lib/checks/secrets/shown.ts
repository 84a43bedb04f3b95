import type { Manifest } from '../../support/edit';
import { NAME_HASH } from '../../support/forms';
import { eachObject } from '../each';
import { isDecrypted } from '../../model/declared';
import { map, text } from '../../model/values';
import { plainSecrets } from './plain-secrets';

export const literalSecrets = eachObject({
  name: 'literal-secrets',
  sentence: 'No Secret stands in the YAML with its values.',
  why: 'Whoever can read the repository or the build log can read the secret, and rotation cannot take it out of the history.',
  source: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  severity: 'warning',
  *each(object, world) {
    if (object.manifest['kind'] !== 'Secret' || isDecrypted(object, world)) return;
    for (const field of ['data', 'stringData']) {
      const keys = Object.keys(map(object.manifest[field])).join(', ');
      const fix = 'create the Secret in the cluster, and refer to it by name';
      if (keys !== '') yield { field, must: 'not stand in the YAML', got: `values for ${keys}`, fix };
    }
  },
});

export const secretInPlainText = eachObject({
  name: 'secret-in-plain-text',
  sentence: 'No secret stands as text in variables, ConfigMaps, commands or annotations.',
  why: 'Whoever may look at a pod or a ConfigMap, or at the repository, has the secret; roles that keep Secrets closed do not keep these.',
  source: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  *each({ manifest }) {
    const fix =
      'keep it in a Secret of the cluster, refer to that with valueFrom.secretKeyRef, and replace it: this one is known now';
    for (const { field, what, length } of plainSecrets(manifest))
      yield { field, must: `not show ${what} in plain text`, got: `a value of ${length} characters`, fix };
  },
});

/** Names are seen by everyone: in events, in logs, in other objects. A hash of something short can be guessed back. */
export const secretInName = eachObject({
  name: 'secret-in-name',
  sentence: 'No name carries a hash of a secret.',
  why: 'Who sees the name tries all common passwords until one gives the same hash, without a single login that anybody would notice.',
  // Once the secret is out of the object, it is out of the hash.
  follows: ['secret-in-plain-text', 'literal-secrets'],
  source: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  *each({ manifest }) {
    const got = text(map(manifest['metadata'])['name']) ?? '';
    if (!['ConfigMap', 'Secret', 'Job'].includes(String(manifest['kind'])) || !NAME_HASH.test(got) || !holdsSecret(manifest))
      return;
    const fix = 'give the Secret a name without a hash, and let the others refer to it by that name';
    yield { field: 'metadata.name', must: 'not be made from a secret', got, fix };
  },
});

function holdsSecret(manifest: Manifest): boolean {
  if (manifest['kind'] !== 'Secret') return plainSecrets(manifest).length > 0;
  return [manifest['data'], manifest['stringData']].some((part) => Object.keys(map(part)).length > 0);
}
