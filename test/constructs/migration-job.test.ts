import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { MigrationJob, postgresLink, Resources, type MigrationJobProps, type PhoenixReleaseProps } from '../../lib/index';
import { application, chart, container, image, objects, one, podSpec, refusalsOf, release } from '../support/chart';

const database = postgresLink({
  ...{ host: 'db.example.com', port: 5432, database: 'kube_native', user: 'kube_native', connections: 100 },
  password: { secret: 'db', key: 'password' },
});

function made(props: Partial<PhoenixReleaseProps> = {}, job: Omit<MigrationJobProps, 'release'> = {}) {
  const tried = chart();
  const migration = new MigrationJob(tried, 'Migration', { release: release(tried, { database, ...props }), ...job });
  return { tried, migration, job: one(tried, 'Job') };
}

describe('a minimal migration', () => {
  const { tried, job, migration } = made();
  const migrate = container(job);

  test('runs the migrate command of the release that is deployed', () => {
    expect(migrate).toMatchObject({
      name: 'migrate',
      image,
      imagePullPolicy: 'Always',
      command: ['/app/bin/kube_native_umbrella', 'eval', 'KubeNative.Release.migrate()'],
      resources: container(one(tried, 'Deployment'))['resources'],
    });
    expect(migrate).not.toHaveProperty('args');
  });

  test('ends, one way or the other', () => {
    expect(job['spec']).toMatchObject({ backoffLimit: 6, activeDeadlineSeconds: 1800, ttlSecondsAfterFinished: 604800 });
    expect(podSpec(job)['restartPolicy']).toBe('Never');
  });

  test('loses no retry when a node is drained', () => {
    expect(job['spec'].podFailurePolicy).toEqual({
      rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
    });
  });

  test('has the variables of the web pods written out, because it runs before their ConfigMap is there', () => {
    expect(migrate).not.toHaveProperty('envFrom');
    const variables = Object.fromEntries((migrate['env'] as { name: string; value?: string }[]).map((v) => [v.name, v.value]));
    const { PHX_SERVER, RELEASE_NODE, ERL_EPMD_ADDRESS, ERL_FLAGS, ...shared } = one(tried, 'ConfigMap')['data'];
    expect([PHX_SERVER, RELEASE_NODE, ERL_EPMD_ADDRESS]).not.toContain(undefined);
    expect(ERL_FLAGS).toMatch(/^\+S 1:1 .* -kernel inet_dist_use_interface/);
    expect(variables).toEqual({
      ...shared,
      RELEASE_DISTRIBUTION: 'none',
      ERL_FLAGS: '+S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none',
      SECRET_KEY_BASE: undefined,
      PGPASSWORD: undefined,
    });
  });

  test('takes each secret from its key', () => {
    expect(migrate['env']).toEqual(
      expect.arrayContaining([
        { name: 'SECRET_KEY_BASE', valueFrom: { secretKeyRef: { name: 'kube-native', key: 'SECRET_KEY_BASE' } } },
        { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
      ]),
    );
  });

  test('runs as an account of its own', () => {
    const accounts = objects(tried).filter(({ kind }) => kind === 'ServiceAccount');
    expect(accounts.map(({ metadata }) => String(metadata.name))).toEqual(['kube-native', 'kube-native-migrate']);
    expect(migration.serviceAccount.name).toBe('kube-native-migrate');
    expect(podSpec(job)).toMatchObject({
      serviceAccountName: 'kube-native-migrate',
      automountServiceAccountToken: false,
      securityContext: { runAsUser: 65534 },
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '448Mi' } }],
    });
  });

  test('is labelled as a part of the application, and matched by no selector of another object', () => {
    const labels = {
      'app.kubernetes.io/name': 'kube-native',
      'app.kubernetes.io/instance': 'kube-native-migrate',
      'app.kubernetes.io/component': 'migrate',
      'app.kubernetes.io/version': '1.4.2',
    };
    expect(job['spec'].template.metadata.labels).toEqual(labels);
    expect(job['metadata'].labels).toEqual(labels);
    const { tried: three } = made({ replicas: 3 });
    const selectors = ['Service', 'PodDisruptionBudget', 'Deployment'].map((kind) => {
      const { selector } = one(three, kind)['spec'];
      return Object.entries((selector.matchLabels ?? selector) as Record<string, string>);
    });
    expect(selectors).toHaveLength(3);
    for (const selector of selectors) {
      expect(selector.every(([label, value]) => (labels as Record<string, string>)[label] === value)).toBe(false);
    }
  });
});

