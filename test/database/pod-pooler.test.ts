import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  Checks,
  CloudIdentity,
  DatabaseProxy,
  ManagedPostgres,
  OptOut,
  PodPooler,
  render,
  type ManagedPostgresProps,
  type Manifest,
  type NamedEnvironment,
  type PgBouncerProps,
  type PostgresEngine,
} from '../../lib/index';
import { declaredIn } from '../../lib/support/declare';
import { chart, refusals } from '../support/chart';
import { invalidObjects } from '../support/models';
import { little, shipper } from '../support/sidecars';
import { build, production } from '../support/stack';
import { dumps } from '../support/variants';
import { vary, type Variation } from '../support/vary';

const digest = 'sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';
const image = `registry.example.com/pgbouncer:1.25.2@${digest}`;
const authority = { configMap: 'database-ca', key: 'ca.pem' };
const worker = production.workers?.['worker'] ?? { replicas: 1 };

function pooled(pooler: Partial<PgBouncerProps> = {}, managed: Partial<ManagedPostgresProps> = {}): PostgresEngine {
  const { host, tls } = { host: 'db.example.com', tls: { authority }, ...managed };
  const made = PodPooler.pgBouncer({ image, poolSize: 8, ...pooler });
  return { managed: { host, tls, connections: 170, cidr: '10.0.0.0/16', pooler: made, ...managed } };
}

const byPooler = { pooled: { listens: false, statements: 'named' } } as const;

/** Production with PgBouncer in its web pods, and a pod of every kind. */
const behind: NamedEnvironment = vary(production, {
  kubernetes: '1.33',
  database: pooled(),
  web: { connection: byPooler, poolSize: 40 },
  tasks: { nightly: { schedule: '0 3 * * *', run: 'Shop.Nightly.run()' } },
  migrations: { gate: Duration.minutes(5), seeds: true },
  backup: dumps,
  quota: { cpu: Cpu.units(60), memory: Size.gibibytes(40), storage: Size.gibibytes(60), pods: 40 },
});

const faultsOf = (...changes: Variation[]): readonly string[] => render(build(vary(behind, ...changes))).faults;

function podsIn(environment: NamedEnvironment): { faults: readonly string[]; pods: Record<string, Manifest>; all: Manifest[] } {
  const app = build(environment);
  const { faults } = render(app);
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  const pods = all.flatMap(({ kind, metadata, spec }): [string, Manifest][] => {
    const template = (kind === 'CronJob' ? spec.jobTemplate.spec : spec)?.template as Manifest | undefined;
    return template?.['spec'] ? [[String(metadata.name).replace(/-[0-9a-f]{10}$/, ''), template['spec'] as Manifest]] : [];
  });
  return { faults, pods: Object.fromEntries(pods), all };
}

const starts = (pod: Manifest | undefined): Manifest[] => (pod?.['initContainers'] ?? []) as Manifest[];
const namesOf = (pod: Manifest | undefined): unknown[] => starts(pod).map(({ name }): unknown => name);
const ofName = (pod: Manifest | undefined, name: string): Manifest => starts(pod).find((one) => one['name'] === name) ?? {};
const configOf = (all: readonly Manifest[], name: RegExp): Manifest =>
  all.find(({ kind, metadata }) => kind === 'ConfigMap' && name.test(metadata.name))?.['data'] as Manifest;
const iniOf = (pod: Manifest | undefined): string => {
  const env = ofName(pod, 'pgbouncer')['env'] as { name: string; value: string }[] | undefined;
  return env?.find(({ name }) => name === 'PGBOUNCER_INI')?.value ?? '';
};

