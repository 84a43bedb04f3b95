import type { IConstruct } from 'constructs';
import { abort, type Refusal } from './reject';

/** A class, or the name of a type. `undefined` beside others makes a prop optional. */
export type PropType = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'function' | undefined | Class;

/** Any class, also one that is made by factories alone. */
interface Class {
  readonly name: string;
  readonly prototype: object;
}

/** The types that each prop may have. Every prop is listed, so that a new one cannot be forgotten. */
export type PropTypes<P> = { readonly [K in keyof P]-?: readonly PropType[] };

/**
 * Stops the construction where a prop is missing or of a type that the code after it could not handle: callers in plain
 * JavaScript have no compiler.
 *
 * @param prefix where the props are within those of the construct, such as `drain.`
 * @throws Unbuildable with all of them
 */
export function requireTypes<P extends object>(scope: IConstruct, props: P, types: PropTypes<P>, prefix = ''): void {
  if (!isObject(props)) {
    const required = Object.keys(types).filter((name) => !types[name as keyof P].includes(undefined));
    const must = required.length > 0 ? `be an object with ${required.join(', ')}` : 'be an object';
    abort(scope, [{ prop: prefix.slice(0, -1) || 'props', must, got: props, fix: `pass them to ${scope.constructor.name}` }]);
  }
  const wrong = (Object.entries(types) as [keyof P & string, readonly PropType[]][])
    .filter(([name, allowed]) => !allowed.some((type) => matches(props[name], type)))
    .map(([name, allowed]) => refusal(scope, `${prefix}${name}`, props[name], allowed));
  if (wrong.length > 0) abort(scope, wrong);
}

/** Stops the construction where a value of a mapping is no text: the API server takes no others for annotations. */
export function requireTexts(scope: IConstruct, texts: Readonly<Record<string, string>>, prefix: string): void {
  requireTypes(scope, texts, Object.fromEntries(Object.keys(texts).map((name) => [name, ['string'] as const])), prefix);
}

/**
 * Stops the construction unless an object has one of some props alone, and that is an object: a choice between ways.
 *
 * @throws Unbuildable where there is none, another one, or more
 */
export function requireOneProp(scope: IConstruct, prop: string, choice: object, props: readonly string[], fix: string): void {
  const given = Object.entries(choice).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const [only = ''] = given;
  const got = given.length > 0 ? given.join(', ') : undefined;
  if (given.length !== 1 || !props.includes(only)) abort(scope, [{ prop, must: `be one of ${props.join(', ')}`, got, fix }]);
  requireTypes(scope, choice as Record<string, unknown>, { [only]: ['object'] }, `${prop}.`);
}

function matches(value: unknown, type: PropType): boolean {
  if (type === undefined) return value === undefined;
  if (typeof type !== 'string') return Object.prototype.isPrototypeOf.call(type.prototype, value as object);
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isObject(value) : typeof value === type;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(scope: IConstruct, prop: string, got: unknown, allowed: readonly PropType[]): Refusal {
  if (got === undefined) return { prop, must: 'be given', got, fix: `pass '${prop}' to ${scope.constructor.name}` };
  const kinds = allowed.filter((type) => type !== undefined).map((type) => (typeof type === 'string' ? type : type.name));
  const must = `be ${kinds.map((name) => (/^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`)).join(' or ')}`;
  return { prop, must, got, fix: `see the documentation of '${prop}' for what it takes` };
}
