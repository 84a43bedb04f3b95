import type { Rule } from '../rule';
import { connectionBudget } from './connection-budget';
import { limitsFit } from './limits';
import { quotaCounts, quotaFits } from './quotas';

/** What runs at the rollout peak fits into what there is. */
export const budgetsRules: readonly Rule[] = [quotaFits, quotaCounts, limitsFit, connectionBudget];
