import { Construct } from 'constructs';
import { declare } from '../support/declare';
import { OptOut } from '../support/opt-out';
import type { SecretKey } from '../support/secret-key';
import { requireProps } from '../support/props';
import { requireCidr, requireInteger } from '../support/values';
import {
  AUTHORITY_FILE,
  authorityMount,
  authorityObject,
  ownAuthority,
  requireTls,
  type CertificateAuthority,
} from './certificate-authority';
import type { DatabaseLink } from '../pod/database-link';
import { linkOf, requirePlace } from './postgres-link';
import { behindProxy, requireBehindProxy } from './behind-proxy';
import type { DatabaseProxy } from './database-proxy';
import { managedAddresses, type ManagedReplicas } from './managed-addresses';
import { managedLogin, requireDirect } from './managed-server';
import { requireMysqlNames, type MysqlAddress } from './mysql-link';

/**
 * How the connection is protected. MyXQL encrypts where the application's `config/runtime.exs` says so, which reads
 * `MYSQL_SSL_MODE` and `MYSQL_SSL_CA`: see docs/mysql.md. `?ssl=true` in the URL
 * would replace that, and MyXQL 0.7 does not verify the server then.
 */
export type MysqlTls =
  /** Encrypted, and the server proves its name with a certificate from an authority that the image knows. */
  | 'public-authority'
  /** Encrypted, and the server proves its name with a certificate of this authority. */
  | { readonly authority: CertificateAuthority }
  /** In clear text, but for the password where the server takes `caching_sha2_password`. */
  | OptOut;

/** Properties of {@link ManagedMysql}. */
export interface ManagedMysqlProps {
  /** Host name, or IPv4 address, that the provider gave. Left out where a proxy finds the server itself, as that of Cloud SQL does. */
  readonly host?: string;
  /** @default 3306 */
  readonly port?: number;
  /** Name of the database. */
  readonly database: string;
  /** User that the application connects as, at most 32 characters. @default - as which the proxy logs in, which must be given otherwise */
  readonly user?: string;
  /** Where the password is. @default - none is sent to a proxy that logs in by itself; else it must be given */
  readonly password?: SecretKey;
  /** Connections that the server has for this application: its `max_connections` less those of others. */
  readonly connections: number;
  /** How the connection is protected. Left out beside a proxy, which does that. */
  readonly tls?: MysqlTls;
  /** Addresses that the server may have, such as those of its subnet. @default '0.0.0.0/0' */
  readonly cidr?: string;
  /** Read replicas. @default - there are none */
  readonly readOnly?: ManagedReplicas;
  /**
   * What each pod that connects has beside its program, and connects to at 127.0.0.1: web pods, workers, tasks, migrations and
   * backups. Needs Kubernetes 1.29. @default - pods connect to the server
   */
  readonly proxy?: DatabaseProxy;
}

/** A MySQL server outside the cluster, such as RDS or Cloud SQL. It makes no object, only the link. */
export class ManagedMysql extends Construct {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;

  constructor(scope: Construct, id: string, props: ManagedMysqlProps) {
    super(scope, id);
    requireProps(this, props, 'ManagedMysqlProps');
    const { port = 3306, database, connections, cidr = '0.0.0.0/0', proxy } = props;
    const login = managedLogin(this, props);
    requireMysqlNames(this, { database, user: login.user });
    const fix = 'ask the server: \'show variables like "max_connections"\'';
    requireInteger(this, 'connections', connections, { minimum: 1, maximum: 100000, fix });
    requireCidr(this, 'cidr', cidr);
    const common = { ...login, database, connections };
    if (proxy) {
      requireBehindProxy(this, props, proxy);
      const way = { host: props.host, port, connections, cidr, proxy, readOnly: props.readOnly, usual: 3306 };
      this.link = linkOf('mysql', { ...common, ...behindProxy(this, way) });
      return;
    }
    const { host, tls } = requireDirect(this, props);
    requirePlace(this, { host, port }, 3306);
    requireTls(this, tls, host);
    const authority = ownAuthority(tls);
    if (authority) declare(this, { externals: [authorityObject(authority)] });
    const addresses = managedAddresses(this, { host, port, connections, cidr }, { readOnly: props.readOnly });
    this.link = linkOf('mysql', { ...common, host, port, ...addresses, ...tlsSettings(tls) });
  }
}

/** In the words of MySQL's own clients. */
function tlsSettings(tls: MysqlTls): Pick<MysqlAddress, 'config' | 'mounts'> {
  if (tls instanceof OptOut) return {};
  const config = { MYSQL_SSL_MODE: 'VERIFY_IDENTITY' };
  const authority = ownAuthority(tls);
  if (!authority) return { config };
  return { config: { ...config, MYSQL_SSL_CA: AUTHORITY_FILE }, mounts: [authorityMount(authority)] };
}
