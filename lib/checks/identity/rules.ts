import type { Rule } from '../rule';
import { annotationsFit, oneOwner, selectorMatchesTemplate, stableSelector, validLabels } from './labels';
import { homeNamespace, uniqueObjects, validNames, validPartNames } from './names';

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
