import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodMonitor, PrometheusRule } from '../../../imports/monitoring.coreos.com';
import type { Cluster, Database } from '../../../imports/postgresql.cnpg.io';
import { settleCluster } from '../../pod/server-pods';
import { settlePods } from '../../pod/settled-pods';
import { declare } from '../../support/declare';
import type { Opening } from '../../support/network';
import { OptOut } from '../../support/opt-out';
import { authoritySettings } from '../certificate-authority';
import type { DatabaseLink } from '../../pod/database-link';
import { postgresLink } from '../postgres-link';
import type { Watched } from './alerts';
import { ArchivedBackups, backupAge, type ClusterBackup } from './backup';
import { makeCluster } from './cluster';
import { divideConnections, requireConnections, type ClusterConnections } from './connections';
import { eachOnce, makeDatabase } from './databases';
import { makePodMonitor } from '../pod-monitor';
import { makeAlerts } from './monitoring';
import { clusterLabels, hostOf, METRICS_PORT, POOLER_METRICS_PORT, PORT, STATUS_PORT, type ClusterPlace } from './names';
import { identityOf, storagePort } from './object-storage';
import { PoolerPods } from './pooler';
import type { CloudNativePgProps } from './props';
import { RestoredBackups } from './recovery';
import { requireProps } from '../../support/props';
import { requireRunbooks, RUNBOOKS } from '../../support/runbooks';
import { requireLabels } from '../../support/values';
import { requireCluster } from './requirements';

/**
 * PostgreSQL in the cluster, run by CloudNativePG: replicas that take over from a lost primary, backups that restore to
 * any moment, a pooler. Needs the operator, 1.26 or newer, and for backups its Barman Cloud plugin.
 *
 * @see https://cloudnative-pg.io/documentation/current/
 */
export class CloudNativePg extends Construct {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;
  /** What the operator makes the instances from. */
  readonly cluster: Cluster;
  /** Where backups go, and when. */
  readonly backups?: ArchivedBackups;
  /** What the cluster begins with. */
  readonly restored?: RestoredBackups;
  /** In front of the instance that writes. */
  readonly pooler?: PoolerPods;
  /** In front of the replicas. */
  readonly readPooler?: PoolerPods;
  /** The application's database, where it has extensions, and the others. */
  readonly databases: readonly Database[];
  /** What collects metrics. */
  readonly podMonitor?: PodMonitor;
  /** What raises alerts. */
  readonly alerts?: PrometheusRule;

  constructor(scope: Construct, id: string, props: CloudNativePgProps) {
    super(scope, id);
    requireProps(this, props, 'CloudNativePgProps');
    const { name, instances, tls = 'verify-full', pooler, recovery, monitoring = false, alerts = false } = props;
    const { antiAffinity = 'preferred', operatorNamespace = 'cnpg-system', clusterDomain = 'cluster.local' } = props;
    const { resources, maxConnections, roles = [] } = props;
    requireLabels(this, 'monitorLabels', props.monitorLabels ?? {});
    requireRunbooks(this, props.runbooks);
    requireCluster(this, { ...props, tls, antiAffinity, operatorNamespace, clusterDomain });
    const takers = { resources, maxConnections, pooler, roles };
    const connections = divideConnections(takers);
    requireConnections(this, takers, connections);

    const place: ClusterPlace = { name, namespace: Chart.of(this).namespace ?? 'default', clusterDomain };
    const backup = props.backup instanceof OptOut ? undefined : props.backup;
    if (backup) this.backups = new ArchivedBackups(this, 'Backups', name, backup);
    if (recovery) this.restored = new RestoredBackups(this, 'Restored', name, recovery, backup);
    if (pooler) this.pooler = new PoolerPods(this, 'Pooler', place, 'rw', pooler);
    if (pooler?.readOnly === true) this.readPooler = new PoolerPods(this, 'ReadPooler', place, 'ro', pooler);
    const addresses = { tls, place, connections, pooler: this.pooler, readPooler: this.readPooler };
    this.link = linkOf(props, addresses);
    const parameters = { ...connections.parameters, ...props.parameters };
    const hosts = certified(this.link, addresses);
    this.cluster = makeCluster(this, { props, antiAffinity, parameters, hosts, backup, restored: this.restored });
    settleCluster(this.cluster, props.pods ?? {});
    for (const one of [this.pooler, this.readPooler]) if (one) settlePods(one.pooler, props.pods ?? {});
    // In the file the cluster comes first: the first backup is due at once, and asks for it.
    for (const later of [this.backups?.scheduledBackup, this.pooler, this.readPooler]) later?.node.addDependency(this.cluster);
    if (this.restored) this.cluster.node.addDependency(this.restored);
    this.databases = databasesOf(this, props);
    const { monitorLabels: labels, runbooks = RUNBOOKS } = props;
    if (monitoring) {
      const found = { own: clusterLabels(name), selector: { 'cnpg.io/cluster': name }, labels };
      this.podMonitor = makePodMonitor(this, { name, ...found });
      declare(this, { measured: [{ name, engine: 'cloud-native-pg' }] });
    }
    if (alerts)
      this.alerts = makeAlerts(this, { watched: { ...watched(place, instances, connections, backup), runbooks }, labels });
    declareTraffic(this, { props, operatorNamespace, monitoring, backup });
    declareConnections(this, this.link, addresses);
  }
}

