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
