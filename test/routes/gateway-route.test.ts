import { ApiObject, App, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import { backendTlsTarget } from '../../lib/checks/references/existing';
import { referenceGranted } from '../../lib/checks/references/routes';
import { routeTimeoutCutsSockets } from '../../lib/checks/hosts/time-limits';
import { upgradesNotOnH2c } from '../../lib/checks/hosts/sockets';
import type { Rule, World } from '../../lib/checks/rule';
import { environments } from '../support/stack';
import { Checks, NetworkFence, OptOut, patch, type PhoenixRelease, ProbedDeployment, type Manifest } from '../../lib/index';
import { GatewayRoute, type GatewayRouteProps } from '../../lib/routes/gateway-route';
import { GrpcRoute, type GrpcRouteProps } from '../../lib/routes/grpc-route';
import { RouteCertificate } from '../../lib/routes/route-certificate';
import { yaml } from '../../lib/support/yaml';
import { WebIngress } from '../../lib/routes/web-ingress';
import { declaredIn } from '../../lib/support/declare';
import { staging } from '../support/alone';
import { application, chart, minimalDeployment, objects, one, refusalsOf, release } from '../support/chart';
import { faultsOf } from '../support/environments';
import { said, saidOf } from '../support/said';
import { vary } from '../support/vary';

const HOST = 'kube-native.example.com';
const SERVICE = { group: '', kind: 'Service' };
const left = OptOut.because('the shared Gateway has the certificate');
const shared = { shared: { name: 'public', namespace: 'gateway' } };
const own = { own: { className: 'eg' } };

type Change = Partial<GatewayRouteProps>;
type ReleaseChange = Parameters<typeof release>[1];

/** A route through a shared Gateway, with some props changed. */
function routed(scope: Chart, change: Change = {}, released: ReleaseChange = {}): GatewayRoute {
  return new GatewayRoute(scope, 'Route', { release: release(scope, released), gateway: shared, tls: left, ...change });
}

/** The objects of a route, without those of its release. */
function madeBy(change: Change = {}, released: ReleaseChange = {}): Manifest[] {
  const tried = chart();
  routed(tried, change, released);
  return objects(tried).filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'route');
}

/** Those of one kind. */
function kindOf(kind: string, change: Change = {}, released: ReleaseChange = {}): Manifest[] {
  return madeBy(change, released).filter((manifest) => manifest['kind'] === kind);
}

/** The rules of the route that leads to pods. */
function rulesOf(change: Change = {}, released: ReleaseChange = {}): Manifest[] {
  return kindOf('HTTPRoute', change, released)[0]?.['spec'].rules as Manifest[];
}

/** What is refused of a route, without the path. */
function refused(change: Change, released: ReleaseChange = {}): string[] {
  return refusalsOf((tried) => routed(tried, change, released)).map((fault) => fault.replace(/^\[[^\]]*\] /, ''));
}

const prefix = (value: string) => ({ path: { type: 'PathPrefix', value } });

describe('a route through a shared Gateway', () => {
  test('is one route, and leaves the rest to the Gateway', () => {
    expect(madeBy()).toEqual([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: {
          name: 'kube-native',
          namespace: 'test',
          labels: {
            'app.kubernetes.io/name': 'kube-native',
            'app.kubernetes.io/instance': 'kube-native',
            'app.kubernetes.io/component': 'route',
          },
        },
        spec: {
          parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'gateway' }],
          hostnames: [HOST],
          rules: [
            {
              matches: [prefix('/')],
              backendRefs: [{ ...SERVICE, name: 'kube-native', port: 80, weight: 1 }],
              timeouts: { request: '0s' },
            },
          ],
        },
      },
    ]);
  });

  test('sends clear text on to HTTPS, and other hosts on to its own', () => {
    const listeners = { sectionName: 'https', httpSectionName: 'http' };
    const gateway = { shared: { ...shared.shared, ...listeners } };
    const [main, clear, canonical] = kindOf('HTTPRoute', { gateway, redirects: ['www.example.com'] });
    expect(main?.['spec'].parentRefs[0].sectionName).toBe('https');
    expect(clear).toMatchObject({
      metadata: { name: 'kube-native-http' },
      spec: {
        parentRefs: [{ name: 'public', namespace: 'gateway', sectionName: 'http' }],
        hostnames: [HOST, 'www.example.com'],
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
      },
    });
    expect(canonical).toMatchObject({
      metadata: { name: 'kube-native-canonical' },
      spec: {
        parentRefs: [{ sectionName: 'https' }],
        hostnames: ['www.example.com'],
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { hostname: HOST, statusCode: 301 } }] }],
      },
    });
    expect([clear, canonical].flatMap((manifest) => Object.keys(manifest?.['spec'].rules[0]))).not.toContain('backendRefs');
  });

  test('carries annotations on the route, where external-dns looks for them', () => {
    const annotations = { 'external-dns.alpha.kubernetes.io/ttl': '60' };
    expect(kindOf('HTTPRoute', { annotations })[0]?.['metadata'].annotations).toEqual(annotations);
  });

  test('tells external-dns the same of a host at each of its routes, and the target at its own Gateway', () => {
    const dns = { 'external-dns.kubernetes.io/ttl': '60', 'external-dns.kubernetes.io/target': 'lb.example.net' };
    const annotations = { ...dns, team: 'shop' };
    const routed = { gateway: own, tls: { secret: 'web-tls' }, redirects: ['www.example.com'], annotations };
    const routes = kindOf('HTTPRoute', routed);
    expect(routes.map(({ metadata }) => metadata.annotations as unknown)).toEqual([dns, dns, dns]);
    expect(kindOf('Gateway', routed)[0]?.['metadata'].annotations).toEqual(annotations);
  });

  test('is several routes where there are more hosts than one takes', () => {
    const hosts = Array.from({ length: 20 }, (_, index) => `shop-${index}.example.com`);
    const routes = kindOf('HTTPRoute', {}, { hosts });
    expect(routes.map(({ metadata, spec }) => [metadata.name, spec.hostnames.length])).toEqual([
      ['kube-native', 16],
      ['kube-native-2', 5],
    ]);
  });
});

