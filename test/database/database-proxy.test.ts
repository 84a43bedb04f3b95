import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  Checks,
  CloudIdentity,
  DatabaseProxy,
  ManagedMysql,
  ManagedPostgres,
  OptOut,
  Probe,
  render,
  type CloudSqlProxyProps,
  type ManagedPostgresProps,
  type Manifest,
  type OtherProxyProps,
  type PostgresEngine,
  type StackFacts,
} from '../../lib/index';
import { declaredIn } from '../../lib/support/declare';
import { chart, refusals } from '../support/chart';
import { invalidObjects } from '../support/models';
import { little, shipper } from '../support/sidecars';
import { application, build, facts as stack, production, postgres } from '../support/stack';
import { dumps } from '../support/variants';
import { vary, type Variation } from '../support/vary';

const image =
  'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.25.3@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';
const instance = 'my-project:europe-west1:shop';
const identity = CloudIdentity.google({ serviceAccount: 'shop@my-project.iam.gserviceaccount.com' });

function cloudSql(props: Partial<CloudSqlProxyProps> = {}, connections = 190): PostgresEngine {
  return { managed: { connections, cidr: '10.20.0.0/24', proxy: DatabaseProxy.cloudSql({ image, instance, ...props }) } };
}

/** Production with a proxy in front of its database, and a pod of every kind. */
const behind = vary(production, {
  kubernetes: '1.33',
  identity,
  database: cloudSql(),
  tasks: { nightly: { schedule: '0 3 * * *', run: 'Shop.Nightly.run()' } },
  migrations: { gate: Duration.minutes(5), contract: true, seeds: true },
  backup: dumps,
  quota: { cpu: Cpu.units(60), memory: Size.gibibytes(40), storage: Size.gibibytes(60), pods: 40 },
});

const faultsOf = (...changes: Variation[]): readonly string[] => render(build(vary(behind, ...changes))).faults;

const startsOf = (pod: Manifest | undefined): unknown[] =>
  ((pod?.['initContainers'] ?? []) as Manifest[]).map(({ name }): unknown => name);

