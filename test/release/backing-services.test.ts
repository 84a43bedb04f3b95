import { App, Duration } from 'cdk8s';
import fc from 'fast-check';
import {
  Checks,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  NetworkFence,
  OptOut,
  PhoenixRelease,
  Probe,
  ProbedDeployment,
  render,
  ScheduledTask,
  Worker,
  type BackingServices,
  type Manifest,
  type Opening,
} from '../../lib/index';
import { declare } from '../../lib/support/declare';
import { application, resources } from '../support/chart';

const digest = `sha256:${'4d1f0e9a6c5b3827'.repeat(4)}`;
const image = `registry.example.com/shop:1.4.2@${digest}`;

interface Drawn {
  readonly services?: BackingServices;
  readonly keys?: readonly string[];
  readonly config?: Readonly<Record<string, string>>;
  readonly egress?: readonly Opening[];
  /** Variables of the workers alone. */
  readonly ofWorkers?: Readonly<Record<string, string>>;
  /** Whether a cache runs in the environment. */
  readonly cache?: boolean;
}

/** An application with workers and tasks that uses some services. */
function environment({ services, keys = [], config, egress = [], ofWorkers, cache = false }: Drawn): App {
  const app = new App();
  Checks.of(app).provide({ kind: 'Secret', name: 'mq', keys: ['url'] });
  const chart = new EnvironmentChart(app, 'shop', { namespace: 'shop', partOf: 'shop' });
  const secret = new KeyedSecret(chart, 'Secret', {
    name: 'shop',
    keys: ['SECRET_KEY_BASE', ...keys],
    source: { existing: true },
  });
  const shop = { ...application, name: 'shop', sockets: 0 };
  const release = new PhoenixRelease(chart, 'Release', {
    application: shop,
    image,
    host: 'shop.example.com',
    secret,
    replicas: 2,
    resources,
    config,
    backingServices: services,
  });
  new Worker(chart, 'Worker', { release, replicas: 2, config: ofWorkers });
  new MigrationJob(chart, 'Migrate', { release, deadline: Duration.minutes(5) });
  new ScheduledTask(chart, 'Nightly', {
    release,
    task: 'nightly',
    schedule: '0 3 * * *',
    command: ['/app/bin/shop', 'eval', 'ok'],
    deadline: Duration.minutes(5),
  });
  if (cache) {
    declare(chart, { traffic: [{ pods: 'cache', labels: {}, sends: [], reachesOut: false }] });
    new ProbedDeployment(chart, 'Cache', {
      name: 'cache',
      image,
      replicas: 1,
      resources,
      ports: { redis: 6379 },
      servicePorts: { redis: 7000 },
      probes: { readiness: Probe.exec({ command: ['redis-cli', 'ping'] }), liveness: Probe.tcp({ port: 'redis' }) },
      drain: { preStop: Duration.seconds(5), shutdown: Duration.seconds(60) },
    });
  }
  new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }], egress });
  return app;
}

function documents(app: App): Manifest[] {
  return app.charts.flatMap((chart) => chart.toJson() as Manifest[]);
}

/** What a policy lets out, without names. */
function waysOut(app: App, pods: string): Manifest[] {
  const found = documents(app).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === pods);
  return ((found?.['spec'].egress ?? []) as Manifest[]).slice(1);
}

const faultsOf = (drawn: Drawn) => render(environment(drawn)).faults;
const inNamespace = (name: string) => [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }];
const tcp = (port: number) => [{ port, protocol: 'TCP' }];
const EVERYBODY = ['shop', 'shop-worker', 'shop-migrate', 'shop-nightly'];

