import { OPERATORS, type OperatorName, type Release } from '../support/operators';
import { needed } from '../schema/walk';
import type { World } from '../model/world';

/** An operator that objects of an environment are for. */
export interface Need {
  /** Its project. */
  readonly operator: OperatorName;
  /** Its name, as people write it. */
  readonly title: string;
  /** The first release that knows all that the objects say, of those that are known here. */
  readonly release: Release;
  /** The kind or field that came with it. @default - any release that is known here will do */
  readonly because?: string;
}

/**
 * The operators that must be in the cluster, by their titles, and the least release of each. Of the kinds that tables know:
 * what an annotation asks of a controller is not among them.
 *
 * @example const app = build(staging); render(app); needs(Checks.of(app).world);
 */
export function needs(world: World): readonly Need[] {
  const found = [...needed(world)].map(([operator, need]): Need => ({ operator, title: OPERATORS[operator], ...need }));
  return found.sort((one, other) => (plain(one.title) < plain(other.title) ? -1 : 1));
}

function plain(title: string): string {
  return title.replace(/^the /, '').toLowerCase();
}
