import { App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { databaseFamily } from '../../lib/checks/beam/databases';
import { idleCutsSockets } from '../../lib/checks/hosts/time-limits';
import { upgradesNotOnH2c } from '../../lib/checks/hosts/sockets';
import { probeSpeaksItsPort } from '../../lib/checks/rollout/probes';
import {
  BeamCluster,
  EnvironmentChart,
  KeyedSecret,
  type Manifest,
  mixRelease,
  NetworkFence,
  OptOut,
  PhoenixRelease,
  render,
  Resources,
  WebIngress,
} from '../../lib/index';
import { saidOf } from '../support/said';

const labels = { app: 'board' };
const pod = 'spec.template.spec.containers[0]';

/** A Deployment of Phoenix with its Service, as somebody else writes them. */
function board(env: Readonly<Record<string, string>> = {}, container: Manifest = {}): Manifest[] {
  const variables = Object.entries({ PHX_HOST: 'board.example.com', PORT: '4000', ...env });
  const spec = {
    containers: [
      {
        name: 'board',
        image: 'registry.example.com/board:1.0.0',
        env: variables.map(([name, value]) => ({ name, value })),
        ports: [
          { name: 'web', containerPort: 4000 },
          { name: 'secure', containerPort: 4443 },
        ],
        ...container,
      },
    ],
  };
  const template = { metadata: { labels }, spec };
  const ports = [
    { name: 'web', port: 80, targetPort: 4000 },
    { name: 'multi', port: 81, targetPort: 4000, appProtocol: 'kubernetes.io/h2c' },
  ];
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'board' },
      spec: { selector: { matchLabels: labels }, template },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'board' }, spec: { selector: labels, ports } },
  ];
}

describe('probe-speaks-its-port', () => {
  const probed = (probe: Manifest, env?: Readonly<Record<string, string>>): string[] =>
    saidOf(probeSpeaksItsPort, ...board(env, { readinessProbe: probe }));

  it('says what the port speaks', () => {
    expect(probed({ httpGet: { path: '/', port: 'web', scheme: 'HTTPS' } })).toEqual([
      `[30-phoenix/Deployment-board] '${pod}.readinessProbe.httpGet.scheme' must be HTTP, which port web speaks, got "HTTPS"; remove it, or ask the listener with TLS (probe-speaks-its-port)`,
    ]);
  });

  it('fails where a probe speaks clear text to TLS, or gRPC to a page', () => {
    expect(probed({ httpGet: { path: '/', port: 4443 } }, { PHX_HTTPS_PORT: '4443' })).toHaveLength(1);
    expect(probed({ grpc: { port: 4000 } })).toHaveLength(1);
  });

  it.each(['PGSSLROOTCERT', 'PGSSLKEY', 'SSL_CERT_FILE', 'KAFKA_SSL_CLIENT_KEY', 'DATABASE_TLS_CERT'])(
    'takes %s for no certificate of the port',
    (name) => {
      expect(probed({ grpc: { port: 4000 } }, { [name]: '/etc/trust/ca.pem' })).toHaveLength(1);
    },
  );

  it.each([
    ['HTTP to the port', { httpGet: { port: 'web' } }, {}],
    ['HTTPS to the port with TLS', { httpGet: { port: 'secure', scheme: 'HTTPS' } }, { PHX_HTTPS_PORT: '4443' }],
    [
      'HTTPS to the only port, with a certificate',
      { httpGet: { port: 'web', scheme: 'HTTPS' } },
      { SHOP_SSL_KEY_PATH: '/etc/key.pem' },
    ],
    ['HTTPS with the names of others', { httpGet: { port: 'web', scheme: 'HTTPS' } }, { TLS_CERTIFICATE: '/etc/tls/tls.crt' }],
    ['gRPC to a port of its own', { grpc: { port: 9000 } }, {}],
    ['another host', { httpGet: { port: 4000, host: 'example.com', scheme: 'HTTPS' } }, {}],
    ['a connection', { tcpSocket: { port: 4443 } }, { PHX_HTTPS_PORT: '4443' }],
  ])('finds nothing at %s', (_, probe, env) => {
    expect(probed(probe, env as Readonly<Record<string, string>>)).toEqual([]);
  });
});

