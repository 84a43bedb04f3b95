import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { DatabaseLink } from '../pod/database-link';
import { besideOfRole } from '../pod/beside';
import type { Mount } from '../pod/mount';
import { roleSettings, type PodSettings } from '../pod/pod-settings';
import type { Probes } from '../pod/probe';
import { requireOthers } from '../pod/require-beside';
import type { BesideOfRole } from '../pod/sidecar';
import { type Resources } from '../pod/resources';
import { labels } from '../support/labels';
import { requirePartName } from '../support/values';
import { requireProps } from '../support/props';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { shutdownVariables } from '../release/application';
import { connectionVariables, type Connection } from '../release/connection';
import type { PoolSize } from '../release/pool-size';
import { requireRoleConfig } from '../release/repeats';
import { PRE_STOP } from '../release/web-pod';
import { loggedIn, type DatabaseLogin } from '../database/login';
import { databaseUse } from './database-use';
import { type PhoenixRelease } from './phoenix-release';
import { ProbedDeployment, type ProbedDeploymentProps } from './probed-deployment';
import type { Rollout } from './rollout';
import type { Stateful } from './stateful';
import { isServed, type PodPorts } from './pod-ports';
import { roleDescriptions } from './role-ports';
import { giveTurns } from './turns';
import { workerProbes } from './worker-probes';

/** Properties of {@link Worker}. */
export interface WorkerProps extends BesideOfRole {
  /** The release that it is a part of: image, secrets, configuration and cluster are the same. */
  readonly release: PhoenixRelease;
  /** What it is called, the end of its name: `worker` makes `kube-native-worker`. @default 'worker' */
  readonly role?: string;
  /** Pods to keep running, or between how many: `replicas`. */
  readonly replicas: ProbedDeploymentProps['replicas'];
  /** What one pod may use. @default - what a web pod may */
  readonly resources?: Resources;
  /**
   * What makes it a worker to the application, such as `{ OBAN_QUEUES: 'default,mail' }`. No web server is started, because
   * `PHX_SERVER` is not set. @default {}
   */
  readonly config?: Readonly<Record<string, string>>;
  /**
   * Database connections of each pod, 1 to 1000, or a share of all that there are: `POOL_SIZE`.
   * @default - those of a web pod, and at most 10 where that goes by way of a pooler
   */
  readonly poolSize?: PoolSize;
  /** By which address they reach the database, whatever the web pods do: `DATABASE_URL`. Oban listens. @default 'direct' */
  readonly connection?: Connection;
  /**
   * The database's role that these pods connect as, where they may do less than the web pods: it must be there, and may read
   * `schema_migrations` where pods wait for migrations. @default - that of the web pods
   */
  readonly login?: DatabaseLogin;
  /**
   * Longest time that a job under way may take after SIGTERM, at least as long as Oban's `shutdown_grace_period`:
   * `terminationGracePeriodSeconds`. @default Duration.seconds(60)
   */
  readonly shutdown?: Duration;
  /** Longest boot. @default Duration.minutes(1) */
  readonly bootTime?: Duration;
  /**
   * The questions that Kubernetes asks it. @default - those of web pods, where the health of the application has a port of its own;
   * else by TCP, a port of `ports` that has clients, or that of the node in a cluster; else none
   */
  readonly probes?: Probes;
  /**
   * Ports of the container by name: `{ sip: { port: 5060, protocol: 'UDP', service: { exposure: ... } } }`, or a number for one that
   * probes alone ask. @default {}
   */
  readonly ports?: PodPorts;
  /** How a new version replaces the old one. @default - one pod at a time; nodes of a cluster are ready for 10 seconds first */
  readonly rollout?: Rollout;
  /**
   * Whether it never runs twice, as a scheduler without a leader must not, or a writer of one volume: `strategy.type: Recreate`, and
   * one pod. The old pod goes before the new one comes, so each roll-out is a time without one: as long as the old one takes to
   * stop and the new one to boot. A pod that is evicted may still be stopping while the next one boots. @default false
   */
  readonly singleton?: boolean;
  /**
   * Whether the names of its pods stay, with a volume for each: a StatefulSet in the place of the Deployment.
   * @default - pods have no names of their own
   */
  readonly stateful?: Stateful;
  /** Settings laid over those of all pods of the release, as {@link PodSettings} says of each. @default {} */
  readonly pods?: PodSettings;
  /** Further files, beside those of all pods of the release. @default [] */
  readonly mounts?: readonly Mount[];
}

