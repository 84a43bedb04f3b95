import { Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import {
  BeamCluster,
  CloudIdentity,
  KeyedSecret,
  PhoenixRelease,
  type Mount,
  type WebAlone,
  phxNew,
  publicUrlReads,
  mixRelease,
  OptOut,
  postgresLink,
  Probe,
  Resources,
  type DatabaseLink,
  type Manifest,
  type HealthPaths,
  type PhoenixApplication,
  type PhoenixReleaseProps,
} from '../../lib/index';
import {
  application,
  chart,
  container,
  differences,
  image,
  manifests,
  objects,
  one,
  podSpec,
  refusalsOf,
  release,
  resources,
} from '../support/chart';
import type { Connection } from '../../lib/release/connection';
import { declaredIn } from '../../lib/support/declare';
import { fetcher, shipper } from '../support/sidecars';

const address = {
  host: 'db.example.com',
  port: 5432,
  database: 'kube_native',
  user: 'kube_native',
  connections: 100,
  password: { secret: 'db', key: 'password' },
};
const database: DatabaseLink = postgresLink(address);

/** The same by IPv6. */
function byIpv6({ pooled, readOnly, ...link }: DatabaseLink): DatabaseLink {
  const peer = { cidr: 'fd00::/8' };
  return { ...link, peer, ...(pooled && { pooled: { ...pooled, peer } }), ...(readOnly && { readOnly: { ...readOnly, peer } }) };
}

/** The same behind a pooler, and with replicas. */
function behind(pooled: Partial<DatabaseLink['pooled']> = {}): DatabaseLink {
  return postgresLink({
    ...address,
    pooled: {
      host: 'pooler.example.com',
      port: 6432,
      peer: { cidr: '10.0.0.7/32' },
      mode: 'transaction',
      namedStatements: true,
      clients: 1000,
      ...pooled,
    },
    readOnly: { host: 'reader.example.com', port: 5433, peer: { cidr: '10.0.0.8/32' } },
  });
}

/** A release that can wait for its migrations. */
const gateable = mixRelease({ release: 'kube_native_umbrella', module: 'KubeNative.Release', otpApps: ['kube_native'] });

/** What bears any pooler. */
const plain: Connection = { pooled: { listens: false, statements: 'unnamed' } };

const flags = '+Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none';
const mesh = '-kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372';
const loopback = '-kernel inet_dist_use_interface {127,0,0,1} -kernel inet_dist_listen_min 4370 inet_dist_listen_max 4379';

function made(props: Partial<PhoenixReleaseProps> = {}) {
  const tried = chart();
  return { tried, made: release(tried, props) };
}

describe('a minimal release', () => {
  const { tried, made: built } = made();
  const deployment = one(tried, 'Deployment');
  const web = container(deployment);

  test('is a ConfigMap, a ServiceAccount, a Service and a Deployment', () => {
    expect(objects(tried).map(({ kind }) => String(kind))).toEqual(['ConfigMap', 'ServiceAccount', 'Service', 'Deployment']);
    expect(manifests(tried)).toMatchObject({
      ServiceAccount: { metadata: { name: 'kube-native' }, automountServiceAccountToken: false },
      Service: { metadata: { name: 'kube-native' } },
      Deployment: { metadata: { name: 'kube-native' }, spec: { replicas: 1 } },
    });
  });

  test('tells the VM all that it has to know, and nothing secret', () => {
    expect(one(tried, 'ConfigMap')).toMatchObject({
      immutable: true,
      data: {
        PHX_HOST: 'kube-native.example.com',
        PHX_SERVER: 'true',
        PORT: '4000',
        RELEASE_TMP: '/tmp',
        RELEASE_DISTRIBUTION: 'name',
        RELEASE_NODE: 'kube_native_umbrella@127.0.0.1',
        ERL_EPMD_ADDRESS: '127.0.0.1',
        ERL_AFLAGS: loopback,
        ERL_FLAGS: `+S 1:1 ${flags}`,
        ERL_CRASH_DUMP: '/tmp/erl_crash.dump',
        ERL_CRASH_DUMP_SECONDS: '10',
        ERL_CRASH_DUMP_BYTES: `${(448 * 1024 * 1024) / 2}`,
        HOME: '/tmp',
        TMPDIR: '/tmp',
      },
    });
    expect(Object.keys(one(tried, 'ConfigMap')['data'])).toHaveLength(14);
  });

  test('takes its variables from the ConfigMap and each key of the Secret', () => {
    expect(web['envFrom']).toEqual([{ configMapRef: { name: one(tried, 'ConfigMap')['metadata'].name } }]);
    expect(web['env']).toEqual([
      { name: 'SECRET_KEY_BASE', valueFrom: { secretKeyRef: { name: 'kube-native', key: 'SECRET_KEY_BASE' } } },
    ]);
  });

  test('starts the release on its port behind the Service', () => {
    expect(web).toMatchObject({
      name: 'web',
      image,
      imagePullPolicy: 'Always',
      command: ['/app/bin/kube_native_umbrella', 'start'],
      ports: [{ name: 'http', containerPort: 4000 }],
    });
    expect(one(tried, 'Service')['spec']).toEqual({
      type: 'ClusterIP',
      selector: { 'app.kubernetes.io/instance': 'kube-native' },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
    });
  });

  test('is asked the way that a proxy would, and started and restarted by its port alone', () => {
    const httpGet = { path: '/', port: 'http', httpHeaders: [{ name: 'X-Forwarded-Proto', value: 'https' }] };
    expect(web).toMatchObject({
      startupProbe: { tcpSocket: { port: 'http' }, periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 12 },
      readinessProbe: { httpGet, periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 6 },
      livenessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 30, timeoutSeconds: 4, failureThreshold: 3 },
    });
  });

  test('has the time that its socket and its requests need to end', () => {
    expect(web['lifecycle']).toEqual({ preStop: { exec: { command: ['sleep', '10'] } } });
    expect(podSpec(deployment)['terminationGracePeriodSeconds']).toBe(10 + (30 + 15) + 5);
    expect(podSpec(deployment)['shareProcessNamespace']).toBe(true);
  });

  test('says which version runs where it cannot break a selector', () => {
    expect(deployment['metadata'].labels).toMatchObject({ 'app.kubernetes.io/version': '1.4.2' });
    expect(deployment['spec'].template.metadata.labels).toMatchObject({ 'app.kubernetes.io/version': '1.4.2' });
    expect(deployment['spec'].selector.matchLabels).toEqual({ 'app.kubernetes.io/instance': 'kube-native' });
  });

  test('gives a way in to each of its parts', () => {
    expect([built.web.deployment.name, built.web.service?.service.name]).toEqual(['kube-native', 'kube-native']);
    expect([built.image, built.imagePullPolicy, built.resources]).toEqual([image, 'Always', resources]);
    expect(built.configMap.configMap.name).toBe('kube-native');
  });
});

