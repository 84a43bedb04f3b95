import type { Fails } from './failures';
import type { Scanner } from './scanner';

/** What scanners find in an object that may have been decided: by an opt-out there, or for all. */
export interface Question {
  /** What it is called by those that look at the same thing. */
  readonly checks: Readonly<Partial<Record<Scanner, readonly string[]>>>;
  /** The objects that fail. What an opt-out answers of a rule that asks the same, those are. @default - all */
  readonly fails?: Fails;
  /** The props, by their end, and the rules whose opt-outs are an answer. @default - none */
  readonly optOuts?: readonly string[];
  /** Why it is as it is where nobody opted out. @default - it is left to the scanner to report */
  readonly decided?: string;
}
