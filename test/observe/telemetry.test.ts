import {
  NetworkFence,
  Probe,
  type Logs,
  type Manifest,
  type NamedEnvironment,
  type NodeCollector,
  type OtlpProtocol,
  type Sampler,
  type Sentry,
  type StackFacts,
  type Tracing,
} from '../../lib/index';
import { chart, objects as objectsIn, refusals, release } from '../support/chart';
import { facts, production, secretKeys, staging } from '../support/stack';
import { vary, type Variation } from '../support/vary';
import { tried as triedOf } from './watched';

const tried = (change: Variation, environment: NamedEnvironment = staging, of: StackFacts = facts) =>
  triedOf(vary(environment, change), {}, of);

const named = (list: readonly Manifest[], kind: string, name: string): Manifest =>
  list.find((one) => one['kind'] === kind && String(one['metadata']?.name).startsWith(name)) ?? {};
const podOf = ({ kind, spec }: Manifest): Manifest =>
  ((kind === 'CronJob' ? spec.jobTemplate.spec : spec) as Manifest)['template'].spec as Manifest;
const envOf = (object: Manifest, init = false): Record<string, unknown> => {
  const [first] = (init ? podOf(object)['initContainers'] : podOf(object)['containers']) as Manifest[];
  return Object.fromEntries(
    ((first?.['env'] ?? []) as Manifest[]).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]),
  );
};
const egressOf = (list: readonly Manifest[], pods = 'kube-native'): Manifest[] =>
  (list.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === pods)?.['spec'] as Manifest)[
    'egress'
  ] as Manifest[];

const collector = 'http://collector.observability.svc:4318';
const all = {
  tracing: { endpoint: collector, sampler: { ratio: 0.1 }, headers: { secret: 'tracing', key: 'headers' } },
  sentry: { host: 'o4501.ingest.de.sentry.io', cidrs: 'everyone', dsn: { secret: 'sentry', key: 'dsn' } },
  logs: { level: 'info' },
  tasks: { nightly: { schedule: '0 4 * * *', run: 'Shop.run()' } },
  quota: undefined,
} satisfies Variation;

