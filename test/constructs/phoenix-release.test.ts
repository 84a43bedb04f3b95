import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  BeamCluster,
  CloudIdentity,
  KeyedSecret,
  PhoenixRelease,
  postgresLink,
  Probe,
  Resources,
  type DatabaseLink,
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

const database: DatabaseLink = postgresLink({
  ...{ host: 'db.example.com', port: 5432, database: 'kube_native', user: 'kube_native', connections: 100 },
  password: { secret: 'db', key: 'password' },
});

const flags = '+Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none';
const mesh = '-kernel inet_dist_listen_min 4370 inet_dist_listen_max 4372';
const loopback = '-kernel inet_dist_use_interface {127,0,0,1}';

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
        ERL_FLAGS: `+S 1:1 ${flags} ${loopback}`,
        ERL_CRASH_DUMP: '/tmp/erl_crash.dump',
        ERL_CRASH_DUMP_SECONDS: '10',
        ERL_CRASH_DUMP_BYTES: `${(448 * 1024 * 1024) / 2}`,
        HOME: '/tmp',
        TMPDIR: '/tmp',
      },
    });
    expect(Object.keys(one(tried, 'ConfigMap')['data'])).toHaveLength(13);
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

  test('is asked the way that a proxy would, and restarted only when its port is dead', () => {
    const httpGet = { path: '/', port: 'http', httpHeaders: [{ name: 'X-Forwarded-Proto', value: 'https' }] };
    expect(web).toMatchObject({
      startupProbe: { httpGet, periodSeconds: 5, timeoutSeconds: 4, failureThreshold: 12 },
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
  const tried = chart();
  const health: Required<HealthPaths> = { ready: '/ready', live: '/live' };
  const facts: Required<PhoenixApplication> = {
    ...application,
    name: 'shop',
    port: 8080,
    health,
    sockets: 2,
    queueShutdown: Duration.seconds(60),
    metricsPort: 9568,
  };
  const everything: Required<PhoenixReleaseProps> = {
    application: facts,
    image: 'registry.example.com/shop:2.0.0',
    imagePullPolicy: 'IfNotPresent',
    host: 'shop.example.com',
    secret: new KeyedSecret(tried, 'Secret', {
      name: 'shop-secrets',
      keys: ['SECRET_KEY_BASE', 'SMTP_PASSWORD'],
      source: { existing: true },
    }),
    database,
    cluster: new BeamCluster(chart(), 'Cluster', { name: 'shop', cookie: { secret: 'shop-secrets', key: 'COOKIE' } }),
    poolSize: 7,
    replicas: 3,
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(1) }),
    bootTime: Duration.minutes(2),
    rollout: { surge: 2 },
    exposure: { nodePort: 30400 },
    config: { MAIL_FROM: 'shop@example.com' },
    variables: { NODE_IP: { fieldRef: { fieldPath: 'status.hostIP' } }, STATSD_URL: 'udp://$(NODE_IP):8125' },
    mounts: [{ name: 'rates', path: '/etc/rates', source: { configMap: { name: 'rates' } } }],
    identity: CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/shop' }),
    kubernetes: '1.33',
    erlangFlags: ['+hmax 100000000'],
    ipv6: true,
    priorityClassName: 'customer-facing',
    probes: { readiness: Probe.http({ path: '/custom' }), liveness: Probe.tcp({ port: 'http' }) },
  };
  const built = new PhoenixRelease(tried, 'Release', everything);
  const deployment = one(tried, 'Deployment');
  const web = container(deployment);
  const { data } = one(tried, 'ConfigMap');

  test('passes the settings of the application to it', () => {
    expect(data).toMatchObject({
      PHX_HOST: 'shop.example.com',
      PORT: '8080',
      DATABASE_URL: 'ecto://kube_native@db.example.com:5432/kube_native',
      POOL_SIZE: '7',
      ECTO_IPV6: 'true',
      MAIL_FROM: 'shop@example.com',
      DNS_CLUSTER_QUERY: 'shop-mesh.test.svc.cluster.local',
      ERL_FLAGS: `+S 2:2 ${flags} ${mesh} +hmax 100000000`,
    });
    expect(web['env']).toEqual([
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'RELEASE_DISTRIBUTION', value: 'name' },
      { name: 'RELEASE_NODE', value: 'kube_native_umbrella@$(POD_IP)' },
      { name: 'RELEASE_COOKIE', valueFrom: { secretKeyRef: { name: 'shop-secrets', key: 'COOKIE' } } },
      { name: 'NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
      { name: 'STATSD_URL', value: 'udp://$(NODE_IP):8125' },
      { name: 'SECRET_KEY_BASE', valueFrom: { secretKeyRef: { name: 'shop-secrets', key: 'SECRET_KEY_BASE' } } },
      { name: 'SMTP_PASSWORD', valueFrom: { secretKeyRef: { name: 'shop-secrets', key: 'SMTP_PASSWORD' } } },
      { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
    ]);
  });

  test('passes the rest to the pods', () => {
    expect(web).toMatchObject({
      image: 'registry.example.com/shop:2.0.0',
      imagePullPolicy: 'IfNotPresent',
      ports: [
        { name: 'http', containerPort: 8080 },
        { name: 'epmd' },
        { name: 'dist-1' },
        { name: 'dist-2' },
        { name: 'dist-3' },
        { name: 'metrics', containerPort: 9568 },
      ],
      volumeMounts: [{ name: 'tmp' }, { name: 'rates', mountPath: '/etc/rates', readOnly: true }],
      lifecycle: { preStop: { sleep: { seconds: 10 } } },
      resources: { limits: { cpu: '2', memory: '1Gi' } },
      startupProbe: { httpGet: { path: '/custom' }, failureThreshold: 24 },
      readinessProbe: { httpGet: { path: '/custom' } },
      livenessProbe: { tcpSocket: { port: 'http' } },
    });
    expect(podSpec(deployment)).toMatchObject({
      priorityClassName: 'customer-facing',
      terminationGracePeriodSeconds: 10 + (2 * 30 + 15 + 60) + 5,
    });
    expect(deployment['spec']).toMatchObject({
      ...{ replicas: 3, minReadySeconds: 10, strategy: { rollingUpdate: { maxSurge: 2 } } },
      template: { metadata: { labels: { 'cdk8s-phoenix/mesh': 'shop' } } },
    });
    expect(one(tried, 'ServiceAccount')['metadata'].annotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/shop',
    });
    expect(one(tried, 'Service')['spec'].ports).toEqual([{ name: 'http', port: 80, targetPort: 'http', nodePort: 30400 }]);
    expect(one(tried, 'PodDisruptionBudget')['metadata'].name).toBe('shop');
  });

  test('asks its health paths where no probes are given', () => {
    const other = chart();
    new PhoenixRelease(other, 'Release', { ...everything, probes: undefined });
    const httpHeaders = [{ name: 'X-Forwarded-Proto', value: 'https' }];
    expect(container(one(other, 'Deployment'))).toMatchObject({
      readinessProbe: { httpGet: { path: '/ready', port: 'http', httpHeaders } },
      livenessProbe: { httpGet: { path: '/live', port: 'http', httpHeaders } },
    });
  });

  test('has variables for other pods of the release that use other resources', () => {
    const small = Resources.guaranteed({
      cpu: Cpu.units(1),
      memory: Size.mebibytes(256),
      ephemeralStorage: Size.mebibytes(128),
    });
    const variables = built.variables(small, 'task');
    expect(variables['ERL_FLAGS']).toBe(`+S 1:1 ${flags} +hmax 100000000`);
    expect(variables['ERL_CRASH_DUMP_BYTES']).toBe(`${32 * 1024 * 1024}`);
    expect(variables).not.toHaveProperty('PHX_SERVER');
    expect(variables['MAIL_FROM']).toBe('shop@example.com');
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
  expect(refusalsOf((tried) => release(tried, { config: { 'MAIL FROM': 'x' } }))).toEqual([
    "[chart/Release/Config] 'data' must hold keys of at most 253 letters, digits, '-', '_' and '.', got \"MAIL FROM\"; rename the key",
  ]);
});

test.each([
  ['DATABASE_URL', 'is made from the database link'],
  ['PGPASSWORD', "is the database link's own secret"],
])('fails when the Secret has the key %s, which %s', (key) => {
  const faults = refusalsOf((tried) => {
    const secret = new KeyedSecret(tried, 'Secret', { name: 'app', keys: [key], source: { existing: true } });
    release(tried, { database, secret });
  });
  expect(faults).toEqual([
    `[chart/Release] 'secret.${key}' must not repeat a variable of the release, got "${key}"; drop the key: the release sets it from a prop or the database link`,
  ]);
});
