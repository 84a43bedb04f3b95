import type { World } from '../rule';
import { type ApartClaim, type ApartEnvironment, type ApartRule, apartRules } from './rules';

/** Who claimed something first. Of each environment no more than this is kept. */
interface Taken {
  readonly environment: string;
  readonly path: string;
  readonly shared?: string;
  readonly excuse?: string;
}

/** Two environments that claim one thing. */
export interface Meeting {
  readonly rule: ApartRule;
  /** What the later one claims. */
  readonly claim: ApartClaim;
  readonly first: Taken;
  /** Why they may, where somebody said so. */
  readonly reason?: string;
}

/** Why a rule does not hold for a claim; undefined where it does. */
export type Excuse = (rule: ApartRule, claim: ApartClaim) => string | undefined;

/** What environments claim, and who meets whom. */
export class Claimants {
  private readonly taken = new Map<string, Taken>();

  /** Adds an environment; returns where it meets one that was added before, each once. */
  add(environment: ApartEnvironment, world: World, excuse: Excuse = () => undefined): readonly Meeting[] {
    const { name, cluster = '' } = environment;
    const met = new Map<string, Meeting>();
    // With a namespace, two environments share all that is in it: that is said once.
    const housemates = new Set<string>();
    for (const rule of apartRules) {
      for (const claim of rule.claims(world, environment)) {
        if (world.theirs?.has(claim.object.construct) === true) continue;
        const own = {
          environment: name,
          path: claim.object.construct.node.path,
          shared: claim.shared,
          excuse: excuse(rule, claim),
        };
        const key = `${rule.name} ${claim.everywhere === true ? '' : cluster} ${claim.key}`;
        const first = this.taken.get(key);
        if (!first) this.taken.set(key, own);
        if (!first || first.environment === name || (own.shared !== undefined && own.shared === first.shared)) continue;
        if (claim.object.manifest['kind'] === 'Namespace') housemates.add(first.environment);
        else if (claim.within === true && housemates.has(first.environment)) continue;
        const reason = own.excuse ?? first.excuse;
        const once = `${rule.name} ${first.environment} ${String(claim.got)} ${reason === undefined ? '' : 'meant'}`;
        const known = met.get(once);
        // Of faults the first one is told, of reasons the last one.
        if (!known || reason !== undefined) met.set(once, { rule, claim, first, reason });
      }
    }
    return [...met.values()];
  }
}
