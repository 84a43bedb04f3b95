import { sentence } from '../support/reject';
import type { Severity } from '../model/finding';

/** A finding as it is told. */
export interface Told {
  /** Path of the construct. */
  readonly path: string;
  /** The field, or the prop that its value came from. */
  readonly prop: string;
  /** Whether it is the prop. */
  readonly isProp: boolean;
  readonly rule: string;
  readonly severity: Severity;
  readonly must: string;
  readonly got: unknown;
  readonly fix: string;
}

/**
 * The sentences for what was found. One text that is wrong in several fields of one name, such as the image of each container,
 * or the Secret that every pod names, is one fault: it was written once, most likely, and one change mends it.
 */
export function faultsOf(told: readonly Told[]): string[] {
  const groups = new Map<string, Told[]>();
  for (const [index, one] of told.entries()) {
    const { rule, must, got, fix } = one;
    const same = typeof got === 'string' && got !== '' ? [rule, lastStep(one.prop), must, got, fix].join('\n') : `${index}`;
    groups.set(same, [...(groups.get(same) ?? []), one]);
  }
  return [...groups.values()].flatMap(sentencesOf);
}

/** One sentence with the first place, once for each construct: those that share one are told together. */
function sentencesOf(group: readonly Told[]): string[] {
  const given = group.filter(({ isProp }) => isProp);
  const members = given.length > 0 ? given : group;
  // What runs for good is what people look at.
  const props = [...new Set(members.map(({ prop }) => prop))];
  const prop = props.find((one) => !one.includes('initContainers')) ?? props[0] ?? '';
  return [...new Set(members.map(({ path }) => path))].flatMap((path) =>
    group
      .slice(0, 1)
      .map(({ must, got, fix, rule }) => `[${path}] ${sentence({ prop, must, got, fix }, props.length - 1)} (${rule})`),
  );
}

function lastStep(field: string): string {
  return /([^.[\]"]+)(?:\[\d+\])?"?\]?$/.exec(field)?.[1] ?? field;
}
