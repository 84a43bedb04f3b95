import { App, Chart, Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import {
  CloudIdentity,
  DatabaseRestore,
  distilleryRelease,
  KeyedSecret,
  MigrationJob,
  PhoenixRelease,
  postgresLink,
  Resources,
  ScheduledTask,
  Worker,
  type Manifest,
  type MigrationJobProps,
  type PhoenixReleaseProps,
} from '../../lib/index';
import type { MigrationGate } from '../../lib/constructs/migration-gate';
import type { Rollback } from '../../lib/constructs/rollback';
import type { Delivery } from '../../lib/release/delivery';
import { inFolder } from '../../lib/support/folder';
import {
  application,
  chart,
  container,
  image,
  objects,
  one,
  podSpec,
  refusals,
  refusalsOf,
  release,
  resources,
} from '../support/chart';
import { fetcher, shipper } from '../support/sidecars';

const database = postgresLink({
  host: 'db.example.com',
  port: 5432,
  database: 'kube_native',
  user: 'kube_native',
  connections: 100,
  password: { secret: 'db', key: 'password' },
});

function made(props: Partial<PhoenixReleaseProps> = {}, job: Omit<MigrationJobProps, 'release'> = {}) {
  const tried = chart();
  const migration = new MigrationJob(tried, 'Migration', { release: release(tried, { database, ...props }), ...job });
  return { tried, migration, job: one(tried, 'Job') };
}

/** The ConfigMap of the pods that serve. */
function configOf(tried: Chart): Manifest {
  return objects(tried).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name !== 'kube-native-jobs') ?? {};
}

/** The release of another application. */
function otherRelease(scope: Chart): PhoenixRelease {
  const secret = new KeyedSecret(scope, 'Keys', { name: 'shop', keys: ['SECRET_KEY_BASE'], source: { existing: true } });
  const shop = { ...application, name: 'shop' };
  return new PhoenixRelease(scope, 'Shop', {
    application: shop,
    image,
    host: 'shop.example.com',
    secret,
    replicas: 1,
    resources,
  });
}

/** The jobs that the list of a release has. */
function wantedIn(tried: Chart): unknown {
  return objects(tried).find(({ metadata }) => metadata.name === 'kube-native-jobs')?.['data'].wanted;
}

