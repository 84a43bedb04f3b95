import { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Manifest } from '../support/edit';
import { display, refusalsOf, type Refusal } from '../support/reject';
import { holds, isTelling } from '../support/same-value';
import { apiRules } from './api/rules';
import type { Finding, Rule } from './rule';

/** A value that a construct has refused, wherever else it shows. */
interface Cause {
  readonly construct: IConstruct;
  readonly refusal: Refusal;
}

/** Rules about what one object alone must be like: what a construct of a bad value made breaks them, whatever it is. */
const SHAPES: ReadonlySet<Rule> = new Set(apiRules);

/** Tells which findings only repeat what a construct has refused: they go with their cause, or come back without it. */
export class FollowUps {
  private readonly causes: readonly Cause[];

  constructor(constructs: readonly IConstruct[]) {
    this.causes = constructs.flatMap((construct) => refusalsOf(construct).map((refusal) => ({ construct, refusal })));
  }

  /** Whether a finding has its cause in a refused value: one that it shows itself, or one of a construct around its object. */
  has(rule: Rule, finding: Finding): boolean {
    const { scopes } = finding.object.construct.node;
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
  return named || SHAPES.has(rule) || valuesOf(refusal).some((value) => holds(String(got), value));
}

/** What was refused, and the key that it was for: `S3_KEY` of `source.literal.S3_KEY`. */
function valuesOf({ prop, got }: Refusal): readonly string[] {
  const key = prop.slice(prop.lastIndexOf('.') + 1);
  if (got instanceof Duration) return [display(got), key];
  return typeof got === 'string' || typeof got === 'number' ? [String(got), key] : [key];
}

/**
 * Among findings, those that another one explains: of one object, where a field has the wrong type or is none of the kind,
 * no other rule can read it; and what a rule says that follows another one goes with what that one said.
 */
export function explained(found: readonly (readonly [Rule, Finding])[]): ReadonlySet<Finding> {
  const fields = new Map<Manifest, string[]>();
  const rules = new Map<Manifest, Set<string>>();
  for (const [rule, { object, field }] of found) {
    const { manifest } = object;
    if (rule.shape === true) fields.set(manifest, [...(fields.get(manifest) ?? []), field]);
    rules.set(manifest, (rules.get(manifest) ?? new Set()).add(rule.name));
  }
  const isExplained = ([rule, { object, field }]: readonly [Rule, Finding]): boolean =>
    (!SHAPES.has(rule) && rule.shape !== true && (fields.get(object.manifest) ?? []).some((unread) => isWithin(field, unread))) ||
    (rule.follows ?? []).some((name) => rules.get(object.manifest)?.has(name) === true);
  return new Set(found.filter(isExplained).map(([, finding]) => finding));
}

function isWithin(field: string, outer: string): boolean {
  return field === outer || (field.startsWith(outer) && /[.[]/.test(field.charAt(outer.length)));
}
