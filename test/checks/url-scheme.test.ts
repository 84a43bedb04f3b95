import { ApiObject, type ApiObjectProps, App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { urlSchemeServed } from '../../lib/checks/hosts/tls';
import {
  type Exposure,
  EnvironmentChart,
  GatewayRoute,
  type IngressController,
  IstioRoute,
  KeyedSecret,
  type Manifest,
  mixRelease,
  NetworkFence,
  OptOut,
  PhoenixRelease,
  type PublicUrl,
  render,
  Resources,
  WebIngress,
  type WebIngressProps,
} from '../../lib/index';
import { saidOf } from '../support/said';

const HOST = 'kiosk.example.com';
const labels = { app: 'kiosk' };
const annotated = (name: string, annotations: Manifest = {}) => ({ name, annotations });

/** A Deployment of Phoenix with its Service, as somebody else writes them. */
function kiosk(env: Readonly<Record<string, string>> = {}, service: Manifest = {}, annotations?: Manifest): Manifest[] {
  const variables = Object.entries({ PHX_HOST: HOST, PORT: '4100', ...env }).map(([name, value]) => ({ name, value }));
  const ports = [
    { name: 'web', containerPort: 4100 },
    { name: 'secure', containerPort: 4443 },
    { name: 'metrics', containerPort: 9568 },
  ];
  const spec = { containers: [{ name: 'kiosk', image: 'registry.example.com/kiosk:2.0.0', env: variables, ports }] };
  const template = { metadata: { labels }, spec };
  const behind = { selector: labels, ports: [{ name: 'web', port: 80, targetPort: 'web' }], ...service };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'kiosk' },
      spec: { selector: { matchLabels: labels }, template },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: annotated('kiosk', annotations), spec: behind },
  ];
}

function ingress(spec: Manifest = {}, annotations?: Manifest, name = 'kiosk'): Manifest {
  const paths = [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'kiosk', port: { number: 80 } } } }];
  const rules = [{ host: HOST, http: { paths } }];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: annotated(name, annotations),
    spec: { rules, ...spec },
  };
}

function gateway(listeners: readonly Manifest[], annotations?: Manifest): Manifest {
  const spec = { gatewayClassName: 'eg', listeners };
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: annotated('edge', annotations), spec };
}

function httpRoute(parent: Manifest = {}): Manifest {
  const rules = [{ backendRefs: [{ name: 'kiosk', port: 80 }] }];
  const spec = { parentRefs: [{ name: 'edge', ...parent }], hostnames: [HOST], rules };
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'kiosk' }, spec };
}

const clear = { name: 'http', port: 80, protocol: 'HTTP' };
const secure = { name: 'https', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'kiosk-tls' }] } };

function istio(servers: readonly Manifest[], name = 'edge'): Manifest[] {
  const spec = { gateways: ['edge', 'mesh'], hosts: [HOST], http: [{ route: [{ destination: { host: 'kiosk' } }] }] };
  return [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name },
      spec: { selector: { istio: 'ingress' }, servers },
    },
    { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'kiosk' }, spec },
  ];
}

const http = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [`./${HOST}`] };
const https = {
  port: { number: 443, name: 'https', protocol: 'HTTPS' },
  hosts: ['*'],
  tls: { mode: 'SIMPLE', credentialName: 'x' },
};
const onNodes = {
  type: 'NodePort',
  ports: [
    { name: 'web', port: 80, targetPort: 'web', nodePort: 30480 },
    { name: 'secure', port: 443, targetPort: 'secure', nodePort: 30443 },
  ],
};
const balanced = (port: Manifest) => ({ type: 'LoadBalancer', ports: [{ name: 'web', port: 80, targetPort: 4100, ...port }] });

