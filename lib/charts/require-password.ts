import type { Construct } from 'constructs';
import { ownerOf } from '../support/props';
import { abort } from '../support/reject';
import type { SecretKey } from '../support/secret-key';

/** Stops without a password where the application has to send one. */
export function requirePassword(scope: Construct, password: SecretKey | undefined): SecretKey {
  if (password) return password;
  abort(scope, [{ prop: 'password', must: 'be given', got: password, fix: `pass 'password'${ownerOf(scope)}` }]);
}