describe('PgBouncer in the web pods of an environment', () => {
  const { faults, pods, all } = podsIn(behind);
  const WEB = /^kube-native-[0-9a-f]{10}$/;

  test('synthesizes without a fault, as the API takes it', () => {
    expect(faults).toEqual([]);
    expect(invalidObjects([...render(build(behind)).files.values()])).toEqual([]);
  });

  test('is in the pods that go by way of it, and in no others', () => {
    expect(namesOf(pods['kube-native'])).toEqual(['pgbouncer', 'wait-for-migrations']);
    const others = ['-worker', '-nightly', '-migrate', '-seed', '-postgresql-backup'].map((end) => `kube-native${end}`);
    for (const name of others) {
      expect([name, name in pods]).toEqual([name, true]);
      expect([name, namesOf(pods[name])]).not.toEqual([name, expect.arrayContaining(['pgbouncer'])]);
    }
  });

  test('is the address of the program, in clear text; the wait for migrations goes past it, encrypted', () => {
    const data = configOf(all, WEB);
    expect(data).toMatchObject({ DATABASE_URL: 'ecto://kube_native@127.0.0.1:6432/kube_native', POOL_SIZE: '40' });
    expect(data).not.toHaveProperty('PGSSLMODE');
    expect(data).not.toHaveProperty('PGSSLROOTCERT');
    expect(ofName(pods['kube-native'], 'wait-for-migrations')['env']).toEqual(
      expect.arrayContaining([
        { name: 'DATABASE_URL', value: 'ecto://kube_native@db.example.com:5432/kube_native' },
        { name: 'PGSSLMODE', value: 'verify-full' },
        { name: 'PGSSLROOTCERT', value: '/etc/database-ca/ca.pem' },
      ]),
    );
    expect(configOf(all, /^kube-native-worker-/)).toMatchObject({
      DATABASE_URL: 'ecto://kube_native@db.example.com:5432/kube_native',
      PGSSLROOTCERT: '/etc/database-ca/ca.pem',
    });
  });

  test('stands so in the pod', () => expect(ofName(pods['kube-native'], 'pgbouncer')).toMatchSnapshot());

  test('opens the server and nothing in the pod', () => {
    const policy = all.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'kube-native');
    expect(JSON.stringify(policy)).toContain(
      '"ports":[{"port":5432,"protocol":"TCP"}],"to":[{"ipBlock":{"cidr":"10.0.0.0/16"}}]',
    );
    expect(JSON.stringify(policy)).not.toMatch(/127\.0\.0\.1|6432/);
  });
});

describe('what starts PgBouncer', () => {
  /** What it writes for a password, run by the shell. */
  function started(password: string): { ini: string; users: string } {
    const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
    writeFileSync(join(folder, 'pgbouncer'), '#!/bin/sh\necho "$@" > started\n');
    chmodSync(join(folder, 'pgbouncer'), 0o755);
    const [shell = '', flag = '', script = ''] = ofName(podsIn(behind).pods['kube-native'], 'pgbouncer')['command'] as string[];
    const env = { PATH: `${folder}:/usr/bin:/bin`, PGUSER: 'o"wner', PGPASSWORD: password, PGBOUNCER_INI: 'a = b\\n%s' };
    const run = spawnSync(shell, [flag, script.replaceAll('/run/pgbouncer', folder)], { env });
    expect([run.status, run.stderr.toString()]).toEqual([0, '']);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    expect(read('started')).toBe('pgbouncer.ini\n');
    return { ini: read('pgbouncer.ini'), users: read('users.txt') };
  }

  test.each([
    ['plain', 'plain'],
    [`q"u'o$t%e\\s "" $(date)`, `q""u'o$t%e\\s """" $(date)`],
    ['of two\nlines\n', 'of two\nlines\n'],
    ['', ''],
  ])('writes the password %p in the quotes that it reads', (password, quoted) => {
    expect(started(password)).toEqual({ ini: 'a = b\\n%s\n', users: `"o""wner" "${quoted}" ` });
  });
});

