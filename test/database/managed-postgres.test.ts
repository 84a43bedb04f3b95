import {
  ManagedPostgres,
  MigrationJob,
  OptOut,
  postgresLink,
  type CertificateAuthority,
  type DatabaseLink,
  type ManagedPostgresProps,
  type Manifest,
  type PostgresAddress,
  type PostgresTls,
} from '../../lib/index';
import type { ManagedReplicas, ManagedPooler } from '../../lib/database/managed-addresses';
import { declaredIn } from '../../lib/support/declare';
import { chart, container, objects, one, podSpec, refusals, refusalsOf, release } from '../support/chart';

const password = { secret: 'db', key: 'password' };
const address: PostgresAddress = {
  host: 'db.example.com',
  port: 5432,
  database: 'shop',
  user: 'owner',
  password,
  connections: 100,
};

describe('a link', () => {
  test('has a URL without the password, which comes from its own variable', () => {
    const link: DatabaseLink = postgresLink(address);
    expect(link.config).toEqual({ DATABASE_URL: 'ecto://owner@db.example.com:5432/shop' });
    expect(link.secrets).toEqual({ PGPASSWORD: { secretKeyRef: { name: 'db', key: 'password' } } });
    expect(link).toMatchObject({ ...address, peer: { cidr: '0.0.0.0/0' }, mounts: [] });
  });

  test('with everything set', () => {
    const everything: Required<Omit<PostgresAddress, 'proxy'>> = {
      ...address,
      user: 'own$er',
      peer: { pods: 'db' },
      options: { ssl: 'true', application_name: 'a&b' },
      config: { PGSSLMODE: 'verify-full' },
      mounts: [{ name: 'ca', path: '/etc/ca', source: { configMap: { name: 'ca' } } }],
      pooled: { host: 'pool', port: 6432, peer: { pods: 'pool' }, mode: 'transaction', namedStatements: true, clients: 500 },
      readOnly: { host: 'replicas', port: 5432, peer: { pods: 'db' } },
      image: 'docker.io/library/postgres:17.6',
    };
    const link = postgresLink(everything);
    expect(link.config).toEqual({
      DATABASE_URL: 'ecto://own%24er@db.example.com:5432/shop?ssl=true&application_name=a%26b',
      PGSSLMODE: 'verify-full',
    });
    expect(link).toMatchObject({ adapter: 'postgresql', peer: { pods: 'db' }, mounts: everything.mounts });
    const rest = 'shop?ssl=true&application_name=a%26b';
    expect(link.pooled).toEqual({ ...everything.pooled, url: `ecto://own%24er@pool:6432/${rest}` });
    expect(link.readOnly).toEqual({ ...everything.readOnly, url: `ecto://own%24er@replicas:5432/${rest}` });
  });
});

const minimal = {
  host: 'db.example.com',
  database: 'shop',
  user: 'owner',
  password,
  connections: 190,
  tls: 'public-authority',
} satisfies ManagedPostgresProps;

/** The web pods and the migration of a release that uses the database. */
function connected(props: Partial<ManagedPostgresProps> = {}) {
  const tried = chart();
  const { link: database } = new ManagedPostgres(tried, 'Database', { ...minimal, ...props });
  new MigrationJob(tried, 'Migration', { release: release(tried, { database }) });
  const pods = [one(tried, 'Deployment'), one(tried, 'Job')];
  // The other one lists the jobs that are wanted.
  const { data = {} } = objects(tried).find(({ kind, data: own }) => kind === 'ConfigMap' && own.wanted === undefined) ?? {};
  const job = Object.fromEntries((container(one(tried, 'Job'))['env'] as Manifest[]).map(({ name, value }) => [name, value]));
  return { tried, link: database, pods, variables: [data as Manifest, job as Manifest] };
}

