import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Checks, clusterNeeds, mixRelease, render, type Manifest, type NamedEnvironment, type StackFacts } from '../lib/index';
import { application, build, facts, production } from './support/stack';
import { vary } from './support/vary';

/** The application with a second repository on PostgreSQL, and a third on MySQL. */
const several: StackFacts = {
  ...facts,
  application: {
    ...application,
    repos: { analytics: { module: 'KubeNative.AnalyticsRepo' }, legacy: { module: 'KubeNative.LegacyRepo', url: 'LEGACY_URL' } },
  },
};

const analytics = {
  postgres: {
    managed: {
      host: 'analytics.example.com',
      connections: 80,
      cidr: '10.1.0.0/16',
      tls: { authority: { secret: 'ca', key: 'ca.pem' } },
    },
  },
  poolSize: 3,
} as const;

const mysql = {
  mysql: { managed: { host: 'legacy.example.com', connections: 200, cidr: '10.2.0.0/16', tls: 'public-authority' } },
  database: 'erp',
  user: 'shop',
} as const;

const whole: NamedEnvironment = vary(production, {
  databases: { analytics, legacy: mysql },
  workers: { worker: { ...production.workers?.['worker'], replicas: 2, login: { user: 'reports' } } },
});

function made(environment: NamedEnvironment, of: StackFacts = several) {
  const app = build(environment, undefined, of);
  const { faults } = render(app);
  return { faults, objects: Checks.of(app).world.objects.map(({ manifest }) => manifest) };
}

const named = (objects: readonly Manifest[], kind: string, name: RegExp): Manifest =>
  objects.find((one) => one['kind'] === kind && name.test(String(one['metadata'].name))) ?? {};

/** The variables of a container: texts, or `<secret>/<key>`. */
function variables(container: Manifest): Record<string, string> {
  return Object.fromEntries(
    (container['env'] as Manifest[]).map(({ name, value, valueFrom }) => {
      const { name: secret, key } = valueFrom?.secretKeyRef ?? {};
      return [name, value ?? `${secret}/${key}`];
    }),
  );
}

describe('an environment of three databases', () => {
  const { faults, objects } = made(whole);
  const [web, worker, job] = [
    named(objects, 'Deployment', /^kube-native$/),
    named(objects, 'Deployment', /worker$/),
    named(objects, 'Job', /migrate/),
  ].map(({ spec }) => spec.template.spec as Manifest);

  test('runs', () => expect(faults).toEqual([]));

  test('tells each repository its server, its connections and its own password, and gives no driver one by itself', () => {
    const { data } = named(objects, 'ConfigMap', /^kube-native-[0-9a-f]{10}$/);
    expect(data).toMatchObject({
      ANALYTICS_DATABASE_URL: 'ecto://kube_native_analytics@analytics.example.com:5432/kube_native_analytics',
      ANALYTICS_POOL_SIZE: '3',
      ANALYTICS_PGSSLMODE: 'verify-full',
      ANALYTICS_PGSSLROOTCERT: '/etc/database-ca-analytics/ca.pem',
      LEGACY_URL: 'ecto://shop@legacy.example.com:3306/erp',
      LEGACY_POOL_SIZE: '10',
    });
    const secret = variables(web?.['containers'][0] as Manifest);
    expect(secret).toMatchObject({
      DATABASE_PASSWORD: 'kube-native-postgresql/password',
      ANALYTICS_DATABASE_PASSWORD: 'kube-native-analytics-postgresql/password',
      LEGACY_DATABASE_PASSWORD: 'kube-native-legacy-mysql/password',
    });
    expect(Object.keys(secret)).not.toEqual(expect.arrayContaining(['PGPASSWORD']));
    expect(Object.keys(secret)).not.toEqual(expect.arrayContaining(['MYSQL_PWD']));
    expect(web?.['volumes']).toContainEqual(expect.objectContaining({ name: 'database-ca-analytics' }));
  });

  test('migrates all of them in one job, and waits for all of them', () => {
    expect(variables(job?.['containers'][0] as Manifest)).toMatchObject({ ANALYTICS_POOL_SIZE: '2', LEGACY_POOL_SIZE: '2' });
    expect(web?.['initContainers'][0].command[2]).toContain('repos: [KubeNative.AnalyticsRepo, KubeNative.LegacyRepo]');
  });

  test('opens the fence to each server', () => {
    const { spec } = named(objects, 'NetworkPolicy', /^kube-native$/);
    const cidrs = JSON.stringify(spec.egress);
    for (const cidr of ['10.0.0.0/16', '10.1.0.0/16', '10.2.0.0/16']) expect(cidrs).toContain(cidr);
  });

  test('logs a worker in as a role of its own', () => {
    const { data } = named(objects, 'ConfigMap', /^kube-native-worker-/);
    expect(data.DATABASE_URL).toMatch(/^ecto:\/\/reports@/);
    const own = { DATABASE_PASSWORD: 'kube-native-worker-database/password' };
    expect(variables(worker?.['containers'][0] as Manifest)).toMatchObject(own);
    expect(variables(worker?.['initContainers'][0] as Manifest)).toMatchObject(own);
  });

  test('needs each database with its owner, and the role of the worker', () => {
    const app = build(whole, undefined, several);
    render(app);
    const { beside } = clusterNeeds(app);
    expect(beside).toEqual(
      expect.arrayContaining([
        'the database kube_native_analytics at analytics.example.com, and the role kube_native_analytics that owns it',
        'the database erp at legacy.example.com, and the role shop that owns it',
      ]),
    );
    const roles = beside.filter((line) => line.includes('the role reports'));
    expect(roles).toEqual([
      expect.stringMatching(/^the role reports of the database kube_native at kube-native\..*, with the rights/),
    ]);
  });

  test('counts the connections of each by its own number', () => {
    const few = vary(whole, {
      databases: {
        legacy: mysql,
        analytics: { ...analytics, postgres: { managed: { ...analytics.postgres.managed, connections: 20 } } },
      },
    });
    const found = made(few).faults;
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/at most 20 connections to analytics\.example\.com .*\(6 \+ 1 \+ 6\) x 3 kube-native/);
  });
});

