import { Chart, Size } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { ImagePullPolicy } from '../pod/hardened-pod';
import { HashedConfigMap } from '../pod/hashed-config-map';
import { Resources } from '../pod/resources';
import { factsOf } from '../support/facts';
import { imageVersion, parseImage, requireImage } from '../support/image';
import { labels, selector } from '../support/labels';
import { bytes, sizeQuantity } from '../support/quantity';
import { reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireTypes, type PropTypes } from '../support/types';
import { requireHost, requireInteger, requireName } from '../support/values';
import { postgresLink, requireDatabase, type DatabaseLink } from './database-link';
import { initScript } from './postgres-init';
import { POSTGRES_PORT as PORT, postgresPod } from './postgres-server';
import { postgresSettings, RESERVED_CONNECTIONS } from './postgres-settings';

/** What a {@link SinglePostgres} is told. */
export interface SinglePostgresProps {
  /** Name of the StatefulSet, the Service and their host, at most 52 characters. */
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
  /** Size of the volume: `volumeClaimTemplates`. It cannot be changed in place. */
  readonly storage: Size;
  /** Kind of the volume: `storageClassName`. @default - the cluster's default */
  readonly storageClass?: string;
  /** What the server may use; its settings follow the memory. At least 256 MiB. */
  readonly resources: Resources;
  /** Connections at a time: `max_connections`. @default - a tenth of the memory's mebibytes, 20 to 500 */
  readonly maxConnections?: number;
  /** User and group of the server. Alpine images up to PostgreSQL 10 need their own, 70. @default 10001 */
  readonly runAsUser?: number;
  /** Domain of the cluster's names. @default 'cluster.local' */
  readonly clusterDomain?: string;
}

const propTypes: PropTypes<SinglePostgresProps> = {
  ...{ name: ['string'], image: ['string'], imagePullPolicy: ['string', undefined] },
  ...{ database: ['string'], user: ['string'], password: ['object'], extensions: ['array', undefined], storage: [Size] },
  ...{ storageClass: ['string', undefined], resources: [Resources], maxConnections: ['number', undefined] },
  ...{ runAsUser: ['number', undefined], clusterDomain: ['string', undefined] },
};

function requirePropTypes(scope: Construct, props: SinglePostgresProps): void {
  requireTypes(scope, props, propTypes);
  requireTypes(scope, props.password, { secret: ['string'], key: ['string'] }, 'password.');
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
  /** Its address: the host of the link. */
  readonly service: k8s.KubeService;
  /** What creates the role and the database at the first start. */
  readonly init: HashedConfigMap;

  constructor(scope: Construct, id: string, props: SinglePostgresProps) {
    super(scope, id);
    requirePropTypes(this, props);
    const { name, image, imagePullPolicy = 'Always', database, user, password, extensions = [] } = props;
    const { storage, storageClass, resources, runAsUser = 10001, clusterDomain = 'cluster.local' } = props;
    const { maxConnections, parameters } = postgresSettings(resources.memory.limit, props.maxConnections);
    const host = `${name}.${Chart.of(this).namespace ?? 'default'}.svc.${clusterDomain}`;
    requireServer(this, { ...props, extensions, runAsUser, maxConnections });
    requireHost(this, clusterDomain, 'clusterDomain');
    requireDatabase(this, { database, user });

    const identity = { application: 'postgresql', instance: name, component: 'database' };
    const metadata = { name, labels: labels(identity) };
    new k8s.KubeServiceAccount(this, 'ServiceAccount', { metadata, automountServiceAccountToken: false });
    this.service = headlessService(this, metadata);
    this.init = new HashedConfigMap(this, 'Init', {
      name: `${name}-init`,
      labels: metadata.labels,
      data: { '10-owner.sh': initScript(extensions) },
    });
    const versioned = labels({ ...identity, version: imageVersion(image) });
    const init = this.init.configMapName;
    const pod = postgresPod({ name, image, imagePullPolicy, database, user, password, resources, runAsUser, init, parameters });
    this.statefulSet = new k8s.KubeStatefulSet(this, 'StatefulSet', {
      metadata: { name, labels: versioned },
      spec: {
        replicas: 1,
        serviceName: name,
        selector: { matchLabels: selector(name) },
        updateStrategy: { type: 'RollingUpdate' },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        template: { metadata: { labels: versioned }, spec: pod },
        volumeClaimTemplates: [dataVolume(storage, storageClass, metadata.labels)],
      },
    });
    const connections = maxConnections - RESERVED_CONNECTIONS;
    const facts = factsOf(this);
    facts.databases.push({ host, connections });
    facts.traffic.push({ pods: name, labels: metadata.labels, sends: [], reachesOut: false });
    this.link = postgresLink({ host, port: PORT, database, user, password, connections, peer: { pods: name } });
  }
}

type Settings = SinglePostgresProps & Required<Pick<SinglePostgresProps, 'extensions' | 'runAsUser' | 'maxConnections'>>;

function requireServer(scope: SinglePostgres, settings: Settings): void {
  const { name, image, password, storage, storageClass, resources, runAsUser, extensions, maxConnections } = settings;
  // The name and a hash of eleven characters become a label of the pod.
  requireName(scope, name, 52);
  requireName(scope, password.secret, 253, 'password.secret');
  if (storageClass !== undefined) requireName(scope, storageClass, 253, 'storageClass');
  requireImage(scope, image);
  resources.require(scope);
  requireInteger(scope, 'runAsUser', runAsUser, { minimum: 1, fix: 'omit it to use 10001' });
  requireInteger(scope, 'maxConnections', maxConnections, { minimum: 10, maximum: 10000, fix: 'omit it to follow the memory' });
  if (/^\d\b.*alpine|^10\b.*alpine/.test(parseImage(image)?.tag ?? '') && runAsUser !== 70) {
    const must = 'be 70 in this image: its initdb needs a user that it knows';
    reject(scope, { prop: 'runAsUser', must, got: runAsUser, fix: 'set it to 70, or use an image that is still maintained' });
  }
  if (bytes(resources.memory.limit) < bytes(Size.mebibytes(256))) {
    const fix = 'give it Size.mebibytes(256) or more';
    reject(scope, { prop: 'resources.memory', must: 'be 256 MiB or more', got: resources.memory.limit, fix });
  }
  if (bytes(storage) < bytes(Size.gibibytes(1))) {
    reject(scope, { prop: 'storage', must: 'be 1 GiB or more', got: storage, fix: 'write Size.gibibytes(10)' });
  }
  for (const extension of extensions.filter((wanted) => !/^[a-z][a-z0-9_-]*$/.test(wanted))) {
    const must = 'hold names of extensions in lower case';
    reject(scope, { prop: 'extensions', must, got: extension, fix: 'write it as citext or uuid-ossp' });
  }
}

function dataVolume(
  storage: Size,
  storageClass: string | undefined,
  ownLabels: Record<string, string>,
): k8s.KubePersistentVolumeClaimProps {
  return {
    metadata: { name: 'data', labels: ownLabels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
      resources: { requests: { storage: sizeQuantity(storage) } },
    },
  };
}

function headlessService(scope: Construct, metadata: { name: string; labels: Record<string, string> }): k8s.KubeService {
  const port = { name: 'postgresql', port: PORT, targetPort: k8s.IntOrString.fromString('postgresql') };
  const spec = { clusterIp: 'None', selector: selector(metadata.name), ports: [port] };
  return new k8s.KubeService(scope, 'Service', { metadata, spec });
}