describe('a managed server', () => {
  test('makes no object', () => {
    const tried = chart();
    new ManagedPostgres(tried, 'Database', minimal);
    expect(objects(tried)).toEqual([]);
  });

  test('with everything set', () => {
    const everything: Required<Omit<ManagedPostgresProps, 'proxy'>> = {
      throughPooler: OptOut.because('its port is that of poolers, and it is none'),
      ...minimal,
      port: 6432,
      cidr: '10.1.0.0/16',
      readOnly: {
        host: 'replicas.example.com',
        port: 5433,
        connections: 90,
        cidr: '10.2.0.0/16',
      } satisfies Required<Omit<ManagedReplicas, 'proxy'>>,
      pooler: {
        host: 'db.example.com',
        port: 6543,
        cidr: '10.3.0.0/16',
        mode: 'transaction',
        namedStatements: false,
        clients: 500,
      } satisfies Required<ManagedPooler>,
    };
    const tried = chart();
    const { link } = new ManagedPostgres(tried, 'Database', everything);
    expect(refusals(tried)).toEqual([]);
    expect(declaredIn(tried).databases).toEqual([
      { host: 'db.example.com', port: 6432, connections: 190, throughPooler: true },
      { host: 'replicas.example.com', port: 5433, connections: 90 },
      { host: 'db.example.com', port: 6543, connections: 500 },
    ]);
    expect(link).toMatchObject({
      readOnly: {
        url: 'ecto://owner@replicas.example.com:5433/shop?ssl=true',
        host: 'replicas.example.com',
        port: 5433,
        peer: { cidr: '10.2.0.0/16' },
      },
      pooled: {
        url: 'ecto://owner@db.example.com:6543/shop?ssl=true',
        peer: { cidr: '10.3.0.0/16' },
        mode: 'transaction',
        namedStatements: false,
        clients: 500,
      },
      host: 'db.example.com',
      port: 6432,
      database: 'shop',
      user: 'owner',
      password,
      connections: 190,
      peer: { cidr: '10.1.0.0/16' },
      config: { DATABASE_URL: 'ecto://owner@db.example.com:6432/shop?ssl=true' },
    });
  });

  test('lends its port and its addresses to what stands beside it', () => {
    const { link } = connected({ cidr: '10.1.0.0/16', readOnly: { host: 'replicas.example.com', connections: 90 } });
    expect(link.readOnly).toEqual({
      host: 'replicas.example.com',
      port: 5432,
      peer: { cidr: '10.1.0.0/16' },
      url: 'ecto://owner@replicas.example.com:5432/shop?ssl=true',
    });
  });

  test.each([
    ['postgres.abcdefghijkl', 'postgres', 'ecto://postgres.abcdefghijkl@db.example.com:5432/postgres?ssl=true'],
    ['svc-orders@acme-prod.iam', 'orders.eu', 'ecto://svc-orders%40acme-prod.iam@db.example.com:5432/orders.eu?ssl=true'],
    ['O"Hara: 50%', "it's", "ecto://O%22Hara%3A%2050%25@db.example.com:5432/it's?ssl=true"],
  ])('takes the user %s and the database %s as providers give them', (user, database, url) => {
    const { link, tried } = connected({ user, database });
    expect(link.config['DATABASE_URL']).toBe(url);
    expect(tried).toBeDefined();
  });

  const poolers: [string, number | undefined, string][] = [
    ['db.qwertyuiop.supabase.co', 6543, "Supabase's pooler in transaction mode"],
    ['aws-1-eu-west-3.pooler.supabase.com', undefined, "Supabase's pooler in session mode"],
    ['ep-wild-sun-a1b2-pooler.eu-central-1.aws.neon.tech', undefined, "Neon's pooler"],
    ['orders-do-user-7-0.c.db.ondigitalocean.com', 25061, "DigitalOcean's pooler"],
    ['orders.proxy-c0ffee.eu-west-1.rds.amazonaws.com', undefined, 'an RDS Proxy'],
    ['orders.postgres.database.azure.com', 6432, 'PgBouncer, by its port'],
  ];

  test.each(poolers)('fails when its server is %s:%s, which looks like a pooler', (host, port, what) => {
    const make = (props: Partial<ManagedPostgresProps>) =>
      refusalsOf((tried) => new ManagedPostgres(tried, 'Database', { ...minimal, host, port, ...props }));
    const [fault = '', ...others] = make({});
    expect(fault).toContain(
      `'host' must be the server's own address, and this looks like ${what}, got "${host}:${port ?? 5432}"; write `,
    );
    expect(others).toEqual([]);
    expect(make({ throughPooler: OptOut.because('session mode, and the nodes have no IPv6') })).toEqual([]);
  });

  test.each<[string, number | undefined]>([
    ['db.qwertyuiop.supabase.co', undefined],
    ['ep-wild-sun-a1b2.eu-central-1.aws.neon.tech', undefined],
    ['my-pooler.example.com', undefined],
    ['orders-do-user-7-0.c.db.ondigitalocean.com', 25060],
    ['orders.cluster-ro-c0ffee.eu-west-1.rds.amazonaws.com', 5433],
  ])('takes %s:%s for a server', (host, port) => {
    expect(refusals(connected({ host, port }).tried)).toEqual([]);
  });

  test('takes such an address for a pooler beside the server', () => {
    const pooler: ManagedPooler = { host: 'db.example.com', port: 6432, mode: 'session', namedStatements: true, clients: 200 };
    expect(refusals(connected({ pooler }).tried)).toEqual([]);
  });

  test('may have an address instead of a name', () => {
    const { link } = connected({ host: '10.20.30.40' });
    expect(link.config['DATABASE_URL']).toBe('ecto://owner@10.20.30.40:5432/shop?ssl=true');
  });

  test('with a certificate from a public authority is encrypted by the URL', () => {
    for (const variables of connected({ tls: 'public-authority' }).variables) {
      expect(variables['DATABASE_URL']).toBe('ecto://owner@db.example.com:5432/shop?ssl=true');
      expect(variables).not.toHaveProperty('PGSSLROOTCERT');
    }
  });

  test('says that some providers sign with an authority that no system knows', () => {
    const noted = (host: string, tls: ManagedPostgresProps['tls'] = 'public-authority'): readonly string[] => {
      const tried = chart();
      new ManagedPostgres(tried, 'Database', { database: 'shop', user: 'owner', password, connections: 100, host, tls });
      return declaredIn(tried).assumed;
    };
    expect(noted('shop.abc123.eu-central-1.rds.amazonaws.com')).toEqual([
      expect.stringMatching(
        /^shop\.abc123\..+ and RDS signs with authorities of its own, .+: put it into a ConfigMap and write tls/,
      ),
    ]);
    expect(noted('shop-do-user-1.db.ondigitalocean.com')).toHaveLength(1);
    expect(noted('shop.aivencloud.com')).toHaveLength(1);
    expect(noted('db.abcdefgh.supabase.co')).toHaveLength(1);
    for (const host of ['ep-cool-1.eu-central-1.aws.neon.tech', 'shop.postgres.database.azure.com', 'db.example.com']) {
      expect(noted(host)).toEqual([]);
    }
    expect(noted('shop.abc123.eu-central-1.rds.amazonaws.com', { authority: { configMap: 'ca', key: 'ca.pem' } })).toEqual([]);
  });

  const authorities: [string, CertificateAuthority, Manifest][] = [
    [
      'a ConfigMap',
      { configMap: 'database-ca', key: 'bundle.pem' },
      { configMap: { name: 'database-ca', items: [{ key: 'bundle.pem', path: 'ca.pem' }] } },
    ],
    [
      'a Secret',
      { secret: 'database-ca', key: 'bundle.pem' },
      { secret: { secretName: 'database-ca', items: [{ key: 'bundle.pem', path: 'ca.pem' }] } },
    ],
  ];
  test.each(authorities)('with an authority of its own in %s gives every pod the certificate', (_, authority, source) => {
    const tls: PostgresTls = { authority };
    const { pods, variables } = connected({ tls });
    for (const values of variables) {
      expect(values).toMatchObject({
        DATABASE_URL: 'ecto://owner@db.example.com:5432/shop',
        PGSSLMODE: 'verify-full',
        PGSSLROOTCERT: '/etc/database-ca/ca.pem',
      });
    }
    for (const pod of pods) {
      expect(podSpec(pod)['volumes']).toContainEqual({ name: 'database-ca', ...source });
      expect(container(pod)['volumeMounts']).toContainEqual({
        name: 'database-ca',
        mountPath: '/etc/database-ca',
        readOnly: true,
      });
    }
  });

  test('in clear text needs a reason', () => {
    const { variables } = connected({ tls: OptOut.because('the proxy beside it encrypts') });
    for (const values of variables) expect(values['DATABASE_URL']).toBe('ecto://owner@db.example.com:5432/shop');
  });

  test.each<[string, Partial<ManagedPostgresProps>, string]>([
    [
      'the host is a URL',
      { host: 'postgres://db.example.com' },
      '\'host\' must be a DNS host name in lower case, without scheme, port or path, got "postgres://db.example.com"; write it as app.example.com',
    ],
    ['the port does not exist', { port: 70000 }, "'port' must be a whole number from 1 to 65535, got 70000; omit it to use 5432"],
    [
      'nobody asked the server for its connections',
      { connections: 0 },
      "'connections' must be a whole number from 1 to 100000, got 0; ask the server: 'show max_connections'",
    ],
    [
      'the name of the database is a path',
      { database: 'a/b' },
      "'database' must be 1 to 63 bytes of text without control characters, '/' and '=', and not begin with '-', got \"a/b\"; rename it, for example \"kube_native\"",
    ],
    [
      'clear text has no reason',
      { tls: OptOut.because('') },
      '\'tls\' must give a reason of 10 or more characters, got ""; write one sentence that a reviewer would accept',
    ],
    [
      'its pooler is the server itself',
      { pooler: { host: 'db.example.com', mode: 'transaction', namedStatements: true, clients: 500 } },
      '\'pooler\' must have another address than the server, got "db.example.com:5432"; write what the provider gave for it, or remove it',
    ],
    [
      'its pooler lends by the statement',
      { pooler: { host: 'pool.example.com', mode: 'statement' as 'session', namedStatements: true, clients: 500 } },
      "'pooler.mode' must be 'session' or 'transaction', got \"statement\"; write one of the 2 words",
    ],
    [
      'nobody asked a replica for its connections',
      { readOnly: { host: 'replicas.example.com', connections: 0 } },
      "'readOnly.connections' must be a whole number from 1 to 100000, got 0; ask a replica for its max_connections",
    ],
    [
      'the Secret has no name',
      { password: { secret: '', key: 'password' } },
      '\'password.secret\' must be lower-case letters, digits and \'-\', start with a letter, end with a letter or digit and have at most 253 characters, got ""; rename it, for example "my-app"',
    ],
  ])('fails when %s', (_, props, sentence) => {
    const faults = refusalsOf((tried) => new ManagedPostgres(tried, 'Database', { ...minimal, ...props }));
    expect(faults).toEqual([`[chart/Database] ${sentence}`]);
  });

  test.each(['host', 'database', 'user', 'password', 'connections', 'tls'])(
    "fails when '%s' is missing in plain JavaScript",
    (prop) => {
      expect(() => new ManagedPostgres(chart(), 'Database', { ...minimal, [prop]: undefined })).toThrow(
        `[chart/Database] '${prop}' must be given, got nothing; pass '${prop}' to ManagedPostgres`,
      );
    },
  );
});
