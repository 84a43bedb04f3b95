import { App, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { parseAllDocuments } from 'yaml';
import {
  BeamCluster,
  distilleryRelease,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  mixRelease,
  NetworkFence,
  PhoenixRelease,
  phxNew,
  render,
  Resources,
  ScheduledTask,
  Worker,
  type BeamClusterProps,
  type KeyedSecretProps,
  type Manifest,
  type PhoenixApplication,
  type PhoenixReleaseProps,
} from '../../lib/index';

const shop: PhoenixApplication = {
  name: 'shop',
  release: mixRelease({ release: 'shop_umbrella', module: 'Shop.Release' }),
  port: 4000,
  health: { ready: '/ready' },
  sockets: 1,
};
const podIp = { fieldRef: { fieldPath: 'status.podIP' } };

interface Told {
  readonly facts?: Partial<PhoenixApplication>;
  readonly props?: Partial<PhoenixReleaseProps>;
  readonly cluster?: Partial<BeamClusterProps>;
  readonly keys?: KeyedSecretProps<string>['keys'];
}

/** An environment with web pods, a worker, a job and a task, rules included. */
function rendered({ facts, props, cluster, keys = ['SECRET_KEY_BASE', 'COOKIE'] }: Told) {
  const app = new App();
  const chart = new EnvironmentChart(app, 'shop', { namespace: 'shop', partOf: 'shop' });
  const secret = new KeyedSecret(chart, 'Secret', { name: 'shop', keys, source: { existing: true } });
  const release = new PhoenixRelease(chart, 'Release', {
    application: { ...shop, ...facts },
    image: `registry.example.com/shop:1.4.2@sha256:${'b'.repeat(64)}`,
    host: 'shop.example.com',
    secret,
    replicas: 2,
    migrationGate: Duration.minutes(5),
    resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(512) }),
    cluster: cluster && new BeamCluster(chart, 'Mesh', { name: 'shop', cookie: secret.key('COOKIE'), ...cluster }),
    ...props,
  });
  new Worker(chart, 'Worker', { release, replicas: 1 });
  new MigrationJob(chart, 'Migration', { release });
  new ScheduledTask(chart, 'Task', {
    release,
    task: 'digest',
    command: ['/app/bin/shop_umbrella', 'eval', '1'],
    schedule: '0 3 * * *',
  });
  new NetworkFence(chart, 'Fence', { clients: [{ namespace: 'gateway' }] });
  const { faults, files } = render(app);
  return { faults, objects: parseAllDocuments([...files.values()].join('---\n')).map((one) => one.toJS() as Manifest) };
}

/** What the containers of an object are told, each by its name. */
function told(objects: readonly Manifest[], kind: string, name: RegExp): Record<string, Record<string, unknown>> {
  const named = (wanted: RegExp) => (one: Manifest) => wanted.test(String(one['metadata'].name));
  const found = objects.filter((one) => one['kind'] === kind).find(named(name)) ?? {};
  const { initContainers = [], containers } = (found['spec'].jobTemplate?.spec ?? found['spec']).template.spec;
  // What asks for the job runs no release.
  const releases = (initContainers as Manifest[]).filter((one) => one['name'] !== 'still-wanted');
  return Object.fromEntries(
    [...releases, ...(containers as Manifest[])].map((one) => {
      const configMaps = ((one['envFrom'] ?? []) as Manifest[]).map((from) => String(from['configMapRef'].name));
      const data = configMaps.flatMap((wanted) =>
        objects.filter(named(new RegExp(`^${wanted}$`))).map((map) => map['data'] as object),
      );
      const own = (one['env'] as Manifest[]).map((entry) => ({ [String(entry['name'])]: entry['value'] ?? entry['valueFrom'] }));
      return [String(one['name']), Object.assign({}, ...data, ...own) as Record<string, unknown>];
    }),
  );
}

