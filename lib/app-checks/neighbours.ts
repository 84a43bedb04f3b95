import { declaredIn } from '../support/declare';
import type { LeftOut } from '../support/facts';
import { sentence } from '../support/reject';
import type { AppChecks } from './app-checks';
import { Claimants, type Excuse, type Meeting } from '../checks/apart/claimants';
import { constructOf } from './finished';
import type { OptOutInForce } from './reasons';

/** What environments that are synthesized together take from each other. */
export class Neighbours {
  private readonly claimants = new Claimants();

  /** Compares an environment with all that were added before it. */
  add(
    environment: string,
    checks: AppChecks,
  ): { readonly faults: readonly string[]; readonly optOuts: readonly OptOutInForce[] } {
    const { world, cluster, root } = checks;
    const { leftOut } = declaredIn(root);
    const faults: string[] = [];
    const optOuts: OptOutInForce[] = [];
    for (const meeting of this.claimants.add({ name: environment, cluster }, world, excuses(leftOut))) {
      const { rule, claim, reason } = meeting;
      if (reason === undefined) faults.push(faultOf(meeting));
      else optOuts.push({ rule: rule.name, objects: [claim.object.construct.node.path], reason });
    }
    return { faults, optOuts };
  }
}

/** The reason why a rule does not hold for an object, where somebody gave one. */
function excuses(leftOut: readonly LeftOut[]): Excuse {
  return ({ name }, { object }) =>
    leftOut.find(({ rule, target }) => rule === name && constructOf(object).node.scopes.includes(target))?.optOut.reason;
}

function faultOf({ rule: { name, must, fix }, claim: { object, field, got }, first }: Meeting): string {
  const other = `${first.environment} [${first.path}]`;
  return `[${object.construct.node.path}] ${sentence({ prop: field, must: must(other), got, fix })} (${name})`;
}
