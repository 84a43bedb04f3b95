import { App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { OptOut, PostgresChart, Resources, type PostgresChartProps, type PostgresEngine } from '../../lib/index';
import { objects, refusals } from '../support/chart';

const single: PostgresEngine = {
  single: {
    image: 'docker.io/library/postgres:18.6',
    storage: Size.gibibytes(10),
    resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
  },
};
const managed: PostgresEngine = {
  managed: { host: 'db.example.com', connections: 190, tls: OptOut.because('the network is private') },
};
const cloudNativePg: PostgresEngine = {
  cloudNativePg: {
    instances: 3,
    image: 'ghcr.io/cloudnative-pg/postgresql:17.6',
    storage: Size.gibibytes(10),
    resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
    backup: OptOut.because('it is filled anew every night'),
  },
};
const common: Omit<Required<PostgresChartProps>, 'engine'> = {
  namespace: 'shop-staging',
  partOf: 'shop',
  labels: { 'example.com/owner': 'team-shop' },
  name: 'shop-postgresql',
  database: 'shop',
  user: 'owner',
  password: { secret: 'shop-postgresql', key: 'password' },
};
const made = (engine: PostgresEngine, change: Partial<PostgresChartProps> = {}) =>
  new PostgresChart(new App(), '10-postgres', { ...common, engine, ...change });

test('one server is objects and a link', () => {
  const tried = made(single);
  expect(objects(tried).map(({ kind }) => String(kind))).toEqual([
    ...['ServiceAccount', 'Service', 'Service', 'ConfigMap', 'StatefulSet'],
  ]);
  expect(tried.link).toBe(tried.single?.link);
  expect(tried.link).toMatchObject({
    host: 'shop-postgresql-rw.shop-staging.svc.cluster.local',
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

test('servers of CloudNativePG are a Cluster and a link, whose password the operator makes', () => {
  const tried = made(cloudNativePg, { password: undefined });
  expect(objects(tried).map(({ kind }) => String(kind))).toEqual(['Cluster']);
  expect(tried.link).toBe(tried.cloudNativePg?.link);
  expect(tried.link).toMatchObject({
    host: 'shop-postgresql-rw.shop-staging.svc.cluster.local',
    database: 'shop',
    user: 'owner',
    password: { secret: 'shop-postgresql-app', key: 'password' },
  });
});

test('fails when CloudNativePG is given a password alone', () => {
  expect(refusals(made(cloudNativePg))).toEqual([
    "[10-postgres] 'password' must be left out with cloudNativePg, whose Secret holds the user name too, " +
      'got {"secret":"shop-postgresql","key":"password"}; ' +
      "remove it, or name a Secret with the keys 'username' and 'password' as engine.cloudNativePg.secret",
  ]);
});

test.each([
  ['one server', single],
  ['a managed server', managed],
])('fails when %s has no password', (_, engine) => {
  expect(() => made(engine, { password: undefined })).toThrow(
    "[10-postgres] 'password' must be given, got nothing; pass 'password' to PostgresChart",
  );
});

test.each<[string, unknown, string]>([
  ['no engine is named', {}, 'nothing'],
  ['two engines are named', { ...single, ...managed }, '"single, managed"'],
  ['the engine is unknown', { oracle: {} }, '"oracle"'],
])('fails when %s', (_, engine, got) => {
  expect(() => made(engine as PostgresEngine)).toThrow(
    `[10-postgres] 'engine' must be one of single, managed, url, cloudNativePg, got ${got}; write { managed: { host, connections, cidr, tls } }, or another`,
  );
});

test('fails when an engine has no props', () => {
  expect(() => made({ single: 5 } as unknown as PostgresEngine)).toThrow(
    "[10-postgres] 'engine.single' must be an object, got 5; write an object, { resources, image, storage }",
  );
});

test('reports what an engine refuses', () => {
  expect(refusals(made({ managed: { host: 'db.example.com', connections: 0, tls: 'public-authority' } }))).toEqual([
    "[10-postgres/Managed] 'connections' must be a whole number from 1 to 100000, got 0; ask the server: 'show max_connections'",
  ]);
});
