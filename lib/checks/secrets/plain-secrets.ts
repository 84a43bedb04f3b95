import type { Manifest } from '../../support/edit';
import { map, once } from '../../model/values';
import { isChecksumName, isPasswordName, isPlaceholder, isRandom, isSecretName, SECRET_MARK, secretShape } from './signs';

/** A secret that stands in the YAML as text. */
export interface PlainSecret {
  readonly field: string;
  /** What it is, never the value: `the secret API_KEY`, `a private key`. */
  readonly what: string;
  readonly length: number;
}

type Found = Omit<PlainSecret, 'field'>;

/** Every secret in the text of an object, by its name or by its form. The values of a Secret are left to their own rule. */
export const plainSecrets = once(search);

function search(manifest: Manifest): readonly PlainSecret[] {
  const found: PlainSecret[] = [];
  const { kind } = manifest;
  for (const [key, value] of Object.entries(manifest)) {
    if (kind === 'Secret' && (key === 'data' || key === 'stringData')) continue;
    if (kind === 'ConfigMap' && key === 'data') named(value, key, found, (name, text) => inNamed(name, text) ?? inFile(text));
    else if (typeof value === 'object') visit(value, key, found);
  }
  return found;
}

/** Goes through all texts; where they have names, by these. */
function visit(value: unknown, path: string, found: PlainSecret[]): void {
  if (Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      if (typeof item === 'object') visit(item, `${path}[${index}]`, found);
      else if (typeof item === 'string') add(found, path, `[${index}]`, inText(item));
    });
    return;
  }
  const mapping = map(value);
  for (const key in mapping) {
    const item: unknown = mapping[key];
    if (typeof item === 'string') add(found, path, `.${key}`, inText(item));
    else if (typeof item !== 'object') continue;
    else if (key === 'annotations') named(item, `${path}.annotations`, found, inAnnotation);
    else if (key === 'env') pairs(item, `${path}.${key}`, found);
    else if (key === 'httpHeaders') pairs(item, `${path}.${key}`, found, inHeader);
    else if (key === 'command' || key === 'args') words(item, `${path}.${key}`, found);
    else visit(item, `${path}.${key}`, found);
  }
}

function add(found: PlainSecret[], path: string, step: string, secret: Found | undefined): void {
  if (secret) found.push({ field: `${path}${step}`, ...secret });
}

type Look = (name: string, text: string) => Found | undefined;

/** A mapping of names to texts. */
function named(value: unknown, path: string, found: PlainSecret[], look: Look): void {
  for (const [name, text] of Object.entries(map(value))) {
    if (typeof text === 'string') add(found, path, `["${name}"]`, look(name, text));
  }
}

/** A list of names and values, or a mapping of them. */
function pairs(value: unknown, path: string, found: PlainSecret[], look: Look = inNamed): void {
  if (!Array.isArray(value)) {
    named(value, path, found, look);
    return;
  }
  for (const [index, item] of value.entries()) {
    const { name, value: text } = map(item);
    const known = typeof name === 'string' && typeof text === 'string';
    if (known) add(found, path, `[${index}].value`, look(name, text));
    else visit(item, `${path}[${index}]`, found);
  }
}

/** The words of a command: `--token=abc`, `--token abc`, or a whole line for a shell. */
function words(value: unknown, path: string, found: PlainSecret[]): void {
  if (!Array.isArray(value)) {
    visit(value, path, found);
    return;
  }
  for (const [index, item] of value.entries()) {
    if (typeof item !== 'string') continue;
    const before: unknown = value[index - 1];
    const option = typeof before === 'string' ? /^--?([A-Za-z][\w-]*)$/.exec(before)?.[1] : undefined;
    const named = option === undefined || item.startsWith('-') ? undefined : inNamed(option, item);
    add(found, path, `[${index}]`, named ?? inText(item) ?? inFile(item));
  }
}

/** Whether a text is a secret, by the name that it has or by its form. */
export function showsSecret(name: string, text: string): boolean {
  return (inNamed(name, text) ?? inFile(text)) !== undefined;
}

