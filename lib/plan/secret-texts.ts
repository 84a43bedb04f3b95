import { mayBeSecret, showsSecret } from '../checks/secrets/plain-secrets';
import { isChecksumName, isPlaceholder } from '../checks/secrets/signs';
import { wordsOf } from '../support/name-words';
import { hidesName, hidesNumbers } from './secret-names';

/** Whether a text may show a secret: by the name that it has, by its form, or by what stands in it. */
export function hidesText(name: string, text: string): boolean {
  if (text === '' || isPlaceholder(text)) return false;
  if (showsSecret(name, text) || (hidesName(name) && mayBe(name, text))) return true;
  return urlsIn(text).some(isKeyed) || (!isOpen(name) && isKeyIn(text)) || hidesWords([text]);
}

/** Whether a value behind such a name may be the secret itself. */
function mayBe(name: string, value: string): boolean {
  return mayBeSecret(name, value) || (hidesNumbers(name) && /^\d+$/.test(value));
}

/** What browsers and programs send to prove who they are. */
const AUTHORIZATION =
  /\b(?:(?:Basic|BASIC|Bearer|BEARER|Digest|Negotiate|ApiKey|Token)\s+(?!\$|<|%|\{|auth)[\w+/=.~:-]{6,}|authorization["']?\s*[:=]\s*["']?(?!\$|<|%|\{)\w)|AWS4-HMAC-SHA256/;

function urlsIn(text: string): string[] {
  return text.match(/\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'`<>]+/gi) ?? [];
}

/** A URL whose user is a key: of a web address each one is, of others each that is no plain name. */
function isKeyed(url: string): boolean {
  const [, scheme = '', user] = /^([a-z0-9+.-]+):\/\/([^/?#@\s]*)@/i.exec(url) ?? [];
  if (user === undefined || user === '') return false;
  const [name = '', password] = user.split(':');
  if (password !== undefined && password !== '' && !isPlaceholder(password)) return true;
  if (isPlaceholder(name)) return false;
  return /^https?$/i.test(scheme) ? !/^(?:git|user)$/.test(name) : !/^[a-z][a-z_.-]{0,30}\d{0,2}$/i.test(name);
}

/** Names of what is irregular and may be seen: hashes, revisions and numbers that a cloud gives. */
function isOpen(name: string): boolean {
  const last = wordsOf(name).at(-1) ?? '';
  return isChecksumName(name) || /^(?:id|ids|uid|name|names|ref|image|tag|handle|arn|revision)$/.test(last);
}

/** Hashes that say so themselves: `sha256:...`. */
const DIGEST = /\b(?:sha(?:1|224|256|384|512)|md5|blake2[bs])[:-][A-Za-z0-9+/=_-]+/gi;
/** The form of numbers that were drawn. */
const UUID = /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/i;

/** Whether a part of a text is as irregular as a key. */
export function isKeyIn(text: string): boolean {
  const plain = text.replace(DIGEST, '');
  return UUID.test(plain) || plain.split(/[^\w+=-]+/).some(isKey);
}

/** Random letters and digits take turns, which words and numbers do seldom. */
function isKey(word: string): boolean {
  const bare = word.replace(/[-_+=]/g, '');
  if (bare.length < 12) return false;
  if (/^[0-9a-f]+$/i.test(bare)) return bare.length >= 32 && /\d/.test(bare) && /[a-f]/i.test(bare);
  const kinds = Array.from(bare, (one) => (/\d/.test(one) ? 'digit' : /[A-Z]/.test(one) ? 'upper' : 'lower'));
  const turns = kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length / (bare.length - 1);
  const different = new Set(kinds).size;
  if (different === 3 && turns >= 0.45) return true;
  return bare.length >= 20 && different > 1 && turns >= (kinds.includes('digit') ? 0.3 : 0.45);
}

/** Programs that are told a secret without a name for it. */
const TOLD =
  /\b(?:htpasswd|chpasswd|sshpass)\b|\b(?:docker|podman|helm|crane|skopeo|vault|az|oc|npm)\s+(?:registry\s+)?login\b|\bIDENTIFIED\s+BY\b|\bPASSWORD\s+["']|\bpass:\w|\b(?:mysql|mariadb)[\w-]*\s[^|;&]{0,200}-p\S/i;
// Without a space a colon is that of an image, but behind a name that says what it is.
const NAMED =
  /(?<![\w.-])["']?([A-Za-z_][\w.-]{0,80})(?:["']?\s*=\s*|["']\s*:\s*|\s*:\s+|(?<=(?:^|[\s"'])[\w.-]{0,80}(?:token|secret|key|password)):)(?=["'`]?([^\s"'`&;,]+))/gi;
/** Whether words of a command, or a line for a shell, show a secret. */
export function hidesWords(lines: readonly string[]): boolean {
  const words = lines.flatMap((line) => line.split(/\s+/)).map((word) => word.replace(/^["'`]|["'`]$/g, ''));
  const line = lines.join(' ');
  const named = [...line.matchAll(NAMED)];
  if (named.some(([, name = '', value = '']) => hidesName(name) && mayBe(name, value) && !isPlaceholder(value))) return true;
  return (
    TOLD.test(line) ||
    AUTHORIZATION.test(line) ||
    words.some((word, index) => isTold(word, words[index - 1] ?? '', words[index - 2] ?? ''))
  );
}

/** Whether a word is the secret of the option before it, or has both in it. */
function isTold(word: string, option: string, before: string): boolean {
  if (isPlaceholder(word)) return false;
  const [, long] = /^--?([A-Za-z][\w.-]*)$/.exec(option) ?? [];
  if (long !== undefined && !word.startsWith('-') && hidesName(long) && mayBe(long, word)) return true;
  const [, glued] = /^(?:-u|-U|--(?:proxy-)?user(?:pwd|name)?=)(.+)$/.exec(word) ?? [];
  const user = /^(?:-u|-U|--(?:proxy-)?user(?:pwd)?)$/.test(option) ? word : glued;
  // Numbers are those of a user and a group.
  if (user !== undefined && /^[^:\s]+:[^:\s]+/.test(user) && !/^\d+:\d+$|:\$|:\/\//.test(user)) return true;
  if (!/^-[paw]$/.test(option) || before === 'mkdir') return /^-p(?=\S*\d)(?=\S*[A-Za-z])[\w!@#%^&*.+-]{6,}$/.test(word);
  // A port, a path, a switch.
  return !/^-|^[./]|^\d+(?::\d+)*$/.test(word) && word !== '';
}
