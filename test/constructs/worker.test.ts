import { Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import {
  BeamCluster,
  OptOut,
  postgresLink,
  Probe,
  Resources,
  Worker,
  type Manifest,
  type PhoenixRelease,
  type PhoenixReleaseProps,
  type Rollout,
  type WorkerProps,
} from '../../lib/index';
import {
  application,
  chart,
  container,
  differences,
  image,
  objects,
  podSpec,
  refusals,
  refusalsOf,
  release,
} from '../support/chart';
import { declaredIn } from '../../lib/support/declare';
import { fetcher, shipper } from '../support/sidecars';

const database = postgresLink({
  host: 'db.example.com',
  port: 5432,
  database: 'kube_native',
  user: 'kube_native',
  connections: 100,
  password: { secret: 'db', key: 'password' },
});

const pooled = postgresLink({
  host: 'db.example.com',
  port: 5432,
  database: 'kube_native',
  user: 'kube_native',
  connections: 100,
  password: { secret: 'db', key: 'password' },
  pooled: {
    host: 'pooler.example.com',
    port: 6432,
    peer: { cidr: '10.0.0.7/32' },
    mode: 'transaction',
    namedStatements: false,
    clients: 1000,
  },
  readOnly: { host: 'reader.example.com', port: 5432, peer: { cidr: '10.0.0.8/32' } },
});

function made(props: Partial<WorkerProps> = {}, ofRelease: Partial<PhoenixReleaseProps> = {}) {
  const tried = chart('1.29');
  const worker = new Worker(tried, 'Worker', { release: release(tried, ofRelease), replicas: 1, ...props });
  return { tried, worker };
}

/** The objects of the worker by kind, without those of the release. */
function ownObjects(props: Partial<WorkerProps> = {}, ofRelease: Partial<PhoenixReleaseProps> = {}): Record<string, Manifest> {
  const { tried } = made(props, ofRelease);
  const own = objects(tried).filter(({ metadata }) => /^kube-native-(?:worker|mailer)/.test(metadata.name));
  return Object.fromEntries(own.map((manifest) => [manifest['kind'], manifest]));
}

function workerOf(props: Partial<WorkerProps> = {}, ofRelease: Partial<PhoenixReleaseProps> = {}) {
  const { Deployment = {}, ConfigMap = {} } = ownObjects(props, ofRelease);
  const pod = podSpec(Deployment);
  return { spec: Deployment['spec'], pod, own: container(Deployment), data: ConfigMap['data'] as Manifest };
}

describe('a minimal worker', () => {
  const { pod, own, data, spec } = workerOf({}, { database });

  test('is a ConfigMap, a ServiceAccount and a Deployment: nobody connects to it', () => {
    expect(Object.keys(ownObjects())).toEqual(['ConfigMap', 'ServiceAccount', 'Deployment']);
  });

  test('runs what the web pods run, with their secrets and their settings', () => {
    expect(own).toMatchObject({ name: 'worker', image, command: ['/app/bin/kube_native_umbrella', 'start'] });
    expect((own['env'] as Manifest[]).map(({ name }) => String(name))).toEqual(['SECRET_KEY_BASE', 'PGPASSWORD']);
    expect(data).toMatchObject({ DATABASE_URL: 'ecto://kube_native@db.example.com:5432/kube_native', POOL_SIZE: '10' });
    expect(data['ERL_AFLAGS']).toBe(
      '-kernel inet_dist_use_interface {127,0,0,1} -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4379',
    );
    expect(data['ERL_FLAGS']).toMatch(/^\+S 1:1 .* \+sbwtdio none$/);
  });

  test('serves nothing, opens no port and is asked nothing', () => {
    expect(data).not.toHaveProperty('PHX_SERVER');
    for (const field of ['ports', 'startupProbe', 'readinessProbe', 'livenessProbe']) expect(own).not.toHaveProperty(field);
  });

  test('gets SIGTERM at once, and a minute to finish', () => {
    expect(own).not.toHaveProperty('lifecycle');
    expect(pod['terminationGracePeriodSeconds']).toBe(60 + 5);
  });

  test('is a part of the application that no selector takes for the web pods', () => {
    expect(spec.selector).toEqual({ matchLabels: { 'app.kubernetes.io/instance': 'kube-native-worker' } });
    expect(spec.template.metadata.labels).toEqual({
      'app.kubernetes.io/name': 'kube-native',
      'app.kubernetes.io/instance': 'kube-native-worker',
      'app.kubernetes.io/component': 'worker',
      'app.kubernetes.io/version': '1.4.2',
    });
  });

  test('gives a way in to each of its parts', () => {
    const { worker } = made();
    expect([worker.configMap.configMap.name, worker.pods.deployment.name]).toEqual(['kube-native-worker', 'kube-native-worker']);
    expect(worker.pods.service).toBeUndefined();
  });
});

describe('a worker with everything set', () => {
  const rollout: Rollout = { surge: 2, minReady: Duration.seconds(30) };
  const everything: Required<Omit<WorkerProps, 'release' | 'stateful'>> = {
    singleton: false,
    role: 'mailer',
    replicas: 2,
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(2) }),
    config: { OBAN_QUEUES: 'mail' },
    poolSize: 4,
    connection: { pooled: { listens: false, statements: 'unnamed' } },
    login: { user: 'mailer', password: { secret: 'mailer', key: 'password' } },
    shutdown: Duration.minutes(5),
    bootTime: Duration.minutes(2),
    probes: { readiness: Probe.tcp({ port: 'metrics' }), liveness: OptOut.because('a BEAM that ends is started again') },
    ports: { metrics: 9568 },
    rollout,
    pods: { priorityClassName: 'background' },
    sidecars: { shipper },
    initContainers: { fetcher },
    mounts: [{ name: 'own', path: '/own', source: { emptyDir: { sizeLimit: k8s.Quantity.fromString('20Mi') } } }],
  };
  const { tried } = made(everything, { database: pooled });
  const { spec, pod, own, data } = workerOf(everything, { database: pooled });

  test('is named by its role', () => {
    expect(Object.keys(ownObjects(everything, { database: pooled }))).toEqual([
      'ConfigMap',
      'ServiceAccount',
      'PodDisruptionBudget',
      'Deployment',
    ]);
    expect(own['name']).toBe('mailer');
    expect(refusals(tried)).toEqual([]);
  });

  test('passes all of it on', () => {
    expect(data).toMatchObject({
      OBAN_QUEUES: 'mail',
      POOL_SIZE: '4',
      DATABASE_URL: pooled.pooled?.url.replace(/\/\/[^@]*@/, '//mailer@'),
    });
    expect(own['env']).toContainEqual({ name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'mailer', key: 'password' } } });
    expect(data['ERL_FLAGS']).toMatch(/^\+S 2:2 /);
    expect(own).toMatchObject({
      ports: [{ name: 'metrics', containerPort: 9568 }],
      resources: { limits: { cpu: '2', memory: '2Gi' } },
      startupProbe: { tcpSocket: { port: 'metrics' }, failureThreshold: 24 },
      readinessProbe: { tcpSocket: { port: 'metrics' } },
    });
    expect(own).not.toHaveProperty('livenessProbe');
    expect(own['volumeMounts']).toContainEqual({ name: 'own', mountPath: '/own' });
    expect(pod).toMatchObject({ terminationGracePeriodSeconds: 305, priorityClassName: 'background' });
    expect(spec).toMatchObject({ replicas: 2, minReadySeconds: 30, strategy: { rollingUpdate: { maxSurge: 2 } } });
  });

  test('has no sleep to do natively either, because there is none', () => {
    expect(own).not.toHaveProperty('lifecycle');
  });
});