const scripts = { name: 'release-scripts', mountPath: '/etc/release-scripts', readOnly: true };

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

  test('has its scripts beside it, in an object that nobody changes, and mounts them where they run alone', () => {
    const own = objects(tried).find(({ metadata }) => String(metadata.name).startsWith('kube-native-migrate-scripts-'));
    expect(own).toMatchObject({ kind: 'ConfigMap', immutable: true });
    expect(Object.keys(own?.['data'] as object)).toEqual(['database.exs', 'still-wanted.sh']);
    expect(podSpec(job)['volumes']).toContainEqual({ name: 'release-scripts', configMap: { name: own?.['metadata'].name } });
    expect(migrate['volumeMounts']).not.toContainEqual(scripts);
    const kinds = objects(tried).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(kinds.indexOf(`ConfigMap ${own?.['metadata'].name}`)).toBeLessThan(kinds.indexOf(`Job ${migration.jobName}`));
  });

  test('ends, one way or the other', () => {
    expect(job['spec']).toMatchObject({ backoffLimit: 9, activeDeadlineSeconds: 1800, ttlSecondsAfterFinished: 60 });
    expect(podSpec(job)['restartPolicy']).toBe('Never');
  });

  test('loses no retry when a node is drained', () => {
    expect(job['spec'].podFailurePolicy).toEqual({
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        { action: 'FailJob', onExitCodes: { containerName: 'still-wanted', operator: 'In', values: [3] } },
      ],
    });
  });

  test('waits for the database before it counts a try, and then asks whether it is still wanted', () => {
    const [wait, ask, ...others] = podSpec(job)['initContainers'] as [Manifest, Manifest, ...Manifest[]];
    expect(others).toEqual([]);
    const { command: own, name, ...shared } = migrate;
    expect([own, name]).toEqual([application.release.migrate, 'migrate']);
    const command = application.release.awaitDatabase?.(Duration.minutes(15));
    const volumeMounts = [...(shared['volumeMounts'] as Manifest[]), scripts];
    expect(wait).toEqual({ ...shared, name: 'wait-for-database', command, volumeMounts });
    expect(ask).toMatchObject({ name: 'still-wanted', image, resources: shared['resources'] });
    expect(ask['env']).toEqual([
      {
        name: 'JOB',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } },
      },
      { name: 'WANTED', valueFrom: { configMapKeyRef: { name: 'kube-native-jobs', key: 'wanted', optional: true } } },
    ]);
  });

  test('has the variables of the web pods written out, because it runs before their ConfigMap is there', () => {
    expect(migrate).not.toHaveProperty('envFrom');
    const variables = Object.fromEntries((migrate['env'] as { name: string; value?: string }[]).map((v) => [v.name, v.value]));
    const { PHX_SERVER, RELEASE_NODE, ERL_EPMD_ADDRESS, ERL_AFLAGS, ERL_FLAGS, ...shared } = configOf(tried)['data'];
    expect([PHX_SERVER, RELEASE_NODE, ERL_EPMD_ADDRESS]).not.toContain(undefined);
    expect(ERL_AFLAGS).toMatch(/^-kernel inet_dist_use_interface/);
    expect(ERL_FLAGS).toMatch(/^\+S 1:1 /);
    expect(variables).toEqual({
      ...shared,
      POOL_SIZE: '2',
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
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '448Mi' } }, { name: 'release-scripts' }],
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
  const tried = chart('1.29');
  const everything: Required<Omit<MigrationJobProps, 'rollback'>> = {
    release: release(tried),
    phase: 'after',
    task: 'seed',
    command: application.release.seed,
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.mebibytes(256), ephemeralStorage: Size.gibibytes(1) }),
    retries: 0,
    deadline: Duration.hours(2),
    mounts: [{ name: 'own', path: '/own', source: { emptyDir: { sizeLimit: k8s.Quantity.fromString('20Mi') } } }],
    keep: Duration.days(1),
    pods: { nodeSelector: { pool: 'batch' } },
    sidecars: { shipper },
    initContainers: { fetcher },
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
      { name: 'ERL_CRASH_DUMP_BYTES', value: `${(940 * 1024 * 1024) / 2}` },
    ]),
  });
  expect(podSpec(job)['volumes']).toEqual([
    { name: 'tmp', emptyDir: { sizeLimit: '940Mi' } },
    { name: 'own', emptyDir: { sizeLimit: '20Mi' } },
    { name: 'release-scripts', configMap: { name: expect.stringMatching(/^kube-native-seed-scripts-/) } },
    { name: 'shipper-tmp', emptyDir: { sizeLimit: '64Mi' } },
    { name: 'geo', emptyDir: { sizeLimit: '32Mi' } },
  ]);
  expect((podSpec(job)['initContainers'] as Manifest[]).map(({ name }): unknown => name)).toEqual([
    'shipper',
    'fetcher',
    'wait-for-database',
    'still-wanted',
  ]);
  expect(podSpec(job)['nodeSelector']).toEqual({ pool: 'batch' });
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
    expect(nameOf({}, { retries: 1, keep: Duration.days(1) })).toBe(nameOf());
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
  expect(configOf(tried)['data'].GREETING).toBe('costs $(PORT) or $$5 or $6');
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
  ['it would be retried for days', { retries: 100 }, "'retries' must be a whole number from 0 to 20, got 100; omit it to use 9"],
  [
    'it would be killed at once',
    { deadline: Duration.seconds(1) },
    "'deadline' must be whole seconds from 10s to 86400s, got 1s; omit it to use 1800s",
  ],
  [
    'it would be kept for ever',
    { keep: Duration.days(1000) },
    "'keep' must be whole seconds from 0s to 31536000s, got 86400000s; omit it to use 60s",
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
  expect(faults).toContain(
    `[chart/Release/Config, chart/Release/Web] 'name' must ${nameRule(52)}, got "Kube"; rename it, for example "kube"`,
  );
});

test("fails when 'release' is missing in plain JavaScript", () => {
  const make = () => new MigrationJob(chart(), 'Job', {} as MigrationJobProps);
  expect(make).toThrow("[chart/Job] 'release' must be given, got nothing; pass 'release' to MigrationJob");
});

