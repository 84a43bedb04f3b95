import { JsonPatch } from 'cdk8s';
import { hostsReachable } from '../../lib/checks/hardening/hosts-reachable';
import { networkOpen } from '../../lib/checks/hardening/network-open';
import type { Rule, World } from '../../lib/checks/rule';
import { build } from '../support/stack';
import { patch, render, type Manifest, type NetworkFence } from '../../lib/index';
import { addressesIn } from '../../lib/support/addresses';
import { production } from '../support/alone';
import { said } from '../support/said';
import { foundIn } from '../support/raw';

/** What a rule finds in objects written by hand, as `field must, got`. */
function findings(manifests: readonly Manifest[], world: Partial<World> = {}, rule: Rule = hostsReachable): string[] {
  return foundIn(rule, manifests, world).map(({ field, must, got }) => `${field} must ${must}, got ${String(got)}`);
}

const labels = { app: 'shop' };
const policy = (app: string, spec: Manifest): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: app, namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress', 'Egress'], ...spec },
});
const deployment = (app: string, container: Manifest): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace: 'shop' },
  spec: { template: { metadata: { labels: { app } }, spec: { containers: [{ name: app, ...container }] } } },
});
const service = (name: string, spec: Manifest): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec,
});
const variables = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([name, value]) => ({ name, value }));
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
const to = (peer: Manifest, port: number, more: Manifest = {}) => ({ to: [peer], ports: [{ port, ...more }] });
const toAny = (port: number, more: Manifest = {}) => ({ ports: [{ port, ...more }] });
const cidr = (range: string, except?: string[]) => ({ ipBlock: { cidr: range, ...(except ? { except } : {}) } });

/** What is found where a pod has some variables and some ways out. */
function found(
  values: Readonly<Record<string, string>>,
  egress: readonly Manifest[] = [],
  more: readonly Manifest[] = [],
): string[] {
  return findings([deployment('shop', { env: variables(values) }), policy('shop', { egress }), ...more]);
}

const closed = (variable: string, way: string, host: string, got: string) =>
  `${variable} must lead where its pods may send to: no NetworkPolicy of theirs opens ${way} of ${host}, got ${got}`;

describe('the addresses in a text', () => {
  test.each<[string, string[]]>([
    ['redis://:secret@cache.tools:6380/0', ['cache.tools:6380']],
    ['http://a:1,http://b:2', ['a:1', 'b:2']],
    ['https://a.example.com/x?next=https://b.example.com', ['a.example.com:443']],
    ['mongodb://u:p@one:27017,two:27018/db', ['one:27017', 'two:27018']],
    ['one.kafka:9092, two.kafka:9093', ['one.kafka:9092', 'two.kafka:9093']],
    ['{"mail":"smtps://mail.example.com"}', ['mail.example.com:465/587']],
    ['http://[fd00::1]:4318', ['fd00::1:4318']],
    ['http://<status.hostIP>:4317', ['<status.hostIP>:4317']],
    ['jdbc:postgresql://db.example.com/x', ['db.example.com:5432']],
    ['host=db.data.svc.cluster.local', ['db.data.svc.cluster.local:']],
    // What drivers take in place of a URL.
    ['root:pw@tcp(db.example.com:3307)/shop?tls=true', ['db.example.com:3307']],
    ['shop@tcp(10.3.4.5)/shop', ['10.3.4.5:3306']],
    ['shop@unix(/run/mysqld.sock)/shop', []],
    ['host=db.example.com port=5433 dbname=shop', ['db.example.com:5433']],
    ['dbname=shop user = x host = one.example.com,two.example.com', ['one.example.com:5432', 'two.example.com:5432']],
    ['host=/run/postgresql dbname=shop', []],
    ['host=cache retries=3', []],
    ['Server=tcp:sql.example.com,1533;Initial Catalog=shop;User ID=x', ['sql.example.com:1533']],
    ['Data Source=sql.example.com\\SHOP;Integrated Security=True', ['sql.example.com:1433']],
    ['Server=db.example.com;Port=3306;Uid=x;Database=shop', ['db.example.com:3306']],
    ['Host=pg.example.com;Username=x;Database=shop', ['pg.example.com:5432']],
    ['Data Source=shop.db;Version=3;User=x', []],
    ['Server=nginx; charset=utf-8', []],
    ['jdbc:oracle:thin:@//ora.example.com:1522/shop', ['ora.example.com:1522']],
    ['jdbc:oracle:thin:@ora.example.com:1521:SHOP', ['ora.example.com:1521']],
    ['jdbc:oracle:thin:x/pw@ora.example.com/shop', ['ora.example.com:1521']],
    ['jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=ora)(PORT=1530)))', ['ora:1530']],
    ['jdbc:sqlserver://sql.example.com:1433;databaseName=shop', ['sql.example.com:1433']],
    ['team=shop;owner=x@example.com', []],
    ['HTTPS://Shop.Example.com.', ['shop.example.com:443']],
    ['s3://bucket/prefix', []],
    ['file:///etc/x', []],
    ['12:30', []],
    ['1.7:2', []],
    ['name@mail.example.com', []],
    ['registry.example.com/shop:1.4', []],
    ['{{ host }}:80', []],
    ['no host at all: none', []],
  ])('%s', (text, expected) => {
    expect(addressesIn(text).map(({ host, ports }) => `${host}:${ports.join('/')}`)).toEqual(expected);
  });
});

