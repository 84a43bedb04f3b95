import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { secondsOf } from '../support/quantity';
import { requireSeconds } from '../support/values';

const UNITS = [
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** A time as Prometheus reads it: whole numbers of units, the largest first, as `1h30m`. */
export function prometheusDuration(duration: Duration): string {
  let rest = secondsOf(duration);
  const parts = UNITS.flatMap(([unit, seconds]) => {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    return count > 0 ? [`${count}${unit}`] : [];
  });
  return parts.join('') || '0s';
}

/** Refuses a time that Prometheus does not wait for. */
export function requirePrometheusDuration(scope: IConstruct, prop: string, value: Duration, minimum = 1): void {
  requireSeconds(scope, prop, value, { minimum, maximum: 86400, fix: 'write Duration.seconds(30)' });
}
