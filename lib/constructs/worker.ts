import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { Probes } from '../pod/probe';
import { Resources } from '../pod/resources';
import { labels } from '../support/labels';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import { requireTypes, type PropTypes } from '../support/types';
import { requireInteger, requireName, type KubernetesVersion } from '../support/values';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { PhoenixRelease } from './phoenix-release';
import { ProbedDeployment, type ProbedDeploymentProps } from './probed-deployment';
import type { Rollout } from './rollout';

/** What a {@link Worker} is told. */
export interface WorkerProps {
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
  /** Database connections of each pod, 1 to 1000: `POOL_SIZE`. @default - those of a web pod */
  readonly poolSize?: number;
  /**
   * Longest time that a job under way may take after SIGTERM, at least as long as Oban's `shutdown_grace_period`:
   * `terminationGracePeriodSeconds`. @default Duration.seconds(60)
   */
  readonly shutdown?: Duration;
  /** Longest boot. @default Duration.minutes(1) */
  readonly bootTime?: Duration;
  /** The questions that Kubernetes asks it. @default - none: a queue has no port, and a BEAM that ends is started again */
  readonly probes?: Probes;
  /** Ports of the container, such as one for metrics, for the probes to ask. @default {} */
  readonly ports?: Readonly<Record<string, number>>;
  /** How a new version replaces the old one. @default - one pod at a time; nodes of a cluster are ready for 10 seconds first */
  readonly rollout?: Rollout;
  /** Who may evict whom. @default - the cluster's default */
  readonly priorityClassName?: string | OptOut;
  /** The oldest Kubernetes that it runs on. @default '1.27' */
  readonly kubernetes?: KubernetesVersion;
}

const propTypes: PropTypes<WorkerProps> = {
  ...{
    release: [PhoenixRelease],
    role: ['string', undefined],
    replicas: ['number', 'object'],
    resources: [Resources, undefined],
  },
  ...{ config: ['object', undefined], poolSize: ['number', undefined], shutdown: [Duration, undefined] },
  ...{
    bootTime: [Duration, undefined],
    probes: ['object', undefined],
    ports: ['object', undefined],
    rollout: ['object', undefined],
  },
  ...{ priorityClassName: ['string', OptOut, undefined], kubernetes: ['string', undefined] },
};

const unprobed = OptOut.because('reads a queue: it has no port to ask, and a BEAM that ends is started again');
const NO_PROBES: Probes = { startup: unprobed, readiness: unprobed, liveness: unprobed };

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
    requireTypes(this, props, propTypes);
    const { release, role = 'worker', replicas, resources = release.resources, config = {}, poolSize, bootTime } = props;
    const { shutdown = Duration.seconds(60), probes = NO_PROBES, ports = {}, rollout, priorityClassName, kubernetes } = props;
    const { application } = release;
    const name = `${application.name}-${role}`;
    requireName(this, role, Math.max(1, 51 - application.name.length), 'role');
    const data = { ...release.variables(resources, 'worker'), ...this.pool(poolSize) };
    this.requireNoRepeats(config, { ...data, ...release.ownVariables });

    const identity = labels({ application: application.name, instance: name, component: role });
    release.join(name, identity);
    this.configMap = new HashedConfigMap(this, 'Config', { name, labels: identity, data: { ...data, ...config } });
    this.pods = new ProbedDeployment(this, 'Pods', {
      ...{ name, application: application.name, component: role, replicas, resources, bootTime, probes },
      ...{ priorityClassName, kubernetes, ...release.running(this.configMap, rollout) },
      ports: { ...ports, ...release.runningPorts },
      // Nobody connects, so nobody has to learn that it is gone.
      drain: { preStop: Duration.seconds(0), shutdown },
    });
  }

  private pool(poolSize: number | undefined): Record<string, string> {
    if (poolSize === undefined) return {};
    requireInteger(this, 'poolSize', poolSize, { minimum: 1, maximum: 1000, fix: 'omit it to use that of the web pods' });
    return { POOL_SIZE: `${poolSize}` };
  }

  private requireNoRepeats(config: Readonly<Record<string, string>>, own: object): void {
    for (const name of Object.keys(config).filter((variable) => variable in own)) {
      const fix = 'remove it: the release sets it';
      reject(this, { prop: `config.${name}`, must: 'not repeat a variable of the release', got: name, fix });
    }
  }
}
