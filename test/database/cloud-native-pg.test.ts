import { ApiObject, App, type Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { ClusterBackup } from '../../lib/database/cloud-native-pg/backup';
import { CloudNativePg } from '../../lib/database/cloud-native-pg/cloud-native-pg';
import type { ClusterPooler } from '../../lib/database/cloud-native-pg/pooler';
import type { CloudNativePgProps } from '../../lib/database/cloud-native-pg/props';
import type { ClusterRecovery } from '../../lib/database/cloud-native-pg/recovery';
import type { SynchronousCopies } from '../../lib/database/cloud-native-pg/synchronous';
import { application, secretKeys, staging } from '../support/stack';
import {
  BeamCluster,
  Checks,
  CloudIdentity,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  NamespaceChart,
  NetworkFence,
  OptOut,
  PhoenixRelease,
  PostgresChart,
  Resources,
  render,
  type Manifest,
  type PostgresEngine,
} from '../../lib/index';
import { chart, objects, one, refusals, refusalsOf } from '../support/chart';
import { unlikeKept } from '../support/kept-lists';
import { serverPods, settled } from '../support/server-pods';

const gibibyte = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) });
const small = Resources.guaranteed({ cpu: Cpu.millis(100), memory: Size.mebibytes(128) });

const minimal: CloudNativePgProps = {
  name: 'shop-postgresql',
  database: 'shop',
  user: 'owner',
  instances: 1,
  image: 'ghcr.io/cloudnative-pg/postgresql:17.6',
  storage: Size.gibibytes(10),
  resources: gibibyte,
  backup: OptOut.because('it is filled anew every night'),
};
const pooler: ClusterPooler = { instances: 2, poolSize: 10, resources: small };
const role = 'arn:aws:iam::123456789012:role/shop';
const backup: ClusterBackup = {
  destination: 's3://my-company-backups/shop',
  credentials: CloudIdentity.aws({ roleArn: role }),
  schedule: '0 1 * * *',
  retention: Duration.days(30),
};

function made(props: Partial<CloudNativePgProps> = {}): { tried: Chart; server: CloudNativePg } {
  const tried = chart();
  return { tried, server: new CloudNativePg(tried, 'Server', { ...minimal, ...props }) };
}

const cluster = (props: Partial<CloudNativePgProps> = {}): Manifest => one(made(props).tried, 'Cluster');
const refused = (props: Partial<CloudNativePgProps>) =>
  refusalsOf((tried) => new CloudNativePg(tried, 'Server', { ...minimal, ...props }));

test('the least is one Cluster and a link', () => {
  const { tried, server } = made();
  expect(objects(tried)).toEqual([
    {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: {
        name: 'shop-postgresql',
        namespace: 'test',
        labels: {
          'app.kubernetes.io/name': 'postgresql',
          'app.kubernetes.io/instance': 'shop-postgresql',
          'app.kubernetes.io/component': 'database',
        },
        annotations: {
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
          'kustomize.toolkit.fluxcd.io/prune': 'disabled',
          'helm.sh/resource-policy': 'keep',
        },
      },
      spec: {
        instances: 1,
        imageName: minimal.image,
        inheritedMetadata: {
          labels: {
            'app.kubernetes.io/name': 'postgresql',
            'app.kubernetes.io/instance': 'shop-postgresql',
            'app.kubernetes.io/component': 'database',
          },
        },
        bootstrap: { initdb: { database: 'shop', owner: 'owner', dataChecksums: true } },
        postgresql: {
          parameters: {
            max_connections: '102',
            shared_buffers: '256MB',
            effective_cache_size: '512MB',
            maintenance_work_mem: '64MB',
            work_mem: '2MB',
          },
        },
        storage: { size: '10Gi' },
        resources: {
          requests: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '512Mi' },
          limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '512Mi' },
        },
        ephemeralVolumesSizeLimit: { shm: '128Mi', temporaryData: '448Mi' },
        enablePDB: false,
        smartShutdownTimeout: 5,
      },
    },
  ]);
  expect(refusals(tried)).toEqual([]);
  const { link } = server;
  expect(link).toMatchObject({
    host: 'shop-postgresql-rw.test.svc.cluster.local',
    port: 5432,
    database: 'shop',
    user: 'owner',
    connections: 92,
    peer: { pods: 'shop-postgresql' },
    password: { secret: 'shop-postgresql-app', key: 'password' },
  });
  expect(link.pooled).toBeUndefined();
  expect(link.readOnly).toBeUndefined();
});

