import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import fc from 'fast-check';
import { build, preview, production, staging } from './support/stack';
import { type NamedEnvironment, KUBERNETES_VERSIONS, OptOut, render, Resources, synth } from '../lib/index';
import { display } from '../lib/support/reject';
import { invalidObjects } from './support/models';
import {
  balanced,
  certify,
  cloudNativePg,
  dumps,
  GATEWAY_CONTROLLERS,
  https,
  ingress,
  INGRESS_CONTROLLERS,
  istio,
  onCloudNativePg,
  ownGateway,
  pooled,
} from './support/variants';
import { vary, type Variation } from './support/vary';

/** The four parts of every refusal: where, what must hold, what was found, what to do. */
const SENTENCE = /^\[[^\]]+\] '[^']+'(?: and '[^']+')*(?: and \d+ more)? must .+, got [^]+; .{8,}$/s;

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
const host = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,10}$/), { minLength: 2, maxLength: 4 })
  .map((labels) => `app.${labels.join('.')}.example`);
const image = fc
  .tuple(name, fc.stringMatching(/^\d\.\d{1,2}\.\d$/), fc.stringMatching(/^[0-9a-f]{64}$/))
  .map(([repository, tag, digest]) => `registry.example.com/${repository}:${tag}@sha256:${digest}`);
const resources = fc
  .tuple(
    fc.integer({ min: 100, max: 4000 }),
    fc.integer({ min: 256, max: 4096 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 128, max: 2048 }),
  )
  .map(([millis, mebibytes, more, disk]) => {
    const ephemeralStorage = Size.mebibytes(disk);
    if (more < 1000)
      return Resources.guaranteed({ cpu: Cpu.millis(millis), memory: Size.mebibytes(mebibytes), ephemeralStorage });
    const limit = more > 2500 ? OptOut.because('the nodes are ours alone') : Cpu.millis(millis + more);
    const memory = { request: Size.mebibytes(mebibytes), limit: Size.mebibytes(mebibytes + more) };
    return Resources.burstable({ cpu: { request: Cpu.millis(millis), limit }, memory, ephemeralStorage });
  });

const no = OptOut.because('it is not drawn this time');

/** A route, and who connects by it. */
const route: fc.Arbitrary<Variation> = fc
  .tuple(
    fc.oneof(
      fc.constant({ route: staging.route }),
      fc.constant({ route: undefined }),
      fc.constantFrom(...GATEWAY_CONTROLLERS).map((controller) => ({ route: ownGateway(controller), amend: certify })),
      fc.constantFrom(...INGRESS_CONTROLLERS).map((controller) => ({ route: ingress(controller), amend: certify })),
      fc.constant({ route: istio }),
    ),
    fc.array(
      name.map((namespace) => ({ namespace })),
      { minLength: 1, maxLength: 2 },
    ),
    fc.boolean(),
  )
  .map(([drawn, clients, meshed]) => {
    const gateways = clients.map(({ namespace }) => namespace);
    return { ...drawn, web: { clients }, mesh: meshed ? { gateways } : undefined };
  });

/** A database, with what only some of them have. */
const database: fc.Arbitrary<Variation> = fc.oneof(
  fc.constant({ database: staging.database }),
  fc.constant({ database: staging.database, backup: dumps }),
  fc.constant({ database: production.database, delivery: 'helm' as const }),
  fc
    .record({
      instances: fc.integer({ min: 2, max: 4 }),
      wal: fc.constantFrom(undefined, cloudNativePg.wal),
      backup: fc.constantFrom(cloudNativePg.backup, no),
      pooler: fc.constantFrom(undefined, cloudNativePg.pooler, { ...cloudNativePg.pooler, mode: 'session' as const }),
      antiAffinity: fc.constantFrom('preferred' as const, 'required' as const),
      alerts: fc.boolean(),
      readUrl: fc.boolean(),
      reached: fc.boolean(),
    })
    .map(({ readUrl, reached, ...drawn }) => ({
      database: { cloudNativePg: { ...cloudNativePg, ...drawn, roles: [], databases: [] } },
      databasePassword: undefined,
      monitoring: [{ namespace: 'monitoring' }],
      readUrl,
      web: { connection: reached && drawn.pooler ? pooled : ('direct' as const) },
    })),
);

