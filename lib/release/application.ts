import { Duration } from 'cdk8s';
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
  /** Port of a listener of its own for Prometheus, above 1023. It is on no Service for clients. @default - there is none */
  readonly metricsPort?: number;
  /**
   * Sockets in the endpoint, LiveView's included: how many, each with Phoenix's own 30 seconds, or how each of them drains.
   * They are part of the grace period.
   */
  readonly sockets: number | readonly SocketDrain[];
  /**
   * Whether clients may fall back to long polls, as `longPollFallbackMs` of `mix phx.new` has it since 1.7. Each poll must
   * meet the pod of the first one, or a node of its cluster: two pods or more need a `cluster`, or `affinity` of their route.
   * @default false
   */
  readonly longPoll?: boolean;
  /** Longest time that a job of Oban may take after SIGTERM, where web pods work off queues too. @default - they do not */
  readonly queueShutdown?: Duration;
}

/** How a socket drains: the `drainer` option of its `socket` line in the endpoint. */
export interface SocketDrain {
  /** Clients of one pod, at most. */
  readonly clients: number;
  /** Clients that are told at a time: `batch_size`. @default 10000 */
  readonly batchSize?: number;
  /** Time between two batches: `batch_interval`. @default Duration.seconds(2) */
  readonly batchInterval?: Duration;
  /** Time until those that stayed are cut off: `shutdown`. @default Duration.seconds(30) */
  readonly shutdown?: Duration;
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
  const types = { name: ['string'], release: ['object'], port: ['number'], health: ['object'] } as const;
  const drains = {
    sockets: ['number', 'array'],
    queueShutdown: [Duration, undefined],
    metricsPort: ['number', undefined],
    longPoll: ['boolean', undefined],
  } as const;
  requireTypes(scope, application, { ...types, ...drains }, 'application.');
  requireTypes(scope, application.health, { ready: ['string'], live: ['string', undefined] }, 'application.health.');
}
