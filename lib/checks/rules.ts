import { apiRules } from './api/rules';
import { beamRules } from './beam/rules';
import { budgetsRules } from './budgets/rules';
import { hardeningRules } from './hardening/rules';
import { hostsRules } from './hosts/rules';
import { identityRules } from './identity/rules';
import { metricsRules } from './metrics/rules';
import { referencesRules } from './references/rules';
import { rolloutRules } from './rollout/rules';
import { secretsRules } from './secrets/rules';
import { changeRules } from './changes/rules';
import type { Rule } from './rule';

/** The rules that every App starts with. */
export const rules: readonly Rule[] = [
  ...identityRules,
  ...referencesRules,
  ...hostsRules,
  ...beamRules,
  ...rolloutRules,
  ...budgetsRules,
  ...secretsRules,
  ...hardeningRules,
  ...metricsRules,
  ...apiRules,
  ...changeRules,
];
