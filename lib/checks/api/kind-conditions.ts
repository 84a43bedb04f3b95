import type { Rule } from '../rule';
import { walked } from './schema/walk';

/** Conditions between the fields of custom kinds, in the language in which their authors wrote them. */
export const kindConditions: Rule = {
  name: 'kind-conditions',
  sentence: 'Every custom object meets the conditions of its kind, such as fields that exclude each other.',
  why: 'A route that redirects and names a backend too is refused by the API server, and the roll-out stops half way.',
  source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules',
  find: (world) => walked(world).condition,
};
