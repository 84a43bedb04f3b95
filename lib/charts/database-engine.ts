import type { Construct } from 'constructs';
import { abort } from '../support/reject';
import { requireTypes } from '../support/types';

/** Stops the construction unless exactly one of the engines is named, with its props. */
export function requireOneEngine(scope: Construct, engine: object, engines: readonly string[]): void {
  const given = Object.keys(engine);
  const [only = ''] = given;
  if (given.length !== 1 || !engines.includes(only)) {
    const must = `be one of ${engines.join(', ')}`;
    const fix = 'write { single: { image, storage, resources } }';
    abort(scope, [{ prop: 'engine', must, got: given.length > 0 ? given.join(', ') : undefined, fix }]);
  }
  requireTypes(scope, engine as Record<string, unknown>, { [only]: ['object'] }, 'engine.');
}
