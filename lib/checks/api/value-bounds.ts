import type { Rule } from '../rule';
import { walked } from './schema/walk';

/** What an API says of one value alone beside its type. */
export const valueBounds: Rule = {
  name: 'value-bounds',
  sentence: 'Numbers are in the range, and texts and lists have the length and the form, that the API of their kind asks for.',
  why: 'A weight of 1500000 or a host name in capitals is refused by the API server, with the whole object.',
  source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation',
  find: (world) => walked(world).bounds,
};
