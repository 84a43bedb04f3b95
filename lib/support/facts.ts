import type { IConstruct } from 'constructs';

/** An object that is in the cluster without being in the YAML: made by hand, by an operator, by another team. */
export interface External {
  /** Its kind, such as `Secret` or `ClusterIssuer`. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
  /** Its keys, where it is a Secret or a ConfigMap. @default - any key may be named */
  readonly keys?: readonly string[];
}

/** A database server and how many connections it has for the environment. */
export interface DatabaseLimit {
  /** Host name, as it stands in the URLs. */
  readonly host: string;
  /** Connections that all pods together may open. */
  readonly connections: number;
}

/** What constructs know about their environment that stands in no object. */
export interface Facts {
  readonly externals: External[];
  readonly databases: DatabaseLimit[];
}

const facts = new WeakMap<IConstruct, Facts>();

/** The facts of the App that `scope` is in. */
export function factsOf(scope: IConstruct): Facts {
  const { root } = scope.node;
  const known = facts.get(root) ?? { externals: [], databases: [] };
  facts.set(root, known);
  return known;
}