test('a second PostgreSQL alone leaves MySQL no word; one with the same password may be read by the driver', () => {
  const { database, ...rest } = production;
  const same = made(vary({ ...rest, database }, { databases: { legacy: mysql } }), {
    ...facts,
    application: { ...application, repos: { legacy: { module: 'KubeNative.LegacyRepo' } } },
  });
  expect(same.faults).toEqual([]);
  const web = named(same.objects, 'Deployment', /^kube-native$/)['spec'].template.spec.containers[0] as Manifest;
  expect(variables(web)).toMatchObject({
    PGPASSWORD: 'kube-native-postgresql/password',
    LEGACY_DATABASE_PASSWORD: 'kube-native-legacy-mysql/password',
  });
});

test('each repository has its database, and each database its repository', () => {
  const { faults } = made(vary(production, { databases: { analytics, other: mysql } }));
  expect(faults.join('\n')).toMatch(
    /'databases\.other' must be of a repository in 'application\.repos', got "analytics, legacy"/,
  );
  expect(faults.join('\n')).toMatch(/'databases\.legacy' must be given for KubeNative\.LegacyRepo/);
});

test('ClickHouse beside PostgreSQL is an address: nothing migrates it, waits for it or sends it another password', () => {
  const clickhouse = { CLICKHOUSE_DATABASE_URL: { url: 'https://clickhouse.example.com:8443/events', cidrs: ['10.7.0.0/24'] } };
  const variablesOf = { CLICKHOUSE_PASSWORD: { secretKeyRef: { name: 'clickhouse', key: 'password' } } };
  const existing = [{ kind: 'Secret', name: 'clickhouse', keys: ['password'] }];
  const beside = made(vary(production, { backingServices: clickhouse, variables: variablesOf, existing }), facts);
  expect(beside.faults).toEqual([]);
  const way = { to: [{ ipBlock: { cidr: '10.7.0.0/24' } }], ports: [{ port: 8443, protocol: 'TCP' }] };
  for (const name of ['kube-native', 'kube-native-worker', 'kube-native-migrate'])
    expect(named(beside.objects, 'NetworkPolicy', new RegExp(`^${name}$`))['spec'].egress).toContainEqual(way);
  const { containers, initContainers } = named(beside.objects, 'Deployment', /^kube-native$/)['spec'].template.spec as {
    containers: Manifest[];
    initContainers: Manifest[];
  };
  expect(variables(containers[0] ?? {})).toMatchObject({
    PGPASSWORD: 'kube-native-postgresql/password',
    CLICKHOUSE_PASSWORD: 'clickhouse/password',
  });
  const alone = made(production, facts);
  const gate = named(alone.objects, 'Deployment', /^kube-native$/)['spec'].template.spec.initContainers[0] as Manifest;
  expect(initContainers.map(({ name, command }) => [name, command] as unknown)).toEqual([[gate['name'], gate['command']]]);
});

