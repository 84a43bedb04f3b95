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
