import { type Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { variableNameFault, type Variables } from '../pod/variables';
import { declare } from '../support/declare';
import type { OptOut } from '../support/opt-out';
import { secondsOf } from '../support/quantity';
import { abort, reject } from '../support/reject';
import type { ImageSource } from './image-source';
import { knownImageRefusals, type KnownImage } from './known-image';
import type { ApplicationMetrics } from './metrics/names';
import { assumedOtpApp } from './metrics/otp-app';
import type { RuntimeVariable } from './reads';
import type { ReleaseTool } from './release-tool';
import type { Repo } from './repo';

/** Where a node listens that nobody else meets. */
const LOOPBACK = '127.0.0.1';

/** The facts of a Phoenix application that no environment changes. */
export interface PhoenixApplication {
  /** Name of the program in lower case with dashes: label `app.kubernetes.io/name`, and the objects' names. */
  readonly name: string;
  /** How its release is started. */
  readonly release: ReleaseTool;
  /**
   * Which variables of the release its `config/runtime.exs` reads: `phxNew.single` or `phxNew.umbrella` as generated, and what you
   * added. What is set and not read is refused; an endpoint that does not read `PHX_SERVER` is started by a flag of the VM. Name
   * what the compiled configuration has right already, too. @default - all of them: see docs/public-url.md
   */
  readonly reads?: readonly RuntimeVariable[];
  /**
   * What the image makes the name of its node from, in `rel/env.sh` or in an old release's `vm.args`, such as
   * `{ POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } }`. A node without a cluster, and a job, get 127.0.0.1 in the address's
   * place. @default - it names no node: `RELEASE_NODE` does, and the loopback address where an old release has it
   */
  readonly nodeVariables?: Variables;
  /**
   * Its repositories beside the one that reads `DATABASE_URL`, each with a database of its own, by the name that environments have
   * it under in `databases`: `{ analytics: { module: 'Shop.AnalyticsRepo' } }`. @default {}
   */
  readonly repos?: Readonly<Record<string, Repo>>;
  /** Port that the endpoint listens on, above 1023: `PORT`. */
  readonly port: number;
  /** Where it says how it is. */
  readonly health: HealthPaths;
  /** Where it answers Prometheus, and with what: see docs/observe.md. @default - nowhere */
  readonly metrics?: ApplicationMetrics;
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
  /**
   * Variable that it reads how many seconds jobs under way have after SIGTERM from, such as `OBAN_GRACE_SECONDS` of docs/application.md.
   * Each worker gets those of its `shutdown`, and web pods those of `queueShutdown`. @default - none: the image has a number of its own
   */
  readonly shutdownVariable?: string;
  /** What its image is built from: `dist/image/Dockerfile` is written of it, and of what else is said here. @default - none is written */
  readonly source?: ImageSource;
  /** What is known of an image that was built elsewhere: its pods are held to it. @default - nothing, or what `source` says */
  readonly image?: KnownImage;
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
  /** Answers only while the pod should get traffic; may ask the database. `/` on an application that has none: see `frontPage`. */
  readonly ready: string;
  /** Why two pods or more may be asked by the front page, where `ready` is `/`. @default - they need a path of their own */
  readonly frontPage?: OptOut;
  /** Answers while the VM works; asks nothing else. Without it the probe opens a connection to the port. */
  readonly live?: string;
  /**
   * Port of a listener of its own for both, above 1023, which no Service has. Whatever starts the application starts it, so that
   * workers are asked there too: see docs/application.md. @default - the endpoint answers, and workers are not asked by HTTP
   */
  readonly port?: number;
}

/** Refuses a tool that was made from what it could not be made from. */
export function requireApplication(scope: IConstruct, application: PhoenixApplication): void {
  for (const refusal of [...(application.release.refusals ?? []), ...knownImageRefusals(application)]) reject(scope, refusal);
  const assumed = assumedOtpApp(application.metrics, application.source);
  if (assumed !== undefined) declare(scope, { assumed: [assumed] });
}

/** How long jobs of a pod have to end, where the application reads it. */
export function shutdownVariables(
  { shutdownVariable }: PhoenixApplication,
  shutdown: Duration | undefined,
): Record<string, string> {
  return shutdownVariable === undefined || shutdown === undefined ? {} : { [shutdownVariable]: `${secondsOf(shutdown)}` };
}

/** Stops at a variable for the end of jobs that is none, or that the release sets to something else. */
export function requireShutdownVariable(scope: IConstruct, { shutdownVariable: got }: PhoenixApplication, own: object): void {
  if (got === undefined) return;
  const prop = 'application.shutdownVariable';
  const must = 'be no other variable of the release';
  const taken = got in own ? { prop, must, got, fix: "write 'OBAN_GRACE_SECONDS', and read it" } : undefined;
  const refusal = variableNameFault(prop, got) ?? taken;
  if (refusal) abort(scope, [refusal]);
}

/** The ports of listeners that every pod has which keeps running, by their names. */
export function ownListeners({ metrics, health: { port } }: PhoenixApplication): Readonly<Record<string, number>> {
  return { ...(metrics === undefined ? {} : { metrics: metrics.port }), ...(port === undefined ? {} : { health: port }) };
}

/** The variables that an image names its node by, for a node that nobody else meets. */
export function nodeVariablesAlone({ nodeVariables = {} }: PhoenixApplication): Variables {
  return Object.fromEntries(
    Object.entries(nodeVariables).map(([name, variable]) => {
      const own = typeof variable === 'object' && variable?.fieldRef?.fieldPath === 'status.podIP';
      return [name, own ? LOOPBACK : variable];
    }),
  );
}
