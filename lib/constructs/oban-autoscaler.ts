import { ApiObject, Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { ScaledObject } from '../../imports/keda.sh';
import type { DatabaseLink } from '../pod/database-link';
import type { Manifest } from '../support/edit';
import { declare, writtenFrom } from '../support/declare';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireInteger, requireName, requireSeconds } from '../support/values';
import { behaviorOf, requireBehavior, requireRange, type Autoscaling } from './autoscaler';
import { secondsOf } from '../support/quantity';

/** Pods that follow the jobs that wait for them in Oban's queues. */
export interface ObanAutoscaling extends Pick<Autoscaling, 'behavior'> {
  /** Fewest pods, 0 to 1000; with 0 the first job that waits starts one: `minReplicaCount`. */
  readonly minimum: number;
  /** Most pods, above the minimum: `maxReplicaCount`. */
  readonly maximum: number;
  /** What waits, and where. */
  readonly oban: ObanQueues;
}

/** Queues of Oban, and how KEDA counts what waits in them. */
export interface ObanQueues {
  /** Names of the queues that these pods work off. */
  readonly queues: readonly string[];
  /** Jobs that one pod works off at a time, the sum of its queues' limits, 1 to 10000: `targetQueryValue`. */
  readonly jobsPerPod: number;
  /** Where the jobs are. KEDA connects there too, with the same role. */
  readonly database: DatabaseLink;
  /** Schema of the table `oban_jobs`. @default 'public' */
  readonly prefix?: string;
  /**
   * How KEDA's connection is protected: `sslmode`. KEDA knows the authorities of its own image alone.
   * @default - 'require' where the application encrypts, 'disable' where it does not
   */
  readonly sslmode?: 'disable' | 'require' | 'verify-full';
  /** How often it counts, 5 seconds to an hour: `pollingInterval`. @default Duration.seconds(30) */
  readonly pollingInterval?: Duration;
  /** Time with nothing waiting until the last pod goes, longer than the longest job: `cooldownPeriod`. @default Duration.minutes(5) */
  readonly cooldown?: Duration;
  /** Namespace that KEDA runs in, for the fence. @default 'keda' */
  readonly operator?: string;
}

/** Properties of {@link ObanAutoscaler}. */
export interface ObanAutoscalerProps extends ObanAutoscaling {
  /** Name of what it scales; the objects get the same name. */
  readonly name: string;
  /** Its kind: `scaleTargetRef.kind`. @default 'Deployment' */
  readonly kind?: 'Deployment' | 'StatefulSet';
  /** Labels of the objects. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Adds workers while jobs wait in Oban's queues, and takes them away when none does, down to no pod where the minimum
 * is 0. Needs KEDA in the cluster, which reads the password from the database's Secret.
 *
 * @see https://keda.sh/docs/latest/scalers/postgresql/
 */
export class ObanAutoscaler extends Construct {
  /** The ScaledObject. KEDA makes the HorizontalPodAutoscaler from it. */
  readonly scaledObject: ScaledObject;
  /** What lets KEDA read the password. */
  readonly authentication: ApiObject;

  constructor(scope: Construct, id: string, props: ObanAutoscalerProps) {
    super(scope, id);
    requireProps(this, props, 'ObanAutoscalerProps');
    const { name, kind = 'Deployment', minimum, maximum, behavior = {}, oban } = props;
    const { database, pollingInterval = Duration.seconds(30), cooldown = Duration.minutes(5), operator = 'keda' } = oban;
    requireRange(this, { minimum, maximum }, 0);
    requireBehavior(this, behavior);
    requireQueues(this, oban);
    requirePostgres(this, database);
    requireSeconds(this, 'oban.pollingInterval', pollingInterval, { minimum: 5, maximum: 3600, fix: 'omit it to use 30s' });
    requireSeconds(this, 'oban.cooldown', cooldown, { minimum: 0, maximum: 86400, fix: 'omit it to use 5 minutes' });
    requireName(this, operator, 63, 'oban.operator');
    const held = { host: database.host, who: `KEDA for ${name}`, connections: KEDA_CONNECTIONS };
    declare(this, { connections: [held] });
    if ('pods' in database.peer) {
      declare(this, { visitors: [{ pods: database.peer.pods, port: database.port, peer: { namespace: operator } }] });
    }

    const metadata = { name, labels: { ...props.labels } };
    this.authentication = new ApiObject(this, 'Authentication', {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata,
      spec: { secretTargetRef: [credentials(database)] },
    });
    this.scaledObject = new ScaledObject(this, 'Default', {
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind, name },
        minReplicaCount: minimum,
        maxReplicaCount: maximum,
        pollingInterval: secondsOf(pollingInterval),
        cooldownPeriod: secondsOf(cooldown),
        advanced: { horizontalPodAutoscalerConfig: { behavior: behaviorOf(behavior) } },
        triggers: [{ type: 'postgresql', metadata: trigger(oban), authenticationRef: { name } }],
      },
    });
    writtenFrom(this, this.scaledObject, { 'spec.advanced.horizontalPodAutoscalerConfig.behavior': 'behavior' });
  }
}

