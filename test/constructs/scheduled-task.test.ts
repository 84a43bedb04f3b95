import { Duration, Size } from 'cdk8s';
import { ConcurrencyPolicy, Cpu, k8s } from 'cdk8s-plus-27';
import { build, staging } from '../support/stack';
import {
  EnvironmentChart,
  MigrationJob,
  postgresLink,
  render,
  Resources,
  ScheduledTask,
  type Concurrency,
  type Manifest,
  type PhoenixReleaseProps,
  type ScheduledTaskProps,
} from '../../lib/index';
import { declaredIn } from '../../lib/support/declare';
import { application, chart, differences, image, objects, one, refusalsOf, release } from '../support/chart';
import { faultsOf } from '../support/environments';
import { dumps } from '../support/variants';
import { vary } from '../support/vary';
import { fetcher, shipper } from '../support/sidecars';

const command = ['/app/bin/kube_native_umbrella', 'eval', 'KubeNative.Release.digest()'];
const minimal: Omit<ScheduledTaskProps, 'release'> = { task: 'digest', command, schedule: '30 3 * * *' };
const database = postgresLink({
  host: 'db.example.com',
  port: 5432,
  database: 'kube_native',
  user: 'kube_native',
  connections: 100,
  password: { secret: 'db', key: 'password' },
});

function made(props: Partial<ScheduledTaskProps> = {}, changed: Partial<PhoenixReleaseProps> = {}) {
  const tried = chart();
  const task = new ScheduledTask(tried, 'Task', { release: release(tried, { database, ...changed }), ...minimal, ...props });
  return { tried, task, cronJob: one(tried, 'CronJob') };
}

/** The Job that a CronJob makes. */
function jobOf({ spec }: Manifest): Manifest {
  return spec.jobTemplate.spec as Manifest;
}

function containerOf(cronJob: Manifest): Manifest {
  return jobOf(cronJob)['template'].spec.containers[0] as Manifest;
}

describe('a minimal scheduled task', () => {
  const { tried, task, cronJob } = made();

  test('runs when it is due, alone, and not long after', () => {
    const { jobTemplate, ...spec } = cronJob['spec'];
    expect(jobTemplate).toBeDefined();
    expect(spec).toEqual({
      schedule: '30 3 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
  });

  test('ends, one way or the other, and is kept by the history alone', () => {
    expect(jobOf(cronJob)).toMatchObject({ backoffLimit: 2, activeDeadlineSeconds: 3600 });
    expect(jobOf(cronJob)).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(jobOf(cronJob)['template'].spec.restartPolicy).toBe('Never');
  });

  test('runs the command in the image of the release', () => {
    expect(containerOf(cronJob)).toMatchObject({ name: 'digest', image, imagePullPolicy: 'Always', command });
  });

  test('has the pod of a migration, but for its names and for what that one waits for', () => {
    const other = chart();
    new MigrationJob(other, 'Job', { release: release(other, { database }), task: 'digest', command });
    expect(differences(jobOf(cronJob)['template'], one(other, 'Job')['spec'].template)).toEqual([
      '/spec/initContainers',
      '/spec/volumes/1',
    ]);
    expect(jobOf(cronJob)['podFailurePolicy'].rules).toEqual([one(other, 'Job')['spec'].podFailurePolicy.rules[0]]);
  });

  test('is named and labelled after what it does', () => {
    const labels = {
      'app.kubernetes.io/name': 'kube-native',
      'app.kubernetes.io/instance': 'kube-native-digest',
      'app.kubernetes.io/component': 'digest',
      'app.kubernetes.io/version': '1.4.2',
    };
    expect(cronJob['metadata']).toEqual({ name: 'kube-native-digest', namespace: 'test', labels });
    expect(cronJob['spec'].jobTemplate.metadata).toEqual({ labels });
    expect(jobOf(cronJob)['template'].metadata).toEqual({ labels });
  });

  test('runs as an account of its own, which gets through the fence as the release does', () => {
    expect(task.serviceAccount.name).toBe('kube-native-digest');
    expect(objects(tried).filter(({ kind }) => kind === 'ServiceAccount')).toHaveLength(2);
    const { traffic } = declaredIn(tried);
    const own = traffic.find(({ pods }) => pods === 'kube-native-digest');
    const web = traffic.find(({ pods }) => pods === 'kube-native');
    expect(own).toMatchObject({ pods: 'kube-native-digest', sends: web?.sends, reachesOut: true });
    expect(own).not.toHaveProperty('serves');
  });
});

test('a scheduled task with everything set', () => {
  const tried = chart('1.29');
  const everything: Required<ScheduledTaskProps> = {
    release: release(tried),
    task: 'report',
    command: ['/app/bin/report'],
    schedule: '0,30 8-18/2 * jan-nov MON-FRI',
    timeZone: 'Europe/Berlin',
    concurrencyPolicy: ConcurrencyPolicy.REPLACE,
    startingDeadline: Duration.seconds(10),
    deadline: Duration.minutes(10),
    retries: 0,
    suspend: true,
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.mebibytes(256) }),
    mounts: [{ name: 'own', path: '/own', source: { emptyDir: { sizeLimit: k8s.Quantity.fromString('20Mi') } } }],
    config: { REPORT_TITLE: 'Costs $(PORT)' },
    pods: { nodeSelector: { pool: 'batch' } },
    sidecars: { shipper },
    initContainers: { fetcher },
    variables: { POOL_SIZE: '2', REPORT_PORT: '$(PORT)', TOKEN: { secretKeyRef: { name: 'report', key: 'token' } } },
  };
  const { cronJob } = new ScheduledTask(tried, 'Report', everything);
  expect(cronJob.name).toBe('kube-native-report');
  const manifest = one(tried, 'CronJob');
  expect(manifest['spec']).toMatchObject({
    schedule: '0,30 8-18/2 * jan-nov MON-FRI',
    timeZone: 'Europe/Berlin',
    concurrencyPolicy: 'Replace',
    startingDeadlineSeconds: 10,
    suspend: true,
  });
  expect(jobOf(manifest)).toMatchObject({ activeDeadlineSeconds: 600, backoffLimit: 0 });
  expect(jobOf(manifest)['template'].spec.nodeSelector).toEqual({ pool: 'batch' });
  expect(jobOf(manifest)['template'].spec.initContainers).toMatchObject([
    { name: 'shipper', restartPolicy: 'Always' },
    { name: 'fetcher' },
  ]);
  expect(containerOf(manifest)['volumeMounts']).toContainEqual({ name: 'own', mountPath: '/own' });
  expect(containerOf(manifest)).toMatchObject({
    name: 'report',
    command: ['/app/bin/report'],
    resources: { limits: { cpu: '2', memory: '256Mi' } },
    env: expect.arrayContaining([
      { name: 'POOL_SIZE', value: '2' },
      { name: 'REPORT_TITLE', value: 'Costs $$(PORT)' },
      { name: 'REPORT_PORT', value: '$(PORT)' },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'report', key: 'token' } } },
    ]),
  });
});

