import type { Finding, Rule, World } from '../rule';
import { plainSecrets } from './plain-secrets';

/** A secret in a variable is as public as one in a Secret of the YAML, and harder to find. */
export const secretInPlainText: Rule = {
  name: 'secret-in-plain-text',
  sentence: 'No secret stands as text in variables, ConfigMaps, commands or annotations.',
  why: 'Whoever may look at a pod or a ConfigMap, or at the repository, has the secret; roles that keep Secrets closed do not keep these.',
  source: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  *find({ objects }: World): Iterable<Finding> {
    for (const object of objects) {
      for (const { field, what, length } of plainSecrets(object.manifest)) {
        const fix =
          'keep it in a Secret of the cluster, refer to that with valueFrom.secretKeyRef, and replace it: this one is known now';
        yield { object, field, must: `not show ${what} in plain text`, got: `a value of ${length} characters`, fix };
      }
    }
  },
};
