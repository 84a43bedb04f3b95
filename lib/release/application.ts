import type { IConstruct } from 'constructs';
import { requireTypes } from '../support/types';
import type { ReleaseTool } from './release-tool';

/** The facts of a Phoenix application that no environment changes. */
export interface PhoenixApplication {
  /** Name of the program in lower case with dashes: label `app.kubernetes.io/name`, and the objects' names. */
  readonly name: string;
  /** How its release is started. */
  readonly release: ReleaseTool;
  /** Port that the endpoint listens on, above 1023: `PORT`. */
  readonly port: number;
  /** Where it says how it is. */
  readonly health: HealthPaths;
  /** Sockets in the endpoint, LiveView's included: each may take 30 seconds to drain. */
  readonly sockets: number;
}

/** Paths that answer with 200 to 399. */
export interface HealthPaths {
  /** Answers only while the pod should get traffic; may ask the database. `/` on an application that has none. */
  readonly ready: string;
  /** Answers while the VM works; asks nothing else. Without it the probe opens a connection to the port. */
  readonly live?: string;
}

/** Stops where the facts are of other types, which only callers without a compiler can do. */
export function requireApplication(scope: IConstruct, application: PhoenixApplication): void {
  const types = { name: ['string'], release: ['object'], port: ['number'], health: ['object'], sockets: ['number'] } as const;
  requireTypes(scope, application, types, 'application.');
  requireTypes(scope, application.health, { ready: ['string'], live: ['string', undefined] }, 'application.health.');
}
