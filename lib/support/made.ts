import type { Refusal } from './reject';

const faults = new WeakMap<object, readonly Refusal[]>();

/**
 * Keeps what is wrong with the arguments that a value was made from, where no construct could refuse it: whoever is given the
 * value does, each prop as seen from the value.
 */
export function keepFaults<T extends object>(value: T, refusals: readonly Refusal[]): T {
  if (refusals.length > 0) faults.set(value, refusals);
  return value;
}

/** What is wrong with what a value was made from. */
export function faultsOf(value: object): readonly Refusal[] {
  return faults.get(value) ?? [];
}
