import type { Duration, Size } from 'cdk8s';
import type { Cpu } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { holds, isTelling } from './same-value';

/** What is wrong with one value, in the four parts of every error of this library. */
export interface Refusal {
  /** The prop, or the path in the YAML, that holds the value. */
  readonly prop: string;
  /** The rule, as it continues after "must". */
  readonly must: string;
  /** The value as given. Never pass a secret: pass its length. */
  readonly got: unknown;
  /** What to do instead. */
  readonly fix: string;
}

/**
 * `'prop' must <rule>, got <value>; <what to do>`: the sentence of every error of this library.
 *
 * @param more how many further places have the same fault
 */
export function sentence({ prop, must, got, fix }: Refusal, more = 0): string {
  return `'${prop}'${more > 0 ? ` and ${more} more` : ''} must ${must}, got ${display(got)}; ${fix}`;
}

/**
 * Records what is wrong under `scope` and lets construction go on, so that one synth reports every
 * fault of an environment. Synth fails with `[path of scope] <sentence>` and writes nothing.
 */
export function reject(scope: IConstruct, refusal: Refusal): void {
  const message = sentence(refusal);
  recorded.set(scope, [...(recorded.get(scope) ?? []), refusal]);
  scope.node.addValidation({ validate: () => [message] });
}

/**
 * Records what is wrong and is known only once the App is whole, as {@link reject} does at once: also then, what follows from
 * it is not told a second time.
 */
export function rejectLate(scope: IConstruct, find: () => readonly Refusal[]): void {
  expected.set(scope, [...(expected.get(scope) ?? []), find]);
  scope.node.addValidation({ validate: () => find().map((refusal) => sentence(refusal)) });
}

const recorded = new WeakMap<IConstruct, readonly Refusal[]>();
const expected = new WeakMap<IConstruct, readonly (() => readonly Refusal[])[]>();

/** What a construct itself has refused. */
export function refusalsOf(construct: IConstruct): readonly Refusal[] {
  const late = expected.get(construct)?.flatMap((find) => find()) ?? [];
  return [...(recorded.get(construct) ?? []), ...late];
}

/** How a prop of a construct is called where it was written. */
export type WrittenAs = (prop: string) => string | undefined;

const written = new WeakMap<object, ReadonlyMap<string, WrittenAs>>();

/** What may stand in a tree of constructs; what was read from a file does not. */
interface Treed {
  readonly node: { readonly path: string; readonly id?: string; readonly scope?: Treed };
}

/**
 * Says how the props of what is made under `id` below `scope` are called where they were written: what an environment calls
 * `web.poolSize` is `poolSize` of a release. Said before it is made, because that may stop.
 */
export function writtenAs(scope: IConstruct, id: string, name: WrittenAs): void {
  written.set(scope, new Map(written.get(scope)).set(id, name));
}

/** The prop as it was written, by the constructs around this one, the nearest first; itself where nobody has said another name. */
export function asWritten(construct: Treed, prop: string): string {
  const { scope, id = '' } = construct.node;
  if (scope === undefined) return prop;
  return asWritten(scope, written.get(scope)?.get(id)?.(prop) ?? prop);
}

/** The faults recorded below `root`, each once, as `[path] sentence`; where several constructs share one, `[path, path]`. */
export function rejections(root: IConstruct): string[] {
  const paths = new Map<string, Set<string>>();
  const add = (message: string, path: string): void => void paths.set(message, (paths.get(message) ?? new Set()).add(path));
  const refused: Refused[] = [];
  for (const construct of root.node.findAll()) {
    const path = construct.node.path || 'app';
    const refusals = refusalsOf(construct);
    const known = new Set(refusals.map((refusal) => sentence(refusal)));
    refused.push(...refusals.map((refusal) => ({ refusal, path, prop: asWritten(construct, refusal.prop) })));
    for (const fault of construct.node.validate()) {
      if (known.has(fault)) continue;
      const [, itsPath = path, message = fault] = /^\[([^\]]*)\] ([^]*)$/.exec(fault) ?? [];
      add(message, itsPath);
    }
  }
  for (const group of bySameValue(refused)) for (const { path } of outermost(group)) add(sentenceOf(group), path);
  return [...paths].map(([message, shared]) => `[${[...shared].sort().join(', ')}] ${message}`).sort();
}