/** What may be refused: a matter of sums, or of what one controller cannot do. */
const KNOWN =
  /\((?:quota-fits|connection-budget)\)$|'poolSize' must leave each pod a connection|'release.http2' must be false: gke /;

/** TLS, and how the Service is reached: a load balancer of AWS wants TLS in the pods, and takes HTTP/2 for what it is. */
const exposure: fc.Arbitrary<NonNullable<Variation['web']>> = fc.oneof(
  fc.boolean().map((http2) => ({ exposure: 'ClusterIP' as const, https: undefined, http2 })),
  fc.integer({ min: 30000, max: 32767 }).map((nodePort) => ({ exposure: { nodePort }, https: undefined, http2: false })),
  fc.constant({ exposure: { nodePort: 30400, httpsNodePort: 30401 }, https: { ...https, port: 8443 }, http2: false }),
  fc
    .constantFrom(
      { aws: { scheme: 'internal', subnets: ['10.0.0.0/16'] } } as const,
      ...([{ gcp: { scheme: 'internal' } }, { azure: { scheme: 'external' } }, { other: { class: 'metallb' } }] as const),
    )
    .map((cloud) => ({ exposure: balanced(cloud), https, http2: false })),
);

/** Environments that ought to be accepted, if they fit into their quota and their database. */
const environment: fc.Arbitrary<NamedEnvironment> = fc
  .record({
    namespace: name,
    kubernetes: fc.constantFrom(...KUBERNETES_VERSIONS),
    lifetime: fc.constantFrom('permanent' as const, { of: 'feature/login', ttl: Duration.days(3) }),
    image,
    web: fc.record({
      host,
      hosts: fc.uniqueArray(host, { maxLength: 2 }),
      replicas: fc.integer({ min: 1, max: 6 }),
      resources,
      poolSize: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom({ share: 0.3 }, { share: 0.5 })),
    }),
    imagePullPolicy: fc.constantFrom('Always' as const, 'IfNotPresent' as const),
    egress: fc.array(fc.record({ port: fc.integer({ min: 1, max: 65535 }) }), { maxLength: 2 }),
    delivery: fc.constantFrom('apply' as const, 'argo' as const, 'flux' as const),
    migrations: fc.oneof(
      fc.record({ gate: fc.constantFrom(Duration.minutes(5), no), contract: fc.boolean(), seeds: fc.constant(false) }),
      // Seeds wait at the gate.
      fc.record({ gate: fc.constant(Duration.minutes(5)), contract: fc.boolean(), seeds: fc.constant(true) }),
    ),
    route,
    database,
    exposure,
    pods: fc.option(fc.integer({ min: 8, max: 60 }), { nil: undefined }),
  })
  .map(({ pods, route: { mesh, ...led }, database: engine, exposure: reached, web, ...drawn }) =>
    vary(production, drawn, { web }, led, { web: reached }, engine, {
      mesh: ['1.27', '1.28'].includes(drawn.kubernetes) ? undefined : mesh,
      // Older ones have no guard.
      cluster: ['1.27', '1.28', '1.29'].includes(drawn.kubernetes) ? undefined : 'production',
      quota:
        pods === undefined ? undefined : { cpu: Cpu.units(200), memory: Size.gibibytes(200), storage: Size.gibibytes(200), pods },
    }),
  );