describe.each<Delivery>(['apply', 'argo', 'helm', 'flux'])('delivered by %s', (delivery) => {
  /** Annotations, name and time to live of a job, and the annotations of its account. */
  function delivered(props: Omit<MigrationJobProps, 'release'>) {
    const identity = CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/shop' });
    const apart = { namespace: 'test', disableResourceNameHashes: true };
    const tried = inFolder(new Chart(new App(), 'jobs', apart), 'jobs');
    const of = release(inFolder(new Chart(tried.node.root as App, 'release', apart), 'release'), { delivery, identity });
    const migration = new MigrationJob(tried, 'Migration', { release: of, ...props });
    const job = one(tried, 'Job');
    const accounts = objects(tried).filter(({ kind }) => kind === 'ServiceAccount');
    const { 'eks.amazonaws.com/role-arn': role, ...account } = accounts.at(-1)?.['metadata'].annotations as Manifest;
    expect(role).toBe('arn:aws:iam::123456789012:role/shop');
    expect(job['metadata'].name).toBe(migration.jobName);
    const name = migration.jobName.replace(/[0-9a-f]{10}$/, '<hash>');
    return { name, annotations: job['metadata'].annotations, kept: job['spec'].ttlSecondsAfterFinished, account };
  }

  const [minute, week] = [60, 604800];
  const sync = (wave: string) => ({
    'argocd.argoproj.io/hook': 'Sync',
    'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
    'argocd.argoproj.io/sync-wave': wave,
  });
  const hook = (name: string, weight: string) => ({
    'helm.sh/hook': name,
    'helm.sh/hook-weight': weight,
    'helm.sh/hook-delete-policy': 'before-hook-creation',
  });
  const none = { annotations: undefined, account: {} };
  const [migrate, contract, rollback] = ['kube-native-migrate', 'kube-native-contract', 'kube-native-rollback'];
  const before = 'pre-install,pre-upgrade';

  test('a migration before the roll-out has its turn before the pods', () => {
    expect(delivered({})).toEqual(
      {
        apply: { name: `${migrate}-<hash>`, kept: minute, ...none },
        argo: { name: migrate, kept: undefined, annotations: sync('1'), account: {} },
        helm: { name: migrate, kept: week, annotations: hook(before, '0'), account: hook(before, '-5') },
        flux: { name: `${migrate}-<hash>`, kept: undefined, ...none },
      }[delivery],
    );
  });

  test('a migration after the roll-out has its turn after the pods', () => {
    expect(delivered({ phase: 'after' })).toEqual(
      {
        apply: { name: `${contract}-<hash>`, kept: minute, ...none },
        argo: { name: contract, kept: undefined, annotations: sync('3'), account: {} },
        helm: { name: contract, kept: week, annotations: hook('post-install,post-upgrade', '0'), account: {} },
        flux: { name: `${contract}-<hash>`, kept: undefined, ...none },
      }[delivery],
    );
  });

  test('a rollback runs once, whatever is delivered later', () => {
    expect(delivered({ rollback: { repo: 'KubeNative.Repo', to: 20260131120000 } })).toEqual(
      {
        apply: { name: `${rollback}-<hash>`, kept: undefined, ...none },
        argo: { name: `${rollback}-<hash>`, kept: undefined, annotations: { 'argocd.argoproj.io/sync-wave': '3' }, account: {} },
        helm: { name: `${rollback}-<hash>`, kept: undefined, ...none },
        flux: { name: `${rollback}-<hash>`, kept: undefined, ...none },
      }[delivery],
    );
  });

  test('all else that is ordered is what needs the migrations, or pods', () => {
    const tried = chart();
    const web = release(tried, { delivery, replicas: { minimum: 2, maximum: 4 } });
    const oban = { queues: ['default'], jobsPerPod: 10, database };
    new Worker(tried, 'Worker', { release: web, replicas: { minimum: 0, maximum: 4, oban } });
    new ScheduledTask(tried, 'Digest', { release: web, task: 'digest', command: ['digest'], schedule: '30 3 * * *' });
    const annotated = objects(tried).flatMap(({ kind, metadata }) =>
      metadata.annotations ? [[kind, ...Object.entries(metadata.annotations as object).flat()]] : [],
    );
    const wave = 'argocd.argoproj.io/sync-wave';
    const pruned = ['argocd.argoproj.io/sync-options', 'PruneLast=true'];
    const waves = [
      ...[
        ['ConfigMap', ...pruned],
        ['PodDisruptionBudget', wave, '4'],
        ['Deployment', wave, '2'],
      ],
      ...[
        ['HorizontalPodAutoscaler', wave, '4'],
        ['ConfigMap', ...pruned],
        ['PodDisruptionBudget', wave, '4'],
        ['Deployment', wave, '2'],
      ],
      ...[
        ['ScaledObject', wave, '4'],
        ['CronJob', wave, '4'],
      ],
    ];
    const kept = { ...hook('pre-install,pre-upgrade,pre-rollback', '-5'), 'helm.sh/resource-policy': 'keep' };
    const configuration = ['ConfigMap', ...Object.entries(kept).sort().flat()];
    const ordered = { argo: waves, helm: [configuration, configuration], apply: [], flux: [] };
    expect(annotated).toEqual(ordered[delivery]);
  });
});

