import { parseQuantity } from '../support/parse-quantity';
import { expressionOf } from './cel/functions';
import type { Value } from './grammar';

/** A type of single values: what it must be, how to tell, and what to write instead. */
export interface Scalar {
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
  readonly fix: (value: unknown) => string;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** The types of single values that the API server tells apart. */
export const scalars: Readonly<Record<string, Scalar>> = {
  string: {
    must: 'be text',
    holds: (value) => typeof value === 'string',
    fix: (value) => (typeof value === 'object' ? 'write one text' : `write it in quotes, as "${value}"`),
  },
  integer: { must: 'be a whole number', holds: isInteger, fix: numeral },
  long: { must: 'be a whole number', holds: Number.isInteger, fix: numeral },
  number: { must: 'be a number', holds: Number.isFinite, fix: numeral },
  boolean: {
    must: 'be true or false',
    holds: (value) => typeof value === 'boolean',
    fix: (value) => (value === 'true' || value === 'false' ? 'write it without quotes' : 'write true or false'),
  },
  intOrString: {
    must: 'be a whole number or text',
    holds: (value) => typeof value === 'string' || isInteger(value),
    fix: (value) => (Number.isInteger(value) ? numeral(value) : 'write a number, a name or a percentage'),
  },
  quantity: {
    must: 'be a quantity',
    holds: (value) => (typeof value === 'string' || typeof value === 'number') && parseQuantity(value) !== undefined,
    fix: quantity,
  },
  time: {
    must: 'be a point in time',
    holds: (value) => typeof value === 'string' && TIME.test(value),
    fix: () => 'write it in quotes, as "2026-01-31T22:00:00Z"',
  },
  base64: {
    must: 'be base64',
    holds: (value) => typeof value === 'string' && BASE64.test(value.replaceAll(/[\r\n]/g, '')),
    fix: () => 'encode it; plain text of a Secret goes under stringData',
  },
};

/** Most numbers of Kubernetes have 32 bits, and none of the others is of use beyond that. */
function isInteger(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) <= 2147483647;
}

function numeral(value: unknown): string {
  if (Number.isInteger(value)) return 'write one of at most 2147483647';
  return typeof value === 'string' && /^-?\d+$/.test(value) ? 'write it without quotes' : 'write one number';
}

/** People write `512MB`, `0.5Gb` and `1 Gi`. */
function quantity(value: unknown): string {
  const nearly = String(value)
    .replaceAll(/\s/g, '')
    .replace(/(?:bytes?|b)$/i, '');
  const meant = parseQuantity(nearly) === undefined ? '500m for CPU or 512Mi for memory' : nearly;
  return `write a number and one of m, k, M, G, T, Ki, Mi, Gi and Ti, as in ${meant}`;
}

/** What a number, a text, a list or a mapping is too small, too large or of the wrong form for; undefined where it is right. */
export function boundsFault({ least, most, patterns }: Value, value: unknown): { must: string; fix: string } | undefined {
  // Most fields have none, and each of them comes by here.
  if (least === undefined && most === undefined && patterns.length === 0) return undefined;
  const [size, what] = sizeOf(value);
  if ((least !== undefined && size < least) || (most !== undefined && size > most)) {
    const range = least === undefined ? `at most ${most}` : most === undefined ? `at least ${least}` : `${least} to ${most}`;
    const must = what === undefined ? `be ${range}` : `have ${range} ${what}`;
    return { must, fix: what === undefined ? 'write a number in this range' : `it has ${size}` };
  }
  if (typeof value !== 'string') return undefined;
  const wrong = patterns.find((pattern) => expressionOf(pattern)?.test(value) === false);
  return wrong === undefined ? undefined : form(wrong);
}

function sizeOf(value: unknown): readonly [number, string?] {
  if (typeof value === 'number') return [value];
  if (typeof value === 'string') return [value.length < 64 ? value.length : Array.from(value).length, 'characters'];
  if (Array.isArray(value)) return [value.length, 'items'];
  return [Object.keys(value as object).length, 'fields'];
}

/** Patterns that many kinds have, in words: what must be, and what to write. */
const FORMS: readonly (readonly [pattern: RegExp, must: string, fix: string])[] = [
  [/^\^\(\\\+\|-\)\?\(\(\[0-9\]\+\(\\\.\[0-9\]\*\)\?\)/, 'be a quantity', 'write it as 500m, 2 or 512Mi'],
  [/^\^\[a-z0-9\]\(\[-a-z0-9\]\*\[a-z0-9\]\)\?\$$/, "be lower-case letters, digits and '-'", 'write a name such as "web-1"'],
  [
    /^\^(?:\$\|\^)?\[a-z0-9\]\(\[-a-z0-9\]\*\[a-z0-9\]\)\?\(\\\.\[a-z0-9\]\(\[-a-z0-9\]\*\[a-z0-9\]\)\?\)\*\$$/,
    "be lower-case letters, digits, '-' and '.'",
    'write a name such as "web-1" or "web.example.com"',
  ],
  [
    /^\^\(\\\*\\\.\)\?\[a-z0-9\]\(\[-a-z0-9\]\*\[a-z0-9\]\)\?\(\\\.\[a-z0-9\]/,
    'be a host name, with *. in front for all of a domain',
    'write it as "shop.example.com", in lower case, without a scheme or a port',
  ],
  [/^\^\(\[0-9\]\{1,5\}\(h\|m\|s\|ms\)\)/, 'be a duration', 'write it as "30s", "1h30m" or "500ms", in whole numbers'],
  [/^\^\(\[0-9\]\+\(\\\.\[0-9\]\+\)\?\(/, 'be a duration', 'write it as "30s", "5m" or "1h30m"'],
  [/^\^\[0-9\]\+\(\([a-zµ|]+\)\[0-9\]\+\)\*/, 'be a duration', 'write it as "30s", "5m" or "1h30m"'],
  [/^\^\(0\|\(\(\[0-9\]\+\)y\)\?/, 'be a duration', 'write it as "30s", "1m" or "1h30m"'],
  [/^\^\[1-9\]\[0-9\]\*\[dwm\]\$$/, 'be a number of days, weeks or months', 'write it as "30d", "4w" or "1m"'],
  [/^\^\(?https?(?:\|https)?\)?:\/\//, 'be a URL', 'write it with its scheme in front, as "https://example.com"'],
];

/** What a text must be that has a form, and what to write: in words where they are known, as the pattern elsewhere. */
function form(pattern: string): { must: string; fix: string } {
  const known = FORMS.find(([shape]) => shape.test(pattern));
  return known ? { must: known[1], fix: known[2] } : { must: `match ${pattern}`, fix: 'write it in this form' };
}