interface Refused {
  readonly refusal: Refusal;
  readonly path: string;
  /** The prop as it was written. */
  readonly prop: string;
}

/**
 * Refusals of one value for one reason, however many constructs were given it and whatever their limits; what was made
 * from it and is refused for that too, such as `my_shop-migrate` beside `my_shop`, has gone with it.
 */
function bySameValue(refused: readonly Refused[]): readonly (readonly Refused[])[] {
  const groups = new Map<string, { readonly value: string; readonly reason: string; readonly members: Refused[] }>();
  for (const one of refused) {
    const { got, must } = one.refusal;
    const value = typeof got === 'string' && isTelling(got) ? got : '';
    const reason = value === '' ? sentence(one.refusal) : must.replace(/\d+/g, '');
    const group = groups.get(`${value}\n${reason}`) ?? { value, reason, members: [] };
    groups.set(`${value}\n${reason}`, group);
    group.members.push(one);
  }
  const all = [...groups.values()];
  const isMade = ({ value, reason }: (typeof all)[number]): boolean =>
    all.some((other) => other.value !== value && other.value !== '' && other.reason === reason && holds(value, other.value));
  return all.filter((group) => !isMade(group)).map(({ members }) => members);
}

/** Without the constructs inside of another one, which got the value from that one. */
function outermost(group: readonly Refused[]): readonly Refused[] {
  return group.filter(({ path }) => !group.some((other) => path.startsWith(`${other.path}/`)));
}

/** The sentence with the lowest limit, of all the props. */
function sentenceOf(group: readonly Refused[]): string {
  const limit = ({ refusal }: Refused): number => Number(/\d+/.exec(refusal.must)?.[0] ?? 0);
  const [first] = [...group].sort((one, other) => limit(one) - limit(other));
  const named = [...new Set(outermost(group).map(({ prop }) => prop))].sort();
  // What was handed on is called by its place in the literal alone.
  const props = named.filter((prop) => !named.some((longer) => longer.endsWith(`.${prop}`)));
  return first ? sentence({ ...first.refusal, prop: props.join("' and '") }) : '';
}

/** Ends the writing of a value that no text can hold; who asked for it says where it stands. */
export function unwritable(got: string): never {
  throw new Error(got);
}

/** A construct that cannot go on with what it was given. */
export class Unbuildable extends Error {
  override readonly name = 'Unbuildable';
}

/**
 * Records what is wrong and stops the construction, where the code after it could not handle the values.
 *
 * @throws Unbuildable
 */
export function abort(scope: IConstruct, refusals: readonly Refusal[]): never {
  for (const refusal of refusals) reject(scope, refusal);
  const named = refusals.map((refusal) => ({ ...refusal, prop: asWritten(scope, refusal.prop) }));
  throw new Unbuildable(named.map((refusal) => inPath(scope, sentence(refusal))).join('\n'));
}

/** A value as an operator would write it: units for durations, sizes and CPUs, quotes round text. */
export function display(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  // By what they can do, which those of another copy of their package can too.
  const { toMilliseconds, toKibibytes, constructor: made } = value as Readonly<Record<string, unknown>>;
  if (typeof toMilliseconds === 'function') return `${(value as Duration).toMilliseconds() / 1000}s`;
  if (typeof toKibibytes === 'function') return (value as Size).asString();
  if (typeof made === 'function' && made.name.endsWith('Cpu')) return `${(value as Cpu).amount} CPU`;
  // JSON has no word for NaN, and refuses what is no data.
  const text = typeof value === 'string' ? `"${value}"` : typeof value === 'object' ? json(value) : String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** Constructs lead back to themselves, and JSON has no word for some values. */
function json(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return `an object of ${value.constructor?.name ?? 'no class'}`;
  }
}

function inPath(construct: IConstruct, message: string): string {
  // The rules' messages name their object already.
  return message.startsWith('[') ? message : `[${construct.node.path || 'app'}] ${message}`;
}

/** Faults as a command prints them: a line each, how many there were, and what became of the files. */
export function inAll(faults: readonly string[], files = 'nothing was written'): string {
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  return [...faults, `${count}; ${files}`].join('\n');
}
