import { ApiObject, App, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import { controllerMaintained } from '../../lib/checks/hardening/edge';
import { hostClaimedOnce } from '../../lib/checks/hosts/claims';
import { build, staging } from '../support/stack';
import { Checks, OptOut, patch, type Manifest, type PhoenixReleaseProps } from '../../lib/index';
import { dnsAnnotations } from '../../lib/routes/dns';
import { WebIngress, type IngressController, type WebIngressProps } from '../../lib/routes/web-ingress';
import { declaredIn } from '../../lib/support/declare';
import { yaml } from '../../lib/support/yaml';
import { application, chart, objects, refusalsOf, release } from '../support/chart';
import { faultsOf } from '../support/environments';
import { said, saidOf } from '../support/said';
import { vary } from '../support/vary';

const tls = { secret: 'kube-native-tls' };
const acm = { certificate: 'arn:aws:acm:eu-central-1:123456789012:certificate/0f1e2d3c' };
const alb = { scheme: 'internet-facing', sourceRanges: 'everyone', subnets: ['10.0.0.0/20'] } as const;
const retired = OptOut.because('the cluster moves to a Gateway next quarter');
const ready = { ...application, health: { ready: '/ready' } };

/** Everything that a route can be asked for. */
const everything = {
  redirects: ['www.kube-native.example.com'],
  idle: Duration.minutes(5),
  bodySize: Size.mebibytes(20),
  affinity: true,
} as const;

type Asked = Partial<WebIngressProps>;

/** The controllers, what each of them needs, and what it can be asked for. */
const CONTROLLERS: readonly [string, Asked & { controller: IngressController }, Asked][] = [
  ['traefik', { controller: 'traefik', tls }, { ...everything, bodySize: undefined }],
  ['haproxy', { controller: 'haproxy', tls }, { ...everything, bodySize: undefined }],
  ['haproxy-ingress', { controller: 'haproxy-ingress', tls }, { ...everything, redirects: [] }],
  ['nginx-inc', { controller: 'nginx-inc', tls }, { ...everything, redirects: [] }],
  ['contour', { controller: 'contour', tls }, { idle: Duration.minutes(5) }],
  ['alb', { controller: { alb }, tls: acm }, { ...everything, bodySize: undefined }],
  ['gce', { controller: { gce: { address: 'kube-native' } }, tls }, { ...everything, bodySize: undefined, redirects: [] }],
  ['ingress-nginx', { controller: { 'ingress-nginx': retired }, tls }, everything],
];

function made(props: Asked & { controller: IngressController }, of: Partial<PhoenixReleaseProps> = {}) {
  const tried = chart();
  const released = release(tried, { application: ready, ...of });
  const route = new WebIngress(tried, 'Route', { release: released, tls, ...props });
  return { tried, route, all: objects(tried) };
}

function ingressesOf(all: readonly Manifest[]): Manifest[] {
  return all.filter(({ kind }) => kind === 'Ingress');
}

function only(props: Asked & { controller: IngressController }, of?: Partial<PhoenixReleaseProps>): Manifest {
  const [first = {}] = ingressesOf(made(props, of).all);
  return first;
}

/** The hosts of an Ingress, each with what its paths lead to. */
function rulesOf(ingress: Manifest = {}): [string, { path: string; service: unknown }[]][] {
  const rules = ingress['spec'].rules as { host: string; http: { paths: { path: string; backend: { service: unknown } }[] } }[];
  return rules.map(({ host, http }) => [host, http.paths.map(({ path, backend: { service } }) => ({ path, service }))]);
}

const annotationsOf = (manifest?: Manifest): unknown => manifest?.['metadata'].annotations;

test.each(CONTROLLERS)('%s gets one Ingress to the Service, with the host and its certificate', (name, needed) => {
  const { metadata, spec, ...rest } = only(needed);
  expect(rest).toEqual({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' });
  expect(metadata).toMatchObject({ name: 'kube-native', namespace: 'test' });
  const className = { contour: 'contour', alb: 'alb', traefik: 'traefik', gce: undefined }[name] ?? undefined;
  const usual = name.startsWith('haproxy') ? 'haproxy' : 'nginx';
  const secret = name === 'alb' ? undefined : [{ hosts: ['kube-native.example.com'], secretName: 'kube-native-tls' }];
  const backend = { service: { name: 'kube-native', port: { name: 'http' } } };
  expect(spec).toEqual({
    ...(name === 'gce' ? {} : { ingressClassName: className ?? usual }),
    ...(secret ? { tls: secret } : {}),
    rules: [{ host: 'kube-native.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
  });
});

test.each(CONTROLLERS)('%s answers all hosts and paths of the application', (_, needed) => {
  const ingress = only({ ...needed, paths: ['/', '/live'], name: 'shop', className: 'edge' }, { hosts: ['shop.example.com'] });
  expect(ingress['spec'].ingressClassName).toBe('edge');
  const paths = [{ path: '/' }, { path: '/live' }];
  expect(rulesOf(ingress)).toMatchObject([
    ['kube-native.example.com', paths],
    ['shop.example.com', paths],
  ]);
});

test.each(CONTROLLERS)('%s: the whole text, with all that it can be asked for', (_, needed, possible) => {
  const { all } = made({ ...needed, ...possible, annotations: { 'example.com/owner': 'shop' } });
  const route = all.filter(
    ({ kind }) => !['ServiceAccount', 'Deployment', 'ConfigMap', 'PodDisruptionBudget'].includes(kind as string),
  );
  expect(yaml(route)).toMatchSnapshot();
});

test.each(CONTROLLERS)('%s fits into an environment like staging, its fence and all of its rules', (_, needed, possible) => {
  const facts = { application: ready };
  const faults = faultsOf(staging, ({ release: built }, app) => {
    Object.assign(built, facts);
    Checks.of(app).provide({ kind: 'Secret', name: 'kube-native-tls' });
    const redirects = possible.redirects?.map(() => `www.${staging.web.host}`);
    new WebIngress(Chart.of(built), 'Route', { release: built, tls, ...needed, ...possible, redirects });
  });
  expect(faults).toEqual([]);
});

describe('silence', () => {
  const values = (props: Asked & { controller: IngressController }) =>
    Object.entries(annotationsOf(only(props)) as Record<string, string>).filter(([key]) => /timeout|attributes$/.test(key));

  test('of an hour is borne without being asked for', () => {
    expect(values({ controller: 'nginx-inc' })).toEqual([
      ['nginx.org/proxy-read-timeout', '3600s'],
      ['nginx.org/proxy-send-timeout', '3600s'],
    ]);
    expect(values({ controller: 'haproxy' })).toEqual([['haproxy.org/timeout-server', '3600s']]);
    expect(values({ controller: 'haproxy-ingress' })).toEqual([
      ['haproxy-ingress.github.io/timeout-server', '3600s'],
      ['haproxy-ingress.github.io/timeout-tunnel', '3600s'],
    ]);
    expect(values({ controller: { alb }, tls: acm })).toEqual([
      ['alb.ingress.kubernetes.io/load-balancer-attributes', 'idle_timeout.timeout_seconds=3600'],
    ]);
    expect(values({ controller: { 'ingress-nginx': retired } })).toEqual([
      ['nginx.ingress.kubernetes.io/proxy-read-timeout', '3600'],
      ['nginx.ingress.kubernetes.io/proxy-send-timeout', '3600'],
    ]);
  });

  test('is as long as the controller can bear, where it cannot bear an hour', () => {
    expect(values({ controller: 'contour' })).toEqual([['projectcontour.io/response-timeout', '300s']]);
  });

  test('is the life of a connection at Google', () => {
    const { all } = made({ controller: { gce: {} }, idle: Duration.hours(24) });
    expect(all.find(({ kind }) => kind === 'BackendConfig')?.['spec']).toEqual({
      timeoutSec: 86400,
      connectionDraining: { drainingTimeoutSec: 60 },
      healthCheck: { type: 'HTTP', requestPath: '/ready', port: 4000 },
    });
  });
});

describe('without a certificate', () => {
  const clear = { tls: OptOut.because('a proxy in front of the cluster ends TLS') };

  test.each(CONTROLLERS)('%s redirects nobody to https', (_, { controller }) => {
    const { all } = made({ controller, ...clear });
    const text = JSON.stringify(all.filter(({ kind }) => kind !== 'Deployment'));
    expect(ingressesOf(all).map(({ spec }) => spec.tls as unknown)).toEqual([undefined]);
    expect(text).not.toMatch(/redirect-to-https|redirectToHttps|redirectScheme|ssl-redirect":"true|force-ssl-redirect|"443"/);
  });

  test.each<IngressController>(['traefik', { alb }])(
    'the canonical host is where the URLs of the application lead',
    (controller) => {
      const { all } = made({ controller, ...clear, redirects: ['old.example.com'] }, { url: { scheme: 'http', port: 8080 } });
      expect(JSON.stringify(all)).toMatch(
        /http:\/\/kube-native.example.com:8080\/\$1|"protocol\\":\\"HTTP\\",\\"port\\":\\"8080/,
      );
    },
  );
});

describe('Traefik', () => {
  const { all } = made({ controller: 'traefik', redirects: ['www.example.com'] });
  const [main, redirect, http] = ingressesOf(all);

  test('answers with TLS, and sends clear text on by a router of its own', () => {
    expect(annotationsOf(main)).toEqual({
      'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
      // What was not sent to a pod yet is tried with the next.
      'traefik.ingress.kubernetes.io/router.middlewares': 'test-kube-native-retry@kubernetescrd',
      'traefik.ingress.kubernetes.io/router.tls': 'true',
    });
    expect(http?.['metadata'].name).toBe('kube-native-http');
    expect(annotationsOf(http)).toEqual({
      'traefik.ingress.kubernetes.io/router.entrypoints': 'web',
      'traefik.ingress.kubernetes.io/router.middlewares': 'test-kube-native-https@kubernetescrd',
    });
    expect(rulesOf(http).map(([host]) => host)).toEqual(['kube-native.example.com', 'www.example.com']);
  });

  test('sends other hosts on with their paths', () => {
    expect(annotationsOf(redirect)).toMatchObject({
      'traefik.ingress.kubernetes.io/router.middlewares': 'test-kube-native-canonical@kubernetescrd',
    });
    const middlewares = all.filter(({ kind }) => kind === 'Middleware');
    expect(middlewares.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      ['kube-native-retry', { retry: { attempts: 3 } }],
      [
        'kube-native-canonical',
        { redirectRegex: { regex: '^https?://[^/]+/(.*)', replacement: 'https://kube-native.example.com/$1', permanent: true } },
      ],
      ['kube-native-https', { redirectScheme: { scheme: 'https', permanent: true } }],
    ]);
  });
});

describe('AWS', () => {
  const { all } = made({
    controller: { alb: { ...alb, sourceRanges: ['203.0.113.0/24'] } },
    tls: acm,
    redirects: ['old.example.com'],
  });
  const [ingress] = ingressesOf(all);

  test('asks the ready path, and takes the redirect of an endpoint that forces TLS for an answer', () => {
    expect(annotationsOf(ingress)).toMatchObject({
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/healthcheck-path': '/ready',
      'alb.ingress.kubernetes.io/success-codes': '200-399',
      'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP":80},{"HTTPS":443}]',
      'alb.ingress.kubernetes.io/ssl-redirect': '443',
      'alb.ingress.kubernetes.io/certificate-arn': acm.certificate,
      'alb.ingress.kubernetes.io/inbound-cidrs': '203.0.113.0/24',
    });
  });

  test('asks at the port for health, where the application has one, and is let in there', () => {
    const own = { application: { ...ready, health: { ready: '/ready', port: 4002 } } };
    const { tried, all: others } = made({ controller: { alb }, tls: acm }, own);
    expect(annotationsOf(ingressesOf(others)[0])).toMatchObject({ 'alb.ingress.kubernetes.io/healthcheck-port': '4002' });
    const { visitors } = declaredIn(tried);
    expect(visitors.map(({ port, peer }) => [port, peer])).toEqual([4000, 4002].map((port) => [port, { cidr: '10.0.0.0/20' }]));
    const google = made({ controller: { gce: { address: 'kube-native' } }, tls }, own);
    const config = google.all.find(({ kind }) => kind === 'BackendConfig');
    expect(config?.['spec'].healthCheck).toEqual({ type: 'HTTP', requestPath: '/ready', port: 4002 });
    expect(new Set(declaredIn(google.tried).visitors.map(({ port }) => port))).toEqual(new Set([4000, 4002]));
  });

  test('redirects by an action, in the same load balancer', () => {
    expect(ingressesOf(all)).toHaveLength(1);
    expect(rulesOf(ingress)[1]).toEqual([
      'old.example.com',
      [{ path: '/', service: { name: 'to-canonical', port: { name: 'use-annotation' } } }],
    ]);
    expect(annotationsOf(ingress)).toMatchObject({
      'alb.ingress.kubernetes.io/actions.to-canonical':
        '{"type":"redirect","redirectConfig":{"host":"kube-native.example.com","protocol":"HTTPS","port":"443","statusCode":"HTTP_301"}}',
    });
  });
});

test('a balancer without pods of its own is let in by the fence, and what it reads from the namespace is there', () => {
  const opened = (controller: IngressController, certificate: WebIngressProps['tls']) => {
    const app = new App();
    Checks.of(app).provide({ kind: 'Secret', name: 'kube-native-tls' });
    build(
      vary(staging, {
        amend: ({ release: built }) => {
          Object.assign(built, { application: ready });
          new WebIngress(Chart.of(built), 'Route', { release: built, controller, tls: certificate });
        },
      }),
      app,
    );
    const named = (kind: string, name: string) =>
      app.charts.flatMap(objects).find((one) => one['kind'] === kind && one['metadata'].name === name);
    const { ingress } = named('NetworkPolicy', 'kube-native')?.['spec'] as { ingress: { from: { ipBlock?: unknown }[] }[] };
    const labels = named('Namespace', staging.namespace)?.['metadata'].labels as Record<string, string>;
    return [
      ingress.flatMap(({ from }) => from.flatMap(({ ipBlock = [] }) => ipBlock)),
      labels['elbv2.k8s.aws/pod-readiness-gate-inject'],
    ];
  };
  expect(opened({ alb }, acm)).toEqual([[{ cidr: '10.0.0.0/20' }], 'enabled']);
  expect(opened({ gce: {} }, tls)).toEqual([[{ cidr: '130.211.0.0/22' }, { cidr: '35.191.0.0/16' }], undefined]);
});

const sets = (what: Asked): Asked => what;
test.each<[string, Asked & { controller: IngressController }, string]>([
  [
    'the controller is none that we know',
    { controller: 'apache' as IngressController },
    `'controller' must be 'traefik' or 'haproxy' or 'haproxy-ingress' or 'nginx-inc' or 'contour' or an object with one of ingress-nginx, alb, gce, got "apache"; write the one that the cluster has: 'nginx-inc' for that of NGINX Inc., { 'ingress-nginx': OptOut.because('...') } for that of the Kubernetes project, which is retired`,
  ],
  [
    'nginx is meant, of which there are two',
    { controller: 'nginx' as IngressController },
    `'controller' must be 'traefik' or 'haproxy' or 'haproxy-ingress' or 'nginx-inc' or 'contour' or an object with one of ingress-nginx, alb, gce, got "nginx"; write the one that the cluster has: 'nginx-inc' for that of NGINX Inc., { 'ingress-nginx': OptOut.because('...') } for that of the Kubernetes project, which is retired`,
  ],
  [
    'Traefik should limit bodies',
    { controller: 'traefik', bodySize: Size.mebibytes(1) },
    "'bodySize' must be omitted with Traefik: what limits bodies there also holds back every response until it is whole, got 1Mi; omit it: Plug's own limit holds",
  ],
  [
    'HAProxy should bear more than its ConfigMap says',
    { controller: 'haproxy', idle: Duration.hours(2) },
    "'idle' must be 3600s or less: timeout-tunnel is said in the ConfigMap of the controller alone, where it is an hour, got 7200s; omit it to use the longest, up to an hour",
  ],
  [
    'HAProxy should limit bodies',
    { controller: 'haproxy', bodySize: Size.mebibytes(1) },
    "'bodySize' must be omitted with HAProxy: it has no limit for bodies without a snippet, got 1Mi; omit it: Plug's own limit holds",
  ],
  [
    'HAProxy Ingress should redirect a host',
    { controller: 'haproxy-ingress', redirects: ['a.example.com'] },
    "'redirects' must be omitted with HAProxy Ingress: whether its redirects are permanent is said in the ConfigMap of the controller alone, got [\"a.example.com\"]; make them 'hosts' of the release and redirect in the endpoint, or use another controller",
  ],
  [
    "NGINX Inc.'s controller should redirect a host",
    { controller: 'nginx-inc', redirects: ['a.example.com'] },
    "'redirects' must be omitted with NGINX Inc.'s controller: an Ingress redirects no hosts there without a snippet, got [\"a.example.com\"]; make them 'hosts' of the release and redirect in the endpoint, or use another controller",
  ],
  [
    'Contour should keep browsers with one pod',
    { controller: 'contour', affinity: true },
    "'affinity' must be omitted with Contour: its cookies are for HTTPProxies alone, got true; let the pods form a cluster, or use another controller",
  ],
  [
    'Contour should bear more than Envoy does',
    { controller: 'contour', idle: Duration.minutes(6) },
    "'idle' must be 300s or less: an Ingress cannot change the five minutes that Envoy lets a stream be silent, got 360s; omit it to use the longest, up to an hour",
  ],
  [
    'a load balancer of AWS should bear more than it can',
    { controller: { alb }, tls: acm, idle: Duration.seconds(4001) },
    "'idle' must be 4000s or less: an Application Load Balancer knows no longer silence, got 4001s; omit it to use the longest, up to an hour",
  ],
  [
    'a load balancer of AWS should read a Secret',
    { controller: { alb } },
    "'tls.secret' must be a certificate of ACM: an Application Load Balancer reads no Secrets, got \"kube-native-tls\"; write tls as { certificate: 'arn:aws:acm:...' }",
  ],
  [
    'nobody says who may connect to a load balancer of AWS',
    { controller: { alb: { ...alb, sourceRanges: [] } }, tls: acm },
    "'controller.alb.sourceRanges' must name a range, or be 'everyone', got []; write them as ['203.0.113.0/24'], or 'everyone'",
  ],
  [
    'Google should redirect a host',
    { controller: { gce: {} }, redirects: ['a.example.com'] },
    "'redirects' must be omitted with GCE: its FrontendConfig redirects to https, and to no other host, got [\"a.example.com\"]; make them 'hosts' of the release and redirect in the endpoint, or use another controller",
  ],
  [
    'a controller in the cluster should use a certificate of the cloud',
    { controller: 'nginx-inc', ...sets({ tls: acm }) },
    `'tls.certificate' must be omitted with NGINX Inc.'s controller: it reads certificates from Secrets, got "${acm.certificate}"; write tls as { secret: '...' }`,
  ],
  [
    'ingress-nginx should redirect a host and keep its path',
    { controller: { 'ingress-nginx': retired }, redirects: ['a.example.com'] },
    "'redirects' must be the host with or without www: other redirects of ingress-nginx lose the path, got \"a.example.com\"; make it one of the release's 'hosts' and redirect in the endpoint, or use another controller",
  ],
  [
    'ingress-nginx is used without a reason',
    { controller: { 'ingress-nginx': OptOut.because('') } },
    '\'controller.ingress-nginx\' must give a reason of 10 or more characters, got ""; write one sentence that a reviewer would accept',
  ],
])('fails when %s', (_, props, sentence) => {
  const faults = refusalsOf((tried) => {
    try {
      new WebIngress(tried, 'Route', { release: release(tried, { application: ready }), tls, ...props });
    } catch {
      // What cannot be built is reported all the same.
    }
  });
  expect(faults).toEqual([`[chart/Route] ${sentence}`]);
});

test('fails when the health check of Google meets an endpoint that forces TLS', () => {
  const faults = refusalsOf((tried) => new WebIngress(tried, 'Route', { release: release(tried), controller: { gce: {} }, tls }));
  expect(faults).toEqual([
    "[chart/Route] 'release.application.health.ready' must have a path of its own with GCE: its health check takes 200 alone, and force_ssl answers '/' with a redirect, got \"/\"; add a path such as '/ready' to the endpoint, leave it out of force_ssl, and write it as health.ready",
  ]);
});

test('fails when the application says that its URLs begin otherwise', () => {
  const url = { scheme: 'https', port: 8443 } as const;
  const faults = refusalsOf(
    (tried) => new WebIngress(tried, 'Route', { release: release(tried, { url }), controller: 'nginx-inc', tls }),
  );
  expect(faults).toEqual([
    '[chart/Route] \'release.url\' must be { scheme: \'https\', port: 443 }, which is where this route answers, got {"scheme":"https","port":8443}; remove the release\'s url',
  ]);
});

describe('the rules', () => {
  test('say that ingress-nginx is retired, of an Ingress that nobody gave a reason for', () => {
    const rule = {
      host: 'staging.kube-native.example.com',
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'kube-native', port: { name: 'http' } } } }] },
    };
    const annotations = { 'nginx.ingress.kubernetes.io/proxy-body-size': '8m' };
    const ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'old', annotations },
      spec: { rules: [rule] },
    };
    expect(saidOf(controllerMaintained, ingress)).toEqual([
      '[30-phoenix/Ingress-old] \'metadata.annotations["nginx.ingress.kubernetes.io/proxy-body-size"]\' must be for a controller that is maintained, got "ingress-nginx"; move to a Gateway or to another controller: each reads annotations of its own (controller-maintained)',
    ]);
  });

  test('let Traefik claim a host at two entry points, and not twice at one', () => {
    const claims = (amend: (route: WebIngress) => void): string[] =>
      said(hostClaimedOnce, ({ release: built }) =>
        amend(new WebIngress(Chart.of(built), 'Route', { release: built, controller: 'traefik', tls })),
      );
    expect(claims(() => undefined)).toEqual([]);
    const path = '/metadata/annotations/traefik.ingress.kubernetes.io~1router.entrypoints';
    expect(
      claims(({ redirects: [http] }) => {
        if (http) patch(http, 'a mistake for this test', JsonPatch.replace(path, 'websecure'));
      }),
    ).toHaveLength(1);
  });

  test('look for the Service behind every path but that of an action', () => {
    const faults = faultsOf(staging, ({ release: built }) => {
      const { ingress } = new WebIngress(Chart.of(built), 'Route', {
        release: built,
        controller: { alb },
        tls: acm,
        redirects: ['a.example.com'],
      });
      patch(
        ApiObject.of(ingress),
        'a mistake for this test',
        JsonPatch.replace('/spec/rules/0/http/paths/0/backend/service/name', 'shop'),
      );
    });
    expect(faults.filter((fault) => fault.endsWith('(backend-exists)'))).toHaveLength(1);
  });
});

test('Traefik tells external-dns the same of a host at each of its Ingresses, and all else at one', () => {
  const dns = dnsAnnotations({ target: 'lb.example.net', ttl: Duration.minutes(1) });
  const { all } = made({
    controller: 'traefik',
    redirects: ['www.example.com'],
    annotations: { ...dns, 'example.com/owner': 'shop' },
  });
  const ingresses = ingressesOf(all);
  expect(ingresses).toHaveLength(3);
  for (const ingress of ingresses) expect(annotationsOf(ingress)).toMatchObject(dns);
  expect(ingresses.filter(({ metadata }) => 'example.com/owner' in metadata.annotations)).toHaveLength(1);
});