describe('what the application reads', () => {
  const withHost = [...phxNew.umbrella, 'PHX_HOST'] as const;

  test('is all of it, unless it is said', () => {
    const props = { hosts: ['shop.example.org'], url: { scheme: 'https', port: 8443 }, https: { secret: 'shop-tls' } } as const;
    expect(rendered({ props }).faults).toEqual([]);
  });

  test('is a host at least: an umbrella as it is generated answers for example.com', () => {
    expect(rendered({ facts: { reads: phxNew.umbrella } }).faults).toEqual([
      "[shop/Release] 'host' must be read by the application, as PHX_HOST, got \"reads: PORT, SECRET_KEY_BASE, DATABASE_URL, POOL_SIZE, ECTO_IPV6, DNS_CLUSTER_QUERY\"; read them in config/runtime.exs, with the lines of docs/public-url.md, and name them in 'application.reads'",
    ]);
  });

  test('starts an endpoint that reads no switch by a flag, in the web pods alone', () => {
    const { faults, objects } = rendered({ facts: { reads: withHost } });
    expect(faults).toEqual([]);
    const { web, 'wait-for-migrations': gate } = told(objects, 'Deployment', /^shop$/);
    expect(web).not.toHaveProperty('PHX_SERVER');
    expect(web?.['ERL_FLAGS']).toMatch(/ -phoenix serve_endpoints true$/);
    const others = [gate, ...Object.values(told(objects, 'Deployment', /worker/)), ...Object.values(told(objects, 'Job', /./))];
    for (const one of others) expect(one?.['ERL_FLAGS']).toMatch(/\+sbwtdio none$/);
  });

  test.each([
    ['a generated application', phxNew.single],
    ['an umbrella with the switch', [...withHost, 'PHX_SERVER'] as const],
  ])('starts %s by its variable', (_, reads) => {
    const { faults, objects } = rendered({ facts: { reads } });
    expect(faults).toEqual([]);
    const { web } = told(objects, 'Deployment', /^shop$/);
    expect([web?.['PHX_SERVER'], web?.['ERL_FLAGS']]).toEqual(['true', expect.not.stringContaining('serve_endpoints')]);
  });

  test.each<[string, Told, RegExp]>([
    ['url', { props: { url: { scheme: 'http', port: 30400 } } }, /'url' must be read .* as PHX_URL_SCHEME, PHX_URL_PORT, /],
    ['hosts', { props: { hosts: ['a.example.com'] } }, /'hosts' must be read .* as PHX_CHECK_ORIGIN, /],
    [
      'https',
      { props: { https: { secret: 'tls' } } },
      /'https' must be read .* PHX_HTTPS_PORT, PHX_SSL_CERT_PATH, PHX_SSL_KEY_PATH, /,
    ],
    [
      'cluster',
      { cluster: { discovery: 'kubernetesApi' } },
      /'cluster' must be read .* LIBCLUSTER_NODE_BASENAME, LIBCLUSTER_SELECTOR, /,
    ],
  ])('fails when %s is not read', (_, change, sentence) => {
    const { faults } = rendered({ ...change, facts: { reads: phxNew.single } });
    expect(faults).toEqual([expect.stringMatching(sentence)]);
    expect(rendered(change).faults.filter((fault) => fault.includes('must be read'))).toEqual([]);
  });

  test('fails when a name of it is misspelt', () => {
    const reads = [...phxNew.single, 'PHX_URL_SHEME' as 'PHX_URL_SCHEME'];
    expect(rendered({ facts: { reads } }).faults).toEqual([
      '[shop/Release] \'application.reads\' must name variables that a release sets, got "PHX_URL_SHEME"; did you mean PHX_URL_SCHEME?',
    ]);
  });
});

describe('an image that names its node', () => {
  const facts = { nodeVariables: { NODE_BASE: 'shop', MY_POD_IP: podIp } };

  test('names it by the loopback address where there is no cluster, in every pod', () => {
    const { faults, objects } = rendered({ facts });
    expect(faults).toEqual([]);
    const pods = [/^shop$/, /worker/].flatMap((name) => Object.values(told(objects, 'Deployment', name)));
    const jobs = [told(objects, 'Job', /./), told(objects, 'CronJob', /./)].flatMap((containers) => Object.values(containers));
    for (const one of [...pods, ...jobs]) {
      expect(one).toMatchObject({ NODE_BASE: 'shop', MY_POD_IP: '127.0.0.1' });
      expect(one).not.toHaveProperty('RELEASE_NODE');
    }
    const { web } = told(objects, 'Deployment', /^shop$/);
    expect(web).toMatchObject({
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_AFLAGS: '-kernel inet_dist_use_interface {127,0,0,1} -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4379',
    });
    expect(web).not.toHaveProperty('RELEASE_DISTRIBUTION');
  });

  test('names it by the address of the pod where there is one', () => {
    const { faults, objects } = rendered({ facts, cluster: {} });
    expect(faults).toEqual([]);
    expect(told(objects, 'Deployment', /^shop$/)['web']).toMatchObject({ NODE_BASE: 'shop', MY_POD_IP: podIp });
    expect(told(objects, 'Job', /./)['migrate']).toMatchObject({ MY_POD_IP: '127.0.0.1' });
  });
});

describe('the cookie', () => {
  test.each(['RELEASE_COOKIE', 'BEAM_SECRET', 'MAGIC'])('may be in a variable %s', (cookieVariable) => {
    const { faults, objects } = rendered({ cluster: { cookieVariable } });
    expect(faults).toEqual([]);
    const cookie = { secretKeyRef: { name: 'shop', key: 'COOKIE' } };
    expect(told(objects, 'Deployment', /worker/)['worker']).toMatchObject({ [cookieVariable]: cookie });
  });
});