describe('a database behind the proxy of Cloud SQL', () => {
  const app = build(behind);
  const { files, faults } = render(app);
  const { objects } = Checks.of(app).world;
  const pods = Object.fromEntries(
    objects.flatMap(({ manifest: { kind, metadata, spec } }): [string, Manifest][] => {
      const template = (kind === 'CronJob' ? spec.jobTemplate.spec : spec)?.template as Manifest | undefined;
      return template?.['spec'] ? [[String(metadata.name).replace(/-[0-9a-f]{10}$/, ''), template['spec'] as Manifest]] : [];
    }),
  );

  test('synthesizes without a fault, as the API takes it', () => {
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
  });

  test('is reached by a proxy in every pod that connects, before all that waits', () => {
    const roles = ['', '-worker', '-nightly', '-migrate', '-seed', '-contract'].map((end) => `kube-native${end}`);
    for (const role of [...roles, 'kube-native-postgresql-backup']) {
      expect([role, startsOf(pods[role])[0]]).toEqual([role, 'cloud-sql-proxy']);
      expect([role, (pods[role]?.['containers'] as Manifest[]).length]).toEqual([role, 1]);
    }
    expect(startsOf(pods['kube-native'])).toEqual(['cloud-sql-proxy', 'wait-for-migrations']);
    expect(startsOf(pods['kube-native-migrate'])).toEqual(['cloud-sql-proxy', 'wait-for-database', 'still-wanted']);
    // The drill restores into a server of its own.
    expect(startsOf(pods['kube-native-postgresql-restore-drill'])).not.toContain('cloud-sql-proxy');
  });

  test('is the address in the pod to the application, in clear text', () => {
    const [config] = objects.filter(
      ({ manifest: { kind, metadata } }) => kind === 'ConfigMap' && /^kube-native-[0-9a-f]{10}$/.test(metadata.name),
    );
    expect(config?.manifest['data']).toMatchObject({ DATABASE_URL: 'ecto://kube_native@127.0.0.1:5432/kube_native' });
    expect(config?.manifest['data']).not.toHaveProperty('PGSSLMODE');
    expect(config?.manifest['data']).not.toHaveProperty('ECTO_IPV6');
  });

  test('has the identity of the release, in backups too', () => {
    const accounts = objects
      .filter(({ manifest }) => manifest['kind'] === 'ServiceAccount')
      .map(({ manifest }) => manifest['metadata'] as Manifest);
    for (const name of ['kube-native', 'kube-native-migrate', 'kube-native-postgresql-backup']) {
      expect(accounts.find((one) => one['name'] === name)?.['annotations']).toMatchObject(identity.annotations);
    }
    expect(accounts.find(({ name }) => name === 'kube-native-postgresql-restore-drill')).not.toHaveProperty('annotations');
  });

  test('stands so in the job, and in the policies', () => {
    const text = (name: string): string => (files.get(`${name}.k8s.yaml`) ?? '').replace(/-[0-9a-f]{10}$/gm, '-<hash>');
    const job = text('20-migrate')
      .split('---\n')
      .find((one) => one.includes('name: kube-native-migrate-<hash>'));
    expect(job).toMatchSnapshot('the migration');
    const policy = text('08-network')
      .split('---\n')
      .find((one) => one.includes('\n  name: kube-native-migrate\n'));
    expect(policy).toMatchSnapshot('its way out');
  });

  test('has as many connections as its pools open by it', () => {
    expect(faultsOf({ database: cloudSql({}, 50) })).toEqual([
      expect.stringContaining(
        'must open at most 50 connections to my-project:europe-west1:shop together with all others, got "(6 + 1 + 6) x 10 kube-native',
      ),
    ]);
  });

  test('fails on a Kubernetes without native sidecars, once for all', () => {
    expect(faultsOf({ kubernetes: '1.27', cluster: undefined, pods: {} })).toEqual([
      expect.stringMatching(
        /^\[15-backup\/Backup, 20-migrate\/Migration, .*30-phoenix\/Release\/Web, .*\] 'database\.proxy' must be left out before Kubernetes 1\.29, whose pods have no proxy yet when migrations are waited for, and whose jobs would never end, got "1\.27"; say kubernetes: '1\.29' or newer where the cluster is, or leave the proxy out, and write the host of the server and 'tls'$/,
      ),
    ]);
  });

  test('fails without the identity that it connects as, and with one of another cloud', () => {
    const said = "'identity' must be one of Google, as whom the proxy cloud-sql-proxy of the database connects, got";
    const faults = faultsOf({ identity: undefined });
    expect(faults).toEqual([
      expect.stringContaining(
        `${said} nothing; write CloudIdentity.google({ serviceAccount: '...' }), or give the proxy 'credentials'`,
      ),
    ]);
    const aws = CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/shop' });
    expect(faultsOf({ identity: aws })).toEqual([expect.stringContaining(`${said} "another one"`)]);
  });

  test('needs none with a key file of its own, or where someone says why', () => {
    const key = { secret: 'cloud-sql', key: 'key.json' };
    for (const credentials of [key, OptOut.because('the pool of the cluster trusts the ServiceAccounts themselves')]) {
      expect(faultsOf({ identity: undefined, database: cloudSql({ credentials }) })).toEqual([]);
    }
  });

  test('fails where KEDA would have to connect to it', () => {
    const queues = { minimum: 1, maximum: 3, oban: { queues: ['default'], jobsPerPod: 10 } };
    expect(faultsOf({ workers: { worker: { ...production.workers.worker, replicas: queues } } })).toContainEqual(
      expect.stringContaining(
        '\'oban.database\' must be reached without a proxy in the pod, which the pods of KEDA do not have, got "cloud-sql-proxy"',
      ),
    );
  });

  test('fails where a role leaves the proxy out and connects all the same, and where another container has its name', () => {
    const sidecars = { 'cloud-sql-proxy': OptOut.because('it is thought to need no database') };
    expect(faultsOf({ workers: { worker: { ...production.workers.worker, sidecars } } })).toEqual([
      expect.stringContaining(
        'must lead to a port that a container of Deployment kube-native-worker declares, got "127.0.0.1:5432"',
      ),
    ]);
    expect(faultsOf({ sidecars: { 'cloud-sql-proxy': shipper } })).toContainEqual(
      expect.stringContaining(
        "'sidecars.cloud-sql-proxy' must have another name than the proxy of the database, which all pods have",
      ),
    );
  });
});

const password = { secret: 'db', key: 'password' };
const common = { database: 'shop', user: 'owner', password, connections: 100 };

function linked(props: Partial<ManagedPostgresProps>) {
  const tried = chart('1.33');
  return { tried, link: new ManagedPostgres(tried, 'Database', { ...common, ...props }).link };
}