describe('a route through a Gateway of its own', () => {
  test('has a listener for clear text that redirects, and one with the certificate', () => {
    const [gateway] = kindOf('Gateway', { gateway: own, tls: { secret: 'web-tls' } });
    const allowedRoutes = { namespaces: { from: 'Same' } };
    const certificateRefs = [{ group: '', kind: 'Secret', name: 'web-tls' }];
    expect(gateway?.['spec']).toEqual({
      gatewayClassName: 'eg',
      listeners: [
        { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes },
        {
          name: 'https',
          port: 443,
          protocol: 'HTTPS',
          hostname: HOST,
          allowedRoutes,
          tls: { mode: 'Terminate', certificateRefs },
        },
      ],
    });
    const routes = kindOf('HTTPRoute', { gateway: own, tls: { secret: 'web-tls' } });
    expect(routes.map(({ metadata, spec }) => [metadata.name, spec.parentRefs[0].sectionName])).toEqual([
      ['kube-native', 'https'],
      ['kube-native-http', 'http'],
    ]);
  });

  test('has one listener for all hosts of one certificate, so that browsers may share a connection', () => {
    const [gateway] = kindOf('Gateway', { gateway: own, tls: { secret: 'web-tls' }, redirects: ['www.example.com'] });
    expect((gateway?.['spec'].listeners as Manifest[]).map(({ name, hostname }) => [name, hostname])).toEqual([
      ['http', undefined],
      ['https', undefined],
    ]);
  });

  test('answers in clear text where that is said with a reason', () => {
    const tls = OptOut.because('a firewall ends TLS in front of the cluster');
    const [gateway] = kindOf('Gateway', { gateway: own, tls });
    expect(gateway?.['spec'].listeners).toHaveLength(1);
    const routes = kindOf('HTTPRoute', { gateway: own, tls, redirects: ['www.example.com'] });
    expect(routes.map(({ spec }) => spec.parentRefs[0].sectionName)).toEqual(['http', 'http']);
    expect(routes[1]?.['spec'].rules[0].filters[0].requestRedirect).toEqual({ hostname: HOST, statusCode: 301 });
  });

  test('asks for addresses, and annotates itself and what is made from it', () => {
    const addresses = ['203.0.113.7', '2001:db8::1', 'lb.example.com', 'reserved-address'];
    const gateway = { own: { className: 'eg', addresses, annotations: { 'lb.example.com/scheme': 'internal' } } };
    const [made] = kindOf('Gateway', { gateway, tls: { secret: 'web-tls' }, annotations: { owner: 'shop' } });
    expect((made?.['spec'].addresses as Manifest[]).map(({ type }) => String(type))).toEqual([
      ...['IPAddress', 'IPAddress', 'Hostname', 'NamedAddress'],
    ]);
    expect(made?.['spec'].infrastructure).toEqual({ annotations: { 'lb.example.com/scheme': 'internal' } });
    expect(made?.['metadata'].annotations).toEqual({ owner: 'shop' });
    expect(
      kindOf('HTTPRoute', { gateway, tls: { secret: 'web-tls' }, annotations: { owner: 'shop' } })[0]?.['metadata'],
    ).not.toHaveProperty('annotations');
  });

  test('is allowed to read a certificate of another namespace', () => {
    const change = { gateway: { own: { className: 'eg', certificateNamespace: 'certificates' } }, tls: { secret: 'web-tls' } };
    expect(kindOf('ReferenceGrant', change)[0]).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      metadata: { namespace: 'certificates' },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'test' }],
        to: [{ group: '', kind: 'Secret', name: 'web-tls' }],
      },
    });
    const listener = kindOf('Gateway', change)[0]?.['spec'].listeners[1];
    expect(listener.tls.certificateRefs[0].namespace).toBe('certificates');
    const home = { gateway: { own: { className: 'eg', certificateNamespace: 'test' } }, tls: { secret: 'web-tls' } };
    expect(kindOf('ReferenceGrant', home)).toEqual([]);
  });

  test.each(['nginx-gateway-fabric', 'istio', 'kgateway'] as const)(
    'opens the fence to the proxies that %s starts beside it',
    (controller) => {
      const tried = chart();
      const made = routed(tried, { gateway: own, tls: { secret: 'web-tls' }, controller });
      expect(made.proxies?.name).toBe('kube-native-gateway');
      expect(one(tried, 'NetworkPolicy')['spec']).toEqual({
        podSelector: { matchLabels: { 'gateway.networking.k8s.io/gateway-name': 'kube-native' } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{}],
        egress: [{}],
      });
      expect(routed(chart(), { controller }).proxies).toBeUndefined();
    },
  );
});

describe('the rules of a route', () => {
  test('give sockets no limit and the rest the one that is asked for', () => {
    expect(rulesOf({ timeout: Duration.seconds(30) }).map(({ matches, timeouts }) => [matches, timeouts])).toEqual([
      [[prefix('/live'), prefix('/socket')], { request: '0s' }],
      [[prefix('/')], { request: '30s' }],
    ]);
  });

  test('keep sockets on HTTP/1.1 where the rest speaks HTTP/2', () => {
    const rules = rulesOf({}, { http2: true });
    expect(rules.map(({ matches, backendRefs }) => [matches, backendRefs[0].port])).toEqual([
      [[prefix('/live'), prefix('/socket')], 80],
      [[prefix('/')], 8080],
    ]);
  });

  test('follow the paths of the route and of its sockets', () => {
    const paths = ['/shop', '/shop/live/room', '/api'];
    const rules = rulesOf({ paths, upgrades: ['/shop/live', '/elsewhere'] }, { http2: true });
    expect(rules.map(({ matches }) => matches as Manifest[])).toEqual([
      [prefix('/shop/live'), prefix('/shop/live/room')],
      [prefix('/shop'), prefix('/api')],
    ]);
    expect(rulesOf({ paths: ['/api'] }, { http2: true }).map(({ backendRefs }) => Number(backendRefs[0].port))).toEqual([8080]);
    expect(rulesOf({ paths: ['/live/admin'] }, { http2: true }).map(({ backendRefs }) => Number(backendRefs[0].port))).toEqual([
      80,
    ]);
  });

  test('change headers of requests and of responses', () => {
    const headers = { set: { 'x-environment': 'staging' }, remove: ['x-debug'] };
    expect(rulesOf({ headers, responseHeaders: { add: { 'x-robots-tag': 'noindex' } } })[0]?.['filters']).toEqual([
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: { set: [{ name: 'x-environment', value: 'staging' }], remove: ['x-debug'] },
      },
      { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'x-robots-tag', value: 'noindex' }] } },
    ]);
  });

  test.each(['nginx-gateway-fabric', 'traefik', 'gke'] as const)(
    'say nothing of timeouts to %s, which does not read them',
    (controller) => {
      expect(rulesOf({ controller })[0]).not.toHaveProperty('timeouts');
    },
  );
});

