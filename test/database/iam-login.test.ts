import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  Checks,
  CloudIdentity,
  clusterNeeds,
  DatabaseProxy,
  ManagedMysql,
  ManagedPostgres,
  OptOut,
  render,
  type CloudSqlProxyProps,
  type ManagedPostgresProps,
  type Manifest,
  type NamedEnvironment,
  type StackFacts,
} from '../../lib/index';
import { chart, refusals } from '../support/chart';
import { invalidObjects } from '../support/models';
import { application, build, facts as stack, production } from '../support/stack';
import { dumps } from '../support/variants';
import { vary, type Variation } from '../support/vary';

const digest = 'sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';
const image = `gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.25.3@${digest}`;
const instance = 'my-project:europe-west1:shop';
const iamUser = 'shop@my-project.iam';
const identity = CloudIdentity.google({ serviceAccount: 'shop@my-project.iam.gserviceaccount.com' });
const worker = production.workers?.['worker'] ?? { replicas: 1 };

const cloudSql = (props: Partial<CloudSqlProxyProps> = {}) => DatabaseProxy.cloudSql({ image, instance, iamUser, ...props });
const replica = cloudSql({ instance: 'my-project:europe-west1:shop-replica' });

/** Production that logs in by IAM and reads from a replica, with a pod of every kind. */
const byIam: NamedEnvironment = vary(production, {
  kubernetes: '1.33',
  identity,
  readUrl: true,
  database: {
    managed: { connections: 190, cidr: '10.20.0.0/24', proxy: cloudSql(), readOnly: { connections: 190, proxy: replica } },
  },
  tasks: { nightly: { schedule: '0 3 * * *', run: 'Shop.Nightly.run()' } },
  migrations: { gate: Duration.minutes(5), contract: true, seeds: true },
  backup: dumps,
  quota: { cpu: Cpu.units(60), memory: Size.gibibytes(40), storage: Size.gibibytes(60), pods: 40 },
});

function made(environment: NamedEnvironment, facts: StackFacts = stack) {
  const app = build(environment, undefined, facts);
  const { files, faults } = render(app);
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  const pod = (name: string): Manifest => {
    const found = all.find(({ metadata, spec }) => {
      return String(metadata.name).replace(/-[0-9a-f]{10}$/, '') === name && (spec?.template ?? spec?.jobTemplate) !== undefined;
    });
    const { kind, spec } = found ?? {};
    return ((kind === 'CronJob' ? spec.jobTemplate.spec : spec)?.template.spec ?? {}) as Manifest;
  };
  return { app, files, faults, all, pod };
}

const faultsOf = (...changes: Variation[]): readonly string[] => made(vary(byIam, ...changes)).faults;
const starts = (pod: Manifest): Manifest[] => (pod['initContainers'] ?? []) as Manifest[];
const namesOf = (pod: Manifest): unknown[] => starts(pod).map(({ name }): unknown => name);

