import type { Finding, Rule, World } from '../rule';
import { isDecrypted } from '../world/encrypted';
import { map } from '../world/values';

/** YAML is read by everyone who can read the repository, and by its history for ever. */
export const literalSecrets: Rule = {
  name: 'literal-secrets',
  sentence: 'No Secret stands in the YAML with its values.',
  why: 'Whoever can read the repository or the build log can read the secret, and rotation cannot take it out of the history.',
  source: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const object of world.objects.filter(({ manifest }) => manifest['kind'] === 'Secret')) {
      if (isDecrypted(object, world)) continue;
      for (const field of ['data', 'stringData']) {
        const keys = Object.keys(map(object.manifest[field]));
        if (keys.length === 0) continue;
        const fix = 'create the Secret in the cluster, and refer to it by name';
        yield { object, field, must: 'not stand in the YAML', got: `values for ${keys.join(', ')}`, fix };
      }
    }
  },
};