/** A release beside another one. */
function second(first: PhoenixRelease, change: Partial<ConstructorParameters<typeof PhoenixRelease>[2]> = {}): PhoenixRelease {
  const beside = new Chart(first.node.root, 'canary', { namespace: 'test', disableResourceNameHashes: true });
  return release(beside, { application: { ...application, name: 'kube-native-canary' }, ...change });
}

describe('a canary', () => {
  /** The route, and what is refused of it. */
  function tried(weight: number, change: Parameters<typeof second>[1] = {}, of: Change = {}) {
    const scope = chart();
    const first = release(scope);
    const canary = { release: second(first, change), weight };
    new GatewayRoute(scope, 'Route', { release: first, gateway: shared, tls: left, canary, ...of });
    return scope;
  }

  test.each([
    [0, 100],
    [10, 90],
    [100, 0],
  ])('gets %i percent of the requests and leaves %i', (weight, rest) => {
    const scope = tried(weight);
    expect(one(scope, 'HTTPRoute')['spec'].rules[0].backendRefs).toEqual([
      { ...SERVICE, name: 'kube-native', port: 80, weight: rest },
      { ...SERVICE, name: 'kube-native-canary', port: 80, weight },
    ]);
  });

  const faults = (...given: Parameters<typeof tried>) => {
    return refusalsOf((scope) => {
      const first = release(scope);
      const [weight, change, of] = given;
      new GatewayRoute(scope, 'Route', {
        release: first,
        gateway: shared,
        tls: left,
        canary: { release: second(first, change), weight },
        ...of,
      });
    });
  };

  test('fails when its share is none', () => {
    expect(faults(101)).toEqual([
      "[chart/Route] 'canary.weight' must be a whole number from 0 to 100, got 101; write the percent that it gets, as in 5",
    ]);
  });

  test('fails when it could not stand in for the release', () => {
    expect(faults(5, { host: 'canary.example.com', http2: true })).toEqual([
      '[chart/Route] \'canary.release\' must have a Service with the ports of the release, http, got "http, h2c"; give both the same https and http2',
      '[chart/Route] \'canary.release.host\' must have the host of the release, kube-native.example.com, got "canary.example.com"; write the same: Phoenix refuses sockets of any other',
    ]);
    expect(faults(5, { application })).toContain(
      '[chart/Route] \'canary.release\' must have a Service of its own, got "kube-native"; give its application another name, such as shop-canary',
    );
  });

  test('fails when browsers should stay with one pod', () => {
    expect(faults(5, {}, { affinity: true, controller: 'envoy-gateway' })).toEqual([
      "[chart/Route] 'affinity' must be false beside a canary: each request is dealt out anew, got true; leave out one of the two",
    ]);
  });
});

describe('the objects of an implementation', () => {
  const metadata = { name: 'kube-native', namespace: 'test' };
  const route = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'kube-native' };

  test('of Envoy Gateway say how long a stream may be silent, and which pod answers', () => {
    expect(
      kindOf('BackendTrafficPolicy', { controller: 'envoy-gateway', idle: Duration.minutes(10), affinity: true }),
    ).toMatchObject([
      {
        apiVersion: 'gateway.envoyproxy.io/v1alpha1',
        metadata,
        spec: {
          targetRefs: [route],
          timeout: { http: { streamIdleTimeout: '600s' } },
          // What never reached a pod, and nothing else: a 503 may be the answer to an order that was placed.
          retry: { numRetries: 2, retryOn: { triggers: ['connect-failure', 'refused-stream', 'reset-before-request'] } },
          loadBalancer: {
            type: 'ConsistentHash',
            consistentHash: { type: 'Cookie', cookie: { name: 'kube-native-pod', ttl: '24h', attributes: { SameSite: 'Lax' } } },
          },
        },
      },
    ]);
    const gateway = { own: { className: 'eg', trustedHops: 1 } };
    expect(
      kindOf('ClientTrafficPolicy', { controller: 'envoy-gateway', gateway, tls: { secret: 'web-tls' } })[0]?.['spec'],
    ).toEqual({
      targetRefs: [{ ...route, kind: 'Gateway' }],
      clientIPDetection: { xForwardedFor: { numTrustedHops: 1 } },
    });
  });

  test.each([
    [Duration.hours(1), Size.mebibytes(8), '3600s', '8m'],
    [Duration.days(1), Size.kibibytes(1536), '1440m', '1536k'],
    [Duration.seconds(90), Size.gibibytes(20), '90s', '20g'],
  ])('of NGINX Gateway Fabric say the silence and the body in its units: %s, %s', (idle, bodySize, time, size) => {
    const change = { controller: 'nginx-gateway-fabric', idle, bodySize } as const;
    expect(kindOf('ProxySettingsPolicy', change)).toMatchObject([
      { apiVersion: 'gateway.nginx.org/v1alpha1', metadata, spec: { targetRefs: [route], timeout: { read: time, send: time } } },
    ]);
    expect(kindOf('ClientSettingsPolicy', change)).toMatchObject([
      { metadata, spec: { targetRef: route, body: { maxSize: size } } },
    ]);
  });

  test('of GKE say the timeout, the cookie and a check that Phoenix answers', () => {
    const change = { controller: 'gke', affinity: true } as const;
    const targetRef = { ...SERVICE, name: 'kube-native' };
    expect(kindOf('GCPBackendPolicy', change)).toMatchObject([
      {
        apiVersion: 'networking.gke.io/v1',
        metadata,
        spec: {
          default: { timeoutSec: 3600, sessionAffinity: { type: 'GENERATED_COOKIE', cookieTtlSec: 86400 } },
          targetRef,
        },
      },
    ]);
    expect(kindOf('HealthCheckPolicy', change)[0]?.['spec']).toEqual({
      default: { config: { type: 'TCP', tcpHealthCheck: { portSpecification: 'USE_SERVING_PORT' } } },
      targetRef,
    });
  });

  test.each([undefined, 'istio', 'cilium', 'contour', 'traefik', 'kgateway'] as const)('of %s are none', (controller) => {
    expect(routed(chart(), { controller }).policies).toEqual([]);
  });
});

