import { isIP } from 'node:net';

/** What an operation answers that has no answer, such as one on a field that is not there. */
export const NO_ANSWER = Symbol('no answer');

/** A duration, in nanoseconds. */
export class Span {
  constructor(readonly nanoseconds: number) {}
}

export type Operation = (...operands: readonly unknown[]) => unknown;

type Mapping = Readonly<Record<string, unknown>>;

/** Operators and functions by name; a method's own value comes first. Those that are missing here make a rule be left out. */
export const operations: Readonly<Record<string, Operation>> = {
  not: (one) => (typeof one === 'boolean' ? !one : NO_ANSWER),
  minus: (one) => (typeof one === 'number' ? -one : NO_ANSWER),
  '==': (one, other) => equal(one, other),
  '!=': (one, other) => !equal(one, other),
  '<': (one, other) => compared(one, other, (difference) => difference < 0),
  '<=': (one, other) => compared(one, other, (difference) => difference <= 0),
  '>': (one, other) => compared(one, other, (difference) => difference > 0),
  '>=': (one, other) => compared(one, other, (difference) => difference >= 0),
  in: (one, other) => {
    if (Array.isArray(other)) return other.some((item) => equal(item, one));
    return isMapping(other) ? has(other, one) : NO_ANSWER;
  },
  '+': (one, other) => {
    if (typeof one === 'number' && typeof other === 'number') return one + other;
    if (typeof one === 'string' && typeof other === 'string') return one + other;
    return Array.isArray(one) && Array.isArray(other) ? [...(one as unknown[]), ...(other as unknown[])] : NO_ANSWER;
  },
  '-': numbers((one, other) => one - other),
  '*': numbers((one, other) => one * other),
  '%': numbers((one, other) => (other === 0 ? NO_ANSWER : one % other)),
  size: (one) => {
    if (typeof one === 'string') return Array.from(one).length;
    return Array.isArray(one) ? one.length : isMapping(one) ? Object.keys(one).length : NO_ANSWER;
  },
  startsWith: texts((one, other) => one.startsWith(other)),
  endsWith: texts((one, other) => one.endsWith(other)),
  contains: texts((one, other) => one.includes(other)),
  split: texts((one, other) => one.split(other)),
  matches: texts((one, other) => expressionOf(other)?.test(one) ?? NO_ANSWER),
  upperAscii: (one) => (typeof one === 'string' ? one.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase()) : NO_ANSWER),
  lowerAscii: (one) => (typeof one === 'string' ? one.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : NO_ANSWER),
  trim: (one) => (typeof one === 'string' ? one.trim() : NO_ANSWER),
  int: (one) => (/^-?\d+$/.test(String(one)) ? Number(one) : NO_ANSWER),
  string: (one) => (['string', 'number', 'boolean'].includes(typeof one) ? String(one) : NO_ANSWER),
  duration: (one) => (typeof one === 'string' ? (spanOf(one) ?? NO_ANSWER) : NO_ANSWER),
  isIP: (one) => (typeof one === 'string' ? isIP(one) > 0 : NO_ANSWER),
};

const expressions = new Map<string, RegExp | undefined>();

/** A regular expression of Go as one of JavaScript; undefined where they would not mean the same. */
export function expressionOf(source: string): RegExp | undefined {
  if (expressions.has(source)) return expressions.get(source);
  const made = translated(source);
  expressions.set(source, made);
  return made;
}

function translated(source: string): RegExp | undefined {
  // Go knows no look-around, and JavaScript neither flags inside of an expression nor the classes of POSIX and Unicode.
  const bare = source.replace(/^(\^?)\(\?i\)/, '$1');
  const escapes = bare.replaceAll('\\\\', '');
  if (/\[\[:|\\[AzZpPQEC]/.test(escapes)) return undefined;
  const frame = escapes.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  if (/\(\?(?!:)|[*+?}]\+/.test(frame)) return undefined;
  try {
    return new RegExp(bare, bare === source ? '' : 'i');
  } catch {
    return undefined;
  }
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

function spanOf(text: string): Span | undefined {
  const [, sign, units = ''] = /^([+-]?)(0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const parts = [...units.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)];
  const sum = parts.reduce((total, [, count, unit = '']) => total + Number(count) * (UNITS[unit] ?? 0), 0);
  return new Span(sign === '-' ? -sum : sum);
}

function numbers(operation: (one: number, other: number) => unknown): Operation {
  return (one, other) => (typeof one === 'number' && typeof other === 'number' ? operation(one, other) : NO_ANSWER);
}

function texts(operation: (one: string, other: string) => unknown): Operation {
  return (one, other) => (typeof one === 'string' && typeof other === 'string' ? operation(one, other) : NO_ANSWER);
}

function compared(one: unknown, other: unknown, holds: (difference: number) => boolean): unknown {
  if (typeof one === 'number' && typeof other === 'number') return holds(one - other);
  if (typeof one === 'string' && typeof other === 'string') return holds(one < other ? -1 : one > other ? 1 : 0);
  return one instanceof Span && other instanceof Span ? holds(one.nanoseconds - other.nanoseconds) : NO_ANSWER;
}

function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one instanceof Span || other instanceof Span) return compared(one, other, (difference) => difference === 0) === true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => equal(item, other[index]));
  if (!isMapping(one) || !isMapping(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => has(other, name) && equal(one[name], other[name]));
}

/** Whether a mapping has something under a name. */
export function has(mapping: Mapping, name: unknown): boolean {
  const key = String(name);
  return Object.hasOwn(mapping, key) && mapping[key] !== undefined && mapping[key] !== null;
}

/** Whether a value is a mapping of the YAML. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Span);
}