describe('password-of-one-server', () => {
  const url = (name: string, value: string): readonly string[] =>
    made(vary(production, { config: { [name]: value }, egress: [{ port: 5432 }, { port: 5433 }] }), facts).faults.filter(
      (fault) => fault.includes('password-of-one-server'),
    );

  test('fails where a second server would be sent the password of the first', () => {
    const [found, ...more] = url('WAREHOUSE_URL', 'ecto://etl@warehouse.example.com:5432/events');
    expect(more).toEqual([]);
    expect(found).toMatch(
      /must have a password of its own: PGPASSWORD is that of another server, got "warehouse\.example\.com:5432"/,
    );
  });

  test.each([
    ['a replica', 'DATABASE_REPLICA_URL', 'ecto://kube_native@replica.example.com:5432/kube_native'],
    [
      'another database of the same server',
      'OBAN_URL',
      'ecto://kube_native@kube-native.cluster-example.eu-central-1.rds.amazonaws.com:5432/oban',
    ],
    ['what is no PostgreSQL', 'CLICKHOUSE_DATABASE_URL', 'http://clickhouse.example.com:5433/events'],
  ])('accepts %s', (_, name, value) => expect(url(name, value)).toEqual([]));
});

test('a URL that is a secret as a whole is no line of the YAML, and counts where it leads', () => {
  const environment = vary(production, {});
  const heroku: NamedEnvironment = {
    ...environment,
    database: {
      url: { from: { secret: 'heroku', key: 'url' }, host: 'ec2-1.example.com', connections: 90, cidr: '10.9.0.0/16' },
    },
  };
  const { faults, objects } = made(heroku, facts);
  expect(faults).toEqual([expect.stringMatching(/open at most 90 connections to ec2-1\.example\.com/)]);
  const web = named(objects, 'Deployment', /^kube-native$/)['spec'].template.spec.containers[0] as Manifest;
  expect(variables(web)['DATABASE_URL']).toBe('heroku/url');
  expect(
    made(
      vary(heroku, {
        web: { poolSize: 4 },
        workers: { worker: { ...production.workers?.['worker'], replicas: 2, poolSize: 4 } },
      }),
      facts,
    ).faults,
  ).toEqual([]);
});

test('seeds once leave a mark in the database; migrations of tenants are run and waited for in each schema', () => {
  const tenants = { repo: 'KubeNative.Repo', folder: 'tenant_migrations', prefixes: 'Triplex.all(KubeNative.Repo)' };
  const release = mixRelease({ release: 'kube_native_umbrella', module: 'KubeNative.Release', migrations: [tenants] });
  const { faults, objects } = made(
    vary(production, {
      migrations: { gate: Duration.minutes(10), seeds: 'once' },
      quota: { cpu: Cpu.units(30), memory: Size.gibibytes(20), storage: Size.gibibytes(1), pods: 30 },
    }),
    { ...facts, application: { ...application, release } },
  );
  expect(faults).toEqual([]);
  const command = (name: RegExp) => named(objects, 'Job', name)['spec'].template.spec.containers[0].command[2] as string;
  expect(command(/seed/)).toBe(
    'Code.eval_string(File.read!("/etc/release-scripts/seed.exs"), apps: [:kube_native], plant: fn -> KubeNative.Release.seed() end)',
  );
  const further = 'further: [{KubeNative.Repo, "tenant_migrations", fn -> Triplex.all(KubeNative.Repo) end}]';
  expect(command(/migrate/)).toBe(
    `KubeNative.Release.migrate(); Code.eval_string(File.read!("/etc/release-scripts/migrate.exs"), apps: [:kube_native], ${further})`,
  );
  const gate = named(objects, 'Deployment', /^kube-native$/)['spec'].template.spec.initContainers[0].command[2] as string;
  expect(gate).toContain(`limit: 600, ${further}`);
  expect(
    mixRelease({
      release: 'shop',
      module: 'Shop.Release',
      migrations: [{ repo: 'repo', folder: 'migrations', prefixes: 'audit' }],
    }).refusals,
  ).toHaveLength(3);
});