describe('TLS to the pods', () => {
  const https = { secret: 'pod-tls' };

  test('is verified by an authority of a ConfigMap, for the host of the release', () => {
    const backendTls = { authority: { configMap: 'pod-ca' } };
    expect(kindOf('BackendTLSPolicy', { backendTls }, { https })).toMatchObject([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        metadata: { name: 'kube-native' },
        spec: {
          targetRefs: [{ ...SERVICE, name: 'kube-native', sectionName: 'https' }],
          validation: { hostname: HOST, caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'pod-ca' }] },
        },
      },
    ]);
    expect(rulesOf({ backendTls }, { https })[0]?.['backendRefs'][0].port).toBe(443);
  });

  test('is verified by the authorities that everyone knows, for another name', () => {
    const backendTls = { authority: 'System', hostname: 'pods.example.com' } as const;
    expect(kindOf('BackendTLSPolicy', { backendTls }, { https })[0]?.['spec'].validation).toEqual({
      hostname: 'pods.example.com',
      wellKnownCACertificates: 'System',
    });
  });

  test('fails when the pods do not speak it', () => {
    const backendTls = { authority: 'System' } as const;
    expect(refused({ backendTls }, { http2: true })).toEqual([
      '\'backendTls\' must be for a release whose Service has a port https, got "http, h2c"; give the release https, or leave backendTls out',
      '\'backendTls\' must not stand beside http2, which is HTTP/2 in clear text, got "http2"; leave out one of the two',
    ]);
  });

  test('fails when nobody is trusted', () => {
    const backendTls = { authority: 'Anyone' } as unknown as GatewayRouteProps['backendTls'];
    expect(refused({ backendTls }, { https })).toEqual([
      "'backendTls.authority' must be 'System' or an object, got \"Anyone\"; write 'System', or an object, { configMap }",
    ]);
  });
});

describe('what a controller cannot do', () => {
  test.each(['istio', 'cilium', 'contour', 'traefik', 'kgateway'] as const)(
    'fails when %s should limit silence or bodies',
    (controller) => {
      expect(refused({ controller, idle: Duration.minutes(5), bodySize: Size.mebibytes(1) })).toEqual([
        `'bodySize' must be omitted: ${controller} limits no bodies without holding back websockets, got 1Mi; omit it: Plug's own limit holds`,
        `'idle' must be omitted: ${controller} has no object for it beside a route, got 300s; name one of envoy-gateway, nginx-gateway-fabric, gke, or omit it`,
      ]);
    },
  );

  test('fails when a Gateway of no name should keep browsers with a pod', () => {
    expect(refused({ affinity: true })).toEqual([
      "'affinity' must be false: a Gateway whose controller is not named has no object for it, and sessionPersistence is experimental in the Gateway API, got true; let the pods form a cluster, or name one of envoy-gateway, gke",
    ]);
  });

  test('fails when timeouts are not read', () => {
    expect(refused({ controller: 'traefik', timeout: Duration.seconds(30) })).toEqual([
      "'timeout' must be omitted: traefik does not read the timeouts of an HTTPRoute, got 30s; omit it",
    ]);
  });

  test('fails when GKE should speak HTTP/2 without TLS', () => {
    expect(refused({ controller: 'gke' }, { http2: true })).toEqual([
      "'release.http2' must be false: gke speaks no HTTP/2 without TLS to pods, got true; leave http2 out of the release: browsers still get HTTP/2 from the Gateway",
    ]);
  });

  test('fails when others than Envoy Gateway should trust proxies', () => {
    const gateway = { own: { className: 'nginx', trustedHops: 1 } };
    expect(refused({ gateway, tls: { secret: 'web-tls' }, controller: 'nginx-gateway-fabric' })).toEqual([
      "'gateway.own.trustedHops' must be omitted: nginx-gateway-fabric is told of proxies in front of it by whoever installs it, got 1; name the controller envoy-gateway, or omit it",
    ]);
  });

  test('fails when it is none', () => {
    const controller = 'nginx' as unknown as GatewayRouteProps['controller'];
    expect(refused({ controller })[0]).toMatch(
      /^'controller' must be 'envoy-gateway' or .*, got "nginx"; write one of the 8 words$/,
    );
  });
});

describe('a route', () => {
  test('fails when it names no Gateway, or two', () => {
    const words = (got: string) =>
      `'gateway' must be one of shared, own, got ${got}; write { shared: { name: 'public', namespace: 'gateway' } } or { own: { className: 'eg' } }`;
    expect(() => routed(chart(), { gateway: {} as GatewayRouteProps['gateway'] })).toThrow(words('nothing'));
    expect(() => routed(chart(), { gateway: { ...shared, ...own } })).toThrow(words('"shared, own"'));
  });

  test('fails when a shared Gateway is given a certificate, or one listener for both', () => {
    expect(refused({ tls: { secret: 'web-tls' } })).toEqual([
      "'tls' must be left to a shared Gateway, which names its own Secret, got \"web-tls\"; write OptOut.because('the shared Gateway has the certificate')",
    ]);
    const gateway = { shared: { name: 'public', namespace: 'gateway', httpSectionName: 'http' } };
    expect(refused({ gateway })).toEqual([
      "'gateway.shared.sectionName' must be another listener beside httpSectionName, got nothing; name the listener for HTTPS too: without it the route answers in clear text as well",
    ]);
  });

  test('fails when external-dns would not read the target of a shared Gateway', () => {
    expect(refused({ annotations: { 'external-dns.kubernetes.io/target': '203.0.113.7' } })).toEqual([
      '\'annotations.external-dns.kubernetes.io/target\' must be left to the shared Gateway, which is where external-dns reads it, got "203.0.113.7"; remove it, or leave the hosts to a DnsRecord',
    ]);
  });

  test('fails when a host is answered and sent on, or sent on twice', () => {
    const must = (rule: string, got: string) => `'redirects' must ${rule}, got "${got}"; take it out of one of the two`;
    expect(
      refused({ redirects: [HOST, 'b.example.com', 'c.example.com', 'c.example.com'] }, { hosts: ['b.example.com'] }),
    ).toEqual([
      must('name each host once', 'c.example.com'),
      must('not be among the hosts that the release answers', 'b.example.com'),
      must('not be among the hosts that the release answers', HOST),
    ]);
  });

  test('fails when it answers by https, and the application says otherwise', () => {
    const url = { scheme: 'http', port: 80 } as const;
    expect(refused({ gateway: own, tls: { secret: 'web-tls' } }, { url })).toEqual([
      `'release.url' must be { scheme: 'https', port: 443 }, which is where this route answers, got {"scheme":"http","port":80}; remove the release's url`,
    ]);
  });

  test('fails when its own Gateway could not be made', () => {
    const gateway = {
      own: {
        className: 'Eg',
        addresses: ['not an address'],
        certificateNamespace: 'certs',
        trustedHops: 0,
      },
    };
    const tls = OptOut.because('a firewall ends TLS in front of the cluster');
    expect(refused({ gateway, tls, controller: 'envoy-gateway' })).toEqual([
      `'gateway.own.addresses' must be an address or the name of one, got "not an address"; write it as '203.0.113.7', or as the name that the provider gave it`,
      `'gateway.own.certificateNamespace' must be omitted, got "certs"; omit it: the route has no certificate`,
      expect.stringContaining(`'gateway.own.className' must be lower-case letters`),
      `'gateway.own.trustedHops' must be a whole number from 1 to 10, got 0; count the proxies in front of it`,
    ]);
  });

  test.each(['/a//b', '/a/../b', '/%2F', '/a%', 'live'])('fails when a socket is at %s', (path) => {
    expect(refused({ upgrades: [path] })).toEqual([
      `'upgrades' must begin with '/', without '//', dots alone or '%2f', got "${path}"; write it as '/live'`,
    ]);
  });

  test('fails when headers are none, or the proxy’s own', () => {
    expect(refused({ headers: {} })).toEqual(["'headers' must change 1 to 16 headers, got 0; omit it to change none"]);
    expect(refused({ headers: { set: { Upgrade: 'x', 'a b': '' } } })).toEqual([
      '\'headers\' must leave to the proxy what it says itself, got "Upgrade"; remove it: websockets, redirects and addresses depend on it',
      "'headers' must name headers, got \"a b\"; write them as 'x-robots-tag'",
      '\'headers.a b\' must be a text of 1 to 4096 characters, got ""; use remove to take it away',
    ]);
  });

  test('fails when a request may take no time', () => {
    expect(refused({ timeout: Duration.millis(500) })).toEqual([
      "'timeout' must be whole seconds from 1s to 86400s, got 0.5s; omit it to have no limit",
    ]);
  });
});

