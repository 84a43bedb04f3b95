import { expressionOf } from '../cel/functions';
import type { Value } from './grammar';
import { form } from './forms';

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
