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
import { MYSQL_EXPORTER_CONNECTIONS, MYSQL_LOGIN_STATEMENTS, mysqlExporter, mysqlExporterScripts } from './mysql-exporter';
import { startScript } from './mysql-init';
import { mysqlLink, requireMysqlNames } from './mysql-link';
import { MYSQL_PORT as PORT, mysqlPod } from './mysql-server';
import { mysqlSettings } from './mysql-settings';
import { clientsHost, requireServer, statefulServer } from './stateful-server';

/** Properties of {@link SingleMysql}. */
export interface SingleMysqlProps {
  /** Name of the StatefulSet, at most 52 characters; clients reach it by `<name>-rw`. */
  readonly name: string;
  /** The official image with its version, `docker.io/library/mysql:8.4.10`. A newer one upgrades the data, and there is no way back. */
  readonly image: string;
  /** When to pull it: `imagePullPolicy`. @default 'Always' */
  readonly imagePullPolicy?: ImagePullPolicy;
  /** Database to create. */
  readonly database: string;
  /** User to create, at most 32 characters. It may do everything in the database, and nothing outside of it. */
  readonly user: string;
  /** Where the user's password is. A new one holds after the server's restart. */
  readonly password: SecretKey;
  /** Size of the volume: `volumeClaimTemplates`. It never shrinks, and grows by hand: see docs/database.md. */
  readonly storage: Size;
  /** Kind of the volume: `storageClassName`. @default - the cluster's default */
  readonly storageClass?: string;
  /** Why the volume may go with the StatefulSet, as in a preview that nobody will miss: `whenDeleted`. @default - it stays */
  readonly deleteVolume?: OptOut;
  /** What the server may use; its settings follow the memory. At least 512 MiB. */
  readonly resources: Resources;
  /** Connections of the application at a time: `max_connections`. @default - a sixteenth of the memory's mebibytes, 20 to 500 */
  readonly maxConnections?: number;
  /** User and group of the server. @default 10001 */
  readonly runAsUser?: number;
  /** Domain of the cluster's names. @default 'cluster.local' */
  readonly clusterDomain?: string;
  /** Where its pod is scheduled, and who pulls its image. @default {} */
  readonly pods?: ServerPods;
  /**
   * What measures it, in its pod. 4 connections are kept for it, and pods without one are replaced once; while it cannot be pulled
   * or does not run, clients do not reach the server. Needs the Prometheus operator. @default - nobody measures it
   */
  readonly exporter?: DatabaseExporter;
}

/**
 * MySQL in the cluster from the official image: one server, one volume. For development and small staging; a node's
 * failure is an outage until the pod runs elsewhere.
 */
export class SingleMysql extends Construct {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;
  /** The server. */
  readonly statefulSet: k8s.KubeStatefulSet;
  /** Its address: the host of the link, `<name>-rw`. */
  readonly service: k8s.KubeService;
  /** What the StatefulSet demands: the address of its pod. Clients outlive the pod, and so use {@link service}. */
  readonly headless: k8s.KubeService;
  /** What creates the user and the database, and starts the server. */
  readonly init: HashedConfigMap;
  /** What has its metrics collected, where it has an exporter. */
  readonly podMonitor?: PodMonitor;

  constructor(scope: Construct, id: string, props: SingleMysqlProps) {
    super(scope, id);
    requireProps(this, props, 'SingleMysqlProps');
    const { name, image, imagePullPolicy = 'Always', database, user, password, storage, storageClass, resources } = props;
    const { runAsUser = 10001, clusterDomain = 'cluster.local', pods = {}, exporter } = props;
    const { maxConnections, parameters } = mysqlSettings(resources.memory.limit, storage, props.maxConnections);
    requireServer(this, { ...props, runAsUser, maxConnections, minimumMemory: 512 });
    requireHost(this, clusterDomain, 'clusterDomain');
    requireServerPods(this, pods);
    requireMysqlNames(this, { database, user });
    requireOwner(this, user);
    requireVersion(this, image);
    if (exporter) requireExporter(this, exporter, { of: 'mysqld', user });

    const server = { name, image, imagePullPolicy, database, user, password, resources, runAsUser, parameters };
    const objects = statefulServer(this, {
      name,
      application: 'mysql',
      image,
      port: PORT,
      storage,
      storageClass,
      deleteVolume: props.deleteVolume,
      pods,
      scripts: exporter
        ? { 'start.sh': startScript(MYSQL_LOGIN_STATEMENTS), ...mysqlExporterScripts(PORT) }
        : { 'start.sh': startScript() },
      pod: (init) => mysqlPod({ ...server, init }),
      ...(exporter ? { measured: { exporter, program: mysqlExporter() } } : {}),
    });
    this.service = objects.service;
    this.headless = objects.headless;
    this.init = objects.init;
    this.statefulSet = objects.statefulSet;
    this.podMonitor = objects.podMonitor;
    const host = clientsHost(this, name, clusterDomain);
    // The one that administrators have comes on top.
    const connections = maxConnections - (exporter ? MYSQL_EXPORTER_CONNECTIONS : 0);
    declare(this, { databases: [{ host, connections }] });
    this.link = mysqlLink({ host, port: PORT, database, user, password, connections, peer: { pods: name } });
  }
}

/** The superuser is of the pod alone, and an account of its name from everywhere would pass for it. */
function requireOwner(scope: Construct, user: string): void {
  if (user.toLowerCase() !== 'root') return;
  const must = 'be a user of the application alone';
  reject(scope, { prop: 'user', must, got: user, fix: 'name it after the application' });
}

function requireVersion(scope: Construct, image: string): void {
  if (!/^(?:[1-7]\b|8\.0\.[12]?\d(?!\d))/.test(parseImage(image)?.tag ?? '')) return;
  const must = 'be of MySQL 8.0.30 or newer, which knows these settings';
  reject(scope, { prop: 'image', must, got: image, fix: 'use one that is still maintained, such as 8.4' });
}