test('a job with everything set', () => {
  const tried = chart();
  const everything: Required<MigrationJobProps> = {
    release: release(tried),
    task: 'seed',
    command: application.release.seed,
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.mebibytes(256), ephemeralStorage: Size.gibibytes(1) }),
    retries: 0,
    deadline: Duration.hours(2),
    keep: Duration.days(1),
  };
  const { jobName } = new MigrationJob(tried, 'Seed', everything);
  const job = one(tried, 'Job');
  expect(job['metadata'].name).toBe(jobName);
  expect(jobName).toMatch(/^kube-native-seed-[0-9a-f]{10}$/);
  expect(job['spec']).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 7200, ttlSecondsAfterFinished: 86400 });
  expect(container(job)).toMatchObject({
    name: 'seed',
    command: ['/app/bin/kube_native_umbrella', 'eval', 'KubeNative.Release.seed()'],
    resources: { limits: { cpu: '2', memory: '256Mi', 'ephemeral-storage': '1Gi' } },
    env: expect.arrayContaining([
      { name: 'ERL_FLAGS', value: '+S 2:2 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none' },
      { name: 'ERL_CRASH_DUMP_BYTES', value: `${(960 * 1024 * 1024) / 2}` },
    ]),
  });
  expect(podSpec(job)['volumes']).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '960Mi' } }]);
});

describe('the name', () => {
  const nameOf = (...changed: Parameters<typeof made>) => made(...changed).migration.jobName;

  test('is the one in the YAML', () => {
    const { job, migration } = made();
    expect(job['metadata'].name).toBe(migration.jobName);
    expect(migration.jobName).toMatch(/^kube-native-migrate-[0-9a-f]{10}$/);
  });

  test('stays while the run would be the same, so that applying again runs nothing again', () => {
    expect(nameOf()).toBe(nameOf());
    expect(nameOf({ replicas: 5, bootTime: Duration.minutes(2) })).toBe(nameOf());
    expect(nameOf({}, { retries: 1, deadline: Duration.hours(1), keep: Duration.days(1) })).toBe(nameOf());
  });

  test.each<[string, Parameters<typeof made>]>([
    ['image', [{ image: 'registry.example.com/kube-native:1.4.3' }]],
    ['configuration', [{ config: { MAIL_FROM: 'a@example.com' } }]],
    ['command', [{}, { command: ['/app/bin/kube_native_umbrella', 'eval', 'KubeNative.Release.rollback()'] }]],
    ['resources', [{}, { resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(1) }) }]],
  ])('changes with the %s, because a Job cannot be changed', (_, changed) => {
    expect(nameOf(...changed)).not.toBe(nameOf());
  });
});

test('a dollar sign in the configuration means what it means in the ConfigMap', () => {
  const { tried, job } = made({ config: { GREETING: 'costs $(PORT) or $$5 or $6' } });
  expect(one(tried, 'ConfigMap')['data'].GREETING).toBe('costs $(PORT) or $$5 or $6');
  expect(container(job)['env']).toContainEqual({ name: 'GREETING', value: 'costs $$(PORT) or $$$5 or $6' });
});

const nameRule = (most: number) =>
  `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${most} characters`;

test.each<[string, Omit<MigrationJobProps, 'release'>, string]>([
  ['the task is no name', { task: 'Seed_1' }, `'task' must ${nameRule(40)}, got "Seed_1"; rename it, for example "seed-1"`],
  [
    'the task is no name of a container',
    { task: '-seed' },
    `'task' must ${nameRule(40)}, got "-seed"; rename it, for example "seed"`,
  ],
  [
    'the name has no room for its hash',
    { task: 's'.repeat(41) },
    `'task' must ${nameRule(40)}, got "${'s'.repeat(41)}"; rename it, for example "${'s'.repeat(40)}"`,
  ],
  ['it would be retried for days', { retries: 100 }, "'retries' must be a whole number from 0 to 20, got 100; omit it to use 6"],
  [
    'it would be killed at once',
    { deadline: Duration.seconds(1) },
    "'deadline' must be whole seconds from 10s to 86400s, got 1s; omit it to use 30 minutes",
  ],
  [
    'it would be kept for ever',
    { keep: Duration.days(1000) },
    "'keep' must be whole seconds from 0s to 31536000s, got 86400000s; omit it to use 7 days",
  ],
  [
    'it has no memory',
    { resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(1) }) },
    "'resources.memory.request' must be 16 MiB or more, got 1Mi; write Size.mebibytes(256)",
  ],
])('fails when %s', (_, props, sentence) => {
  const faults = refusalsOf((tried) => new MigrationJob(tried, 'Job', { release: release(tried), ...props }));
  expect(faults).toEqual([`[chart/Job] ${sentence}`]);
});

test('a bad name of the application is refused once, where it was given', () => {
  const faults = refusalsOf((tried) => {
    new MigrationJob(tried, 'Job', { release: release(tried, { application: { ...application, name: 'Kube' } }) });
  });
  expect(faults.filter((fault) => fault.startsWith('[chart/Job]'))).toEqual([]);
  expect(faults).toContain(`[chart/Release/Web] 'name' must ${nameRule(52)}, got "Kube"; rename it, for example "kube"`);
});

test("fails when 'release' is missing in plain JavaScript", () => {
  const make = () => new MigrationJob(chart(), 'Job', {} as MigrationJobProps);
  expect(make).toThrow("[chart/Job] 'release' must be given, got nothing; pass 'release' to MigrationJob");
});
