import type { k8s } from 'cdk8s-plus-27';
import type { Mount } from '../pod/hardened-pod';
import type { External } from '../support/facts';
import type { PostgresAddress } from './database-link';

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

/** The one file alone: a Secret may hold the authority's private key beside it. */
function authoritySource(authority: CertificateAuthority): Omit<k8s.Volume, 'name'> {
  const items = [{ key: authority.key, path: 'ca.pem' }];
  return 'configMap' in authority
    ? { configMap: { name: authority.configMap, items } }
    : { secret: { secretName: authority.secret, items } };
}
