import { Lazy } from 'cdk8s';
import { classNamed, isInstance, isOf } from './classes';
import { faultsOf } from './made';
import { nearest } from './nearest';
import type { Prop, Props, Shape, Shapes } from './shape';
import { misfitOf, onlyRequired, shown, wrongAmount, type Misfit, type Place } from './wrong-type';

/** What is missing, of a wrong type, or no prop that is known, at every level. */
export function misfitsOfProps(value: object, props: Props, place: Place): readonly Misfit[] {
  if (!isObject(value)) {
    const required = [...props].flatMap(([name, { optional }]) => (optional ? [] : [name]));
    const must = required.length > 0 ? `be an object with ${required.join(', ')}` : 'be an object';
    return [{ prop: place.path || 'props', must, got: value, fix: `pass them${place.owner}`, stops: true }];
  }
  const unknown = misspelt(value, props, place);
  const wrong: Misfit[] = [];
  for (const [name, { optional, shapes }] of props) {
    const given: unknown = value[name];
    // What was misspelt is not missing too.
    if (given === undefined && (optional || unknown.has(name))) continue;
    // Most are a text, a number or a switch: those are told at a glance.
    if (typeof given !== 'object' && shapes.some((shape) => fits(given, shape))) continue;
    for (const misfit of misfits(given, shapes, { ...place, path: within(place, name) }))
      wrong.push({ holder: value, ...misfit });
  }
  return [...unknown.values(), ...wrong, ...inside(value, place).map((misfit) => ({ holder: value, ...misfit }))];
}

/** What is wrong with a value that is to be one of some shapes. */
function misfits(given: unknown, shapes: Shapes, place: Place): readonly Misfit[] {
  // Known when the App is whole.
  if (given instanceof Lazy) return [];
  const fitting = shapes.filter((shape) => fits(given, shape));
  if (fitting.length === 0) return [misfitOf(given, shapes, place)];
  const amount = wrongAmount(place.path, given);
  if (amount) return [{ ...amount, stops: true }];
  if (fitting.some((shape) => 'is' in shape || 'word' in shape || 'instanceOf' in shape)) return inside(given, place);
  if (Array.isArray(given)) {
    const each = fitting.flatMap((shape) => ('list' in shape ? shape.list : []));
    return given.flatMap((one: unknown, index) => ofElement(one, each, place, index));
  }
  return ofObject(given as Readonly<Record<string, unknown>>, fitting, place);
}

/** What is wrong within an element is told as that of the prop; what is no element at all by its number, from 0. */
function ofElement(one: unknown, shapes: Shapes, place: Place, index: number): readonly Misfit[] {
  return misfits(one, shapes, place).map((misfit) =>
    misfit.prop === place.path ? { ...misfit, prop: `${misfit.prop}.${index}` } : misfit,
  );
}

function ofObject(given: Readonly<Record<string, unknown>>, shapes: Shapes, place: Place): readonly Misfit[] {
  const choices = shapes.flatMap((shape) => ('props' in shape ? [shape.props] : []));
  const [first, second] = choices;
  if (first && second) return ofChoice(given, choices, place, shapes.find(({ write }) => write !== undefined)?.write);
  if (first) return misfitsOfProps(given, first, { path: place.path, owner: place.owner });
  const each = shapes.flatMap((shape) => ('each' in shape ? shape.each : []));
  return Object.entries(given).flatMap(([name, one]) => {
    const path = within(place, name);
    const missing = one === undefined && !each.some((shape) => fits(one, shape));
    if (!missing) return misfits(one, each, { ...place, path });
    return [{ prop: path, must: 'have a value', got: one, fix: 'remove it, or write its value', stops: true }];
  });
}

/** Several kinds of objects may stand here: the one is meant that has most of the names. */
function ofChoice(
  given: Readonly<Record<string, unknown>>,
  choices: readonly Props[],
  place: Place,
  write?: string,
): readonly Misfit[] {
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  const ways = choices.map((props) => onlyRequired(props, choices));
  let meant: Props;
  if (ways.every(({ length }) => length > 0)) {
    // Also what is undefined: the code after it asks for the name alone.
    const chosen = ways.filter((way) => way.some((name) => name in given));
    const [way = []] = chosen;
    if (chosen.length !== 1) return undecided(given, ways, choices, place, write);
    meant = choices[ways.indexOf(way)] ?? new Map<string, Prop>();
  } else meant = likest(given, names, choices);
  const others = new Set(choices.flatMap((props) => [...props.keys()]));
  return misfitsOfProps(given, meant, { path: place.path, owner: place.owner }).map((misfit) => {
    const name = misfit.prop.slice(place.path.length + 1);
    if (meant.has(name) || !others.has(name) || !names.includes(name)) return misfit;
    const beside = names.filter((known) => meant.has(known) && !choices.some((props) => props.has(name) && props.has(known)));
    if (beside.length === 0) return misfit;
    const fix = `take out one of the two`;
    return { ...misfit, must: `be left out beside ${beside.join(', ')}`, fix, stops: true };
  });
}

