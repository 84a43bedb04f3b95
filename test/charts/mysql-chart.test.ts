import { App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { MysqlChart, type MysqlChartProps, type MysqlEngine } from '../../lib/charts/mysql-chart';
import {
  Checks,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  NamespaceChart,
  NetworkFence,
  OptOut,
  PhoenixRelease,
  render,
  Resources,
  type Manifest,
} from '../../lib/index';
import { application, objects, refusals } from '../support/chart';
import { invalidObjects } from '../support/models';

const single: MysqlEngine = {
  single: {
    image: 'docker.io/library/mysql:8.4.10@sha256:8dbcf531a03aade657e181b9cf2f1d1803ce621a1d55610cb44cb531ab7d7db6',
    storage: Size.gibibytes(10),
    resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
  },
};
const managed: MysqlEngine = {
  managed: { host: 'db.example.com', connections: 190, tls: OptOut.because('the network is private') },
};
const common: Omit<Required<MysqlChartProps>, 'engine'> = {
  namespace: 'shop-staging',
  partOf: 'shop',
  labels: { 'example.com/owner': 'team-shop' },
  name: 'shop-mysql',
  database: 'shop',
  user: 'owner',
  password: { secret: 'shop-mysql', key: 'password' },
};
const made = (engine: MysqlEngine) => new MysqlChart(new App(), '10-mysql', { ...common, engine });

test('one server is objects and a link', () => {
  const tried = made(single);
  expect(objects(tried).map(({ kind }) => String(kind))).toEqual([
    ...['ServiceAccount', 'Service', 'Service', 'ConfigMap', 'StatefulSet'],
  ]);
  expect(tried.link).toBe(tried.single?.link);
  expect(tried.link).toMatchObject({
    host: 'shop-mysql-rw.shop-staging.svc.cluster.local',
    adapter: 'mysql',
    database: 'shop',
    user: 'owner',
    password: common.password,
  });
});

test('a managed server is a link alone', () => {
  const tried = made(managed);
  expect(objects(tried)).toEqual([]);
  expect(tried.link).toBe(tried.managed?.link);
  expect(tried.link).toMatchObject({ host: 'db.example.com', database: 'shop', user: 'owner', password: common.password });
});

test.each<[string, unknown, string]>([
  ['no engine is named', {}, 'nothing'],
  ['two engines are named', { ...single, ...managed }, '"single, managed"'],
  ['the engine is one of PostgreSQL', { cloudNativePg: {} }, '"cloudNativePg"'],
])('fails when %s', (_, engine, got) => {
  expect(() => made(engine as MysqlEngine)).toThrow(
    `[10-mysql] 'engine' must be one of single, managed, got ${got}; write { single: { image, storage, resources } }`,
  );
});

test('fails when an engine has no props', () => {
  expect(() => made({ single: 5 } as unknown as MysqlEngine)).toThrow(
    "[10-mysql] 'engine.single' must be an object, got 5; write an object, { resources, image, storage }",
  );
});

test('reports what an engine refuses', () => {
  expect(refusals(made({ managed: { host: 'db.example.com', connections: 0, tls: 'public-authority' } }))).toEqual([
    `[10-mysql/Managed] 'connections' must be a whole number from 1 to 100000, got 0; ask the server: 'show variables like "max_connections"'`,
  ]);
});

describe('an environment on MySQL', () => {
  const environment = (engine: MysqlEngine, replicas = 2) => {
    const app = new App();
    Checks.of(app).kubernetes = '1.30';
    const inNamespace = { namespace: 'shop', partOf: 'shop' };
    const quota = { cpu: Cpu.units(4), memory: Size.gibibytes(6), storage: Size.gibibytes(20), pods: 12 };
    new NamespaceChart(app, '00-namespace', { ...inNamespace, quota });
    const secrets = new EnvironmentChart(app, '05-secrets', inNamespace);
    const source = { existing: true } as const;
    const stored = new KeyedSecret(secrets, 'Database', { name: 'shop-mysql', keys: ['password'], source });
    const password = stored.key('password');
    const mysql = new MysqlChart(app, '10-mysql', { ...common, ...inNamespace, password, engine });
    const phoenix = new EnvironmentChart(app, '30-phoenix', inNamespace);
    const release = new PhoenixRelease(phoenix, 'Release', {
      application,
      image: 'registry.example.com/shop:1.0.0@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978',
      host: 'shop.example.com',
      secret: new KeyedSecret(secrets, 'Release', { name: 'shop', keys: ['SECRET_KEY_BASE', 'RELEASE_COOKIE'], source }),
      database: mysql.link,
      poolSize: 5,
      replicas,
      resources: Resources.guaranteed({ cpu: Cpu.millis(500), memory: Size.mebibytes(512) }),
    });
    new MigrationJob(new EnvironmentChart(app, '20-migrate', inNamespace), 'Migration', { release });
    new NetworkFence(new EnvironmentChart(app, '08-network', inNamespace), 'Fence', { clients: [{ namespace: 'gateway' }] });
    const { faults, files } = render(app);
    return { faults, texts: [...files.values()], objects: Checks.of(app).world.objects.map(({ manifest }) => manifest) };
  };

  test('passes all rules, and is valid Kubernetes', () => {
    for (const engine of [single, managed]) {
      const { faults, texts } = environment(engine);
      expect(faults).toEqual([]);
      expect(invalidObjects(texts)).toEqual([]);
    }
  });

  test('lets the web pods and the migration reach the server, and no one else', () => {
    const policies = environment(single).objects.filter(({ kind }) => kind === 'NetworkPolicy');
    const ofServer = policies.find(({ metadata }: Manifest) => metadata.name === 'shop-mysql')?.['spec'];
    const from = ['kube-native', 'kube-native-migrate'].map((pods) => ({
      podSelector: { matchLabels: { 'app.kubernetes.io/instance': pods } },
    }));
    expect(ofServer.ingress).toEqual([{ from, ports: [{ port: 3306, protocol: 'TCP' }] }]);
  });

  test('fails when its pods open more connections than the server has', () => {
    expect(environment(single, 8).faults).toContainEqual(expect.stringMatching(/\(connection-budget\)$/));
  });
});