describe('an environment whose proxy logs in by IAM', () => {
  const { app, files, faults, all, pod } = made(byIam);
  const text = [...files.values()].join('\n');

  test('synthesizes without a fault, as the API takes it', () => {
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
  });

  test('has no password anywhere, and demands none', () => {
    expect(text).not.toMatch(/PGPASSWORD|DATABASE_PASSWORD/);
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const needs = JSON.stringify(clusterNeeds(app));
    expect(needs).toContain('SECRET_KEY_BASE');
    expect(needs).not.toMatch(/"kube-native-postgresql"|password/);
  });

  test('is told the role by every URL, and by the variables of dumps', () => {
    const urls = [...text.matchAll(/ecto:\/\/[^\s"]+/g)].map(([url]) => url);
    expect(new Set(urls)).toEqual(
      new Set([
        'ecto://shop%40my-project.iam@127.0.0.1:5432/kube_native',
        'ecto://shop%40my-project.iam@127.0.0.1:5433/kube_native',
      ]),
    );
    expect(pod('kube-native-postgresql-backup')['containers'][0].env).toEqual(
      expect.arrayContaining([
        { name: 'PGUSER', value: iamUser },
        { name: 'PGHOST', value: '127.0.0.1' },
      ]),
    );
  });

  test('has the proxy of the replicas in the pods that read from them, beside that of the server', () => {
    for (const name of ['kube-native', 'kube-native-worker']) {
      expect(namesOf(pod(name))).toEqual(['cloud-sql-proxy', 'cloud-sql-proxy-read', 'wait-for-migrations']);
    }
    for (const name of ['kube-native-nightly', 'kube-native-migrate', 'kube-native-seed', 'kube-native-postgresql-backup']) {
      expect(namesOf(pod(name))).toContain('cloud-sql-proxy');
      expect(namesOf(pod(name))).not.toContain('cloud-sql-proxy-read');
    }
    expect(starts(pod('kube-native')).slice(0, 2)).toMatchSnapshot();
  });

  test('has as many connections as each of both bears', () => {
    const few = { connections: 100, proxy: replica };
    const managed = { connections: 190, cidr: '10.20.0.0/24', proxy: cloudSql(), readOnly: few };
    expect(faultsOf({ database: { managed } })).toEqual([
      expect.stringContaining('must open at most 100 connections to my-project:europe-west1:shop-replica together'),
    ]);
  });

  test('fails with a password, however it comes', () => {
    const said = `'databasePassword' must be left out beside cloud-sql-proxy, which logs in as ${iamUser} by IAM`;
    expect(faultsOf({ databasePassword: { existing: true } })).toEqual([expect.stringContaining(said)]);
  });

  test('fails where a worker would be another role', () => {
    expect(faultsOf({ workers: { worker: { ...worker, login: { user: 'reports' } } } })).toEqual([
      expect.stringContaining(
        "login' must be left out where cloud-sql-proxy logs in by IAM, as whom all pods of the release are",
      ),
    ]);
  });

  test('fails where the pods are another one than the role', () => {
    const other = CloudIdentity.google({ serviceAccount: 'stock@my-project.iam.gserviceaccount.com' });
    expect(faultsOf({ identity: other })).toEqual([
      expect.stringContaining(
        `'identity' must be the service account that the proxy of the database logs in as: ${iamUser}, got "stock@`,
      ),
    ]);
    const trusted = OptOut.because('the pool of the cluster is trusted');
    const managed = { connections: 190, proxy: cloudSql({ credentials: trusted }) };
    expect(faultsOf({ identity: undefined, readUrl: false, database: { managed } })).toEqual([]);
  });
});

describe('two databases, of which one has a password', () => {
  const facts: StackFacts = { ...stack, application: { ...application, repos: { events: { module: 'KubeNative.EventsRepo' } } } };
  const direct = { managed: { host: 'db.example.com', connections: 190, cidr: '10.1.0.0/16', tls: 'public-authority' } } as const;
  const second = { managed: { connections: 190, cidr: '10.20.0.0/24', proxy: cloudSql() } };
  const env = ({ pod }: ReturnType<typeof made>): string[] =>
    (pod('kube-native')['containers'][0].env as { name: string }[]).map(({ name }) => name);

  test('send it to that one alone, whichever it is', () => {
    const further = made(vary(byIam, { readUrl: false, database: direct, databases: { events: { postgres: second } } }), facts);
    expect(further.faults).toEqual([]);
    expect(env(further)).toContain('DATABASE_PASSWORD');
    expect(env(further)).not.toContain('PGPASSWORD');
    expect(env(further)).not.toContain('EVENTS_DATABASE_PASSWORD');
    const first = made(vary(byIam, { readUrl: false, database: second, databases: { events: { postgres: direct } } }), facts);
    expect(first.faults).toEqual([]);
    expect(env(first)).toContain('EVENTS_DATABASE_PASSWORD');
    expect(env(first)).not.toContain('PGPASSWORD');
  });

  test('fails where the further one has a proxy for what no pod reads', () => {
    const postgres = { managed: { ...second.managed, readOnly: { connections: 20, proxy: replica } } };
    const { faults } = made(vary(byIam, { readUrl: false, database: direct, databases: { events: { postgres } } }), facts);
    expect(faults).toEqual([
      expect.stringContaining("'databases.events' must be left out of a further database, which pods reach"),
    ]);
  });

  test('may be MySQL', () => {
    const mysql = { managed: { connections: 190, cidr: '10.20.0.0/24', proxy: cloudSql({ iamUser: 'shop' }) } };
    const both = made(vary(byIam, { readUrl: false, database: direct, databases: { events: { mysql } } }), facts);
    expect(both.faults).toEqual([]);
    expect(env(both)).not.toContain('MYSQL_PWD');
    expect(env(both)).toContain('PGPASSWORD');
    expect([...both.files.values()].join('\n')).toContain('ecto://shop@127.0.0.1:3306/kube_native_events');
  });
});

const password = { secret: 'db', key: 'password' };

function linked(props: Partial<ManagedPostgresProps>) {
  const tried = chart('1.33');
  return { tried, link: new ManagedPostgres(tried, 'Database', { database: 'shop', connections: 100, ...props }).link };
}

describe('a managed server', () => {
  test('has the role of its proxy, and no password', () => {
    const { tried, link } = linked({ proxy: cloudSql() });
    expect(refusals(tried)).toEqual([]);
    expect(link).toMatchObject({ user: iamUser, secrets: {} });
    expect(link).not.toHaveProperty('password');
    expect(link.proxy?.sidecar.args).toContain('--auto-iam-authn');
  });

  test('fails with a role or a password beside it', () => {
    expect(refusals(linked({ proxy: cloudSql(), user: 'owner', password }).tried)).toEqual([
      expect.stringContaining(
        `'password' must be left out beside cloud-sql-proxy, which logs in as ${iamUser} by IAM, got "the Secret db"`,
      ),
      expect.stringContaining(`'user' must be left out beside cloud-sql-proxy, which logs in as ${iamUser} by IAM, got "owner"`),
    ]);
    expect(refusals(linked({ proxy: cloudSql(), user: iamUser }).tried)).toEqual([]);
  });

  test('fails without them where nobody logs in for it', () => {
    const tls = 'public-authority';
    expect(() => linked({ host: 'db.example.com', tls })).toThrow(
      "'password' must be given, got nothing; pass 'password' to ManagedPostgres, or 'iamUser' to the proxy that logs in by itself",
    );
    const tried = chart('1.33');
    const proxy = DatabaseProxy.cloudSql({ image, instance });
    expect(() => new ManagedMysql(tried, 'Database', { database: 'shop', connections: 9, password, proxy })).toThrow(
      "'user' must be given",
    );
  });

  test('fails with the address of the account in the place of the role', () => {
    const { tried } = linked({ proxy: cloudSql({ iamUser: 'shop@my-project.iam.gserviceaccount.com' }) });
    expect(refusals(tried)).toEqual([
      expect.stringMatching(
        /'proxy\.iamUser' must be the role as the server knows it, .*; write shop@my-project\.iam, or shop with MySQL$/,
      ),
    ]);
  });

  test('fails with replicas that have no proxy, or one for another role, or one beside no other', () => {
    const proxy = cloudSql();
    const readOnly = (one: ManagedPostgresProps['readOnly']) => refusals(linked({ proxy, readOnly: one }).tried);
    expect(readOnly({ host: 'replica.example.com', connections: 10 })).toEqual([
      expect.stringContaining("'readOnly.proxy' must be given beside a proxy of the server"),
    ]);
    expect(readOnly({ connections: 10, proxy: cloudSql({ iamUser: 'reader@my-project.iam' }) })).toEqual([
      expect.stringContaining("'readOnly.proxy.iamUser' must be that of the proxy of the server"),
    ]);
    expect(
      readOnly({ connections: 10, proxy: cloudSql({ port: 5432, instance: 'my-project:europe-west1:other' }) }),
    ).toContainEqual(expect.stringContaining("'readOnly.proxy.port' must be one that no proxy of another server has"));
    expect(readOnly({ host: 'replica.example.com', connections: 10, proxy: replica })).toEqual([
      expect.stringContaining("'readOnly.host' must be left out beside cloud-sql-proxy"),
    ]);
    const direct = { user: 'owner', password, host: 'db.example.com', tls: OptOut.because('the network encrypts') };
    expect(refusals(linked({ ...direct, readOnly: { host: 'r.example.com', connections: 10, proxy } }).tried)).toEqual([
      expect.stringContaining("'readOnly.proxy' must be left out where the server has none"),
    ]);
    expect(() => linked({ ...direct, readOnly: { connections: 10 } })).toThrow("'readOnly.host' must be given");
  });

  test('fails with a pooler elsewhere beside a proxy', () => {
    const pooler = { host: 'pooler.example.com', mode: 'transaction', namedStatements: true, clients: 100 } as const;
    expect(refusals(linked({ proxy: cloudSql(), pooler }).tried)).toEqual([
      expect.stringMatching(
        /'pooler' must be in the pods beside a proxy, .*; write PodPooler\.pgBouncer\(\{ image, poolSize \}\)/,
      ),
    ]);
  });
});
