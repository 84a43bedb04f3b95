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

/** The faults recorded below `root`, each once, as `[path] sentence`. */
export function rejections(root: IConstruct): string[] {
  const faults = root.node.findAll().flatMap((construct) => construct.node.validate().map((fault) => inPath(construct, fault)));
  return [...new Set(faults)];
}

/** A construct that cannot go on: what it was given is missing altogether. */
export class Unbuildable extends Error {
  override readonly name = 'Unbuildable';
}

/**
 * Stops at once where props are missing, which only callers without types can do.
 *
 * @throws Unbuildable with the missing prop's name
 */
export function requireProps<P extends object>(scope: IConstruct, props: P, ...names: (keyof P & string)[]): void {
  for (const prop of names) {
    if ((props as P | undefined)?.[prop] === undefined) {
      const missing = { prop, must: 'be given', got: undefined, fix: `pass '${prop}' to ${scope.constructor.name}` };
      throw new Unbuildable(inPath(scope, sentence(missing)));
    }
  }
}

/** A value as an operator would write it: units for durations, sizes and CPUs, quotes round text. */
export function display(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (value instanceof Duration) return `${value.toMilliseconds() / 1000}s`;
  if (value instanceof Size) return value.asString();
  if (value instanceof Cpu) return `${value.amount} CPU`;
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function inPath(construct: IConstruct, message: string): string {
  // The rules' messages name their object already.
  return message.startsWith('[') ? message : `[${construct.node.path || 'app'}] ${message}`;
}
