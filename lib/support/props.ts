import type { IConstruct } from 'constructs';
import { className } from './classes';
import { misfitsOfProps } from './misfit';
import table from './props.json';
import { noteOurs } from './ours';
import { abort, reject, sentence, type Refusal } from './reject';
import { propsOf, shapesOf, type Props, type Shapes } from './shape';
import type { Misfit } from './wrong-type';

/** A type of props whose interface is in the table, which `npm run docs` writes. */
export type PropsName = Extract<keyof typeof table.types, string>;

const TYPES: Readonly<Record<string, string | Readonly<Record<string, string>>>> = table.types;
const WRITE: Readonly<Record<string, string>> = table.write;

const WORDS = ['string', 'number', 'boolean', 'object', 'function', 'any'] as const;

const known = new Map<string, Shapes>();

/** What a name in the table means. */
function meaning(name: string): Shapes {
  const write = WRITE[name];
  const read = known.get(name) ?? reading(name).map((shape) => (write === undefined ? shape : { ...shape, write }));
  known.set(name, read);
  return read;
}

function reading(name: string): Shapes {
  const word = WORDS.find((one) => one === name);
  if (word) return [{ is: word }];
  const type = TYPES[name];
  if (type === undefined) return [{ instanceOf: name }];
  return typeof type === 'string' ? shapesOf(type, meaning) : [{ props: propsOf(type, meaning) }];
}

/** The props of a type. */
export function propsNamed(name: PropsName): Props {
  const [shape] = meaning(name);
  return shape && 'props' in shape ? shape.props : new Map();
}

/**
 * Refuses what is missing, of a wrong type, or no prop that is known, at every level, as the interface of that name has it:
 * callers in plain JavaScript have no compiler, and that of TypeScript overlooks names in objects that are spread or come from
 * a variable. It also notes that the construct is one of this library.
 *
 * @throws Unbuildable where the code after it could not handle the values
 */
export function requireProps(scope: IConstruct, props: object, name: PropsName): void {
  // What an environment says is asked for at its App, which anybody makes.
  if (scope.node.scope) noteOurs(scope);
  const open = !isOwnClass(scope);
  refuse(scope, misfitsOfProps(props, propsNamed(name), { path: '', owner: ownerOf(scope), open }));
}

/** What {@link requireProps} would refuse, for where there is no construct to do it: whoever is given the value does. */
export function wrongProps(props: object, name: PropsName, owner: string): readonly Refusal[] {
  const misfits = misfitsOfProps(props, propsNamed(name), { path: '', owner });
  return misfits.map(({ prop, must, got, fix }) => ({ prop, must, got, fix }));
}

/** Who is given the props, for sentences. */
export function ownerOf(scope: IConstruct): string {
  return scope.node.scope ? ` to ${className(scope.constructor)}` : '';
}

/**
 * Refuses what is wrong, and stops where the code after it could not handle it, or before anything is made from a literal. What
 * is wrong within an object that is handed on is told once, by who is given it first.
 */
export function refuse(scope: IConstruct, misfits: readonly Misfit[]): void {
  if (misfits.some(({ stops }) => stops) || (misfits.length > 0 && scope.node.scope === undefined)) abort(scope, misfits);
  for (const { holder = {}, ...misfit } of misfits) {
    const words = toldOf(scope, holder);
    const said = sentence(misfit).replace(misfit.prop, '');
    if (!words.has(said)) reject(scope, misfit);
    words.add(said);
  }
}

const told = new WeakMap<IConstruct, WeakMap<object, Set<string>>>();

/** What was told of an object in the App that `scope` is in. */
function toldOf({ node: { root } }: IConstruct, holder: object): Set<string> {
  const objects = told.get(root) ?? new WeakMap<object, Set<string>>();
  told.set(root, objects);
  const words = objects.get(holder) ?? new Set();
  objects.set(holder, words);
  return words;
}

/**
 * Whether the class of a construct is one whose props are known here: its parent is no class with props of its own. A class that
 * extends one of ours has more of them, and its constructs are of this library all the same.
 */
export function isOwnClass({ constructor, node }: IConstruct): boolean {
  const parent = Object.getPrototypeOf(constructor) as { readonly name: string };
  return node.scope === undefined || ['Construct', 'Chart', 'EnvironmentChart'].includes(className(parent));
}