describe('a release with everything set', () => {
  const tried = chart('1.33');
  const health: Required<Omit<HealthPaths, 'frontPage'>> = { ready: '/ready', live: '/live', port: 4002 };
  // `image` is in the place of `source`.
  const facts: Required<Omit<PhoenixApplication, 'image'>> = {
    ...application,
    name: 'shop',
    port: 8080,
    health,
    sockets: 2,
    queueShutdown: Duration.seconds(60),
    shutdownVariable: 'QUEUE_SECONDS',
    metrics: { port: 9568 },
    longPoll: false,
    repos: { ledger: { module: 'Shop.LedgerRepo', url: 'LEDGER_URL' } },
    reads: [
      ...phxNew.single,
      ...(['PHX_URL_SCHEME', 'PHX_URL_PORT', 'PHX_CHECK_ORIGIN', 'PHX_HTTPS_PORT'] as const),
      ...(['PHX_SSL_CERT_PATH', 'PHX_SSL_KEY_PATH', 'DATABASE_READ_URL'] as const),
    ],
    nodeVariables: { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } } },
    source: { elixir: '1.18.4', otp: '27.3.4', debian: 'trixie-20260803-slim' },
  };
  const own: Mount = { name: 'own', path: '/own', source: { emptyDir: { sizeLimit: k8s.Quantity.fromString('20Mi') } } };
  const everything: Required<Omit<PhoenixReleaseProps, 'stateful'>> = {
    singleton: false,
    application: facts,
    image: 'registry.example.com/shop:2.0.0',
    versioned: true,
    imagePullPolicy: 'IfNotPresent',
    host: 'shop.example.com',
    hosts: ['www.shop.example.com'],
    url: { scheme: 'https', port: 8443 },
    https: { secret: 'shop-tls', port: 8444 },
    secret: new KeyedSecret(tried, 'Secret', {
      name: 'shop-secrets',
      keys: ['SECRET_KEY_BASE', 'SMTP_PASSWORD'],
      source: { existing: true },
    }),
    database: byIpv6(behind()),
    databases: { ledger: { link: { ...database, host: 'ledger.example.com', peer: { cidr: 'fd01::/8' } }, poolSize: 3 } },
    cluster: new BeamCluster(chart(), 'Cluster', { name: 'shop', cookie: { secret: 'shop-secrets', key: 'COOKIE' } }),
    poolSize: 7,
    connection: { pooled: { listens: false, statements: 'named' } },
    readUrl: true,
    replicas: 3,
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(1) }),
    bootTime: Duration.minutes(2),
    rollout: { surge: 2 },
    exposure: { nodePort: 30400 },
    http2: true,
    config: { MAIL_FROM: 'shop@example.com' },
    variables: { NODE_IP: { fieldRef: { fieldPath: 'status.hostIP' } }, STATSD_URL: 'udp://$(NODE_IP):8125' },
    backingServices: {
      REDIS_URL: { url: 'redis://redis.cache.svc:6379/2' },
      BROKER_URL: { host: 'broker.example.com', port: 5671, cidrs: 'everyone', secret: { secret: 'broker', key: 'url' } },
      HELP_PAGE: OptOut.because('a page that the browser opens'),
    },
    tracing: { endpoint: 'http://collector.observability.svc:4318' },
    sentry: { host: 'o1.ingest.sentry.io', cidrs: 'everyone', dsn: { secret: 'errors', key: 'dsn' } },
    logs: { level: 'notice' },
    mounts: [{ name: 'rates', path: '/etc/rates', source: { configMap: { name: 'rates' } } }],
    identity: CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/shop' }),
    erlangFlags: ['+hmax 100000000'],
    ipv6: true,
    pods: { priorityClassName: 'customer-facing', imagePullSecrets: ['registry'] },
    sidecars: { shipper },
    initContainers: { fetcher },
    web: {
      config: { WEB_ONLY: 'yes' },
      ports: { ssh: { port: 2222, clients: [{ cidr: '192.0.2.0/24' }], shutdown: Duration.seconds(20) } },
      pods: { nodeSelector: { pool: 'web' } },
      mounts: [own],
      sidecars: { second: shipper },
      initContainers: { fetcher: OptOut.because('the web pods have the file in their image') },
    } satisfies Required<WebAlone>,
    probes: { readiness: Probe.http({ path: '/custom' }), liveness: Probe.tcp({ port: 'http' }) },
    delivery: 'argo',
    migrationGate: { limit: Duration.minutes(15), command: ['/app/bin/migrated'] },
  };
  const built = new PhoenixRelease(tried, 'Release', everything);
  const deployment = one(tried, 'Deployment');
  const web = container(deployment);
  const { data } = one(tried, 'ConfigMap');

  test('has the containers of other images, as all pods and as its role have them', () => {
    const names = (podSpec(deployment)['initContainers'] as Manifest[]).map(({ name }): unknown => name);
    expect(names).toEqual(['shipper', 'second', 'wait-for-migrations']);
  });

  test('passes the settings of the application to it', () => {
    expect(data).toMatchObject({
      PHX_HOST: 'shop.example.com',
      PHX_URL_SCHEME: 'https',
      PHX_URL_PORT: '8443',
      PHX_CHECK_ORIGIN: '//shop.example.com,//www.shop.example.com',
      PHX_HTTPS_PORT: '8444',
      PHX_SSL_CERT_PATH: '/etc/phoenix/tls/tls.crt',
      PHX_SSL_KEY_PATH: '/etc/phoenix/tls/tls.key',
      PORT: '8080',
      DATABASE_URL: 'ecto://kube_native@pooler.example.com:6432/kube_native',
      DATABASE_READ_URL: 'ecto://kube_native@reader.example.com:5433/kube_native',
      POOL_SIZE: '7',
      ECTO_IPV6: 'true',
      MAIL_FROM: 'shop@example.com',
      WEB_ONLY: 'yes',
      QUEUE_SECONDS: '60',
      REDIS_URL: 'redis://redis.cache.svc:6379/2',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.observability.svc:4318',
      LOG_LEVEL: 'notice',
      DNS_CLUSTER_QUERY: 'shop-mesh.test.svc.cluster.local',
      ERL_AFLAGS: mesh,
      ERL_FLAGS: `+S 2:2 ${flags} +hmax 100000000`,
    });
    expect(web['env']).toEqual([
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
      { name: 'RELEASE_COOKIE', valueFrom: { secretKeyRef: { name: 'shop-secrets', key: 'COOKIE' } } },
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      { name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
      { name: 'POD_UID', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } } },
      { name: 'APP_VERSION', value: '2.0.0' },
      { name: 'OTEL_SERVICE_NAME', value: 'shop' },
      {
        name: 'OTEL_RESOURCE_ATTRIBUTES',
        value:
          'service.namespace=test,service.version=2.0.0,service.instance.id=$(POD_NAME),k8s.namespace.name=test,k8s.pod.name=$(POD_NAME),k8s.pod.uid=$(POD_UID),k8s.node.name=$(NODE_NAME)',
      },
      { name: 'SENTRY_DSN', valueFrom: { secretKeyRef: { name: 'errors', key: 'dsn' } } },
      { name: 'SENTRY_RELEASE', value: 'shop@2.0.0' },
      { name: 'NODE_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.hostIP' } } },
      { name: 'STATSD_URL', value: 'udp://$(NODE_IP):8125' },
      { name: 'SECRET_KEY_BASE', valueFrom: { secretKeyRef: { name: 'shop-secrets', key: 'SECRET_KEY_BASE' } } },
      { name: 'SMTP_PASSWORD', valueFrom: { secretKeyRef: { name: 'shop-secrets', key: 'SMTP_PASSWORD' } } },
      { name: 'BROKER_URL', valueFrom: { secretKeyRef: { name: 'broker', key: 'url' } } },
      { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
      { name: 'LEDGER_DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
    ]);
  });

  test('passes the rest to the pods', () => {
    expect(web).toMatchObject({
      image: 'registry.example.com/shop:2.0.0',
      imagePullPolicy: 'IfNotPresent',
      ports: [
        { name: 'http', containerPort: 8080 },
        { name: 'https', containerPort: 8444 },
        { name: 'epmd' },
        { name: 'dist-1' },
        { name: 'dist-2' },
        { name: 'dist-3' },
        { name: 'metrics', containerPort: 9568 },
        { name: 'health', containerPort: 4002 },
        { name: 'ssh', containerPort: 2222 },
      ],
      volumeMounts: [
        { name: 'tmp' },
        { name: 'rates', mountPath: '/etc/rates', readOnly: true },
        { name: 'phoenix-tls' },
        { name: 'own', mountPath: '/own' },
      ],
      lifecycle: { preStop: { sleep: { seconds: 10 } } },
      resources: { limits: { cpu: '2', memory: '1Gi' } },
      startupProbe: { tcpSocket: { port: 'http' }, failureThreshold: 24 },
      readinessProbe: { httpGet: { path: '/custom' } },
      livenessProbe: { tcpSocket: { port: 'http' } },
    });
    expect(podSpec(deployment)).toMatchObject({
      priorityClassName: 'customer-facing',
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { pool: 'web' },
      terminationGracePeriodSeconds: 10 + (2 * 30 + 2 * 15 + 60) + 20 + 5,
    });
    expect(deployment['spec']).toMatchObject({
      replicas: 3,
      minReadySeconds: 10,
      strategy: { rollingUpdate: { maxSurge: 2 } },
      template: { metadata: { labels: { 'cdk8s-phoenix/mesh': 'shop' } } },
    });
    expect(one(tried, 'ServiceAccount')['metadata'].annotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/shop',
    });
    expect(one(tried, 'Service')['spec'].ports).toEqual([
      { name: 'http', port: 80, targetPort: 'http', nodePort: 30400 },
      { name: 'https', port: 443, targetPort: 'https' },
      { name: 'h2c', port: 8080, targetPort: 'http', appProtocol: 'kubernetes.io/h2c' },
    ]);
    expect(one(tried, 'PodDisruptionBudget')['metadata'].name).toBe('shop');
  });

  test('has its turn after the migrations, and waits for them itself', () => {
    const { annotations } = deployment['metadata'];
    expect(annotations).toEqual({ 'argocd.argoproj.io/sync-wave': '2' });
    const [, , gate] = podSpec(deployment)['initContainers'] as Manifest[];
    expect(gate).toMatchObject({ name: 'wait-for-migrations', command: ['/app/bin/migrated'] });
    // 15 minutes for the gate, 2 for the boot, 1 for each of two sidecars, 10 seconds to be found, and 5 more.
    expect(deployment['spec'].progressDeadlineSeconds).toBe(15 * 60 + 2 * 60 + 2 * 60 + 10 + 5 * 60);
  });

  test('asks its health paths where no probes are given', () => {
    const other = chart('1.29');
    new PhoenixRelease(other, 'Release', { ...everything, probes: undefined });
    // No endpoint is behind a port of its own, and none redirects.
    const { readinessProbe, livenessProbe } = container(one(other, 'Deployment')) as Record<string, Manifest>;
    expect(readinessProbe?.['httpGet']).toEqual({ path: '/ready', port: 'health' });
    expect(livenessProbe?.['httpGet']).toEqual({ path: '/live', port: 'health' });
    const behind = chart('1.29');
    const { port, ...paths } = health;
    new PhoenixRelease(behind, 'Release', { ...everything, application: { ...facts, health: paths }, probes: undefined });
    const httpHeaders = [{ name: 'X-Forwarded-Proto', value: 'https' }];
    expect(container(one(behind, 'Deployment'))).toMatchObject({
      readinessProbe: { httpGet: { path: '/ready', port: 'http', httpHeaders } },
      livenessProbe: { httpGet: { path: '/live', port: 'http', httpHeaders } },
    });
    expect(port).toBe(4002);
  });

  test('has variables for other pods of the release that use other resources', () => {
    const small = Resources.guaranteed({
      cpu: Cpu.units(1),
      memory: Size.mebibytes(256),
      ephemeralStorage: Size.mebibytes(128),
    });
    const variables = built.common.variables(small, 'task');
    expect(variables['ERL_FLAGS']).toBe(`+S 1:1 ${flags} +hmax 100000000`);
    expect(variables['ERL_CRASH_DUMP_BYTES']).toBe(`${32 * 1024 * 1024}`);
    expect(variables).not.toHaveProperty('PHX_SERVER');
    expect(variables['MAIL_FROM']).toBe('shop@example.com');
  });
});

