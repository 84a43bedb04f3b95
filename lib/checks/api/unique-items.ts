import type { Rule } from '../rule';
import { walked } from './schema/walk';

/** Server-side apply finds an item of a list by its keys, and kubectl merges by them. */
export const uniqueItems: Rule = {
  name: 'unique-items',
  sentence: 'No list holds two items with the same key, such as two variables with one name.',
  why: 'Of two variables with one name the next kubectl apply drops one, and Flux and Helm refuse the whole object.',
  source: 'https://github.com/kubernetes/kubernetes/issues/58477',
  find: (world) => walked(world).duplicate,
};
