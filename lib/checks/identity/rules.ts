import type { Rule } from '../rule';
import { annotationsFit, validLabels } from './labels';
import { homeNamespace, uniqueObjects, validNames, validPartNames } from './names';
import { oneOwner, selectorMatchesTemplate, stableSelector } from './selectors';

/** Names, labels and selectors: who is who. */
export const identityRules: readonly Rule[] = [
  uniqueObjects,
  validNames,
  validPartNames,
  validLabels,
  annotationsFit,
  homeNamespace,
  selectorMatchesTemplate,
  stableSelector,
  oneOwner,
];
