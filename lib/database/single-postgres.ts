import { type Size } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { PodMonitor } from '../../imports/monitoring.coreos.com';
import type { ImagePullPolicy } from '../pod/hardened-pod';
import type { HashedConfigMap } from '../pod/hashed-config-map';
import { type Resources } from '../pod/resources';
import { requireServerPods, type ServerPods } from '../pod/server-pods';
import { declare } from '../support/declare';
import { parseImage } from '../support/image';
import { type OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireProps } from '../support/props';
import { requireHost } from '../support/values';
import type { DatabaseLink } from '../pod/database-link';
import { requireExporter, type DatabaseExporter } from './exporter';
import { measuredPostgres, OLDEST_POSTGRES_EXPORTER } from './postgres-exporter';
import { postgresLink, requireDatabase } from './postgres-link';
import { requireExtensions, requireOwnNames } from './postgres-names';
import { POSTGRES_PORT as PORT, postgresPod } from './postgres-server';
import { RESERVED_CONNECTIONS } from '../support/connection-counts';
import { postgresSettings } from './postgres-settings';
import { clientsHost, requireServer, statefulServer } from './stateful-server';

/** Properties of {@link SinglePostgres}. */
export interface SinglePostgresProps {
  /** Name of the StatefulSet, at most 52 characters; clients reach it by `<name>-rw`. */
  readonly name: string;
  /** The official image with its version, `docker.io/library/postgres:17.6`; a major version cannot be changed in place. */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Database to create at the first start. */
  readonly database: string;
  /** Role to create at the first start. It owns the database and is no superuser. */
  readonly user: string;
  /** Where the role's password is. */
  readonly password: SecretKey;
  /** Extensions to create at the first start, by the superuser. @default [] */
  readonly extensions?: readonly string[];
  /** Size of the volume: `volumeClaimTemplates`. It never shrinks, and grows by hand: see docs/database.md. */
  readonly storage: Size;
  /** Kind of the volume: `storageClassName`. @default - the cluster's default */
  readonly storageClass?: string;
  /** Why the volume may go with the StatefulSet, as in a preview that nobody will miss: `whenDeleted`. @default - it stays */
  readonly deleteVolume?: OptOut;
  /** What the server may use; its settings follow the memory. At least 256 MiB. */
  readonly resources: Resources;
  /** Connections at a time: `max_connections`. @default - a tenth of the memory's mebibytes, 20 to 500 */
  readonly maxConnections?: number;
  /** User and group of the server. Alpine images up to PostgreSQL 10 need their own, 70. @default 10001 */
  readonly runAsUser?: number;
  /** Domain of the cluster's names. @default 'cluster.local' */
  readonly clusterDomain?: string;
  /** Where its pod is scheduled, and who pulls its image. @default {} */
  readonly pods?: ServerPods;
  /**
   * What measures it, in its pod. 3 connections are kept for it, and pods without one are replaced once; while it cannot be pulled
   * or does not run, clients do not reach the server. Needs the Prometheus operator. @default - nobody measures it
   */
  readonly exporter?: DatabaseExporter;
}

function requirePropTypes(scope: Construct, props: SinglePostgresProps): void {
  requireProps(scope, props, 'SinglePostgresProps');
}

/**
 * PostgreSQL in the cluster from the official image: one server, one volume. For development and small staging; a
 * node's failure is an outage until the pod runs elsewhere.
 */
export class SinglePostgres extends Construct {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;
  /** The server. */
  readonly statefulSet: k8s.KubeStatefulSet;
  /** Its address: the host of the link, `<name>-rw`. */
  readonly service: k8s.KubeService;
  /** What the StatefulSet demands: the address of its pod. Clients outlive the pod, and so use {@link service}. */
  readonly headless: k8s.KubeService;
  /** What creates the role and the database at the first start. */
  readonly init: HashedConfigMap;
  /** What has its metrics collected, where it has an exporter. */
  readonly podMonitor?: PodMonitor;

  constructor(scope: Construct, id: string, props: SinglePostgresProps) {
    super(scope, id);
    requirePropTypes(this, props);
    const { name, image, imagePullPolicy = 'Always', database, user, password, extensions = [] } = props;
    const { storage, storageClass, resources, exporter, runAsUser = 10001, clusterDomain = 'cluster.local', pods = {} } = props;
    const { maxConnections, parameters } = postgresSettings(resources.memory.limit, props.maxConnections);
    requireServer(this, { ...props, runAsUser, maxConnections, minimumMemory: 256 });
    requireImageUser(this, image, runAsUser);
    requireExtensions(this, 'extensions', extensions);
    requireHost(this, clusterDomain, 'clusterDomain');
    requireServerPods(this, pods);
    requireDatabase(this, { database, user });
    requireOwnNames(this, { database, user });
    if (exporter) requireExporter(this, exporter, { of: 'postgres', user, oldest: OLDEST_POSTGRES_EXPORTER });

    const { scripts, measured, ...own } = measuredPostgres(exporter, { image, port: PORT, database, extensions });
    const settings = { ...parameters, ...own.parameters };
    const server = { name, image, imagePullPolicy, database, user, password, resources, runAsUser, parameters: settings };
    const objects = statefulServer(this, {
      name,
      application: 'postgresql',
      image,
      port: PORT,
      storage,
      storageClass,
      deleteVolume: props.deleteVolume,
      pods,
      scripts,
      measured,
      pod: (init) => postgresPod({ ...server, init }),
    });
    this.service = objects.service;
    this.headless = objects.headless;
    this.init = objects.init;
    this.statefulSet = objects.statefulSet;
    this.podMonitor = objects.podMonitor;
    const host = clientsHost(this, name, clusterDomain);
    const connections = maxConnections - RESERVED_CONNECTIONS - own.connections;
    declare(this, { databases: [{ host, connections }] });
    this.link = postgresLink({ host, port: PORT, database, user, password, connections, peer: { pods: name }, image });
  }
}

function requireImageUser(scope: Construct, image: string, runAsUser: number): void {
  if (!/^\d\b.*alpine|^10\b.*alpine/.test(parseImage(image)?.tag ?? '') || runAsUser === 70) return;
  const must = 'be 70 in this image: its initdb needs a user that it knows';
  reject(scope, { prop: 'runAsUser', must, got: runAsUser, fix: 'set it to 70, or use an image that is still maintained' });
}
