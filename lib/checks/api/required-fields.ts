import type { Rule } from '../rule';
import { walked } from './schema/walk';

/** What a patch took away, or an object by hand never had. */
export const requiredFields: Rule = {
  name: 'required-fields',
  sentence: 'Every field that the API server wants is given.',
  why: 'The object is refused after those before it were applied, and the environment stands half changed.',
  shape: true,
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/#required-fields',
  find: (world) => walked(world).missing,
};