test('a variable of its own takes the place of the release’s, and stands once', () => {
  const { cronJob } = made({ variables: { POOL_SIZE: '2' } });
  const sizes = (containerOf(cronJob)['env'] as Manifest[]).filter(({ name }) => name === 'POOL_SIZE');
  expect(sizes).toEqual([{ name: 'POOL_SIZE', value: '2' }]);
});

test.each(['*/5 * * * *', '0 0 1 1 0', '@hourly', '15,45 */2 1-15 * sun'])('the schedule may be %s', (schedule) => {
  expect(refusalsOf((tried) => new ScheduledTask(tried, 'Task', { release: release(tried), ...minimal, schedule }))).toEqual([]);
});

const fields = 'write minute, hour, day, month, weekday: "30 3 * * *"';
const nameRule = (most: number) =>
  `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${most} characters`;

test.each<[string, Partial<ScheduledTaskProps>, string]>([
  [
    'the policy is no word of Kubernetes',
    { concurrencyPolicy: 'Queue' as Concurrency },
    `'concurrencyPolicy' must be 'Forbid' or 'Replace' or 'Allow', got "Queue"; write one of the 3 words`,
  ],
  [
    'no run would start in time',
    { startingDeadline: Duration.seconds(5) },
    "'startingDeadline' must be whole seconds from 10s to 86400s, got 5s; omit it to use 5 minutes",
  ],
  [
    'it would be killed at once',
    { deadline: Duration.seconds(1) },
    "'deadline' must be whole seconds from 10s to 86400s, got 1s; omit it to use an hour",
  ],
  ['it would be retried for days', { retries: 21 }, "'retries' must be a whole number from 0 to 20, got 21; omit it to use 2"],
  [
    'the name has no room for that of a Job',
    { task: 's'.repeat(41) },
    `'task' must ${nameRule(40)}, got "${'s'.repeat(41)}"; rename it, for example "${'s'.repeat(40)}"`,
  ],
  [
    'its command is an expression of Elixir',
    { command: ['KubeNative.Release.digest()'] },
    `'command' must begin with a program of the image, got "KubeNative.Release.digest()"; write ['/app/bin/kube_native_umbrella', 'eval', 'KubeNative.Release.digest()'] for an expression that the release evaluates`,
  ],
  [
    'a variable refers to none',
    { variables: { URL: 'http://$(NOWHERE)' } },
    `'variables.URL' must refer only to variables above it, got "http://$(NOWHERE)"; put NOWHERE above URL, or write $$(NOWHERE) for the text itself`,
  ],
])('fails when %s', (_, props, sentence) => {
  const faults = refusalsOf((tried) => new ScheduledTask(tried, 'Task', { release: release(tried), ...minimal, ...props }));
  expect(faults).toEqual([`[chart/Task] ${sentence}`]);
});

