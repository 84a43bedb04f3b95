import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { nearest } from './nearest';
import { abort, reject, type Refusal } from './reject';
import { className, whatToWrite } from './what-to-write';

/** A class, or the name of a type. `undefined` beside others makes a prop optional. */
export type PropType = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'function' | undefined | Class;

/** Any class, also one that is made by factories alone. */
interface Class {
  readonly name: string;
  readonly prototype: object;
}

/** The types that each prop may have. Every prop is listed, so that a new one cannot be forgotten. */
export type PropTypes<P> = { readonly [K in keyof P]-?: readonly PropType[] };

/** A value that was made where no construct could refuse what went into it: whoever is given it does. */
export interface Checked {
  /** What is wrong inside, each prop as seen from the value. */
  readonly wrongTypes: readonly Refusal[];
}

/**
 * Stops the construction where a prop is missing or of a type that the code after it could not handle: callers in plain
 * JavaScript have no compiler. Refuses names that are none of the props, which the compiler overlooks in objects that are
 * spread or come from a variable.
 *
 * @param prefix where the props are within those of the construct, such as `drain.`
 * @throws Unbuildable with all that are of a wrong type
 */
export function requireTypes<P extends object>(scope: IConstruct, props: P, types: PropTypes<P>, prefix = ''): void {
  const owner = scope.node.scope ? ` to ${className(scope.constructor)}` : '';
  if (!isObject(props)) {
    const required = Object.keys(types).filter((name) => !types[name as keyof P].includes(undefined));
    const must = required.length > 0 ? `be an object with ${required.join(', ')}` : 'be an object';
    abort(scope, [{ prop: prefix.slice(0, -1) || 'props', must, got: props, fix: `pass them${owner}` }]);
  }
  const unknown = misspelt(scope, props, types, prefix);
  // What was misspelt is not missing too.
  const wrong = wrongTypes(props, types, owner, prefix).filter(({ prop, got }) => got !== undefined || !unknown.has(prop));
  const missing = [...unknown.keys()].some((prop) => !types[prop.slice(prefix.length) as keyof P]?.includes(undefined));
  if (wrong.length > 0 || missing) abort(scope, [...unknown.values(), ...wrong]);
  for (const refusal of unknown.values()) reject(scope, refusal);
}

/** What is missing or of a wrong type, for where there is no construct to refuse it. */
export function wrongTypes<P extends object>(props: P, types: PropTypes<P>, owner: string, prefix = ''): readonly Refusal[] {
  return (Object.entries(types) as [keyof P & string, readonly PropType[]][]).flatMap(([name, allowed]) => {
    const [prop, value] = [`${prefix}${name}`, props[name]];
    if (!allowed.some((type) => matches(value, type))) return [refusal(owner, prop, value, allowed)];
    const amount = wrongAmount(prop, value);
    return amount ? [amount] : inside(value).map((refused) => ({ ...refused, prop: `${prop}.${refused.prop}` }));
  });
}

/** Stops the construction where a value of a mapping is no text: the API server takes no others for annotations. */
export function requireTexts(scope: IConstruct, texts: Readonly<Record<string, string>>, prefix: string): void {
  requireTypes(scope, texts, Object.fromEntries(Object.keys(texts).map((name) => [name, ['string'] as const])), prefix);
}

/**
 * Stops the construction unless an object has one of some props alone, and that is of one type: a choice between ways.
 *
 * @throws Unbuildable where there is none, another one, or more
 */
export function requireOneProp(
  scope: IConstruct,
  prop: string,
  choice: object,
  props: readonly string[],
  fix: string,
  type: 'object' | 'string' = 'object',
): void {
  if (!isObject(choice)) abort(scope, [{ prop, must: `be an object with one of ${props.join(', ')}`, got: choice, fix }]);
  const given = Object.entries(choice).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const [only = ''] = given;
  const got = given.length > 0 ? given.join(', ') : undefined;
  if (given.length !== 1 || !props.includes(only)) {
    const meant = given.length === 1 ? nearest(only, props) : undefined;
    const write = meant === undefined ? fix : `did you mean '${meant}'?`;
    abort(scope, [{ prop, must: `be one of ${props.join(', ')}`, got, fix: write }]);
  }
  requireTypes(scope, choice as Record<string, unknown>, { [only]: [type] }, `${prop}.`);
}

