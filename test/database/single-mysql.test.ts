import { App, Chart, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { SingleMysql, type SingleMysqlProps } from '../../lib/database/single-mysql';
import { EnvironmentChart, OptOut, Resources, type Manifest } from '../../lib/index';
import { declaredIn } from '../../lib/support/declare';
import {
  container,
  manifests as manifestsOf,
  objects as objectsOf,
  one,
  podSpec,
  refusals as refusalsOf,
} from '../support/chart';
import { serverPods, settled } from '../support/server-pods';
import { mysqlExporter } from '../support/exporters';

const minimal: SingleMysqlProps = {
  name: 'shop-mysql',
  image: 'docker.io/library/mysql:8.4.10',
  database: 'shop_data',
  user: 'shop_owner',
  password: { secret: 'shop-mysql', key: 'password' },
  storage: Size.gibibytes(10),
  resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
};

const made = (props: Partial<SingleMysqlProps> = {}) => {
  const tried = new EnvironmentChart(new App(), '10-mysql', { namespace: 'shop-staging', partOf: 'shop' });
  return new SingleMysql(tried, 'Single', { ...minimal, ...props });
};
const objects = (tried: SingleMysql) => objectsOf(Chart.of(tried));
const manifests = (tried: SingleMysql) => manifestsOf(Chart.of(tried));
const refusals = (tried: SingleMysql) => refusalsOf(Chart.of(tried));
const serverOf = (props: Partial<SingleMysqlProps> = {}): Manifest => one(Chart.of(made(props)), 'StatefulSet');
const scriptOf = (tried: SingleMysql) => manifests(tried)['ConfigMap']?.['data']['start.sh'] as string;
const parametersOf = (props: Partial<SingleMysqlProps>): Record<string, string> =>
  Object.fromEntries(
    (container(serverOf(props))['args'] as string[])
      .filter((arg) => arg.includes('='))
      .map((arg) => arg.slice(2).split('=') as [string, string]),
  );

describe('a minimal MySQL server', () => {
  const tried = made();
  const server = serverOf();
  const pod = podSpec(server);
  const mysql = container(server);
  const own = {
    'app.kubernetes.io/name': 'mysql',
    'app.kubernetes.io/instance': 'shop-mysql',
    'app.kubernetes.io/component': 'database',
  };

  test('is a ServiceAccount, two Services, a script and one pod', () => {
    expect(objects(tried).map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['ServiceAccount', 'shop-mysql', 'shop-staging'],
      ['Service', 'shop-mysql', 'shop-staging'],
      ['Service', 'shop-mysql-rw', 'shop-staging'],
      ['ConfigMap', expect.stringMatching(/^shop-mysql-init-[0-9a-f]{10}$/), 'shop-staging'],
      ['StatefulSet', 'shop-mysql', 'shop-staging'],
    ]);
    for (const { metadata } of objects(tried)) expect(metadata.labels).toMatchObject(own);
    expect(server['metadata'].labels['app.kubernetes.io/version']).toBe('8.4.10');
  });

  test('keeps its one volume, whatever happens to the StatefulSet', () => {
    expect(server['spec']).toMatchObject({
      replicas: 1,
      serviceName: 'shop-mysql',
      selector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-mysql' } },
      // A pod that never became ready is replaced once its image is corrected.
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', labels: own },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '10Gi' } },
            volumeMode: 'Filesystem',
          },
          status: { phase: 'Pending' },
        },
      ],
    });
  });

  test('has all that it writes to: the volume, and memory for the socket and the password', () => {
    expect(mysql['volumeMounts']).toEqual([
      { name: 'data', mountPath: '/data' },
      { name: 'init', mountPath: '/etc/mysql-start', readOnly: true },
      { name: 'run', mountPath: '/var/run/mysqld' },
    ]);
    expect(pod['volumes']).toEqual([
      { name: 'init', configMap: { name: manifests(tried)['ConfigMap']?.['metadata'].name } },
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ]);
    const script = scriptOf(tried);
    for (const folder of ['data=/data\n', 'run=/var/run/mysqld\n', '--datadir="$data/mysql"', '--tmpdir="$data/tmp"']) {
      expect(script).toContain(folder);
    }
  });

  test('runs as a user of its own to whom the volume belongs', () => {
    expect(pod['securityContext']).toEqual({
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  test('lets no superuser in by the network, and has no port and no log that nobody uses', () => {
    expect(mysql['command']).toEqual(['bash', '/etc/mysql-start/start.sh']);
    expect((mysql['args'] as string[]).slice(0, 6)).toEqual([
      '--port=3306',
      '--skip-name-resolve',
      '--mysqlx=OFF',
      '--skip-log-bin',
      '--secure-file-priv=NULL',
      '--disabled-storage-engines=MyISAM',
    ]);
  });

  test('has settings that follow its memory and its volume', () => {
    expect(parametersOf({})).toMatchObject({
      max_connections: '64',
      performance_schema: 'ON',
      innodb_buffer_pool_size: '224M',
      innodb_buffer_pool_chunk_size: '32M',
      innodb_buffer_pool_instances: '1',
      innodb_log_buffer_size: '16M',
      innodb_redo_log_capacity: '112M',
      temptable_max_ram: '64M',
    });
    const small = {
      storage: Size.gibibytes(1),
      resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(8) }),
    };
    expect(parametersOf(small)['innodb_redo_log_capacity']).toBe('128M');
  });

  test('learns names from variables and the password from its key alone', () => {
    expect(mysql['env']).toEqual([
      { name: 'DATABASE_NAME', value: 'shop_data' },
      { name: 'DATABASE_OWNER', value: 'shop_owner' },
      { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'shop-mysql', key: 'password' } } },
    ]);
  });

  test('is ready when it answers by address, and has ten minutes to recover from a crash', () => {
    const address = ['--protocol=tcp', '--host=127.0.0.1', '--port=3306', '--ssl-mode=DISABLED', '--connect-timeout=3'];
    const exec = { command: ['mysqladmin', '--no-defaults', ...address, 'ping'] };
    expect(mysql).toMatchObject({
      ports: [{ name: 'mysql', containerPort: 3306 }],
      startupProbe: { exec, periodSeconds: 5, failureThreshold: 120 },
      readinessProbe: { exec, periodSeconds: 5, failureThreshold: 6 },
      livenessProbe: { tcpSocket: { port: 'mysql' }, periodSeconds: 30, failureThreshold: 3 },
    });
  });

  test('stops by the signal that it gets, and has two minutes to write what is dirty', () => {
    expect(mysql).not.toHaveProperty('lifecycle');
    expect(pod['terminationGracePeriodSeconds']).toBe(120);
    expect(scriptOf(tried)).toMatch(/^exec mysqld .*$\n$/m);
  });

  test('is found under one address that stays, and keeps the name of its pod', () => {
    const pods = {
      selector: { 'app.kubernetes.io/instance': 'shop-mysql' },
      ports: [{ name: 'mysql', port: 3306, targetPort: 'mysql' }],
    };
    expect([tried.headless, tried.service].map((service) => service.toJson() as Manifest)).toMatchObject([
      { metadata: { name: 'shop-mysql' }, spec: { clusterIP: 'None', ...pods } },
      { metadata: { name: 'shop-mysql-rw' }, spec: { type: 'ClusterIP', ...pods } },
    ]);
    expect((tried.service.toJson() as Manifest)['spec']).not.toHaveProperty('clusterIP');
    expect(server['spec'].serviceName).toBe('shop-mysql');
  });

  test('gives a link to what uses it, and all of its connections: administrators have one on top', () => {
    const host = 'shop-mysql-rw.shop-staging.svc.cluster.local';
    expect(tried.link).toEqual({
      adapter: 'mysql',
      host,
      port: 3306,
      database: 'shop_data',
      user: 'shop_owner',
      connections: 64,
      mounts: [],
      password: minimal.password,
      peer: { pods: 'shop-mysql' },
      config: { DATABASE_URL: `ecto://shop_owner@${host}:3306/shop_data` },
      secrets: { MYSQL_PWD: { secretKeyRef: { name: 'shop-mysql', key: 'password' } } },
    });
    expect(declaredIn(tried).databases).toEqual([{ host, connections: 64 }]);
    expect(declaredIn(tried).traffic).toMatchObject([{ pods: 'shop-mysql', sends: [], reachesOut: false }]);
  });

  test('is initialized beside its place, and makes user and database before it answers', () => {
    const script = scriptOf(tried);
    const order = [
      'rm -rf "$data/tmp" "$data/unfinished"',
      '--datadir="$data/unfinished" --initialize-insecure',
      'mv "$data/unfinished" "$data/mysql"',
      'CREATE DATABASE IF NOT EXISTS',
      'CREATE USER IF NOT EXISTS',
      'ALTER USER',
      'GRANT ALL ON',
      '--init-file=',
    ];
    const positions = order.map((part) => script.indexOf(part));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    // The only other mention is the one that it must not be empty.
    expect(script.match(/\$\{?DATABASE_PASSWORD/g)).toHaveLength(2);
    // What is read by lines has no line end in it.
    expect(script).toContain(String.raw`s/\n/\\\\n/g`);
  });

  test('is the same for the same props', () => {
    expect(JSON.stringify(objects(made()))).toBe(JSON.stringify(objects(tried)));
  });
});

