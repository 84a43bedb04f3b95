import { Duration, Size } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { PodProxy, PooledAddress, ProxiedLogin } from '../pod/database-link';
import { Probe } from '../pod/probe';
import { requireSidecar } from '../pod/require-beside';
import type { Resources } from '../pod/resources';
import type { Sidecar } from '../pod/sidecar';
import { literally, type Variables } from '../pod/variables';
import { propClass } from '../support/classes';
import { declare } from '../support/declare';
import { parseImage, versionIn } from '../support/image';
import { keepFaults } from '../support/made';
import { wrongProps } from '../support/props';
import { reject } from '../support/reject';
import { fromSecret } from '../support/secret-key';
import { requireInteger } from '../support/values';
import { AUTHORITY_FILE, authorityMount, ownAuthority, type ManagedTls } from './certificate-authority';
import { requireOwnPort } from './database-proxy';
import { IN_THE_POD, proxyPort, PROXY_RESOURCES } from './pod-proxy';

/** PgBouncer in each pod. */
export interface PgBouncerProps {
  /** Its image with its version. `pgbouncer`, `sh`, `sed`, `rm` and `test` are on its PATH; nothing else of it is used. */
  readonly image: string;
  /** Connections that it holds to the server, in each pod: `default_pool_size`. */
  readonly poolSize: number;
  /** How long a client keeps one of them: while it is connected, or for one transaction: `pool_mode`. @default 'transaction' */
  readonly mode?: 'session' | 'transaction';
  /** Clients that it lets in, in each pod: `max_client_conn`. @default - 100, and `poolSize` in session mode */
  readonly clients?: number;
  /**
   * Named statements, as Ecto makes them, that it keeps on each connection: `max_prepared_statements`. PgBouncer has it from 1.21 on;
   * with 0 it is not written, and the Repo needs `prepare: :unnamed`. Nothing in session mode. @default 200
   */
  readonly preparedStatements?: number;
  /** Port at 127.0.0.1 that the application connects to: `listen_port`. @default 6432 */
  readonly port?: number;
  /** What it may use. @default - guaranteed 200m and 128 MiB */
  readonly resources?: Resources;
}

/** What a pooler in the pods is asked to reach, and as whom. */
export interface PooledServer extends ProxiedLogin {
  readonly host: string;
  readonly port: number;
  /** Where it is on the network, where no proxy in the pod opens that. */
  readonly cidr?: string;
  /** How the connection to it is protected. @default - by a proxy in the pod */
  readonly tls?: ManagedTls;
  /** What it is called, where that is more than its host. */
  readonly name: string;
}

/**
 * A pooler in each pod that goes by way of it: the pod has more clients than the server has connections for it. Migrations, what
 * waits for them, tasks and dumps need a session of their own, and go past it.
 */
export class PodPooler {
  static {
    propClass('PodPooler', this);
  }

  /** PgBouncer. */
  static pgBouncer(props: PgBouncerProps): PodPooler {
    return keepFaults(new PodPooler({ ...props }), wrongProps(props, 'PgBouncerProps', ' to PodPooler.pgBouncer'));
  }

  private constructor(private readonly props: PgBouncerProps) {}

  /** The pooler in front of one server, declared under `scope` with what it bears, and refused where it could not work. */
  before(scope: IConstruct, server: PooledServer): Omit<PooledAddress, 'url'> {
    const { mode = 'transaction', poolSize, port = 6432, preparedStatements = 200 } = this.props;
    const { clients = mode === 'session' ? poolSize : 100 } = this.props;
    const settings = { ...this.props, mode, port, preparedStatements, clients };
    requirePgBouncer(scope, settings);
    const proxy = pgBouncer(settings, server);
    requireSidecar(scope, 'pooler', proxy.name, proxy.sidecar);
    declare(scope.node.root, { others: [{ container: proxy.sidecar, prop: 'database.pooler' }] });
    const inEachPod = { host: server.host, port: server.port, connections: poolSize };
    const limit = { host: IN_THE_POD, port, connections: clients, server: server.name, inEachPod };
    declare(scope, { databases: [limit] });
    requireOwnPort(scope, limit, 'pooler');
    const namedStatements = mode === 'session' || preparedStatements > 0;
    return { host: IN_THE_POD, port, peer: { cidr: `${IN_THE_POD}/32` }, mode, namedStatements, clients, proxy };
  }
}

type Settings = PgBouncerProps & Required<Pick<PgBouncerProps, 'mode' | 'clients' | 'preparedStatements' | 'port'>>;

/** In memory: the password lies in it. */
const FOLDER = '/run/pgbouncer';

/**
 * PgBouncer reads passwords from a file alone, in quotes of its own, and a Secret has the password as it is. So what starts it writes
 * the file. Of an earlier run the socket may be left, by which the kubelet sees that it listens.
 */
