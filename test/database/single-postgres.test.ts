import { App, Chart, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  EnvironmentChart,
  OptOut,
  Resources,
  SinglePostgres,
  type DatabaseExporter,
  type Manifest,
  type SinglePostgresProps,
} from '../../lib/index';
import {
  container,
  manifests as manifestsOf,
  objects as objectsOf,
  one,
  podSpec,
  refusals as refusalsOf,
} from '../support/chart';
import { serverPods, settled } from '../support/server-pods';
import { exporter, tiny } from '../support/exporters';

const minimal: SinglePostgresProps = {
  name: 'shop-postgresql',
  image: 'docker.io/library/postgres:18.6',
  database: 'shop_data',
  user: 'shop_owner',
  password: { secret: 'shop-postgresql', key: 'password' },
  storage: Size.gibibytes(10),
  resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
};

const made = (props: Partial<SinglePostgresProps> = {}) => {
  const tried = new EnvironmentChart(new App(), '10-postgres', { namespace: 'shop-staging', partOf: 'shop' });
  return new SinglePostgres(tried, 'Single', { ...minimal, ...props });
};
const objects = (tried: SinglePostgres) => objectsOf(Chart.of(tried));
const manifests = (tried: SinglePostgres) => manifestsOf(Chart.of(tried));
const refusals = (tried: SinglePostgres) => refusalsOf(Chart.of(tried));
const serverOf = (props: Partial<SinglePostgresProps> = {}): Manifest => one(Chart.of(made(props)), 'StatefulSet');
const parametersOf = (props: Partial<SinglePostgresProps>): Record<string, string> =>
  Object.fromEntries(
    (container(serverOf(props))['args'] as string[])
      .filter((arg) => arg.includes('='))
      .map((arg) => arg.split('=') as [string, string]),
  );