describe('pods are told where traces and errors go', () => {
  const { faults, objects } = tried(all);
  const field = (fieldPath: string) => ({ fieldRef: { apiVersion: 'v1', fieldPath } });
  const attributes = [
    'service.namespace=kube-native-staging',
    'service.version=1.0.0',
    'service.instance.id=$(POD_NAME)',
    'k8s.namespace.name=kube-native-staging',
    'k8s.pod.name=$(POD_NAME)',
    'k8s.pod.uid=$(POD_UID)',
    'k8s.node.name=$(NODE_NAME)',
    'deployment.environment.name=staging',
  ].join(',');

  test('web pods, workers, tasks and jobs, each by its own name', () => {
    expect(faults).toEqual([]);
    const of = {
      'kube-native': named(objects, 'Deployment', 'kube-native'),
      'kube-native-worker': named(objects, 'Deployment', 'kube-native-worker'),
      'kube-native-nightly': named(objects, 'CronJob', 'kube-native-nightly'),
      'kube-native-migrate': named(objects, 'Job', 'kube-native-migrate'),
    };
    for (const [name, object] of Object.entries(of)) {
      expect(envOf(object)).toMatchObject({
        POD_NAME: field('metadata.name'),
        NODE_NAME: field('spec.nodeName'),
        POD_UID: field('metadata.uid'),
        APP_VERSION: '1.0.0',
        OTEL_EXPORTER_OTLP_HEADERS: { secretKeyRef: { name: 'tracing', key: 'headers' } },
        OTEL_SERVICE_NAME: name,
        OTEL_RESOURCE_ATTRIBUTES: attributes,
        SENTRY_DSN: { secretKeyRef: { name: 'sentry', key: 'dsn' } },
        SENTRY_RELEASE: 'kube-native@1.0.0',
      });
    }
  });

  test('what is the same in all of them stands in their ConfigMaps, and in jobs', () => {
    const same = {
      LOG_LEVEL: 'info',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      SENTRY_ENVIRONMENT: 'staging',
    };
    const maps = objects.filter(({ kind, data }) => kind === 'ConfigMap' && 'PORT' in ((data ?? {}) as object));
    expect(maps.map(({ data }) => data as unknown)).toEqual([expect.objectContaining(same), expect.objectContaining(same)]);
    expect(envOf(named(objects, 'Job', 'kube-native-migrate'))).toMatchObject(same);
  });

  test('fields of the pod stand above all that refers to them', () => {
    const order = Object.keys(envOf(named(objects, 'CronJob', 'kube-native-nightly')));
    const [last] = ['POD_NAME', 'POD_UID', 'NODE_NAME'].map((name) => order.indexOf(name)).sort((a, b) => b - a);
    expect(last).toBeLessThan(order.indexOf('OTEL_RESOURCE_ATTRIBUTES'));
  });

  test('what waits before the program has all of it too, in its order: it reads the same runtime.exs', () => {
    for (const [kind, name] of [
      ['Deployment', 'kube-native'],
      ['Deployment', 'kube-native-worker'],
      ['CronJob', 'kube-native-nightly'],
      ['Job', 'kube-native-migrate'],
    ] as const) {
      const told = (init: boolean) =>
        Object.entries(envOf(named(objects, kind, name), init)).filter(([one]) =>
          /^(?:OTEL_|SENTRY_|POD_NAME|POD_UID|NODE_|APP_VERSION)/.test(one),
        );
      expect(told(true).map(([one]) => one)).toEqual(
        expect.arrayContaining(['POD_NAME', 'APP_VERSION', 'OTEL_RESOURCE_ATTRIBUTES', 'SENTRY_DSN', 'SENTRY_RELEASE']),
      );
      expect(told(true)).toEqual(told(false));
    }
  });

  test('a collector on the node has its address above what refers to it, in the gate as well', () => {
    const tracing = { endpoint: { node: 4318 }, cidrs: ['10.0.0.0/16'] as const };
    const before = Object.keys(envOf(named(tried({ tracing }).objects, 'Deployment', 'kube-native'), true));
    expect(before).toContain('NODE_IP');
    expect(before.indexOf('NODE_IP')).toBeLessThan(before.indexOf('OTEL_EXPORTER_OTLP_ENDPOINT'));
  });

  test('the fence opens the two ways, and no third', () => {
    const before = egressOf(tried({}).objects);
    const opened = egressOf(objects).filter((rule) => !before.some((one) => JSON.stringify(one) === JSON.stringify(rule)));
    expect(opened).toEqual([
      {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } } }],
        ports: [{ port: 4318, protocol: 'TCP' }],
      },
      { ports: [{ port: 443, protocol: 'TCP' }] },
    ]);
  });

  test('a strict mesh is not in the way', () => {
    const mesh = { gateways: ['envoy-gateway-system'] };
    expect(tried({ ...all, mesh }).faults).toEqual([]);
  });
});