const START = `umask 077
cd ${FOLDER}
rm -f .s.PGSQL.*
printf '%s\\n' "$PGBOUNCER_INI" > pgbouncer.ini
for text in "$PGUSER" "\${PGPASSWORD:-}"; do
  printf '"'
  printf %s "$text" | sed 's/"/""/g'
  printf '" '
done > users.txt
exec pgbouncer pgbouncer.ini`;

function pgBouncer(settings: Settings, server: PooledServer): PodProxy {
  const { image, port, resources = PROXY_RESOURCES } = settings;
  const { cidr, tls } = server;
  const authority = tls === undefined ? undefined : ownAuthority(tls);
  const sidecar: Sidecar = {
    image,
    command: ['sh', '-c', START],
    variables: { ...loginVariables(server), ...literally({ PGBOUNCER_INI: iniOf(settings, server) }) },
    resources,
    ports: { [proxyPort(port)]: port },
    // It listens to the pod alone. Whether the server answers is not asked, and one that hangs still takes connections.
    probes: {
      startup: Probe.exec({ command: ['test', '-S', `${FOLDER}/.s.PGSQL.${port}`], period: Duration.seconds(1) }),
    },
    mounts: [{ path: FOLDER, memory: Size.mebibytes(1) }, ...(authority ? [authorityMount(authority)] : [])],
    egress: cidr === undefined ? [] : [{ port: server.port, peer: { cidr } }],
  };
  return { name: 'pgbouncer', server: server.name, port, sidecar };
}

/** As whom a pooler in the pod lets in, and logs in. */
export function loginVariables({ user, password }: ProxiedLogin): Variables {
  return { ...literally({ PGUSER: user }), ...(password ? { PGPASSWORD: fromSecret(password) } : {}) };
}

/** Its settings. A database is what its client names: PgBouncer does not take every name in this file. */
function iniOf({ mode, poolSize, clients, preparedStatements, port }: Settings, server: PooledServer): string {
  return [
    '[databases]',
    `* = host=${server.host} port=${server.port}`,
    '[pgbouncer]',
    `listen_addr = ${IN_THE_POD}`,
    `listen_port = ${port}`,
    `unix_socket_dir = ${FOLDER}`,
    // Who is in the pod knows the password, or needs none where a proxy in it logs in by itself.
    `auth_type = ${server.password ? 'scram-sha-256' : 'trust'}`,
    `auth_file = ${FOLDER}/users.txt`,
    `pool_mode = ${mode}`,
    `default_pool_size = ${poolSize}`,
    `max_client_conn = ${clients}`,
    ...(mode === 'transaction' && preparedStatements > 0 ? [`max_prepared_statements = ${preparedStatements}`] : []),
    ...tlsOf(server.tls),
  ].join('\n');
}

function tlsOf(tls: ManagedTls | undefined): string[] {
  if (tls === 'public-authority') return ['server_tls_sslmode = verify-full', `server_tls_ca_file = ${SYSTEM_AUTHORITIES}`];
  if (tls !== undefined && ownAuthority(tls))
    return ['server_tls_sslmode = verify-full', `server_tls_ca_file = ${AUTHORITY_FILE}`];
  return ['server_tls_sslmode = disable'];
}

/** Where Debian, Ubuntu and Alpine have those that the system knows; what PgBouncer takes by itself is decided where it is built. */
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

function requirePgBouncer(scope: IConstruct, { image, poolSize, mode, clients, preparedStatements }: Settings): void {
  const at = (prop: string): string => `pooler.${prop}`;
  requireInteger(scope, at('poolSize'), poolSize, { minimum: 1, maximum: 1000, fix: 'write 10 or so' });
  requireInteger(scope, at('clients'), clients, { minimum: 1, maximum: 10000, fix: 'omit it to use 100' });
  const statements = { minimum: 0, maximum: 100000, fix: 'omit it to use 200' };
  requireInteger(scope, at('preparedStatements'), preparedStatements, statements);
  if (mode === 'session' && clients > poolSize) {
    const must = `be at most ${poolSize}, the 'poolSize', in session mode, where each client keeps a connection of the server`;
    reject(scope, { prop: at('clients'), must, got: clients, fix: "omit it, or take mode: 'transaction'" });
  }
  const [major = 1, minor = 21] = versionIn(parseImage(image)?.tag ?? '') ?? [];
  if (mode === 'transaction' && preparedStatements > 0 && major === 1 && minor < 21) {
    const must = 'be 0 before PgBouncer 1.21, which does not start with max_prepared_statements';
    const fix =
      "take a newer image, or write 0, 'prepare: :unnamed' in the Repo's config, and statements: 'unnamed' where it is used";
    reject(scope, { prop: at('preparedStatements'), must, got: preparedStatements, fix });
  }
}
