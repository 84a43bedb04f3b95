import { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { display, refusalsOf, type Refusal } from '../support/reject';
import { holds, isTelling } from '../support/same-value';
import { isShape } from '../checks/judge';
import { constructOf } from './finished';
import type { Rule } from '../checks/rule';
import type { Finding } from '../model/finding';

/** A value that a construct has refused, wherever else it shows. */
interface Cause {
  readonly construct: IConstruct;
  readonly refusal: Refusal;
}

/** Tells which findings only repeat what a construct has refused: they go with their cause, or come back without it. */
export class FollowUps {
  private readonly causes: readonly Cause[];

  constructor(constructs: readonly IConstruct[]) {
    this.causes = constructs.flatMap((construct) => refusalsOf(construct).map((refusal) => ({ construct, refusal })));
  }

  /** Whether a finding has its cause in a refused value: one that it shows itself, or one of a construct around its object. */
  has(rule: Rule, finding: Finding): boolean {
    const { scopes } = constructOf(finding.object).node;
    return this.causes.some(
      (cause) => shows(finding, cause) || (scopes.includes(cause.construct) && touches(rule, finding, cause)),
    );
  }
}

/** Whether the value of a finding has the refused one in it: `my_shop-migrate` has `my_shop`. */
function shows({ got }: Finding, { refusal }: Cause): boolean {
  const text = typeof got === 'string' ? got : String(got);
  return valuesOf(refusal).some((value) => isTelling(value) && holds(text, value));
}

/** Within a construct that refused something, whatever shows the value, is called by its prop, or is no valid object. */
function touches(rule: Rule, { field, got }: Finding, { refusal }: Cause): boolean {
  const named = refusal.prop.split('.').some((part) => holds(field, part) || holds(field, `${part}Probe`));
  return named || isShape(rule) || valuesOf(refusal).some((value) => holds(String(got), value));
}

/** What was refused, and the key that it was for: `S3_KEY` of `source.literal.S3_KEY`. */
function valuesOf({ prop, got }: Refusal): readonly string[] {
  const key = prop.slice(prop.lastIndexOf('.') + 1);
  if (got instanceof Duration) return [display(got), key];
  return typeof got === 'string' || typeof got === 'number' ? [String(got), key] : [key];
}