test('a rollback runs what takes migrations back, from the image that knows them', () => {
  const rollback: Required<Rollback> = {
    repo: 'KubeNative.Repo',
    to: 20260131120000,
    image: 'registry.example.com/kube-native:1.5.0',
  };
  const { job } = made({}, { rollback });
  expect(container(job)).toMatchObject({
    image: rollback.image,
    command: ['/app/bin/kube_native_umbrella', 'eval', 'KubeNative.Release.rollback(KubeNative.Repo, 20260131120000)'],
  });
  expect(job['metadata'].labels['app.kubernetes.io/version']).toBe('1.5.0');
  const other = made({}, { rollback: { ...rollback, to: 20260131120001 } });
  expect(other.migration.jobName).not.toBe(job['metadata'].name);
});

test('a migration after the roll-out runs those of its own folder', () => {
  const { job, tried } = made({}, { phase: 'after' });
  const { command, volumeMounts } = container(job);
  expect(command[2]).toContain('migrate.exs"), apps: [:kube_native], folder: "post_migrations")');
  expect(volumeMounts).toContainEqual(scripts);
  const [data] = objects(tried).flatMap(({ data: files = {} }) =>
    (files as object).hasOwnProperty('migrate.exs') ? [files] : [],
  );
  expect(data['migrate.exs']).toContain('Ecto.Migrator.run(repo, path.(repo, folder), :up, all: true, prefix: prefix)');
});

describe('the time that migrations may take', () => {
  const spec = (props: Partial<PhoenixReleaseProps>, job: Omit<MigrationJobProps, 'release'> = {}) => {
    const { backoffLimit, activeDeadlineSeconds } = made(props, job).job['spec'] as Manifest;
    return [backoffLimit, activeDeadlineSeconds];
  };

  test('is the limit of the gate, with as many tries as begin within it', () => {
    expect(spec({ migrationGate: Duration.hours(1) })).toEqual([14, 3600]);
    expect(spec({ migrationGate: { limit: Duration.minutes(2) } })).toEqual([3, 120]);
    expect(spec({ migrationGate: Duration.days(1) })).toEqual([20, 86400]);
    expect(spec({ migrationGate: Duration.hours(1) }, { deadline: Duration.minutes(10) })).toEqual([5, 600]);
  });

  test('has six tries where something waits for the job itself', () => {
    for (const delivery of ['argo', 'helm'] as const) {
      expect(spec({ delivery })).toEqual([6, 1800]);
      expect(spec({ delivery, migrationGate: Duration.minutes(2) })).toEqual([3, 120]);
    }
  });

  test('fails when a migration may outlast the pods that wait for it', () => {
    const said = (deadline: Duration, phase?: 'after') =>
      refusalsOf(
        (tried) =>
          new MigrationJob(tried, 'Job', { release: release(tried, { migrationGate: Duration.minutes(5) }), deadline, phase }),
      );
    expect(said(Duration.minutes(6))).toEqual([
      "[chart/Job] 'deadline' must be at most the limit of the gate, 300s: pods would give up on a migration that still runs, got 360s; raise the limit of the gate, and omit it",
    ]);
    expect(said(Duration.minutes(5))).toEqual([]);
    expect(said(Duration.hours(1), 'after')).toEqual([]);
  });

  test('counts the wait for the database as a try where the tool has no command that waits', () => {
    const legacy = { ...application, release: distilleryRelease({ release: 'shop' }) };
    const { initContainers } = podSpec(made({ application: legacy }).job) as { initContainers: Manifest[] };
    expect(initContainers.map(({ name }) => String(name))).toEqual(['still-wanted']);
  });
});