test('a worker of a cluster is a node as the web pods are, beside its own ports', () => {
  const tried = chart();
  const cluster = new BeamCluster(tried, 'Cluster', { name: 'kube-native', cookie: { secret: 'kube-native', key: 'COOKIE' } });
  const worker = new Worker(tried, 'Worker', { release: release(tried, { cluster }), replicas: 1, ports: { metrics: 9568 } });
  const { deployment } = worker.pods;
  const made = objects(tried).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === deployment.name) ?? {};
  const { env, ports } = container(made);
  expect((env as Manifest[]).map(({ name }) => String(name))).toEqual([
    ...['POD_IP', 'RELEASE_DISTRIBUTION', 'RELEASE_NODE', 'RELEASE_COOKIE', 'SECRET_KEY_BASE'],
  ]);
  expect((ports as Manifest[]).map(({ name }) => String(name))).toEqual(['metrics', 'epmd', 'dist-1', 'dist-2', 'dist-3']);
});

describe('the database of a worker', () => {
  const web: Partial<PhoenixReleaseProps> = {
    database: pooled,
    poolSize: 40,
    readUrl: true,
    connection: { pooled: { listens: false, statements: 'unnamed' } },
  };
  const sendsOf = (props: Partial<WorkerProps>) =>
    declaredIn(made(props, web).tried).traffic.find(({ pods }) => pods === 'kube-native-worker')?.sends;

  test('is the server itself, whatever the web pods use, and of its connections it takes ten at most', () => {
    expect(workerOf({}, web).data).toMatchObject({
      DATABASE_URL: 'ecto://kube_native@db.example.com:5432/kube_native',
      DATABASE_READ_URL: 'ecto://kube_native@reader.example.com:5432/kube_native',
      POOL_SIZE: '10',
    });
    expect(sendsOf({})).toEqual([
      { port: 5432, peer: { cidr: '0.0.0.0/0' } },
      { port: 5432, peer: { cidr: '10.0.0.8/32' } },
    ]);
  });

  test('is the pooler where it listens for nothing, and the way to it is open', () => {
    const connection = { pooled: { listens: false, statements: 'unnamed' } } as const;
    expect(workerOf({ connection, poolSize: { share: 0.3 } }, web).data).toMatchObject({
      DATABASE_URL: 'ecto://kube_native@pooler.example.com:6432/kube_native',
      POOL_SIZE: `${(1000 * 0.3) / (1 + 1 + 1)}`,
    });
    expect(sendsOf({ connection })?.[0]).toEqual({ port: 6432, peer: { cidr: '10.0.0.7/32' } });
  });

  test('is shared by the pods of its own rollout, and its own pools', () => {
    const share = { poolSize: { share: 0.5 }, replicas: 4, rollout: { surge: 2 } };
    expect(workerOf(share, { database }).data['POOL_SIZE']).toBe(`${(100 * 0.5) / (4 + 2 + 4)}`);
    expect(workerOf({ ...share, config: { POOL_COUNT: '2' } }, { database }).data['POOL_SIZE']).toBe('2');
    expect(workerOf(share, { database, config: { POOL_COUNT: '5' } }).data['POOL_SIZE']).toBe('1');
  });
});