describe('a host outside of the environment', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'Redis of another namespace',
      { REDIS_URL: 'redis://redis.tools.svc:6379/1' },
      closed('REDIS_URL', 'TCP 6379', 'redis.tools.svc', 'redis.tools.svc:6379'),
    ],
    [
      'by its short name',
      { CACHE_URL: 'rediss://redis.tools' },
      closed('CACHE_URL', 'TCP 6379', 'redis.tools', 'redis.tools:6379'),
    ],
    [
      'RabbitMQ with TLS',
      { BROKER: 'amqps://mq.example.com' },
      closed('BROKER', 'TCP 5671', 'mq.example.com', 'mq.example.com:5671'),
    ],
    [
      'a pair of variables',
      { SMTP_HOST: 'mail.example.com', SMTP_PORT: '2525' },
      closed('SMTP_HOST', 'TCP 2525', 'mail.example.com', 'mail.example.com:2525'),
    ],
    [
      'a pair without an underscore',
      { PGHOST: 'db.example.com', PGPORT: '5433' },
      closed('PGHOST', 'TCP 5433', 'db.example.com', 'db.example.com:5433'),
    ],
    [
      'a relay without a port',
      { MAILER_RELAY: 'mail.example.com' },
      closed('MAILER_RELAY', 'TCP 587', 'mail.example.com', 'mail.example.com:587'),
    ],
    [
      'the agent of Datadog on its node',
      { DD_AGENT_HOST: '$(NODE_IP)', DD_TRACE_AGENT_PORT: '8226' },
      closed('DD_AGENT_HOST', 'TCP 8226', '<status.hostIP>', '<status.hostIP>:8226'),
    ],
    [
      'its metrics',
      { DD_AGENT_HOST: '$(NODE_IP)', DD_DOGSTATSD_PORT: '8225', DD_TRACE_ENABLED: 'false' },
      closed('DD_AGENT_HOST', 'UDP 8225', '<status.hostIP>', '<status.hostIP>:8225'),
    ],
    [
      'either of them',
      { DD_AGENT_HOST: 'agent.watch.svc' },
      closed('DD_AGENT_HOST', 'TCP 8126', 'agent.watch.svc', 'agent.watch.svc:8126'),
    ],
    [
      'metrics by UDP, whose port is usual',
      { STATSD_HOST: '$(NODE_IP)' },
      closed('STATSD_HOST', 'UDP 8125', '<status.hostIP>', '<status.hostIP>:8125'),
    ],
    [
      'a sentinel without a port',
      { REDIS_SENTINELS: 'one.cache' },
      closed('REDIS_SENTINELS', 'TCP 26379', 'one.cache', 'one.cache:26379'),
    ],
    [
      'the keywords of a database',
      { REPORTS: 'host=reports.example.com dbname=reports' },
      closed('REPORTS', 'TCP 5432', 'reports.example.com', 'reports.example.com:5432'),
    ],
    ['a list of brokers', { KAFKA_BROKERS: 'k.bus:9092' }, closed('KAFKA_BROKERS', 'TCP 9092', 'k.bus', 'k.bus:9092')],
    ['an address', { LEGACY: 'http://10.9.8.7:8080' }, closed('LEGACY', 'TCP 8080', '10.9.8.7', '10.9.8.7:8080')],
    [
      'an agent on the node',
      { OTLP: 'http://$(NODE_IP):4317' },
      closed('OTLP', 'TCP 4317', '<status.hostIP>', '<status.hostIP>:4317'),
    ],
    [
      'metrics by UDP',
      { STATSD_HOST: 'statsd.watch', STATSD_PORT: '8125' },
      closed('STATSD_HOST', 'UDP 8125', 'statsd.watch', 'statsd.watch:8125'),
    ],
    [
      'a webhook on the web',
      { HOOK_URL: 'https://hooks.example.com/x' },
      closed('HOOK_URL', 'TCP 443', 'hooks.example.com', 'hooks.example.com:443'),
    ],
    [
      'a name without a port',
      { SEARCH: 'search.tools.svc.cluster.local' },
      closed('SEARCH', 'a port', 'search.tools.svc.cluster.local', 'search.tools.svc.cluster.local'),
    ],
  ])('fails when it is %s and no way is open', (_, values, expected) => {
    const node = { name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } };
    const pods = deployment('shop', { env: [node, ...variables(values)] });
    expect(findings([pods, policy('shop', {})])).toEqual([expected]);
    // Without a policy for this direction all is open.
    expect(findings([pods, policy('shop', { policyTypes: ['Ingress'] })])).toEqual([]);
    expect(findings([pods, policy('shop', { egress: [{}] })])).toEqual([]);
  });

  test('comes from a ConfigMap as well, with the line to add', () => {
    const configMap = { kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' }, data: { MQ: 'amqp://mq.bus' } };
    const pods = deployment('shop', { envFrom: [{ configMapRef: { name: 'settings' } }] });
    expect(findings([pods, configMap, policy('shop', {})])).toEqual([closed('MQ', 'TCP 5672', 'mq.bus', 'mq.bus:5672')]);
    const key = { name: 'BUS', valueFrom: { configMapKeyRef: { name: 'settings', key: 'MQ' } } };
    expect(findings([deployment('shop', { env: [key] }), configMap, policy('shop', {})])).toHaveLength(1);
  });

  const redis = { REDIS_URL: 'redis://redis.tools.svc.cluster.local:6379' };
  const storage = { STORAGE: 'https://storage.example.com' };
  test.each<[string, Readonly<Record<string, string>>, Manifest, number]>([
    ['its namespace', redis, to(inNamespace('tools'), 6379), 0],
    ['pods of its namespace', redis, to({ ...inNamespace('tools'), podSelector: { matchLabels: { app: 'redis' } } }, 6379), 0],
    ['all namespaces', redis, to({ namespaceSelector: {} }, 6379), 0],
    ['everyone', redis, toAny(6379), 0],
    ['a range of ports', redis, to(inNamespace('tools'), 6000, { endPort: 7000 }), 0],
    ['addresses that pods have', redis, to(cidr('10.0.0.0/8'), 6379), 0],
    ['every address', redis, to(cidr('0.0.0.0/0'), 6379), 0],
    ['addresses of the internet', redis, to(cidr('203.0.113.0/24'), 6379), 1],
    ['another namespace', redis, to(inNamespace('cache'), 6379), 1],
    ['pods of its own namespace', redis, to({ podSelector: {} }, 6379), 1],
    ['another port', redis, to(inNamespace('tools'), 6380), 1],
    ['another protocol', redis, to(inNamespace('tools'), 6379, { protocol: 'UDP' }), 1],
    // A Service on 80 leads to pods that are not root, and listen elsewhere.
    ['the port of the pods', { API: 'http://billing.tools' }, to(inNamespace('tools'), 4000), 0],
    ['the port of pods of others', { API: 'http://billing.tools' }, to(inNamespace('cache'), 4000), 1],
    ['addresses on the web', storage, to(cidr('203.0.113.0/24'), 443), 0],
    ['a namespace alone', storage, to(inNamespace('storage'), 443), 1],
    ['its address', { OLD: '10.9.8.7:8080' }, to(cidr('10.9.8.0/24'), 8080), 0],
    ['a range without its address', { OLD: '10.9.8.7:8080' }, to(cidr('10.9.8.0/24', ['10.9.8.7/32']), 8080), 1],
    ['another range', { OLD: '10.9.8.7:8080' }, to(cidr('10.9.9.0/24'), 8080), 1],
    ['its address of IPv6', { OLD: 'http://[fd00::7]:80' }, to(cidr('fd00::/64'), 80), 0],
    [
      'UDP for metrics',
      { STATSD_HOST: 'statsd.watch', STATSD_PORT: '8125' },
      to(inNamespace('watch'), 8125, { protocol: 'UDP' }),
      0,
    ],
    ['one port of several that are usual', { MAIL: 'smtp://mail.example.com' }, toAny(465), 0],
    // Two labels may be a name of either sort.
    ['a namespace for a name of two labels', { API: 'https://billing.app' }, to(inNamespace('app'), 443), 0],
    ['either way to an agent', { DD_AGENT_HOST: 'agent.watch.svc' }, to(inNamespace('watch'), 8125, { protocol: 'UDP' }), 0],
    [
      'traces, where both ways are named',
      { DD_AGENT_HOST: 'a.watch', DD_TRACE_AGENT_PORT: '8126', DD_DOGSTATSD_PORT: '8125' },
      to(inNamespace('watch'), 8126),
      1,
    ],
    ['a list of which some have ports', { KAFKA_BROKERS: 'one.bus:9092,two.bus' }, to(inNamespace('bus'), 9092), 0],
    ['a list of which the other is elsewhere', { KAFKA_BROKERS: 'one.bus:9092,two.rail' }, to(inNamespace('bus'), 9092), 1],
    ['addresses for a name of two labels', { API: 'https://example.com' }, to(cidr('203.0.113.0/24'), 443), 0],
    [
      'pods for one of the own namespace',
      { SEARCH_URL: 'http://search:9200' },
      to({ podSelector: { matchLabels: { app: 'x' } } }, 9200),
      0,
    ],
  ])('is judged by %s', (_, values, rule, faults) => {
    expect(found(values, [rule])).toHaveLength(faults);
  });

  describe('beside another one', () => {
    const both = { DATABASE_URL: 'ecto://main.example.com/shop', STOCK_DATABASE_URL: 'ecto://stock.example.com/stock' };
    const main = { host: 'main.example.com', port: 5432, cidrs: ['10.20.0.0/16'] };
    const stock = (...cidrs: string[]) => ({ host: 'Stock.example.com', port: 5432, cidrs });
    const judged = (outside: World['outside'], ...egress: Manifest[]) =>
      findings([deployment('shop', { env: variables(both) }), policy('shop', { egress })], { outside });
    const missing = [closed('STOCK_DATABASE_URL', 'TCP 5432', 'stock.example.com', 'stock.example.com:5432')];

    test('is not open by addresses that only the other one has', () => {
      expect(judged([main], to(cidr('10.20.0.0/16'), 5432))).toEqual(missing);
      expect(judged([main, stock('10.30.0.0/24')], to(cidr('10.20.0.0/16'), 5432))).toEqual(missing);
    });

    test('is open by its own, by those that were said of nobody, and by all there are', () => {
      expect(judged([main, stock('10.30.0.0/24')], to(cidr('10.20.0.0/16'), 5432), to(cidr('10.30.0.0/16'), 5432))).toEqual([]);
      expect(judged([main, stock('10.20.0.0/16')], to(cidr('10.20.0.0/16'), 5432))).toEqual([]);
      expect(judged([main], to(cidr('10.20.0.0/16'), 5432), to(cidr('10.31.0.0/16'), 5432))).toEqual([]);
      expect(judged([{ ...main, cidrs: ['0.0.0.0/0'] }], to(cidr('0.0.0.0/0'), 5432))).toEqual([]);
      expect(judged([{ ...main, port: 6380 }], to(cidr('10.20.0.0/16'), 5432))).toEqual([]);
      expect(judged(undefined, to(cidr('10.20.0.0/16'), 5432))).toEqual([]);
    });

    test('is known from what constructs are told, and named with the line to add', () => {
      const value = 'ecto://stock.example.com/stock';
      const add = JsonPatch.add('/spec/template/spec/containers/0/env/-', { name: 'STOCK_DATABASE_URL', value });
      const faults = said(hostsReachable, ({ release }) => patch(release.web.deployment, 'one more', add), production);
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(
        /STOCK_DATABASE_URL' must lead where .* write backingServices: \{ STOCK_DATABASE_URL: \{ host: 'stock\.example\.com', port: 5432, cidrs: \['\.\.\.'\] \} \} on the release/,
      );
    });
  });

  test('may be what a Service of the environment only stands for', () => {
    const external = service('mail', { type: 'ExternalName', externalName: 'smtp.example.com' });
    expect(found({ SMTP_URL: 'smtp://mail:587' }, [to(cidr('203.0.113.0/24'), 587)], [external])).toEqual([]);
    expect(found({ SMTP_URL: 'smtp://mail:587' }, [to({ podSelector: {} }, 587)], [external])).toHaveLength(1);
    const endpoints = service('mail', { ports: [{ port: 587 }] });
    expect(found({ SMTP_URL: 'smtp://mail:587' }, [to(cidr('203.0.113.0/24'), 587)], [endpoints])).toEqual([]);
  });

  test('is one fault, however many pods name it', () => {
    const app = build(production);
    const { policies } = app.node.findChild('08-network').node.findChild('Fence') as NetworkFence;
    for (const one of Object.values(policies)) {
      patch(one, 'closed too far', JsonPatch.remove('/spec/egress/1'));
    }
    const faults = render(app).faults.filter((fault) => fault.endsWith(`(${hostsReachable.name})`));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /^\[20-migrate\/Migration\/Job, 30-phoenix\/Release\/Web\/Deployment\] 'DATABASE_URL' must lead .* opens TCP 5432 of kube-native\.cluster-/,
    );
  });
});

