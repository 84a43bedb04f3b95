import { ApiObject, App, Chart } from 'cdk8s';
import { Checks, OptOut, render, type KubernetesVersion, type Manifest } from '../../lib/index';

const [APP, PROXY] = ['registry.example.com/shop:1.0.0', 'registry.example.com/proxy:2.0.0'];

/** What one of the two rules says of a workload with these containers. */
function said(rule: string, manifest: Manifest, kubernetes: KubernetesVersion = '1.33', others: Manifest[] = []): string[] {
  const app = new App();
  Checks.of(app).kubernetes = kubernetes;
  const chart = new Chart(app, 'shop', { namespace: 'shop', disableResourceNameHashes: true });
  for (const [index, one] of [manifest, ...others].entries()) new ApiObject(chart, `${one['kind']}${index}`, one as never);
  return render(app).faults.filter((fault) => fault.endsWith(`(${rule})`));
}

interface Made {
  readonly kind?: string;
  readonly containers: Manifest[];
  readonly initContainers?: Manifest[];
  readonly annotations?: Manifest;
  readonly spec?: Manifest;
}

function workload({ kind = 'Deployment', containers, initContainers = [], annotations = {}, spec = {} }: Made): Manifest {
  const labels = { app: 'shop' };
  const pod = { ...(initContainers.length > 0 ? { initContainers } : {}), containers, ...spec };
  const template = { metadata: { labels, annotations }, spec: kind === 'Deployment' ? pod : { ...pod, restartPolicy: 'Never' } };
  const own = kind === 'Deployment' ? { selector: { matchLabels: labels }, template } : { template };
  const whole = kind === 'CronJob' ? { schedule: '0 3 * * *', jobTemplate: { spec: own } } : own;
  return { apiVersion: kind === 'Deployment' ? 'apps/v1' : 'batch/v1', kind, metadata: { name: 'shop' }, spec: whole };
}

const env = (variables: Record<string, string>): Manifest[] =>
  Object.entries(variables).map(([name, value]) => ({ name, value }));
const shop = (variables: Record<string, string>, more: Manifest = {}): Manifest => ({
  name: 'shop',
  image: APP,
  command: ['/app/bin/shop', 'start'],
  ports: [{ name: 'http', containerPort: 4000 }],
  env: env(variables),
  ...more,
});
const proxy = (more: Manifest = {}): Manifest => ({ name: 'proxy', image: PROXY, ports: [{ containerPort: 5432 }], ...more });
const native = (one: Manifest): Manifest => ({ ...one, restartPolicy: 'Always' });
const DATABASE_URL = 'ecto://shop@127.0.0.1:5432/shop';