test('everything set', () => {
  const everything: Required<CloudNativePgProps> = {
    ...minimal,
    instances: 3,
    secret: 'shop-owner',
    storageClass: 'retained',
    wal: { size: Size.gibibytes(5), storageClass: 'fast' },
    synchronous: { number: 1, dataDurability: 'required' } satisfies Required<SynchronousCopies>,
    maxConnections: 300,
    parameters: { work_mem: '8MB' },
    extensions: ['citext'],
    tls: OptOut.because('the mesh encrypts'),
    pooler: { ...pooler, mode: 'session', clients: 200, readOnly: true } satisfies Required<ClusterPooler>,
    backup: {
      ...backup,
      server: 'shop-2',
      endpoint: 'https://objects.example.com:9000',
      resources: small,
      credentials: {
        s3: { accessKeyId: { secret: 'bucket', key: 'id' }, secretAccessKey: { secret: 'bucket', key: 'secret' } },
      },
    } satisfies Required<ClusterBackup>,
    recovery: {
      server: 'shop-postgresql',
      at: '2026-11-20T08:30:00Z',
      storage: { destination: 'gs://old-backups/shop', credentials: { google: { secret: 'google', key: 'json' } } },
    } satisfies Required<ClusterRecovery>,
    databases: [{ name: 'Reports_2', owner: 'reports', extensions: ['hstore'] }, { name: 'audit' }],
    roles: [{ name: 'reports', secret: 'reports', connections: 5 }],
    antiAffinity: 'required',
    monitorLabels: { release: 'monitors' },
    runbooks: 'https://wiki.example.com/alerts',
    monitoring: true,
    alerts: true,
    prunable: OptOut.because('a preview goes with its pull request'),
    operatorNamespace: 'operators',
    clusterDomain: 'k8s.example.com',
    pods: serverPods,
  };
  const { tried, server } = made(everything);
  expect(refusals(tried)).toEqual([]);
  expect(objects(tried).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'ObjectStore shop-postgresql',
    'ObjectStore shop-postgresql-recovery',
    'Cluster shop-postgresql',
    'ScheduledBackup shop-postgresql',
    'Pooler shop-postgresql-pooler',
    'PodDisruptionBudget shop-postgresql-pooler',
    'Pooler shop-postgresql-pooler-ro',
    'PodDisruptionBudget shop-postgresql-pooler-ro',
    'Database shop-postgresql-shop',
    'Database shop-postgresql-reports-2',
    'Database shop-postgresql-audit',
    'PodMonitor shop-postgresql',
    'PrometheusRule shop-postgresql',
  ]);
  expect(objects(tried).flatMap(unlikeKept)).toEqual([]);
  const { metadata, spec } = one(tried, 'Cluster');
  expect(metadata.annotations).toEqual({
    'cdk8s-phoenix/opt-outs': 'tls: the mesh encrypts\nprunable: a preview goes with its pull request',
  });
  const { nodeSelector, tolerations, ...whole } = settled;
  expect(spec).toMatchObject({ ...whole, affinity: { nodeSelector, tolerations, podAntiAffinityType: 'required' } });
  const poolers = objects(tried).filter(({ kind }) => kind === 'Pooler');
  expect(poolers.map((pooler) => pooler['spec'].template.spec)).toMatchObject([settled, settled]);
  expect(spec).toMatchObject({
    instances: 3,
    bootstrap: {
      recovery: {
        database: 'shop',
        owner: 'owner',
        secret: { name: 'shop-owner' },
        source: 'origin',
        recoveryTarget: { targetTime: '2026-11-20T08:30:00Z' },
      },
    },
    externalClusters: [
      {
        name: 'origin',
        plugin: {
          name: 'barman-cloud.cloudnative-pg.io',
          enabled: true,
          isWALArchiver: false,
          parameters: { barmanObjectName: 'shop-postgresql-recovery', serverName: 'shop-postgresql' },
        },
      },
    ],
    plugins: [
      {
        name: 'barman-cloud.cloudnative-pg.io',
        enabled: true,
        isWALArchiver: true,
        parameters: { barmanObjectName: 'shop-postgresql', serverName: 'shop-2' },
      },
    ],
    managed: {
      roles: [
        {
          name: 'reports',
          ensure: 'present',
          login: true,
          inherit: true,
          connectionLimit: 5,
          passwordSecret: { name: 'reports' },
        },
      ],
    },
    certificates: {
      serverAltDNSNames: ['pooler', 'pooler-ro', 'rw'].map((end) => `shop-postgresql-${end}.test.svc.k8s.example.com`),
    },
    postgresql: {
      parameters: { max_connections: '300', work_mem: '8MB' },
      synchronous: { method: 'any', number: 1, dataDurability: 'required' },
    },
    primaryUpdateMethod: 'switchover',
    storage: { size: '10Gi', storageClass: 'retained' },
    walStorage: { size: '5Gi', storageClass: 'fast' },
    affinity: { enablePodAntiAffinity: true, podAntiAffinityType: 'required', topologyKey: 'kubernetes.io/hostname' },
  });
  expect(spec.enablePDB).toBeUndefined();
  expect(server.link).toMatchObject({
    // 10 for administrators and the operator, 5 for reports, 3 pods of the pooler with 12 each
    connections: 249,
    config: { DATABASE_URL: 'ecto://owner@shop-postgresql-rw.test.svc.k8s.example.com:5432/shop' },
    password: { secret: 'shop-owner', key: 'password' },
    mounts: [],
    pooled: {
      url: 'ecto://owner@shop-postgresql-pooler.test.svc.k8s.example.com:5432/shop',
      mode: 'session',
      clients: 200,
      namedStatements: true,
      peer: { pods: 'shop-postgresql' },
    },
    readOnly: { url: 'ecto://owner@shop-postgresql-pooler-ro.test.svc.k8s.example.com:5432/shop' },
  });
  expect(server.databases.map((database) => (database.toJson() as Manifest)['spec'])).toEqual([
    { cluster: { name: 'shop-postgresql' }, name: 'shop', owner: 'owner', extensions: [{ name: 'citext', ensure: 'present' }] },
    {
      cluster: { name: 'shop-postgresql' },
      name: 'Reports_2',
      owner: 'reports',
      extensions: [{ name: 'hstore', ensure: 'present' }],
    },
    { cluster: { name: 'shop-postgresql' }, name: 'audit', owner: 'owner' },
  ]);
});