test('a MySQL server with everything set', () => {
  const everything: Required<SingleMysqlProps> = {
    ...minimal,
    image: 'docker.io/library/mysql:9.7.1',
    imagePullPolicy: 'IfNotPresent',
    storageClass: 'fast-ssd',
    deleteVolume: OptOut.because('nobody will miss a preview'),
    resources: Resources.burstable({
      cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
      memory: { request: Size.mebibytes(512), limit: Size.gibibytes(4) },
    }),
    maxConnections: 50,
    runAsUser: 70000,
    clusterDomain: 'k8s.example.com',
    pods: serverPods,
    exporter: mysqlExporter,
  };
  const tried = made(everything);
  const server = serverOf(everything);
  expect((podSpec(server)['containers'] as Manifest[])[0]).toMatchObject({
    image: 'docker.io/library/mysql:9.7.1',
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { cpu: '1', memory: '4Gi' } },
  });
  expect(podSpec(server)).toMatchObject(settled);
  expect(podSpec(server)['securityContext']).toMatchObject({ runAsUser: 70000, runAsGroup: 70000, fsGroup: 70000 });
  expect(server['spec'].volumeClaimTemplates[0].spec.storageClassName).toBe('fast-ssd');
  expect(server['spec'].persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Delete', whenScaled: 'Retain' });
  expect(parametersOf({ ...everything, exporter: undefined })).toMatchObject({
    max_connections: '50',
    innodb_buffer_pool_size: '1440M',
  });
  expect(tried.link).toMatchObject({ host: 'shop-mysql-rw.shop-staging.svc.k8s.example.com', connections: 46 });
});

