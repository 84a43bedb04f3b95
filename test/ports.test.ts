import { ApiObject, Duration, JsonPatch } from 'cdk8s';
import {
  Checks,
  OptOut,
  patch,
  Probe,
  render,
  type Charts,
  type Manifest,
  type NamedEnvironment,
  type PodPort,
  type PortService,
  type StackFacts,
} from '../lib/index';
import { invalidObjects } from './support/models';
import { build, facts, staging } from './support/stack';
import { vary, type Variation } from './support/vary';

/** A release that is a TURN server beside its pages, and takes calls by SIP in its workers. */
const calls: StackFacts = {
  ...facts,
  application: { ...facts.application, health: { ready: '/ready', live: '/live', port: 4002 } },
};
const balancer = (address: string) => ({
  loadBalancer: { sourceRanges: 'everyone' as const, cloud: { gcp: { scheme: 'external' as const, address } } },
});
const work = { replicas: 2, config: { SIP: 'true' } };
const whole = vary(staging, {
  web: {
    ports: {
      admin: { port: 4001, service: { port: 80 }, clients: [{ namespace: 'vpn' }] },
      turn: { port: 3478, protocol: 'UDP', service: { exposure: balancer('turn') }, shutdown: Duration.minutes(2) },
      relay: { port: 50000, endPort: 50999, protocol: 'UDP', clients: 'everyone' },
    },
  },
  workers: {
    sip: {
      ...work,
      ports: {
        calls: { port: 5060, protocol: 'UDP', service: { exposure: balancer('sip') } },
        'calls-tcp': { port: 5060, service: { exposure: balancer('sip') }, appProtocol: 'tcp' },
        events: { port: 4100, service: true, clients: [{ pods: 'kube-native' }] },
      },
    },
  },
});

function made(environment: NamedEnvironment, of: StackFacts = calls) {
  const app = build(environment, undefined, of);
  const { faults, files } = render(app);
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  const find = (kind: string, name = 'kube-native') =>
    all.find((one) => one['kind'] === kind && one['metadata'].name === name) ?? {};
  return {
    faults,
    invalid: invalidObjects([...files.values()]),
    find,
    spec: (kind: string, name?: string) => (find(kind, name)['spec'] ?? {}) as Manifest,
    pod: (name?: string) => find('Deployment', name)['spec'].template.spec as Manifest,
    container: (name?: string) => find('Deployment', name)['spec'].template.spec.containers[0] as Manifest,
    all: (kind: string) => all.filter((one) => one['kind'] === kind),
  };
}

const faultsOf = (change: Variation, of: StackFacts = calls): readonly string[] =>
  render(build(vary(whole, change), undefined, of)).faults;

describe('an environment with a TURN server and SIP', () => {
  const { faults, invalid, spec, pod, container, all } = made(whole);

  test('runs, and each port that asks for one has a Service of its own', () => {
    expect(faults).toEqual([]);
    expect(invalid).toEqual([]);
    const own = /^kube-native-(?:admin|turn|sip-.*)$/;
    const services = all('Service').filter(({ metadata }) => own.test(String(metadata.name)));
    expect(Object.fromEntries(services.map((one) => [String(one['metadata'].name), one['spec'] as Manifest]))).toMatchSnapshot();
  });

  test('the fence opens each port to those who come, at both ends where they are pods of it', () => {
    const ports = /\b(?:3478|400[0-9]|4100|5060|50000)\b/;
    const rules = (name: string, way: string) =>
      (spec('NetworkPolicy', name)[way] as Manifest[]).filter((rule) => ports.test(JSON.stringify(rule['ports'])));
    expect({
      web: rules('kube-native', 'ingress'),
      sip: rules('kube-native-sip', 'ingress'),
      fromWeb: rules('kube-native', 'egress'),
    }).toMatchSnapshot();
  });

  test('containers say which protocol, and health is asked at its own port', () => {
    const { ports, startupProbe, readinessProbe, livenessProbe } = container('kube-native-sip');
    expect({
      web: container()['ports'] as unknown,
      sip: { ports, startupProbe, readinessProbe, livenessProbe },
    }).toMatchSnapshot();
  });

  test('pods sleep before they stop where somebody comes, and have the time that each port takes', () => {
    // The endpoint has 45 seconds, admin the 15 of a server of HTTP, calls two minutes.
    expect(pod()['terminationGracePeriodSeconds']).toBe(10 + (30 + 15) + 15 + 120 + 5);
    expect(container('kube-native-sip')['lifecycle']).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(pod('kube-native-sip')['terminationGracePeriodSeconds']).toBe(10 + 60 + 2 * 15 + 5);
  });

  test('the quota has room for their load balancers', () => {
    const hard = (all('ResourceQuota')[0]?.['spec'] as Manifest)['hard'] as Manifest;
    expect([hard['services.loadbalancers'], hard['services.nodeports']]).toEqual(['3', '3']);
  });
});