test.each<Record<string, string>>([
  { work_mem: ' 4 MB ', maintenance_work_mem: '0.1GB', temp_buffers: '1e3', wal_buffers: '-1', max_wal_size: '4096' },
  { statement_timeout: '30000', lock_timeout: '10 s', idle_in_transaction_session_timeout: '1min', archive_timeout: '1h' },
  { shared_buffers: '512MB', effective_cache_size: '768MB', random_page_cost: '1.1', log_statement: 'ddl' },
  { 'auto_explain.log_min_duration': '5s', 'pg_stat_statements.max': '10000', log_temp_files: '0' },
])('settings are as PostgreSQL takes them: %j', (parameters) => {
  expect(refusalsOf((tried) => new CloudNativePg(tried, 'Server', { ...minimal, parameters }))).toEqual([]);
});

test('the application verifies the server by the authority of the operator, without its key', () => {
  const { config, mounts } = made().server.link;
  expect(config).toMatchObject({ PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/etc/database-ca/ca.pem' });
  const items = [{ key: 'ca.crt', path: 'ca.pem' }];
  const source = { secret: { secretName: 'shop-postgresql-ca', items } };
  expect(mounts).toEqual([{ name: 'database-ca', path: '/etc/database-ca', source }]);
});

test('one replica may restart while another has each commit', () => {
  const { tried } = made({ instances: 2, synchronous: { number: 1, dataDurability: 'preferred' } });
  expect(refusals(tried)).toEqual([]);
  expect(one(tried, 'Cluster')['spec'].postgresql.synchronous).toEqual({
    method: 'any',
    number: 1,
    dataDurability: 'preferred',
  });
});

test('instances keep apart, and replicas answer reads', () => {
  const { tried, server } = made({ instances: 2 });
  const { spec } = one(tried, 'Cluster');
  expect(spec.affinity.podAntiAffinityType).toBe('preferred');
  expect(spec.topologySpreadConstraints).toEqual([
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'cnpg.io/cluster': 'shop-postgresql', 'cnpg.io/podRole': 'instance' } },
    },
  ]);
  expect(server.link.readOnly).toEqual({
    host: 'shop-postgresql-ro.test.svc.cluster.local',
    port: 5432,
    peer: { pods: 'shop-postgresql' },
    url: 'ecto://owner@shop-postgresql-ro.test.svc.cluster.local:5432/shop',
  });
});

test('a pooler keeps named statements, and names what each of its containers takes', () => {
  const { spec } = one(made({ pooler }).tried, 'Pooler');
  expect(spec).toMatchObject({
    cluster: { name: 'shop-postgresql' },
    instances: 2,
    type: 'rw',
    pgbouncer: {
      poolMode: 'transaction',
      parameters: { max_client_conn: '500', default_pool_size: '10', max_prepared_statements: '200' },
    },
    deploymentStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  });
  const { metadata, spec: pod } = spec.template as Manifest;
  // What the operator writes over it, so that one policy is about both.
  expect(metadata.labels['app.kubernetes.io/instance']).toBe('shop-postgresql');
  const amounts = { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '512Mi' };
  const resources = { requests: amounts, limits: amounts };
  expect(pod.containers).toEqual([{ name: 'pgbouncer', resources }]);
  expect(pod.initContainers).toEqual([{ name: 'bootstrap-controller', resources }]);
  expect(pod.topologySpreadConstraints[0]).toMatchObject({
    labelSelector: { matchLabels: { 'cnpg.io/poolerName': 'shop-postgresql-pooler' } },
    matchLabelKeys: ['pod-template-hash'],
  });
});

test('one pod of a pooler has no disruption budget, which would keep its node', () => {
  expect(objects(made({ pooler: { ...pooler, instances: 1 } }).tried).map(({ kind }) => String(kind))).toEqual([
    'Cluster',
    'Pooler',
  ]);
});

test('backups go to object storage at once and by a schedule of six fields', () => {
  const { tried } = made({ backup });
  expect(one(tried, 'ScheduledBackup')['spec']).toEqual({
    cluster: { name: 'shop-postgresql' },
    schedule: '0 0 1 * * *',
    immediate: true,
    backupOwnerReference: 'self',
    method: 'plugin',
    pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' },
  });
  expect(one(tried, 'ObjectStore')['spec']).toEqual({
    retentionPolicy: '30d',
    configuration: {
      destinationPath: 's3://my-company-backups/shop',
      s3Credentials: { inheritFromIAMRole: true },
      wal: { compression: 'gzip' },
      data: { compression: 'gzip' },
    },
    instanceSidecarConfiguration: {
      resources: {
        requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '512Mi' },
        limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '512Mi' },
      },
    },
  });
  expect(one(tried, 'Cluster')['spec'].serviceAccountTemplate).toEqual({
    metadata: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/shop' } },
  });
});

