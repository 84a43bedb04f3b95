import type { Finding, Severity } from '../model/finding';
import type { World } from '../model/world';

export type { Finding, MissingObject, Severity } from '../model/finding';
export type { FinishedObject, Maker, World } from '../model/world';

/** Something that must hold among the finished objects of one environment. A small pure function with a name. */
export interface Rule {
  /** Name in lower case with dashes, by which it is left out. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly sentence: string;
  /** The outage that it prevents. */
  readonly why: string;
  /** Where to read more. */
  readonly source: string;
  /** How bad it is where it does not hold. @default 'error' */
  readonly severity?: Severity;
  /** Whether it is about what a cluster wants of all pods, rather than about what these need. @default false */
  readonly policy?: boolean;
  /** Whether what it finds keeps all other rules from reading the field: they are silent about it then. @default false */
  readonly shape?: boolean;
  /** Rules whose fault in an object explains what this one finds in it: it is silent then. @default - none */
  readonly follows?: readonly string[];
  /** Where it does not hold. */
  readonly find: (world: World) => Iterable<Finding>;
}