describe('a backing service', () => {
  const services: BackingServices = {
    REDIS_URL: { url: 'redis://redis.tools.svc.cluster.local:6380/1' },
    KAFKA_BROKERS: { url: 'one.bus:9092,two.bus:9092' },
    BILLING_URL: { url: 'http://billing.money', targetPort: 4000 },
    S3_ENDPOINT: { url: 'https://s3.example.com', cidrs: 'everyone' },
    SMTP_HOST: { host: 'mail.example.com', port: 2525, cidrs: ['203.0.113.0/25', '203.0.113.128/25'] },
    ANALYTICS_DATABASE_URL: { host: 'warehouse.example.com', port: 5439, cidrs: ['198.51.100.7/32'] },
    AMQP_URL: { host: 'mq.bus', port: 5672, secret: { secret: 'mq', key: 'url' } },
    LEGACY_URL: { url: 'http://10.1.2.3:8080' },
    STATUS_API_URL: OptOut.because('the browser asks it'),
  };
  const config = { STATUS_API_URL: 'https://status.example.com' };

  test('is a variable, and a way through the fence, of every pod of the release', () => {
    const app = environment({ services, keys: ['ANALYTICS_DATABASE_URL'], config });
    expect(render(app).faults).toEqual([]);
    const expected = [
      { to: inNamespace('tools'), ports: tcp(6380) },
      { to: inNamespace('bus'), ports: tcp(9092) },
      { to: inNamespace('money'), ports: tcp(4000) },
      { ports: tcp(443) },
      { to: [{ ipBlock: { cidr: '203.0.113.0/25' } }], ports: tcp(2525) },
      { to: [{ ipBlock: { cidr: '203.0.113.128/25' } }], ports: tcp(2525) },
      { to: [{ ipBlock: { cidr: '198.51.100.7/32' } }], ports: tcp(5439) },
      { to: inNamespace('bus'), ports: tcp(5672) },
      { to: [{ ipBlock: { cidr: '10.1.2.3/32' } }], ports: tcp(8080) },
    ];
    for (const pods of EVERYBODY) expect(waysOut(app, pods)).toEqual(expected);
    const configMap = documents(app).find(({ kind }) => kind === 'ConfigMap');
    expect(configMap?.['data']).toMatchObject({
      REDIS_URL: 'redis://redis.tools.svc.cluster.local:6380/1',
      KAFKA_BROKERS: 'one.bus:9092,two.bus:9092',
      SMTP_HOST: 'mail.example.com',
      SMTP_PORT: '2525',
    });
    const job = documents(app).find(({ kind }) => kind === 'Job');
    const env = job?.['spec'].template.spec.containers[0].env as Manifest[];
    expect(env).toContainEqual({ name: 'REDIS_URL', value: 'redis://redis.tools.svc.cluster.local:6380/1' });
    expect(env).toContainEqual({ name: 'AMQP_URL', valueFrom: { secretKeyRef: { name: 'mq', key: 'url' } } });
  });

  test.each(['redis://cache:7000', 'redis://cache.shop:7000', 'redis://cache.shop.svc.cluster.local:7000'])(
    'in the environment opens both ends, at the port of its pods: %s',
    (url) => {
      const app = environment({ services: { REDIS_URL: { url } }, cache: true });
      expect(render(app).faults).toEqual([]);
      const cache = { podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'cache' } } };
      for (const pods of EVERYBODY) expect(waysOut(app, pods)).toEqual([{ to: [cache], ports: tcp(6379) }]);
      const policy = documents(app).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'cache');
      expect(policy?.['spec'].ingress[0].from).toHaveLength(EVERYBODY.length);
      expect(policy?.['spec'].ingress[0].ports).toEqual(tcp(6379));
    },
  );

  test('in the environment fails when its Service has no such port', () => {
    const faults = faultsOf({ services: { REDIS_URL: { url: 'redis://cache:6379' } }, cache: true });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(
      '\'REDIS_URL\' must name a port of Service cache, got "cache:6379"; write 7000 (hosts-reachable)',
    );
  });

  test('may be what config says already, and fails when config says otherwise', () => {
    const mail: BackingServices = { SMTP_HOST: { host: 'mail.example.com', port: 2525, cidrs: 'everyone' } };
    expect(faultsOf({ services: mail, config: { SMTP_HOST: 'mail.example.com', SMTP_PORT: '2525' } })).toEqual([]);
    expect(faultsOf({ services: mail, config: { SMTP_PORT: '25' } })).toEqual([
      '[shop/Release] \'backingServices.SMTP_HOST.port\' must be what SMTP_PORT says, 25, got "2525"; take SMTP_PORT out of config or variables, or write the same here',
    ]);
    const [fault] = faultsOf({ services: mail, config: { SMTP_HOST: 'smtp.example.net' } });
    expect(fault).toContain("'backingServices.SMTP_HOST.host' must be what SMTP_HOST says, smtp.example.net, got");
  });

  test('that is left out changes nothing', () => {
    expect(documents(environment({ services: {} }))).toEqual(documents(environment({})));
  });

  test.each<[string, BackingServices, string]>([
    [
      'is a URL alone, without printing it',
      { AMQP_URL: 'amqp://shop:hush@mq.shop.svc' as unknown as { url: string } },
      "'backingServices.AMQP_URL' must be an object with one of url, host or an OptOut, got \"a text of 28 characters\"; write { url: 'redis://redis.cache.svc:6379' }, or { host: 'redis.cache.svc', port: 6379 } beside a secret key",
    ],
    [
      'has a password',
      { A_URL: { url: 'redis://:hunter22@redis.tools.svc:6379' } },
      '\'backingServices.A_URL.url\' must have no password, got "38 characters"',
    ],
    [
      'has one in what a driver takes in place of a URL',
      { A_DSN: { url: 'shop:hunter22@tcp(db.tools.svc:3306)/shop' } },
      '\'backingServices.A_DSN.url\' must have no password, got "41 characters"',
    ],
    [
      'has one among keywords',
      { A_DSN: { url: 'host=db.tools.svc user=shop password=hunter22' } },
      '\'backingServices.A_DSN.url\' must have no password, got "45 characters"',
    ],
    ['has no host', { A_URL: { url: 'redis' } }, '\'backingServices.A_URL.url\' must name a host and its port, got "redis"'],
    ['has no port', { A_URL: { url: 'custom://broker.tools.svc' } }, 'must name a host and its port, got'],
    [
      'has one of several ports',
      { A_URL: { url: 'smtp://mail.tools.svc' } },
      'must name a host and its port, of which 587, 25, 465, 2525 are usual',
    ],
    [
      'is outside, nobody knows where',
      { A_URL: { url: 'https://api.example.com' } },
      "'backingServices.A_URL.cidrs' must say which addresses a host outside of the cluster has",
    ],
    ['may be a namespace or a domain', { A_URL: { url: 'https://example.com' } }, 'a Service is written as example.com.svc'],
    [
      'has no addresses',
      { A_URL: { url: 'https://api.example.com', cidrs: [] } },
      "'backingServices.A_URL.cidrs' must be 'everyone' or a list of ranges, got []",
    ],
    [
      'has a name for an address',
      { A_URL: { url: 'https://api.example.com', cidrs: ['api.example.com'] } },
      "'backingServices.A_URL.cidrs' must be a range of addresses",
    ],
    [
      'hides the port of its pods',
      { A_URL: { url: 'http://billing.money.svc' } },
      "'backingServices.A_URL.targetPort' must be given for port 80 of a Service in another namespace",
    ],
    [
      'is the pod itself',
      { A_URL: { url: 'redis://localhost:6379' } },
      '\'backingServices.A_URL\' must lead out of the pod, got "localhost:6379"',
    ],
    [
      'is no variable',
      { A_URL: { host: 'redis.tools', port: 6379 } },
      "'backingServices.A_URL' must be a variable of the release",
    ],
    [
      'is two variables',
      { MAIL: { url: 'redis://redis.tools.svc:6379' } },
      "'backingServices.MAIL.url' must be left out for a variable that the Secret, config or variables of the release set",
    ],
    [
      'has a port that none is',
      { A_URL: { host: 'redis.tools', port: 70000, secret: { secret: 'a', key: 'b' } } },
      "'backingServices.A_URL.port' must be a whole number from 1 to 65535",
    ],
    [
      'is no host',
      { A_URL: { host: 'https://redis', port: 6379, secret: { secret: 'a', key: 'b' } } },
      "'backingServices.A_URL.host' must be a DNS host name",
    ],
    ['is nothing', { A_URL: {} as never }, "'backingServices.A_URL' must have either 'url', or 'host' and 'port', got nothing"],
    ['is both', { A_URL: { url: 'redis://redis.tools:1', host: 'redis.tools', port: 1 } }, 'got "url and host and port"'],
    [
      'has a port beside its URL',
      { A_URL: { url: 'redis://redis.tools.svc:6379', port: 6380 } },
      "'backingServices.A_URL' must have either 'url', or 'host' and 'port', got \"url and port\"; write",
    ],
    [
      'has a misspelt field',
      { A_URL: { host: 'redis.tools.svc', port: 6379, secret: { secret: 'a', key: 'b' }, targetport: 7000 } as never },
      "'backingServices.A_URL.targetport' must be a prop that is known, got 7000; did you mean 'targetPort'?",
    ],
    [
      'has a misspelt field of its Secret',
      { A_URL: { host: 'redis.tools.svc', port: 6379, secret: { secret: 'a', key: 'b', optinal: true } as never } },
      "'backingServices.A_URL.secret.optinal' must be a prop that is known, got true; use one of secret, key",
    ],
    [
      'has a port of pods that have none of their own',
      { A_URL: { url: 'https://api.example.com', cidrs: 'everyone', targetPort: 8443 } },
      "'backingServices.A_URL.targetPort' must be left out where addresses are opened",
    ],
    ['is text', { A_URL: 'redis://redis.tools.svc:6379' as never }, "'backingServices.A_URL' must be an object"],
    [
      'is left out by a misspelt name',
      { MAILL: OptOut.because('the browser opens it') },
      "'backingServices.MAILL' must be a variable that pods have, got \"MAILL\"; did you mean 'MAIL'?",
    ],
    ['has no reason', { MAIL: OptOut.because('no') }, "'backingServices.MAIL' must give a reason"],
    ['has no name', { '1_URL': { url: 'redis://redis.tools.svc:6379' } }, 'must hold names of letters, digits'],
  ])('fails when it %s', (_, services, said) => {
    let faults: readonly string[];
    try {
      faults = faultsOf({ services, config: { MAIL: 'x' } });
    } catch (error) {
      faults = [String(error)];
    }
    // The Secrets of these are no one's.
    expect(faults.filter((fault) => !fault.includes('(secret-reference)'))).toEqual([expect.stringContaining(said)]);
    expect(faults.join()).not.toContain('hunter22');
  });
});