describe('names need no form of SQL, as the operator quotes them', () => {
  test.each(['postgres.abcdefgh', 'svc@project.iam', '2nd', 'the "big" one', "o'hara", 'a:b,c', 'ключ', 'a$b', '-x'])(
    'a user and a role %s',
    (name) => {
      const { tried, server } = made({ user: name, roles: [{ name: `${name}2`, secret: 'reports' }] });
      expect(refusals(tried)).toEqual([]);
      const { bootstrap, managed } = one(tried, 'Cluster')['spec'];
      expect(bootstrap.initdb).toMatchObject({ database: 'shop', owner: name });
      expect(managed.roles).toMatchObject([{ name: `${name}2` }]);
      expect(server.link.config['DATABASE_URL']).toContain(`ecto://${encodeURIComponent(name)}@`);
    },
  );

  test.each([
    ['2nd.shop', 'shop-postgresql-2nd-shop'],
    ['svc@shop', 'shop-postgresql-svc-shop'],
    ['Größe', 'shop-postgresql-gr-e'],
    ['ключ', 'shop-postgresql-1de36a'],
    ['$$', 'shop-postgresql-523ff5'],
  ])('a database %s beside the application, with an object %s', (name, object) => {
    const { tried } = made({ database: 'my.shop', databases: [{ name }] });
    expect(refusals(tried)).toEqual([]);
    expect(one(tried, 'Database')).toMatchObject({ metadata: { name: object }, spec: { name, owner: 'owner' } });
    expect(one(tried, 'Cluster')['spec'].bootstrap.initdb.database).toBe('my.shop');
  });
});

const azure = CloudIdentity.azure({ clientId: '00000000-0000-0000-0000-000000000000' });
const google = CloudIdentity.google({ serviceAccount: 'shop@my-project.iam.gserviceaccount.com' });
const container = 'https://shopbackups.blob.core.windows.net/shop';

test.each<[string, Partial<ClusterBackup>, object]>([
  ['Google', { destination: 'gs://backups/shop', credentials: google }, { googleCredentials: { gkeEnvironment: true } }],
  ['Azure', { destination: container, credentials: azure }, { azureCredentials: { inheritFromAzureAD: true } }],
  [
    'Azure by a connection string',
    { destination: container, credentials: { azure: { secret: 'bucket', key: 'azure' } } },
    { azureCredentials: { connectionString: { name: 'bucket', key: 'azure' } } },
  ],
  [
    'Google by a file',
    { destination: 'gs://backups/shop', credentials: { google: { secret: 'bucket', key: 'json' } } },
    { googleCredentials: { applicationCredentials: { name: 'bucket', key: 'json' } } },
  ],
])('backups go to %s', (_, storage, expected) => {
  const { tried } = made({ backup: { ...backup, ...storage } });
  expect(one(tried, 'ObjectStore')['spec'].configuration).toMatchObject(expected);
  expect(refusals(tried)).toEqual([]);
});

test.each<[string, Partial<ClusterBackup>, number[]]>([
  ['the metadata server of GKE', { destination: 'gs://backups/shop', credentials: google }, [988, 987, 80, 8080]],
  ['the agent of EKS', { credentials: CloudIdentity.eksPodIdentity() }, [80, 80]],
  ['STS alone, which is at the port of the storage', {}, []],
])('instances reach %s', (_, storage, ports) => {
  const { tried } = made({ backup: { ...backup, ...storage } });
  const { policies } = new NetworkFence(tried, 'Fence', { clients: [] });
  const sent = (Object.values(policies)[0]?.toJson() as Manifest)['spec'].egress as Manifest[];
  const linkLocal = sent.filter(({ to }) => /^(?:169\.254\.1|fd00:ec2)/.test(String(to?.[0]?.ipBlock?.cidr)));
  expect(linkLocal.map(({ ports: [{ port }] }) => port as number)).toEqual(ports);
  expect(sent.map(({ to, ports: [{ port }] }) => (to === undefined ? port : 0))).toContain(443);
  expect(refusals(tried)).toEqual([]);
});

test('an identity that needs a label of the pods has it', () => {
  const { spec } = cluster({ backup: { ...backup, destination: container, credentials: azure } });
  expect(spec.inheritedMetadata.labels).toMatchObject({ 'azure.workload.identity/use': 'true' });
});

test('a cluster is restored from its own storage', () => {
  const { spec } = cluster({ backup: { ...backup, server: 'shop-2' }, recovery: { server: 'shop-postgresql' } });
  expect(spec.bootstrap).toEqual({ recovery: { database: 'shop', owner: 'owner', source: 'origin' } });
  expect(spec.externalClusters[0].plugin.parameters).toEqual({
    barmanObjectName: 'shop-postgresql',
    serverName: 'shop-postgresql',
  });
});

test('the identity that a recovery needs is there beside a key for the backups', () => {
  const keys = { s3: { accessKeyId: { secret: 'bucket', key: 'id' }, secretAccessKey: { secret: 'bucket', key: 'secret' } } };
  const storage = { destination: backup.destination, credentials: backup.credentials };
  const { tried } = made({ backup: { ...backup, credentials: keys, server: 'shop-2' }, recovery: { server: 'shop', storage } });
  expect(refusals(tried)).toEqual([]);
  expect(one(tried, 'Cluster')['spec'].serviceAccountTemplate.metadata.annotations).toEqual({
    'eks.amazonaws.com/role-arn': role,
  });
});

test('one monitor collects from instances and poolers', () => {
  expect(one(made({ monitoring: true }).tried, 'PodMonitor')['spec']).toEqual({
    selector: { matchLabels: { 'cnpg.io/cluster': 'shop-postgresql' } },
    podMetricsEndpoints: [{ port: 'metrics' }],
  });
});

