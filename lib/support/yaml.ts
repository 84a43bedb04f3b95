import { unwritable } from './reject';

/**
 * Finished objects as one YAML file. It is read alike by parsers of YAML 1.1, as Kubernetes' own, and of 1.2: what either of them takes
 * for anything but a text is quoted, `0o14` and `012`, `y` and `1:30`. Texts of several lines are literal blocks.
 */
export function yaml(objects: readonly unknown[]): string {
  return objects.map(document).join('---\n');
}

function document(object: unknown): string {
  const text = `${inlined(object, 0)}\n`;
  // Empty lines at the end of a block may be meant for it, or stand before what comes next.
  return text.endsWith('\n\n') && endsInBlock(object) ? `${text}...\n` : text;
}

function endsInBlock(value: unknown): boolean {
  if (typeof value === 'string') return value.endsWith('\n\n');
  return typeof value === 'object' && value !== null && endsInBlock(written(value).at(-1)?.[1]);
}

/** A value behind `- `, or at the left: its first line goes on there. */
function inlined(value: unknown, level: number): string {
  return isCollection(value) ? collection(value, level).slice(1 + 2 * level) : scalar(value, level);
}

/** A value behind a key and its colon. */
function behind(value: unknown, level: number): string {
  return isCollection(value) ? collection(value, level) : ` ${scalar(value, level)}`;
}

/** Lines, each behind its line break. */
function collection(value: object, level: number): string {
  const indent = `\n${'  '.repeat(level)}`;
  if (Array.isArray(value))
    return value.reduce<string>((lines, item) => `${lines}${indent}- ${inlined(item ?? null, level + 1)}`, '');
  let lines = '';
  for (const [name, inner] of written(value)) lines += indent + pair(name, inner, level, indent);
  return lines;
}

function pair(name: string, inner: unknown, level: number, indent: string): string {
  const key = isPlain(name) ? name : quoted(name);
  // Parsers look no further for the colon.
  if (name.includes('\n') || /^[^]{1025}/u.test(key)) return `? ${key}${indent}: ${inlined(inner, level + 1)}`;
  return `${key}:${behind(inner, level + 1)}`;
}

/** What is there of an object: `undefined` is nothing. */
function written(value: object): [key: string, value: unknown][] {
  const entries = Object.entries(value);
  return Array.isArray(value) ? entries : entries.filter(([, inner]) => inner !== undefined);
}

/** Whether a value takes lines of its own. */
function isCollection(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) refuse(value);
  for (const key in value) if (value[key as keyof typeof value] !== undefined) return true;
  return false;
}

function scalar(value: unknown, level: number): string {
  if (typeof value === 'string') return text(value, level);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value !== 'object') return refuse(value);
  return Array.isArray(value) ? '[]' : '{}';
}

function refuse(value: unknown): never {
  unwritable(`unacceptable kind of an object to dump ${Object.prototype.toString.call(value)}`);
}

function number(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : `${value < 0 ? '-' : ''}.inf`;
  // Without the point, 1e+21 is a text in YAML 1.1.
  return Object.is(value, -0) ? '-0.0' : String(value).replace(/^(-?\d+)e/, '$1.e');
}

function text(value: string, level: number): string {
  if (!value.includes('\n')) return isPlain(value) ? value : quoted(value);
  return INVISIBLE.test(value) || !/\S/.test(value) ? quoted(value) : literal(value, '  '.repeat(Math.max(1, level)));
}

/** A block, whose header says where it begins, if with a space, and whether it keeps its last line breaks. */
function literal(value: string, indent: string): string {
  const begin = /^\n* /.test(value) ? '2' : '';
  const end = value.endsWith('\n\n') ? '+' : value.endsWith('\n') ? '' : '-';
  return `|${begin}${end}\n${value.replace(/\n$/, '').replace(/^(?=[^\n])/gm, indent)}`;
}

/** What no one sees, or no parser takes as it is; a lone half of a character too. */
const INVISIBLE = /[\x00-\x09\x0B-\x1F\x7F-\xA0\u2028\u2029\uFEFF\uFFFE\uFFFF]|\p{Surrogate}/u;
/** Where a text would begin something else, or break off. */
const SYNTAX = /^[ ,[\]{}#&*!|>'"%@`]|^[-?:](?: |$)| #|:(?: |$)| $|\n|^\s+$/;
/** Null, switches, merging and the default value, numbers with or without `_`, in base 60 too, and dates. */
const NO_TEXT = new RegExp(
  [
    '^(?:~?|null|Null|NULL|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE|<<|=',
    '[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\\.[0-9_]*)?)|0o[0-7]+',
    '[-+]?(?:[0-9][0-9_]*(?:\\.[0-9_]*)?|\\.[0-9_]*[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)',
    '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]| +)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]*)?(?: *(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)?)$',
  ].join('|'),
);

function isPlain(value: string): boolean {
  return !SYNTAX.test(value) && !INVISIBLE.test(value) && !NO_TEXT.test(value);
}

function quoted(value: string): string {
  if (/\p{Surrogate}/u.test(value)) unwritable('half of a character, which UTF-8 does not have');
  return `"${value.replace(/["\\\x00-\x1F\x7F-\xA0\u2028\u2029\uFEFF\uFFFE\uFFFF]/g, escaped)}"`;
}

function escaped(character: string): string {
  const known = ESCAPES.get(character);
  if (known !== undefined) return `\\${known}`;
  const code = character.charCodeAt(0).toString(16).toUpperCase();
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}

const ESCAPES = new Map(
  Object.entries({
    '\0': '0',
    '\x07': 'a',
    '\b': 'b',
    '\t': 't',
    '\n': 'n',
    '\v': 'v',
    '\f': 'f',
    '\r': 'r',
    '\x1B': 'e',
    '"': '"',
  }).concat(Object.entries({ '\\': '\\', '\x85': 'N', '\xA0': '_', '\u2028': 'L', '\u2029': 'P' })),
);