describe('no connection', () => {
  const route = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: { hostnames: ['shop.example.com', '*.shops.example.com'] },
  };
  test.each<[string, Readonly<Record<string, string>>]>([
    ['the host of a route', { API_URL: 'https://shop.example.com/api' }],
    ['a host below a wildcard of a route', { TENANT_API: 'https://one.shops.example.com' }],
    ['what PHX_HOST says', { PHX_HOST: 'www.example.com', SOCKET: 'wss://www.example.com/live' }],
    ['an origin of sockets', { PHX_CHECK_ORIGIN: '//a.example.com,//b.example.com', API: 'https://b.example.com' }],
    [
      'the pod itself',
      { SIDECAR_URL: 'http://localhost:15020', LISTEN: '0.0.0.0:4000', EPMD: '127.0.0.1:4369', SIX: 'http://[::1]:80' },
    ],
    ['a page for readers', { DOCS_URL: 'https://docs.example.com', SUPPORT_PAGE: 'https://help.example.com' }],
    [
      'a page of a status, a guide, a profile',
      { STATUS_PAGE_URL: 'https://shop.statuspage.io', GUIDE_URL: 'https://x.example.com', TWITTER_URL: 'https://x.com/shop' },
    ],
    ['a page by its host', { LEARN_MORE: 'https://docs.example.com/start', INCIDENTS: 'https://status.example.com' }],
    [
      'a page by its file, or its part',
      { PRICE_LIST: 'https://files.example.com/prices.pdf', JUMP: 'https://www.example.com/app#plans' },
    ],
    ['a sentence with a sign of equality', { BANNER: 'host=everyone', LABELS: 'server=nginx;tier=web' }],
    ['a word in place of hosts', { KAFKA_BROKERS: 'none', SHARD_NODES: '3', DB_ALLOWED_HOSTS: 'a,b.example.com' }],
    ['an agent beside the pod', { DD_AGENT_HOST: 'localhost', DD_TRACE_AGENT_PORT: '8126' }],
    ['the address of the application', { APP_URL: 'https://elsewhere.example.com', BASE_URL: 'https://elsewhere.example.com' }],
    ['files for browsers', { ASSET_HOST: 'https://cdn.example.com', STATIC_URL: 'https://cdn.example.com' }],
    [
      'a way back',
      { OAUTH_REDIRECT_URI: 'https://elsewhere.example.com/auth', CORS_ORIGINS: 'https://a.example.com,https://b.example.com' },
    ],
    ['whom a proxy is not asked for', { NO_PROXY: 'db.tools.svc.cluster.local,.example.com' }],
    ['a bucket', { BUCKET: 's3://uploads' }],
    ['a time, a ratio, an image', { AT: '12:30', RATIO: '3:2', IMAGE: 'registry.example.com/shop:1.2' }],
    ['a name and a number', { BOOTSTRAP_USER: 'admin:12345' }],
    ['a host without a port', { COOKIE_DOMAIN: 'shop.example.org', BILLING_HOST: 'billing.example.com' }],
    ['a way into a program', { MOBILE: 'shop://open.example.com' }],
    ['the API server', { API: 'https://kubernetes.default.svc' }],
  ])('is %s', (_, values) => {
    expect(found(values, [], [route])).toEqual([]);
  });

  test('is what a proxy asks for, which is one itself', () => {
    const proxy = { HTTPS_PROXY: 'http://proxy.net:3128', NO_PROXY: '.corp.example.com' };
    expect(found({ ...proxy, API: 'https://api.example.com' })).toEqual([
      closed('HTTPS_PROXY', 'TCP 3128', 'proxy.net', 'proxy.net:3128'),
    ]);
    expect(found({ ...proxy, API: 'https://api.corp.example.com' }, [toAny(3128)])).toHaveLength(1);
    expect(found({ ...proxy, DB: 'ecto://db.example.com/x' }, [toAny(3128)])).toHaveLength(1);
  });

  test('is not what is called a link and is none', () => {
    expect(found({ DOCS_URL: 'http://docs.tools.svc:8080' })).toHaveLength(1);
    expect(found({ DOCS_DATABASE_URL: 'ecto://docs.example.com/docs' })).toHaveLength(1);
    expect(found({ SUPPORT_API_URL: 'https://support.example.com' })).toHaveLength(1);
    expect(found({ WIKI_API: 'https://wiki.example.com/rest' })).toHaveLength(1);
    expect(found({ STATUS: 'http://status.tools.svc/page.html' })).toHaveLength(1);
  });
});

