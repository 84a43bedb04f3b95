import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  Pooler,
  PoolerSpecPgbouncerPoolMode as Mode,
  PoolerSpecType as Type,
  type PoolerSpecTemplate,
} from '../../../imports/postgresql.cnpg.io';
import { type Resources } from '../../pod/resources';
import { countOneRollout } from '../../pod/spread';
import { requireInteger } from '../../support/values';
import type { PooledAddress } from '../../pod/database-link';
import { clusterLabels, hostOf, PORT, type ClusterPlace } from './names';
import { requireRoom } from './storage';

/** PgBouncer in front of a cluster. */
export interface ClusterPooler {
  /** How many pods, 2 or more to survive a node. */
  readonly instances: number;
  /** Connections that each pod holds to the server: `default_pool_size`. */
  readonly poolSize: number;
  /** How long a client keeps one of them: `poolMode`. Named statements work in both modes. @default 'transaction' */
  readonly mode?: 'session' | 'transaction';
  /** Clients that each pod lets in, so that one that is left can take them all: `max_client_conn`. @default 500 */
  readonly clients?: number;
  /** What one pod may use. */
  readonly resources: Resources;
  /** Whether there is another one in front of the replicas. @default false */
  readonly readOnly?: boolean;
}

/** A pooler's pods and what keeps them apart. */
export class PoolerPods extends Construct {
  /** The Pooler. The operator makes a Deployment and a Service of its name. */
  readonly pooler: Pooler;
  /** Lets a drained node take one pod at a time; the operator makes none for poolers. Only for 2 pods or more. */
  readonly disruptionBudget?: k8s.KubePodDisruptionBudget;
  /** Where it is, and what it lets through. */
  readonly address: Omit<PooledAddress, 'url'>;

  constructor(scope: Construct, id: string, place: ClusterPlace, type: 'rw' | 'ro', pooler: ClusterPooler) {
    super(scope, id);
    const { instances, poolSize, mode = 'transaction', clients = 500 } = pooler;
    requirePooler(this, { ...pooler, mode, clients });
    const name = poolerName(place.name, type);
    const metadata = { name, labels: clusterLabels(name, 'pooler') };
    this.pooler = new Pooler(this, 'Default', {
      metadata,
      spec: {
        cluster: { name: place.name },
        type: type === 'rw' ? Type.RW : Type.RO,
        instances,
        pgbouncer: { poolMode: MODES[mode], parameters: parametersOf({ mode, clients, poolSize }) },
        // None goes before its successor lets clients in.
        deploymentStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: ONE, maxUnavailable: NONE } },
        template: templateOf(place.name, name, pooler),
      },
    });
    countOneRollout(this.pooler);
    if (instances > 1) {
      this.disruptionBudget = new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', {
        metadata,
        spec: { maxUnavailable: ONE, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: podsOf(name) } },
      });
    }
    const address = { host: hostOf(name, place), port: PORT, peer: { pods: place.name } };
    this.address = { ...address, mode, namedStatements: true, clients };
  }
}

const ONE = k8s.IntOrString.fromNumber(1);
const NONE = k8s.IntOrString.fromNumber(0);
const MODES = { session: Mode.SESSION, transaction: Mode.TRANSACTION };
/** Named statements that PgBouncer keeps for a client, prepared again where its next connection lacks one. */
const PREPARED_STATEMENTS = 200;

/** Name of a pooler's objects. It must not be the cluster's. */
export function poolerName(cluster: string, type: 'rw' | 'ro'): string {
  return type === 'rw' ? `${cluster}-pooler` : `${cluster}-pooler-ro`;
}

/** The only label that tells the pods of a pooler from those of its cluster. */
function podsOf(pooler: string): Record<string, string> {
  return { 'cnpg.io/poolerName': pooler };
}

function parametersOf({
  mode,
  clients,
  poolSize,
}: Pick<Required<ClusterPooler>, 'mode' | 'clients' | 'poolSize'>): Record<string, string> {
  return {
    max_client_conn: `${clients}`,
    default_pool_size: `${poolSize}`,
    ...(mode === 'transaction' ? { max_prepared_statements: `${PREPARED_STATEMENTS}` } : {}),
  };
}

/** The operator fills in images, commands, probes and a security context that satisfies Pod Security "restricted". */
function templateOf(cluster: string, pooler: string, { resources }: ClusterPooler): PoolerSpecTemplate {
  const labelSelector = { matchLabels: podsOf(pooler) };
  const spread = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', labelSelector };
  return {
    metadata: { labels: clusterLabels(cluster, 'pooler') },
    spec: {
      // The operator looks for these names. A quota refuses a pod of which one container says nothing.
      initContainers: [{ name: 'bootstrap-controller', resources: resources.requirements() }],
      containers: [{ name: 'pgbouncer', resources: resources.requirements() }],
      topologySpreadConstraints: [
        { ...spread, topologyKey: 'kubernetes.io/hostname' },
        { ...spread, topologyKey: 'topology.kubernetes.io/zone' },
      ],
    },
  };
}

function requirePooler(scope: Construct, pooler: ClusterPooler & Required<Pick<ClusterPooler, 'mode' | 'clients'>>): void {
  const { instances, poolSize, clients, resources } = pooler;
  requireInteger(scope, 'instances', instances, { minimum: 1, maximum: 50, fix: 'write 2, so that one may go' });
  requireInteger(scope, 'poolSize', poolSize, { minimum: 1, maximum: 1000, fix: 'write 20 or so' });
  requireInteger(scope, 'clients', clients, { minimum: 1, maximum: 20000, fix: 'omit it to use 500' });
  resources.require(scope);
  requireRoom(scope, resources);
}