describe('a service that is left out with a reason', () => {
  const left: BackingServices = { HELP_URL: OptOut.because('the browser opens it') };

  test('is a variable of any pod: of the release, of its Secret, or of a worker alone', () => {
    expect(faultsOf({ services: left, config: { HELP_URL: 'https://help.example.com' } })).toEqual([]);
    expect(faultsOf({ services: left, keys: ['HELP_URL'] })).toEqual([]);
    expect(faultsOf({ services: left, ofWorkers: { HELP_URL: 'https://help.example.com' } })).toEqual([]);
  });

  test('may be one that this environment does not have', () => {
    expect(faultsOf({ services: left })).toEqual([]);
    expect(faultsOf({ services: left, config: { S3_URL: 'https://s3.example.com' }, egress: [{ port: 443 }] })).toEqual([]);
  });

  test('fails when its name is misspelt', () => {
    expect(faultsOf({ services: left, config: { HELP_URI: 'https://localhost' } })).toEqual([
      "[shop/Release] 'backingServices.HELP_URL' must be a variable that pods have, got \"HELP_URL\"; did you mean 'HELP_URI'?",
    ]);
  });
});

describe('a variable that leads somewhere', () => {
  test('is named with the line to add', () => {
    const [fault, ...others] = faultsOf({ config: { CACHE_URL: 'redis://redis.tools:6379' } });
    expect(others).toEqual([]);
    expect(fault).toMatch(
      /^\[shop\/Migrate\/Job, shop\/Nightly\/CronJob, shop\/Release\/Web\/Deployment, shop\/Worker\/Pods\/Deployment\] 'CACHE_URL' must /,
    );
    expect(fault).toContain('no NetworkPolicy of theirs opens TCP 6379 of redis.tools, got "redis.tools:6379"');
    expect(fault).toContain(
      "add { port: 6379, peer: { namespace: 'tools' } } with the port of the Service's pods where that is another, to 'egress' of",
    );
    expect(
      faultsOf({ config: { CACHE_URL: 'redis://redis.tools:6379' }, egress: [{ port: 6379, peer: { namespace: 'tools' } }] }),
    ).toEqual([]);
  });

  test('may be hidden by the Secret, and then is declared beside the key', () => {
    const [fault, ...others] = faultsOf({ keys: ['CLICKHOUSE_DATABASE_URL'] });
    expect(others).toEqual([]);
    expect(fault).toContain(
      "write backingServices: { CLICKHOUSE_DATABASE_URL: { host: 'host.example.com', port: 9000, cidrs: ['203.0.113.0/24'] } }",
    );
    const services = { CLICKHOUSE_DATABASE_URL: { host: 'events.tools.svc', port: 8123 } };
    expect(faultsOf({ keys: ['CLICKHOUSE_DATABASE_URL'], services })).toEqual([]);
  });
});

