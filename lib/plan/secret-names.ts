import { isPasswordName, isSecretName, isTelling } from '../checks/secrets/signs';
import { wordsOf } from '../support/name-words';

/** Words of names that a rule must not refuse, and behind which people keep secrets all the same. */
const WORDS = /^(?:authn?|basicauth|creds?|dsn|jwts?|otp|totp|pat|pins?|pws?|salts?|sas|seeds?|sig|mnemonic|passin|passout)$/;
/** `PGPASS`, `ftppass`. */
const PASS = /(?<!(?:by|com|tres|sur|encom|over|under))pass(?:code)?$/;
/** What stands before `key` where it is the key of a mapping, or the name of a label. */
const NO_KEYS =
  /^(?:topology|label|annotation|partition|sort|group|index|primary|foreign|cache|metadata|remote|public|config|map)$/;
/** Names of what is looked up elsewhere, or of what everybody may see, within something that is called a secret. */
const HARMLESS =
  /^(?:name|namespace|kind|group|optional|items|property|version|image|tag|repository|digest|replicas|cpu|memory|storage|port|ports|protocol|realm|class|verbs|resources|annotations|labels)$/;

/** A name without the domain before it, as annotations have one. */
export function ownName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Whether what has this name may be a secret, in the eyes of somebody who shows it to everyone. */
export function hidesName(path: string): boolean {
  const name = ownName(path);
  if (isSecretName(name)) return true;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  // The last word says what it is: AUTH_URL is an address, and STRIPE_KEY a key.
  if (/^keys?$/.test(last)) return words.length > 1 && !words.some((word) => NO_KEYS.test(word));
  return !isTelling(name) && words.some((word) => WORDS.test(word) || PASS.test(word));
}

/** Whether its value may be any number, too. */
export function hidesNumbers(name: string): boolean {
  return isPasswordName(name) || wordsOf(name).some((word) => /^(?:pins?|pws?|otp|passcode)$/.test(word));
}

/** Whether what has this name is no secret, though it stands within something that is called one: `secretRef.name`. */
export function isHarmlessWithin(name: string, parent: string): boolean {
  // The key of a Secret is named where the Secret is.
  if (name === 'key') return /ref|secret|items|selector/i.test(parent);
  return isTelling(name) || HARMLESS.test(wordsOf(name).at(-1) ?? '');
}