describe('the database of a release', () => {
  const data = (props: Partial<PhoenixReleaseProps>): Record<string, string> =>
    one(made(props).tried, 'ConfigMap')['data'] as Record<string, string>;
  const sends = (props: Partial<PhoenixReleaseProps>) =>
    declaredIn(made(props).tried).traffic.find(({ pods }) => pods === 'kube-native')?.sends;
  const direct = { port: 5432, peer: { cidr: '0.0.0.0/0' } };

  test('is the server itself, as long as nobody says otherwise', () => {
    expect(differences(data({ database }), data({ database: behind() }))).toEqual([]);
    expect(sends({ database: behind() })).toEqual([direct]);
    expect(data({ database: behind() })).not.toHaveProperty('DATABASE_READ_URL');
  });

  test('is reached by the IP that its range is of, or by that of the pods beside which it runs', () => {
    const nodes = (ipv6: boolean) =>
      new BeamCluster(chart(), 'Cluster', { name: 'shop', cookie: { secret: 'shop', key: 'RELEASE_COOKIE' }, ipv6 });
    const beside = { ...database, peer: { pods: 'shop-postgresql' } };
    const asked = (props: Partial<PhoenixReleaseProps>): unknown => one(made(props).tried, 'ConfigMap')['data']['ECTO_IPV6'];
    expect(asked({ database: byIpv6(database) })).toBe('true');
    expect(asked({ database: byIpv6(database), cluster: nodes(false) })).toBe('true');
    expect(asked({ database, cluster: nodes(true) })).toBeUndefined();
    expect(asked({ database: beside, cluster: nodes(true) })).toBe('true');
    expect(asked({ database: beside, cluster: nodes(false) })).toBeUndefined();
    expect(asked({ database: beside, ipv6: true })).toBe('true');
    expect(asked({ database: { ...database, peer: { namespace: 'data' } }, cluster: nodes(true), ipv6: false })).toBeUndefined();
  });

  test('has a pooler and replicas of another IP, as long as nobody goes there', () => {
    const { peer } = byIpv6(database);
    expect(refusalsOf((tried) => release(tried, { database: { ...behind(), peer } }))).toEqual([]);
  });

  test('is the pooler for web pods that it can carry, and they cannot reach past it', () => {
    const through = { database: behind(), connection: plain };
    expect(differences(data({ database }), data(through))).toEqual(['/DATABASE_URL']);
    expect(sends(through)).toEqual([{ port: 6432, peer: { cidr: '10.0.0.7/32' } }]);
    expect(sends({ ...through, readUrl: true })).toContainEqual({ port: 5433, peer: { cidr: '10.0.0.8/32' } });
  });

  test('is the server itself for jobs and for workers, with no more connections than that has by default', () => {
    const { made: built } = made({ database: behind(), connection: plain, poolSize: 60, readUrl: true });
    const url = 'ecto://kube_native@db.example.com:5432/kube_native';
    expect(built.common.variables(resources, 'task')).toMatchObject({ DATABASE_URL: url, POOL_SIZE: '2' });
    expect(built.common.variables(resources, 'task')).not.toHaveProperty('DATABASE_READ_URL');
    expect(built.common.variables(resources, 'worker')).toMatchObject({ DATABASE_URL: url, POOL_SIZE: '10' });
    expect(built.common.variables(resources, 'worker')).toHaveProperty('DATABASE_READ_URL');
    expect(built.common.sends).toEqual([direct]);
  });

  test('is the server itself for what waits for migrations, in pods that go by way of a pooler', () => {
    const gated = { database: behind(), connection: plain, migrationGate: Duration.minutes(5) };
    const { tried } = made({ ...gated, application: { ...application, release: gateable } });
    const [gate] = (podSpec(one(tried, 'Deployment')) as { initContainers: Manifest[] }).initContainers;
    expect(gate?.['env']).toContainEqual({ name: 'DATABASE_URL', value: 'ecto://kube_native@db.example.com:5432/kube_native' });
    const { sends: opened } = declaredIn(tried).traffic.find(({ pods }) => pods === 'kube-native') ?? {};
    expect(opened).toEqual([{ port: 6432, peer: { cidr: '10.0.0.7/32' } }, direct]);
  });

  test('is opened once where the server, its pooler and its replicas are the same pods', () => {
    const peer = { pods: 'kube-native-postgresql' };
    const link = postgresLink({
      ...address,
      peer,
      pooled: { host: 'pooler', port: 5432, peer, mode: 'session', namedStatements: true, clients: 100 },
      readOnly: { host: 'reader', port: 5432, peer },
    });
    expect(sends({ database: link, connection: plain, readUrl: true })).toEqual([{ port: 5432, peer }]);
  });

  test.each<[string, Partial<PhoenixReleaseProps>, number]>([
    ['the server', { replicas: 3 }, (100 * 0.7) / (3 + 1 + 3)],
    ['the server, rounded down', { replicas: 2 }, Math.floor(70 / (2 + 1 + 2))],
    ['the most pods of an autoscaler', { replicas: { minimum: 2, maximum: 6 } }, Math.floor(70 / 13)],
    ['a surge by percent', { replicas: 3, rollout: { surge: '50%' } }, Math.floor(70 / (3 + 2 + 3))],
    ['several pools', { replicas: 3, config: { POOL_COUNT: '2' } }, 5],
    ["the pooler's clients", { replicas: 3, connection: plain }, (1000 * 0.7) / 7],
  ])('has a share of %s for each pod', (_, props, size) => {
    expect(data({ database: behind(), poolSize: { share: 0.7 }, ...props })['POOL_SIZE']).toBe(`${size}`);
  });

  test('is not asked for more connections than one pool may have', () => {
    const database = behind({ clients: 100000 });
    expect(data({ database, connection: plain, poolSize: { share: 1 } })['POOL_SIZE']).toBe('1000');
  });

  test('has its limit declared for the pooler too, once', () => {
    const limits = (props: Partial<PhoenixReleaseProps>) => declaredIn(made(props).tried).databases;
    expect(limits({ database: behind(), connection: plain })).toEqual([
      { host: 'pooler.example.com', port: 6432, connections: 1000 },
    ]);
    expect(limits({ database: behind() })).toEqual([]);
  });

  const named: Connection = { pooled: { listens: false, statements: 'named' } };
  const listening: Connection = { pooled: { listens: true, statements: 'unnamed' } };
  test.each<[string, Partial<PhoenixReleaseProps>]>([
    ['a pooler that keeps the session', { database: behind({ mode: 'session', namedStatements: false }), connection: listening }],
    ['named statements where the pooler remembers them', { database: behind(), connection: named }],
    ['all of a database', { database: behind(), poolSize: { share: 1 } }],
  ])('may be %s', (_, props) => {
    expect(refusalsOf((tried) => release(tried, props))).toEqual([]);
  });

  test.each<[string, Partial<PhoenixReleaseProps>, string]>([
    [
      'pods listen by way of a pooler in transaction mode',
      { database: behind(), connection: listening },
      "'connection.pooled.listens' must be false: this pooler lends a connection for one transaction, and what was listened for is lost, got true; write 'direct', or take a notifier that needs no LISTEN, such as Oban.Notifiers.PG",
    ],
    [
      'pods name statements that the pooler forgets',
      { database: behind({ namedStatements: false }), connection: named },
      `'connection.pooled.statements' must be 'unnamed': this pooler forgets a named statement with the transaction, got "named"; write 'prepare: :unnamed' in the Repo's config and say so here, or set max_prepared_statements of the pooler`,
    ],
    [
      'there is no pooler',
      { database, connection: plain },
      `'connection' must have a pooler to go through, got "db.example.com"; give the database a pooler, or write 'direct'`,
    ],
    [
      'the connection is none',
      { database, connection: 'pooled' as 'direct' },
      `'connection' must be 'direct' or an object, got "pooled"; write 'direct', or { pooled: { listens: false, statements: 'unnamed' } } for a pooler`,
    ],
    [
      'the fence opens another IP than it is reached by',
      { database, ipv6: true },
      "'ipv6' must be false, because the addresses of db.example.com are 0.0.0.0/0 to the fence, got true; or give the database a range such as ::/0",
    ],
    [
      'it is reached by another IP than the fence opens',
      { database: byIpv6(database), ipv6: false },
      "'ipv6' must be true, because the addresses of db.example.com are fd00::/8 to the fence, got false; or give the database a range such as 0.0.0.0/0",
    ],
    [
      'it is reached by another IP than the pods beside it have',
      {
        database: { ...database, host: 'shop-postgresql', peer: { pods: 'shop-postgresql' } },
        cluster: new BeamCluster(chart(), 'Cluster', {
          name: 'shop',
          cookie: { secret: 'shop', key: 'RELEASE_COOKIE' },
          ipv6: true,
        }),
        ipv6: false,
      },
      "'ipv6' must be true, because shop-postgresql has addresses like those of the pods, and 'ipv6' of the BeamCluster is true, got false; or write ipv6: false there",
    ],
    [
      'there are no read replicas',
      { database, readUrl: true },
      `'readUrl' must have read replicas, got "db.example.com"; remove it, or give the database some`,
    ],
    [
      'a share leaves a pod nothing',
      { database, poolSize: { share: 0.05 }, replicas: 9 },
      `'poolSize' must leave each pod a connection in the middle of a rollout, got "100 x 0.05 / (9 + 1 + 9) pods"; raise the share or the connections of the database, or lower the replicas or the surge`,
    ],
    [
      'a share leaves a pool of a pod nothing',
      { database, poolSize: { share: 0.5 }, replicas: 9, config: { POOL_COUNT: '4' } },
      `'poolSize' must leave each pod a connection in the middle of a rollout, got "100 x 0.5 / (9 + 1 + 9) x 4 pods"; raise the share or the connections of the database, or lower the replicas or the surge`,
    ],
    [
      'a share is more than there is',
      { database, poolSize: { share: 1.2 } },
      "'poolSize.share' must be above 0 and at most 1, got 1.2; write 0.6 for six of ten",
    ],
  ])('fails when %s', (_, props, sentence) => {
    expect(refusalsOf((tried) => release(tried, props))).toEqual([`[chart/Release] ${sentence}`]);
  });

  test('fails when it is told in plain JavaScript how to be used, and in other types', () => {
    const make = (connection: unknown) => () => made({ database: behind(), connection: connection as Connection });
    expect(make({})).toThrow("[chart/Release] 'connection.pooled' must be given");
    expect(make({ pooled: { listens: 'no', statements: 'named' } })).toThrow("'connection.pooled.listens' must be a boolean");
  });

  test('is left alone by a number of pods that is none', () => {
    const replicas = { minimum: 2, maximum: Number.NaN };
    const faults = refusalsOf((tried) => release(tried, { database, poolSize: { share: 0.5 }, replicas }));
    expect(faults.filter((fault) => fault.includes("'poolSize"))).toEqual([]);
    expect(faults.length).toBeGreaterThan(0);
  });
});

