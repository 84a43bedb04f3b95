import { ManagedMysql, type ManagedMysqlProps, type MysqlTls } from '../../lib/database/managed-mysql';
import { mysqlLink, type MysqlAddress } from '../../lib/database/mysql-link';
import { MigrationJob, OptOut, type CertificateAuthority, type Manifest } from '../../lib/index';
import { declaredIn } from '../../lib/support/declare';
import { chart, container, objects, one, podSpec, refusalsOf, release } from '../support/chart';

const password = { secret: 'db', key: 'password' };
const address: MysqlAddress = {
  host: 'db.example.com',
  port: 3306,
  database: 'shop',
  user: 'owner',
  password,
  connections: 100,
};

describe('a link to MySQL', () => {
  test('has a URL without the password, which comes from its own variable', () => {
    const link = mysqlLink(address);
    expect(link.config).toEqual({ DATABASE_URL: 'ecto://owner@db.example.com:3306/shop' });
    expect(link.secrets).toEqual({ MYSQL_PWD: { secretKeyRef: { name: 'db', key: 'password' } } });
    expect(link).toMatchObject({ ...address, adapter: 'mysql', peer: { cidr: '0.0.0.0/0' }, mounts: [] });
  });

  test('with everything set', () => {
    const everything: Required<Omit<MysqlAddress, 'proxy'>> = {
      ...address,
      user: 'own$er',
      peer: { pods: 'db' },
      options: { charset: 'utf8mb4' },
      config: { MYSQL_SSL_MODE: 'VERIFY_IDENTITY' },
      mounts: [{ name: 'ca', path: '/etc/ca', source: { configMap: { name: 'ca' } } }],
      readOnly: { host: 'replicas', port: 3307, peer: { pods: 'db' } },
    };
    const link = mysqlLink(everything);
    expect(link.readOnly?.url).toBe('ecto://own%24er@replicas:3307/shop?charset=utf8mb4');
    expect(link.config).toEqual({
      DATABASE_URL: 'ecto://own%24er@db.example.com:3306/shop?charset=utf8mb4',
      MYSQL_SSL_MODE: 'VERIFY_IDENTITY',
    });
    expect(link).toMatchObject({ peer: { pods: 'db' }, mounts: everything.mounts });
  });
});

const minimal = {
  host: 'db.example.com',
  database: 'shop',
  user: 'owner',
  password,
  connections: 190,
  tls: 'public-authority',
} satisfies ManagedMysqlProps;

/** The web pods and the migration of a release that uses the database. */
function connected(props: Partial<ManagedMysqlProps> = {}) {
  const tried = chart();
  const { link: database } = new ManagedMysql(tried, 'Database', { ...minimal, ...props });
  new MigrationJob(tried, 'Migration', { release: release(tried, { database }) });
  const pods = [one(tried, 'Deployment'), one(tried, 'Job')];
  // The other one lists the jobs that are wanted.
  const { data = {} } = objects(tried).find(({ kind, data: own }) => kind === 'ConfigMap' && own.wanted === undefined) ?? {};
  const job = Object.fromEntries((container(one(tried, 'Job'))['env'] as Manifest[]).map(({ name, value }) => [name, value]));
  return { tried, link: database, pods, variables: [data as Manifest, job as Manifest] };
}