/**
 * The operator counts by a pool of its own, once for itself and at times for the autoscaler meanwhile; KEDA's metrics server
 * asks the operator, and opens none.
 */
const KEDA_CONNECTIONS = 2;

/** What KEDA reads from a Secret: the whole URL, where that is in one. */
function credentials({ url, password }: DatabaseLink): Manifest {
  const { secret: name, key } = url ?? password ?? {};
  return { parameter: url ? 'connection' : 'password', name, key };
}

function place({ host, port, user = '', database }: DatabaseLink, sslmode: string): Record<string, string> {
  return { host, port: `${port}`, userName: user, dbName: database, sslmode };
}

/** KEDA takes texts alone. */
function trigger(oban: ObanQueues): Record<string, string> {
  const { database, jobsPerPod, sslmode = encrypts(database) ? 'require' : 'disable' } = oban;
  return {
    ...(database.url ? {} : place(database, sslmode)),
    query: waiting(oban),
    targetQueryValue: `${jobsPerPod}`,
  };
}

/**
 * Counts the jobs that a pod could start now. Those under way have their pod already. Those that are due count too:
 * a running node makes them available, and there may be none.
 */
function waiting({ queues, prefix = 'public' }: ObanQueues): string {
  const names = queues.map((queue) => `'${queue}'`).join(', ');
  const due = "state in ('scheduled', 'retryable') and scheduled_at <= now() at time zone 'utc'";
  return `select count(*) from "${prefix}".oban_jobs where queue in (${names}) and (state = 'available' or (${due}))`;
}

function encrypts({ config }: DatabaseLink): boolean {
  const mode = config['PGSSLMODE'] ?? 'disable';
  return mode !== 'disable' || /[?&]ssl=true(?:&|$)/.test(config['DATABASE_URL'] ?? '');
}

function requireQueues(scope: Construct, { queues, jobsPerPod, prefix = 'public' }: ObanQueues): void {
  if (queues.length === 0) {
    const fix = "write the queues of these pods, such as ['default']";
    reject(scope, { prop: 'oban.queues', must: 'name one queue or more', got: queues, fix });
  }
  for (const [prop, name] of [...queues.map((queue) => ['oban.queues', queue] as const), ['oban.prefix', prefix] as const]) {
    if (typeof name === 'string' && /^[a-z0-9_]{1,63}$/.test(name)) continue;
    reject(scope, {
      prop,
      must: "be lower-case letters, digits and '_'",
      got: name,
      fix: 'write the name as in the config of Oban',
    });
  }
  requireInteger(scope, 'oban.jobsPerPod', jobsPerPod, {
    minimum: 1,
    maximum: 10000,
    fix: "write the sum of the queues' limits in one pod",
  });
}

/** The jobs are counted in the words of PostgreSQL. */
function requirePostgres(scope: Construct, { adapter, proxy }: DatabaseLink): void {
  if (proxy) {
    const must = 'be reached without a proxy in the pod, which the pods of KEDA do not have';
    const fix = 'write a number of pods or a range by load, or connect to the server itself';
    reject(scope, { prop: 'oban.database', must, got: proxy.name, fix });
  }
  if (adapter === 'postgresql') return;
  const fix = 'remove it, and let the CPU decide';
  reject(scope, { prop: 'oban.database', must: 'be PostgreSQL, which KEDA is asked to count in', got: adapter, fix });
}
