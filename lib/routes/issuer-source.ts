import type { Construct } from 'constructs';
import { reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireHost, requireName } from '../support/values';

/** How an authority is shown that a host is ours. */
export type AcmeChallenge =
  /** A file behind the host, by an Ingress of this class or a Gateway: `http01`. Cannot sign for wildcards. */
  | {
      readonly http01:
        { readonly ingressClass: string } | { readonly gateway: { readonly name: string; readonly namespace: string } };
    }
  /** A record in the zone: `dns01`. */
  | { readonly dns01: DnsProvider };

/**
 * Where the zone is. Without a key, cert-manager's own pod must be allowed to write it.
 * @write { route53: { region: 'eu-central-1' } }
 */
export type DnsProvider =
  | { readonly route53: { readonly region: string; readonly hostedZoneId?: string; readonly role?: string } }
  | { readonly cloudDns: { readonly project: string; readonly serviceAccount?: SecretKey } }
  | { readonly cloudflare: { readonly apiToken: SecretKey } }
  | {
      readonly azureDns: {
        readonly subscriptionId: string;
        readonly resourceGroup: string;
        readonly zone: string;
        /** Client id of the managed identity of cert-manager's pod. */
        readonly identity?: string;
      };
    };

/** What signs. */
export type IssuerSource =
  /** Let's Encrypt. `staging` is for trying out: browsers do not trust it, and its limits are wide. */
  | { readonly acme: { readonly server: 'production' | 'staging'; readonly email: string; readonly challenge: AcmeChallenge } }
  /** An authority of your own: a Secret of type `kubernetes.io/tls` in the namespace. */
  | { readonly ca: { readonly secret: string } }
  /** Each certificate signs itself: for a laptop. */
  | 'self-signed';

/** Where Let's Encrypt is asked. */
export const SERVERS = {
  production: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
};

/** Refuses what could sign nothing. */
export function requireSource(scope: Construct, source: IssuerSource): void {
  if (typeof source === 'string') return;
  if ('ca' in source) {
    requireName(scope, source.ca.secret, 253, 'source.ca.secret');
    return;
  }
  const { acme } = source;
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(acme.email)) {
    const fix = 'name a mailbox that somebody reads: the authority warns there';
    reject(scope, { prop: 'source.acme.email', must: 'be an address', got: acme.email, fix });
  }
  requireChallenge(scope, acme.challenge);
}

function requireChallenge(scope: Construct, challenge: AcmeChallenge): void {
  const at = 'source.acme.challenge.';
  if ('dns01' in challenge) {
    const { dns01 } = challenge;
    if ('azureDns' in dns01) requireHost(scope, dns01.azureDns.zone, `${at}dns01.azureDns.zone`);
    return;
  }
  const { http01 } = challenge;
  if ('gateway' in http01) {
    requireName(scope, http01.gateway.name, 253, `${at}http01.gateway.name`);
    requireName(scope, http01.gateway.namespace, 63, `${at}http01.gateway.namespace`);
    return;
  }
  requireName(scope, http01.ingressClass, 253, `${at}http01.ingressClass`);
}