describe('times are asked by the rules, which name the prop', () => {
  test.each<[string, Partial<ScheduledTaskProps>, string]>([
    [
      'the schedule has seconds',
      { schedule: '0 30 3 * * *' },
      `'schedule' must have five fields, not 6, got "0 30 3 * * *"; ${fields} (cron-schedule)`,
    ],
    [
      'the hour is none',
      { schedule: '0 24 * * *' },
      `'schedule' must have the hour from 0 to 23, got "0 24 * * *"; ${fields} (cron-schedule)`,
    ],
    [
      'the step is none',
      { schedule: '*/0 * * * *' },
      `'schedule' must have the minute from 0 to 59, got "*/0 * * * *"; ${fields} (cron-schedule)`,
    ],
    [
      'the days run backwards',
      { schedule: '0 0 * * fri-mon' },
      `'schedule' must have the day of the week from 0 to 6, got "0 0 * * fri-mon"; ${fields} (cron-schedule)`,
    ],
    [
      'the word is unknown',
      { schedule: '@nightly' },
      `'schedule' must be @hourly, @daily, @weekly, @monthly, @yearly or five fields, got "@nightly"; ${fields} (cron-schedule)`,
    ],
    [
      'the zone stands in the schedule',
      { schedule: 'TZ=Europe/Berlin 0 3 * * *' },
      `'schedule' must not name a time zone: that goes to timeZone, got "TZ=Europe/Berlin 0 3 * * *"; ${fields} (cron-schedule)`,
    ],
    [
      'the schedule is empty',
      { schedule: '' },
      "'schedule' must be given, got nothing; add it: the API server refuses the CronJobSpec without it (required-fields)",
    ],
    [
      'the time zone is nowhere',
      { timeZone: 'Europe/Atlantis' },
      `'timeZone' must be a time zone of the IANA database, got "Europe/Atlantis"; write "Europe/Berlin", or leave it out for "Etc/UTC" (cron-schedule)`,
    ],
  ])('fails when %s', (_, times, sentence) => {
    const quota = { cpu: Cpu.units(20), memory: Size.gibibytes(40), storage: Size.gibibytes(20), pods: 80 };
    const faults = faultsOf(vary(staging, { quota }), ({ release: own }, app) => {
      const tasks = new EnvironmentChart(app, '40-tasks', { namespace: staging.namespace, partOf: application.name });
      new ScheduledTask(tasks, 'Digest', { release: own, ...minimal, ...times });
    });
    expect(faults).toEqual([`[40-tasks/Digest] ${sentence}`]);
  });
});

test.each(['release', 'task', 'command', 'schedule'])("fails when '%s' is missing in plain JavaScript", (prop) => {
  const tried = chart();
  const make = () => new ScheduledTask(tried, 'Task', { release: release(tried), ...minimal, [prop]: undefined });
  expect(make).toThrow(`[chart/Task] '${prop}' must be given, got nothing; pass '${prop}' to ScheduledTask`);
});

test('an environment with one passes all rules, and its quota and its database count it', () => {
  const quota = { cpu: Cpu.units(20), memory: Size.gibibytes(40), storage: Size.gibibytes(20), pods: 80 };
  const add = (changed: Partial<typeof staging>) =>
    faultsOf(vary(staging, { quota }, changed), ({ release: own }, app) => {
      const { namespace } = staging;
      const tasks = new EnvironmentChart(app, '40-tasks', { namespace, partOf: application.name });
      new ScheduledTask(tasks, 'Digest', { release: own, ...minimal });
    });
  expect(add({})).toEqual([]);
  expect(add({ quota: { ...quota, pods: 2 } })).toEqual([expect.stringContaining('1 x 1 kube-native-digest')]);
});

test('an environment says which of its times come twice or not at all where clocks change, and takes them', () => {
  const timeZone = 'Europe/Athens';
  const tasks = {
    nightly: { schedule: '30 3 * * *', timeZone, run: 'Shop.Nightly.run()' },
    monday: { schedule: '30 3 * * 1', timeZone, run: 'Shop.Weekly.run()' },
    utc: { schedule: '30 3 * * *', run: 'Shop.Daily.run()' },
  };
  const backup = { ...dumps, schedule: '15 3 * * *', timeZone, drill: { ...dumps.drill, schedule: '0 5 * * 0' } };
  const { faults, assumed } = render(build(vary(staging, { tasks, backup, quota: undefined })));
  expect(faults).toEqual([]);
  const what = `is taken to bear being left out in the night when clocks go forward, and run twice in the night when they go back in ${timeZone}: write another hour, such as 4, or leave 'timeZone' out for UTC`;
  expect(assumed.filter((note) => note.includes('clocks')).toSorted()).toEqual([
    `backup.schedule, "15 3 * * *", ${what}`,
    `tasks.nightly.schedule, "30 3 * * *", ${what}`,
  ]);
});