describe('the collector is', () => {
  const endpointOf = (tracing: Tracing, change: Variation = {}) => {
    const { faults, objects } = tried({ tracing, ...change });
    const web = named(objects, 'Deployment', 'kube-native');
    const map = objects.find(({ kind, data }) => kind === 'ConfigMap' && 'PORT' in ((data ?? {}) as object));
    return { faults, objects, told: { ...(map?.['data'] as Record<string, string>), ...envOf(web) } as Record<string, unknown> };
  };

  test('on the node of each pod, by its address', () => {
    const node: NodeCollector = { node: 4317, namespace: 'observability' };
    const { faults, objects, told } = endpointOf({ endpoint: node, cidrs: ['10.0.0.0/16'], targetPort: 14317 });
    expect(faults).toEqual([]);
    expect(told).toMatchObject({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://$(NODE_IP):4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    expect(Object.keys(told).indexOf('NODE_IP')).toBeLessThan(Object.keys(told).indexOf('OTEL_EXPORTER_OTLP_ENDPOINT'));
    expect(egressOf(objects)).toEqual(
      expect.arrayContaining([
        { to: [{ ipBlock: { cidr: '10.0.0.0/16' } }], ports: [{ port: 4317, protocol: 'TCP' }] },
        {
          to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } } }],
          ports: [{ port: 14317, protocol: 'TCP' }],
        },
      ]),
    );
  });

  test('on a node that has addresses of IPv6, which stand in brackets', () => {
    const { faults, told } = endpointOf({ endpoint: { node: 4318 }, cidrs: ['fd00:10::/64'] });
    expect([faults, told['OTEL_EXPORTER_OTLP_ENDPOINT']]).toEqual([[], 'http://[$(NODE_IP)]:4318']);
  });

  test('a provider of the internet, with the port of https', () => {
    const { faults, objects, told } = endpointOf({
      endpoint: 'https://api.eu1.honeycomb.io',
      cidrs: 'everyone',
      protocol: 'grpc',
    });
    expect([faults, told['OTEL_EXPORTER_OTLP_PROTOCOL']]).toEqual([[], 'grpc']);
    expect(egressOf(objects)).toContainEqual({ ports: [{ port: 443, protocol: 'TCP' }] });
  });

  test('a sidecar, to which no way leads out', () => {
    const otel = {
      image:
        'registry.example.com/otel/collector:0.140.0@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978',
      command: ['/otelcol'],
      resources: staging.web.resources,
      ports: { otlp: 4318 },
      probes: { startup: Probe.tcp({ port: 'otlp' }) },
    };
    const { faults, objects } = tried({ tracing: { endpoint: 'http://localhost:4318' }, sidecars: { otel }, quota: undefined });
    expect(faults).toEqual([]);
    expect(JSON.stringify(egressOf(objects))).not.toContain('4318');
  });
});

describe('samplers', () => {
  const samplingOf = (sampler: Sampler): (string | undefined)[] => {
    const { objects } = tried({ tracing: { endpoint: collector, sampler } });
    const map = objects.find(({ kind, data }) => kind === 'ConfigMap' && 'PORT' in ((data ?? {}) as object));
    const { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument } = map?.['data'] as Record<string, string>;
    return [name, argument].filter((one) => one !== undefined);
  };

  test.each<[Sampler, string, string?]>([
    ['always_on', 'always_on'],
    ['parentbased_always_off', 'parentbased_always_off'],
    [{ ratio: 0 }, 'parentbased_traceidratio', '0.0'],
    [{ ratio: 0.025 }, 'parentbased_traceidratio', '0.025'],
    [{ ratio: 0.000001 }, 'parentbased_traceidratio', '0.000001'],
    [{ ratio: 1 }, 'parentbased_traceidratio', '1.0'],
  ])('%j is written as the SDK reads it', (sampler, name, ...argument) => {
    expect(samplingOf(sampler)).toEqual([name, ...argument]);
  });
});

test('everything of it can be said', () => {
  const tracing: Required<Omit<Tracing, 'cidrs'>> = {
    endpoint: 'http://collector.observability.svc:80/otlp',
    targetPort: 4318,
    protocol: 'http/protobuf' satisfies OtlpProtocol,
    sampler: 'parentbased_always_on',
    headers: { secret: 'kube-native', key: 'SECRET_KEY_BASE' },
    attributes: { 'deployment.environment.name': 'rehearsal', 'cloud.region': 'eu-central-1' },
  };
  const sentry: Required<Sentry> = {
    host: 'sentry.errors.svc',
    port: 9000,
    targetPort: 9001,
    cidrs: ['192.0.2.0/24'],
    dsn: { secret: 'sentry', key: 'dsn' },
    environment: 'rehearsal',
    release: 'shop@3f2c1d0',
  };
  const { cidrs: _, ...inCluster } = sentry;
  const logs: Required<Logs> = { level: 'debug' };
  const { faults, objects } = tried({ tracing, sentry: inCluster, logs });
  expect(faults).toEqual([]);
  const told = envOf(named(objects, 'Deployment', 'kube-native'));
  expect(told['SENTRY_RELEASE']).toBe('shop@3f2c1d0');
  expect(told['OTEL_RESOURCE_ATTRIBUTES']).toMatch(/,deployment\.environment\.name=rehearsal,cloud\.region=eu-central-1$/);
  const opened = (port: number) =>
    egressOf(objects).some(({ ports }) => (ports as Manifest[]).some((one) => one['port'] === port));
  expect([4318, 9001, 80, 9000].map(opened)).toEqual([true, true, false, false]);
});

