import { unknownIn } from '../../../lib/schema/cel/evaluate';
import type { Schema } from './schema';

/** Conditions of a schema, in the Common Expression Language, and those that cannot be evaluated. */
export interface Conditions {
  readonly kept: readonly string[];
  readonly left: readonly { readonly rule: string; readonly because: string }[];
}

/** Conditions about a value itself; alternatives of fields are written as conditions too. */
export function conditionsOf(schema: Schema): Conditions {
  const rules = schema['x-kubernetes-validations']?.map(({ rule }) => rule.trim().replaceAll(/\s*\n\s*/g, ' ')) ?? [];
  const all = [...rules, ...alternativesOf(schema)];
  const left = all.flatMap((rule) => {
    const because = /\boldSelf\b/.test(rule) ? 'it compares with the object as it was' : unknownIn(rule);
    return because === undefined ? [] : [{ rule, because }];
  });
  return { kept: all.filter((rule) => !left.some((one) => one.rule === rule)), left };
}

/** `anyOf`, `oneOf` and `not`, beside what is said elsewhere: types of numbers or texts, values and patterns of `allOf`. */
function alternativesOf(schema: Schema): string[] {
  if (schema['x-kubernetes-int-or-string']) return [];
  const { anyOf, oneOf, not, allOf = [] } = schema;
  const inner = allOf.filter((one) => one.anyOf ?? one.oneOf ?? one.not ?? one.required ?? one.properties);
  const found = [{ anyOf }, { oneOf }, { not }, ...inner].map((one) => expression(one, 'self'));
  return found.filter((text) => text !== 'true');
}

/** A schema as an expression over `value`. What it does not know it writes in a way that is not evaluated. */
function expression(schema: Schema, value: string): string {
  const { required = [], properties = {}, not, allOf, anyOf, oneOf } = schema;
  const parts = [
    ...required.map((field) => `has(${value}.${field})`),
    ...Object.entries(properties).flatMap(([field, inner]) => {
      const text = expression(inner, `${value}.${field}`);
      return text === 'true' ? [] : [`(!has(${value}.${field}) || ${text})`];
    }),
    ...(schema.enum ? [`${value} in [${schema.enum.map((one) => JSON.stringify(one)).join(', ')}]`] : []),
    ...(schema.pattern === undefined ? [] : [`${value}.matches(${JSON.stringify(schema.pattern)})`]),
    ...(not ? [`!(${expression(not, value)})`] : []),
    ...(allOf?.map((one) => `(${expression(one, value)})`) ?? []),
    ...(anyOf ? [isAddress(anyOf) ? `isIP(${value})` : `(${anyOf.map((one) => expression(one, value)).join(' || ')})`] : []),
    ...(oneOf ? [oneOfThem(oneOf, value)] : []),
    ...(schema.format === undefined ? [] : [`format('${schema.format}')`]),
  ];
  return parts.length === 0 ? 'true' : parts.join(' && ');
}

function isAddress(anyOf: readonly Schema[]): boolean {
  return anyOf.map(({ format }) => format).join() === 'ipv4,ipv6';
}

/** None or one of some fields is how generators say that they exclude each other. */
function oneOfThem(oneOf: readonly Schema[], value: string): string {
  const [first, ...rest] = oneOf;
  const none = first?.not?.anyOf ? JSON.stringify(first.not.anyOf) === JSON.stringify(rest) : false;
  const terms = (none ? rest : oneOf).map((one) => expression(one, value));
  if (none && terms.length === 1) return 'true';
  return `[${terms.join(', ')}].filter(x, x).size() ${none ? '<=' : '=='} 1`;
}
