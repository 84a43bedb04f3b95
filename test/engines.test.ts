import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Chart, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { application, database, secretKeys, build, environments, preview, production, staging } from './support/stack';
import {
  type NamedEnvironment,
  BeamCluster,
  Checks,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  MysqlChart,
  NamespaceChart,
  NetworkFence,
  PhoenixRelease,
  render,
  Resources,
  synth,
  type Delivery,
  OptOut,
} from '../lib/index';
import { faultsOf, objectsOf } from './support/environments';
import { unlikeKept } from './support/kept-lists';
import { invalidObjects } from './support/models';
import { cloudNativePg, onCloudNativePg, variants } from './support/variants';
import { vary } from './support/vary';

/** Staging with MySQL, as a team would build it that has charts of its own. */
function onMysql(app = new App()): App {
  const { namespace, kubernetes, image, quota, web } = staging;
  const { host, resources } = web;
  const { name: partOf } = application;
  const inNamespace = { namespace, partOf };
  const chart = (id: string): Chart => new EnvironmentChart(app, id, inNamespace);
  Checks.of(app).kubernetes = kubernetes;
  new NamespaceChart(app, '00-namespace', { ...inNamespace, quota });
  const secrets = chart('05-secrets');
  const source = { existing: true } as const;
  const name = `${partOf}-mysql`;
  const password = new KeyedSecret(secrets, 'Database', { name, keys: ['password'], source }).key('password');
  const { link } = new MysqlChart(app, '10-mysql', {
    ...inNamespace,
    ...database,
    name,
    password,
    engine: {
      single: {
        image: 'docker.io/library/mysql:8.4.10@sha256:8dbcf531a03aade657e181b9cf2f1d1803ce621a1d55610cb44cb531ab7d7db6',
        storage: Size.gibibytes(10),
        resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) }),
      },
    },
  });
  const phoenix = chart('30-phoenix');
  const secret = new KeyedSecret(secrets, 'Release', { name: partOf, keys: secretKeys, source });
  const cluster = new BeamCluster(phoenix, 'Cluster', { name: partOf, discovery: 'dns', cookie: secret.key('RELEASE_COOKIE') });
  const release = new PhoenixRelease(phoenix, 'Release', {
    application,
    image,
    host,
    secret,
    cluster,
    resources,
    database: link,
    poolSize: { share: 0.5 },
    replicas: 2,
  });
  new MigrationJob(chart('20-migrate'), 'Migration', { release });
  new NetworkFence(chart('08-network'), 'Fence', { clients: [{ namespace: 'envoy-gateway-system' }] });
  return app;
}

/** All files of an App as CI would write them. */
function written(app: App): string {
  const { files, faults } = render(app);
  expect(faults).toEqual([]);
  expect(invalidObjects([...files.values()])).toEqual([]);
  const inOrder = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return inOrder.map(([name, text]) => `# ${name}\n${text}`).join('\n');
}

test('an environment on CloudNativePG becomes exactly these files', () => {
  expect(written(build(onCloudNativePg))).toMatchSnapshot();
});

test('an environment on MySQL becomes exactly these files, a second time too', () => {
  const text = written(onMysql());
  expect(text).toMatchSnapshot();
  expect(written(onMysql())).toBe(text);
});

test('fails when metrics are collected and the fence lets nobody in', () => {
  expect(render(build(vary(onCloudNativePg, { monitoring: [] }))).faults).toEqual([
    "[08-network/Fence] 'monitoring' must name who collects the metrics of kube-native-postgresql, got []; write it as [{ namespace: 'monitoring' }], or say why nobody does: OptOut.because('...')",
  ]);
});

