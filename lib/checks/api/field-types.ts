import type { Rule } from '../rule';
import { walked } from './schema/walk';

/** YAML has its own idea of what is a number, and the API server another. */
export const fieldTypes: Rule = {
  name: 'field-types',
  sentence: 'Every value is of the type that its field has.',
  why: 'A port that stands as a bare number among variables makes the API server refuse the whole Deployment, in the middle of an apply.',
  shape: true,
  source: 'https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/',
  find: (world) => walked(world).type,
};