describe('url-scheme-served', () => {
  it('says where TLS is missing', () => {
    expect(saidOf(urlSchemeServed, ...kiosk(), ingress())).toEqual([
      `[30-phoenix/Ingress-kiosk] 'spec.tls' must end TLS somewhere, as the application's own URLs begin with https://${HOST}, got nothing; give it a certificate, or say 'tls: OptOut.because(...)' of our routes where TLS ends in front; or tell the release "url: { scheme: 'http', port: 80 }", and leave out force_ssl (url-scheme-served)`,
    ]);
  });

  it.each<[string, Manifest[]]>([
    ['an Ingress that says so', [...kiosk(), ingress({}, { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' })]],
    ['a certificate that nothing serves', [...kiosk(), ingress({}, { 'cert-manager.io/cluster-issuer': 'letsencrypt' })]],
    ['TLS to the pods alone', [...kiosk(), ingress({}, { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' })]],
    ['the scheme written out', [...kiosk({ PHX_URL_SCHEME: 'https' }), ingress()]],
    ['a Gateway of HTTP', [...kiosk(), gateway([clear]), httpRoute()]],
    ['the listener of HTTP', [...kiosk(), gateway([clear, secure]), httpRoute({ sectionName: 'http' })]],
    ['a listener of another host', [...kiosk(), gateway([clear, { ...secure, hostname: 'other.example.com' }]), httpRoute()]],
    ['a gateway of Istio', [...kiosk(), ...istio([http])]],
    ['a port of the nodes in the address bar', kiosk({ PHX_URL_SCHEME: 'https', PHX_URL_PORT: '30480' }, onNodes)],
    ['a load balancer that names all addresses', kiosk({}, { ...balanced({}), loadBalancerSourceRanges: ['0.0.0.0/0'] })],
    [
      'a port of a load balancer in the address bar',
      kiosk({ PHX_URL_SCHEME: 'https', PHX_URL_PORT: '8088' }, balanced({ port: 8088 })),
    ],
    ['an Ingress whose controller comes by the nodes', [...kiosk({}, { type: 'NodePort' }), ingress()]],
    ['a load balancer', kiosk({}, balanced({}))],
    ['a load balancer at 443 in clear text', kiosk({}, balanced({ port: 443 }))],
  ])('fails at %s, where URLs begin with https', (_, objects) => {
    expect(saidOf(urlSchemeServed, ...objects)).toHaveLength(1);
  });

  const cleared = { PHX_URL_SCHEME: 'http', PHX_URL_PORT: '80' };

  it.each<[string, Manifest[]]>([
    ['an Ingress with a certificate', [...kiosk(cleared), ingress({ tls: [{ hosts: [HOST], secretName: 'kiosk-tls' }] })]],
    ['the listener of HTTPS', [...kiosk(cleared), gateway([clear, secure]), httpRoute({ sectionName: 'https' })]],
    ['a gateway of Istio that redirects', [...kiosk(cleared), ...istio([{ ...http, tls: { httpsRedirect: true } }, https])]],
    ['the port of TLS in the address bar', kiosk({ PHX_URL_SCHEME: 'http', PHX_URL_PORT: '30443' }, onNodes)],
    ['pods with TLS alone', kiosk(cleared, balanced({ port: 443, targetPort: 'secure' }))],
  ])('fails at %s, where URLs begin with http', (_, objects) => {
    const [fault, ...others] = saidOf(urlSchemeServed, ...objects);
    expect(others).toEqual([]);
    expect(fault).toContain("env.PHX_URL_SCHEME' must be https, as ");
  });

  it.each<[string, Manifest[]]>([
    ['clear text that is said to be', [...kiosk(cleared), ingress()]],
    ['a certificate', [...kiosk(), ingress({ tls: [{ hosts: [HOST], secretName: 'kiosk-tls' }] })]],
    ['one at Amazon', [...kiosk(), ingress({}, { 'alb.ingress.kubernetes.io/certificate-arn': 'arn:aws:acm:...' })]],
    ['one found by an ALB', [...kiosk(), ingress({}, { 'alb.ingress.kubernetes.io/listen-ports': '[{"HTTPS":443}]' })]],
    ['another Ingress of the ALB', [...kiosk(), ingress({}, { 'alb.ingress.kubernetes.io/group.name': 'shared' })]],
    ['the TLS of an entry point', [...kiosk(), ingress({}, { 'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure' })]],
    ['a CDN by DNS', [...kiosk(), ingress({}, { 'external-dns.alpha.kubernetes.io/cloudflare-proxied': 'true' })]],
    ['a tunnel', [...kiosk(), ingress({ ingressClassName: 'cloudflare-tunnel' })]],
    ['one Ingress of two', [...kiosk(), ingress({}, {}, 'plain'), ingress({ tls: [{ hosts: [HOST], secretName: 'a' }] })]],
    ['a Gateway elsewhere', [...kiosk(), httpRoute({ namespace: 'edge' })]],
    ['a Gateway of both', [...kiosk(), gateway([clear, secure]), httpRoute()]],
    ['clear text of both', [...kiosk(cleared), gateway([clear, secure]), httpRoute()]],
    ['a load balancer with TLS before a Gateway', [...kiosk(), gateway([clear], { 'example.com/ssl-cert': 'arn' }), httpRoute()]],
    ['a gateway of Istio', [...kiosk(), ...istio([{ ...http, tls: { httpsRedirect: true } }, https])]],
    ['a gateway of Istio elsewhere', [...kiosk(), ...istio([http], 'other')]],
    ['a load balancer with a certificate', kiosk({}, balanced({}), { 'example.com/do-loadbalancer-certificate-id': '7' })],
    ['TLS in the pods', kiosk({}, balanced({ port: 443, targetPort: 'secure' }))],
    ['a port for metrics', kiosk({}, balanced({ port: 9568, targetPort: 'metrics' }))],
    [
      'a route that is not read',
      [...kiosk(), ingress(), { apiVersion: 'traefik.io/v1alpha1', kind: 'IngressRoute', metadata: { name: 'kiosk' } }],
    ],
    ['nothing that leads to it', kiosk()],
    ['a port of the nodes, with something in front', kiosk({}, { type: 'NodePort' })],
    ['a port of TLS in the address bar', kiosk({ PHX_URL_SCHEME: 'https', PHX_URL_PORT: '30443' }, onNodes)],
    ['a load balancer in a private network', kiosk({}, balanced({}), { 'networking.gke.io/load-balancer-type': 'Internal' })],
    ['a load balancer for a CDN', kiosk({}, { ...balanced({}), loadBalancerSourceRanges: ['198.51.100.0/24'] })],
    [
      '443 of an Ingress beside that of a load balancer',
      [
        ...kiosk({ PHX_URL_SCHEME: 'https', PHX_URL_PORT: '443' }, balanced({ port: 443 })),
        ingress({ tls: [{ secretName: 'kiosk-tls' }] }),
      ],
    ],
    ['a laptop', kiosk({ PHX_HOST: 'localhost' }, { type: 'NodePort' })],
    ['a port of the nodes beside TLS', [...kiosk({}, { type: 'NodePort' }), ingress({ tls: [{ secretName: 'kiosk-tls' }] })]],
  ])('accepts %s', (_, objects) => {
    expect(saidOf(urlSchemeServed, ...objects)).toEqual([]);
  });
});

describe('the URLs of a release', () => {
  const front = OptOut.because('a CDN in front of the cluster ends TLS');

  function faults(
    route: (chart: EnvironmentChart, release: PhoenixRelease) => void,
    { url, exposure, https }: { url?: PublicUrl; exposure?: Exposure; https?: { secret: string } } = {},
  ): readonly string[] {
    const app = new App();
    const chart = new EnvironmentChart(app, 'kiosk', { namespace: 'kiosk', partOf: 'kiosk' });
    const secret = new KeyedSecret(chart, 'Secret', { name: 'kiosk', keys: ['SECRET_KEY_BASE'], source: { existing: true } });
    const tool = mixRelease({ release: 'kiosk', module: 'Kiosk.Release' });
    const release = new PhoenixRelease(chart, 'Release', {
      application: { name: 'kiosk', release: tool, port: 4100, health: { ready: '/ready' }, sockets: 0 },
      image: `registry.example.com/kiosk:2.0.0@sha256:${'c'.repeat(64)}`,
      host: HOST,
      secret,
      replicas: 2,
      url,
      exposure,
      https,
      resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) }),
    });
    route(chart, release);
    new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }] });
    return render(app).faults.filter((fault) => fault.endsWith('(url-scheme-served)'));
  }

  const url = { scheme: 'http', port: 80 } as const;
  const shared = { shared: { name: 'edge', namespace: 'kiosk' } };
  const team = OptOut.because('the shared Gateway has the certificate');

  const alb = { scheme: 'internet-facing', sourceRanges: 'everyone', subnets: ['10.2.0.0/24'] } as const;
  const arn = 'arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-0123456789ab';
  const byName = { secret: 'kiosk-tls' };

  it.each<[IngressController, WebIngressProps['tls']]>([
    ...(['traefik', 'haproxy', 'haproxy-ingress', 'nginx-inc', 'contour'] as const).map(
      (one): [IngressController, typeof byName] => [one, byName],
    ),
    [{ 'ingress-nginx': OptOut.because('replaced next quarter') }, byName],
    [{ alb }, { certificate: arn }],
    [{ gce: {} }, { certificate: 'kiosk' }],
  ])('follow %j', (controller, certificate) => {
    const made = (tls: WebIngressProps['tls'], given?: { url: PublicUrl }) =>
      faults((chart, release) => {
        new WebIngress(chart, 'Route', { release, controller, tls });
      }, given);
    expect(made(certificate)).toEqual([]);
    // TLS ends in front, or nowhere: the reason is there for both.
    expect(made(front)).toEqual([]);
    expect(made(front, { url })).toEqual([]);
  });

  it('may be reached by an Ingress in two ways', () => {
    const beside = (chart: EnvironmentChart) => new ApiObject(chart, 'Raw', ingress({}, {}, 'raw') as unknown as ApiObjectProps);
    const alone = faults((chart) => beside(chart));
    expect(alone).toEqual([expect.stringContaining("[kiosk/Raw] 'spec.tls' must end TLS")]);
    const both = faults((chart, release) => {
      beside(chart);
      new WebIngress(chart, 'Route', { release, controller: 'traefik', tls: byName });
    });
    expect(both).toEqual([]);
  });

  it('may leave TLS to what is in front of a Gateway of their own', () => {
    expect(
      faults((chart, release) => {
        new GatewayRoute(chart, 'Route', { release, tls: front, gateway: { own: { className: 'eg' } } });
      }),
    ).toEqual([]);
    const own = { own: { selector: { istio: 'ingress' } } };
    expect(
      faults((chart, release) => {
        new IstioRoute(chart, 'Route', { release, tls: front, gateway: own });
      }),
    ).toEqual([]);
  });

  it('need a listener for HTTPS at a shared Gateway that is known', () => {
    const behind = (listeners: readonly Manifest[], given?: { url: PublicUrl }) =>
      faults((chart, release) => {
        new GatewayRoute(chart, 'Route', { release, tls: team, gateway: shared });
        const { metadata, ...rest } = gateway(listeners);
        new ApiObject(chart, 'Edge', { metadata, ...rest } as unknown as ApiObjectProps);
      }, given);
    expect(behind([clear])).toEqual([expect.stringContaining("[kiosk/Route/Route] 'spec.parentRefs' must end TLS")]);
    expect(behind([clear], { url })).toEqual([]);
    expect(behind([secure])).toEqual([]);
    expect(behind([secure], { url })).toEqual([
      expect.stringContaining("'data.PHX_URL_SCHEME' must be https, as HTTPRoute kiosk answers by TLS alone"),
    ]);
    expect(
      faults((chart, release) => {
        new GatewayRoute(chart, 'Route', { release, tls: team, gateway: shared });
      }),
    ).toEqual([]);
  });

  const onNode = { exposure: { nodePort: 30410, httpsNodePort: 30411 }, https: { secret: 'kiosk-tls' } };

  it.each<[number, Parameters<typeof faults>[1]]>([
    [0, { exposure: { nodePort: 30410 } }],
    [1, { exposure: { nodePort: 30410 }, url: { scheme: 'https', port: 30410 } }],
    [0, { exposure: { nodePort: 30410 }, url: { scheme: 'http', port: 30410 } }],
    [0, onNode],
    [0, { ...onNode, url: { scheme: 'https', port: 30411 } }],
    [0, { ...onNode, url: { scheme: 'http', port: 30410 } }],
    [1, { ...onNode, url: { scheme: 'http', port: 30411 } }],
    [1, { ...onNode, url: { scheme: 'https', port: 30410 } }],
    [1, { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { gcp: { scheme: 'external' } } } } }],
    [1, { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { other: {} } } } }],
    [0, { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { other: {} } } }, url }],
    [0, { exposure: { loadBalancer: { sourceRanges: ['198.51.100.0/24'], cloud: { azure: { scheme: 'external' } } } } }],
    [0, { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { azure: { scheme: 'internal' } } } } }],
    [0, { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { gcp: { scheme: 'internal' } } } } }],
    [0, { exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { other: {} } } }, https: { secret: 'kiosk-tls' } }],
  ])('need TLS at the Service itself (%d: %j)', (count, given) => {
    expect(faults(() => undefined, given)).toHaveLength(count);
  });

  it('may end TLS in a load balancer', () => {
    const certificateArn = 'arn:aws:acm:eu-central-1:123456789012:certificate/kiosk';
    const aws = { scheme: 'internet-facing', subnets: ['10.1.0.0/24'], certificateArn, backendProtocol: 'tcp' } as const;
    const exposure = { loadBalancer: { sourceRanges: 'everyone', cloud: { aws } } } as const;
    expect(faults(() => undefined, { exposure })).toEqual([]);
  });
});
