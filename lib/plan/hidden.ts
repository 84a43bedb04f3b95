import { plainSecrets, showsSecret } from '../checks/secrets/plain-secrets';
import { isSecretName } from '../checks/secrets/secret-names';
import { map } from '../checks/world/values';

/** Whether a value must not be shown: by what it is, by its own name, or by that of the variable or key that it is of. */
export function isSecretAt(path: string, value: unknown): boolean {
  const [, quoted, item, plain] = /(?:\["([^"]+)"\]|\[([^\]]+)\]|([^.[\]]+))(?:\.value)?$/.exec(path) ?? [];
  const name = quoted ?? item ?? plain ?? '';
  return typeof value === 'string' ? isSecretName(name) || showsSecret(name, value) : holdsSecret(name, value);
}

/** Whether a list or a mapping has a secret in it, such as a word of a command or a variable. */
export function holdsSecret(name: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (
    // Words of a command may stand under any name.
    plainSecrets({ value: { [name]: value, ...(Array.isArray(value) ? { args: value } : {}) } }).length > 0 ||
    variablesIn(value).some(([own, text]) => showsSecret(own, text))
  );
}

/** All names and texts that stand beside each other in a value. */
function variablesIn(value: unknown): [name: string, text: string][] {
  if (typeof value !== 'object' || value === null) return [];
  const { name, value: text } = map(value);
  const own: [string, string][] = typeof name === 'string' && typeof text === 'string' ? [[name, text]] : [];
  return [...own, ...Object.values(value).flatMap(variablesIn)];
}