describe('two databases behind proxies of their own', () => {
  const facts: StackFacts = { ...stack, application: { ...application, repos: { events: { module: 'KubeNative.EventsRepo' } } } };
  const own = { ...dumps, target: { claim: { name: 'events-dumps', storage: Size.gibibytes(20) } } };
  const both = (proxy: Partial<CloudSqlProxyProps>, ...changes: Variation[]) => {
    const further = { postgres: cloudSql({ instance: 'my-project:europe-west1:events', ...proxy }), backup: own };
    const app = build(vary(behind, { databases: { events: further } }, ...changes), undefined, facts);
    return { app, ...render(app) };
  };

  test('have containers of their own in the pods of the release; a dump has that of its database', () => {
    const { app, files, faults } = both({ port: 5433, healthPort: 9802 });
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
    const specs = Checks.of(app).world.objects.map(({ manifest }) => manifest);
    const of = (kind: string, name: string): Manifest | undefined => {
      const { spec } = specs.find((one) => one['kind'] === kind && one['metadata'].name === name) ?? {};
      return (kind === 'CronJob' ? spec.jobTemplate.spec : spec)?.template.spec as Manifest | undefined;
    };
    expect(startsOf(of('Deployment', 'kube-native')).slice(0, 2)).toEqual(['cloud-sql-proxy', 'cloud-sql-proxy-events']);
    const dump = of('CronJob', 'kube-native-events-postgresql-backup');
    expect(startsOf(dump)[0]).toBe('cloud-sql-proxy');
    expect(JSON.stringify(dump)).toContain('my-project:europe-west1:events');
    expect(JSON.stringify(dump)).toContain('127.0.0.1');
    expect(JSON.stringify(of('CronJob', 'kube-native-postgresql-backup'))).not.toContain('europe-west1:events');
  });

  test('listen on ports of their own', () => {
    expect(both({}).faults.join('\n')).toMatch(/'databases\.events\.postgres\.managed\.proxy\.port' must be one that no proxy/);
    expect(both({ port: 5433 }).faults.join('\n')).toMatch(/9801/);
  });
});

describe('the proxy of Cloud SQL', () => {
  test('with everything set', () => {
    const everything: Required<CloudSqlProxyProps> = {
      image,
      instance: 'example.com:my-project:us-central1:shop',
      address: 'psc',
      credentials: { secret: 'cloud-sql', key: 'account.json' },
      iamUser: 'shop@my-project.iam',
      port: 6000,
      healthPort: 9802,
      apis: ['199.36.153.8/30'],
      resources: little,
      args: ['--quiet'],
    };
    const login = { user: undefined, password: undefined };
    const { tried, link } = linked({ ...login, cidr: '10.20.0.0/24', proxy: DatabaseProxy.cloudSql(everything) });
    expect(refusals(tried)).toEqual([]);
    expect(link).toMatchObject({ host: '127.0.0.1', port: 6000, peer: { cidr: '127.0.0.1/32' } });
    expect(link.proxy).toMatchObject({ name: 'cloud-sql-proxy', server: everything.instance, port: 6000 });
    expect(link.proxy).not.toHaveProperty('identity');
    expect(link.proxy?.sidecar).toMatchObject({
      args: [
        '--port=6000',
        '--psc',
        '--credentials-file=/etc/cloud-sql-proxy/key.json',
        '--auto-iam-authn',
        '--structured-logs',
        '--health-check',
        '--http-address=0.0.0.0',
        '--http-port=9802',
        '--quiet',
        'example.com:my-project:us-central1:shop',
      ],
      resources: little,
      ports: { 'database-6000': 6000, 'health-9802': 9802 },
      egress: [
        { port: 3307, peer: { cidr: '10.20.0.0/24' } },
        { port: 443, peer: { cidr: '199.36.153.8/30' } },
      ],
    });
    expect(declaredIn(tried).externals).toContainEqual({ kind: 'Secret', name: 'cloud-sql', keys: ['account.json'] });
    expect(declaredIn(tried).databases).toEqual([
      { host: '127.0.0.1', port: 6000, connections: 100, server: everything.instance },
    ]);
  });

  test('listens where MySQL would, in front of MySQL', () => {
    const tried = chart('1.33');
    const { link } = new ManagedMysql(tried, 'Database', {
      ...common,
      proxy: DatabaseProxy.cloudSql({ image, instance, address: 'public' }),
    });
    expect(refusals(tried)).toEqual([]);
    expect(link.config).toEqual({ DATABASE_URL: 'ecto://owner@127.0.0.1:3306/shop' });
    expect(link.proxy?.sidecar.args).not.toContain('--private-ip');
    expect(link.proxy?.sidecar.egress).toContainEqual({ port: 988, peer: { cidr: '169.254.169.252/32' } });
  });

  test.each<[string, Partial<ManagedPostgresProps>, string]>([
    [
      'a host',
      { host: 'db.example.com' },
      '\'host\' must be left out beside cloud-sql-proxy, which finds the server by its instance, got "db.example.com"; remove it',
    ],
    [
      'a port',
      { port: 5433 },
      "'port' must be left out beside cloud-sql-proxy, which knows it, got 5433; remove it; that in the pod is 'port' of the proxy",
    ],
    [
      'a protection',
      { tls: 'public-authority' },
      '\'tls\' must be left out beside a proxy, which encrypts what leaves the pod, got "public-authority"; remove it',
    ],
    [
      'replicas',
      { readOnly: { host: 'replicas.example.com', connections: 10 } },
      "'readOnly.proxy' must be given beside a proxy of the server, got nothing; write that of the replicas",
    ],
  ])('fails beside %s', (_, props, fault) => {
    const { tried } = linked({ proxy: DatabaseProxy.cloudSql({ image, instance }), ...props });
    expect(refusals(tried)).toEqual([expect.stringContaining(fault)]);
  });

  test('fails for an instance that has no such name, and for a port that another server has', () => {
    const { tried } = linked({ proxy: DatabaseProxy.cloudSql({ image, instance: 'shop' }) });
    expect(refusals(tried)).toEqual([
      "[chart/Database] 'proxy.instance' must be a connection name, project:region:name, got \"shop\"; copy what 'gcloud sql instances describe NAME --format value(connectionName)' prints",
    ]);
    const both = chart('1.33');
    for (const name of ['shop', 'stock']) {
      new ManagedPostgres(both, name, {
        ...common,
        proxy: DatabaseProxy.cloudSql({ image, instance: `my-project:europe-west1:${name}` }),
      });
    }
    expect(refusals(both)).toEqual([
      expect.stringContaining(
        "[chart/shop] 'proxy.port' must be one that no proxy of another server has, which has connections of its own, got 5432; give one of the two another port: my-project:europe-west1:stock has it too",
      ),
      expect.stringContaining('[chart/stock]'),
    ]);
  });

  test('fails with a prop that nobody knows', () => {
    const misspelt = { image, instance, instanc: 'x' } as CloudSqlProxyProps;
    expect(() => linked({ proxy: DatabaseProxy.cloudSql(misspelt) })).toThrow("instanc' must be a prop that is known");
  });
});

