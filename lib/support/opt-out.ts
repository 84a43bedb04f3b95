import type { IConstruct } from 'constructs';

/** The annotation by which an object says what was left out on purpose, and why. */
export const OPT_OUTS = 'cdk8s-phoenix/opt-outs';

/**
 * A safety net left on purpose, with the reason that a reviewer will ask for.
 *
 * @example readiness: OptOut.because('takes no traffic: reads a queue')
 */
export class OptOut {
  /** @param reason one sentence that would convince a reviewer; an empty one is refused at synth */
  static because(reason: string): OptOut {
    return new OptOut(reason);
  }

  private constructor(
    /** The reason as given. */
    readonly reason: string,
  ) {}
}

/** Why a safety net is left. */
export interface Reason {
  /** What is left out: a prop, or a rule. */
  readonly prop: string;
  readonly reason: string;
  /** The construct, or the object itself, that it concerns. */
  readonly target: IConstruct;
}
