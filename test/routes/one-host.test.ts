import { type App, Chart } from 'cdk8s';
import {
  Checks,
  GatewayRoute,
  IstioRoute,
  KeyedSecret,
  OptOut,
  PhoenixRelease,
  WebIngress,
  render,
  type GatewayController,
  type GatewayRouteProps,
  type IngressController,
  type Manifest,
  type WebIngressProps,
} from '../../lib/index';
import { application, chart, image, resources } from '../support/chart';

const tls = { secret: 'shop-tls' };
const acm = { certificate: 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c' };
const elsewhere = OptOut.because('the shared Gateway has the certificate');
const balancer = { scheme: 'internet-facing', sourceRanges: 'everyone', subnets: ['10.0.0.0/20'] } as const;

/** The finished objects of an App. */
function all(tried: Chart): Manifest[] {
  render(tried.node.root as App);
  return [...Checks.of(tried).manifests.values()];
}

/** A release on shop.example.com. */
function releaseIn(scope: Chart, name: string): PhoenixRelease {
  const secret = new KeyedSecret(scope, 'Secret', { name, keys: ['SECRET_KEY_BASE'], source: { existing: true } });
  const facts = { ...application, name, health: { ready: '/ready' } };
  return new PhoenixRelease(scope, 'Release', {
    application: facts,
    image,
    host: 'shop.example.com',
    secret,
    replicas: 1,
    resources,
  });
}

/** Two releases: one at `/`, one below `/admin`, both on shop.example.com. */
function both(tried: Chart, route: (scope: Chart, id: string, release: PhoenixRelease, paths: string[]) => void): Chart {
  for (const [name, path] of [
    ['shop', '/'],
    ['back-office', '/admin'],
  ] as const) {
    const own = new Chart(tried, name, { namespace: 'shop' });
    route(own, 'Route', releaseIn(own, name), [path]);
  }
  return tried;
}

/** What is said of two on one host. */
function said(tried: Chart): string[] {
  return render(tried.node.root as App).faults.filter((fault) => /\((?:host-claimed-once|host-at-one-address)\)$/.test(fault));
}

function ingresses(asked: Pick<WebIngressProps, 'tls'> & { controller: IngressController }): Chart {
  return both(chart('1.30'), (scope, id, release, paths) => new WebIngress(scope, id, { release, paths, ...asked }));
}

function gateways(asked: Omit<GatewayRouteProps, 'release'>): Chart {
  return both(chart('1.30'), (scope, id, release, paths) => new GatewayRoute(scope, id, { release, paths, ...asked }));
}

const shared = { shared: { name: 'public', namespace: 'gateway', sectionName: 'https', httpSectionName: 'http' } };

describe('two releases on one host, each below paths of its own', () => {
  test.each<IngressController>([
    'traefik',
    'haproxy',
    'haproxy-ingress',
    'nginx-inc',
    'contour',
    { 'ingress-nginx': OptOut.because('the cluster moves to a Gateway next quarter') },
  ])('share the controller %j', (controller) => expect(said(ingresses({ controller, tls }))).toEqual([]));

  test.each<GatewayController | undefined>([
    undefined,
    'envoy-gateway',
    'nginx-gateway-fabric',
    'gke',
    'istio',
    'cilium',
    'contour',
    'traefik',
    'kgateway',
  ])('share a Gateway of %s', (controller) => {
    const tried = gateways({ gateway: shared, controller, tls: elsewhere });
    expect(said(tried)).toEqual([]);
    const sentOn = all(tried).filter(({ kind, metadata }) => kind === 'HTTPRoute' && (metadata.name as string).endsWith('-http'));
    expect(sentOn.map(({ metadata, spec }): unknown => [metadata.name, spec.rules[0].matches])).toEqual([
      ['shop-http', [{ path: { type: 'PathPrefix', value: '/' } }]],
      ['back-office-http', [{ path: { type: 'PathPrefix', value: '/admin' } }]],
    ]);
  });

  test('share a Gateway of Istio', () => {
    const tried = both(chart('1.30'), (scope, id, release, paths) => {
      new IstioRoute(scope, id, {
        release,
        paths,
        gateway: { shared: 'istio-ingress/public' },
        tls: elsewhere,
      });
    });
    expect(said(tried)).toEqual([]);
  });

  test('share an Application Load Balancer by its group, which asks for the longer path first', () => {
    const tried = ingresses({ controller: { alb: { ...balancer, group: 'shop' } }, tls: acm });
    expect(said(tried)).toEqual([]);
    const orders = all(tried).flatMap(({ kind, metadata }) =>
      kind === 'Ingress' ? [[metadata.name, metadata.annotations['alb.ingress.kubernetes.io/group.order']]] : [],
    );
    expect(orders).toEqual([
      ['shop', '1000'],
      ['back-office', '999'],
    ]);
  });

  test('have one address: two load balancers have two', () => {
    const [found, ...others] = said(ingresses({ controller: { alb: balancer }, tls: acm }));
    expect(others).toEqual([]);
    expect(found).toMatch(
      /'spec\.rules\[0\]\.host' must be a host that the load balancer of \[.+\] does not have, got "shop\.example\.com"; give both/,
    );
    expect(said(ingresses({ controller: { gce: { address: 'shop' } }, tls }))).toEqual([
      expect.stringMatching(/write all paths of the host in one Ingress, or let both releases share a Gateway/),
    ]);
  });
});

test('the hosts that are sent on keep all of their paths where the release has few', () => {
  const tried = chart('1.30');
  const release = releaseIn(tried, 'shop');
  new GatewayRoute(tried, 'Route', { release, paths: ['/app'], redirects: ['www.example.com'], gateway: shared, tls: elsewhere });
  const routes = all(tried).filter(({ kind }) => kind === 'HTTPRoute');
  expect(
    routes.map(({ metadata, spec }): unknown => [metadata.name, spec.hostnames, spec.rules[0].matches[0].path.value]),
  ).toEqual([
    ['shop', ['shop.example.com'], '/app'],
    ['shop-http', ['shop.example.com'], '/app'],
    ['shop-http-redirects', ['www.example.com'], '/'],
    ['shop-canonical', ['www.example.com'], '/'],
  ]);
});