test('a port has all that it is given', () => {
  const service: Required<PortService> = { port: 4444, exposure: { nodePort: 30444 } };
  const everything: Required<Omit<PodPort, 'endPort'>> = {
    port: 4003,
    protocol: 'TCP',
    appProtocol: 'http',
    service,
    clients: [{ namespace: 'office', labels: { role: 'proxy' } }, { cidr: '192.0.2.0/24' }, { mesh: 'kube-native' }],
    shutdown: Duration.minutes(10),
  };
  const one = made(vary(staging, { web: { ports: { panel: everything }, probes: { ...asked('panel') } } }), facts);
  expect(one.faults).toEqual([]);
  expect(one.spec('Service', 'kube-native-panel')['ports']).toEqual([
    { name: 'panel', port: 4444, targetPort: 'panel', nodePort: 30444, appProtocol: 'http' },
  ]);
  const opened = (spec: Manifest, way: string) =>
    (spec[way] as Manifest[]).filter((rule) => JSON.stringify(rule['ports']).includes('4003'));
  expect(opened(one.spec('NetworkPolicy'), 'ingress').map(({ from }) => (from as Manifest[])[0])).toEqual([
    { podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'kube-native-worker' } } },
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'office' } },
      podSelector: { matchLabels: { role: 'proxy' } },
    },
    { ipBlock: { cidr: '192.0.2.0/24' } },
    { ipBlock: { cidr: '0.0.0.0/0' } },
    { ipBlock: { cidr: '::/0' } },
  ]);
  expect(opened(one.spec('NetworkPolicy', 'kube-native-worker'), 'egress')).toHaveLength(1);
  expect(one.pod()['terminationGracePeriodSeconds']).toBe(10 + 45 + 600 + 5);
  expect(one.container()['readinessProbe'].tcpSocket).toEqual({ port: 'panel' });
});

function asked(port: string) {
  return { readiness: Probe.tcp({ port }), liveness: Probe.tcp({ port }) };
}

test('a port that nobody said anything of is one line, for probes', () => {
  const lines = (ports: Record<string, number>): string[] => {
    const { files } = render(build(vary(staging, { web: { ports } })));
    return [...files.values()].join('\n').split('\n');
  };
  const [before, after] = [lines({}), lines({ ping: 4009 })];
  const added = after.filter((line) => !before.includes(line)).map((line) => line.trim());
  expect(added).toEqual(['- containerPort: 4009', 'name: ping']);
});

test('Network Load Balancers of AWS ask about UDP at the port for health', () => {
  const aws = { scheme: 'internet-facing' as const, subnets: ['10.7.0.0/20'] };
  const media = {
    port: 7000,
    protocol: 'UDP',
    service: { exposure: { loadBalancer: { sourceRanges: ['198.51.100.0/24'], cloud: { aws } } } },
  } as const;
  const { faults, find, spec } = made(vary(staging, { web: { ports: { media } } }));
  expect(faults).toEqual([]);
  expect(find('Service', 'kube-native-media')['metadata'].annotations).toMatchObject({
    'service.beta.kubernetes.io/aws-load-balancer-healthcheck-port': '4002',
  });
  const rules = spec('NetworkPolicy')['ingress'] as Manifest[];
  expect(rules.map((rule) => JSON.stringify(rule))).toContain(
    JSON.stringify({ from: [{ ipBlock: { cidr: '10.7.0.0/20' } }], ports: [{ port: 4002, protocol: 'TCP' }] }),
  );
});

