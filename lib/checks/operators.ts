import type { IConstruct } from 'constructs';
import { nearest } from '../support/nearest';
import { OPERATORS, type OperatorName, type Operators, type Release } from '../support/operators';
import { requireRelease } from '../support/require-release';
import { isBefore } from '../support/versions';
import { reject } from '../support/reject';
import { oldestReleases } from '../schema/fields';
import { needed } from '../schema/walk';
import type { World } from './rule';

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

/** Those of some releases that are releases of operators; refuses the others. */
export function requireOperators(scope: IConstruct, operators: Operators): Operators {
  return Object.fromEntries(Object.entries(operators).filter(([name, release]) => isKnown(scope, name, release)));
}

function isKnown(scope: IConstruct, name: string, release: unknown): boolean {
  const oldest = oldestReleases().get(name);
  if (oldest === undefined) {
    const names = Object.keys(OPERATORS);
    const meant = nearest(name, names);
    const fix = meant === undefined ? `write one of ${names.join(', ')}` : `write '${meant}'`;
    reject(scope, { prop: 'operators', must: 'name operators whose releases are known', got: name, fix });
    return false;
  }
  const prop = `operators['${name}']`;
  if (release === undefined || !requireRelease(scope, prop, release)) return false;
  if (!isBefore(release, oldest)) return true;
  const fix = 'leave it out, and try the objects in the cluster: what earlier releases know is not known here';
  reject(scope, { prop, must: `be ${oldest} or newer`, got: release, fix });
  return false;
}