describe('idle-cuts-sockets', () => {
  const backend = { service: { name: 'board', port: { number: 80 } } };
  const ingress = (annotations: Manifest, path = '/'): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'board', annotations },
    spec: { rules: [{ host: 'board.example.com', http: { paths: [{ path, pathType: 'Prefix', backend }] } }] },
  });
  const route: Manifest = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'board' },
    spec: { parentRefs: [{ name: 'shared' }], rules: [{ backendRefs: [{ name: 'board', port: 80 }] }] },
  };
  const policy = (kind: string, spec: Manifest, target = { kind: 'HTTPRoute', name: 'board' }): Manifest => ({
    apiVersion: 'example.io/v1',
    kind,
    metadata: { name: 'policy' },
    spec: { targetRefs: [target], ...spec },
  });

  it.each([
    [{ 'nginx.ingress.kubernetes.io/proxy-read-timeout': '20' }],
    [{ 'nginx.org/proxy-send-timeout': '15s' }],
    [{ 'haproxy-ingress.github.io/timeout-tunnel': '30s' }],
    [{ 'haproxy.org/timeout-server': '500ms' }],
    [{ 'projectcontour.io/response-timeout': '10s' }],
    [{ 'alb.ingress.kubernetes.io/load-balancer-attributes': 'a.b=c,idle_timeout.timeout_seconds=25' }],
  ])('fails at an Ingress with %j', (annotations) => {
    expect(saidOf(idleCutsSockets, ...board(), ingress(annotations))).toHaveLength(1);
  });

  it.each([
    ['BackendTrafficPolicy', { timeout: { http: { streamIdleTimeout: '20s' } } }],
    ['ProxySettingsPolicy', { timeout: { read: '30s' } }],
    ['GCPBackendPolicy', { default: { timeoutSec: 30 } }],
  ])('fails at a %s', (kind, spec) => {
    const target = kind === 'GCPBackendPolicy' ? { kind: 'Service', name: 'board' } : undefined;
    expect(saidOf(idleCutsSockets, ...board(), route, policy(kind, spec, target))).toHaveLength(1);
    expect(saidOf(idleCutsSockets, ...board(), route, policy(kind, spec, { kind: 'HTTPRoute', name: 'other' }))).toEqual([]);
  });

  it('fails at a VirtualService, and at a policy for all of a Gateway', () => {
    const http = [{ route: [{ destination: { host: 'board' } }], timeout: '15s' }];
    const virtual = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'board' },
      spec: { hosts: ['b.example'], http },
    };
    expect(saidOf(idleCutsSockets, ...board(), virtual)).toHaveLength(1);
    const all = policy(
      'BackendTrafficPolicy',
      { timeout: { http: { requestTimeout: '15s' } } },
      { kind: 'Gateway', name: 'shared' },
    );
    expect(saidOf(idleCutsSockets, ...board(), route, all)).toHaveLength(1);
  });

  it.each([
    ['a minute', ingress({ 'nginx.ingress.kubernetes.io/proxy-read-timeout': '60' })],
    ['no limit', ingress({ 'projectcontour.io/response-timeout': 'infinity' })],
    ['paths without sockets', ingress({ 'nginx.ingress.kubernetes.io/proxy-read-timeout': '5' }, '/api')],
    ['the time to connect', ingress({ 'nginx.ingress.kubernetes.io/proxy-connect-timeout': '5' })],
  ])('finds nothing at %s', (_, object) => {
    expect(saidOf(idleCutsSockets, ...board(), object)).toEqual([]);
  });
});

