import { Construct } from 'constructs';
import { declare } from '../support/declare';
import { requireProps } from '../support/props';
import { fromSecret, type SecretKey } from '../support/secret-key';
import { requireCidr, requireInteger, requireKey, requireName } from '../support/values';
import type { DatabaseLink } from '../pod/database-link';
import { requirePlace } from './postgres-link';
import { requireDatabaseText } from './postgres-names';

/** Properties of {@link PostgresUrl}. */
export interface PostgresUrlProps {
  /** Where the whole URL is, password and all, as providers and their add-ons give it: `DATABASE_URL`. */
  readonly from: SecretKey;
  /** Host name, or IPv4 address, that stands in the URL, for the fence and the connections that there are. */
  readonly host: string;
  /** The port in the URL. @default 5432 */
  readonly port?: number;
  /** Name of the database, for the names of its dumps. */
  readonly database: string;
  /** Connections that the server has for this application. */
  readonly connections: number;
  /** Addresses that the server may have. @default '0.0.0.0/0' */
  readonly cidr?: string;
}

/**
 * A PostgreSQL server outside the cluster whose whole URL is a secret: nothing of it is in the YAML but where it leads. It makes no
 * object, only the link.
 */
export class PostgresUrl extends Construct {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;

  constructor(scope: Construct, id: string, props: PostgresUrlProps) {
    super(scope, id);
    requireProps(this, props, 'PostgresUrlProps');
    const { from, host, port = 5432, database, connections, cidr = '0.0.0.0/0' } = props;
    requireName(this, from.secret, 253, 'from.secret');
    requireKey(this, 'from.key', from.key);
    requirePlace(this, { host, port });
    requireDatabaseText(this, 'database', database);
    const fix = "ask the server: 'show max_connections'";
    requireInteger(this, 'connections', connections, { minimum: 1, maximum: 100000, fix });
    requireCidr(this, 'cidr', cidr);
    declare(this, {
      externals: [{ kind: 'Secret', name: from.secret, keys: [from.key] }],
      databases: [{ host, port, connections }],
      outside: [{ host, port, cidrs: [cidr] }],
    });
    this.link = {
      adapter: 'postgresql',
      host,
      port,
      database,
      url: from,
      connections,
      peer: { cidr },
      config: {},
      secrets: { DATABASE_URL: fromSecret(from) },
      mounts: [],
    };
  }
}