describe('the list of wanted jobs', () => {
  test('has all jobs of the release, wherever they are, and no other', () => {
    const tried = chart();
    const later = new Chart(tried.node.root, 'later', { namespace: 'test', disableResourceNameHashes: true });
    const web = release(tried);
    const contract = new MigrationJob(later, 'Contract', { release: web, phase: 'after' });
    const migration = new MigrationJob(tried, 'Migration', { release: web });
    new MigrationJob(later, 'Other', { release: otherRelease(later) });
    expect(wantedIn(tried)).toBe(`${contract.jobName} ${migration.jobName}`);
  });

  test('is there once, before the jobs, and only where no delivery takes old jobs away', () => {
    const tried = chart();
    const web = release(tried);
    new MigrationJob(tried, 'Migration', { release: web });
    new MigrationJob(tried, 'Data', { release: web, task: 'data', command: ['data'] });
    const kinds = objects(tried).flatMap(({ kind, metadata }) =>
      kind === 'Job' || metadata.name === 'kube-native-jobs' ? [String(kind)] : [],
    );
    expect(kinds).toEqual(['ConfigMap', 'Job', 'Job']);
    for (const delivery of ['argo', 'helm'] as const) {
      const { tried: hooked, job } = made({ delivery });
      expect(wantedIn(hooked)).toBeUndefined();
      expect(podSpec(job)['initContainers']).toHaveLength(1);
      expect(job['spec'].podFailurePolicy.rules).toHaveLength(1);
    }
  });
});

test('migrations run again beside a restore, and another one after another dump', () => {
  const nameWith = (dump?: string, host = 'db.example.com') => {
    const tried = chart();
    const migration = new MigrationJob(tried, 'Migration', { release: release(tried, { database }) });
    const target = { claim: { name: 'dumps', existing: true } } as const;
    const link = { ...database, host };
    const restore = { name: 'kube-native-db', database: link, image: 'docker.io/library/postgres:17.6', target, resources };
    if (dump !== undefined) new DatabaseRestore(tried, 'Restore', { ...restore, dump });
    return migration.jobName;
  };
  const [last, first] = ['kube_native-20260131T023000Z.dump', 'kube_native-20260130T023000Z.dump'];
  expect(new Set([nameWith(), nameWith(last), nameWith(first)]).size).toBe(3);
  expect(nameWith(last, 'other.example.com')).toBe(nameWith());
});

