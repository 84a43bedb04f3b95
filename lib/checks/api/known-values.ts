import type { Rule } from '../rule';
import { walked } from './schema/walk';

/** Constants of the API are case sensitive. */
export const knownValues: Rule = {
  name: 'known-values',
  sentence: 'A field with a fixed set of values has one of them.',
  why: 'A "rollingUpdate" in lower case is refused by the API server, after the objects before it were applied.',
  source: 'https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/',
  find: (world) => walked(world).value,
};
