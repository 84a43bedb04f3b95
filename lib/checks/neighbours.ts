import { declaredIn } from '../support/declare';
import type { LeftOut } from '../support/facts';
import { sentence } from '../support/reject';
import type { ApartClaim, ApartRule } from './apart/rule';
import { apartRules } from './apart/rules';
import type { Checks } from './checks';
import type { OptOutInForce } from './reasons';

/** Who claimed something first. Of each environment no more than this is kept. */
interface Taken {
  readonly environment: string;
  readonly path: string;
  readonly shared?: string;
  readonly excuse?: string;
}

/** What environments that are synthesized together take from each other. */
export class Neighbours {
  private readonly taken = new Map<string, Taken>();

  /** Compares an environment with all that were added before it. */
  add(environment: string, checks: Checks): { readonly faults: readonly string[]; readonly optOuts: readonly OptOutInForce[] } {
    const faults = new Map<string, string>();
    const optOuts = new Map<string, OptOutInForce>();
    // With a namespace, two environments share all that is in it: that is said once.
    const housemates = new Set<string>();
    const { world, cluster = '', root } = checks;
    const { leftOut } = declaredIn(root);
    for (const rule of apartRules) {
      for (const claim of rule.claims(world, { name: environment, cluster: checks.cluster })) {
        const own = takenBy(environment, rule, claim, leftOut);
        const key = `${rule.name} ${claim.everywhere === true ? '' : cluster} ${claim.key}`;
        const first = this.taken.get(key);
        if (!first) this.taken.set(key, own);
        if (!first || first.environment === environment || (own.shared !== undefined && own.shared === first.shared)) continue;
        if (claim.object.manifest['kind'] === 'Namespace') housemates.add(first.environment);
        else if (claim.within === true && housemates.has(first.environment)) continue;
        const reason = own.excuse ?? first.excuse;
        const once = `${rule.name} ${first.environment} ${String(claim.got)}`;
        if (reason === undefined) faults.set(once, faults.get(once) ?? faultOf(rule, claim, first));
        else optOuts.set(once, { rule: rule.name, objects: [own.path], reason });
      }
    }
    return { faults: [...faults.values()], optOuts: [...optOuts.values()] };
  }
}

function takenBy(environment: string, { name }: ApartRule, { object, shared }: ApartClaim, leftOut: readonly LeftOut[]): Taken {
  const { construct } = object;
  const excuse = leftOut.find(({ rule, target }) => rule === name && construct.node.scopes.includes(target));
  return { environment, path: construct.node.path, shared, excuse: excuse?.optOut.reason };
}

function faultOf({ name, must, fix }: ApartRule, { object, field, got }: ApartClaim, first: Taken): string {
  const other = `${first.environment} [${first.path}]`;
  return `[${object.construct.node.path}] ${sentence({ prop: field, must: must(other), got, fix })} (${name})`;
}
