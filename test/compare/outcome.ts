import type { Manifest } from '../../lib/index';
import { planOf, type EnvironmentPlan } from '../../lib/plan/plan';
import { worldOf } from '../../lib/plan/world';

/** What becomes of a change: the objects that it happens to. */
export interface Outcome {
  /** Workloads whose pods are replaced. */
  readonly rolls: readonly string[];
  /** Jobs that run, for the first time or once more. */
  readonly runs: readonly string[];
  /** What is not applied. */
  readonly refused: readonly string[];
  /** What is no longer in the YAML, and still there. */
  readonly left: readonly string[];
}

/** The kinds of outcomes. */
export const OUTCOMES = ['rolls', 'runs', 'refused', 'left'] as const satisfies readonly (keyof Outcome)[];

/** What a plan says of a change of YAML. */
export function planned(before: readonly Manifest[], now: readonly Manifest[]): EnvironmentPlan {
  return planOf('compared', { world: worldOf(before) }, { world: worldOf(now) });
}

/**
 * What a plan claims.
 *
 * @param ended whether Jobs of before that are deleted some time after their end are so
 * @param serverSide whether the server applies it
 */
export function claimed({ sections }: EnvironmentPlan, { ended = false, serverSide = false }): Outcome {
  const statements = Object.values(sections).flat();
  const of = (...kinds: readonly string[]): string[] => [
    ...new Set(statements.flatMap(({ kind, objects = [] }) => (kinds.includes(kind) ? objects : []))),
  ];
  const again = ended ? of('job-runs-again') : [];
  return {
    rolls: of('rolls', 'goes-on'),
    runs: [...of('job-runs'), ...again],
    refused: of('refused', ...(serverSide ? ['refused-server-side'] : [])).filter((one) => !again.includes(one)),
    left: of('left-behind'),
  };
}

/** Outcomes without what is of one trial: the names of its namespaces, and the ends of names that stand in none. */
export function bare(outcome: Outcome): Outcome {
  const names = (references: readonly string[]): string[] =>
    references.map((one) => (one.split('/').length === 2 ? one.replace(/\.[a-z]?\d*$/, '') : one.replace(/^[^/]+\//, ''))).sort();
  return { rolls: names(outcome.rolls), runs: names(outcome.runs), refused: names(outcome.refused), left: names(outcome.left) };
}
