import { expressionOf } from '../cel/functions';
import type { Value } from './grammar';

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
