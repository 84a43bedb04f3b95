import type { Rule } from '../rule';
import { literalSecrets, secretInName, secretInPlainText } from './shown';
import { passwordForm, passwordOfOneServer } from './passwords';

/** No secret is readable where others read. */
export const secretsRules: readonly Rule[] = [literalSecrets, passwordForm, passwordOfOneServer, secretInPlainText, secretInName];
