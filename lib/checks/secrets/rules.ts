import type { Rule } from '../rule';
import { literalSecrets } from './literal-secrets';
import { passwordForm } from './password-form';
import { passwordOfOneServer } from './password-of-one-server';
import { secretInName } from './secret-in-name';
import { secretInPlainText } from './secret-in-plain-text';

/** No secret is readable where others read. */
export const secretsRules: readonly Rule[] = [literalSecrets, passwordForm, passwordOfOneServer, secretInPlainText, secretInName];
