import type { Manifest } from '../support/edit';
import { apiVersion } from './api/api-version';
import { apiRules } from './api/rules';
import type { Finding, Rule, World } from './rule';

/** What a rule has found. */
export type Found = readonly [rule: Rule, finding: Finding];

/**
 * What rules find in a world, without what another finding explains: a rule cannot read a field that has the wrong type, and says
 * nothing of it then. Nothing is found in objects of others. It needs no construct: the objects may come from anywhere.
 *
 * @param isQuiet whether a finding is to be passed over; what it would have explained is told then @default - none is
 */
export function judge(
  world: World,
  rules: readonly Rule[],
  isQuiet: (rule: Rule, finding: Finding) => boolean = () => false,
): readonly Found[] {
  const isTheirs = ({ object }: Finding): boolean => world.theirs?.has(object.construct) === true;
  const found: Found[] = [];
  for (const rule of rules)
    for (const finding of findingsOf(rule, world)) if (!isTheirs(finding) && !isQuiet(rule, finding)) found.push([rule, finding]);
  const others = explained(found);
  return found.filter(([, finding]) => !others.has(finding));
}

/** What a rule finds; one that breaks is a fault of its own, and takes no other with it. */
function findingsOf(rule: Rule, world: World): readonly Finding[] {
  try {
    return [...rule.find(world)];
  } catch (error) {
    const object = world.objects.find(({ construct }) => world.theirs?.has(construct) !== true);
    const got = error instanceof Error ? error.message : String(error);
    const fix = 'mend the rule, or leave it out with the reason';
    return object ? [{ object, field: rule.name, must: 'answer for any object', got, fix }] : [];
  }
}

const SHAPES: ReadonlySet<Rule> = new Set(apiRules);

/** Whether a rule is about what one object alone must be like: what a construct of a bad value made breaks it, whatever it is. */
export function isShape(rule: Rule): boolean {
  return SHAPES.has(rule);
}

/**
 * Among findings, those that another one explains: of one object, where a field has the wrong type or is none of the kind,
 * no other rule can read it; and what a rule says that follows another one goes with what that one said.
 */
function explained(found: readonly Found[]): ReadonlySet<Finding> {
  const fields = new Map<Manifest, string[]>();
  const rules = new Map<Manifest, Set<string>>();
  const gone = new Set<Manifest>();
  for (const [rule, { object, field }] of found) {
    const { manifest } = object;
    if (rule === apiVersion && field === 'apiVersion') gone.add(manifest);
    if (rule.shape === true) fields.set(manifest, [...(fields.get(manifest) ?? []), field]);
    rules.set(manifest, (rules.get(manifest) ?? new Set()).add(rule.name));
  }
  const isExplained = ([rule, { object, field, follows = [] }]: Found): boolean =>
    // The fields of a version that is gone are others than those of the one that is meant.
    (rule !== apiVersion && isShape(rule) && gone.has(object.manifest)) ||
    (!isShape(rule) && rule.shape !== true && (fields.get(object.manifest) ?? []).some((unread) => isWithin(field, unread))) ||
    [...(rule.follows ?? []), ...follows].some((name) => rules.get(object.manifest)?.has(name) === true);
  return new Set(found.filter(isExplained).map(([, finding]) => finding));
}

/** Whether a field is another one, or stands below it. */
export function isWithin(field: string, outer: string): boolean {
  return field === outer || (field.startsWith(outer) && /[.[]/.test(field.charAt(outer.length)));
}
