import type { Rule } from '../rule';
import { annotationsFit } from './annotations-fit';
import { homeNamespace } from './home-namespace';
import { oneOwner } from './one-owner';
import { selectorMatchesTemplate } from './selector-matches-template';
import { stableSelector } from './stable-selector';
import { uniqueObjects } from './unique-objects';
import { validLabels } from './valid-labels';
import { validNames } from './valid-names';
import { validPartNames } from './valid-part-names';

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
