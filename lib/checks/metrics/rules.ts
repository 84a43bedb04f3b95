import type { Rule } from '../rule';
import { metricsInside, scraperInClearText, scraperLetIn } from './scrapes';
import { metricsKnown, ruleExpressions } from './rule-expressions';
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