/** What is on disk, by file, and what was said about it. */
function onDisk(environments: Readonly<Record<string, NamedEnvironment>>, previous?: string) {
  const said: string[] = [];
  const error = jest.spyOn(console, 'error').mockImplementation((text: string) => void said.push(text));
  const { exitCode } = process;
  const folder = join(mkdtempSync(join(tmpdir(), 'variants-')), 'dist');
  // Each is what one environment could be instead, so each has a cluster and a database of its own.
  const apart = { 'databases-apart': OptOut.because('only one of them is there at a time') };
  const named = Object.entries(environments).map(([title, environment]) => {
    const name = title.toLowerCase().replaceAll(' ', '-');
    const optOuts = { ...environment.optOuts, ...apart };
    return [name, (app: App) => build(vary(environment, { cluster: name, optOuts }), app)] as const;
  });
  synth(folder, Object.fromEntries(named), { previous });
  error.mockRestore();
  process.exitCode = exitCode;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  return {
    folder,
    faults: said.filter((text) => !text.includes(' left out for ') && !text.startsWith('compared with ')),
    files: new Map(files.toSorted().map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
  };
}

test('every variant is valid, and the same a second time, with nothing to say against what was there', () => {
  const first = onDisk(variants);
  expect(first.faults).toEqual([]);
  expect(invalidObjects([...first.files.values()])).toEqual([]);
  expect([...first.files.keys()].filter((name) => name.startsWith('by-flux/'))).toEqual([
    'by-flux/after/50-after.k8s.yaml',
    ...['by-flux/base/00-namespace.k8s.yaml', 'by-flux/base/08-network.k8s.yaml', 'by-flux/base/10-postgres.k8s.yaml'],
    'by-flux/flux/90-flux.k8s.yaml',
    'by-flux/migrate/20-migrate.k8s.yaml',
    ...['by-flux/release/30-phoenix.k8s.yaml', 'by-flux/release/40-routes.k8s.yaml'],
  ]);
  const second = onDisk(variants, first.folder);
  expect(second.faults).toEqual([]);
  expect(second.files).toEqual(first.files);
});

test('lists of custom objects that have one owner as a whole are written as the API server keeps them', () => {
  for (const environment of [...environments, preview('next', staging.image), ...Object.values(variants)]) {
    const app = build(environment);
    expect(render(app).faults).toEqual([]);
    expect([...Checks.of(app).manifests.values()].flatMap(unlikeKept)).toEqual([]);
  }
});

test('an environment whose name looks like a number without digits is found again', () => {
  const environments = { e1: vary(staging, { namespace: 'e1' }) };
  expect(onDisk(environments, onDisk(environments).folder).faults).toEqual([]);
});

/** What is said of an environment where another was before. */
function moved(from: NamedEnvironment, to: NamedEnvironment): readonly string[] {
  return faultsOf(vary(to, { amend: undefined }), (charts, app) => {
    Checks.of(app).previous = objectsOf(from);
    to.amend?.(charts);
  });
}

const deliveries: readonly Delivery[] = ['apply', 'argo', 'helm', 'flux'];
const jobs = { ...production.migrations, contract: true, seeds: true };

test.each(deliveries.flatMap((from) => deliveries.map((to) => [from, to] as const)))(
  'an environment moves from %s to %s, with a new image too',
  (from, to) => {
    const quota = { ...production.quota, cpu: Cpu.units(30) };
    const base = vary(production, { migrations: jobs, quota });
    const image = production.image.replace('1.0.0', '1.0.1');
    expect(moved(vary(base, { delivery: from }), vary(base, { delivery: to }))).toEqual([]);
    expect(moved(vary(base, { delivery: from }), vary(base, { delivery: to, image }))).toEqual([]);
  },
);

test('a database that moves to another engine is said to be lost, whatever delivers it', () => {
  const mine = (fault: string): string =>
    fault.replace(/^\[.*\] '(?:metadata\.name' must stay beside the )?(.*?)(?:, which|' must stay where) .*$/, '$1');
  const there = ' "kube-native-postgresql" in the namespace "kube-native-staging"';
  for (const delivery of ['apply', 'argo', 'flux'] as const) {
    expect(moved(staging, vary(onCloudNativePg, { delivery })).map(mine)).toEqual([`StatefulSet${there}`]);
    expect(moved(vary(onCloudNativePg, { delivery }), staging).map(mine)).toEqual([`Cluster${there}`, `ObjectStore${there}`]);
  }
  expect(moved(staging, vary(staging, { namespace: 'elsewhere' })).map(mine)).toEqual([
    'Namespace "kube-native-staging"',
    `StatefulSet${there}`,
  ]);
});

test('fails when CloudNativePG gets less than it had', () => {
  const database = { cloudNativePg: { ...cloudNativePg, wal: undefined, storage: Size.gibibytes(10) } };
  const fix = 'take the change back, or move the data to a new one with another name (storage-shrinks)';
  expect(moved(onCloudNativePg, vary(onCloudNativePg, { database }))).toEqual([
    `[10-postgres/CloudNativePg/Default] 'spec.storage.size' must be at least 20Gi, as it was, got "10Gi"; ${fix}`,
    `[10-postgres/CloudNativePg/Default] 'spec.walStorage.size' must be at least 5Gi, as it was, got nothing; ${fix}`,
  ]);
});

test('fails when another cloud is to make the load balancer of the same Service', () => {
  const balancedBy = (cloud: string): NamedEnvironment => variants[`load balancer of ${cloud}`] ?? staging;
  const [aws, gcp] = [balancedBy('aws'), balancedBy('gcp')];
  const at = "[30-phoenix/Release/Web/Service/Default] 'spec.loadBalancerClass' must stay";
  const fix = 'delete the Service by hand first, which gives its address back (immutable-fields)';
  expect(moved(aws, gcp)).toEqual([`${at} "service.k8s.aws/nlb", got nothing; ${fix}`]);
  expect(moved(gcp, aws)).toEqual([`${at} out, got "service.k8s.aws/nlb"; ${fix}`]);
  expect([...moved(staging, aws), ...moved(aws, staging)]).toEqual([]);
});