describe('the connections of a pooler in the pods', () => {
  test('are those of each pod, whatever its program opens', () => {
    expect(faultsOf({ web: { poolSize: 100 } })).toEqual([]);
    const [few, ...none] = faultsOf({ database: pooled({}, { connections: 160 }) });
    expect(none).toEqual([]);
    expect(few).toMatch(/must open at most 160 connections to db\.example\.com together .* x 8 kube-native/);
  });

  test('are not more than its clients in one pod', () => {
    expect(faultsOf({ database: pooled({ clients: 30 }) })).toEqual([
      expect.stringMatching(
        /30-phoenix\/Release\/Web\/Deployment.* must have at most 30 clients of the pooler in each of its pods, got 40; lower POOL_SIZE/,
      ),
    ]);
    expect(faultsOf({ database: pooled({ clients: 40 }) })).toEqual([]);
  });

  test('are shared with nobody: a share is one of the clients of the pod', () => {
    const data = configOf(podsIn(vary(behind, { web: { poolSize: { share: 0.5 } } })).all, /^kube-native-[0-9a-f]{10}$/);
    expect(data['POOL_SIZE']).toBe('50');
  });

  test('are kept by each client in session mode', () => {
    const session = { database: pooled({ mode: 'session', preparedStatements: 0 }) };
    const listening = { connection: { pooled: { listens: true, statements: 'named' } } } as const;
    expect(faultsOf(session, { web: { ...listening, poolSize: 8 } })).toEqual([]);
    expect(faultsOf(session, { web: { ...listening, poolSize: 9 } })).toEqual([
      expect.stringContaining('must have at most 8 clients of the pooler in each of its pods, got 9'),
    ]);
    expect(faultsOf({ web: listening })).toEqual([expect.stringContaining("'web.connection.pooled.listens' must be false")]);
  });
});

describe('a worker behind a pooler in its pods', () => {
  test('logs in as its own role by it', () => {
    const reports = { ...worker, connection: byPooler, login: { user: 'reports' } };
    const { faults, pods, all } = podsIn(vary(behind, { workers: { worker: reports } }));
    expect(faults).toEqual([]);
    expect(ofName(pods['kube-native-worker'], 'pgbouncer')['env']).toMatchObject([
      { name: 'PGUSER', value: 'reports' },
      { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'kube-native-worker-database', key: 'password' } } },
      { name: 'PGBOUNCER_INI' },
    ]);
    const data = configOf(all, /^kube-native-worker-/);
    expect(data).toMatchObject({ DATABASE_URL: 'ecto://reports@127.0.0.1:6432/kube_native' });
    expect(data).not.toHaveProperty('PGSSLROOTCERT');
  });

  test('reads from replicas by a URL that says its encryption itself', () => {
    const readOnly = { host: 'replicas.example.com', connections: 600 };
    expect(faultsOf({ readUrl: true, database: pooled({}, { readOnly }) })).toContainEqual(
      expect.stringContaining("'web.connection' must be 'direct' in pods that read from replicas too"),
    );
    const open = podsIn(vary(behind, { readUrl: true, database: pooled({}, { readOnly, tls: 'public-authority' }) }));
    expect(open.faults).toEqual([]);
    expect(configOf(open.all, /^kube-native-[0-9a-f]{10}$/)).toMatchObject({
      DATABASE_URL: 'ecto://kube_native@127.0.0.1:6432/kube_native',
      DATABASE_READ_URL: 'ecto://kube_native@replicas.example.com:5432/kube_native?ssl=true',
    });
    expect(iniOf(open.pods['kube-native'])).toMatch(/verify-full\nserver_tls_ca_file = \/etc\/ssl\/certs\/ca-certificates\.crt$/);
  });
});

describe('a pooler behind a proxy in the same pods', () => {
  test('goes by way of it, which starts first', () => {
    const proxy = DatabaseProxy.cloudSql({ image: `gcr.io/csp:2.25.3@${digest}`, instance: 'my-project:europe-west1:shop' });
    const managed = { connections: 170, cidr: '10.0.0.0/16', proxy, pooler: PodPooler.pgBouncer({ image, poolSize: 8 }) };
    const identity = CloudIdentity.google({ serviceAccount: 'shop@my-project.iam.gserviceaccount.com' });
    const { faults, pods } = podsIn(vary(behind, { identity, database: { managed } }));
    expect(faults).toEqual([]);
    expect(namesOf(pods['kube-native'])).toEqual(['cloud-sql-proxy', 'pgbouncer', 'wait-for-migrations']);
    expect(namesOf(pods['kube-native-worker'])[0]).toBe('cloud-sql-proxy');
    expect(iniOf(pods['kube-native'])).toMatch(
      /^\[databases\]\n\* = host=127\.0\.0\.1 port=5432\n[^]*server_tls_sslmode = disable$/,
    );
  });
});

const common = { database: 'shop', user: 'owner', password: { secret: 'db', key: 'password' }, connections: 100 };