/** None of the ways is named, or more than one. */
function undecided(
  given: Readonly<Record<string, unknown>>,
  ways: readonly (readonly string[])[],
  choices: readonly Props[],
  place: Place,
  write = 'one of them alone',
): readonly Misfit[] {
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  const strange = names.filter((name) => !choices.some((props) => props.has(name)));
  const chosen = Object.keys(given).filter((name) => ways.some((way) => way.includes(name)));
  const [only, ...more] = strange;
  const near = chosen.length > 0 || only === undefined || more.length > 0 ? undefined : nearest(only, ways.flat());
  if (near !== undefined && only !== undefined && names.length > 1) {
    const prop = within(place, only);
    return [
      { prop, must: 'be a prop that is known', got: shown(prop, given[only]), fix: `did you mean '${near}'?`, stops: true },
    ];
  }
  const simple = ways.every(({ length }) => length === 1);
  const either = ways.map((way) => way.map((name) => `'${name}'`).join(' and ')).join(', or ');
  const must = simple ? `be one of ${ways.flat().join(', ')}` : `have either ${either}`;
  const got = (chosen.length > 0 ? chosen : strange).join(simple ? ', ' : ' and ') || undefined;
  return [{ prop: place.path, must, got, fix: near === undefined ? `write ${write}` : `did you mean '${near}'?`, stops: true }];
}

/** The kind of objects that has a word of what is given for itself, or else most of it; of equals the first. */
function likest(given: Readonly<Record<string, unknown>>, names: readonly string[], choices: readonly Props[]): Props {
  const named = choices.filter((props) => names.some((name) => isWordOf(given[name], props.get(name))));
  const [only, ...more] = named;
  if (only && more.length === 0) return only;
  const likenesses = choices.map((props) => likeness(given, names, props));
  return choices[likenesses.indexOf(Math.max(...likenesses))] ?? new Map<string, Prop>();
}

/** Whether a value is a word that a prop takes: `type: 'generic-oidc'`. */
function isWordOf(given: unknown, prop: Prop | undefined): boolean {
  return prop?.shapes.some((shape) => 'word' in shape && shape.word === given) === true;
}

/** How much of what is given a kind of objects knows, also misspelt. A word that it does not take says that it is another one. */
function likeness(given: Readonly<Record<string, unknown>>, names: readonly string[], props: Props): number {
  const free = [...props.keys()].filter((name) => !names.includes(name));
  const meant = names.flatMap((name) => (props.has(name) ? name : (nearest(name, free) ?? [])));
  const missing = [...props].filter(([name, { optional }]) => !optional && !meant.includes(name)).length;
  const wrong = names.filter((name) => {
    const { shapes = [] } = props.get(name) ?? {};
    return shapes.length > 0 && !shapes.some((shape) => fits(given[name], shape));
  }).length;
  return 2 * meant.length - names.length - missing - wrong;
}

function fits(value: unknown, shape: Shape): boolean {
  if ('word' in shape) return value === shape.word;
  if ('list' in shape) return Array.isArray(value);
  if ('instanceOf' in shape) return isOf(value, classNamed(shape.instanceOf));
  if (!('is' in shape)) return isObject(value) && !isInstance(value);
  const { is } = shape;
  if (is === 'any') return true;
  if (typeof is !== 'string') return isOf(value, is);
  if (is === 'array') return Array.isArray(value);
  return is === 'object' ? isObject(value) : typeof value === is;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names that are no props, by the prop that was meant, or else by their own. */
function misspelt(given: Readonly<Record<string, unknown>>, props: Props, place: Place): ReadonlyMap<string, Misfit> {
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  const strange = names.filter((name) => !props.has(name));
  if (strange.length === 0) return new Map();
  const free = [...props.keys()].filter((name) => !names.includes(name));
  return new Map(
    strange.flatMap((name): [string, Misfit][] => {
      const meant = nearest(name, free);
      if (meant === undefined && place.open) return [];
      const inner = names.find((other) => props.get(other)?.shapes.some((shape) => 'props' in shape && shape.props.has(name)));
      const others = inner === undefined ? `use one of ${[...props.keys()].join(', ')}` : `write it in '${within(place, inner)}'`;
      const fix = meant === undefined ? others : `did you mean '${meant}'?`;
      const stops = meant !== undefined && !props.get(meant)?.optional;
      const prop = within(place, name);
      const got = shown(prop, given[name]);
      return [[meant ?? name, { prop, must: 'be a prop that is known', got, fix, stops, holder: given }]];
    }),
  );
}

/** What went into a value that was made where no construct could refuse it. */
function inside(value: unknown, place: Place): readonly Misfit[] {
  return (isObject(value) ? faultsOf(value) : []).map((refused) => ({
    ...refused,
    prop: within(place, refused.prop),
    stops: true,
  }));
}

function within({ path }: Place, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
