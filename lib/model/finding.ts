import type { FinishedObject } from './world';

/** A place where a rule does not hold. */
export interface Finding {
  /** The object. */
  readonly object: FinishedObject;
  /** The field, as a path in the YAML: `spec.template.spec.containers[0].image`. */
  readonly field: string;
  /** The rule as it continues after "must". */
  readonly must: string;
  /** The value found. Never a secret. */
  readonly got: unknown;
  /** What to do, in the words of the YAML: it holds whoever made the object. `cdk8s-phoenix check` prints it. */
  readonly fix: string;
  /**
   * What to do where objects are made by a literal or by constructs: all of the remedy, which an App prints in its place.
   * @default - the same
   */
  readonly inLiteral?: string;
  /** How bad it is, where that differs from the rule's others. @default - that of the rule */
  readonly severity?: Severity;
  /** Whether it is about what a cluster wants of all pods, where that differs from the rule's others. @default - as the rule */
  readonly policy?: boolean;
  /** Rules whose fault in the object explains this one, beside those of its rule. @default - none */
  readonly follows?: readonly string[];
  /** The object that is not there, where that is what was found. @default - something else was found */
  readonly missing?: MissingObject;
}

/** What an object names and what is not among the others. */
export interface MissingObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * How bad it is: an `error` fails in the cluster, or loses data, secrets or requests; a `warning` hurts under load, or is a matter
 * of policy.
 */
export type Severity = 'error' | 'warning';
