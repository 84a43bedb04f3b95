import type { Construct } from 'constructs';
import { abort, reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireTypes } from '../support/types';
import { requireHost, requireName, requireOneOf } from '../support/values';

/** How an authority is shown that a host is ours. */
export type AcmeChallenge =
  /** A file behind the host, by an Ingress of this class or a Gateway: `http01`. Cannot sign for wildcards. */
  | {
      readonly http01:
        { readonly ingressClass: string } | { readonly gateway: { readonly name: string; readonly namespace: string } };
    }
  /** A record in the zone: `dns01`. */
  | { readonly dns01: DnsProvider };

/** Where the zone is. Without a key, cert-manager's own pod must be allowed to write it. */
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
  if (typeof source === 'string') {
    requireOneOf(scope, 'source', source, ['self-signed']);
    return;
  }
  if ('ca' in source) {
    requireTypes(scope, source.ca, { secret: ['string'] }, 'source.ca.');
    requireName(scope, source.ca.secret, 253, 'source.ca.secret');
    return;
  }
  requireTypes(scope, source, { acme: ['object'] }, 'source.');
  const { acme } = source;
  requireTypes(scope, acme, { server: ['string'], email: ['string'], challenge: ['object'] }, 'source.acme.');
  requireOneOf(scope, 'source.acme.server', acme.server, Object.keys(SERVERS));
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(acme.email)) {
    const fix = 'name a mailbox that somebody reads: the authority warns there';
    reject(scope, { prop: 'source.acme.email', must: 'be an address', got: acme.email, fix });
  }
  requireChallenge(scope, acme.challenge);
}

function requireChallenge(scope: Construct, challenge: AcmeChallenge): void {
  const at = 'source.acme.challenge.';
  if ('dns01' in challenge) {
    requireTypes(scope, challenge, { dns01: ['object'] }, at);
    requireProvider(scope, `${at}dns01.`, challenge.dns01);
    return;
  }
  requireTypes(scope, challenge, { http01: ['object'] }, at);
  const { http01 } = challenge;
  if ('gateway' in http01) {
    requireTypes(scope, http01.gateway, { name: ['string'], namespace: ['string'] }, `${at}http01.gateway.`);
    requireName(scope, http01.gateway.name, 253, `${at}http01.gateway.name`);
    requireName(scope, http01.gateway.namespace, 63, `${at}http01.gateway.namespace`);
    return;
  }
  requireTypes(scope, http01, { ingressClass: ['string'] }, `${at}http01.`);
  requireName(scope, http01.ingressClass, 253, `${at}http01.ingressClass`);
}

const PROVIDERS = ['route53', 'cloudDns', 'cloudflare', 'azureDns'];

function requireProvider(scope: Construct, at: string, provider: DnsProvider): void {
  const [name = '', ...others] = Object.keys(provider);
  if (others.length > 0 || !PROVIDERS.includes(name)) {
    const fix = "write { route53: { region: 'eu-central-1' } }";
    abort(scope, [
      { prop: at.slice(0, -1), must: `be one of ${PROVIDERS.join(', ')}`, got: Object.keys(provider).join(', '), fix },
    ]);
  }
  const optional = ['string', undefined] as const;
  const key = ['object', undefined] as const;
  if ('route53' in provider)
    requireTypes(scope, provider.route53, { region: ['string'], hostedZoneId: optional, role: optional }, `${at}route53.`);
  if ('cloudDns' in provider)
    requireTypes(scope, provider.cloudDns, { project: ['string'], serviceAccount: key }, `${at}cloudDns.`);
  if ('cloudflare' in provider) requireTypes(scope, provider.cloudflare, { apiToken: ['object'] }, `${at}cloudflare.`);
  if ('azureDns' in provider) {
    const types = { subscriptionId: ['string'], resourceGroup: ['string'], zone: ['string'], identity: optional } as const;
    requireTypes(scope, provider.azureDns, types, `${at}azureDns.`);
    requireHost(scope, provider.azureDns.zone, `${at}azureDns.zone`);
  }
}