test('accepts what is valid, and refuses the rest with where, what and how', () => {
  let accepted = 0;
  fc.assert(
    fc.property(environment, (drawn) => {
      const { files, faults } = render(build(drawn));
      expect(faults.filter((fault) => !SENTENCE.test(fault))).toEqual([]);
      expect(faults.filter((fault) => !KNOWN.test(fault))).toEqual([]);
      if (!drawn.quota) expect(faults.filter((fault) => fault.includes('(quota-fits)'))).toEqual([]);
      if (faults.length > 0) return;
      accepted += 1;
      expect(invalidObjects([...files.values()])).toEqual([]);
    }),
    { numRuns: 50, seed: 2711 },
  );
  expect(accepted).toBeGreaterThan(20);
});

const KNOBS = Object.keys(production).filter((knob) => !['name', 'amend'].includes(knob));
const GARBAGE: readonly unknown[] = [
  ...[
    undefined,
    null,
    NaN,
    Infinity,
    -1,
    0,
    0.5,
    1e12,
    '',
    ' ',
    'Ünïcode',
    'a b',
    'UPPER',
    '../x',
    'x'.repeat(300),
    true,
    [],
    {},
    [null],
  ],
  ...[
    'https://example.com',
    'app:latest',
    { existing: 'yes' },
    { literal: {} },
    { host: 1 },
    { port: -1 },
    [{ cidr: 'all' }],
    [{ port: 0 }],
    Symbol.iterator,
  ],
  ...[[Symbol.iterator], [{}], 10n, () => 1, { secret: 5 }, Object.create(null), new Date(0), circle(), no],
];

/** What leads back to itself, as every construct does. */
function circle(): object {
  const values: Record<string, object> = {};
  return Object.assign(values, { values });
}

const shutdown = Duration.minutes(2);
const byGateway: NamedEnvironment = vary(staging, {
  web: { https },
  route: {
    gatewayApi: {
      gateway: { own: { className: 'public', trustedHops: 1 } },
      controller: 'envoy-gateway',
      tls: { secret: 'tls' },
      headers: { set: { a: 'b' } },
      backendTls: { authority: { configMap: 'ca' } },
    },
  },
});
const byIngress = (controller: (typeof INGRESS_CONTROLLERS)[number]): NamedEnvironment =>
  vary(staging, { route: ingress(controller) });
const [alb = 'nginx-inc', retired = 'nginx-inc'] = INGRESS_CONTROLLERS.filter((controller) => typeof controller === 'object');
const meshed: NamedEnvironment = vary(staging, { route: istio, mesh: { gateways: ['istio-ingress'] } });
const balancedBy = (cloud: Parameters<typeof balanced>[0]): NamedEnvironment =>
  vary(staging, { web: { https, exposure: balanced(cloud) } });
const waiting: NamedEnvironment = vary(
  vary(staging, { web: { poolSize: { share: 0.5 }, connection: pooled }, lifetime: { of: 'a', ttl: Duration.days(3) } }),
  {
    workers: {
      worker: {
        replicas: { minimum: 0, maximum: 2, oban: { queues: ['default'], jobsPerPod: 10 } },
        resources: staging.web.resources,
        shutdown,
      },
    },
  },
);
const fetched = preview('7', 'registry.example.com/kube-native:pr-7');
const dumped: NamedEnvironment = vary(staging, { backup: dumps });
const credentials = { s3: { accessKeyId: { secret: 's', key: 'k' }, secretAccessKey: { secret: 's', key: 'l' } } };
const restored: NamedEnvironment = vary(onCloudNativePg, {
  database: {
    cloudNativePg: { ...cloudNativePg, recovery: { server: 'old', storage: { destination: 's3://other/old', credentials } } },
  },
});
const ROUTE = ['paths', 'redirects', 'idle', 'bodySize', 'affinity', 'annotations', 'name', 'tls'];