describe('an address in the pod', () => {
  const local = (made: Made, kubernetes?: KubernetesVersion, others?: Manifest[]): string[] =>
    said('local-addresses', workload(made), kubernetes, others);

  test.each<[string, Record<string, string>, string]>([
    ['the URL of a database', { DATABASE_URL }, '127.0.0.1:5432'],
    ['one by name', { DATABASE_URL: 'ecto://shop@localhost/shop' }, 'localhost:5432 or 3306'],
    ['one by IPv6', { DATABASE_URL: 'ecto://shop@[::1]:5432/shop' }, '::1:5432'],
    ['another protocol', { CACHE_URL: 'redis://localhost:6379/0' }, 'localhost:6379'],
    ['a host and a port', { DB_HOST: '127.0.0.1', DB_PORT: '6432' }, '127.0.0.1:6432'],
    ['a host with the usual port', { SMTP_HOST: 'localhost' }, 'localhost:587'],
    ['what is called by HTTP', { IMGPROXY_ENDPOINT: 'http://127.0.0.1:8086' }, '127.0.0.1:8086'],
    ['a list of brokers', { KAFKA_BROKERS: 'localhost:9092' }, 'localhost:9092'],
  ])('fails where nobody listens: %s', (_, variables, got) => {
    const [fault = '', ...others] = local({ containers: [shop(variables)] });
    expect(others).toEqual([]);
    expect(fault).toContain('must lead to a port that a container of Deployment shop declares');
    expect(fault).toContain(`got "${got}`);
  });

  test('fails in a job whose proxy was forgotten, and in the gate before a plain one', () => {
    expect(local({ kind: 'Job', containers: [shop({ DATABASE_URL }, { ports: [] })] })).toHaveLength(1);
    const gate = { ...shop({ DATABASE_URL }, { ports: [] }), name: 'wait' };
    const [late = ''] = local({ initContainers: [gate], containers: [shop({}), proxy()] });
    expect(late).toContain(
      'must lead to what is there before wait, which runs before proxy is started, got "127.0.0.1:5432"; make that a native sidecar before it: an init container with restartPolicy: \'Always\'',
    );
    expect(local({ initContainers: [gate, native(proxy())], containers: [shop({})] })).toHaveLength(1);
  });

  test.each<[string, Made]>([
    ['a plain proxy', { containers: [shop({ DATABASE_URL }), proxy()] }],
    [
      'a native one, for the gate too',
      {
        initContainers: [native(proxy()), { ...shop({ DATABASE_URL }), name: 'wait', ports: [] }],
        containers: [shop({ DATABASE_URL })],
      },
    ],
    [
      'a job with a native one',
      { kind: 'CronJob', initContainers: [native(proxy())], containers: [shop({ DATABASE_URL }, { ports: [] })] },
    ],
    ['a container whose ports nobody wrote down', { containers: [shop({ DATABASE_URL }), { name: 'agent', image: PROXY }] }],
    ['its own port', { containers: [shop({ SELF_URL: 'http://localhost:4000/' })] }],
    ['the network of the node', { containers: [shop({ REDIS_URL: 'redis://127.0.0.1:6379' })], spec: { hostNetwork: true } }],
    [
      'what Dapr adds',
      { containers: [shop({ DAPR_API_URL: 'http://127.0.0.1:3500' })], annotations: { 'dapr.io/enabled': 'true' } },
    ],
    [
      'what an operator injects',
      {
        containers: [shop({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317' })],
        annotations: { 'sidecar.opentelemetry.io/inject': 'true' },
      },
    ],
  ])('is left alone with %s', (_, made) => {
    expect(local(made)).toEqual([]);
  });

  test.each<[string, string]>([
    ['HOST', '127.0.0.1'],
    ['HTTP_HOST', '127.0.0.1'],
    ['LISTEN_URL', 'http://127.0.0.1:9100'],
    ['METRICS_HOST', 'localhost'],
    ['BIND_ADDR', '127.0.0.1:8081'],
    ['RELEASE_NODE', 'shop@127.0.0.1'],
    ['ERL_EPMD_ADDRESS', '127.0.0.1'],
    ['ERL_FLAGS', '-kernel inet_dist_use_interface {127,0,0,1}'],
    ['CORS_ALLOWED_ORIGINS', 'http://localhost:3000'],
    ['FRONTEND_URL', 'http://localhost:3000'],
    ['OAUTH_REDIRECT_URI', 'http://localhost:4001/callback'],
    ['PHX_CHECK_ORIGIN', '//localhost'],
    ['NO_PROXY', 'localhost,127.0.0.1'],
    ['TRUSTED_PROXIES', '127.0.0.1'],
    ['NOTE', 'see localhost:5432'],
  ])('is not what %s says', (name, value) => {
    expect(local({ containers: [shop({ METRICS_PORT: '9568', HTTP_PORT: '4001', [name]: value })] })).toEqual([]);
  });

  test('is not that of links on a laptop, where browsers find the application at localhost', () => {
    expect(local({ containers: [shop({ PHX_HOST: 'localhost', API_URL: 'http://localhost:30400' })] })).toEqual([]);
  });

  test('still is one where Istio adds its proxy, and where an injection is switched off', () => {
    for (const annotations of [{ 'sidecar.istio.io/inject': 'true' }, { 'linkerd.io/inject': 'disabled' }]) {
      expect(local({ containers: [shop({ DATABASE_URL })], annotations })).toHaveLength(1);
    }
  });
});

describe('a further container in a job', () => {
  const ends = (made: Made, kubernetes?: KubernetesVersion): string[] =>
    said('job-containers-end', workload({ kind: 'Job', ...made }), kubernetes);
  const migrate = shop({}, { name: 'migrate', ports: [], command: ['/app/bin/migrate'] });

  test('fails, whoever wrote it, and says what it should be', () => {
    expect(ends({ containers: [migrate, proxy()] })).toEqual([
      "[shop/Job0] 'spec.template.spec.containers[1]' must end with migrate, and a plain container runs for as long as it likes, got \"proxy\"; move it to initContainers with restartPolicy: 'Always', or into them without where it ends first; of one that ends by itself say so: Checks.of(app).leaveOut('job-containers-end', OptOut.because('...'), job) (job-containers-end)",
    ]);
    expect(ends({ kind: 'CronJob', containers: [migrate, proxy()] })).toHaveLength(1);
    const [old = ''] = ends({ containers: [migrate, proxy()] }, '1.28');
    expect(old).toContain('Kubernetes has native sidecars from 1.29 on');
  });

  test.each<[string, Made]>([
    ['a native sidecar', { initContainers: [native(proxy())], containers: [migrate] }],
    ['an init container', { initContainers: [proxy({ command: ['fetch'] })], containers: [migrate] }],
    ['two commands of one image', { containers: [migrate, { ...migrate, name: 'seed', command: ['/app/bin/seed'] }] }],
    [
      'a program that asks the other one to end',
      {
        containers: [
          { ...migrate, command: ['sh', '-c', '/app/bin/migrate; curl -X POST localhost:9091/quitquitquit'] },
          proxy(),
        ],
      },
    ],
    ['one that kills it', { containers: [migrate, proxy({ command: ['sh', '-c', 'proxy & wait-for-it; kill $!'] })] }],
    ['a Deployment', { kind: 'Deployment', containers: [shop({}), proxy()] }],
  ])('is left alone: %s', (_, made) => {
    expect(ends(made)).toEqual([]);
  });

  test('may be left out with the reason, where it ends by itself', () => {
    const app = new App();
    const chart = new Chart(app, 'shop', { namespace: 'shop', disableResourceNameHashes: true });
    const job = new ApiObject(chart, 'Job', workload({ kind: 'Job', containers: [migrate, proxy()] }) as never);
    Checks.of(app).leaveOut('job-containers-end', OptOut.because('it ends when its one client has gone'), job);
    expect(render(app).faults.filter((fault) => fault.includes('job-containers-end'))).toEqual([]);
  });
});