describe('an implementation of an earlier release', () => {
  test('gets no object for what it does not know', () => {
    expect(madeBy({ controller: 'nginx-gateway-fabric', controllerVersion: '2.5' })).toEqual(
      madeBy({ controller: 'nginx-gateway-fabric', controllerVersion: '2.6' }).filter(
        (manifest) => manifest['kind'] !== 'ProxySettingsPolicy',
      ),
    );
    const affinity = { controller: 'envoy-gateway', controllerVersion: '1.7', affinity: true } as const;
    expect(kindOf('BackendTrafficPolicy', affinity)).toMatchObject([{ spec: { loadBalancer: { type: 'ConsistentHash' } } }]);
    expect(kindOf('BackendTrafficPolicy', affinity)[0]?.['spec']).not.toHaveProperty('timeout');
    expect(kindOf('BackendTrafficPolicy', { controller: 'envoy-gateway', controllerVersion: '1.10' })).toHaveLength(1);
    const triggers = (controllerVersion: '1.0' | '1.4' | '1.5') =>
      kindOf('BackendTrafficPolicy', { controller: 'envoy-gateway', controllerVersion })[0]?.['spec'].retry.retryOn as unknown;
    const both = ['connect-failure', 'refused-stream'];
    expect([triggers('1.0'), triggers('1.4')]).toEqual([{ triggers: both }, { triggers: both }]);
    expect(triggers('1.5')).toEqual({ triggers: [...both, 'reset-before-request'] });
  });

  test('fails where it is asked for it', () => {
    const idle = Duration.minutes(15);
    expect(refused({ controller: 'nginx-gateway-fabric', controllerVersion: '2.5', idle }, { http2: true })).toEqual([
      "'idle' must be omitted: nginx-gateway-fabric 2.5 has no object for it beside a route, got 900s; raise it to 2.6, or omit it",
      "'release.http2' must be false: nginx-gateway-fabric 2.5 speaks no HTTP/2 without TLS to pods, got true; raise it to 2.7",
    ]);
    expect(refused({ controller: 'nginx-gateway-fabric', controllerVersion: '2.7', idle }, { http2: true })).toEqual([]);
  });

  test('fails when the release is none, or nobody is of it', () => {
    expect(refused({ controller: 'envoy-gateway', controllerVersion: 'v1.7.0' as '1.7' })).toEqual([
      "'controllerVersion' must be a minor release, got \"v1.7.0\"; write it in quotes, as '1.7'",
    ]);
    expect(refused({ controllerVersion: '1.7' })).toEqual([
      "'controllerVersion' must stand beside the controller that it is of, got \"1.7\"; write controller: 'envoy-gateway' too",
    ]);
  });

  test('still answers gRPC, without its timeout of 15 seconds', () => {
    const tried = chart();
    const backend = release(tried, { http2: true });
    const gateway = { name: 'public', namespace: 'gateway', sectionName: 'https' };
    const props = { name: 'orders', hosts: ['grpc.example.com'], gateway, backend };
    new GrpcRoute(tried, 'Grpc', { ...props, controller: 'envoy-gateway', controllerVersion: '1.6' });
    expect(one(tried, 'BackendTrafficPolicy')['spec'].timeout).toEqual({ http: { requestTimeout: '0s' } });
    const late = { ...props, controller: 'envoy-gateway', controllerVersion: '1.6', idle: Duration.minutes(2) } as const;
    expect(refusalsOf((scope) => new GrpcRoute(scope, 'Grpc', { ...late, backend: release(scope, { http2: true }) }))).toEqual([
      "[chart/Grpc] 'idle' must be omitted: envoy-gateway 1.6 has no object for it beside a route, got 120s; raise it to 1.8, or omit it",
    ]);
  });
});