test('two workers of one release have names of their own', () => {
  const tried = chart();
  const web = release(tried);
  new Worker(tried, 'Default', { release: web, replicas: 1, config: { OBAN_QUEUES: 'default' } });
  new Worker(tried, 'Mail', { release: web, role: 'mail', replicas: 1, config: { OBAN_QUEUES: 'mail' } });
  const names = objects(tried).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(new Set(names).size).toBe(names.length);
  expect(refusals(tried)).toEqual([]);
});

test('a worker changes nothing about the web pods', () => {
  const alone = chart();
  release(alone);
  const web = objects(alone);
  expect(differences(web, objects(made().tried).slice(0, web.length))).toEqual([]);
});

const repeated = 'must not repeat a variable of the release';
test.each<[string, Partial<WorkerProps>, string]>([
  [
    'its role is no name',
    { role: 'Mail_Out' },
    `'role' must be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most 40 characters, got "Mail_Out"; rename it, for example "mail-out"`,
  ],
  [
    'its release has no database to share',
    { poolSize: { share: 0.5 } },
    `'poolSize' must be left out where no database is given, got {"share":0.5}; pass the link of a database, or write config: { POOL_SIZE: '10' } where the URL comes from elsewhere`,
  ],
  [
    'there is no pooler',
    { connection: { pooled: { listens: false, statements: 'unnamed' } } },
    "'connection' must have a pooler to go through, got nothing; give the database a pooler, or write 'direct'",
  ],
  [
    'it repeats a setting of the release',
    { config: { PHX_HOST: 'other.example.com' } },
    `'config.PHX_HOST' ${repeated}, got "PHX_HOST"; remove it: the release sets it; one of your own that differs by role is said in each role alone`,
  ],
  [
    'a secret of the release would stand in its ConfigMap',
    { config: { SECRET_KEY_BASE: 'oops' } },
    `'config.SECRET_KEY_BASE' ${repeated}, got "SECRET_KEY_BASE"; remove it: the release sets it; one of your own that differs by role is said in each role alone`,
  ],
])('fails when %s', (_, props, sentence) => {
  const faults = refusalsOf((tried) => new Worker(tried, 'Worker', { release: release(tried), replicas: 1, ...props }));
  // What is called after a bad role has a bad name too.
  expect(faults.filter((fault) => !/^\[chart\/Worker\/(?:Config|Pods)/.test(fault))).toEqual([`[chart/Worker] ${sentence}`]);
});

test.each<[string, WorkerProps['poolSize'], string]>([
  ['its pool is empty', 0, "'poolSize' must be a whole number from 1 to 1000, got 0; omit it to use that of the web pods"],
  ['its share is nothing', { share: 0 }, "'poolSize.share' must be above 0 and at most 1, got 0; write 0.6 for six of ten"],
])('fails when %s', (_, poolSize, sentence) => {
  const tried = chart();
  new Worker(tried, 'Worker', { release: release(tried, { database }), replicas: 1, poolSize });
  expect(refusals(tried)).toEqual([`[chart/Worker] ${sentence}`]);
});

test('fails when the shutdown is longer than anyone waits', () => {
  expect(
    refusalsOf((tried) => new Worker(tried, 'Worker', { release: release(tried), replicas: 1, shutdown: Duration.hours(3) })),
  ).toEqual([
    "[chart/Worker/Pods] 'drain.shutdown' must be whole seconds from 1s to 7200s, got 10800s; name the longest shutdown of the program",
  ]);
});

test('fails when the release is none, in plain JavaScript', () => {
  const refused = refusalsOf((tried) => new Worker(tried, 'Worker', { release: { application } as PhoenixRelease, replicas: 1 }));
  expect(refused.join('\n')).toContain("[chart/Worker] 'release' must be a PhoenixRelease, got");
});
