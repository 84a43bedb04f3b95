import type { FinishedObject, World } from '../rule';

/** Something of which there is one for several environments. */
export interface ApartClaim {
  /** What is claimed: the same text in two environments is the same thing. */
  readonly key: string;
  readonly object: FinishedObject;
  /** The field, as a path in the YAML. */
  readonly field: string;
  /** For sentences. Never a secret. */
  readonly got: unknown;
  /** Who may have it together: two claims with the same text here are none. @default - nobody */
  readonly shared?: string;
  /** Whether it is inside of a namespace, and so shared by all who share that. @default false */
  readonly within?: boolean;
  /** Whether there is one for all clusters. @default false */
  readonly everywhere?: boolean;
}

/** What an environment is called, and where it is. */
export interface ApartEnvironment {
  readonly name: string;
  /** The Kubernetes cluster, by the name that it was given. @default - the one of all that say nothing */
  readonly cluster?: string;
}

/** Something that two environments must not both claim, among all that are synthesized together. */
export interface ApartRule {
  /** Name in lower case with dashes, by which it is left out. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly sentence: string;
  /** The outage that it prevents. */
  readonly why: string;
  /** Where to read more. */
  readonly source: string;
  /** What an environment claims. */
  readonly claims: (world: World, of: ApartEnvironment) => Iterable<ApartClaim>;
  /** The rule as it continues after "must". */
  readonly must: (other: string) => string;
  /** What to do. */
  readonly fix: string;
}
