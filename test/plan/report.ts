import { App } from 'cdk8s';
import { render, type NamedEnvironment, type StackFacts } from '../../lib/index';
import { planOf, type Side } from '../../lib/plan/plan';
import { sideOf } from '../../lib/plan/side';
import { planText, type Format } from '../../lib/plan/text';
import { worldOf } from '../../lib/plan/world';
import { build, facts } from '../support/stack';

/** An environment as a plan looks at it: on the side that is deployed, its YAML alone is known. */
export function side(environment: NamedEnvironment, of: StackFacts = facts): Side {
  const app = build(environment, new App(), of);
  const { faults } = render(app);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return sideOf(app);
}

/** What is said of a change from one literal to another. */
export function report(
  before: NamedEnvironment,
  now: NamedEnvironment,
  ofs: readonly StackFacts[] = [],
  format: Format = 'text',
): string {
  const [was, is] = [side(before, ofs[0]), side(now, ofs[1] ?? ofs[0])];
  const deployed = {
    world: worldOf(
      was.world.objects.map(({ manifest }) => manifest),
      is.world,
    ),
  };
  return planText([planOf(now.name, deployed, is)], format);
}
