import type { Construct } from 'constructs';
import { requireOneProp } from '../support/types';

/** Stops the construction unless exactly one of the engines is named, with its props. */
export function requireOneEngine(scope: Construct, engine: object, engines: readonly string[]): void {
  requireOneProp(scope, 'engine', engine, engines, 'write { single: { image, storage, resources } }');
}