test('the DSN and the headers are keys of the Secret of the release, where none is named', () => {
  const keys = { ...facts, secretKeys: [...secretKeys, 'SENTRY_DSN', 'OTEL_EXPORTER_OTLP_HEADERS'] };
  const sentry = { host: 'o1.ingest.sentry.io', cidrs: 'everyone' } as const;
  const { faults, objects } = tried({ sentry, tracing: { endpoint: collector } }, staging, keys);
  expect(faults).toEqual([]);
  expect(envOf(named(objects, 'Job', 'kube-native-migrate'))['OTEL_EXPORTER_OTLP_HEADERS']).toEqual({
    secretKeyRef: { name: 'kube-native', key: 'OTEL_EXPORTER_OTLP_HEADERS' },
  });
  expect(envOf(named(objects, 'Deployment', 'kube-native'))['SENTRY_DSN']).toEqual({
    secretKeyRef: { name: 'kube-native', key: 'SENTRY_DSN' },
  });
});

test('a release by itself says its namespace, and asks Kubernetes for one that nobody names', () => {
  const alone = chart();
  release(alone, { tracing: { endpoint: collector }, logs: {} });
  new NetworkFence(alone, 'Fence', { clients: 'everyone' });
  const told = envOf(named(objectsIn(alone), 'Deployment', 'kube-native'));
  expect(told['OTEL_RESOURCE_ATTRIBUTES']).toMatch(/^service\.namespace=test,.*k8s\.node\.name=\$\(NODE_NAME\)$/);
  expect(told['POD_NAMESPACE']).toBeUndefined();
});

test('nothing is told, and nothing is open, without a word', () => {
  const { files } = tried({});
  expect([...files.values()].join('')).not.toMatch(/OTEL_|SENTRY_|POD_NAME|NODE_NAME|LOG_LEVEL|APP_VERSION/);
});

