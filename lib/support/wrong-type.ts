import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { className, classNamed } from './classes';
import { nearest } from './nearest';
import type { Refusal } from './reject';
import type { Props, PropType, Shape, Shapes } from './shape';
import { whatToWrite } from './what-to-write';

/** What is wrong with a prop, and whether the code after it could not handle it. */
export interface Misfit extends Refusal {
  readonly stops: boolean;
  /** The object that has it, where it is one that someone wrote. */
  readonly holder?: object;
}

/** Where a value is. */
export interface Place {
  /** The prop, with those that it is within: `drain.shutdown`. Empty for the props themselves. */
  readonly path: string;
  /** Who is given it, for sentences: ` to PhoenixRelease`. */
  readonly owner: string;
  /** Whether there may be props that we do not know: a class that extends ours has some of its own. @default false */
  readonly open?: boolean;
}

/** What is wrong with a value that fits none of its shapes. */
export function misfitOf(given: unknown, shapes: Shapes, { path, owner }: Place): Misfit {
  if (given === undefined) return { prop: path, must: 'be given', got: given, fix: `pass '${path}'${owner}`, stops: true };
  const words = shapes.flatMap((shape) => ('word' in shape ? [`${shape.word}`] : []));
  const types = [...new Set(shapes.flatMap(typeOf))];
  if (words.length + types.length === 0)
    return { prop: path, must: 'be left out here', got: given, fix: 'remove it', stops: true };
  const ways = waysOf(shapes);
  const kinds = types.map((type) => (type === 'object' ? `object${ways}` : typeof type === 'string' ? type : className(type)));
  const quoted = words.map((word) => (word === 'true' || word === 'false' ? word : `'${word}'`));
  const must = `be ${[...quoted, ...kinds.map((name) => (/^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`))].join(' or ')}`;
  // Words are few and short: `ftp` is no misspelt `http`.
  const meant = typeof given === 'string' ? nearest(given, words, Math.max(1, Math.floor(given.length / 3))) : undefined;
  const write = shapes.find((shape) => shape.write !== undefined)?.write;
  const usual = write === undefined ? whatToWrite(inList(given, shapes), types, words, objectOf(shapes)) : `write ${write}`;
  const fix = meant === undefined ? (otherCopy(given, types) ?? usual) : `did you mean '${meant}'?`;
  return { prop: path, must, got: shown(path, given), fix, stops: typeof given !== 'string' || types.length > 0 };
}

/** What one of several kinds of objects is known by. */
function waysOf(shapes: Shapes): string {
  const choices = shapes.flatMap((shape) => ('props' in shape ? [shape.props] : []));
  const names = choices.flatMap((props) => onlyRequired(props, choices).slice(0, 1));
  return choices.length > 1 && names.length === choices.length ? ` with one of ${names.join(', ')}` : '';
}

/** The required props that no other choice knows. */
export function onlyRequired(props: Props, choices: readonly Props[]): readonly string[] {
  const others = choices.filter((other) => other !== props);
  return [...props].flatMap(([name, { optional }]) => (!optional && !others.some((other) => other.has(name)) ? [name] : []));
}

/** A text is written as a list with one, where it takes texts. */
function inList(given: unknown, shapes: Shapes): unknown {
  const lists = shapes.flatMap((shape) => ('list' in shape ? [shape.list] : []));
  const texts = lists.every((list) => list.some((shape) => 'is' in shape && shape.is === 'string'));
  return typeof given === 'string' && !texts ? undefined : given;
}

/** An object with what it cannot do without, where one kind of them alone may stand there. */
function objectOf(shapes: Shapes): string | undefined {
  const [props, other] = shapes.flatMap((shape) => ('props' in shape ? [shape.props] : []));
  const required = [...(props ?? [])].flatMap(([name, { optional }]) => (optional ? [] : [name]));
  return other || required.length === 0 ? undefined : `{ ${required.join(', ')} }`;
}

function typeOf(shape: Shape): readonly Exclude<PropType, undefined>[] {
  if ('word' in shape) return [];
  if ('list' in shape) return ['array'];
  if ('instanceOf' in shape) return [classNamed(shape.instanceOf)];
  if (!('is' in shape)) return ['object'];
  return shape.is === 'any' ? [] : [shape.is];
}

/** Nothing that may be secret is printed: what is called like it, unless that is where a vault has it, and URLs with a user. */
export function shown(path: string, got: unknown): unknown {
  if (typeof got !== 'string') return got;
  const named = /passw|secret|token|literal|credential/i.test(path) && !path.includes('.remote.');
  return named || /:\/\/[^/]*@/.test(got) ? `a text of ${got.length} characters` : got;
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
export function wrongAmount(prop: string, value: unknown): Refusal | undefined {
  const unit = value instanceof Duration || value instanceof Size;
  if (!unit && !(value instanceof Cpu)) return undefined;
  const { amount } = value as unknown as { readonly amount: unknown };
  if (unit ? typeof amount === 'number' && Number.isFinite(amount) : /^-?\d+(?:\.\d+)?m?$/.test(String(amount))) return undefined;
  const fix = whatToWrite(amount, ['number']);
  return { prop, must: `be a ${className(value.constructor)} of a number`, got: amount, fix };
}