/** How a host is written, and which opening leads there. */
const target = fc.oneof(
  fc
    .record({
      namespace: fc.constantFrom('tools', 'bus'),
      form: fc.constantFrom('', '.svc', '.svc.cluster.local'),
      port: fc.integer({ min: 1024, max: 9999 }),
    })
    .map(({ namespace, form, port }) => ({
      host: `queue.${namespace}${form}`,
      port,
      way: { port, peer: { namespace } },
    })),
  fc
    .record({
      name: fc.constantFrom('api.example.com', 'mq.eu-west-1.example.net'),
      port: fc.integer({ min: 1, max: 9999 }),
      any: fc.boolean(),
    })
    .map(({ name, port, any }) => ({
      host: name,
      port,
      way: { port, ...(any ? {} : { peer: { cidr: '203.0.113.0/24' } }) },
    })),
  fc.record({ last: fc.integer({ min: 1, max: 254 }), port: fc.integer({ min: 1, max: 9999 }) }).map(({ last, port }) => ({
    host: `10.20.30.${last}`,
    port,
    way: { port, peer: { cidr: `10.20.30.${last}/32` } },
  })),
);
const written = fc.constantFrom(
  (host: string, port: number) => ({ A_BROKER_URL: `amqp://user@${host}:${port}/x` }),
  (host: string, port: number) => ({ A_BROKER_URL: `http://${host}:${port}` }),
  (host: string, port: number) => ({ A_BROKERS: `${host}:${port}` }),
  (host: string, port: number) => ({ SMTP_HOST: host, SMTP_PORT: `${port}` }),
  (host: string, port: number) => ({ A_SETTINGS: `{"broker":"mqtt://${host}:${port}"}` }),
);

test('each URL of a random environment is reachable in the fence, or refused', () => {
  fc.assert(
    fc.property(target, written, fc.boolean(), fc.boolean(), ({ host, port, way }, write, open, near) => {
      const config = write(host, port);
      const other = { ...way, port: near ? port + 1 : way.port, ...(near ? {} : { peer: { namespace: 'elsewhere' } }) };
      const faults = faultsOf({ config, egress: [open ? way : other] });
      if (open) expect(faults).toEqual([]);
      else expect(faults).toEqual([expect.stringContaining(`of ${host}, got`)]);
    }),
    { numRuns: 40, seed: 311 },
  );
});
