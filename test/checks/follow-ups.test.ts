import { ApiObject, App, Duration, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import {
  type NamedEnvironment,
  BeamCluster,
  buildEnvironment,
  Checks,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  mixRelease,
  NetworkFence,
  OptOut,
  patch,
  PhoenixRelease,
  render,
  Worker,
  type NetworkFenceProps,
  type PhoenixReleaseProps,
  type Rule,
  type SecretSource,
} from '../../lib/index';
import { application, build, staging } from '../support/stack';
import { vary } from '../support/vary';

interface Shop extends Partial<PhoenixReleaseProps> {
  readonly name?: string;
  readonly source?: SecretSource<string>;
  readonly fence?: NetworkFenceProps;
  readonly metrics?: { readonly port: number };
  readonly keys?: readonly string[];
  readonly nodePort?: number;
  readonly worker?: Readonly<Record<string, string>>;
}

const {
  image,
  web: { resources },
} = staging;

/** A cluster of pods with a job and a fence, so that one bad value shows in many objects. */
function shop(app: App, { name = 'shop', keys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'], nodePort, worker, ...more }: Shop) {
  const { source = { existing: true }, fence = { clients: [{ namespace: 'gateway' }] }, metrics, ...props } = more;
  const chart = new EnvironmentChart(app, '30-shop', { namespace: 'shop', partOf: 'shop' });
  const secret = new KeyedSecret(chart, 'Secret', { name: 'shop', keys, source });
  const cluster = new BeamCluster(chart, 'Cluster', { name, cookie: secret.key('RELEASE_COOKIE'), port: nodePort });
  const release = new PhoenixRelease(chart, 'Release', {
    application: {
      name,
      port: 4000,
      health: { ready: '/ready', live: '/live' },
      sockets: 1,
      metrics,
      release: mixRelease({ release: 'shop', module: 'Shop.Release' }),
    },
    image,
    resources,
    host: 'shop.example.com',
    replicas: 2,
    secret,
    cluster,
    ...props,
  });
  new MigrationJob(chart, 'Migration', { release });
  if (worker) new Worker(chart, 'Worker', { release, replicas: 2, config: worker });
  new NetworkFence(chart, 'Fence', fence);
  return release;
}

function faultsOf(props: Shop, change: (release: PhoenixRelease) => void = () => undefined): readonly string[] {
  const app = new App();
  change(shop(app, props));
  const { faults, files } = render(app);
  expect(files.size === 0).toBe(faults.length > 0);
  return faults;
}

test('the shop of these tests is right', () => {
  expect(faultsOf({ worker: { QUEUES: '10' } })).toEqual([]);
});

describe('one cause is one sentence', () => {
  test('a key that the Secret does not have, whichever pods read it', () => {
    expect(faultsOf({ keys: ['SECRET_KEY_BASE', 'RELEASE_COOKY'], worker: {} })).toEqual([
      "[30-shop/Secret] 'keys' must have each key that is asked for, got \"RELEASE_COOKIE\"; did you mean 'RELEASE_COOKY', or is that misspelt in 'keys'?",
    ]);
  });

  test('a secret among the variables, which is in a ConfigMap, a job and a name: it names the prop', () => {
    const [fault, ...more] = faultsOf({ config: { MAIL_PASSWORD: 'correct-horse-battery' } });
    expect(fault).toMatch(/^\[30-shop\/Release\] 'config\.MAIL_PASSWORD' must not show the secret .*\(secret-in-plain-text\)$/);
    expect(fault).not.toContain('horse');
    expect(more).toEqual([]);
    const dollar = faultsOf({ config: { MAIL_PASSWORD: 'correct$(horse)battery' } });
    expect(dollar.filter((one) => one.includes('secret'))).toHaveLength(1);
    expect(faultsOf({ worker: { MAIL_PASSWORD: 'correct-horse-battery' } })).toEqual([
      expect.stringContaining("[30-shop/Worker] 'config.MAIL_PASSWORD' must not show"),
    ]);
  });

  test('a name, and the names that are made from it', () => {
    expect(faultsOf({ name: 'Book_Store', worker: {} })).toEqual([
      expect.stringMatching(
        /^\[30-shop\/Cluster, .*\] 'application' and 'name' must be lower-case .* at most 47 characters, got "Book_Store"; .*"book-store"$/,
      ),
    ]);
  });

  test('a name that leaves no room for those of tasks and workers', () => {
    const long = `${'book-'.repeat(11)}store`;
    expect(faultsOf({ name: long, worker: {} })).toEqual([
      expect.stringMatching(
        /^\[30-shop\/Cluster, .*\] '(?:application' and ')?name' must be .* at most 47 characters, got "book-book-/,
      ),
    ]);
    // Nothing is too long for the Deployment here, and the job's name is.
    expect(faultsOf({ name: long.slice(0, 52), cluster: undefined }).join('\n')).toMatch(/at most (?:47|63) characters/);
  });

  test('a port of epmd that the fence does not open', () => {
    expect(faultsOf({ config: { ERL_EPMD_PORT: '14369' } })).toEqual([
      expect.stringContaining(
        '[30-shop/Release] \'config.ERL_EPMD_PORT\' must be left to the cluster, which opens 4369, got "14369"',
      ),
    ]);
    expect(faultsOf({ worker: { ERL_EPMD_PORT: '14369' } })).toEqual([
      expect.stringContaining("[30-shop/Worker] 'config.ERL_EPMD_PORT'"),
    ]);
  });

  test('ports of nodes that meet that of the application', () => {
    expect(faultsOf({ nodePort: 3999 })).toEqual([
      "[30-shop/Release] 'cluster.port' must leave 4000 to the port 'http' of the application, got \"3999, 4000, 4001\"; omit it to use 4370: nodes take it and the two after it",
    ]);
    expect(faultsOf({ nodePort: 4001 })).toEqual([]);
  });

  test('a release of Kubernetes that is none', () => {
    const app = new App();
    build(vary(staging, { kubernetes: '1.40' as NamedEnvironment['kubernetes'] }), app);
    expect(render(app).faults).toEqual([
      expect.stringMatching(
        /\] 'kubernetes' must be a minor release of Kubernetes from 1\.27 to 1\.\d\d, got "1\.40"; write '1\.\d\d'$/,
      ),
    ]);
  });

  test('a peer that no pods are, in whatever policies it stands', () => {
    const fence = { clients: [{ namespace: 'gateway' }], egress: [{ port: 11211, peer: { pods: 'memcached' } }] };
    expect(faultsOf({ fence, worker: {} })).toEqual([
      '[30-shop/Fence] \'egress.peer.pods\' must name a controller of the environment, got "memcached"; write one of shop, shop-migrate, shop-worker',
    ]);
    const near = { clients: [{ pods: 'shop-workr' }] };
    expect(faultsOf({ fence: near, worker: {} })).toEqual([
      expect.stringMatching(/'clients\.pods' must name .*, got "shop-workr"; write "shop-worker"$/),
    ]);
  });

  test('an image without a digest, in whatever containers it runs', () => {
    expect(faultsOf({ image: 'registry.example.com/books:2.1.0', worker: {} })).toEqual([
      expect.stringMatching(
        /^\[30-shop\/Migration\/Job, 30-shop\/Release\/Web\/Deployment, 30-shop\/Worker\/Pods\/Deployment\] 'spec\.template\.spec\.containers\[0\]\.image' and 2 more must name a digest, got "registry\.example\.com\/books:2\.1\.0"; /,
      ),
    ]);
  });

  test('a Secret that is not there, wherever its keys are read', () => {
    const variables = { MAILER: { secretKeyRef: { name: 'mailgun', key: 'token' } } };
    expect(faultsOf({ variables, worker: {} })).toEqual([
      expect.stringMatching(/\.secretKeyRef\.name' and \d more must name a Secret that exists, got "mailgun"; /),
    ]);
  });

  test('flags of the VM that ask for too much, in ConfigMaps and in the jobs that do without', () => {
    expect(faultsOf({ erlangFlags: ['+S', '16'], worker: {} })).toEqual([
      expect.stringMatching(/'data\.ERL_FLAGS' and 2 more must start no more schedulers .*, got "\+S 16"; /),
    ]);
  });

  test('a word that no kubelet knows', () => {
    expect(faultsOf({ imagePullPolicy: 'ifnotpresent' as 'IfNotPresent', worker: {} })).toEqual([
      expect.stringMatching(/^\[30-shop\/Release\] 'imagePullPolicy' must be .*; did you mean 'IfNotPresent'\?$/),
    ]);
  });

  test('a boot that is too short for a probe', () => {
    expect(faultsOf({ bootTime: Duration.seconds(5) })).toEqual([
      expect.stringContaining("'bootTime' must be whole seconds from 10s"),
    ]);
  });

  test('a key that is misspelt in the list of the application, beside its right name in the environment', () => {
    const literal = { SECRET_KEY_BASE: 'x7'.repeat(40), RELEASE_COOKIE: 'y7'.repeat(20) };
    const said = faultsOf({ keys: ['SECRET_KEYBASE', 'RELEASE_COOKIE'], source: { literal } });
    expect(said.filter((one) => !one.endsWith('(literal-secrets)'))).toEqual([
      "[30-shop/Secret] 'source.literal.SECRET_KEYBASE' must have a text as its value, got nothing; rename the key SECRET_KEY_BASE, or SECRET_KEYBASE in 'keys'",
    ]);
  });

  test('a port for metrics that users have already', () => {
    const faults = faultsOf({ metrics: { port: 4000 }, fence: { clients: [], monitoring: [{ namespace: 'monitoring' }] } });
    expect(faults).toEqual([
      "[30-shop/Release] 'application.metrics.port' must be another one than the port 'http', got 4000; let the exporter listen on a port of its own, such as 9568, or leave it out where the application answers /metrics itself",
    ]);
  });

  test('a value without its text in a literal Secret, whoever reads the key', () => {
    const app = new App();
    const chart = new EnvironmentChart(app, '30-shop', { namespace: 'shop', partOf: 'shop' });
    const literal = { A_TOKEN: 'x' } as unknown as Record<'A_TOKEN' | 'B_TOKEN', string>;
    const secret = new KeyedSecret(chart, 'Secret', { name: 'shop', keys: ['A_TOKEN', 'B_TOKEN'], source: { literal } });
    const env = [{ name: 'B', valueFrom: { secretKeyRef: { name: secret.secretName, key: 'B_TOKEN' } } }];
    for (const id of ['One', 'Two'])
      new k8s.KubePod(chart, id, { metadata: { name: id.toLowerCase() }, spec: { containers: [{ name: 'x', env }] } });
    expect(render(app).faults.filter((fault) => fault.includes('B_TOKEN'))).toEqual([
      expect.stringContaining("[30-shop/Secret] 'source.literal.B_TOKEN' must have a text"),
    ]);
  });
});

describe('a fault that is its own cause', () => {
  test('is told beside another one, of other objects and of the same construct', () => {
    const faults = faultsOf({ image: 'Registry/Book:1.0', config: { MAIL_PASSWORD: 'correct-horse-battery' } }, ({ web }) => {
      patch(web.deployment, 'tried here', JsonPatch.replace('/spec/template/spec/enableServiceLinks', true));
    });
    expect(faults).toEqual([
      expect.stringContaining("'image' must be an image reference"),
      expect.stringContaining("'spec.template.spec.enableServiceLinks' must be false"),
      expect.stringContaining("'config.MAIL_PASSWORD' must not show"),
    ]);
  });

  test('is told where its value only resembles a refused one', () => {
    const faults = faultsOf({ config: { ERL_EPMD_PORT: '14369' } }, ({ web }) => {
      patch(web.deployment, 'tried here', JsonPatch.replace('/spec/template/spec/serviceAccountName', 'shop-143690'));
    });
    expect(faults.some((fault) => fault.includes('"shop-143690"'))).toBe(true);
  });

  test('is told where the construct that refuses is another one, and the word a common one', () => {
    const faults = faultsOf({ imagePullPolicy: 'shop' as 'Always' }, ({ node }) => {
      const metadata = { name: 'other' };
      new ApiObject(node.scope as EnvironmentChart, 'Other', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { selector: { app: 'shop' } },
      });
    });
    expect(faults.some((fault) => fault.startsWith('[30-shop/Other]'))).toBe(true);
  });

  test('comes back when the other one is gone, and nothing is written until then', () => {
    const config = { MAIL_PASSWORD: 'correct-horse-battery' };
    expect(faultsOf({ config, name: 'Book_Store' }).length).toBeGreaterThan(1);
    expect(faultsOf({ config })).toHaveLength(1);
  });
});

describe('a range of addresses that nobody can read', () => {
  const tls = 'public-authority';
  const whole =
    'must be a range of addresses, got "10.8.0.0"; write 10.8.0.0/32 for this address alone, or how much of it is the network';
  const managed = { host: 'db.example.net', connections: 90, cidr: '10.8.0.0' };
  const ofUrl = {
    from: { secret: 'shop-url', key: 'url' },

    host: 'db.example.net',
    connections: 90,
    cidr: '10.8.0.0',
  };

  test.each<[string, Partial<NamedEnvironment>]>([
    ['database.managed.cidr', { database: { managed: { ...managed, tls } } }],
    ['database.url.cidr', { database: { url: ofUrl }, databasePassword: undefined }],
    ['databases.visits.mysql.managed.cidr', { databases: { visits: { mysql: { managed: { ...managed, tls } } } } }],
    [
      'backingServices.REDIS_URL.cidrs',
      { backingServices: { REDIS_URL: { url: 'redis://redis.example.net:6379', cidrs: ['10.8.0.0'] } } },
    ],
    ['egress.peer.cidr', { egress: [{ port: 587, peer: { cidr: '10.8.0.0' } }], config: { SMTP_HOST: '10.8.0.25' } }],
  ])('is one fault of %s, and of no way that it was to open', (prop, change) => {
    const repos = { visits: { module: 'Shop.Visits', url: 'VISITS_URL' } };
    const app = new App();
    const { databases } = change;
    buildEnvironment(app, { application: { ...application, ...(databases ? { repos } : {}) } }, { ...staging, ...change });
    expect(render(app).faults).toEqual([expect.stringContaining(`'${prop}' ${whole}`)]);
  });
});

describe('rules about one object', () => {
  const first: Rule = {
    name: 'first',
    sentence: 'First.',
    why: 'It is first here.',
    source: 'https://example.com',
    *find({ objects: [object] }) {
      if (object) yield { object, field: 'spec.count', must: 'be a number', got: 'x', fix: 'write a number' };
    },
  };
  const second: Rule = {
    ...first,
    name: 'second',
    *find({ objects: [object] }) {
      if (!object) return;
      const rest = { object, must: 'be even', got: 'x', fix: 'write 2' };
      yield { ...rest, field: 'spec.count' };
      yield { ...rest, field: 'spec.count.of' };
      yield { ...rest, field: 'spec.counter' };
    },
  };
  const told = (...added: Rule[]): string[] => {
    const app = new App();
    const chart = new EnvironmentChart(app, 'x', { namespace: 'shop', partOf: 'shop' });
    new ApiObject(chart, 'X', { apiVersion: 'example.com/v1', kind: 'X', metadata: { name: 'x' } });
    Checks.of(app).add(...added);
    return render(app).faults.map((fault) => /'([\w.]+)' .*\((first|second)\)$/.exec(fault)?.slice(1).join(' ') ?? fault);
  };

  test('are silent about a field that a rule says cannot be read, and about no other', () => {
    expect(told({ ...first, shape: true }, second)).toEqual(['spec.count first', 'spec.counter second']);
    expect(told(first, second)).toHaveLength(4);
  });

  test('are silent where the rule that they follow has spoken', () => {
    expect(told(first, { ...second, follows: ['first'] })).toEqual(['spec.count first']);
    expect(told({ ...second, follows: ['first'] })).toHaveLength(3);
  });

  test('speak where the one that they follow is left out', () => {
    const app = new App();
    const chart = new EnvironmentChart(app, 'x', { namespace: 'shop', partOf: 'shop' });
    new ApiObject(chart, 'X', { apiVersion: 'example.com/v1', kind: 'X', metadata: { name: 'x' } });
    const checks = Checks.of(app).add(first, { ...second, follows: ['first'] });
    checks.leaveOut('first', OptOut.because('what follows it is looked at'));
    expect(render(app).faults).toHaveLength(3);
  });
});