describe('a route of gRPC', () => {
  const gateway = { name: 'public', namespace: 'gateway', sectionName: 'https' };

  function grpc(scope: Chart, change: Partial<GrpcRouteProps> = {}, http2 = true): GrpcRoute {
    const backend = change.backend ?? release(scope, { http2 });
    return new GrpcRoute(scope, 'Grpc', { name: 'orders', hosts: ['grpc.example.com'], gateway, ...change, backend });
  }

  test('leads to the port for HTTP/2, and keeps streams open', () => {
    const tried = chart();
    const made = grpc(tried, { services: ['shop.v1.Orders'], controller: 'envoy-gateway' });
    expect(one(tried, 'GRPCRoute')['spec']).toEqual({
      parentRefs: [
        { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'gateway', sectionName: 'https' },
      ],
      hostnames: ['grpc.example.com'],
      rules: [
        {
          matches: [{ method: { service: 'shop.v1.Orders' } }],
          backendRefs: [{ ...SERVICE, name: 'kube-native', port: 8080, weight: 1 }],
        },
      ],
    });
    expect(one(tried, 'BackendTrafficPolicy')['spec']).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'GRPCRoute', name: 'orders' }],
      timeout: { http: { requestTimeout: '0s', streamIdleTimeout: '3600s' } },
      retry: { numRetries: 2, retryOn: { triggers: ['connect-failure', 'refused-stream', 'reset-before-request'] } },
    });
    expect([made.route.name, made.policies.length]).toEqual(['orders', 1]);
  });

  test('leads to a Deployment of its own', () => {
    const tried = chart();
    const servicePorts = { grpc: { port: 50051, appProtocol: 'kubernetes.io/h2c' } };
    const backend = new ProbedDeployment(tried, 'Orders', {
      ...minimalDeployment,
      name: 'orders',
      ports: { grpc: 50051 },
      servicePorts,
    });
    grpc(tried, { backend, port: 'grpc', idle: Duration.minutes(10), controller: 'nginx-gateway-fabric' });
    expect(one(tried, 'GRPCRoute')['spec'].rules).toEqual([
      { backendRefs: [{ ...SERVICE, name: 'orders', port: 50051, weight: 1 }] },
    ]);
    expect(one(tried, 'ProxySettingsPolicy')['spec'].timeout).toEqual({ read: '600s', send: '600s' });
    expect(one(tried, 'Service')['spec'].ports).toEqual([
      { name: 'grpc', port: 50051, targetPort: 'grpc', appProtocol: 'kubernetes.io/h2c' },
    ]);
  });

  test('is open to clients in the fence at the port of its pods', () => {
    const tried = chart();
    const servicePorts = { grpc: { port: 80, target: 'calls', appProtocol: 'kubernetes.io/h2c' } };
    const ports = { calls: 50051, admin: 9000 };
    const backend = new ProbedDeployment(tried, 'Orders', { ...minimalDeployment, name: 'orders', ports, servicePorts });
    grpc(tried, { backend, port: 'grpc' });
    new NetworkFence(tried, 'Fence', { clients: [{ namespace: 'gateway' }] });
    const fence = objects(tried).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'orders');
    const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateway' } } }];
    expect(fence?.['spec'].ingress).toEqual([{ from, ports: [{ port: 50051, protocol: 'TCP' }] }]);
  });

  test('fails when the port is not for HTTP/2', () => {
    expect(refusalsOf((tried) => grpc(tried, {}, false))).toEqual([
      '[chart/Grpc] \'port\' must be a port of the Service with appProtocol kubernetes.io/h2c, got "http"; give the release http2, or the port of the Service that appProtocol',
    ]);
  });

  test('fails when a host or a service could not be matched', () => {
    const change = { hosts: [HOST], services: ['Orders/Get'], controller: 'nginx-gateway-fabric' } as const;
    expect(refusalsOf((tried) => grpc(tried, change))).toEqual([
      '[chart/Grpc] \'hosts\' must not be one of an HTTPRoute: a Gateway takes one of the two, got "kube-native.example.com"; use a host of its own',
      "[chart/Grpc] 'services' must be full names of services, got \"Orders/Get\"; write it as 'shop.v1.Orders'",
      '[chart/Grpc] \'services\' must be omitted: nginx-gateway-fabric matches a service and its method together alone, got "Orders/Get"; omit them, and let the host tell services apart',
    ]);
    expect(refusalsOf((tried) => grpc(tried, { hosts: [] }))).toEqual([
      "[chart/Grpc] 'hosts' must be 1 to 16 hosts, got 0; write the host that clients call, as in grpc.example.com",
    ]);
  });
});

/** The route of staging through its own Gateway, with its certificate. */
function ownRoad({ release: of }: { release: PhoenixRelease }, change: Change = {}): void {
  const scope = Chart.of(of);
  const issuer = { kind: 'ClusterIssuer', name: 'letsencrypt' } as const;
  const { secret } = new RouteCertificate(scope, 'Certificate', { name: 'web', hosts: [of.host], issuer });
  new GatewayRoute(scope, 'Route', { release: of, gateway: own, tls: { secret }, controller: 'envoy-gateway', ...change });
}

function sharedRoad({ release: of }: { release: PhoenixRelease }, change: Change = {}): void {
  const gateway = { shared: { ...shared.shared, sectionName: 'https', httpSectionName: 'http' } };
  new GatewayRoute(Chart.of(of), 'Route', { release: of, gateway, tls: left, controller: 'envoy-gateway', ...change });
}

describe('an environment', () => {
  const public_ = environments
    .filter(({ name }) => name !== 'development')
    .map((one) => [one.name, vary(one, { route: undefined })] as const);

  test.each(public_)('%s passes all rules with a shared Gateway', (_name, environment) => {
    expect(faultsOf(environment, (charts) => sharedRoad(charts))).toEqual([]);
  });

  test.each(public_)('%s passes all rules with a Gateway of its own', (_name, environment) => {
    expect(faultsOf(environment, (charts) => ownRoad(charts))).toEqual([]);
    expect(faultsOf(environment, (charts) => ownRoad(charts, { controller: 'nginx-gateway-fabric' }))).toEqual([]);
  });

  test('passes all rules with a certificate of another namespace', () => {
    const gateway = { own: { className: 'eg', certificateNamespace: 'certificates' } };
    const change = ({ release: of }: { release: PhoenixRelease }) =>
      new GatewayRoute(Chart.of(of), 'Route', { release: of, gateway, tls: { secret: 'web-tls' } });
    expect(faultsOf(staging, change)).toEqual([]);
  });

  test.each([
    ['shared', sharedRoad],
    ['own', ownRoad],
  ] as const)('writes a route through a Gateway that is %s', (_name, make) => {
    const tried = chart();
    make({ release: release(tried) }, { redirects: ['www.example.com'] });
    const made = objects(tried).filter(({ apiVersion }) => String(apiVersion).startsWith('gateway.'));
    expect(yaml(made)).toMatchSnapshot();
  });
});