test('but never at one of the nodes, so that the application must have one', () => {
  const aws = { scheme: 'internet-facing' as const, subnets: ['10.7.0.0/20'] };
  const exposure = { loadBalancer: { sourceRanges: 'everyone' as const, cloud: { aws } } };
  const calls = { port: 5060, protocol: 'UDP' as const, service: { exposure } };
  expect(faultsOf({ workers: { sip: { ...work, ports: { calls } } } }, facts)).toEqual([
    expect.stringContaining(
      '\'workers.sip.ports.calls.service.exposure.loadBalancer.cloud.aws\' must be in front of pods with a TCP port, at which it asks whether they are well, got "UDP alone";',
    ),
  ]);
});

test('a worker whose Service leads to the port of the endpoint is told that it starts none', () => {
  const pages = { port: 4000, service: true, clients: [{ namespace: 'gateway' }] } as const;
  expect(faultsOf({ workers: { sip: { ...work, ports: { pages } } } })).toEqual([
    expect.stringMatching(/PHX_SERVER' must be set where .* \(server-switch\)$/),
  ]);
});

describe('a port is refused where something of it was forgotten', () => {
  const web = (ports: Readonly<Record<string, number | PodPort>>): Variation => ({ web: { ports } });
  const admin = { port: 4001, clients: [{ namespace: 'vpn' }] } satisfies PodPort;
  const udp = { port: 7000, protocol: 'UDP', clients: 'everyone' } satisfies PodPort;
  test.each<[string, Variation, string]>([
    [
      'two listen on one number',
      web({ admin: { ...admin, port: 4000 } }),
      "'web.ports.admin.port' must be a TCP port of its own: the pod listens there for 'http' already, got 4000;",
    ],
    [
      'the second of two has the number of the first',
      web({ admin, panel: 4001 }),
      "'web.ports.panel.port' must be a TCP port of its own: the pod listens there for 'admin' already, got 4001;",
    ],
    ['a node listens there', web({ admin: { ...admin, port: 4370 } }), "the pod listens there for 'dist-1' already, got 4370;"],
    [
      'another port has its name',
      web({ health: admin }),
      `'web.ports.health' must have a name that no other port of the pod has: health is 4002, got "health";`,
    ],
    [
      'its name is too long',
      web({ 'administrator-ui': admin }),
      `must hold names of at most 15 lower-case letters, digits and single '-', got "administrator-ui";`,
    ],
    ['it would need root', web({ admin: { ...admin, port: 443 } }), 'must be a whole number from 1024 to 65535, got 443;'],
    [
      'nobody is said to come by its Service',
      web({ admin: { port: 4001, service: true } }),
      "'web.ports.admin.clients' must say who comes by the Service,",
    ],
    [
      'everyone comes where nobody from outside can',
      web({ admin: { port: 4001, service: true, clients: 'everyone' } }),
      '\'web.ports.admin.clients\' must name those who come, where nobody from outside of the cluster can, got "everyone";',
    ],
    [
      'everyone comes by TCP to no Service',
      web({ admin: { ...admin, clients: 'everyone' } }),
      "'web.ports.admin.clients' must name those who come,",
    ],
    [
      'a client is nobody',
      web({ admin: { port: 4001, clients: [{ pods: 'kube-nativ' }] } }),
      `'web.ports.admin.clients.pods' must name a controller of the environment, got "kube-nativ"; write "kube-native"`,
    ],
    [
      'a range is of TCP',
      web({ media: { port: 7000, endPort: 7009, clients: [] } }),
      "'web.ports.media.endPort' must be left out of TCP, and beside a Service, which has no ranges, got 7009;",
    ],
    [
      'a range goes downwards',
      web({ media: { ...udp, endPort: 6999 } }),
      "'web.ports.media.endPort' must be a whole number from 7000 to 65535, got 6999;",
    ],
    [
      'nobody comes to a range',
      web({ media: { port: 7000, endPort: 7009, protocol: 'UDP' } }),
      "'web.ports.media.clients' must say who comes to the range, got nothing;",
    ],
    [
      'its port of the nodes is none',
      web({ admin: { port: 4001, service: { exposure: { nodePort: 80 } } } }),
      "'web.ports.admin.service.exposure.nodePort' must be a whole number from 30000 to 32767, got 80;",
    ],
    [
      'a probe asks it by UDP',
      { web: { ports: { media: udp }, probes: { ...asked('http'), readiness: Probe.tcp({ port: 'media' }) } } },
      `'web.probes.readiness.port' must be the name of a TCP port of the container, got "media";`,
    ],
    [
      'a probe asks one that is not there',
      { web: { ports: { admin }, probes: { ...asked('http'), readiness: Probe.tcp({ port: 'panel' }) } } },
      `'web.probes.readiness.port' must be the name of a TCP port of the container, got "panel";`,
    ],
    [
      "a worker's is",
      { workers: { sip: { ...work, ports: { sip: { port: 5060, protocol: 'UDP', service: true } } } } },
      "'workers.sip.ports.sip.clients' must say who comes by the Service,",
    ],
  ])('%s', (_, change, sentence) => {
    const faults = faultsOf({ workers: {}, ...change });
    expect(faults).toEqual([expect.stringContaining(sentence)]);
  });

  test('it is misspelt', () => {
    expect(() => faultsOf(web({ admin: { ...admin, client: [] } as PodPort }))).toThrow(
      "'web.ports.admin.client' must be a prop that is known, got []; use one of port, endPort, protocol,",
    );
  });

  test('another Service has the name', () => {
    const faults = faultsOf(web({ mesh: { ...admin, service: true } }));
    expect(faults).toEqual([expect.stringContaining('(unique-objects)')]);
  });

  test('the health of the application is on a port that it serves', () => {
    const on = (port: number): StackFacts => ({
      ...calls,
      application: { ...calls.application, health: { ready: '/ready', port } },
    });
    expect(faultsOf({ workers: {} }, on(4000))).toEqual([
      expect.stringContaining("'application.health.port' must be another one than the port 'http', got 4000;"),
    ]);
    expect(faultsOf({ workers: {} }, on(4369))).toEqual([
      expect.stringContaining("'application.health.port' must leave 4369 to epmd, got 4369;"),
    ]);
  });

  test('a node that is in no cluster listens there first', () => {
    const on = (port: number): StackFacts => ({ ...calls, application: { ...calls.application, port } });
    const alone: Variation = { workers: {}, beam: OptOut.because('one pod is enough here'), web: { replicas: 1 } };
    expect(faultsOf(alone, on(4370))).toEqual([
      expect.stringContaining("'application.port' must leave 4370 to the node of the VM, got 4370; let the application listen"),
    ]);
    expect(faultsOf(alone, on(4369))).toEqual([expect.stringContaining("'application.port' must leave 4369 to epmd, got 4369;")]);
    // Its tools look for the next free one.
    expect(faultsOf(alone, on(4371))).toEqual([]);
  });

  test.each<[string, Variation]>([
    ['one number is a port of TCP and one of UDP', web({ calls: udp, 'calls-tcp': { ...admin, port: 7000 } })],
    ['another policy lets its clients in', web({ admin: { port: 4001, service: true, clients: [] } })],
    ['everyone comes to UDP without a Service', web({ media: udp })],
    ['it is a range of one', web({ media: { ...udp, endPort: 7000 } })],
    ['it is asked by its own probes', { web: { ports: { admin }, probes: asked('admin') } }],
    ['pods are reached by their address alone', web({ admin })],
  ])('and not where %s', (_, change) => {
    expect(faultsOf({ workers: {}, ...change })).toEqual([]);
  });
});

describe('routes and probes of others', () => {
  const route = (kind: string, name: string, port: number) => (charts: Charts) => {
    const rules = [{ backendRefs: [{ name, port }] }];
    const parentRefs = [{ name: 'public', namespace: 'gateway' }];
    const hostnames = kind === 'HTTPRoute' ? { hostnames: ['calls.example.com'] } : {};
    const apiVersion = kind === 'UDPRoute' ? 'gateway.networking.k8s.io/v1alpha2' : 'gateway.networking.k8s.io/v1';
    new ApiObject(charts.release, 'Calls', {
      apiVersion,
      kind,
      metadata: { name: 'calls' },
      spec: { parentRefs, ...hostnames, rules },
    });
  };
  const of = (kind: string, name: string, port: number): readonly string[] =>
    faultsOf({ amend: route(kind, name, port) }).filter((fault) => fault.includes('(backend-exists)'));

  test('a route of HTTP to a port of UDP is refused, and one of UDP to a port of TCP', () => {
    expect(of('HTTPRoute', 'kube-native-turn', 3478)).toEqual([
      expect.stringContaining(
        'must be a TCP port of the Service "kube-native-turn", got 3478; lead to it by the exposure of its Service, or by a UDPRoute',
      ),
    ]);
    expect(of('UDPRoute', 'kube-native-admin', 80)).toEqual([
      expect.stringContaining('must be a UDP port of the Service "kube-native-admin", got 80; use a TCPRoute'),
    ]);
    expect([of('HTTPRoute', 'kube-native-admin', 80), of('UDPRoute', 'kube-native-turn', 3478)]).toEqual([[], []]);
  });

  test('a probe of a port of UDP is refused, by name and by number', () => {
    const probed = (port: string | number): readonly string[] =>
      faultsOf({
        amend: ({ release }) => {
          const at = '/spec/template/spec/containers/0/readinessProbe';
          patch(release.web.deployment, 'what another chart has', JsonPatch.replace(at, { tcpSocket: { port } }));
        },
      });
    expect(probed('turn')).toEqual([expect.stringMatching(/must name a TCP port of its container, got "turn";.*\(port-names\)/)]);
    expect(probed(3478)).toEqual([expect.stringMatching(/must be a TCP port of the container, got 3478;.*\(probe-ports\)/)]);
    expect([probed('admin'), probed(4001)]).toEqual([[], []]);
  });
});

describe('workers are asked', () => {
  const worker = (environment: Variation, of: StackFacts = facts) => {
    const { faults, container } = made(vary(staging, environment), of);
    expect(faults).toEqual([]);
    const { startupProbe, readinessProbe, livenessProbe } = container('kube-native-worker');
    const probes = [startupProbe, readinessProbe, livenessProbe] as (Manifest | undefined)[];
    return probes.map((probe) => probe && ((probe['tcpSocket'] ?? probe['httpGet']) as unknown));
  };
  const none = OptOut.because('one pod is enough here');

  test('at the port for health, as the web pods are', () => {
    const how = ['/live', '/ready', '/live'].map((path) => ({ path, port: 'health' }));
    expect(worker({}, calls)).toEqual(how);
    const { live, ...ready } = calls.application.health;
    const other: StackFacts = { ...calls, application: { ...calls.application, health: ready } };
    expect([live, worker({}, other)[2]]).toEqual(['/live', { port: 'health' }]);
  });

  test('at a port that they serve', () => {
    const { replicas } = staging.workers.worker;
    const ports = { events: { port: 4100, service: true, clients: [{ pods: 'kube-native' }] } } as const;
    const how = [{ port: 'events' }, { port: 'events' }, { port: 'events' }];
    expect(worker({ workers: { worker: { replicas, ports } }, beam: none })).toEqual(how);
  });

  test('at the port of their node, in a cluster', () => {
    expect(worker({})).toEqual([{ port: 'dist-1' }, undefined, { port: 'dist-1' }]);
    const optOuts = { 'boot-files': OptOut.because('what waits for migrations talks to no node') };
    expect(worker({ beam: { epmd: false }, optOuts })).toEqual([{ port: 'dist' }, undefined, { port: 'dist' }]);
  });

  test('not at all where there is nothing to ask', () => {
    expect(worker({ beam: none })).toEqual([undefined, undefined, undefined]);
  });

  test('what they are told to be asked', () => {
    const why = OptOut.because('it hangs for hours, and works');
    const probes = { startup: Probe.tcp({ port: 'epmd' }), readiness: why, liveness: why };
    expect(worker({ workers: { worker: { ...staging.workers.worker, probes } } })).toEqual([
      { port: 'epmd' },
      undefined,
      undefined,
    ]);
  });

  test('and one whose Service leads to UDP alone must say how it is asked', () => {
    const ports = { calls: { port: 5060, protocol: 'UDP', service: true, clients: [{ namespace: 'sbc' }] } } as const;
    const sip = { workers: { sip: { ...work, ports } }, beam: none };
    expect(faultsOf(sip, facts)).toEqual([
      expect.stringContaining(
        "'workers.sip.probes' must be given beside the Service of 'calls', to which no pod may come that has not booted, got nothing;",
      ),
    ]);
    expect(faultsOf(sip)).toEqual([]);
    expect(faultsOf({ workers: { sip: { ...work, ports, probes: { ...asked('dist-1') } } } }, facts)).toEqual([]);
  });
});