describe('alerts', () => {
  const alertsOf = (props: Partial<CloudNativePgProps>): Manifest[] =>
    one(made({ alerts: true, ...props }).tried, 'PrometheusRule')['spec'].groups[0].rules as Manifest[];
  const names = (props: Partial<CloudNativePgProps>) => alertsOf(props).map(({ alert }) => String(alert));

  test('are about what there is', () => {
    const always = [
      'PostgresInstanceMissing',
      'PostgresTransactionIdsRunOut',
      'PostgresTransactionLong',
      'PostgresVolumeFull',
      'PostgresConnectionsRunOut',
    ];
    expect(names({})).toEqual(always);
    const replicas = names({ instances: 2 }).filter((name) => !always.includes(name));
    expect(replicas).toEqual(['PostgresReplicaDisconnected', 'PostgresReplicaLags']);
    const backups = names({ backup }).filter((name) => !always.includes(name));
    expect(backups).toEqual(['PostgresArchiveFails', 'PostgresBackupOld']);
  });

  test.each([
    ['0 1 * * *', 1.5],
    ['0 1 * * 0', 10.5],
    ['0 1 1 * *', 46.5],
    ['0 1 1 1 *', 549],
  ])('a backup by %s is old after %f days', (schedule, days) => {
    const { expr } = alertsOf({ backup: { ...backup, schedule } }).find(({ alert }) => alert === 'PostgresBackupOld') ?? {};
    expect(expr).toContain(` > ${days * 86400} or `);
  });

  test('say where to read on, and are found as all others are', () => {
    const runbooks = (alerts: Manifest[]) => alerts.map(({ annotations }) => String(annotations.runbook_url));
    expect(runbooks(alertsOf({}))).toContain('cdk8s-phoenix/docs/alerts.md#postgresvolumefull');
    expect(runbooks(alertsOf({ runbooks: 'https://wiki.example.com/alerts' }))).toContain(
      'https://wiki.example.com/alerts#postgresvolumefull',
    );
    const { tried } = made({ alerts: true, monitoring: true, monitorLabels: { release: 'monitors' } });
    for (const kind of ['PodMonitor', 'PrometheusRule']) {
      expect(one(tried, kind)['metadata'].labels).toMatchObject({
        release: 'monitors',
        'app.kubernetes.io/component': 'database',
      });
    }
  });

  test('are about the pods of this cluster alone', () => {
    for (const { alert, expr } of alertsOf({ instances: 3, backup })) {
      expect(`${alert} ${expr}`).toMatch(/\{namespace="test",(?:pod|persistentvolumeclaim)=~"shop-postgresql-\[0-9\]\+/);
    }
  });
});

describe('fails when', () => {
  const here = '[chart/Server]';
  const text = 'be 1 to 63 bytes of text without control characters';
  const database = `${text}, '/' and '=', and not begin with '-'`;
  const quoted = "have no blank and no '\\', and not begin with ', because the operator connects to it without quotes";
  const literal = "have neither '$$' nor '$(', which Kubernetes replaces in the command that makes it";
  const reserved = 'be no name that PostgreSQL or the operator keeps for itself';
  const tag = 'have a tag that begins with the version of PostgreSQL, 13 or newer';
  const named = (maximum: number) =>
    `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${maximum} characters`;

  test.each<[string, Partial<CloudNativePgProps>, string]>([
    [
      'the name is too long for the operator',
      { name: 'x'.repeat(51) },
      `'name' must ${named(50)}, got "${'x'.repeat(51)}"; rename it, for example "${'x'.repeat(50)}"`,
    ],
    [
      'the name is too long for a pooler of reads',
      { name: 'x'.repeat(48), instances: 2, pooler: { ...pooler, readOnly: true } },
      `'name' must ${named(47)}, got "${'x'.repeat(48)}"; rename it, for example "${'x'.repeat(47)}"`,
    ],
    [
      'there is no instance',
      { instances: 0 },
      "'instances' must be a whole number from 1 to 20, got 0; write 3, so that one may go",
    ],
    [
      'the tag is no version',
      { image: 'ghcr.io/cloudnative-pg/postgresql:trixie' },
      `'image' must ${tag}, got "ghcr.io/cloudnative-pg/postgresql:trixie"; write it as ghcr.io/cloudnative-pg/postgresql:17.6`,
    ],
    ...(
      [
        ['work_mem', '16mb', 'B, kB, MB, GB and TB'],
        ['max_wal_size', '4G', 'B, kB, MB, GB and TB'],
        ['effective_cache_size', '75%', 'B, kB, MB, GB and TB'],
        ['statement_timeout', '5m', 'us, ms, s, min, h and d'],
        ['autovacuum_naptime', '20 sec', 'us, ms, s, min, h and d'],
      ] as const
    ).map(([name, value, units]): [string, Partial<CloudNativePgProps>, string] => [
      `${name} is ${value}`,
      { parameters: { [name]: value } },
      `'parameters.${name}' must be a number with one of the units ${units}, in these letters, got "${value}"; write it as '256MB' or '30s': the server does not start else`,
    ]),
    [
      'most of the memory is shared',
      { parameters: { shared_buffers: '98304' } },
      '\'parameters.shared_buffers\' must be at most six tenths of the memory of 1Gi, the rest being for connections, got "98304"; lower it, or raise the memory',
    ],
    [
      'the planner counts on a cache that there is not',
      { parameters: { effective_cache_size: '1.5GB' } },
      '\'parameters.effective_cache_size\' must be at most the memory of 1Gi, which the page cache is counted in, got "1.5GB"; lower it, or raise the memory',
    ],
    [
      'there are more connections than the memory bears',
      { maxConnections: 400 },
      "'maxConnections' must leave 2 MiB for each connection beside the shared buffers, in the memory of 1Gi, got 400; lower it, or raise the memory",
    ],
    [
      'all connections sort at once',
      { maxConnections: 100, parameters: { work_mem: '32MB' } },
      '\'parameters.work_mem\' must leave a quarter of 100 connections room to sort at once, beside the shared buffers, in the memory of 1Gi, got "32MB"; lower it, or raise the memory',
    ],
    [
      'the user belongs to the operator',
      { user: 'streaming_replica' },
      `'user' must ${reserved}, got "streaming_replica"; name it after the application`,
    ],
    [
      'the database is that of every server',
      { database: 'postgres' },
      '\'database\' must be no database that every server has, got "postgres"; name it after the application',
    ],
    [
      'a setting belongs to the operator',
      { parameters: { archive_mode: 'off' } },
      '\'parameters.archive_mode\' must be left out: the operator keeps it as it needs it, and refuses the Cluster, got "off"; remove it',
    ],
    [
      'a setting has a prop',
      { parameters: { max_connections: '500' } },
      '\'parameters.max_connections\' must be left out: the connections are divided by it, got "500"; set maxConnections',
    ],
    [
      'a setting is a number',
      { parameters: { work_mem: 16 } as unknown as Record<string, string> },
      "'parameters.work_mem' must be the name of a setting with its value as text, got 16; write work_mem: '16MB'",
    ],
    [
      'the memory cannot be guaranteed to shared buffers',
      {
        resources: Resources.burstable({
          cpu: { request: Cpu.units(1), limit: Cpu.units(1) },
          memory: { request: Size.mebibytes(256), limit: Size.gibibytes(2) },
        }),
      },
      "'resources.memory.request' must be a quarter of the limit or more, because shared buffers take that much, got 256Mi; raise it, best to the limit",
    ],
    [
      'the memory is too small',
      { resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(256) }) },
      "'resources.memory' must be 512 MiB or more, got 256Mi; give it Size.gibibytes(1) or more",
    ],
    [
      'the disk is too small for the agent',
      {
        resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1), ephemeralStorage: Size.mebibytes(128) }),
      },
      "'resources.ephemeralStorage' must be 256 MiB or more, because the operator's agent is copied there, got 128Mi; omit it to use 512 MiB",
    ],
    [
      'the volume is too small',
      { storage: Size.mebibytes(512) },
      "'storage' must be 1 GiB or more, got 512Mi; write Size.gibibytes(10)",
    ],
    [
      'the volume of the log is too small',
      { wal: { size: Size.gibibytes(1) } },
      "'wal.size' must be 2 GiB or more, got 1Gi; write Size.gibibytes(10)",
    ],
    [
      'the pooler and the roles take all connections',
      { maxConnections: 50, pooler, roles: [{ name: 'reports', secret: 'reports', connections: 5 }] },
      "'maxConnections' must be 53 or more: 10 for administrators and the operator, 36 for the pooler, 5 for other roles, 2 for migrations, got 50; raise it with the memory, or lower what the others get",
    ],
    [
      'reads have no replicas',
      { pooler: { ...pooler, readOnly: true } },
      "'pooler.readOnly' must have read replicas: 2 instances or more, got 1; raise instances, or remove it",
    ],
    [
      'a role is the one of the application',
      { roles: [{ name: 'owner', secret: 'reports' }] },
      '\'roles.name\' must be the name of no other role, got "owner"; rename or remove it',
    ],
    [
      'a role is longer than PostgreSQL keeps',
      { roles: [{ name: 'é'.repeat(32), secret: 'reports' }] },
      `'roles.name' must ${text}, got "${'é'.repeat(32)}"; write it as the server knows it, such as kube_native or postgres.abcdefgh`,
    ],
    [
      'a user has a line end',
      { user: 'svc\n' },
      `'user' must ${text}, got "svc\n"; write it as the server knows it, such as kube_native or postgres.abcdefgh`,
    ],
    [
      'a role is everybody',
      { roles: [{ name: 'public', secret: 'reports' }] },
      `'roles.name' must ${reserved}, got "public"; name it after the application`,
    ],
    ['a role is nobody', { user: 'none' }, `'user' must ${reserved}, got "none"; name it after the application`],
    [
      'a database is a folder',
      { databases: [{ name: 'shop/reports' }] },
      `'databases.name' must ${database}, got "shop/reports"; rename it, for example "kube_native"`,
    ],
    [
      'the operator reads a part of the name',
      { database: 'web shop' },
      `'database' must ${quoted}, got "web shop"; rename it, for example "web_shop"`,
    ],
    [
      'the operator takes a quote for its own',
      { databases: [{ name: "'90s" }] },
      `'databases.name' must ${quoted}, got "'90s"; rename it, for example "_90s"`,
    ],
    [
      'Kubernetes puts a variable into the name of the user',
      { user: 'svc$(POD_NAME)' },
      `'user' must ${literal}, got "svc$(POD_NAME)"; rename it, for example "svc_POD_NAME_"`,
    ],
    [
      'Kubernetes takes a sign out of the name of the database',
      { database: 'a$$b' },
      `'database' must ${literal}, got "a$$b"; rename it, for example "a_b"`,
    ],
    [
      'a database belongs to nobody',
      { databases: [{ name: 'reports', owner: 'analyst' }] },
      '\'databases.owner\' must be one of owner, got "analyst"; add it to roles, or omit it to use the role of the application',
    ],
    [
      'a database is there twice',
      { databases: [{ name: 'shop' }] },
      "'databases.name' must be another than the application's, got \"shop\"; remove it",
    ],
    [
      "a database is the application's but for its capitals",
      { extensions: ['citext'], databases: [{ name: 'Shop' }] },
      "'databases.name' must be another than the application's, got \"Shop\"; remove it",
    ],
    [
      'two databases have one object',
      { databases: [{ name: 'a_b' }, { name: 'A-b' }] },
      '\'databases.name\' must be the name of no other database, whatever its capitals and signs, got "A-b"; rename or remove it',
    ],
    [
      'more replicas are waited for than there are',
      { instances: 2, synchronous: { number: 2, dataDurability: 'preferred' } },
      "'synchronous.number' must be at most 1 of 2 instances, because the primary is no replica of its own, got 2; raise instances, or remove it",
    ],
    [
      'a replica that restarts would stop all writes',
      { instances: 2, synchronous: { number: 1, dataDurability: 'required' } },
      "'synchronous.number' must be at most 0 of 2 instances, so that writes go on while one replica restarts, got 1; raise instances, or write dataDurability: 'preferred'",
    ],
    [
      'no replica is waited for',
      { instances: 3, synchronous: { number: 0, dataDurability: 'required' } },
      "'synchronous.number' must be a whole number of 1 or more, got 0; write 1: two volumes have each commit",
    ],
    [
      'an extension is no name',
      { extensions: ['a b'] },
      '\'extensions\' must hold names of extensions in lower case, got "a b"; write it as citext or uuid-ossp',
    ],
    [
      'a reason says nothing',
      { backup: OptOut.because('no') },
      '\'backup\' must give a reason of 10 or more characters, got "no"; write one sentence that a reviewer would accept',
    ],
    [
      'the words are unknown',
      { antiAffinity: 'never' as 'required' },
      "'antiAffinity' must be 'preferred' or 'required', got \"never\"; write one of the 2 words",
    ],
  ])('%s', (_, props, sentence) => {
    expect(refused(props)).toEqual([`${here} ${sentence}`]);
  });

  test.each<[string, Partial<ClusterBackup>, string]>([
    [
      'schedules have seconds',
      { schedule: '0 0 1 * * *' },
      "'backup.schedule' must have five fields, not 6, got \"0 0 1 * * *\"; write '0 1 * * *' for one in the morning, UTC",
    ],
    [
      'schedules are words',
      { schedule: '@daily' },
      "'backup.schedule' must have five fields, got \"@daily\"; write '0 1 * * *' for one in the morning, UTC",
    ],
    [
      'backups are kept for hours',
      { retention: Duration.hours(36) },
      "'backup.retention' must be whole days, got 129600s; write Duration.days(30)",
    ],
    [
      'credentials are those of another provider',
      { credentials: google },
      '\'backup.credentials\' must fit the destination s3://my-company-backups/shop, got "google"; give credentials for s3, or write a destination of google',
    ],
    [
      'the destination is none',
      { destination: 'my-company-backups' },
      '\'backup.destination\' must be s3://bucket/folder, gs://bucket/folder or https://account.blob.core.windows.net/container/folder, got "my-company-backups"; write s3://my-company-backups/shop',
    ],
    [
      'the endpoint has a path',
      { endpoint: 'https://objects.example.com/my-company-backups' },
      '\'backup.endpoint\' must be a URL with a host and nothing behind it, got "https://objects.example.com/my-company-backups"; write it as https://objects.example.com',
    ],
    [
      'the identity is none',
      { credentials: CloudIdentity.aws({ roleArn: 'shop' }) },
      '\'identity.roleArn\' must be the ARN of an IAM role, got "shop"; copy it from the role: arn:aws:iam::123456789012:role/shop',
    ],
  ])('%s', (_, change, sentence) => {
    expect(refused({ backup: { ...backup, ...change } })).toEqual([`[chart/Server/Backups] ${sentence}`]);
  });

  test.each<[string, ClusterRecovery, CloudNativePgProps['backup'], string]>([
    [
      'backups would go where those of the restored cluster are',
      { server: 'shop-postgresql' },
      backup,
      '\'backup.server\' must be another folder than that of the cluster that is restored, which the plugin demands to find empty, got "shop-postgresql"; name the new one, for example "shop-postgresql-2"',
    ],
    [
      'nothing says where the backups are',
      { server: 'shop-postgresql' },
      minimal.backup,
      "'recovery.storage' must be given, because this cluster has no backups of its own, got nothing; say where the backups are",
    ],
    [
      'the pods would be two to the cloud',
      { server: 'other', storage: { ...backup, credentials: CloudIdentity.aws({ roleArn: `${role}-old` }) } },
      backup,
      `'recovery.storage.credentials' must be the identity of the backups, because a pod has one, got "${role}-old"; let one role do both, or give one of them a key`,
    ],
    [
      'the moment has no time zone',
      { server: 'other', at: '2026-11-20 08:30' },
      backup,
      '\'recovery.at\' must be a moment with its time zone, got "2026-11-20 08:30"; write it as 2026-11-20T08:30:00Z',
    ],
  ])('%s', (_, recovery, own, sentence) => {
    expect(refused({ recovery, backup: own })).toEqual([`[chart/Server/Restored] ${sentence}`]);
  });

  test('a pooler has no pods', () => {
    expect(refused({ pooler: { ...pooler, instances: 0 } })).toEqual([
      "[chart/Server/Pooler] 'instances' must be a whole number from 1 to 50, got 0; write 2, so that one may go",
    ]);
  });

  test.each(['backup', 'pooler', 'recovery'] as const)('%s is incomplete in plain JavaScript', (prop) => {
    expect(() => made({ [prop]: {} })).toThrow(`[chart/Server] '${prop}.`);
  });
});