describe('what the image is taken to read', () => {
  const said = (props: Partial<PhoenixReleaseProps>) => declaredIn(made(props).tried).assumed;
  const reading = (reads?: PhoenixApplication['reads']) => ({ application: { ...application, reads } });

  test('is said where nobody says it, without what every generator writes', () => {
    expect(said(reading())).toEqual([
      "the image of kube-native is taken to read PHX_SERVER, PHX_HOST, of which mix phx.new --umbrella generates none; say in 'application.reads' what it reads",
    ]);
    expect(said({ ...reading(), url: { scheme: 'http', port: 30400 }, database, readUrl: false })[0]).toContain(
      'PHX_SERVER, PHX_HOST, PHX_URL_SCHEME, PHX_URL_PORT, of which',
    );
  });

  test('is not said where it is known', () => {
    expect(said(reading(phxNew.single))).toEqual([]);
    expect(said(reading([...phxNew.umbrella, ...publicUrlReads]))).toEqual([]);
    const everything = { url: { scheme: 'https', port: 8443 }, hosts: ['www.example.org'], https: { secret: 'tls' } } as const;
    const tried = (reads: PhoenixApplication['reads']) => refusalsOf((one) => release(one, { ...everything, ...reading(reads) }));
    expect(tried([...phxNew.umbrella, ...publicUrlReads])).toEqual([]);
    expect(tried([...phxNew.umbrella, 'PHX_HOST'])).toHaveLength(3);
  });
});