describe('another proxy', () => {
  const everything: Required<Omit<OtherProxyProps, 'command' | 'user' | 'variableSources' | 'mounts' | 'imagePullPolicy'>> = {
    name: 'rds-proxy',
    image: postgres,
    args: ['--listen=0.0.0.0:7000', '--server=shop.eu-central-1.rds.amazonaws.com:5432'],
    variables: { AWS_REGION: 'eu-central-1' },
    iamUser: 'shop_app',
    port: 7000,
    ports: { 'rds-health': 7001 },
    probes: { startup: Probe.http({ port: 'rds-health', path: '/' }) },
    resources: little,
    identity: 'aws',
    egress: [{ port: 443, peer: { cidr: '10.30.0.0/16' } }],
  };
  const host = 'shop.eu-central-1.rds.amazonaws.com';

  test('with everything set', () => {
    const login = { user: undefined, password: undefined };
    const { tried, link } = linked({ ...login, host, cidr: '10.0.0.0/16', proxy: DatabaseProxy.other(everything) });
    expect(refusals(tried)).toEqual([]);
    expect(link.config).toEqual({ DATABASE_URL: 'ecto://shop_app@127.0.0.1:7000/shop' });
    expect(link.secrets).toEqual({});
    expect(link.proxy).toMatchObject({ name: 'rds-proxy', server: `${host}:5432`, identity: 'aws' });
    expect(link.proxy?.sidecar).toMatchObject({
      args: everything.args,
      variables: { AWS_REGION: 'eu-central-1' },
      ports: { 'database-7000': 7000, 'rds-health': 7001 },
      egress: [{ port: 5432, peer: { cidr: '10.0.0.0/16' } }, ...everything.egress],
    });
  });

  test('is asked at its own port, and needs the host of the server', () => {
    const { link } = linked({ host, proxy: DatabaseProxy.other({ name: 'tunnel', image: postgres }) });
    expect(link.proxy?.sidecar.ports).toEqual({ 'database-5432': 5432 });
    expect(link.proxy).not.toHaveProperty('identity');
    const { tried } = linked({ proxy: DatabaseProxy.other({ name: 'tunnel', image: postgres }) });
    expect(refusals(tried)).toEqual([
      "[chart/Database] 'host' must be given for tunnel, got nothing; write what the provider gave: the fence opens its port",
    ]);
  });
});
