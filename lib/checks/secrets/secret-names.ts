function words(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

/** Ends of words that mean a secret: `PGPASSWORD`, `client_secret`, `accessToken`. */
const SECRET = /(?:password|passwd|passphrase|secret|token|cookie|credential|apikey|privatekey|secretkey|accesskey|htpasswd)s?$/;
const WHOLE = new Set(['pwd', 'pass', 'bearer', 'authorization']);
/** What stands before `key` where the key is a secret one. */
const KEYS = words(
  'private api access secret encryption encrypt signing sign master shared auth session jwt hmac deploy ssh',
  'storage webhook license',
);

/** Last words of names that tell about a secret and are none: `SECRET_NAME`, `TOKEN_TTL`, `PASSWORD_FILE`. */
const ABOUT = words(
  'name names username user id ids ref refs arn key prefix suffix header field type file files path paths dir',
  'directory folder mount url uri host endpoint domain site ttl age expiry expiration expires expire lifetime',
  'lifespan validity timeout interval period ms seconds minutes hours days length len size min max count limit',
  'rate rounds cost minute hour day second window bits bytes version format encoding algorithm alg hasher',
  'enabled disabled enable disable required policy strategy mode method rotation reload consent encryption',
  'issuer audience scope scopes provider backend store manager driver class secure samesite http only sh yaml',
  'yml json toml xml conf cfg ini properties env html eex heex ex exs md sql tmpl crt pub failure template',
  'persistence services',
);

/** What every name of a secret has in it, to pass over all other texts quickly. */
export const SECRET_MARK = /pass|pwd|secret|token|cred|cookie|key|bearer|authorization/i;
const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;

/** The words of a name, however it is put together: `API_KEY`, `api-key`, `apiKey`. */
export function wordsOf(name: string): string[] {
  return (name.match(WORD) ?? []).map((word) => word.toLowerCase());
}

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

const NO_SECRET = words(
  'digest hash checksum sum sha commit revision rev version build fingerprint thumbprint etag public ca cert',
  'certificate id integrity signature',
);

/** Whether a long random text under this name is one that everybody may see, such as a checksum. */
export function isChecksumName(name: string): boolean {
  return wordsOf(name).some((word) => NO_SECRET.has(word));
}
