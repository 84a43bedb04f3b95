import { createHash } from 'node:crypto';
import type { Schema } from './schema';

/** Signs of the tables' grammar, inside of a name or a value. */
export function encoded(text: string): string {
  return text.replaceAll(/[^\w.\-/:$*]/g, (sign) => encodeURIComponent(sign).replaceAll(/[()'!]/g, hex));
}

function hex(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Bounds and patterns of a value: `(1..63,~ab12)`. */
export function bounds(least: number | undefined, most: number | undefined, patterns: readonly string[] = []): string {
  const parts = least === undefined && most === undefined ? [] : [`${least ?? ''}..${most ?? ''}`];
  const all = [...parts, ...patterns.map((pattern) => `~${hashOf(pattern)}`)];
  return all.length === 0 ? '' : `(${all.join(',')})`;
}

/** A short name for a pattern that stays the same whatever else is in the table. */
export function hashOf(pattern: string): string {
  return createHash('sha256').update(pattern).digest('hex').slice(0, 6);
}

/** The values that a schema knows: `A|B`. */
export function values(known: readonly unknown[]): string {
  const texts = known.map((value) => encoded(String(value)));
  const sorted = [...texts.filter((text) => text === ''), ...texts.filter((text) => text !== '')];
  const joined = sorted.length === 1 ? `${sorted[0]}|` : sorted.join('|');
  return typeof known[0] === 'number' ? `#${joined}` : joined;
}

/** The type of a single value, as the tables name it; undefined where it is none. */
export function scalarOf(schema: Schema): string | undefined {
  if (schema['x-kubernetes-int-or-string']) return 'intOrString';
  const { type, format } = schema;
  if (type === 'integer') return format === 'int32' ? 'integer' : 'long';
  if (type === 'number' || type === 'boolean') return type;
  if (type !== 'string') return undefined;
  return format === 'byte' ? 'base64' : format === 'date-time' ? 'time' : 'string';
}