/** Staging, with the database run by CloudNativePG; `change` adds to it before the fence is made. */
function environment(engine: PostgresEngine, change?: (postgres: PostgresChart) => void): readonly string[] {
  return render(environmentOf(engine, change)).faults;
}

function environmentOf(engine: PostgresEngine, change?: (postgres: PostgresChart) => void): App {
  const app = new App();
  const where = { namespace: staging.namespace, partOf: application.name };
  const quota = { cpu: Cpu.units(8), memory: Size.gibibytes(10), storage: Size.gibibytes(60), pods: 20 };
  new NamespaceChart(app, '00-namespace', { ...where, quota });
  Checks.of(app).kubernetes = '1.30';
  const secrets = new EnvironmentChart(app, '05-secrets', where);
  const props = { ...where, name: 'kube-native-postgresql', database: 'kube_native', user: 'kube_native', engine };
  const postgres = new PostgresChart(app, '10-postgres', props);
  const source = { existing: true } as const;
  const secret = new KeyedSecret(secrets, 'Release', { name: application.name, keys: secretKeys, source });
  const phoenix = new EnvironmentChart(app, '30-phoenix', where);
  const cookie = secret.key('RELEASE_COOKIE');
  const beam = new BeamCluster(phoenix, 'Cluster', { discovery: 'dns', name: application.name, cookie });
  const { image, web } = staging;
  const { host, replicas, resources, poolSize } = web;
  const release = new PhoenixRelease(phoenix, 'Release', {
    application,
    image,
    host,
    replicas,
    resources,
    poolSize,
    secret,
    cluster: beam,
    database: postgres.link,
  });
  new MigrationJob(new EnvironmentChart(app, '20-migrate', where), 'Migration', { release });
  change?.(postgres);
  const fence = { clients: staging.web.clients, monitoring: [{ namespace: 'monitoring' }] };
  new NetworkFence(new EnvironmentChart(app, '08-network', where), 'Fence', fence);
  return app;
}