describe('a Service of the environment', () => {
  const cache = [
    deployment('cache', { ports: [{ name: 'redis', containerPort: 6379 }] }),
    service('cache', { selector: { app: 'cache' }, ports: [{ port: 80, targetPort: 'redis' }] }),
  ];
  const openings = (value: string, rules: readonly Manifest[], back: readonly Manifest[]) =>
    findings(
      [
        deployment('shop', { env: variables({ REDIS_URL: value }) }),
        policy('shop', { egress: rules }),
        policy('cache', { ingress: back }),
        ...cache,
      ],
      {},
      networkOpen,
    );
  const out = to({ podSelector: { matchLabels: { app: 'cache' } } }, 6379);
  const back = { from: [{ podSelector: { matchLabels: labels } }], ports: [{ port: 'redis' }] };
  const names = { ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] };

  test('is open at both ends, at the port of its pods', () => {
    expect(openings('redis://cache:80', [names, out], [back])).toEqual([]);
    expect(openings('redis://cache:80', [names], [back])).toHaveLength(1);
    expect(openings('redis://cache.shop.svc:80', [names, out], [])).toHaveLength(1);
    expect(openings('cache:80', [names], [])).toHaveLength(2);
  });

  test('fails when it has no such port', () => {
    const one = found({ REDIS_URL: 'redis://cache' }, [toAny(6379)], cache);
    expect(one).toEqual(['REDIS_URL must name a port of Service cache, got cache:6379']);
    expect(found({ REDIS_URL: 'redis://cache:80' }, [toAny(6379)], cache)).toEqual([]);
    const headless = service('cache', { clusterIP: 'None', selector: { app: 'cache' }, ports: [] });
    expect(found({ REDIS_URL: 'redis://cache' }, [toAny(6379)], [headless])).toEqual([]);
  });
});

