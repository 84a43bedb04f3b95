import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import type { Mount } from '../pod/mount';
import { declare } from '../support/declare';
import type { External } from '../support/facts';
import { OptOut } from '../support/opt-out';
import { requireKey, requireName, requireReason } from '../support/values';
import type { PostgresAddress } from './postgres-link';

/** A certificate of an authority in PEM form, in the namespace already. */
export type CertificateAuthority =
  { readonly configMap: string; readonly key: string } | { readonly secret: string; readonly key: string };

const FOLDER = '/etc/database-ca';
/** Where pods find the certificate. */
export const AUTHORITY_FILE = `${FOLDER}/ca.pem`;

/** Gives pods the certificate. */
export function authorityMount(authority: CertificateAuthority): Mount {
  return { name: 'database-ca', path: FOLDER, source: authoritySource(authority) };
}

/**
 * What tells an application to verify the server by this authority. `ssl=true` in the URL would replace what the
 * application configures from these.
 */
export function authoritySettings(authority: CertificateAuthority): Required<Pick<PostgresAddress, 'config' | 'mounts'>> {
  const config = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: AUTHORITY_FILE };
  return { config, mounts: [authorityMount(authority)] };
}

/** The object that holds the certificate. */
export function authorityObject(authority: CertificateAuthority): External {
  return 'configMap' in authority
    ? { kind: 'ConfigMap', name: authority.configMap, keys: [authority.key] }
    : { kind: 'Secret', name: authority.secret, keys: [authority.key] };
}

/** How the connection to a server outside of the cluster is protected, whatever speaks to it. */
export type ManagedTls = 'public-authority' | { readonly authority: CertificateAuthority } | OptOut;

/** The authority of one's own, where there is one. */
export function ownAuthority(tls: ManagedTls): CertificateAuthority | undefined {
  return typeof tls === 'object' && !(tls instanceof OptOut) ? tls.authority : undefined;
}

/** Providers whose servers show certificates that no system knows: every connection that verifies them fails. */
const OWN_AUTHORITIES = [
  {
    // A proxy of RDS has one that systems know.
    hosts: /^(?!.*\.proxy-).*\.rds\.amazonaws\.com(?:\.cn)?$/i,
    signs: 'RDS signs with authorities of its own, https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem',
  },
  { hosts: /\.db\.ondigitalocean\.com$/i, signs: 'DigitalOcean signs with one for each project, in its control panel' },
  { hosts: /\.aivencloud\.com$/i, signs: 'Aiven signs with one for each project, in its console' },
  { hosts: /^db\.[^.]+\.supabase\.co$/i, signs: 'Supabase signs with one of its own, in the settings of the database' },
] as const;
const WRITE_OWN = "put it into a ConfigMap and write tls: { authority: { configMap: 'database-ca', key: 'ca.pem' } }";

/** Refuses a protection that is none that we know, or that names no certificate. */
export function requireTls(scope: IConstruct, tls: ManagedTls, host: string): void {
  requireReason(scope, 'tls', tls);
  const own = tls === 'public-authority' ? OWN_AUTHORITIES.find(({ hosts }) => hosts.test(host)) : undefined;
  if (own)
    declare(scope, {
      assumed: [`${host} is taken to be signed by an authority that the image knows, and ${own.signs}: ${WRITE_OWN}`],
    });
  if (typeof tls === 'string' || tls instanceof OptOut) return;
  const { authority } = tls;
  const { key, ...object } = authority;
  const name = 'configMap' in object ? object.configMap : object.secret;
  requireName(scope, name, 253, 'tls.authority');
  requireKey(scope, 'tls.authority.key', key);
}

/** The one file alone: a Secret may hold the authority's private key beside it. */
function authoritySource(authority: CertificateAuthority): Omit<k8s.Volume, 'name'> {
  const items = [{ key: authority.key, path: 'ca.pem' }];
  return 'configMap' in authority
    ? { configMap: { name: authority.configMap, items } }
    : { secret: { secretName: authority.secret, items } };
}