describe('the rules of routes', () => {
  const ours: readonly Rule[] = [upgradesNotOnH2c, routeTimeoutCutsSockets, referenceGranted, backendTlsTarget];

  test.each(environments.map((environment) => [environment.name, environment] as const))(
    'find nothing in %s',
    (_name, environment) => {
      const names = ours.map(({ name }) => `(${name})`);
      expect(faultsOf(environment).filter((fault) => names.some((name) => fault.endsWith(name)))).toEqual([]);
    },
  );

  const GATEWAY = 'gateway.networking.k8s.io/v1';
  const backendRefs = (port: number, namespace?: string) => [{ name: 'kube-native', port, namespace }];
  const http = (name: string, rules: Manifest[]) => ({
    apiVersion: GATEWAY,
    kind: 'HTTPRoute',
    metadata: { name },
    spec: { parentRefs: [{ name: 'public' }], hostnames: ['staging.kube-native.example.com'], rules },
  });
  const speak2 = JsonPatch.add('/spec/ports/-', {
    name: 'h2c',
    port: 8080,
    targetPort: 'http',
    appProtocol: 'kubernetes.io/h2c',
  });

  /** What a rule says of staging with a port for HTTP/2 and objects added by hand. */
  function with2(...added: Manifest[]): string[] {
    return said(upgradesNotOnH2c, ({ release: of }, app) => {
      const { service } = of.web;
      if (service) patch(service.service, 'a port for HTTP/2 beside that for HTTP/1.1', speak2);
      const extra = new Chart(app, '40-public', { namespace: staging.namespace, disableResourceNameHashes: true });
      for (const { apiVersion, kind, ...rest } of added)
        new ApiObject(extra, String(rest['metadata'].name), { apiVersion, kind, ...rest });
    });
  }

  const h2cWords = (path: string, field: string, got: string) =>
    `[40-public/${path}] '${field}' must not be a port with appProtocol kubernetes.io/h2c where websockets come, got ${got}; lead the paths of sockets, /live and /socket, to another port of the Service (upgrades-not-on-h2c)`;

  test('fails when websockets come to a port for HTTP/2', () => {
    expect(with2(http('web', [{ backendRefs: backendRefs(8080) }]))).toEqual([
      h2cWords('web', 'spec.rules[0].backendRefs[0].port', '8080'),
    ]);
    const sockets = { matches: [prefix('/live')], backendRefs: backendRefs(8080) };
    expect(with2(http('web', [sockets, { backendRefs: backendRefs(80) }]))).toEqual([
      h2cWords('web', 'spec.rules[0].backendRefs[0].port', '8080'),
    ]);
    const service = { name: 'kube-native', port: { name: 'h2c' } };
    const paths = [{ path: '/', pathType: 'Prefix', backend: { service } }];
    const metadata = { name: 'web' };
    expect(
      with2({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules: [{ http: { paths } }] } }),
    ).toEqual([h2cWords('web', 'spec.rules[0].http.paths[0].backend.service.port.name', '"h2c"')]);
  });

  test('lets other paths lead to a port for HTTP/2', () => {
    const sockets = { matches: [prefix('/live')], backendRefs: backendRefs(80) };
    expect(with2(http('web', [sockets, { backendRefs: backendRefs(8080) }]))).toEqual([]);
    expect(with2(http('web', [{ matches: [prefix('/api')], backendRefs: backendRefs(8080) }]))).toEqual([]);
  });

  const limited = (field: string, got: string) =>
    `[30-phoenix/HTTPRoute-web] '${field}' must be 0s, or an hour and more, where websockets come, got "${got}"; give the paths of sockets, /live and /socket, a rule of their own with 0s (route-timeout-cuts-sockets)`;

  test('fails when a route limits the time of websockets', () => {
    const both = { request: '1m30s', backendRequest: '500ms' };
    expect(saidOf(routeTimeoutCutsSockets, http('web', [{ backendRefs: backendRefs(80), timeouts: both }]))).toEqual([
      limited('spec.rules[0].timeouts.backendRequest', '500ms'),
      limited('spec.rules[0].timeouts.request', '1m30s'),
    ]);
  });

  test.each([{ request: '0s' }, { request: '1h' }, { request: 'soon' }, {}])('lets a route have %o', (timeouts) => {
    expect(saidOf(routeTimeoutCutsSockets, http('web', [{ backendRefs: backendRefs(80), timeouts }]))).toEqual([]);
    const sockets = { matches: [prefix('/live')], backendRefs: backendRefs(80), timeouts };
    const rest = { matches: [prefix('/')], backendRefs: backendRefs(80), timeouts: { request: '30s' } };
    expect(saidOf(routeTimeoutCutsSockets, http('web', [sockets, rest]))).toEqual([]);
  });

  const grant = (from: Manifest, to: Manifest, namespace = 'other') => ({
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: { name: 'grant', namespace },
    spec: { from: [from], to: [to] },
  });
  const from = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: staging.namespace };
  const crossing = http('web', [{ backendRefs: backendRefs(80, 'other') }]);
  const ungranted = (path: string, field: string, name: string, kinds: string) =>
    `[30-phoenix/${path}] '${field}' must be opened by a ReferenceGrant in its namespace other, got "${name}"; add one there from ${kinds}, or declare it with Checks.of(app).provide({ kind: 'ReferenceGrant', name }) (reference-granted)`;
  const closed = ungranted(
    'HTTPRoute-web',
    'spec.rules[0].backendRefs[0].name',
    'kube-native',
    'HTTPRoute of kube-native-staging to Service',
  );

  test('fails when nobody opens another namespace', () => {
    expect(saidOf(referenceGranted, crossing)).toEqual([closed]);
    expect(saidOf(referenceGranted, crossing, grant({ ...from, kind: 'GRPCRoute' }, { group: '', kind: 'Service' }))).toEqual([
      closed,
    ]);
    expect(saidOf(referenceGranted, crossing, grant(from, { group: '', kind: 'Service', name: 'shop' }))).toEqual([closed]);
    expect(saidOf(referenceGranted, crossing, grant(from, { group: '', kind: 'Service' }, 'elsewhere'))).toEqual([closed]);
    const certificateRefs = [{ name: 'web-tls', namespace: 'other' }];
    const listeners = [{ name: 'https', port: 443, protocol: 'HTTPS', tls: { certificateRefs } }];
    const gateway = {
      apiVersion: GATEWAY,
      kind: 'Gateway',
      metadata: { name: 'web' },
      spec: { gatewayClassName: 'eg', listeners },
    };
    expect(saidOf(referenceGranted, gateway)).toEqual([
      ungranted(
        'Gateway-web',
        'spec.listeners[0].tls.certificateRefs[0].name',
        'web-tls',
        'Gateway of kube-native-staging to Secret',
      ),
    ]);
  });

  test('lets a grant open it, in the YAML or declared', () => {
    expect(saidOf(referenceGranted, crossing, grant(from, { group: '', kind: 'Service' }))).toEqual([]);
    const declared = said(referenceGranted, ({ release: of }, app) => {
      Checks.of(app).provide({ kind: 'ReferenceGrant', name: 'grant' });
      new ApiObject(of, 'web', crossing);
    });
    expect(declared).toEqual([]);
  });

  const tlsPolicy = (spec: Manifest) => ({ apiVersion: GATEWAY, kind: 'BackendTLSPolicy', metadata: { name: 'web' }, spec });

  test('fails when TLS is for a Service, a port or an authority that is not there', () => {
    const path = '[30-phoenix/BackendTLSPolicy-web]';
    const targetRefs = [
      { group: '', kind: 'Service', name: 'shop' },
      { group: '', kind: 'Service', name: 'kube-native', sectionName: 'https' },
    ];
    const caCertificateRefs = [{ group: '', kind: 'ConfigMap', name: 'ca' }];
    expect(saidOf(backendTlsTarget, tlsPolicy({ targetRefs, validation: { hostname: HOST, caCertificateRefs } }))).toEqual([
      `${path} 'spec.targetRefs[0].name' must name a Service that exists, got "shop"; correct the name, add the Service, or declare it with Checks.of(app).provide({ kind: 'Service', name: 'shop' }) (backend-tls-target)`,
      `${path} 'spec.targetRefs[1].sectionName' must name a port of the Service "kube-native", got "https"; use one of http, or add the port to the Service (backend-tls-target)`,
      `${path} 'spec.validation.caCertificateRefs[0].name' must name a ConfigMap that exists, got "ca"; correct the name, add the ConfigMap, or declare it with Checks.of(app).provide({ kind: 'ConfigMap', name: 'ca' }) (backend-tls-target)`,
    ]);
    const authority = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ca' }, data: { 'ca.pem': '-' } };
    expect(saidOf(backendTlsTarget, authority, tlsPolicy({ validation: { hostname: HOST, caCertificateRefs } }))).toEqual([
      `${path} 'spec.validation.caCertificateRefs[0].name' must name a key of the ConfigMap "ca", got "ca.crt"; use one of ca.pem, or add the key (backend-tls-target)`,
    ]);
  });

  test('survive whatever a malformed object holds', () => {
    const construct = new ApiObject(new Chart(new App(), 'any'), 'any', { apiVersion: 'v1', kind: 'Any' });
    const broken = [
      undefined,
      null,
      7,
      'text',
      [],
      [null, 7, 'text', [], { matches: 7, name: [], path: [null] }],
      {},
      { name: 7 },
    ];
    const kinds = ['HTTPRoute', 'Ingress', 'Gateway', 'Service', 'ReferenceGrant', 'BackendTLSPolicy', 'Deployment'];
    const all = [GATEWAY, 'v1', 'networking.k8s.io/v1', undefined].flatMap((apiVersion) =>
      kinds.flatMap((kind) =>
        broken.flatMap((part) => [
          { construct, manifest: { apiVersion, kind, metadata: part, spec: part } },
          {
            construct,
            manifest: { apiVersion, kind, spec: { rules: part, listeners: part, ports: part, from: part, targetRefs: part } },
          },
          {
            construct,
            manifest: { apiVersion, kind, spec: { rules: [{ matches: part, backendRefs: part, timeouts: part, http: part }] } },
          },
          {
            construct,
            manifest: { apiVersion, kind, spec: { rules: [{ matches: [{ path: part }], timeouts: { request: part } }] } },
          },
          {
            construct,
            manifest: { apiVersion, kind, spec: { ports: [{ appProtocol: 'kubernetes.io/h2c', port: part }], selector: part } },
          },
          { construct, manifest: { apiVersion, kind, spec: { to: part, validation: part, defaultBackend: part } } },
        ]),
      ),
    );
    const world: World = { objects: all, kubernetes: '1.30', externals: [], databases: [], previous: [] };
    for (const rule of ours) expect(() => [...rule.find(world)]).not.toThrow();
  });
});