/**
 * Pods of a release that work without being asked: Oban's queues, Broadway's pipelines. The same image, secrets and
 * configuration as the web pods, and nodes of the same cluster; no Service, no port for clients, a grace period of its own.
 */
export class Worker extends Construct {
  /** Its ConfigMap. */
  readonly configMap: HashedConfigMap;
  /** Its pods. Reach in here when no prop fits. */
  readonly pods: ProbedDeployment;

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id);
    requireProps(this, props, 'WorkerProps');
    const { release, role = 'worker', replicas, resources = release.resources, config = {}, bootTime } = props;
    const { shutdown = Duration.seconds(60), probes, connection = 'direct' } = props;
    const { application } = release;
    const name = `${application.name}-${role}`;
    requireOthers(this, props);
    requirePartName(this, role, application.name, 'role');
    const database = loggedIn(this, release.database, props.login);
    const data = { ...this.variables(props, resources, database), ...shutdownVariables(application, shutdown) };
    const secrets = { ...release.secrets, ...database?.secrets };
    const variables = { ...release.common.ownVariables({ name, version: release.version }, props.stateful), ...secrets };
    requireRoleConfig(this, { config, own: { ...data, ...variables }, pods: release.common });

    const identity = labels({ application: application.name, instance: name, component: role });
    release.common.join(this, { pods: name, labels: identity }, connection);
    this.configMap = new HashedConfigMap(this, 'Config', { name, labels: identity, data: { ...data, ...config } });
    const beside = release.common.besideOf(database, connection);
    const own = { ...besideOfRole(this, beside, props), pods: roleSettings(this, release.pods, props.pods) };
    const ports = roleDescriptions(this, props.ports, release.common.ports);
    this.pods = new ProbedDeployment(this, 'Pods', {
      name,
      application: application.name,
      component: role,
      image: release.image,
      imagePullPolicy: release.imagePullPolicy,
      version: release.version,
      identity: release.identity,
      command: application.release.start,
      variables,
      replicas,
      resources,
      bootTime,
      probes: probes ?? workerProbes(this, application, ports, release.common.ports),
      ...release.common.running(this, this.configMap, { ...props, ...own, name, secrets, loggedIn: database }),
      ports: { ...ports, ...release.common.ports },
      // Where nobody connects, nobody has to learn that it is gone.
      drain: { preStop: Object.values(ports).some(isServed) ? PRE_STOP : Duration.seconds(0), shutdown },
    });
    giveTurns(release.delivery, this.configMap, this.pods);
  }

  /** Variables of the release, and how a worker uses the database where it does so otherwise. */
  private variables(props: WorkerProps, resources: Resources, database: DatabaseLink | undefined): Record<string, string> {
    const { release, connection, poolSize, replicas, rollout, singleton, stateful, config, mounts } = props;
    const common = release.common.variables(resources, 'worker', mounts);
    const use = { database, connection, poolSize, replicas, rollout, singleton, stateful, config: { ...common, ...config } };
    const { poolSize: size } = databaseUse(this, use, 'omit it to use that of the web pods');
    const direct = {
      ...common,
      ...release.common.pools(this, { replicas, rollout, singleton, stateful }),
      ...(props.login ? urlsOf(database, common) : {}),
    };
    return {
      ...connectionVariables(direct, database, connection ?? 'direct'),
      ...(poolSize === undefined ? {} : { POOL_SIZE: `${size}` }),
    };
  }
}

/** The URLs of a database, as far as pods have them. */
function urlsOf(database: DatabaseLink | undefined, pod: Readonly<Record<string, string>>): Record<string, string> {
  const urls = { DATABASE_URL: database?.config['DATABASE_URL'], DATABASE_READ_URL: database?.readOnly?.url };
  return Object.fromEntries(
    Object.entries(urls).flatMap(([name, url]) => (url !== undefined && name in pod ? [[name, url]] : [])),
  );
}