function inText(text: string): Found | undefined {
  const what = secretShape(text) ?? (text.includes('cookie ') ? erlangCookie(text) : undefined);
  return what === undefined ? undefined : { what, length: text.length };
}

function erlangCookie(text: string): string | undefined {
  const [, cookie] = /-(?:set)?cookie\s+(\S+)/.exec(text) ?? [];
  return cookie === undefined || isPlaceholder(cookie) ? undefined : 'an Erlang cookie';
}

function inNamed(name: string, text: string): Found | undefined {
  const shaped = inText(text);
  if (shaped) return shaped;
  if (isSecretName(name) && mayBeSecret(name, text)) return { what: `the secret ${name}`, length: text.length };
  if (isRandom(text) && !isChecksumName(name)) return { what: `${name}, which is as random as a key,`, length: text.length };
  return text.includes('=') ? assigned(text) : undefined;
}

/** A cookie of HTTP is not that of Erlang: what a probe sends tells its requests from those of people. */
function inHeader(name: string, text: string): Found | undefined {
  return name.toLowerCase() === 'cookie' ? inText(text) : inNamed(name, text);
}

/** Annotations name the Secrets that a controller is to use. */
function inAnnotation(key: string, text: string): Found | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const refers = /^(?:[\w.-]+\/)*[\w.-]+(?:,\s*[\w.-]+)*$/.test(text) && !isPasswordName(name) && !/token|key/i.test(name);
  if (refers || isChecksumName(key)) return inText(text);
  return inNamed(name, text);
}

// Names have an end, so that a file of one long word costs no more than its length.
const ASSIGNED = /(?:^|[\s;&?"'`,-])([A-Za-z][\w.-]{0,80})=["'`]?([^\s"'`&;,]+)/g;
// A colon after a space is psql's: PASSWORD :'password' takes a variable.
const QUOTED = /(?<![\w.-])([A-Za-z_][\w.-]{0,80})(?:["']\s*:|:|["']?\s*=>?)\s*["']([^"'\n]+)["']/g;
const LINE = /^[ \t]*(?:- |export )?([A-Za-z_][\w.-]{0,80})[ \t]*[:=][ \t]*([^\s"'#,{[]+)[ \t]*$/gm;

function assigned(text: string, forms: readonly RegExp[] = [ASSIGNED]): Found | undefined {
  if (!SECRET_MARK.test(text)) return undefined;
  for (const form of forms) {
    for (const [, name = '', value = ''] of text.matchAll(form)) {
      if (!isSecretName(name) || !mayBeSecret(name, value) || isCode(value)) continue;
      return { what: `the secret ${name}`, length: value.length };
    }
  }
  return undefined;
}

/** Secrets in a file or a script. */
function inFile(text: string): Found | undefined {
  return /[=:]/.test(text) ? assigned(text, [ASSIGNED, QUOTED, LINE]) : undefined;
}

/** A call or a variable of a program: `System.fetch_env!("TOKEN")`, `:token`, `opts[:token]`, `config.token`. */
function isCode(value: string): boolean {
  return /^[A-Za-z_][\w.!?]*[([]|^[a-z_]\w*(?:\.[a-z_]\w*)+$|^:\w+$|^[`@]/.test(value);
}

const PLAIN = /^(?:true|false|yes|no|on|off|none|null|nil|enabled|disabled|required|optional|default|auto|strict|lax)$/i;

/** Whether a value can be the secret itself, and not a switch, a path, or the place where it is found. */
export function mayBeSecret(name: string, value: string): boolean {
  if (value.trim() === '' || PLAIN.test(value) || isPlaceholder(value) || value === name) return false;
  if (/^(?:\.{0,2}\/[\w.-]|[a-z][a-z0-9+.-]*:\/\/|(?:arn|vault|file):)/.test(value) && !isRandom(value)) return false;
  return isPasswordName(name) || !/^\d{1,9}(?:\.\d+)?(?:ms|s|m|h|d)?$/.test(value);
}