const engine: PostgresEngine = {
  cloudNativePg: {
    instances: 3,
    image: minimal.image,
    storage: Size.gibibytes(10),
    wal: { size: Size.gibibytes(5) },
    resources: gibibyte,
    backup,
    pooler: { ...pooler, readOnly: true },
    extensions: ['citext'],
    monitoring: true,
    alerts: true,
  },
};

describe('an environment with it', () => {
  test('passes all rules', () => {
    expect(environment(engine)).toEqual([]);
  });

  test('lets the operator, Prometheus, the application and each other reach its pods, and them the API server and S3', () => {
    const app = environmentOf(engine);
    render(app);
    const policies = Checks.of(app).world.objects.filter(({ manifest: { kind } }) => kind === 'NetworkPolicy');
    const { spec } = policies.find(({ manifest }) => manifest['metadata'].name === 'kube-native-postgresql')?.manifest ?? {};
    const pods = (name: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/instance': name } } });
    const namespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
    const port = (number: number) => [{ port: number, protocol: 'TCP' }];
    const own = pods('kube-native-postgresql');
    expect(spec.ingress).toEqual([
      { from: [namespace('monitoring')], ports: [...port(9187), ...port(9127)] },
      { from: [own, pods('kube-native'), pods('kube-native-migrate')], ports: port(5432) },
      { from: [own], ports: port(8000) },
      { from: [namespace('cnpg-system')], ports: port(8000) },
      { from: [namespace('cnpg-system')], ports: port(5432) },
    ]);
    expect((spec.egress as Manifest[]).slice(1)).toEqual([
      ...[5432, 8000].map((number) => ({ to: [own], ports: port(number) })),
      ...[443, 6443].map((number) => ({ ports: port(number) })),
    ]);
  });

  test('fails when its instances and volumes do not fit into the quota', () => {
    const { cloudNativePg } = engine as { cloudNativePg: CloudNativePgProps };
    const large = { cloudNativePg: { ...cloudNativePg, instances: 9, storage: Size.gibibytes(20) } };
    const faults = environment(large);
    const [pods, fix] = ['kube-native-postgresql', 'raise the quota, or lower replicas, surge or requests (quota-fits)'];
    expect(faults).toContain(
      `[00-namespace/ResourceQuota] 'spec.hard["limits.memory"]' must be at least 16640Mi, the sum of 3 x 512Mi kube-native + 1 x 512Mi kube-native-migrate + 9 x 1536Mi ${pods} + 3 x 128Mi ${pods}-pooler + 3 x 128Mi ${pods}-pooler-ro, got "10Gi"; ${fix}`,
    );
    expect(faults).toContain(
      `[00-namespace/ResourceQuota] 'spec.hard["requests.storage"]' must be at least 230400Mi, the sum of 9 x 25600Mi ${pods}, got "60Gi"; ${fix}`,
    );
  });

  test('fails when an instance that is added by hand says nothing of what it takes', () => {
    const faults = environment(engine, (postgres) => {
      const metadata = { name: 'by-hand', annotations: {} };
      const spec = { instances: 1, storage: { size: '1Gi' } };
      new ApiObject(postgres, 'ByHand', { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', metadata, spec });
      postgres.node.root.node.tryFindChild('00-namespace')?.node.tryRemoveChild('LimitRange');
    });
    expect(faults).toContain(
      "[10-postgres/ByHand] 'spec.resources.requests.cpu' must be given, because the ResourceQuota budget counts it, got nothing; give it, or add a default to the LimitRange of the namespace (quota-counts)",
    );
  });
});