describe('the Secret', () => {
  test('may have keys of other names than the variables', () => {
    const { faults, objects } = rendered({ keys: { 'secret-key-base': 'SECRET_KEY_BASE', 'smtp.password': 'SMTP_PASSWORD' } });
    expect(faults).toEqual([]);
    const variables = {
      SECRET_KEY_BASE: { secretKeyRef: { name: 'shop', key: 'secret-key-base' } },
      SMTP_PASSWORD: { secretKeyRef: { name: 'shop', key: 'smtp.password' } },
    };
    expect(told(objects, 'Deployment', /^shop$/)['web']).toMatchObject(variables);
    expect(told(objects, 'CronJob', /./)['digest']).toMatchObject(variables);
  });

  test('need not have the key where the variable comes from elsewhere, or is not read', () => {
    const SECRET_KEY_BASE = { secretKeyRef: { name: 'shop', key: 'base' } };
    expect(rendered({ keys: ['base'], props: { variables: { SECRET_KEY_BASE } } }).faults).toEqual([]);
    const reads = phxNew.single.filter((name) => name !== 'SECRET_KEY_BASE');
    expect(rendered({ keys: ['VAULT_TOKEN'], facts: { reads } }).faults).toEqual([]);
  });

  test.each<[string, KeyedSecretProps<string>['keys'], string]>([
    [
      'is misspelt',
      ['SECRET_KEYBASE', 'SMTP_PASSWORD'],
      "got \"SECRET_KEYBASE, SMTP_PASSWORD\"; rename the key SECRET_KEYBASE, or map it: keys: { 'SECRET_KEYBASE': 'SECRET_KEY_BASE' }",
    ],
    [
      'is written as Kubernetes writes keys',
      ['secret-key-base'],
      "got \"secret-key-base\"; rename the key secret-key-base, or map it: keys: { 'secret-key-base': 'SECRET_KEY_BASE' }",
    ],
    [
      'is missing',
      ['SMTP_PASSWORD'],
      "got \"SMTP_PASSWORD\"; add it to 'keys' of the Secret, or map the key that holds it: { 'key-of-phoenix': 'SECRET_KEY_BASE' }",
    ],
  ])('fails with one sentence when the key of Phoenix %s', (_, keys, end) => {
    expect(rendered({ keys }).faults).toEqual([`[shop/Release] 'secret' must have a key for SECRET_KEY_BASE, ${end}`]);
  });

  test('fails when two keys are one variable', () => {
    expect(rendered({ keys: { a: 'SECRET_KEY_BASE', b: 'SECRET_KEY_BASE' } }).faults).toEqual([
      '[shop/Secret] \'keys.b\' must be a variable of its own, got "SECRET_KEY_BASE"; the key a has it already',
    ]);
  });
});

describe('names', () => {
  const release = 'shop_umbrella';

  test.each(['Shop.Release', 'Shop', 'Shop_Web.V2.Release', 'Elixir.Shop.Release', ':shop_release'])(
    '%s is a module',
    (module) => {
      expect(rendered({ facts: { release: mixRelease({ release, module }) } }).faults).toEqual([]);
    },
  );

  test.each(['shop.Release', 'Shop.release', 'Shop..Release', 'Shop-Web.Release', 'ShopÉ.Release', 'Shop.Release.migrate()'])(
    'fails when the module is %s',
    (module) => {
      expect(rendered({ facts: { release: mixRelease({ release, module, otpApps: ['shop'] }) } }).faults).toEqual([
        `[shop/Release] 'mixRelease.module' must be a module: names with a capital letter each, joined by dots, got "${module}"; write it as KubeNative.Release`,
      ]);
    },
  );

  test.each(['Shop', 'shop-web', '1shop', '_shop'])('fails when the release is %s', (name) => {
    const { faults } = rendered({ facts: { release: mixRelease({ release: name, module: 'Shop.Release' }) } });
    expect(faults).toEqual([
      expect.stringMatching(/^\[shop\/Release\] 'mixRelease.release' must start with a lower-case letter/),
    ]);
  });

  test('fails when an application is none', () => {
    const tool = mixRelease({ release, module: 'Shop.Release', otpApps: ['shop', 'Elixir.Shop'] });
    expect(rendered({ facts: { release: tool } }).faults).toEqual([
      "[shop/Release] 'mixRelease.otpApps' must start with a lower-case letter, and hold letters, digits and _ of ASCII alone, got \"Elixir.Shop\"; write the name that stands under 'app' in mix.exs",
    ]);
  });

  test('of old tools are not those of mix', () => {
    const tool = distilleryRelease({ release: 'Shop' });
    const props = { migrationGate: undefined };
    expect(rendered({ facts: { release: tool }, props, keys: ['SECRET_KEY_BASE'] }).faults).toEqual([]);
  });
});