describe('where browsers find the application', () => {
  const data = (props: Partial<PhoenixReleaseProps>) => one(made(props).tried, 'ConfigMap')['data'] as Record<string, string>;
  const said = (props: Partial<PhoenixReleaseProps>) =>
    Object.fromEntries(Object.entries(data(props)).filter(([name]) => /^PHX_(?!SERVER)/.test(name)));
  const host = { PHX_HOST: 'kube-native.example.com' };

  test('is said in one variable, where it is what the generated configuration takes for granted', () => {
    expect(said({})).toEqual(host);
    expect(said({ url: { scheme: 'https', port: 443 }, hosts: [] })).toEqual(host);
  });

  test('is said with scheme and port, where they are others', () => {
    expect(said({ url: { scheme: 'http', port: 30400 } })).toEqual({ ...host, PHX_URL_SCHEME: 'http', PHX_URL_PORT: '30400' });
  });

  test('is said for sockets too, where there are several hosts', () => {
    expect(said({ hosts: ['a.example.com', 'b.example.com'] })).toEqual({
      ...host,
      PHX_CHECK_ORIGIN: '//kube-native.example.com,//a.example.com,//b.example.com',
    });
  });

  test('is known to tasks, which have no certificate', () => {
    const built = release(chart(), { url: { scheme: 'https', port: 4001 }, https: { secret: 'local-tls' } });
    expect(built.common.variables(resources, 'task')).toMatchObject({ ...host, PHX_URL_PORT: '4001' });
    expect(built.common.variables(resources, 'task')).not.toHaveProperty('PHX_SSL_CERT_PATH');
    expect([built.host, built.url, built.https]).toEqual([
      'kube-native.example.com',
      { scheme: 'https', port: 4001 },
      { secret: 'local-tls', port: 4001 },
    ]);
  });
});