function linked(pooler: PgBouncerProps, props: Partial<ManagedPostgresProps> = {}) {
  const tried = chart('1.33');
  const server = { host: 'db.example.com', tls: OptOut.because('the network encrypts') };
  const { link } = new ManagedPostgres(tried, 'Database', {
    ...common,
    ...server,
    ...props,
    pooler: PodPooler.pgBouncer(pooler),
  });
  return { tried, link };
}

describe('a pooler in the pods', () => {
  test('with everything set', () => {
    const everything: Required<PgBouncerProps> = {
      image,
      poolSize: 5,
      mode: 'transaction',
      clients: 60,
      preparedStatements: 0,
      port: 7000,
      resources: little,
    };
    const { tried, link } = linked(everything, { port: 5433, cidr: '10.9.0.0/16' });
    expect(refusals(tried)).toEqual([]);
    expect(link.pooled).toMatchObject({
      url: 'ecto://owner@127.0.0.1:7000/shop',
      mode: 'transaction',
      namedStatements: false,
      clients: 60,
      proxy: {
        name: 'pgbouncer',
        sidecar: {
          resources: little,
          ports: { 'database-7000': 7000 },
          egress: [{ port: 5433, peer: { cidr: '10.9.0.0/16' } }],
        },
      },
    });
    const { PGBOUNCER_INI: ini } = link.pooled?.proxy?.sidecar.variables ?? {};
    expect(ini).toContain('* = host=db.example.com port=5433');
    expect(ini).toContain('default_pool_size = 5\nmax_client_conn = 60\nserver_tls_sslmode = disable');
    expect(declaredIn(tried).databases).toContainEqual({
      host: '127.0.0.1',
      port: 7000,
      connections: 60,
      server: 'db.example.com',
      inEachPod: { host: 'db.example.com', port: 5433, connections: 5 },
    });
  });

  test.each<[string, Partial<PgBouncerProps>, string]>([
    [
      'named statements',
      { image: 'registry.example.com/pgbouncer:v1.20.1-p0' },
      "'pooler.preparedStatements' must be 0 before PgBouncer 1.21",
    ],
    ['too many clients', { mode: 'session', clients: 9 }, "'pooler.clients' must be at most 8, the 'poolSize', in session mode"],
    ['no connection', { poolSize: 0 }, "'pooler.poolSize' must be a whole number"],
    ['a port of root', { port: 543 }, "'pooler.ports.database-543' must be a whole number from 1024"],
    ['an image without a version', { image: 'registry.example.com/pgbouncer' }, 'must name one version'],
  ])('fails with %s', (_, props, fault) => {
    expect(refusals(linked({ image, poolSize: 8, ...props }).tried)).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    ['an older one without them', { image: 'registry.example.com/pgbouncer:1.18.0', preparedStatements: 0 }],
    ['an older one that keeps sessions', { image: 'registry.example.com/pgbouncer:1.18.0', mode: 'session' }],
    ['one whose tag says no version', { image: `registry.example.com/pgbouncer:stable@${digest}` }],
  ] as const)('takes %s', (_, props) => {
    expect(refusals(linked({ poolSize: 8, ...props }).tried)).toEqual([]);
  });

  test('fails with a prop that nobody knows', () => {
    const misspelt = { image, poolSize: 8, poolMode: 'session' } as PgBouncerProps;
    expect(() => linked(misspelt)).toThrow("'pooler.poolMode' must be a prop that is known");
  });

  test('fails before Kubernetes 1.29, and where another container has its name', () => {
    expect(faultsOf({ kubernetes: '1.28', cluster: undefined })).toEqual([
      expect.stringMatching(
        /'database\.pooler' must be outside of the pods before Kubernetes 1\.29, .* \{ host, mode, namedStatements, clients \}$/,
      ),
    ]);
    expect(faultsOf({ sidecars: { pgbouncer: shipper } })).toContainEqual(
      expect.stringContaining("'sidecars.pgbouncer' must have another name than the proxy of the database"),
    );
  });

  test('fails on the port of the proxy that it goes by way of', () => {
    const proxy = DatabaseProxy.other({ name: 'tunnel', image, port: 6432 });
    const { tried } = linked({ image, poolSize: 8 }, { proxy, tls: undefined });
    expect(refusals(tried)).toContainEqual(
      expect.stringContaining("'pooler.port' must be one that no proxy of another server has"),
    );
  });
});
