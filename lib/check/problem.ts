import type { Severity } from '../model/finding';

/** Where something was found. */
export interface ProblemPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The object, as `Deployment/shop`; with its namespace before it where there are several. */
  readonly object: string;
  /** The field, as a path in the YAML. */
  readonly field: string;
}

/** Something that was found, once for all places that have it alike. */
export interface Problem {
  readonly rule: string;
  readonly severity: Severity;
  /** Whether it is about what a cluster wants of all pods. */
  readonly policy: boolean;
  /** The rule as it continues after "must". */
  readonly must: string;
  /** What was found, as text. Never a secret. */
  readonly got: string;
  /** What to do. */
  readonly fix: string;
  /** The outage that it prevents. */
  readonly why: string;
  /** Where to read more. */
  readonly source: string;
  /** One or more. */
  readonly places: readonly ProblemPlace[];
}

/** What is known after a check. */
export interface Report {
  /** Errors first; in the order of the input. */
  readonly problems: readonly Problem[];
  /** How many warnings are not among them, because errors alone were asked for. @default 0 */
  readonly untold?: number;
  /** The objects that were judged. */
  readonly objects: number;
  /** The containers that were taken for BEAM releases: `shop/web`. */
  readonly releases: readonly string[];
  /** What was not judged, and what else a reader should know, a sentence each. */
  readonly notes: readonly string[];
  /** Whether something could not be read, so that nothing was judged. @default false */
  readonly unread?: boolean;
  /** The rules that were asked, with what they are about. */
  readonly rules: readonly ReportRule[];
}

/** A rule as it is told. */
export interface ReportRule {
  readonly name: string;
  readonly sentence: string;
  readonly why: string;
  readonly source: string;
  readonly severity: Severity;
}

/** How many of some problems are errors, or warnings. */
export function countOf(problems: readonly Problem[], severity: Severity): number {
  return problems.filter((one) => one.severity === severity).length;
}

/** The words of a problem, without its place. */
export function wordsOf({ must, got, fix }: Problem): string {
  return `must ${must}, got ${got}; ${fix}`;
}
