import { Construct } from 'constructs';
import { OptOut } from '../support/opt-out';
import { declare } from '../support/declare';
import type { SecretKey } from '../support/secret-key';
import { requireProps } from '../support/props';
import { knownPooler } from '../support/known-poolers';
import { reject } from '../support/reject';
import { requireCidr, requireInteger, requireReason } from '../support/values';
import { authorityObject, authoritySettings, ownAuthority, requireTls, type CertificateAuthority } from './certificate-authority';
import type { DatabaseLink, ProxiedLogin } from '../pod/database-link';
import { linkOf, requireDatabase, requirePlace, type PostgresAddress } from './postgres-link';
import { behindProxy, requireBehindProxy } from './behind-proxy';
import type { DatabaseProxy } from './database-proxy';
import { managedLogin, requireDirect } from './managed-server';
import { PodPooler } from './pod-pooler';
import { managedAddresses, type ManagedReplicas, type ManagedPooler } from './managed-addresses';

export type { CertificateAuthority, ManagedReplicas, ManagedPooler };

/** How the connection is protected. */
export type PostgresTls =
  /**
   * Encrypted, with a certificate from an authority that the image knows: `?ssl=true`. Works with an unchanged
   * application. Postgrex verifies the server since 0.21, and nothing before.
   */
  | 'public-authority'
  /**
   * Encrypted, and the server proves its name with a certificate of this authority. The application reads the file
   * that `PGSSLROOTCERT` names, in its `config/runtime.exs`: see docs/database.md.
   */
  | { readonly authority: CertificateAuthority }
  /** In clear text. */
  | OptOut;

/** Properties of {@link ManagedPostgres}. */
export interface ManagedPostgresProps {
  /** Host name, or IPv4 address, that the provider gave. Left out where a proxy finds the server itself, as that of Cloud SQL does. */
  readonly host?: string;
  /** @default 5432 */
  readonly port?: number;
  /** Name of the database. */
  readonly database: string;
  /** Role that the application connects as. @default - as which the proxy logs in, which must be given otherwise */
  readonly user?: string;
  /** Where the password is. @default - none is sent to a proxy that logs in by itself; else it must be given */
  readonly password?: SecretKey;
  /** Connections that the server has for this application: its `max_connections` less those that it reserves. */
  readonly connections: number;
  /** How the connection is protected. Left out beside a proxy, which does that. */
  readonly tls?: PostgresTls;
  /** Addresses that the server may have, such as those of its subnet. @default '0.0.0.0/0' */
  readonly cidr?: string;
  /** Read replicas. @default - there are none */
  readonly readOnly?: ManagedReplicas;
  /**
   * A pooler in front of it: as the provider runs it, or PgBouncer in each pod whose `connection` goes by way of it, which needs
   * Kubernetes 1.29. @default - there is none
   */
  readonly pooler?: ManagedPooler | PodPooler;
  /**
   * Why `host` and `port` may be what providers give to poolers: it is the server after all, or a pooler in session mode and
   * there is no other way. Migrations, their locks and `LISTEN` go there. @default - such an address is refused
   */
  readonly throughPooler?: OptOut;
  /**
   * What each pod that connects has beside its program, and connects to at 127.0.0.1: web pods, workers, tasks, migrations and
   * backups. Needs Kubernetes 1.29. @default - pods connect to the server
   */
  readonly proxy?: DatabaseProxy;
}

/** A PostgreSQL server outside the cluster, such as RDS or Cloud SQL. It makes no object, only the link. */
export class ManagedPostgres extends Construct {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;

  constructor(scope: Construct, id: string, props: ManagedPostgresProps) {
    super(scope, id);
    requireProps(this, props, 'ManagedPostgresProps');
    const { port = 5432, database, connections, cidr = '0.0.0.0/0' } = props;
    const login = managedLogin(this, props);
    requireDatabase(this, { database, user: login.user });
    requireInteger(this, 'connections', connections, {
      minimum: 1,
      maximum: 100000,
      fix: "ask the server: 'show max_connections'",
    });
    requireCidr(this, 'cidr', cidr);
    const way = this.wayTo(props, login, { port, connections, cidr });
    this.link = linkOf('postgresql', { ...login, database, connections, ...way });
  }

  private wayTo(props: ManagedPostgresProps, login: ProxiedLogin, server: Place): Way {
    const { proxy, pooler } = props;
    const inPods = pooler instanceof PodPooler ? pooler : undefined;
    if (proxy) {
      requireBehindProxy(this, props, proxy);
      const way = behindProxy(this, { ...server, host: props.host, proxy, readOnly: props.readOnly, usual: 5432 });
      const { host, port, proxy: { server: name = host } = {} } = way;
      return { ...way, ...(inPods ? { pooled: inPods.before(this, { ...login, host, port, name }) } : {}) };
    }
    const { host, tls } = requireDirect(this, props);
    const { port, cidr } = server;
    requirePlace(this, { host, port });
    requireServer(this, props.throughPooler, host, port);
    requireTls(this, tls, host);
    const authority = ownAuthority(tls);
    if (authority) declare(this, { externals: [authorityObject(authority)] });
    const elsewhere = pooler instanceof PodPooler ? undefined : pooler;
    const throughPooler = props.throughPooler !== undefined;
    const beside = { readOnly: props.readOnly, pooler: elsewhere };
    const addresses = managedAddresses(this, { ...server, host, throughPooler }, beside);
    const pooled = inPods?.before(this, { ...login, host, port, cidr, tls, name: host });
    return { host, port, ...addresses, ...tlsSettings(tls), ...(pooled ? { pooled } : {}) };
  }
}

type Place = Required<Pick<ManagedPostgresProps, 'port' | 'connections' | 'cidr'>>;
type Way = Omit<PostgresAddress, keyof ProxiedLogin | 'database' | 'connections'>;

/** Refuses what looks like a pooler's address, by which migrations would lose their locks and `LISTEN` its notifications. */
function requireServer(scope: Construct, throughPooler: OptOut | undefined, host: string, port: number): void {
  requireReason(scope, 'throughPooler', throughPooler);
  const known = typeof host === 'string' && !throughPooler ? knownPooler(host, port) : undefined;
  if (!known) return;
  const must = `be the server's own address, and this looks like ${known.what}`;
  const fix = `write ${known.server} as host, and this one as pooler: { host, port, mode, namedStatements, clients }; where it is the server, or keeps sessions, say so: throughPooler: OptOut.because('...')`;
  reject(scope, { prop: 'host', must, got: `${host}:${port}`, fix });
}

function tlsSettings(tls: PostgresTls): Pick<PostgresAddress, 'options' | 'config' | 'mounts'> {
  const authority = ownAuthority(tls);
  if (authority) return authoritySettings(authority);
  return tls instanceof OptOut ? {} : { options: { ssl: 'true' } };
}
