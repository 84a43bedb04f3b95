import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';

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

/** `'prop' must <rule>, got <value>; <what to do>`: the sentence of every error of this library. */
export function sentence({ prop, must, got, fix }: Refusal): string {
  return `'${prop}' must ${must}, got ${display(got)}; ${fix}`;
}

/**
 * Records what is wrong under `scope` and lets construction go on, so that one synth reports every
 * fault of an environment. Synth fails with `[path of scope] <sentence>` and writes nothing.
 */
export function reject(scope: IConstruct, refusal: Refusal): void {
  const message = sentence(refusal);
  scope.node.addValidation({ validate: () => [message] });
}

/** The faults recorded below `root`, each once, as `[path] sentence`; where several constructs share one, `[path, path]`. */
export function rejections(root: IConstruct): string[] {
  const paths = new Map<string, Set<string>>();
  for (const construct of root.node.findAll()) {
    for (const fault of construct.node.validate()) {
      const text = inPath(construct, fault);
      const [, path = construct.node.path, message = text] = /^\[([^\]]*)\] ([^]*)$/.exec(text) ?? [];
      paths.set(message, (paths.get(message) ?? new Set()).add(path));
    }
  }
  return [...paths].map(([message, shared]) => `[${[...shared].sort().join(', ')}] ${message}`).sort();
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
  throw new Unbuildable(refusals.map((refusal) => inPath(scope, sentence(refusal))).join('\n'));
}

/** A value as an operator would write it: units for durations, sizes and CPUs, quotes round text. */
export function display(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (value instanceof Duration) return `${value.toMilliseconds() / 1000}s`;
  if (value instanceof Size) return value.asString();
  if (value instanceof Cpu) return `${value.amount} CPU`;
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