describe('TLS that ends in the pods', () => {
  const { tried } = made({ https: { secret: 'local-tls' }, exposure: { nodePort: 30400, httpsNodePort: 30401 } });
  const deployment = one(tried, 'Deployment');

  test('has the certificate as files that the group alone may read', () => {
    expect(podSpec(deployment)).toMatchObject({
      securityContext: { fsGroup: 65534 },
      volumes: [{ name: 'tmp' }, { name: 'phoenix-tls', secret: { secretName: 'local-tls', defaultMode: 0o440 } }],
    });
    expect(container(deployment)['volumeMounts']).toContainEqual({
      name: 'phoenix-tls',
      mountPath: '/etc/phoenix/tls',
      readOnly: true,
    });
    expect(one(tried, 'ConfigMap')['data']).toMatchObject({
      PHX_HTTPS_PORT: '4001',
      PHX_SSL_CERT_PATH: '/etc/phoenix/tls/tls.crt',
      PHX_SSL_KEY_PATH: '/etc/phoenix/tls/tls.key',
    });
  });

  test('is a port beside the other, which the probes still ask', () => {
    expect(one(tried, 'Service')['spec'].ports).toEqual([
      { name: 'http', port: 80, targetPort: 'http', nodePort: 30400 },
      { name: 'https', port: 443, targetPort: 'https', nodePort: 30401 },
    ]);
    expect(container(deployment)).toMatchObject({
      readinessProbe: { httpGet: { port: 'http' } },
      livenessProbe: { tcpSocket: { port: 'http' } },
    });
  });

  test('lets the second server end its requests after the first', () => {
    expect(podSpec(deployment)['terminationGracePeriodSeconds']).toBe(10 + (30 + 2 * 15) + 5);
  });
});