describe('upgrades-not-on-h2c, by paths of their own', () => {
  const led = (path: string, port: number): Manifest => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'board' },
    spec: { rules: [{ matches: [{ path: { type: 'PathPrefix', value: path } }], backendRefs: [{ name: 'board', port }] }] },
  });

  it.each(['/chat/websocket', '/ws', '/admin/live', '/games/socket'])('fails where %s leads to such a port', (path) => {
    expect(saidOf(upgradesNotOnH2c, ...board(), led(path, 81))).toHaveLength(1);
    expect(saidOf(upgradesNotOnH2c, ...board(), led(path, 80))).toEqual([]);
  });

  it.each(['/api', '/delivery', '/news'])('lets %s lead there', (path) => {
    expect(saidOf(upgradesNotOnH2c, ...board(), led(path, 81))).toEqual([]);
  });
});

describe('database-family', () => {
  const asked = (env: Readonly<Record<string, string>>, ...objects: Manifest[]): string[] =>
    saidOf(databaseFamily, ...board(env), ...objects);
  const service = (families: readonly string[]): Manifest => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'store' },
    spec: { ipFamilies: families, ports: [{ port: 5432 }], clusterIP: 'None' },
  });
  const fence = (cidr: string): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'board' },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr } }], ports: [{ port: 5432 }] }],
    },
  });

  it('fails where the URL, the Service or the fence has the other family', () => {
    expect(asked({ DATABASE_URL: 'ecto://a:b@10.1.2.3/board', ECTO_IPV6: 'true' })).toHaveLength(1);
    expect(asked({ DATABASE_URL: 'ecto://a:b@[fd00::7]:5432/board' })).toHaveLength(1);
    expect(asked({ DATABASE_URL: 'ecto://a:b@store/board', ECTO_IPV6: '1' }, service(['IPv4']))).toHaveLength(1);
    expect(asked({ DATABASE_URL: 'ecto://a:b@store/board' }, service(['IPv6']))).toHaveLength(1);
    expect(asked({ DATABASE_URL: 'ecto://a:b@db.example.com/board', ECTO_IPV6: 'true' }, fence('10.0.0.0/8'))).toHaveLength(1);
  });

  it('takes a Service that names no family for one like the pods', () => {
    const beside = { DATABASE_URL: 'ecto://a:b@store/board', ERL_AFLAGS: '-proto_dist inet6_tls' };
    const plain = (spec: Manifest): Manifest => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'store' },
      spec: { ports: [{ port: 5432 }], selector: { app: 'store' }, ...spec },
    });
    expect(asked(beside, plain({}))).toEqual([
      expect.stringContaining(
        `'${pod}.env.ECTO_IPV6' must be true, as the Service store has IPv6 alone like the pods, whose nodes are told -proto_dist inet6, got nothing`,
      ),
    ]);
    expect(asked({ ...beside, ECTO_IPV6: 'true' }, plain({}))).toEqual([]);
    expect(asked(beside, plain({ ipFamilyPolicy: 'PreferDualStack' }))).toEqual([]);
    expect(asked(beside, plain({ ipFamilies: ['IPv4'] }))).toEqual([]);
    expect(asked(beside, plain({ type: 'ExternalName', externalName: 'db.example.com' }))).toEqual([]);
    expect(asked({ ...beside, ERL_AFLAGS: '-proto_dist inet_tls' }, plain({}))).toEqual([]);
    expect(asked({ ...beside, DATABASE_URL: 'ecto://a:b@store.data.svc/board' }, plain({}))).toEqual([]);
    const operated = {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: { name: 'store' },
      spec: { instances: 1 },
    };
    expect(asked({ ...beside, DATABASE_URL: 'ecto://a:b@store-rw/board' }, operated)).toHaveLength(1);
  });

  it('finds nothing where they agree, where both are there, or where nothing tells', () => {
    expect(asked({ DATABASE_URL: 'ecto://a:b@10.1.2.3/board', ECTO_IPV6: 'false' })).toEqual([]);
    expect(asked({ DATABASE_URL: 'ecto://a:b@[fd00::7]/board', ECTO_IPV6: 'true' })).toEqual([]);
    expect(asked({ DATABASE_URL: 'ecto://a:b@store/board', ECTO_IPV6: 'true' }, service(['IPv4', 'IPv6']))).toEqual([]);
    expect(asked({ DATABASE_URL: 'ecto://a:b@db.example.com/board', ECTO_IPV6: 'true' })).toEqual([]);
    expect(asked({ DATABASE_URL: 'ecto://a:b@db.example.com/board', ECTO_IPV6: 'true' }, fence('::/0'))).toEqual([]);
  });
});