/** Knobs of knobs: what holds them, and their names. */
const NESTED: readonly (readonly [string, NamedEnvironment, readonly string[]])[] = [
  ['database', staging, ['single', 'managed', 'cloudNativePg']],
  ['database.single', staging, ['image', 'storage', 'resources', 'imagePullPolicy', 'deleteVolume']],
  ['database.managed', production, ['host', 'connections', 'tls', 'cidr']],
  [
    'database.cloudNativePg',
    restored,
    [...Object.keys(cloudNativePg), 'parameters', 'maxConnections', 'secret', 'tls', 'recovery'],
  ],
  ['database.cloudNativePg.wal', restored, ['size', 'storageClass']],
  ['database.cloudNativePg.pooler', restored, ['instances', 'poolSize', 'mode', 'clients', 'resources', 'readOnly']],
  ['database.cloudNativePg.backup', restored, [...Object.keys(cloudNativePg.backup), 'endpoint', 'server', 'resources']],
  ['database.cloudNativePg.recovery', restored, ['server', 'at', 'storage']],
  ['database.cloudNativePg.recovery.storage', restored, ['destination', 'credentials', 'endpoint']],
  ['database.cloudNativePg.recovery.storage.credentials', restored, ['s3', 'google']],
  ['database.cloudNativePg.databases.0', restored, ['name', 'owner', 'extensions']],
  ['database.cloudNativePg.roles.0', restored, ['name', 'secret', 'connections']],
  ['route', staging, ['gatewayApi', 'ingress', 'istio']],
  ['route.gatewayApi', byGateway, [...ROUTE, 'gateway', 'controller', 'upgrades', 'timeout', 'headers', 'backendTls']],
  ['route.gatewayApi.gateway', byGateway, ['own', 'shared']],
  ['route.gatewayApi.gateway.own', byGateway, ['className', 'addresses', 'annotations', 'certificateNamespace', 'trustedHops']],
  ['route.gatewayApi.gateway.own.annotations', byGateway, ['note']],
  ['route.gatewayApi.gateway.shared', staging, ['name', 'namespace', 'sectionName', 'httpSectionName']],
  ['route.gatewayApi.headers', byGateway, ['set', 'add', 'remove']],
  ['route.gatewayApi.backendTls', byGateway, ['hostname', 'authority']],
  ['route.gatewayApi.tls', byGateway, ['secret']],
  ['route.ingress', byIngress('traefik'), [...ROUTE, 'controller', 'className']],
  ['route.ingress.controller.alb', byIngress(alb), ['scheme', 'sourceRanges', 'subnets']],
  ['route.ingress.controller', byIngress(retired), ['ingress-nginx', 'gce', 'alb']],
  ['route.istio', meshed, [...ROUTE, 'gateway', 'http2', 'locality', 'clusterDomain']],
  ['route.istio.gateway', meshed, ['shared', 'own']],
  ['mesh', meshed, ['gateways', 'sidecar', 'distribution', 'revision', 'controlPlane', 'trustDomain', 'clusterDomain']],
  ['exposure', vary(staging, { web: { https, exposure: { nodePort: 30400 } } }), ['nodePort', 'httpsNodePort', 'loadBalancer']],
  ['exposure.loadBalancer', balancedBy({ other: {} }), ['sourceRanges', 'cloud', 'annotations']],
  ['exposure.loadBalancer.sourceRanges', balancedBy({ other: {} }), ['0']],
  ['exposure.loadBalancer.annotations', balancedBy({ other: {} }), ['note']],
  ['exposure.loadBalancer.cloud', balancedBy({ other: {} }), ['aws', 'gcp', 'azure', 'other']],
  [
    'exposure.loadBalancer.cloud.aws',
    balancedBy({ aws: { scheme: 'internal', subnets: ['10.0.0.0/16'] } }),
    ['scheme', 'subnets', 'certificateArn', 'backendProtocol', 'idleTimeout'],
  ],
  ['exposure.loadBalancer.cloud.gcp', balancedBy({ gcp: { scheme: 'internal' } }), ['scheme', 'address', 'globalAccess']],
  ['exposure.loadBalancer.cloud.azure', balancedBy({ azure: { scheme: 'internal' } }), ['subnet', 'publicIp', 'idleTimeout']],
  ['url', staging, ['scheme', 'port']],
  ['https', byGateway, ['secret', 'port']],
  ['migrations', staging, ['gate', 'contract', 'seeds']],
  ['lifetime', waiting, ['of', 'ttl']],
  ['poolSize', waiting, ['share']],
  ['connection.pooled', onCloudNativePg, ['listens', 'statements']],
  ['secrets.external', fetched, ['store', 'remote']],
  ['secrets.external.remote', fetched, ['SECRET_KEY_BASE']],
  ['backup', dumped, [...Object.keys(dumps), 'keep', 'timeZone']],
  ['backup.target', dumped, ['claim', 'bucket']],
  ['backup.target.claim', dumped, ['name', 'storage', 'storageClass', 'existing']],
  ['backup.drill', dumped, ['schedule', 'maximumAge', 'check']],
  ['quota', staging, ['cpu', 'memory', 'storage', 'pods']],
  ['cluster', staging, ['discovery', 'scope', 'port', 'epmd', 'tls', 'ipv6', 'clusterDomain', 'cookieVariable']],
  ['worker', staging, ['replicas', 'resources', 'shutdown', 'poolSize', 'connection']],
  ['worker.replicas', waiting, ['minimum', 'maximum', 'behavior', 'oban']],
  ['worker.replicas.oban', waiting, ['queues', 'jobsPerPod']],
  ['replicas', production, ['minimum', 'maximum', 'cpu', 'memory', 'metrics', 'behavior']],
  ['monitoring', onCloudNativePg, ['0']],
  ['monitoring.0', onCloudNativePg, ['namespace', 'cidr']],
];

