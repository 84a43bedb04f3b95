import { Construct } from 'constructs';
import { OptOut } from '../support/opt-out';
import { factsOf } from '../support/facts';
import type { SecretKey } from '../support/secret-key';
import { requireTypes, type PropTypes } from '../support/types';
import { requireCidr, requireInteger, requireKey, requireName, requireOneOf, requireReason } from '../support/values';
import { authorityObject, authoritySettings, type CertificateAuthority } from './certificate-authority';
import { postgresLink, requireAddress, type DatabaseLink, type PostgresAddress } from './database-link';

export type { CertificateAuthority };

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

/** What a {@link ManagedPostgres} is told. */
export interface ManagedPostgresProps {
  /** Host name, or IPv4 address, that the provider gave. */
  readonly host: string;
  /** @default 5432 */
  readonly port?: number;
  /** Name of the database. */
  readonly database: string;
  /** Role that the application connects as. */
  readonly user: string;
  /** Where the password is. */
  readonly password: SecretKey;
  /** Connections that the server has for this application: its `max_connections` less those that it reserves. */
  readonly connections: number;
  /** How the connection is protected. */
  readonly tls: PostgresTls;
  /** Addresses that the server may have, such as those of its subnet. @default '0.0.0.0/0' */
  readonly cidr?: string;
}

const propTypes: PropTypes<ManagedPostgresProps> = {
  ...{ host: ['string'], port: ['number', undefined], database: ['string'], user: ['string'], password: ['object'] },
  ...{ connections: ['number'], tls: ['string', 'object'], cidr: ['string', undefined] },
};

/** A PostgreSQL server outside the cluster, such as RDS or Cloud SQL. It makes no object, only the link. */
export class ManagedPostgres extends Construct {
  /** What a release and its jobs receive. */
  readonly link: DatabaseLink;

  constructor(scope: Construct, id: string, props: ManagedPostgresProps) {
    super(scope, id);
    requireTypes(this, props, propTypes);
    requireTypes(this, props.password, { secret: ['string'], key: ['string'] }, 'password.');
    const { host, port = 5432, database, user, password, connections, tls, cidr = '0.0.0.0/0' } = props;
    requireAddress(this, { host, port, database, user });
    requireName(this, password.secret, 253, 'password.secret');
    requireInteger(this, 'connections', connections, {
      minimum: 1,
      maximum: 100000,
      fix: "ask the server: 'show max_connections'",
    });
    requireReason(this, 'tls', tls);
    requireCidr(this, 'cidr', cidr);
    requireTls(this, tls);
    const facts = factsOf(this);
    facts.databases.push({ host, connections });
    if (isPrivate(tls)) facts.externals.push(authorityObject(tls.authority));
    this.link = postgresLink({ host, port, database, user, password, connections, peer: { cidr }, ...tlsSettings(tls) });
  }
}

function isPrivate(tls: PostgresTls): tls is { readonly authority: CertificateAuthority } {
  return typeof tls === 'object' && !(tls instanceof OptOut);
}

function requireTls(scope: Construct, tls: PostgresTls): void {
  if (typeof tls === 'string') requireOneOf(scope, 'tls', tls, ['public-authority']);
  if (!isPrivate(tls)) return;
  requireTypes(scope, tls, { authority: ['object'] }, 'tls.');
  const { key, ...object } = tls.authority;
  const name = 'configMap' in object ? object.configMap : object.secret;
  requireTypes(scope, { name, key }, { name: ['string'], key: ['string'] }, 'tls.authority.');
  requireName(scope, name, 253, 'tls.authority');
  requireKey(scope, 'tls.authority.key', key);
}

function tlsSettings(tls: PostgresTls): Pick<PostgresAddress, 'options' | 'config' | 'mounts'> {
  if (tls instanceof OptOut) return {};
  if (typeof tls === 'string') return { options: { ssl: 'true' } };
  return authoritySettings(tls.authority);
}
