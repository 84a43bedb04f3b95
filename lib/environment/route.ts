import type { EnvironmentChart } from '../charts/environment-chart';
import { AppChecks } from '../app-checks/app-checks';
import type { PhoenixRelease } from '../constructs/phoenix-release';
import { GatewayRoute } from '../routes/gateway-route';
import type { IssuerReference } from '../constructs/issuer-reference';
import { CertificateIssuer } from '../routes/issuer';
import type { IssuerSource } from '../routes/issuer-source';
import { IstioRoute } from '../routes/istio-route';
import { RouteCertificate } from '../routes/route-certificate';
import type { RouteTls } from '../routes/route';
import { WebIngress } from '../routes/web-ingress';
import { reject, writtenAs } from '../support/reject';
import type { Charts, WebRoute } from './environment';
import { inLiteral } from './in-literal';
import { chartOf, type Parts } from './parts';

/** The constructs of the ways, by their ids, and how a literal calls each. */
const ROUTES = [
  ['Gateway', 'gatewayApi'],
  ['Ingress', 'ingress'],
  ['Istio', 'istio'],
] as const;

/** The way to an environment from outside, with its certificate, where it has any. */
export function routeOf(parts: Parts, release: PhoenixRelease): Charts['route'] {
  const { route } = parts.environment;
  if (route === undefined) return undefined;
  const routes = chartOf(parts, '40-routes');
  for (const [id, kind] of ROUTES) writtenAs(routes, id, inLiteral(`route.${kind}`, `WebRoute.${kind}`));
  const kept = certificateOf(routes, route, release);
  if ('gatewayApi' in route) {
    const { controller } = route.gatewayApi;
    const controllerVersion = new Map(Object.entries(AppChecks.of(parts.app).operators)).get(controller ?? '');
    return new GatewayRoute(routes, 'Gateway', { ...kept, ...route.gatewayApi, controllerVersion, release });
  }
  if ('ingress' in route) return new WebIngress(routes, 'Ingress', { ...kept, ...route.ingress, release });
  return new IstioRoute(routes, 'Istio', { ...kept, ...route.istio, release });
}

/** The certificate that cert-manager keeps, and where the route finds it. Without one the construct asks for its `tls`. */
function certificateOf(scope: EnvironmentChart, route: WebRoute, release: PhoenixRelease): { tls: RouteTls } {
  const { certificate } = route;
  if (certificate === undefined) return {} as { tls: RouteTls };
  const { redirects = [], tls } = 'gatewayApi' in route ? route.gatewayApi : 'ingress' in route ? route.ingress : route.istio;
  if (tls !== undefined) {
    const fix = 'leave one of the two out';
    reject(scope, {
      prop: 'route.certificate',
      must: 'be left out where `tls` says where the certificate is',
      got: certificate,
      fix,
    });
  }
  const issuer = issuerOf(scope, certificate, release);
  const hosts = [release.host, ...release.hosts, ...redirects];
  const { secret } = new RouteCertificate(scope, 'Certificate', { name: release.application.name, hosts, issuer });
  return { tls: { secret } };
}

/** One that is there, or one that is made beside the route. */
function issuerOf(
  scope: EnvironmentChart,
  certificate: IssuerReference | IssuerSource,
  release: PhoenixRelease,
): IssuerReference {
  if (typeof certificate === 'object' && isReference(certificate)) return certificate;
  const { name } = release.application;
  return new CertificateIssuer(scope, 'Issuer', { name, source: certificate }).reference;
}

/** By either of its fields: one that lacks the other is refused as a reference. */
function isReference(certificate: object): certificate is IssuerReference {
  return 'kind' in certificate || 'name' in certificate;
}