describe('fails when', () => {
  const faultOf = (change: Variation, environment: NamedEnvironment = staging): readonly string[] =>
    tried(change, environment).faults;
  const tracing = (more: Partial<Tracing>): Variation => ({ tracing: { endpoint: collector, ...more } });

  test.each<[string, Partial<Tracing>, string]>([
    [
      'is no URL',
      { endpoint: 'collector.observability.svc:4318' },
      "'tracing.endpoint' must begin with http:// or https://, with gRPC too",
    ],
    ['has another scheme', { endpoint: 'grpc://collector.observability.svc:4317' }, "'tracing.endpoint' must begin with http://"],
    [
      'has no port',
      { endpoint: 'http://collector.observability.svc' },
      "'tracing.endpoint' must name the port: without one it is 80",
    ],
    ['has the path of traces', { endpoint: `${collector}/v1/traces` }, "'tracing.endpoint' must end before /v1/traces"],
    [
      'has a password',
      { endpoint: 'https://me:secret@otlp.example.com' },
      '\'tracing.endpoint\' must have no user and no password, got "34 characters"',
    ],
    [
      'refers to a variable',
      { endpoint: 'http://$(NODE_IP):4318' },
      "'tracing.endpoint' must be a URL without references to variables",
    ],
    ['has a query', { endpoint: `${collector}?key=1` }, "'tracing.endpoint' must be the URL of one collector, without a query"],
    [
      'is outside without addresses',
      { endpoint: 'https://otlp.example.com' },
      "'tracing.cidrs' must say which addresses a host outside of the cluster has",
    ],
    ['is on nodes without addresses', { endpoint: { node: 4318 } }, "'tracing.cidrs' must say which addresses nodes have"],
    [
      'is on nodes of two families',
      { endpoint: { node: 4318 }, cidrs: ['10.0.0.0/16', 'fd00::/64'] },
      "'tracing.cidrs' must be of one family",
    ],
    [
      'is on no port',
      { endpoint: { node: 0 }, cidrs: ['10.0.0.0/16'] },
      "'tracing.endpoint.node' must be a whole number from 1 to 65535",
    ],
    [
      'has pods behind it that are nowhere',
      { endpoint: { node: 4318 }, cidrs: ['10.0.0.0/16'], targetPort: 4319 },
      "'tracing.targetPort' must be left out",
    ],
    [
      'has the port of gRPC',
      { endpoint: 'http://collector.observability.svc:4317', protocol: 'http/protobuf' },
      "'tracing.protocol' must be 'grpc', which collectors receive on 4317",
    ],
    [
      'has the port of HTTP',
      { protocol: 'grpc' },
      "'tracing.protocol' must be 'http/protobuf', which collectors receive on 4318, got \"grpc\"; write port 4317",
    ],
  ])('the collector %s', (_, more, sentence) => {
    const faults = faultOf(tracing(more));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`[30-phoenix/Release] ${sentence}`);
  });

  test.each([-0.1, 1.5, 1e-7, NaN])('the share of traces is %d', (ratio) => {
    const [fault, ...others] = faultOf(tracing({ sampler: { ratio } }));
    expect([others, fault]).toEqual([[], expect.stringContaining("'tracing.sampler.ratio' must be 0, or from 0.000001 to 1")]);
  });

  test('the protocol or the sampler is none', () => {
    const wrong = { protocol: 'http/json', sampler: 'always' } as unknown as Partial<Tracing>;
    expect(() => faultOf(tracing(wrong))).toThrow(/'tracing\.protocol' must[\s\S]*'tracing\.sampler' must/);
  });

  test("an attribute would be lost, or is the pod's", () => {
    const attributes = {
      'k8s.pod.name': 'web',
      team: 'a,b',
      note: 'a=b',
      price: '$(COST)',
      city: 'Zürich',
      'a b': 'c',
      owner: '',
    };
    expect(
      faultOf(tracing({ attributes }))
        .map((fault) => /'(tracing\.attributes\.[^']*)'/.exec(fault)?.[1])
        .sort(),
    ).toEqual(
      Object.keys(attributes)
        .sort()
        .map((key) => `tracing.attributes.${key}`),
    );
  });

  test('a variable is said twice', () => {
    const twice = {
      ...all,
      config: {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_SDK_DISABLED: 'true',
        LOG_LEVEL: 'debug',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other.observability.svc:4318/v1/traces',
      },
      variables: { POD_NAME: 'web-0', NODE_NAME: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      backingServices: { SENTRY_DSN: { host: 'o1.ingest.sentry.io', port: 443, cidrs: 'everyone' as const } },
    };
    const faults = faultOf(twice);
    const left = (prop: string, by: string, got: string) =>
      `[30-phoenix/Release] '${prop}' must be left to '${by}', which says it, got "${got}"; remove it`;
    for (const sentence of [
      left('config.LOG_LEVEL', 'logs', 'LOG_LEVEL'),
      left('config.OTEL_SDK_DISABLED', 'tracing', 'OTEL_SDK_DISABLED'),
      left('config.OTEL_SERVICE_NAME', 'tracing', 'OTEL_SERVICE_NAME'),
      left('config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'tracing', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'),
      left('variables.POD_NAME', 'logs', 'POD_NAME'),
      left('backingServices.SENTRY_DSN', 'sentry', 'SENTRY_DSN'),
    ])
      expect(faults).toContain(sentence);
    expect(faults.filter((fault) => fault.includes('NODE_NAME'))).toEqual([]);
  });

  describe('a role or a task says again what one of them says, or what would win over it:', () => {
    const roles = {
      'web.config': (config: Record<string, string>): Variation => ({ web: { config } }),
      'workers.worker.config': (config: Record<string, string>): Variation => ({
        workers: { worker: { ...staging.workers.worker, config } },
      }),
      'tasks.nightly.config': (config: Record<string, string>): Variation => ({
        tasks: { nightly: { ...all.tasks.nightly, config } },
      }),
      'tasks.nightly.variables': (variables: Record<string, string>): Variation => ({
        tasks: { nightly: { ...all.tasks.nightly, variables } },
      }),
    };
    const said = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'tracing',
      OTEL_TRACES_EXPORTER: 'tracing',
      OTEL_SDK_DISABLED: 'tracing',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'tracing',
      OTEL_RESOURCE_ATTRIBUTES: 'tracing',
      OTEL_SERVICE_NAME: 'tracing',
      POD_UID: 'tracing',
      SENTRY_DSN: 'sentry',
      SENTRY_RELEASE: 'sentry',
      LOG_LEVEL: 'logs',
      APP_VERSION: 'logs',
    };
    test.each(Object.entries(roles))('%s', (prop, change) => {
      const texts = Object.fromEntries(Object.keys(said).map((name) => [name, 'other']));
      const faults = faultOf({ ...all, ...change(texts) });
      for (const [name, by] of Object.entries(said))
        expect(faults.filter((fault) => fault.includes(`'${prop}.${name}'`))).toEqual([
          expect.stringContaining(`'${prop}.${name}' must be left to '${by}', which says it, got "${name}"; remove it`),
        ]);
      expect(faults).toHaveLength(Object.keys(said).length);
    });

    test.each(Object.entries(roles))('%s may say them where nobody else does', (_, change) => {
      expect(faultOf({ ...change({ OTEL_SERVICE_NAME: 'jobs', LOG_LEVEL: 'debug', POD_NAME: 'any' }) })).toEqual([]);
    });

    test('the same field of the pod says nothing else', () => {
      const variables = { POD_NAME: { fieldRef: { fieldPath: 'metadata.name' } } };
      expect(faultOf({ ...all, tasks: { nightly: { ...all.tasks.nightly, variables } } })).toEqual([]);
    });
  });

  test('the DSN comes from nowhere, or Sentry takes no such names', () => {
    const sentry = { host: 'o1.ingest.sentry.io', cidrs: 'everyone', environment: 'eu/staging', release: 'shop 1' } as const;
    const faults = faultOf({ sentry }, production);
    expect(faults.map((fault) => /'(sentry[^']*)'/.exec(fault)?.[1])).toEqual([
      'sentry.dsn',
      'sentry.environment',
      'sentry.release',
    ]);
  });

  test('the host of the DSN is nowhere, or no host', () => {
    const dsn = { secret: 'sentry', key: 'dsn' };
    expect(faultOf({ sentry: { host: 'o1.ingest.sentry.io', dsn } })).toEqual([
      expect.stringContaining("'sentry.cidrs' must say"),
    ]);
    const faults = faultOf({ sentry: { host: 'https://o1.ingest.sentry.io', dsn, cidrs: 'everyone' } });
    expect(faults).toEqual([expect.stringContaining("'sentry.host' must be a DNS host name")]);
  });

  test('they stand where metrics do, or in a role', () => {
    const inside = { observe: { tracing: { endpoint: collector } } } as unknown as Variation;
    expect(faultOf(inside)).toEqual([expect.stringContaining("'observe.tracing' must stand in the environment itself")]);
    const web = { logs: { level: 'info' } } as unknown as Variation['web'];
    expect(faultOf({ web })).toEqual([expect.stringContaining("'web.logs' must stand in the environment itself")]);
  });

  test('a secret or a key of one has no name', () => {
    const alone = chart();
    release(alone, { tracing: { endpoint: collector, headers: { secret: 'Tracing', key: 'a/b' } } });
    expect(refusals(alone).map((fault) => /'([^']*)'/.exec(fault)?.[1])).toEqual([
      'tracing.headers.key',
      'tracing.headers.secret',
    ]);
  });
});
