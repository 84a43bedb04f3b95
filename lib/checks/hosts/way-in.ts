import type { FinishedObject } from '../rule';

/** How browsers are answered on a way to pods. What is outside of the YAML is not known. */
export type Answer = 'clear' | 'tls' | 'unknown';

/** A way from browsers to the pods of a workload. */
export interface WayIn {
  readonly object: FinishedObject;
  /** The field that says, or does not say, where TLS ends. */
  readonly field: string;
  readonly got: unknown;
  /** Each answer that it gives, once. */
  readonly answers: ReadonlySet<Answer>;
  /** Whether the port in the application's own URLs is its own: then they lead here, whatever else there is. */
  readonly written?: boolean;
}
