import { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Mount } from '../pod/mount';
import { Probe } from '../pod/probe';
import type { Resources } from '../pod/resources';
import type { Sidecar } from '../pod/sidecar';
import { GKE_METADATA } from '../support/clouds';
import { declare } from '../support/declare';
import { OptOut } from '../support/opt-out';
import { reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireCidr, requireName, requireReason } from '../support/values';
import type { PodProxy } from '../pod/database-link';
import { proxyPort, PROXY_RESOURCES, type ProxiedServer } from './pod-proxy';

/** The Cloud SQL Auth Proxy, version 2. */
export interface CloudSqlProxyProps {
  /** Its image with its version: `gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.25.3`. */
  readonly image: string;
  /** Connection name of the instance: `project:region:name`. */
  readonly instance: string;
  /** By which of its addresses the instance is reached. @default 'private' */
  readonly address?: 'private' | 'public' | 'psc';
  /**
   * Who it is to Google, where that is not the `identity` of the release: the key file of a service account, or an `OptOut` that
   * says why none is named, as where the pool of the cluster itself is trusted. @default - the `identity`, which must be Google's
   */
  readonly credentials?: SecretKey | OptOut;
  /**
   * The role that it logs in as by IAM, which is the pods' `identity`: `shop@my-project.iam`, or `shop` with MySQL. The application
   * sends no password, and none is written: `--auto-iam-authn`. @default - the application logs in by a password
   */
  readonly iamUser?: string;
  /** Port at 127.0.0.1 that the application connects to. @default - 5432 or 3306, as the server has it; one more for read replicas */
  readonly port?: number;
  /** Port at which the kubelet asks it. Two in one pod have two. @default - 9801, and 9802 for read replicas */
  readonly healthPort?: number;
  /** Addresses of Google's APIs, which it asks for certificates. @default ['0.0.0.0/0'] */
  readonly apis?: readonly string[];
  /** What it may use: memory grows with connections, CPU with traffic. @default - guaranteed 200m and 128 MiB */
  readonly resources?: Resources;
  /** Further flags. @default [] */
  readonly args?: readonly string[];
}

/** The instance's own proxy answers here, whatever its database speaks: https://cloud.google.com/sql/docs/postgres/sql-proxy */
const CLOUD_SQL_PORT = 3307;
const KEY_FILE = '/etc/cloud-sql-proxy/key.json';

/** The proxy of Cloud SQL in the pods of one server. */
export function cloudSql(props: CloudSqlProxyProps, { usual, cidr, replicas = false }: ProxiedServer): PodProxy {
  const { image, instance, address = 'private', credentials, port = usual, resources = PROXY_RESOURCES, args = [] } = props;
  const { apis = ['0.0.0.0/0'], healthPort = replicas ? 9802 : 9801, iamUser } = props;
  const key = credentials === undefined || credentials instanceof OptOut ? undefined : credentials;
  const health = `health-${healthPort}`;
  const question = { port: health, path: '/startup', period: Duration.seconds(1) };
  const flags = [
    `--port=${port}`,
    ...(address === 'public' ? [] : [address === 'psc' ? '--psc' : '--private-ip']),
    ...(key ? [`--credentials-file=${KEY_FILE}`] : []),
    ...(iamUser === undefined ? [] : ['--auto-iam-authn']),
    '--structured-logs',
    '--health-check',
    // The kubelet asks the address of the pod.
    '--http-address=0.0.0.0',
    `--http-port=${healthPort}`,
    ...args,
  ];
  const sidecar: Sidecar = {
    image,
    args: [...flags, instance],
    resources,
    ports: { [proxyPort(port)]: port, [health]: healthPort },
    // Whether the server answers is not asked: its outage must not restart what could wait for it.
    probes: { startup: Probe.http(question), liveness: Probe.http({ port: health, path: '/liveness' }) },
    mounts: key ? [keyFile(key)] : [],
    egress: [
      { port: CLOUD_SQL_PORT, peer: { cidr } },
      ...apis.map((range) => ({ port: 443, peer: { cidr: range } })),
      ...(key ? [] : GKE_METADATA),
    ],
  };
  return {
    name: 'cloud-sql-proxy',
    server: instance,
    port,
    sidecar,
    ...(credentials === undefined ? { identity: 'google', account: iamUser } : {}),
  };
}

function keyFile({ secret, key }: SecretKey): Mount {
  const [folder, path] = [KEY_FILE.slice(0, KEY_FILE.lastIndexOf('/')), KEY_FILE.slice(KEY_FILE.lastIndexOf('/') + 1)];
  const source = { secret: { secretName: secret, defaultMode: 0o440, items: [{ key, path }] } };
  return { name: 'cloud-sql-key', path: folder, source };
}

/** Refuses what could not work. */
export function requireCloudSql(scope: IConstruct, { instance, credentials, apis, iamUser }: CloudSqlProxyProps): void {
  if (iamUser?.endsWith('.gserviceaccount.com') === true) {
    const fix = `write ${iamUser.replace(/\.gserviceaccount\.com$/, '')}, or ${iamUser.replace(/@.*/, '')} with MySQL`;
    const must = 'be the role as the server knows it, and not the address of the service account';
    reject(scope, { prop: 'proxy.iamUser', must, got: iamUser, fix });
  }
  if (!/^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]+:[a-z]+-[a-z]+\d+:[a-z][a-z0-9-]*$/.test(instance)) {
    const fix = "copy what 'gcloud sql instances describe NAME --format value(connectionName)' prints";
    reject(scope, { prop: 'proxy.instance', must: 'be a connection name, project:region:name', got: instance, fix });
  }
  for (const range of apis ?? []) requireCidr(scope, 'proxy.apis', range);
  if (credentials instanceof OptOut) requireReason(scope, 'proxy.credentials', credentials);
  else if (credentials) {
    const { secret, key } = credentials;
    requireName(scope, secret, 253, 'proxy.credentials.secret');
    declare(scope, { externals: [{ kind: 'Secret', name: secret, keys: [key] }] });
  }
}
