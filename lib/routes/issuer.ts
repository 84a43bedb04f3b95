import { Construct } from 'constructs';
import { Issuer, type IssuerSpec, type IssuerSpecAcmeSolvers } from '../../imports/cert-manager.io';
import { factsOf } from '../support/facts';
import { labels } from '../support/labels';
import { abort, reject } from '../support/reject';
import type { SecretKey } from '../support/secret-key';
import { requireTypes, type PropTypes } from '../support/types';
import { requireHost, requireName, requireOneOf } from '../support/values';

/** Who signs certificates: an object of cert-manager. */
export interface IssuerReference {
  readonly kind: 'Issuer' | 'ClusterIssuer';
  readonly name: string;
}

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

/** What a {@link CertificateIssuer} is told. */
export interface CertificateIssuerProps {
  /** Name of the Issuer. */
  readonly name: string;
  /** What signs. */
  readonly source: IssuerSource;
}

const propTypes: PropTypes<CertificateIssuerProps> = { name: ['string'], source: ['object', 'string'] };

const SERVERS = {
  production: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
};

/** Port of the pods that answer for an authority. */
const SOLVER_PORT = 8089;

/**
 * An Issuer of cert-manager in the namespace. A ClusterIssuer belongs to no environment: refer to it where it is.
 *
 * @see https://cert-manager.io/docs/configuration/issuers/
 */
export class CertificateIssuer extends Construct {
  /** For certificates. */
  readonly reference: IssuerReference;
  /** The object. */
  readonly issuer: Issuer;

  constructor(scope: Construct, id: string, props: CertificateIssuerProps) {
    super(scope, id);
    requireTypes(this, props, propTypes);
    const { name, source } = props;
    requireName(this, name, 45);
    requireSource(this, source);
    const ownLabels = labels({ application: 'cert-manager', instance: name, component: 'issuer' });
    this.reference = { kind: 'Issuer', name };
    this.issuer = new Issuer(this, 'Default', { metadata: { name, labels: ownLabels }, spec: specOf(name, source) });
    if (typeof source === 'object' && 'acme' in source && 'http01' in source.acme.challenge) {
      const pods = solverOf(name);
      const solver = labels({ application: 'cert-manager', instance: pods, component: 'solver' });
      // The authority asks from anywhere, through whatever serves the application's clients.
      const { traffic, visitors } = factsOf(this);
      traffic.push({ pods, labels: solver, sends: [], serves: [SOLVER_PORT], reachesOut: false });
      const { http01 } = source.acme.challenge;
      // The proxies of some Gateways are beside them.
      if ('gateway' in http01) visitors.push({ pods, port: SOLVER_PORT, peer: { namespace: http01.gateway.namespace } });
    }
  }
}

const solverOf = (name: string): string => `${name}-solver`;

function specOf(name: string, source: IssuerSource): IssuerSpec {
  if (typeof source === 'string') return { selfSigned: {} };
  if ('ca' in source) return { ca: { secretName: source.ca.secret } };
  const { server, email, challenge } = source.acme;
  const solvers = [solver(name, challenge)];
  return { acme: { server: SERVERS[server], email, privateKeySecretRef: { name: `${name}-account` }, solvers } };
}

function solver(name: string, challenge: AcmeChallenge): IssuerSpecAcmeSolvers {
  if ('dns01' in challenge) return { dns01: dnsOf(challenge.dns01) };
  // The network policy of the solver's pods finds them by this; the quota has no node port for their Service.
  const common = {
    serviceType: 'ClusterIP',
    podTemplate: { metadata: { labels: labels({ application: 'cert-manager', instance: solverOf(name), component: 'solver' }) } },
  };
  const { http01 } = challenge;
  if ('ingressClass' in http01) return { http01: { ingress: { ingressClassName: http01.ingressClass, ...common } } };
  const { name: gateway, namespace } = http01.gateway;
  return { http01: { gatewayHttpRoute: { parentRefs: [{ kind: 'Gateway', name: gateway, namespace }], ...common } } };
}

function dnsOf(provider: DnsProvider): IssuerSpecAcmeSolvers['dns01'] {
  if ('route53' in provider) return { route53: { ...provider.route53 } };
  if ('cloudDns' in provider) {
    const { project, serviceAccount } = provider.cloudDns;
    return { cloudDns: { project, ...(serviceAccount ? { serviceAccountSecretRef: keyOf(serviceAccount) } : {}) } };
  }
  if ('cloudflare' in provider) return { cloudflare: { apiTokenSecretRef: keyOf(provider.cloudflare.apiToken) } };
  const { subscriptionId, resourceGroup, zone, identity } = provider.azureDns;
  const managedIdentity = identity === undefined ? {} : { managedIdentity: { clientId: identity } };
  return { azureDns: { subscriptionId, resourceGroupName: resourceGroup, hostedZoneName: zone, ...managedIdentity } };
}

function keyOf({ secret, key }: SecretKey): { name: string; key: string } {
  return { name: secret, key };
}

function requireSource(scope: Construct, source: IssuerSource): void {
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