describe('one change', () => {
  const yaml = (props: Partial<PhoenixReleaseProps>) => manifests(made(props).tried);
  const before = yaml({ database });

  test('of nothing changes nothing, and gives the same bytes', () => {
    expect(JSON.stringify(yaml({ database }))).toBe(JSON.stringify(before));
  });

  test("of a setting changes the ConfigMap, its name, and the Deployment's reference to it", () => {
    expect(differences(before, yaml({ database, poolSize: 11 }))).toEqual([
      '/ConfigMap/data/POOL_SIZE',
      '/ConfigMap/metadata/name',
      '/Deployment/spec/template/spec/containers/0/envFrom/0/configMapRef/name',
    ]);
  });

  test('of the image changes the image and the version that is shown', () => {
    expect(differences(before, yaml({ database, image: 'registry.example.com/kube-native:1.4.3' }))).toEqual([
      '/Deployment/metadata/labels/app.kubernetes.io/version',
      '/Deployment/spec/template/metadata/labels/app.kubernetes.io/version',
      '/Deployment/spec/template/spec/containers/0/image',
    ]);
  });

  test('of the number of pods leaves the pods alone', () => {
    const paths = differences(yaml({ replicas: 2 }), yaml({ replicas: 3 }));
    expect(paths).toEqual(['/Deployment/spec/replicas']);
  });

  test('of the CPU moves the schedulers with it', () => {
    const paths = differences(
      before,
      yaml({ database, resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.mebibytes(512) }) }),
    );
    expect(paths).toEqual([
      '/ConfigMap/data/ERL_FLAGS',
      '/ConfigMap/metadata/name',
      '/Deployment/spec/template/spec/containers/0/envFrom/0/configMapRef/name',
      '/Deployment/spec/template/spec/containers/0/resources/limits/cpu',
      '/Deployment/spec/template/spec/containers/0/resources/requests/cpu',
    ]);
  });
});

describe('how long a new pod is ready before the next old one goes', () => {
  const ready = (props: Partial<PhoenixReleaseProps>) => one(made(props).tried, 'Deployment')['spec'].minReadySeconds as number;
  const cluster = new BeamCluster(chart(), 'Cluster', { name: 'kube-native', cookie: { secret: 'shop', key: 'COOKIE' } });

  test('is the time that the others take to find it, in a cluster', () => {
    expect([ready({}), ready({ cluster })]).toEqual([5, 10]);
  });

  test('is what the environment says, where it says so', () => {
    expect(ready({ cluster, rollout: { minReady: Duration.seconds(30) } })).toBe(30);
    expect(ready({ cluster, rollout: { surge: 2 } })).toBe(10);
  });
});

test.each([
  [0, 30],
  [1, 60],
  [3, 120],
])('%i sockets are drained one after the other: the kill comes after %i s', (sockets, grace) => {
  const deployment = one(made({ application: { ...application, sockets } }).tried, 'Deployment');
  expect(podSpec(deployment)['terminationGracePeriodSeconds']).toBe(grace);
});

test('says no version where the image is rolled out behind the YAML', () => {
  const told = {
    logs: {},
    sentry: { host: 'o1.ingest.sentry.io', cidrs: 'everyone', dsn: { secret: 'errors', key: 'dsn' } },
  } as const;
  const traced = { tracing: { endpoint: 'http://collector.observability.svc:4318' } };
  const texts = [true, false].map((versioned) => {
    const { metadata, spec } = one(made({ versioned, ...told, ...traced }).tried, 'Deployment');
    return JSON.stringify({ metadata, template: spec.template }).match(
      /app\.kubernetes\.io\/version|APP_VERSION|service\.version|SENTRY_RELEASE/g,
    );
  });
  expect(new Set(texts[0])).toEqual(new Set(['app.kubernetes.io/version', 'APP_VERSION', 'service.version', 'SENTRY_RELEASE']));
  expect(texts[1]).toBeNull();
});