describe('whoever connects to the pods', () => {
  const comers = (change: Change, released: ReleaseChange = {}) => {
    const tried = chart();
    routed(tried, change, released);
    return declaredIn(tried).visitors.map(({ port, peer }) => [port, 'cidr' in peer ? peer.cidr : Object.values(peer)[0]]);
  };

  test('is let in on each port that answers, where the proxies are beside the Gateway', () => {
    const https = { secret: 'pod-tls' };
    expect(comers({ gateway: own, controller: 'kgateway' }, { https })).toEqual([
      [4000, 'test'],
      [4001, 'test'],
    ]);
    expect(comers({ controller: 'nginx-gateway-fabric' })).toEqual([[4000, 'gateway']]);
    expect(comers({ controller: 'envoy-gateway' })).toEqual([]);
  });

  test('is let in from the addresses of Google, whose load balancers have no pods', () => {
    expect(comers({ controller: 'gke' })).toEqual([
      [4000, '130.211.0.0/22'],
      [4000, '35.191.0.0/16'],
    ]);
  });
});

test.each([
  ['the same route leads to nothing', [], "'paths' must name a path, got []; omit it to use '/'"],
  ...['/a//b', '/a/../b', '/a%2fb', 'a', '/a b'].map((path): [string, string[], string] => [
    `a path is ${path}`,
    [path],
    `'paths' must begin with '/', without '//', dots alone or '%2f', got "${path}"; write it as '/live'`,
  ]),
])('every route fails when %s', (_, paths, sentence) => {
  expect(refused({ paths })).toEqual([sentence]);
  const ingress = (tried: Chart) =>
    new WebIngress(tried, 'Route', { release: release(tried), controller: 'nginx-inc', tls: { secret: 'web-tls' }, paths });
  expect(refusalsOf(ingress)).toEqual([`[chart/Route] ${sentence}`]);
});