test('names and the password are no part of the script: another one moves nothing', () => {
  const other = made({ database: 'x', user: 'y', password: { secret: 'other', key: 'z' }, maxConnections: 11 });
  expect(scriptOf(other)).toBe(scriptOf(made()));
});

test.each([
  [512, 'OFF', 96, 32],
  [1024, 'ON', 224, 64],
  [2048, 'ON', 640, 128],
  [16384, 'ON', 6368, 500],
])('%i MiB give instruments %s, a pool of %i MiB and %i connections', (mebibytes, instruments, pool, connections) => {
  const settings = parametersOf({
    resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(mebibytes) }),
  });
  expect(settings).toMatchObject({
    performance_schema: instruments,
    innodb_buffer_pool_size: `${pool}M`,
    max_connections: `${connections}`,
  });
  const program = instruments === 'ON' ? 430 : 200;
  expect(program + pool + 4 * connections).toBeLessThanOrEqual(mebibytes);
});

const nameRule = (most: number) =>
  `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${most} characters`;
const databaseRule = "be 1 to 63 bytes of text without control characters, '/' and '=', and not begin with '-'";
const patternRule = `have at most 64 characters, with '_', '%' and '\\' counted twice, none of them beyond the basic plane, and no space at its end`;

test.each<[string, Partial<SingleMysqlProps>, string]>([
  [
    'the image hides its version behind a digest',
    { image: `mysql@sha256:${'0'.repeat(64)}` },
    `'image' must have a tag that says the version, whose files are on the volume, got "mysql@sha256:${'0'.repeat(64)}"; write the tag before the digest, such as postgres:17.6@sha256:...`,
  ],
  [
    'the image names no version',
    { image: 'mysql' },
    '\'image\' must name one version, got "mysql"; add the tag or digest of a build, because what "latest" runs changes without a review',
  ],
  ...['mysql:5.7.44', 'mysql:8.0.29', 'mysql:5'].map((image): [string, Partial<SingleMysqlProps>, string] => [
    `the image is ${image}`,
    { image },
    `'image' must be of MySQL 8.0.30 or newer, which knows these settings, got "${image}"; use one that is still maintained, such as 8.4`,
  ]),
  ['the server runs as root', { runAsUser: 0 }, "'runAsUser' must be a whole number of 1 or more, got 0; omit it to use 10001"],
  [
    'the volume is too small for the first start',
    { storage: Size.mebibytes(100) },
    "'storage' must be 1 GiB or more, got 100Mi; write Size.gibibytes(10)",
  ],
  [
    'the memory is too small',
    { resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(256) }) },
    "'resources.memory' must be 512 MiB or more, got 256Mi; give it Size.mebibytes(512) or more",
  ],
  [
    'there are too few connections',
    { maxConnections: 3 },
    "'maxConnections' must be a whole number from 10 to 10000, got 3; omit it to follow the memory",
  ],
  [
    'the database is none',
    { database: '../etc' },
    `'database' must ${databaseRule}, got "../etc"; rename it, for example "kube_native"`,
  ],
  [
    'no pattern is long enough for its rights',
    { database: '_'.repeat(33) },
    `'database' must ${patternRule}, got "${'_'.repeat(33)}"; shorten or rename it`,
  ],
  [
    'the server would cut the database off',
    { database: 'shop ' },
    `'database' must ${patternRule}, got "shop "; shorten or rename it`,
  ],
  ['it is a picture', { database: 'shop🦄' }, `'database' must ${patternRule}, got "shop🦄"; shorten or rename it`],
  [
    'the server would cut the user off',
    { user: 'shop ' },
    `'user' must not end with a space, which the server takes off at its next start, got "shop "; take it off`,
  ],
  [
    'the name of the user is too long for MySQL',
    { user: 'u'.repeat(33) },
    `'user' must have at most 32 characters, got "${'u'.repeat(33)}"; shorten it`,
  ],
  [
    'the user would pass for the superuser',
    { user: 'Root' },
    '\'user\' must be a user of the application alone, got "Root"; name it after the application',
  ],
  [
    'the Secret has no name',
    { password: { secret: 'Data Base', key: 'password' } },
    `'password.secret' must ${nameRule(253)}, got "Data Base"; rename it, for example "data-base"`,
  ],
  [
    'the class of the volume is no name',
    { storageClass: 'Fast' },
    `'storageClass' must ${nameRule(253)}, got "Fast"; rename it, for example "fast"`,
  ],
  [
    'the domain of the cluster is none',
    { clusterDomain: 'cluster.local:53' },
    '\'clusterDomain\' must be a DNS host name in lower case, without scheme, port or path, got "cluster.local:53"; write it as app.example.com',
  ],
])('fails when %s', (_, props, sentence) => {
  expect(refusals(made(props))).toEqual([`[10-mysql/Single] ${sentence}`]);
});

test('takes the versions of MySQL that know its settings', () => {
  for (const tag of ['8.0.30', '8.0', '8.4', '8', '9.7.1', 'lts', '8.4.10-oraclelinux9']) {
    expect(refusals(made({ image: `docker.io/library/mysql:${tag}` }))).toEqual([]);
  }
});

test('fails when the name leaves no room for the hash of the pod', () => {
  expect(refusals(made({ name: 'm'.repeat(53) }))).toContain(
    `[10-mysql/Single] 'name' must ${nameRule(52)}, got "${'m'.repeat(53)}"; rename it, for example "${'m'.repeat(52)}"`,
  );
});

test.each(['name', 'image', 'database', 'user', 'password', 'storage', 'resources'])(
  "fails when '%s' is missing in plain JavaScript",
  (prop) => {
    expect(() => made({ [prop]: undefined })).toThrow(
      `[10-mysql/Single] '${prop}' must be given, got nothing; pass '${prop}' to SingleMysql`,
    );
  },
);