interface Addresses {
  readonly tls: 'verify-full' | OptOut;
  readonly place: ClusterPlace;
  readonly connections: ClusterConnections;
  readonly pooler: PoolerPods | undefined;
  readonly readPooler: PoolerPods | undefined;
}

function linkOf(props: CloudNativePgProps, { tls, place, connections, pooler, readPooler }: Addresses): DatabaseLink {
  const { name, instances, image, database, user, secret = `${name}-app` } = props;
  const peer = { pods: name };
  const verified = tls instanceof OptOut ? {} : authoritySettings({ secret: `${name}-ca`, key: 'ca.crt' });
  const replicas = { host: readPooler?.address.host ?? hostOf(`${name}-ro`, place), port: PORT, peer };
  return postgresLink({
    host: hostOf(`${name}-rw`, place),
    port: PORT,
    database,
    user,
    password: { secret, key: 'password' },
    peer,
    connections: connections.direct,
    image,
    ...verified,
    ...(pooler ? { pooled: pooler.address } : {}),
    ...(instances > 1 ? { readOnly: replicas } : {}),
  });
}

/** Hosts that the operator does not put into the certificate: poolers, and all where the domain is not the usual one. */
function certified({ host, readOnly }: DatabaseLink, { place, pooler, readPooler }: Addresses): string[] {
  const poolers = [pooler, readPooler].flatMap((one) => (one ? [one.address.host] : []));
  const servers = place.clusterDomain === 'cluster.local' ? [] : [host, ...(readOnly ? [readOnly.host] : [])];
  return [...new Set([...poolers, ...servers])];
}

function databasesOf(
  scope: Construct,
  { name, database, user, extensions = [], databases = [] }: CloudNativePgProps,
): Database[] {
  const own = extensions.length > 0 ? [{ name: database, owner: user, extensions }] : [];
  const others = databases.map((other) => ({ name: other.name, owner: other.owner ?? user, extensions: other.extensions ?? [] }));
  return eachOnce([...own, ...others]).map((one) => makeDatabase(scope, name, one));
}

function watched(
  { name, namespace }: ClusterPlace,
  instances: number,
  { maxConnections }: ClusterConnections,
  backup?: ClusterBackup,
): Omit<Watched, 'runbooks'> {
  return { name, namespace, instances, maxConnections, ...(backup ? { backupAge: backupAge(backup.schedule) } : {}) };
}

interface Declared {
  readonly props: CloudNativePgProps;
  readonly operatorNamespace: string;
  readonly monitoring: boolean;
  readonly backup: ClusterBackup | undefined;
}

/** What goes through the fence. The pods of a pooler have the same label, and so the same policy, as the instances. */
function declareTraffic(scope: Construct, { props, operatorNamespace, monitoring, backup }: Declared): void {
  const { name, recovery } = props;
  const peer = { pods: name };
  const storages = [backup, recovery?.storage];
  const ports = storages.flatMap((storage) => (storage ? [storagePort(storage)] : []));
  // A policy cannot name the API server, which has an address outside of all pods; 443 before its Service, 6443 behind.
  const outside: Opening[] = [...new Set([443, 6443, ...ports])].map((port) => ({ port }));
  const sends = [{ port: PORT, peer }, { port: STATUS_PORT, peer }, ...outside, ...identityOf(storages).openings];
  const metrics = monitoring ? { metrics: [METRICS_PORT, ...(props.pooler ? [POOLER_METRICS_PORT] : [])], monitored: true } : {};
  const visitors = [STATUS_PORT, PORT].map((port) => ({ pods: name, port, peer: { namespace: operatorNamespace } }));
  declare(scope, { traffic: [{ pods: name, labels: clusterLabels(name), sends, ...metrics, reachesOut: false }], visitors });
}

/** What the application may open at each address. */
function declareConnections(
  scope: Construct,
  { host, readOnly }: DatabaseLink,
  { connections, pooler, readPooler }: Addresses,
): void {
  const poolers = [pooler, readPooler].flatMap((one) =>
    one ? [{ host: one.address.host, connections: one.address.clients }] : [],
  );
  const readers = readOnly && !readPooler ? [{ host: readOnly.host, connections: connections.replicas }] : [];
  declare(scope, { databases: [{ host, connections: connections.direct }, ...poolers, ...readers] });
}
