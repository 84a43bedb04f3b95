import { Construct } from 'constructs';
import { Issuer, type IssuerSpec, type IssuerSpecAcmeSolvers } from '../../imports/cert-manager.io';
import type { IssuerReference } from '../constructs/issuer-reference';
import { declare } from '../support/declare';
import { labels } from '../support/labels';
import type { SecretKey } from '../support/secret-key';
import { requireProps } from '../support/props';
import { requireName } from '../support/values';
import { requireSource, SERVERS, type AcmeChallenge, type DnsProvider, type IssuerSource } from './issuer-source';

/** Properties of {@link CertificateIssuer}. */
export interface CertificateIssuerProps {
  /** Name of the Issuer. */
  readonly name: string;
  /** What signs. */
  readonly source: IssuerSource;
}

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
    requireProps(this, props, 'CertificateIssuerProps');
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
      declare(this, { traffic: [{ pods, labels: solver, sends: [], serves: [SOLVER_PORT], reachesOut: false }] });
      const { http01 } = source.acme.challenge;
      // The proxies of some Gateways are beside them.
      if ('gateway' in http01) {
        declare(this, { visitors: [{ pods, port: SOLVER_PORT, peer: { namespace: http01.gateway.namespace } }] });
      }
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
