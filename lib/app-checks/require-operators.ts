import type { IConstruct } from 'constructs';
import { nearest } from '../support/nearest';
import { OPERATORS, type Operators } from '../support/operators';
import { requireRelease } from '../support/require-release';
import { isBefore } from '../support/versions';
import { reject } from '../support/reject';
import { oldestReleases } from '../schema/fields';

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
