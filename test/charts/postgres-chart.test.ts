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
const common: Omit<Required<PostgresChartProps>, 'engine'> = {
  ...{ namespace: 'shop-staging', partOf: 'shop', name: 'shop-postgresql', database: 'shop', user: 'owner' },
  password: { secret: 'shop-postgresql', key: 'password' },
};
const made = (engine: PostgresEngine) => new PostgresChart(new App(), '10-postgres', { ...common, engine });

test('one server is objects and a link', () => {
  const tried = made(single);
  expect(objects(tried).map(({ kind }) => String(kind))).toEqual(['ServiceAccount', 'Service', 'ConfigMap', 'StatefulSet']);
  expect(tried.link).toBe(tried.single?.link);
  expect(tried.link).toMatchObject({
    host: 'shop-postgresql.shop-staging.svc.cluster.local',
    ...{ database: 'shop', user: 'owner', password: common.password },
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
  ['the engine is unknown', { oracle: {} }, '"oracle"'],
])('fails when %s', (_, engine, got) => {
  expect(() => made(engine as PostgresEngine)).toThrow(
    `[10-postgres] 'engine' must be one of single, managed, got ${got}; write { single: { image, storage, resources } }`,
  );
});

test('fails when an engine has no props', () => {
  expect(() => made({ single: 5 } as unknown as PostgresEngine)).toThrow(
    "[10-postgres] 'engine.single' must be an object, got 5; see the documentation of 'engine.single' for what it takes",
  );
});

test('reports what an engine refuses', () => {
  expect(refusals(made({ managed: { host: 'db.example.com', connections: 0, tls: 'public-authority' } }))).toEqual([
    "[10-postgres/Managed] 'connections' must be a whole number from 1 to 100000, got 0; ask the server: 'show max_connections'",
  ]);
});