describe('a managed MySQL server', () => {
  test('makes no object', () => {
    const tried = chart();
    new ManagedMysql(tried, 'Database', minimal);
    expect(objects(tried)).toEqual([]);
    expect(declaredIn(tried).databases).toEqual([{ host: 'db.example.com', port: 3306, connections: 190 }]);
  });

  test('with everything set', () => {
    const readOnly = { host: 'replicas.example.com', connections: 90 };
    const everything: Required<Omit<ManagedMysqlProps, 'proxy'>> = { ...minimal, port: 3307, cidr: '10.1.0.0/16', readOnly };
    const { link } = new ManagedMysql(chart(), 'Database', everything);
    expect(link).toMatchObject({
      host: 'db.example.com',
      port: 3307,
      database: 'shop',
      user: 'owner',
      password,
      connections: 190,
      peer: { cidr: '10.1.0.0/16' },
      config: { DATABASE_URL: 'ecto://owner@db.example.com:3307/shop' },
      readOnly: { url: 'ecto://owner@replicas.example.com:3307/shop', peer: { cidr: '10.1.0.0/16' } },
    });
  });

  test('may have an address instead of a name', () => {
    const { link } = connected({ host: '10.20.30.40' });
    expect(link.config['DATABASE_URL']).toBe('ecto://owner@10.20.30.40:3306/shop');
  });

  test('gives every pod the password in the variable of MyXQL', () => {
    const source = { name: 'MYSQL_PWD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } };
    for (const pod of connected().pods) expect(container(pod)['env']).toContainEqual(source);
  });

  test('with a certificate from a public authority says so, and leaves the URL alone', () => {
    for (const variables of connected({ tls: 'public-authority' }).variables) {
      expect(variables).toMatchObject({
        DATABASE_URL: 'ecto://owner@db.example.com:3306/shop',
        MYSQL_SSL_MODE: 'VERIFY_IDENTITY',
      });
      expect(variables).not.toHaveProperty('MYSQL_SSL_CA');
    }
  });

  const authorities: [string, CertificateAuthority, Manifest, string][] = [
    [
      'a ConfigMap',
      { configMap: 'database-ca', key: 'bundle.pem' },
      { configMap: { name: 'database-ca', items: [{ key: 'bundle.pem', path: 'ca.pem' }] } },
      'ConfigMap',
    ],
    [
      'a Secret',
      { secret: 'database-ca', key: 'bundle.pem' },
      { secret: { secretName: 'database-ca', items: [{ key: 'bundle.pem', path: 'ca.pem' }] } },
      'Secret',
    ],
  ];
  test.each(authorities)('with an authority of its own in %s gives every pod the certificate', (_, authority, source, kind) => {
    const tls: MysqlTls = { authority };
    const { tried, pods, variables } = connected({ tls });
    for (const values of variables) {
      expect(values).toMatchObject({
        DATABASE_URL: 'ecto://owner@db.example.com:3306/shop',
        MYSQL_SSL_MODE: 'VERIFY_IDENTITY',
        MYSQL_SSL_CA: '/etc/database-ca/ca.pem',
      });
    }
    for (const pod of pods) {
      expect(podSpec(pod)['volumes']).toContainEqual({ name: 'database-ca', ...source });
      const mount = { name: 'database-ca', mountPath: '/etc/database-ca', readOnly: true };
      expect(container(pod)['volumeMounts']).toContainEqual(mount);
    }
    expect(declaredIn(tried).externals).toContainEqual({ kind, name: 'database-ca', keys: ['bundle.pem'] });
  });

  test('in clear text needs a reason', () => {
    const { variables } = connected({ tls: OptOut.because('the proxy beside it encrypts') });
    for (const values of variables) {
      expect(values['DATABASE_URL']).toBe('ecto://owner@db.example.com:3306/shop');
      expect(values).not.toHaveProperty('MYSQL_SSL_MODE');
    }
  });

  test.each<[string, Partial<ManagedMysqlProps>, string]>([
    [
      'the host is a URL',
      { host: 'mysql://db.example.com' },
      '\'host\' must be a DNS host name in lower case, without scheme, port or path, got "mysql://db.example.com"; write it as app.example.com',
    ],
    ['the port does not exist', { port: 70000 }, "'port' must be a whole number from 1 to 65535, got 70000; omit it to use 3306"],
    [
      'nobody asked the server for its connections',
      { connections: 0 },
      `'connections' must be a whole number from 1 to 100000, got 0; ask the server: 'show variables like "max_connections"'`,
    ],
    [
      'the name of the database is a path',
      { database: 'a/b' },
      "'database' must be 1 to 63 bytes of text without control characters, '/' and '=', and not begin with '-', got \"a/b\"; rename it, for example \"kube_native\"",
    ],
    [
      'the name of the user is too long for MySQL',
      { user: 'u'.repeat(33) },
      `'user' must have at most 32 characters, got "${'u'.repeat(33)}"; shorten it`,
    ],
    [
      'clear text has no reason',
      { tls: OptOut.because('') },
      '\'tls\' must give a reason of 10 or more characters, got ""; write one sentence that a reviewer would accept',
    ],
    [
      'the protection is none that it knows',
      { tls: 'require' as 'public-authority' },
      "'tls' must be 'public-authority' or an object or an OptOut, got \"require\"; write 'public-authority', or an object, { authority }, or OptOut.because('...') with the reason",
    ],
    [
      'the addresses are none',
      { cidr: '10.1.0.0' },
      '\'cidr\' must be a range of addresses, got "10.1.0.0"; write 10.1.0.0/32 for this address alone, or how much of it is the network, such as /16',
    ],
    [
      'the Secret has no name',
      { password: { secret: '', key: 'password' } },
      '\'password.secret\' must be lower-case letters, digits and \'-\', start with a letter, end with a letter or digit and have at most 253 characters, got ""; rename it, for example "my-app"',
    ],
  ])('fails when %s', (_, props, sentence) => {
    const faults = refusalsOf((tried) => new ManagedMysql(tried, 'Database', { ...minimal, ...props }));
    expect(faults).toEqual([`[chart/Database] ${sentence}`]);
  });

  test.each(['host', 'database', 'user', 'password', 'connections', 'tls'])(
    "fails when '%s' is missing in plain JavaScript",
    (prop) => {
      expect(() => new ManagedMysql(chart(), 'Database', { ...minimal, [prop]: undefined })).toThrow(
        `[chart/Database] '${prop}' must be given, got nothing; pass '${prop}' to ManagedMysql`,
      );
    },
  );
});
