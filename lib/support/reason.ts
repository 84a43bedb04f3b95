import type { IConstruct } from 'constructs';

/** Why a safety net is left. */
export interface Reason {
  /** What is left out: a prop, or a rule. */
  readonly prop: string;
  readonly reason: string;
  /** The construct, or the object itself, that it concerns. */
  readonly target: IConstruct;
}