function matches(value: unknown, type: PropType): boolean {
  if (type === undefined) return value === undefined;
  if (typeof type !== 'string') return Object.prototype.isPrototypeOf.call(type.prototype, value as object);
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isObject(value) : typeof value === type;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names that are no props, by the path of the prop that was meant, or else by their own. */
function misspelt<P extends object>(scope: IConstruct, props: P, types: PropTypes<P>, prefix: string): Map<string, Refusal> {
  const given = Object.keys(props).filter((name) => props[name as keyof P] !== undefined);
  const free = Object.keys(types).filter((name) => !given.includes(name));
  return new Map(
    given
      .filter((name) => !(name in types))
      .flatMap((name): [string, Refusal][] => {
        const meant = nearest(name, free);
        // A class that extends ours has props of its own, which we do not know.
        if (meant === undefined && prefix === '' && !isOurs(scope)) return [];
        const known = `use one of ${Object.keys(types).join(', ')}`;
        const fix = meant === undefined ? known : `did you mean '${meant}'?`;
        const prop = `${prefix}${name}`;
        return [[`${prefix}${meant ?? name}`, { prop, must: 'be a prop that is known', got: props[name as keyof P], fix }]];
      }),
  );
}

/** Whether the class of a construct is one whose props are known here: its parent is no class with props of its own. */
function isOurs({ constructor, node }: IConstruct): boolean {
  const parent = Object.getPrototypeOf(constructor) as { readonly name: string };
  return node.scope === undefined || ['Construct', 'Chart', 'EnvironmentChart'].includes(className(parent));
}

function refusal(owner: string, prop: string, got: unknown, allowed: readonly PropType[]): Refusal {
  if (got === undefined) return { prop, must: 'be given', got, fix: `pass '${prop}'${owner}` };
  if (allowed.every((type) => type === undefined)) return { prop, must: 'be left out here', got, fix: 'remove it' };
  const kinds = allowed.filter((type) => type !== undefined).map((type) => (typeof type === 'string' ? type : className(type)));
  const must = `be ${kinds.map((name) => (/^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`)).join(' or ')}`;
  return { prop, must, got, fix: otherCopy(got, allowed) ?? whatToWrite(got, allowed) };
}

/** Where a value is of the right class from another copy of its package, which no `instanceof` knows. */
function otherCopy(got: unknown, allowed: readonly PropType[]): string | undefined {
  if (typeof got !== 'object' || got === null) return undefined;
  const copied = className(got.constructor);
  if (!allowed.some((type) => type !== undefined && typeof type !== 'string' && className(type) === copied)) return undefined;
  const name = copied === 'Duration' || copied === 'Size' ? 'cdk8s' : copied === 'Cpu' ? 'cdk8s-plus-27' : 'cdk8s-phoenix';
  return twoCopies(name);
}

/** What to do about a package that is installed twice. */
export function twoCopies(name: string): string {
  return `it comes from another copy of ${name}: find the two with 'npm ls ${name}', and install one`;
}

/** The factories of cdk8s take anything, and answer with NaN later. */
function wrongAmount(prop: string, value: unknown): Refusal | undefined {
  const unit = value instanceof Duration || value instanceof Size;
  if (!unit && !(value instanceof Cpu)) return undefined;
  const { amount } = value as unknown as { readonly amount: unknown };
  if (unit ? typeof amount === 'number' && Number.isFinite(amount) : /^-?\d+(?:\.\d+)?m?$/.test(String(amount))) return undefined;
  const fix = whatToWrite(amount, ['number']);
  return { prop, must: `be a ${className(value.constructor)} of a number`, got: amount, fix };
}

function inside(value: unknown): readonly Refusal[] {
  return isObject(value) && 'wrongTypes' in value ? (value as Checked).wrongTypes : [];
}
