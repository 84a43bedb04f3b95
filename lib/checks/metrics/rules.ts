import type { Rule } from '../rule';
import { metricsInside } from './metrics-inside';
import { metricsKnown, ruleExpressions } from './rule-expressions';
import { scraperInClearText } from './scraper-in-clear-text';
import { scraperLetIn } from './scraper-let-in';
import { tracesExported } from './traces-exported';

/** What is measured is seen, by whoever is to see it. */
export const metricsRules: readonly Rule[] = [
  scraperLetIn,
  scraperInClearText,
  metricsInside,
  ruleExpressions,
  metricsKnown,
  tracesExported,
];
