import { explained } from './explained';
import type { Finding, Rule, World } from './rule';

/** What a rule has found. */
export type Found = readonly [rule: Rule, finding: Finding];

/**
 * What rules find in a world, without what another finding explains: a rule cannot read a field that has the wrong type, and says
 * nothing of it then. It needs no construct: the objects may come from anywhere.
 *
 * @param isQuiet whether a finding is to be passed over; what it would have explained is told then @default - none is
 */
export function judge(
  world: World,
  rules: readonly Rule[],
  isQuiet: (rule: Rule, finding: Finding) => boolean = () => false,
): readonly Found[] {
  const found: Found[] = [];
  for (const rule of rules)
    for (const finding of findingsOf(rule, world)) if (!isQuiet(rule, finding)) found.push([rule, finding]);
  const others = explained(found);
  return found.filter(([, finding]) => !others.has(finding));
}

/** What a rule finds; one that breaks is a fault of its own, and takes no other with it. */
function findingsOf(rule: Rule, world: World): readonly Finding[] {
  try {
    return [...rule.find(world)];
  } catch (error) {
    const [object] = world.objects;
    const got = error instanceof Error ? error.message : String(error);
    const fix = 'mend the rule, or leave it out with the reason';
    return object ? [{ object, field: rule.name, must: 'answer for any object', got, fix }] : [];
  }
}