describe('the gate', () => {
  const legacy = { ...application, release: distilleryRelease({ release: 'shop' }) };
  const gateOf = (
    props: Partial<PhoenixReleaseProps>,
    kind = 'Deployment',
    fill?: (tried: ReturnType<typeof chart>) => unknown,
  ) => {
    const tried = chart();
    const web = release(tried, { database, ...props });
    new MigrationJob(tried, 'Migration', { release: web });
    new ScheduledTask(tried, 'Digest', { release: web, task: 'digest', command: ['digest'], schedule: '30 3 * * *' });
    fill?.(tried);
    const { spec } = one(tried, kind);
    const { initContainers = [] } = (spec.jobTemplate?.spec ?? spec).template.spec as { initContainers?: Manifest[] };
    return { tried, initContainers, gate: initContainers[0] ?? {} };
  };

  test('is not there where nobody asks for it', () => {
    for (const kind of ['Deployment', 'CronJob']) expect(gateOf({}, kind).initContainers).toEqual([]);
  });

  test('waits in the pods that keep running and in those that are due later, never in a migration', () => {
    const migrationGate = Duration.minutes(10);
    expect(gateOf({ migrationGate }, 'Job').initContainers.map(({ name }) => name)).toEqual([
      'wait-for-database',
      'still-wanted',
    ]);
    expect(gateOf({ migrationGate }, 'CronJob').gate['name']).toBe('wait-for-migrations');
    expect(gateOf({ migrationGate }).gate['name']).toBe('wait-for-migrations');
  });

  test('is the release itself, as a task that has the variables, the files and the limits of its pod', () => {
    const { tried, gate } = gateOf({ migrationGate: Duration.minutes(10), erlangFlags: ['$(NOT_EXPANDED)'] });
    const web = container(one(tried, 'Deployment'));
    const { image: own, resources, securityContext, volumeMounts, envFrom } = web;
    expect(gate).toMatchObject({ image: own, resources, securityContext, envFrom });
    expect(gate['volumeMounts']).toEqual([...(volumeMounts as Manifest[]), scripts]);
    expect(gate['command']).toEqual(application.release.awaitMigrations?.(Duration.minutes(10)));
    expect(gate['env']).toEqual([
      ...(web['env'] as Manifest[]),
      { name: 'RELEASE_DISTRIBUTION', value: 'none' },
      { name: 'ERL_FLAGS', value: '+S 1:1 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none $$(NOT_EXPANDED)' },
    ]);
  });

  test('gives the roll-out the time that it waits', () => {
    const deadline = (migrationGate?: Duration): unknown =>
      one(gateOf({ migrationGate }).tried, 'Deployment')['spec'].progressDeadlineSeconds;
    expect([deadline(), deadline(Duration.minutes(2)), deadline(Duration.hours(1))]).toEqual([600, 600, 3600 + 65 + 300]);
  });

  test('runs another command where one is given', () => {
    const migrationGate: Required<MigrationGate> = { limit: Duration.minutes(5), command: ['/app/bin/shop', 'migrated'] };
    expect(gateOf({ application: legacy, migrationGate }).gate['command']).toEqual(['/app/bin/shop', 'migrated']);
  });

  test('of a release without eval is the command that its tool was told, with the limit behind it', () => {
    const told = distilleryRelease({ release: 'shop', awaitMigrations: ['await_migrations'] });
    const { tried, gate } = gateOf({ application: { ...application, release: told }, migrationGate: Duration.minutes(5) });
    expect(gate['command']).toEqual(['/app/bin/shop', 'await_migrations', '300']);
    expect(refusals(tried)).toEqual([]);
  });

  const deploy = (props: Partial<PhoenixReleaseProps>) => refusalsOf((tried) => release(tried, props));
  const fix = 'write the time that migrations may take, such as 30 minutes';

  test('fails when it waits for nothing or for ever', () => {
    expect(deploy({ migrationGate: Duration.seconds(5) })).toEqual([
      `[chart/Release] 'migrationGate' must be whole seconds from 10s to 86400s, got 5s; ${fix}`,
    ]);
    expect(deploy({ migrationGate: { limit: Duration.days(2) } })).toEqual([
      `[chart/Release] 'migrationGate.limit' must be whole seconds from 10s to 86400s, got 172800s; ${fix}`,
    ]);
  });

  test('fails when the tool knows no command that waits, or an empty one is given', () => {
    const what = 'write a program of the image that ends with 0 once no migration is left, and with 1 once the time is over';
    expect(deploy({ application: legacy, migrationGate: Duration.minutes(5) })).toEqual([
      `[chart/Release] 'migrationGate.command' must be given for a release of this tool, got nothing; pass awaitMigrations to distilleryRelease or exrmRelease, such as ['await'], or write the command of a program that ends with 0 once no migration is left`,
    ]);
    expect(deploy({ migrationGate: { limit: Duration.minutes(5), command: [] } })).toEqual([
      `[chart/Release] 'migrationGate.command' must name a program, got []; ${what}`,
    ]);
  });

  test('fails when the delivery is none', () => {
    expect(deploy({ delivery: 'spinnaker' as Delivery })).toEqual([
      "[chart/Release] 'delivery' must be 'apply' or 'argo' or 'helm' or 'flux', got \"spinnaker\"; write one of the 4 words",
    ]);
  });
});