describe('a minimal server', () => {
  const tried = made();
  const server = serverOf();
  const pod = podSpec(server);
  const postgres = container(server);
  const own = {
    'app.kubernetes.io/name': 'postgresql',
    'app.kubernetes.io/instance': 'shop-postgresql',
    'app.kubernetes.io/component': 'database',
  };
  const ofChart = { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/managed-by': 'cdk8s' };

  test('is a ServiceAccount, two Services, a first script and one pod', () => {
    expect(objects(tried).map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['ServiceAccount', 'shop-postgresql', 'shop-staging'],
      ['Service', 'shop-postgresql', 'shop-staging'],
      ['Service', 'shop-postgresql-rw', 'shop-staging'],
      ['ConfigMap', expect.stringMatching(/^shop-postgresql-init-[0-9a-f]{10}$/), 'shop-staging'],
      ['StatefulSet', 'shop-postgresql', 'shop-staging'],
    ]);
    for (const { metadata } of objects(tried)) expect(metadata.labels).toMatchObject({ ...own, ...ofChart });
    expect(server['metadata'].labels['app.kubernetes.io/version']).toBe('18.6');
  });

  test('keeps its one volume, whatever happens to the StatefulSet', () => {
    expect(server['spec']).toMatchObject({
      replicas: 1,
      serviceName: 'shop-postgresql',
      selector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-postgresql' } },
      updateStrategy: { type: 'RollingUpdate' },
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
    expect(server['spec'].volumeClaimTemplates[0].spec).not.toHaveProperty('storageClassName');
  });

  test('puts its data into a folder of the volume, and has all else that it writes to', () => {
    const environment = Object.fromEntries((postgres['env'] as Manifest[]).map(({ name, value }) => [name, value]));
    const mounts = Object.fromEntries((postgres['volumeMounts'] as Manifest[]).map(({ name, mountPath }) => [name, mountPath]));
    expect(environment['PGDATA']).toBe(`${mounts['data']}/pgdata`);
    expect(mounts).toMatchObject({
      init: '/docker-entrypoint-initdb.d',
      tmp: '/tmp',
      run: '/var/run/postgresql',
      shm: '/dev/shm',
    });
    expect(pod['volumes']).toEqual([
      { name: 'init', configMap: { name: manifests(tried)['ConfigMap']?.['metadata'].name } },
      { name: 'tmp', emptyDir: { sizeLimit: '448Mi' } },
      { name: 'run', emptyDir: { sizeLimit: '1Mi' } },
      { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '128Mi' } },
    ]);
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

  test('begins a first start anew that was killed, and never one that came to its end', () => {
    // The image's entry point passes over files whose names end in nothing that it knows.
    expect(postgres['command']).toEqual(['bash', '-eu', '/docker-entrypoint-initdb.d/start']);
    const { start = '', ...first } = manifests(tried)['ConfigMap']?.['data'] as Record<string, string>;
    const lines = start.trimEnd().split('\n');
    expect(lines.slice(1, 3)).toEqual([
      'if [ -e /data/unfinished ]; then rm -rf "$PGDATA"; fi',
      'if [ -s "$PGDATA/PG_VERSION" ]; then',
    ]);
    expect(lines.slice(-4, -1)).toEqual(['else', '  : > /data/unfinished', 'fi']);
    // The last of the first start's scripts takes the mark away.
    const scripts = Object.entries(first);
    expect(scripts.map(([file]) => file)).toEqual(['10-owner.sh', '20-password.sh']);
    expect(scripts.map(([, text]) => text.includes('/data/unfinished'))).toEqual([false, true]);
    expect(scripts.at(-1)?.[1].split('\n').slice(-3)).toEqual(['SQL', 'rm -f /data/unfinished', '']);
  });

  test('sets the password at each start, before anyone can connect by the network', () => {
    const script = manifests(tried)['ConfigMap']?.['data'].start as string;
    const order = [
      'pg_ctl start --wait',
      'listen_addresses=)',
      'bash -e /docker-entrypoint-initdb.d/20-password.sh',
      'pg_ctl stop --wait',
      'exec docker-entrypoint.sh "$@"',
    ];
    const positions = order.map((part) => script.indexOf(part));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  test('has settings that follow its memory', () => {
    expect(postgres['args'][0]).toBe('postgres');
    expect(parametersOf({})).toEqual({
      max_connections: '102',
      shared_buffers: '256MB',
      effective_cache_size: '512MB',
      maintenance_work_mem: '64MB',
      work_mem: '2MB',
    });
  });

  test('learns names from variables and the password from its key alone', () => {
    expect(postgres['env']).toEqual(
      expect.arrayContaining([
        { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'shop-postgresql', key: 'password' } } },
        { name: 'DATABASE_NAME', value: 'shop_data' },
        { name: 'DATABASE_OWNER', value: 'shop_owner' },
      ]),
    );
  });

  test('is ready when it answers by address, and has ten minutes to recover from a crash', () => {
    const exec = { command: ['pg_isready', '--host=127.0.0.1', '--username=shop_owner', '--dbname=shop_data'] };
    expect(postgres).toMatchObject({
      ports: [{ name: 'postgresql', containerPort: 5432 }],
      startupProbe: { exec, periodSeconds: 5, failureThreshold: 120 },
      readinessProbe: { exec, periodSeconds: 5, failureThreshold: 6 },
      livenessProbe: { tcpSocket: { port: 'postgresql' }, periodSeconds: 30, failureThreshold: 3 },
    });
  });

  test('does not wait for clients when it stops, but for its last checkpoint', () => {
    const { command } = postgres['lifecycle'].preStop.exec as { command: string[] };
    const folder = (postgres['env'] as Manifest[]).find(({ name }) => name === 'PGDATA')?.['value'] as string;
    expect(command).toEqual(['pg_ctl', 'stop', `--pgdata=${folder}`, '--mode=fast', '--no-wait']);
    expect(pod['terminationGracePeriodSeconds']).toBe(120);
  });

  test('is found under one address that stays, and keeps the name of its pod', () => {
    const pods = {
      selector: { 'app.kubernetes.io/instance': 'shop-postgresql' },
      ports: [{ name: 'postgresql', port: 5432, targetPort: 'postgresql' }],
    };
    expect([tried.headless, tried.service].map((service) => service.toJson() as Manifest)).toMatchObject([
      { metadata: { name: 'shop-postgresql' }, spec: { clusterIP: 'None', ...pods } },
      { metadata: { name: 'shop-postgresql-rw' }, spec: { type: 'ClusterIP', ...pods } },
    ]);
    expect((tried.service.toJson() as Manifest)['spec']).not.toHaveProperty('clusterIP');
    expect(serverOf()['spec'].serviceName).toBe('shop-postgresql');
  });

  test('gives a link to what uses it', () => {
    expect(tried.link).toMatchObject({
      host: 'shop-postgresql-rw.shop-staging.svc.cluster.local',
      port: 5432,
      database: 'shop_data',
      user: 'shop_owner',
      password: { secret: 'shop-postgresql', key: 'password' },
      connections: 99,
      config: { DATABASE_URL: 'ecto://shop_owner@shop-postgresql-rw.shop-staging.svc.cluster.local:5432/shop_data' },
      secrets: { PGPASSWORD: { secretKeyRef: { name: 'shop-postgresql', key: 'password' } } },
      mounts: [],
    });
  });

  test('creates the role and its database once, in this order, without the password in any command', () => {
    const { '10-owner.sh': script, '20-password.sh': password } = manifests(tried)['ConfigMap']?.['data'] as Record<
      string,
      string
    >;
    if (script === undefined || password === undefined) throw new Error('no scripts');
    const order = ['CREATE ROLE :"owner"', 'CREATE DATABASE :"database" OWNER :"owner"', 'ALTER ROLE CURRENT_USER PASSWORD NULL'];
    const positions = order.map((statement) => script.indexOf(statement));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions).not.toContain(-1);
    expect(script).toContain('ON_ERROR_STOP=1');
    expect(password).toContain('ON_ERROR_STOP=1');
    for (const text of [script, password]) expect(text.split('\n')[0]).not.toContain('PASSWORD');
    // psql takes a line end off what a program prints, so it must print something behind it.
    expect(password).toContain('\\set password `printf %s. "$DATABASE_PASSWORD"`');
    expect(password).toContain("left(:'password', -1)");
    expect(script).not.toContain('CREATE EXTENSION');
  });

  test('is the same for the same props', () => {
    expect(JSON.stringify(objects(made()))).toBe(JSON.stringify(objects(tried)));
  });
});

test('a server with everything set', () => {
  const everything: Required<SinglePostgresProps> = {
    ...minimal,
    image: 'docker.io/library/postgres:10.5-alpine',
    imagePullPolicy: 'IfNotPresent',
    extensions: ['citext', 'uuid-ossp'],
    storageClass: 'fast-ssd',
    deleteVolume: OptOut.because('nobody will miss a preview'),
    resources: Resources.burstable({
      cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
      memory: { request: Size.mebibytes(256), limit: Size.gibibytes(4) },
      ephemeralStorage: Size.gibibytes(1),
    }),
    maxConnections: 50,
    runAsUser: 70,
    clusterDomain: 'k8s.example.com',
    pods: serverPods,
    exporter: {
      ...exporter,
      imagePullPolicy: 'IfNotPresent',
      resources: tiny,
      labels: { release: 'monitors' },
    } satisfies Required<DatabaseExporter>,
  };
  const tried = made(everything);
  const server = serverOf(everything);
  expect((podSpec(server)['containers'] as Manifest[])[0]).toMatchObject({
    image: 'docker.io/library/postgres:10.5-alpine',
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '4Gi', 'ephemeral-storage': '1Gi' } },
  });
  expect((podSpec(server)['containers'] as Manifest[])[1]).toMatchObject({
    image: exporter.image,
    imagePullPolicy: 'IfNotPresent',
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
  });
  expect(tried.podMonitor?.metadata.getLabel('release')).toBe('monitors');
  expect(podSpec(server)).toMatchObject(settled);
  expect(podSpec(server)['securityContext']).toMatchObject({ runAsUser: 70, runAsGroup: 70, fsGroup: 70 });
  expect(podSpec(server)['volumes']).toContainEqual({ name: 'tmp', emptyDir: { sizeLimit: '960Mi' } });
  expect(server['spec'].volumeClaimTemplates[0].spec.storageClassName).toBe('fast-ssd');
  expect(server['spec'].persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Delete', whenScaled: 'Retain' });
  expect(parametersOf({ ...everything, exporter: undefined })).toMatchObject({ max_connections: '50', shared_buffers: '1024MB' });
  const script = manifests(tried)['ConfigMap']?.['data']['10-owner.sh'] as string;
  expect(script).toMatch(
    /\\connect :"database"\nCREATE EXTENSION IF NOT EXISTS "citext";\nCREATE EXTENSION IF NOT EXISTS "uuid-ossp";\nSQL\n$/,
  );
  expect(tried.link).toMatchObject({ host: 'shop-postgresql-rw.shop-staging.svc.k8s.example.com', connections: 44 });
});

test('a changed password moves nothing, a changed extension another script', () => {
  const scriptName = (props: Partial<SinglePostgresProps>) => manifests(made(props))['ConfigMap']?.['metadata'].name as string;
  expect(scriptName({ password: { secret: 'other', key: 'password' } })).toBe(scriptName({}));
  expect(scriptName({ extensions: ['citext'] })).not.toBe(scriptName({}));
});

test.each([
  [256, 25],
  [512, 51],
  [1024, 102],
  [8192, 500],
])('%i MiB give %i connections, and all of the memory is never promised twice', (mebibytes, connections) => {
  const memory = Size.mebibytes(mebibytes);
  const settings = parametersOf({ resources: Resources.guaranteed({ cpu: Cpu.units(1), memory }) });
  expect(settings['max_connections']).toBe(`${connections}`);
  const number = (setting: string) => parseInt(settings[setting] ?? '', 10);
  expect(number('shared_buffers')).toBe(mebibytes / 4);
  expect(number('shared_buffers') + number('work_mem') * connections).toBeLessThanOrEqual(mebibytes * 0.6);
});

const nameRule = (most: number) =>
  `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${most} characters`;
const databaseRule = "be 1 to 63 bytes of text without control characters, '/' and '=', and not begin with '-'";
const userRule = 'be 1 to 63 bytes of text without control characters';
const userFix = 'write it as the server knows it, such as kube_native or postgres.abcdefgh';

test.each<[string, Partial<SinglePostgresProps>, string]>([
  [
    'the image hides its version behind a digest',
    { image: `postgres@sha256:${'0'.repeat(64)}` },
    `'image' must have a tag that says the version, whose files are on the volume, got "postgres@sha256:${'0'.repeat(64)}"; write the tag before the digest, such as postgres:17.6@sha256:...`,
  ],
  [
    'the image names no version',
    { image: 'postgres' },
    '\'image\' must name one version, got "postgres"; add the tag or digest of a build, because what "latest" runs changes without a review',
  ],
  [
    'the image is old, of Alpine, and does not know the user',
    { image: 'postgres:10.5-alpine' },
    "'runAsUser' must be 70 in this image: its initdb needs a user that it knows, got 10001; set it to 70, or use an image that is still maintained",
  ],
  ['the server runs as root', { runAsUser: 0 }, "'runAsUser' must be a whole number of 1 or more, got 0; omit it to use 10001"],
  [
    'the volume is too small for the first start',
    { storage: Size.mebibytes(100) },
    "'storage' must be 1 GiB or more, got 100Mi; write Size.gibibytes(10)",
  ],
  [
    'the memory is too small',
    { resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(128) }) },
    "'resources.memory' must be 256 MiB or more, got 128Mi; give it Size.mebibytes(256) or more",
  ],
  [
    'there are too few connections',
    { maxConnections: 3 },
    "'maxConnections' must be a whole number from 10 to 10000, got 3; omit it to follow the memory",
  ],
  [
    'an extension could end the statement',
    { extensions: ['citext"; DROP DATABASE x; --'] },
    `'extensions' must hold names of extensions in lower case, got "citext"; DROP DATABASE x; --"; write it as citext or uuid-ossp`,
  ],
  [
    'the database is none',
    { database: 'dbname=other' },
    `'database' must ${databaseRule}, got "dbname=other"; rename it, for example "kube_native"`,
  ],
  ['the role ends its line', { user: 'shop\n' }, `'user' must ${userRule}, got "shop\n"; ${userFix}`],
  ['the role is cut off', { user: 'ü'.repeat(32) }, `'user' must ${userRule}, got "${'ü'.repeat(32)}"; ${userFix}`],
  [
    'the role is the superuser',
    { user: 'postgres' },
    `'user' must be no role that PostgreSQL has or keeps for itself, got "postgres"; name it after the application`,
  ],
  [
    'the database is there already',
    { database: 'template1' },
    `'database' must be no database that every server has, got "template1"; name it after the application`,
  ],
  [
    'the Secret has no name',
    { password: { secret: 'Data Base', key: 'password' } },
    `'password.secret' must ${nameRule(253)}, got "Data Base"; rename it, for example "data-base"`,
  ],
  [
    'nobody knows why the volume may go',
    { deleteVolume: OptOut.because('') },
    '\'deleteVolume\' must give a reason of 10 or more characters, got ""; write one sentence that a reviewer would accept',
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
  expect(refusals(made(props))).toEqual([`[10-postgres/Single] ${sentence}`]);
});

test('fails when the name leaves no room for the hash of the pod', () => {
  expect(refusals(made({ name: 'p'.repeat(53) }))).toContain(
    `[10-postgres/Single] 'name' must ${nameRule(52)}, got "${'p'.repeat(53)}"; rename it, for example "${'p'.repeat(52)}"`,
  );
});

test.each(['name', 'image', 'database', 'user', 'password', 'storage', 'resources'])(
  "fails when '%s' is missing in plain JavaScript",
  (prop) => {
    expect(() => made({ [prop]: undefined })).toThrow(
      `[10-postgres/Single] '${prop}' must be given, got nothing; pass '${prop}' to SinglePostgres`,
    );
  },
);