/** A copy in which the knob at the end of a path has another value. */
function withKnob<T extends object>(base: T, [first = '', ...rest]: readonly string[], value: unknown): T {
  const within = (base as Record<string, object>)[first] ?? {};
  const changed = { ...base, [first]: rest.length === 0 ? value : withKnob(within, rest, value) };
  return Array.isArray(base) ? (Object.values(changed) as unknown as T) : changed;
}

/** Of so many values within a knob one is tried. */
const EACH = 13;

const CASES: readonly (readonly [string, NamedEnvironment])[] = GARBAGE.flatMap((value, index) => [
  // Some of them, because `npm run check` is to end within a minute.
  ...KNOBS.filter((_, place) => (place + index) % 2 === 0).map(
    (knob) => [`${knob} ${display(value)}`, vary(staging, { [knob]: value })] as const,
  ),
  ...NESTED.flatMap(([knob, base, names], row) =>
    names
      .filter((_, place) => (row + place + index) % EACH === 0)
      .map((name) => [`${knob}.${name} ${display(value)}`, withKnob(base, [...knob.split('.'), name], value)] as const),
  ),
]);

test('answers any value of any knob with sentences, never with a stack trace, and writes nothing', () => {
  const printed: string[] = [];
  const error = jest.spyOn(console, 'error').mockImplementation((text: string) => void printed.push(text));
  const { exitCode } = process;
  const folder = join(mkdtempSync(join(tmpdir(), 'garbage-')), 'dist');
  for (const [what, environment] of CASES) {
    printed.length = 0;
    const written = synth(folder, { broken: (app: App) => build(environment, app) });
    if (written) rmSync(folder, { recursive: true });
    expect({ what, exists: existsSync(folder) }).toEqual({ what, exists: false });
    const text = printed.join('\n');
    const faults = text.split('\n').filter((line) => line.startsWith('broken: ') && !line.includes(' left out for '));
    const unclear = faults.filter((line) => !SENTENCE.test(line.slice('broken: '.length)));
    expect({ what, unclear }).toEqual({ what, unclear: [] });
    expect(text).not.toMatch(/^\s+at .*\d+:\d+/m);
  }
  error.mockRestore();
  process.exitCode = exitCode;
});