describe('a job that nobody could run', () => {
  const said = (props: Omit<MigrationJobProps, 'release'>, of: Partial<PhoenixReleaseProps> = {}) =>
    refusalsOf((tried) => new MigrationJob(tried, 'Job', { release: release(tried, of), ...props }));
  const rollback: Rollback = { repo: 'KubeNative.Repo', to: 20260131120000 };

  test.each<[string, Omit<MigrationJobProps, 'release'>, string]>([
    [
      'the phase is none',
      { phase: 'during' as 'before' },
      "'phase' must be 'before' or 'after', got \"during\"; write one of the 2 words",
    ],
    [
      'the Repo is no module',
      { rollback: { ...rollback, repo: 'repo()' } },
      '\'rollback.repo\' must be a module, got "repo()"; write it as KubeNative.Repo',
    ],
    [
      'the version is no number',
      { rollback: { ...rollback, to: 0.5 } },
      "'rollback.to' must be a whole number from 1 to 9007199254740991, got 0.5; write the number that the migration's file begins with",
    ],
    [
      'a rollback has a phase',
      { rollback, phase: 'after' },
      '\'phase\' must be left out of a rollback, got "after"; a rollback runs once, when its object is applied',
    ],
  ])('fails when %s', (_, props, sentence) => {
    expect(said(props)).toEqual([`[chart/Job] ${sentence}`]);
  });

  test('fails when a job would be made again as soon as it has removed itself', () => {
    for (const delivery of ['argo', 'flux'] as const) {
      const faults = refusalsOf((tried) => {
        const web = release(tried, { delivery });
        inFolder(tried, 'release');
        new MigrationJob(tried, 'Job', { release: web, keep: Duration.days(1) });
      });
      expect(faults).toContain(
        `[chart/Job] 'keep' must be left to the delivery by '${delivery}', which would make the job, and run it, again, got 86400s; omit it: the next release's job takes its place`,
      );
    }
    expect(said({ keep: Duration.days(1) }, { delivery: 'helm' })).toEqual([]);
  });

  test('fails when a rollback would remove itself, and run again with a later release', () => {
    expect(said({ rollback, keep: Duration.days(1) })).toEqual([
      "[chart/Job] 'keep' must be left out of a rollback, which would be made again, and take back what was migrated since, got 86400s; omit it: it stays until somebody deletes it",
    ]);
  });

  test('fails when one image migrates and takes back', () => {
    const both = (of: Rollback) =>
      refusalsOf((tried) => {
        const web = release(tried);
        new MigrationJob(tried, 'Back', { release: web, rollback: of });
        new MigrationJob(tried, 'Migration', { release: web });
      });
    expect(both(rollback)).toEqual([
      `[chart/Back] 'rollback.image' must be another one than that of the release, whose migrations would run again beside the rollback, got "${image}"; let the release run the image before, and name the one that knows the migrations here`,
    ]);
    expect(both({ ...rollback, image: 'registry.example.com/kube-native:1.5.0' })).toEqual([]);
    expect(said({ rollback })).toEqual([]);
  });

  test('fails when the tool knows no command for it', () => {
    const legacy = { application: { ...application, release: distilleryRelease({ release: 'shop' }) } };
    const write = 'write the program and its arguments';
    expect(said({ phase: 'after' }, legacy)).toEqual([
      `[chart/Job] 'command' must be given for the phase 'after' of a release of this tool, got nothing; ${write}`,
    ]);
    expect(said({ rollback }, legacy)).toEqual([
      `[chart/Job] 'command' must be given for a rollback of a release of this tool, got nothing; ${write}`,
    ]);
    expect(said({ phase: 'after', command: ['/app/bin/shop', 'contract'] }, legacy)).toEqual([]);
  });

  test('fails when Flux would apply it together with the pods', () => {
    expect(said({}, { delivery: 'flux' })).toEqual([
      "[chart/Job] 'delivery' must find the job in a folder of its own, got \"that of the environment\"; write inFolder(chart, 'migrate') for the chart of the job, and another folder for that of the release",
    ]);
  });
});