describe('a Secret with the URL', () => {
  const secrets = (...names: string[]) =>
    names.map((name) => ({ name, valueFrom: { secretKeyRef: { name: 'shop', key: name } } }));
  const dns = { ports: [{ port: 53, protocol: 'UDP' }] };
  const hidden = (names: readonly string[], egress: readonly Manifest[], world: Partial<World> = {}, more = {}) =>
    findings([deployment('shop', { env: [...variables(more), ...secrets(...names)] }), policy('shop', { egress })], world);
  const fault = (name: string) =>
    `${name} must come with the host and the port that it leads to: no NetworkPolicy of its pods opens a way that could be it, got the key ${name} of the Secret shop`;
  const mesh = to({ podSelector: { matchLabels: labels } }, 4369);

  test.each([
    'DATABASE_URL',
    'REDIS_URL',
    'CLICKHOUSE_DATABASE_URL',
    'SENTRY_DSN',
    'AMQP_URI',
    'KAFKA_BROKERS',
    'REPORTS_DATABASE_URL_2',
    'PGHOST',
  ])('fails when %s leads nowhere', (name) => {
    expect(hidden([name], [])).toEqual([fault(name)]);
    expect(hidden([name], [dns, mesh])).toEqual([fault(name)]);
  });

  test.each([
    'SECRET_KEY_BASE',
    'RELEASE_COOKIE',
    'PGPASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'PHX_HOST',
    'OAUTH_CALLBACK_URL',
    'COOKIE_HOST',
    'APP_URL',
  ])('is not meant by %s', (name) => {
    expect(hidden([name], [])).toEqual([]);
  });

  test('is served by a way that could be it', () => {
    expect(hidden(['DATABASE_URL'], [toAny(5432)])).toEqual([]);
    expect(hidden(['DATABASE_URL'], [to(cidr('10.0.0.0/16'), 14321)])).toEqual([]);
    expect(hidden(['DATABASE_URL'], [{ to: [cidr('10.0.0.0/16')] }])).toEqual([]);
    expect(hidden(['SENTRY_DSN'], [toAny(443)])).toEqual([]);
    expect(hidden(['BILLING_URL'], [toAny(8443)])).toEqual([]);
  });

  test('is not served by what leads elsewhere', () => {
    expect(hidden(['DATABASE_URL'], [toAny(443)])).toEqual([fault('DATABASE_URL')]);
    const other = { BROKER: 'amqp://mq.bus' };
    expect(hidden(['SENTRY_DSN'], [to(inNamespace('bus'), 5672)], {}, other)).toEqual([fault('SENTRY_DSN')]);
    expect(hidden(['SENTRY_DSN'], [to(inNamespace('bus'), 5672), toAny(443)], {}, other)).toEqual([]);
  });

  test('is looked at as any other where its address is declared', () => {
    const backingServices = [{ variable: 'REDIS_URL', address: { host: 'redis.tools', ports: [6380] } }];
    expect(hidden(['REDIS_URL'], [toAny(6379)], { backingServices })).toEqual([
      closed('REDIS_URL', 'TCP 6380', 'redis.tools', 'redis.tools:6380'),
    ]);
    expect(hidden(['REDIS_URL'], [to(inNamespace('tools'), 6380)], { backingServices })).toEqual([]);
    expect(hidden(['REDIS_URL'], [], { backingServices: [{ variable: 'REDIS_URL' }] })).toEqual([]);
    expect(
      findings([deployment('shop', { env: variables({ HELP: 'https://x.example.com' }) }), policy('shop', {})], {
        backingServices: [{ variable: 'HELP' }],
      }),
    ).toEqual([]);
  });

  test('is read where it stands in the YAML', () => {
    const secret = {
      kind: 'Secret',
      metadata: { name: 'shop', namespace: 'shop' },
      stringData: { REDIS_URL: 'redis://:dev@redis.tools' },
    };
    const pods = deployment('shop', { env: secrets('REDIS_URL') });
    expect(findings([pods, secret, policy('shop', { egress: [toAny(1234)] })])).toEqual([
      closed('REDIS_URL', 'TCP 6379', 'redis.tools', 'redis.tools:6379'),
    ]);
    expect(findings([pods, secret, policy('shop', { egress: [toAny(6379)] })])).toEqual([]);
  });
});
