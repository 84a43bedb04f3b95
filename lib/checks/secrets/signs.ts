import { wordSet, wordsOf } from '../../support/name-words';

/** Ends of words that mean a secret: `PGPASSWORD`, `client_secret`, `accessToken`. */
const SECRET = /(?:password|passwd|passphrase|secret|token|cookie|credential|apikey|privatekey|secretkey|accesskey|htpasswd)s?$/;
const WHOLE = new Set(['pwd', 'pass', 'bearer', 'authorization']);
/** What stands before `key` where the key is a secret one. */
const KEYS = wordSet(`
  private api access secret encryption encrypt signing sign master shared auth session jwt hmac deploy ssh
  storage webhook license`);

/** Last words of names that tell about a secret and are none: `SECRET_NAME`, `TOKEN_TTL`, `PASSWORD_FILE`. */
const ABOUT = wordSet(`
  name names username user id ids ref refs arn key prefix suffix header field type file files path paths dir
  directory folder mount url uri host endpoint domain site ttl age expiry expiration expires expire lifetime
  lifespan validity timeout interval period ms seconds minutes hours days length len size min max count limit
  rate rounds cost minute hour day second window bits bytes version format encoding algorithm alg hasher
  enabled disabled enable disable required policy strategy mode method rotation reload consent encryption
  issuer audience scope scopes provider backend store manager driver class secure samesite http only sh yaml
  yml json toml xml conf cfg ini properties env html eex heex ex exs md sql tmpl crt pub failure template
  persistence services`);

/** What every name of a secret has in it, to pass over all other texts quickly. */
export const SECRET_MARK = /pass|pwd|secret|token|cred|cookie|key|bearer|authorization/i;

/** Whether what has this name is a secret. */
export function isSecretName(name: string): boolean {
  if (!SECRET_MARK.test(name)) return false;
  const all = wordsOf(name);
  // TOKEN_2 is as secret as TOKEN.
  while (all.length > 1 && /^\d+$/.test(all.at(-1) ?? '')) all.pop();
  const last = all.at(-1) ?? '';
  const secretKey = all.some((word, index) => /^keys?$/.test(word) && KEYS.has(all[index - 1] ?? ''));
  if (all.includes('public') || (ABOUT.has(last) && !(secretKey && last === 'key'))) return false;
  return secretKey || all.some((word) => SECRET.test(word) || (WHOLE.has(word) && word === last));
}

/** Whether a name only tells about what it names: `TOKEN_TTL`, `AUTH_URL`. */
export function isTelling(name: string): boolean {
  return ABOUT.has(wordsOf(name).at(-1) ?? '');
}

/** Whether it is a password, which may be of any shape. */
export function isPasswordName(name: string): boolean {
  return /pass|pwd/i.test(name);
}

const NO_SECRET = wordSet(`
  digest hash checksum sum sha commit revision rev version build fingerprint thumbprint etag public ca cert
  certificate id integrity signature`);

/** Whether a long random text under this name is one that everybody may see, such as a checksum. */
export function isChecksumName(name: string): boolean {
  return wordsOf(name).some((word) => NO_SECRET.has(word));
}

/** What a secret is called that is known by its form alone. */
const SHAPES: readonly [RegExp, string][] = [
  [/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/, 'a private key'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS access key'],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22})/, 'a GitHub token'],
  [/\bglpat-[\w-]{20}/, 'a GitLab token'],
  [/\bxox[abeoprs]-[\w-]{10}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/, 'a Slack token'],
  [/\b(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16}|whsec_[A-Za-z0-9+/]{16})/, 'a Stripe key'],
  [/\bAIza[\w-]{35}/, 'a Google API key'],
  [/\bSG\.[\w-]{16,80}\.[\w-]{16}/, 'a SendGrid key'],
  [/\b(?:hvs\.[\w-]{24}|npm_[A-Za-z0-9]{36}|AGE-SECRET-KEY-1[A-Z0-9]{50})/, 'a token'],
  [/\beyJ[\w-]{8,500}\.eyJ[\w-]{8,5000}\.[\w-]{10}/, 'a JWT'],
  [/\bCREATE (?:ROLE|USER)\b[^;]{0,500}\bPASSWORD\s+'[^']+'/i, 'a password in SQL'],
];

// One look tells most texts apart: they have none of the marks above.
const MARK = new RegExp(
  'PRIVATE KEY|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox|hooks\\.slack|k_live|k_test|whsec_|AIza|SG\\.|hvs\\.|npm_|AGE-|eyJ|PASSWORD |password ',
);

const URL_PASSWORD = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"']*:([^\s/@"']+)@/gi;
/** How `-----BEGIN` starts in base64. */
const ENCODED_PEM = 'LS0tLS1CRUdJTi';

/** What kind of secret a text holds, as its form tells: `a private key`. */
export function secretShape(text: string): string | undefined {
  if (text.length < 10) return undefined;
  if (text.includes('://')) {
    for (const [, password = ''] of text.matchAll(URL_PASSWORD)) if (!isPlaceholder(password)) return 'a URL with a password';
  }
  if (text.startsWith(ENCODED_PEM)) return secretShape(Buffer.from(text.slice(0, 64), 'base64').toString());
  return text.length >= 20 && MARK.test(text) ? SHAPES.find(([shape]) => shape.test(text))?.[1] : undefined;
}

/** Whether a text only says where the secret is filled in: `$(PGPASSWORD)`, `${TOKEN}`, `{{ .Token }}`, `<password>`. */
export function isPlaceholder(text: string): boolean {
  const values = [...text.matchAll(/:\s*"([^"]*)"/g)].map(([, value = '']) => value);
  // A JSON object around such texts.
  if (/^\s*\{.*\}\s*$/s.test(text) && values.some((value) => value.includes('$('))) return values.every(isPlaceholder);
  return /^(?:\$\([\w.-]+\)|\$\{.*\}?|\$[A-Z_][A-Z0-9_]*|\{\{.*|<[^>]*>|%[{(<].*|#\{.*|\*+|\[[^\]]*\])$/s.test(text);
}

/** Whether a text is as irregular as a key: 40 hexadecimal or base64 characters or more, none often. */
export function isRandom(text: string): boolean {
  if (text.length < 40 || text.length > 512) return false;
  if (/^[0-9a-f]+$/i.test(text)) return entropy(text) >= 3;
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  return /\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && entropy(text) >= 4.2;
}

/** Bits that each character tells. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - (count / text.length) * Math.log2(count / text.length), 0);
}
