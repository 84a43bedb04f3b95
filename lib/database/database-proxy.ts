import { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { CloudIdentity } from '../pod/cloud-identity';
import { Probe } from '../pod/probe';
import { type Resources } from '../pod/resources';
import type { Beside, OtherContainer, Sidecar, SidecarProbes } from '../pod/sidecar';
import { requireSidecar } from '../pod/require-beside';
import { propClass } from '../support/classes';
import { IDENTITY_ANNOTATIONS, type Cloud } from '../support/clouds';
import { declare, declaredIn } from '../support/declare';
import type { DatabaseLimit } from '../support/facts';
import { keepFaults } from '../support/made';
import { wrongProps } from '../support/props';
import { reject, rejectLate } from '../support/reject';
import type { DatabaseLink, PodProxy } from '../pod/database-link';
import { cloudSql, requireCloudSql, type CloudSqlProxyProps } from './cloud-sql-proxy';
import { IN_THE_POD, proxyPort, PROXY_RESOURCES, type ProxiedServer } from './pod-proxy';

/** Any other proxy, such as one that logs in to RDS by IAM. */
export interface OtherProxyProps extends Omit<OtherContainer, 'resources'> {
  /** Name of its container, such as `rds-proxy`. */
  readonly name: string;
  /**
   * The role that it logs in as by itself, as IAM has it: the application sends no password, and none is written.
   * @default - the application logs in by a password
   */
  readonly iamUser?: string;
  /** Port that it is told to listen on, above 1023. @default - 5432 or 3306, as the server has it; one more for read replicas */
  readonly port?: number;
  /** Further ports, for probes. @default {} */
  readonly ports?: Sidecar['ports'];
  /**
   * What Kubernetes asks it, at the address of the pod: one that listens at 127.0.0.1 alone answers a command there, or a port of
   * its own. @default - whether its port, called `database-5432` with its number, takes a connection
   */
  readonly probes?: SidecarProbes;
  /** What it may use. @default - guaranteed 200m and 128 MiB */
  readonly resources?: Resources;
  /** Whose `identity` of the release it logs in by. @default - it needs none */
  readonly identity?: Cloud;
}

const PROVIDERS = { aws: 'AWS', google: 'Google', azure: 'Azure' } as const;

function connects(port: string): SidecarProbes {
  return { startup: Probe.tcp({ port, period: Duration.seconds(1) }), liveness: Probe.tcp({ port }) };
}

/**
 * A proxy in each pod that connects to a managed database: it encrypts, and proves who the pod is. The application connects to
 * 127.0.0.1 in clear text, which leaves no pod. It is a sidecar that stands before the wait for migrations, in jobs too.
 */
export class DatabaseProxy {
  static {
    propClass('DatabaseProxy', this);
  }

  /** Google's for Cloud SQL. `host` and `tls` of the database are left out: the instance says the one, and the proxy does the other. */
  static cloudSql(props: CloudSqlProxyProps): DatabaseProxy {
    const wrong = wrongProps(props, 'CloudSqlProxyProps', ' to DatabaseProxy.cloudSql');
    const inPod = (server: ProxiedServer): PodProxy => cloudSql(props, server);
    const require = (scope: IConstruct): void => requireCloudSql(scope, props);
    return keepFaults(new DatabaseProxy('cloud-sql-proxy', true, props?.iamUser, { inPod, require }), wrong);
  }

  /** Any other, which is told where the server is by its own arguments or variables. */
  static other(props: OtherProxyProps): DatabaseProxy {
    const wrong = wrongProps(props, 'OtherProxyProps', ' to DatabaseProxy.other');
    const made = { inPod: (server: ProxiedServer) => other(props, server), require: () => undefined };
    return keepFaults(new DatabaseProxy(props?.name, false, props?.iamUser, made), wrong);
  }

  private constructor(
    /** Name of its container. */
    readonly name: string,
    /** Whether it finds the server without its host. */
    readonly findsServer: boolean,
    /** The role that it logs in as, where it is sent no password. */
    readonly iamUser: string | undefined,
    private readonly made: {
      readonly inPod: (server: ProxiedServer) => PodProxy;
      readonly require: (scope: IConstruct) => void;
    },
  ) {}

  /** The proxy in the pods of one server. */
  inPod(server: ProxiedServer): PodProxy {
    return this.made.inPod(server);
  }

  /** Refuses under `scope` what could not work. */
  require(scope: IConstruct): void {
    this.made.require(scope);
  }
}

function other(props: OtherProxyProps, { usual, host, port: its, cidr }: ProxiedServer): PodProxy {
  const {
    name,
    iamUser: _iamUser,
    port = usual,
    identity,
    resources = PROXY_RESOURCES,
    egress = [],
    ports = {},
    probes = connects(proxyPort(port)),
    ...container
  } = props;
  const sidecar: Sidecar = {
    ...container,
    resources,
    ports: { [proxyPort(port)]: port, ...ports },
    probes,
    egress: [{ port: its, peer: { cidr } }, ...egress],
  };
  return { name, server: `${host}:${its}`, port, sidecar, ...(identity === undefined ? {} : { identity }) };
}

/** The sidecar by which pods reach a database, its pooler or its replicas, where there is any. */
export function proxyOf(address: Pick<DatabaseLink, 'proxy'> | undefined): Readonly<Record<string, Sidecar>> {
  return address?.proxy ? { [address.proxy.name]: address.proxy.sidecar } : {};
}

/** The link's part of a database that each pod reaches by a proxy of its own: it is in the pod, whatever is behind it. */
export function proxied(
  scope: IConstruct,
  proxy: DatabaseProxy,
  server: ProxiedServer & Pick<DatabaseLimit, 'connections'>,
  prop = 'proxy',
): Pick<DatabaseLink, 'host' | 'port' | 'peer'> & { readonly proxy: PodProxy } {
  proxy.require(scope);
  const made = proxy.inPod(server);
  // A pod has one container of a name.
  const inPod = server.replicas === true ? { ...made, name: `${made.name}-read` } : made;
  const { name, sidecar, port } = inPod;
  requireSidecar(scope, prop, name, sidecar);
  // Whoever has it in its pods says where it is from.
  declare(scope.node.root, { others: [{ container: sidecar, prop: `database.${prop}` }] });
  const limit = { host: IN_THE_POD, port, connections: server.connections, server: inPod.server };
  declare(scope, { databases: [limit] });
  requireOwnPort(scope, limit, prop);
  return { host: IN_THE_POD, port, peer: { cidr: `${IN_THE_POD}/32` }, proxy: inPod };
}

/** What connects to 127.0.0.1 is told apart by the port. */
export function requireOwnPort(scope: IConstruct, limit: DatabaseLimit, prop: string): void {
  const { host, port, server } = limit;
  rejectLate(scope, () => {
    const same = declaredIn(scope).databases.find((one) => {
      return one.host === host && one.port === port && (one.server !== server || !one.inEachPod !== !limit.inEachPod);
    });
    const must = 'be one that no proxy of another server has, which has connections of its own';
    return same
      ? [{ prop: `${prop}.port`, must, got: port, fix: `give one of the two another port: ${same.server} has it too` }]
      : [];
  });
}

/** Refuses pods of a release that could not connect by a proxy, or that have another container of its name. */
export function requireProxy(
  scope: IConstruct,
  proxy: PodProxy,
  { identity, sidecars = {} }: Pick<Beside, 'sidecars'> & { readonly identity?: CloudIdentity },
): void {
  requireProxyIdentity(scope, proxy, identity);
  if (!(proxy.name in sidecars)) return;
  const must = 'have another name than the proxy of the database, which all pods have';
  reject(scope, { prop: `sidecars.${proxy.name}`, must, got: proxy.name, fix: 'remove it, or rename it' });
}

/** Refuses pods that are nobody to a provider whose proxy has to say who they are, or another one than the role of the database. */
export function requireProxyIdentity(
  scope: IConstruct,
  { name, identity, account }: PodProxy,
  own: CloudIdentity | undefined,
): void {
  if (identity === undefined) return;
  if (own?.cloud === identity) {
    if (account !== undefined) requireAccount(scope, account, own);
    return;
  }
  const call = {
    aws: "aws({ roleArn: 'arn:aws:iam::...' })",
    google: "google({ serviceAccount: '...' })",
    azure: "azure({ clientId: '...' })",
  };
  const must = `be one of ${PROVIDERS[identity]}, as whom the proxy ${name} of the database connects`;
  const another = identity === 'google' ? ", or give the proxy 'credentials'" : '';
  reject(scope, {
    prop: 'identity',
    must,
    got: own ? 'another one' : undefined,
    fix: `write CloudIdentity.${call[identity]}${another}`,
  });
}

/** Google names the role after the service account: without its last part for PostgreSQL, up to the `@` for MySQL. */
function requireAccount(scope: IConstruct, account: string, { annotations }: CloudIdentity): void {
  const address = annotations[IDENTITY_ANNOTATIONS.google];
  if (address === undefined || [address.replace(/\.gserviceaccount\.com$/, ''), address.split('@')[0]].includes(account)) return;
  const must = `be the service account that the proxy of the database logs in as: ${account}`;
  reject(scope, { prop: 'identity', must, got: address, fix: "write its address, or 'iamUser' of the proxy after this one" });
}
