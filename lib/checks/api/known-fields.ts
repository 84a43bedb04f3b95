import type { Rule } from '../rule';
import { walked } from './schema/walk';

/** A misspelt field is dropped by every tool that does not ask for strict checks. */
export const knownFields: Rule = {
  name: 'known-fields',
  sentence:
    'Every field exists in the oldest Kubernetes that the environment runs on, and in the oldest release of each operator.',
  why: 'A misspelt or too new readinessProbe is dropped without a word, and traffic goes to pods that do not serve yet.',
  shape: true,
  source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation',
  find: (world) => walked(world).unknown,
};