test('a digest without a tag is the version too', () => {
  const digest = `registry.example.com/kube-native@sha256:${'0123456789abcdef'.repeat(4)}`;
  const { labels } = one(made({ image: digest }).tried, 'Deployment')['metadata'];
  expect(labels['app.kubernetes.io/version']).toBe('0123456789ab');
});

const hostRule = "'host' must be a DNS host name in lower case, without scheme, port or path";
test.each<[string, Partial<PhoenixReleaseProps>, string]>([
  ['the host is a URL', { host: 'https://a.com' }, `${hostRule}, got "https://a.com"; write it as app.example.com`],
  ['the host has a port', { host: 'a.com:443' }, `${hostRule}, got "a.com:443"; write it as app.example.com`],
  ['the pool is empty', { database, poolSize: 0 }, "'poolSize' must be a whole number from 1 to 1000, got 0; omit it to use 10"],
  [
    'a pool is sized for no database',
    { poolSize: 4 },
    "'poolSize' must be left out where no database is given, got 4; pass the link of a database, or write config: { POOL_SIZE: '4' } where the URL comes from elsewhere",
  ],
  [
    'no database is reached by IPv6',
    { ipv6: true },
    "'ipv6' must be left out where no database is given, got true; pass the link of a database, or write config: { ECTO_IPV6: 'true' } where the URL comes from elsewhere",
  ],
  [
    'no database has read replicas',
    { readUrl: true },
    "'readUrl' must have read replicas, got nothing; remove it, or give the database some",
  ],
  [
    'its URLs begin with a scheme that no browser knows',
    { url: { scheme: 'ftp' as 'http', port: 21 } },
    "'url.scheme' must be 'http' or 'https', got \"ftp\"; write one of the 2 words",
  ],
  [
    'a further host is a URL',
    { hosts: ['https://a.com'] },
    '\'hosts\' must be a DNS host name in lower case, without scheme, port or path, got "https://a.com"; write it as app.example.com',
  ],
  [
    'a further host is the first one',
    { hosts: ['kube-native.example.com'] },
    '\'hosts\' must name each host once, and none that is host, got "kube-native.example.com"; take it out',
  ],
  [
    'a load balancer would open the port that is for proxies',
    { http2: true, exposure: { loadBalancer: { sourceRanges: 'everyone', cloud: { gcp: { scheme: 'external' } } } } },
    "'http2' must be false beside a load balancer, which would open port 8080 in clear text to all of its clients, got true; leave it out, or reach the release by a Gateway, which speaks HTTP/2 with browsers and with pods",
  ],
  [
    'nobody counted the sockets',
    { application: { ...application, sockets: -1 } },
    "'application.sockets' must be a whole number from 0 to 100, got -1; count the 'socket' lines of the endpoint",
  ],
  [
    'a setting is made twice, by a prop and by config',
    { config: { PORT: '4001' } },
    '\'config.PORT\' must not repeat a variable of the release, got "4001"; remove it: the release sets it from a prop or a Secret',
  ],
  [
    'a setting hides a secret, without printing it',
    { config: { SECRET_KEY_BASE: 'x' } },
    '\'config.SECRET_KEY_BASE\' must not repeat a variable of the release, got "1 characters"; remove it: the release sets it from a prop or a Secret',
  ],
  [
    'a setting is no variable',
    { config: { '1ST': 'x' } },
    '\'config\' must hold names of letters, digits, "_", "-" and ".", none starting with a digit, got "1ST"; rename the variable',
  ],
])('fails when %s', (_, props, sentence) => {
  const [first, ...others] = refusalsOf((tried) => release(tried, props));
  expect(first).toBe(`[chart/Release] ${sentence}`);
  expect(others).toEqual([]);
});

test('fails once when a setting has a name that no ConfigMap takes', () => {
  const name = { config: { 'MAIL FROM': 'x' } };
  expect(refusalsOf((tried) => release(tried, name))).toContain(
    '[chart/Release] \'config\' must hold names of letters, digits, "_", "-" and ".", none starting with a digit, got "MAIL FROM"; rename the variable',
  );
});

test.each([
  [{ config: { POOL_COUNT: 3 } }, "'config.POOL_COUNT' must be a string, got 3; write it in quotes, '3'"],
  [
    { variables: { NODE_IP: { value: '10.0.0.1' } } },
    "'variables.NODE_IP' must be a text, or have one of configMapKeyRef, .*write the text itself",
  ],
  [{ variables: { NODE_IP: { fieldref: {} } } }, "'variables.NODE_IP' must be .*, got \"fieldref\"; did you mean 'fieldRef'\\?"],
  [{ variables: { NODE_IP: 5 } }, "'variables.NODE_IP' must be .*, got 5; write { fieldRef: "],
  [
    { variables: { NODE_IP: { valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } } } },
    "'variables.NODE_IP' must .*; write what stands under valueFrom",
  ],
])('fails when a variable is no text and no source: %j', (props, said) => {
  expect(refusalsOf((tried) => release(tried, props as never)).join()).toMatch(new RegExp(said));
});

test.each([
  ['DATABASE_URL', 'is made from the database link'],
  ['PGPASSWORD', "is the database link's own secret"],
])('fails when the Secret has the key %s, which %s', (key) => {
  const faults = refusalsOf((tried) => {
    const keys = ['SECRET_KEY_BASE', key];
    const secret = new KeyedSecret(tried, 'Secret', { name: 'app', keys, source: { existing: true } });
    release(tried, { database, secret });
  });
  expect(faults).toEqual([
    `[chart/Release] 'secret.${key}' must not repeat a variable of the release, got "${key}"; drop the key: the release sets it from a prop or the database link`,
  ]);
});