describe('long polls', () => {
  interface Given {
    readonly longPoll?: boolean;
    readonly replicas?: number;
    readonly clustered?: boolean;
    readonly affinity?: boolean;
  }

  function faults({ longPoll = true, replicas = 2, clustered = false, affinity }: Given): readonly string[] {
    const app = new App();
    const chart = new EnvironmentChart(app, 'board', { namespace: 'board', partOf: 'board' });
    const keys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'];
    const secret = new KeyedSecret(chart, 'Secret', { name: 'board', keys, source: { existing: true } });
    const tool = mixRelease({ release: 'board', module: 'Board.Release' });
    const release = new PhoenixRelease(chart, 'Release', {
      application: { name: 'board', release: tool, port: 4000, health: { ready: '/ready' }, sockets: 1, longPoll },
      image: `registry.example.com/board:1.0.0@sha256:${'b'.repeat(64)}`,
      host: 'board.example.com',
      secret,
      replicas,
      resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) }),
      ...(clustered && { cluster: new BeamCluster(chart, 'Cluster', { name: 'board', cookie: secret.key('RELEASE_COOKIE') }) }),
    });
    if (affinity !== undefined) {
      const tls = OptOut.because('ends at the load balancer in front');
      new WebIngress(chart, 'Route', { release, className: 'haproxy', controller: 'haproxy', affinity, tls });
    }
    new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }] });
    return render(app).faults.filter((fault) => fault.endsWith('(long-polls-meet-their-pod)'));
  }

  it('fail at two pods that know nothing of each other', () => {
    expect(faults({})).toEqual([
      "[board/Release/Web/Deployment] 'spec.replicas' must form a cluster, or be behind a route with affinity, where long polls come to two or more, got 2; give the release a 'cluster', its route 'affinity: true', or leave out 'application.longPoll' where no client falls back to it (long-polls-meet-their-pod)",
    ]);
    expect(faults({ affinity: false })).toHaveLength(1);
  });

  it.each([[{ longPoll: false }], [{ replicas: 1 }], [{ clustered: true }], [{ affinity: true }]])(
    'are answered with %j',
    (given) => {
      expect(faults(given)).toEqual([]);
    },
  );
});

describe('idle-cuts-sockets before a Service', () => {
  const behind = (annotations: Manifest, env?: Readonly<Record<string, string>>): Manifest[] =>
    board(env).map((object) => (object['kind'] === 'Service' ? { ...object, metadata: { name: 'board', annotations } } : object));
  const classic = 'service.beta.kubernetes.io/aws-load-balancer-connection-idle-timeout';
  const listener = 'service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-80';
  const config = (timeoutSec: number): Manifest => ({
    apiVersion: 'cloud.google.com/v1',
    kind: 'BackendConfig',
    metadata: { name: 'slow' },
    spec: { timeoutSec },
  });
  const named = { 'cloud.google.com/backend-config': '{"default": "slow"}' };

  it.each<[number, Manifest[]]>([
    [1, behind({ [classic]: '20' })],
    [0, behind({ [classic]: '350' })],
    [1, behind({ [listener]: 'tcp.idle_timeout.seconds=25' })],
    [0, behind({ [listener]: 'tcp.idle_timeout.seconds=600' })],
    [1, behind({ 'service.beta.kubernetes.io/do-loadbalancer-http-idle-timeout-seconds': '30' })],
    [0, behind({ 'service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout': '4' })],
    [1, [...behind(named), config(30)]],
    [0, [...behind(named), config(3600)]],
    [0, [...behind({}), config(30)]],
  ])('finds %d', (count, objects) => {
    expect(saidOf(idleCutsSockets, ...objects)).toHaveLength(count);
  });
});
