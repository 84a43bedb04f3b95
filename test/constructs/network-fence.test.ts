import { ApiObject, Chart, JsonPatch } from 'cdk8s';
import {
  clusterDns,
  EnvironmentChart,
  NetworkFence,
  OptOut,
  patch,
  ProbedDeployment,
  type Manifest,
  type NetworkFenceProps,
  type Opening,
  type Peer,
} from '../../lib/index';
import { declare } from '../../lib/support/declare';
import type { Traffic } from '../../lib/support/network';
import { chart, minimalDeployment, objects, refusalsOf } from '../support/chart';

/** What the pods of a controller send, and whether they serve. */
const traffic = (pods: string, more: Partial<Traffic> = {}): Traffic => ({
  pods,
  labels: { 'app.kubernetes.io/instance': pods },
  sends: [],
  reachesOut: false,
  ...more,
});
const selects = (pods: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/instance': pods } } });
const ofMesh = { podSelector: { matchLabels: { 'cdk8s-phoenix/mesh': 'shop' } } };
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
const tcp = (port: number, endPort?: number) => ({ port, protocol: 'TCP', ...(endPort === undefined ? {} : { endPort }) });
const names = {
  to: [inNamespace('kube-system'), { ipBlock: { cidr: '169.254.20.10/32' } }],
  ports: [{ port: 53, protocol: 'UDP' }, tcp(53)],
};

/** The policies round some pods by name, as they stand in the YAML. */
function fenced(declared: readonly Traffic[], props: Partial<NetworkFenceProps> = {}): Record<string, Manifest> {
  const tried = chart();
  declare(tried, { traffic: [...declared] });
  new NetworkFence(tried, 'Fence', { clients: 'everyone', ...props });
  return Object.fromEntries(objects(tried).map(({ metadata, spec }) => [metadata.name as string, spec as Manifest]));
}

const web = traffic('web', { serves: [4000], sends: [{ port: 5432, peer: { pods: 'db' } }], reachesOut: true });
const db = traffic('db');

describe('a minimal fence', () => {
  test('closes the namespace and opens nothing where nothing is declared', () => {
    expect(fenced([])).toEqual({ 'default-deny': { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } });
  });

  test('opens both ends of what is sent, and nothing more', () => {
    const { web: one, db: other } = fenced([web, db]);
    expect(one).toEqual({
      ...selects('web'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [tcp(4000)] }],
      egress: [names, { to: [selects('db')], ports: [tcp(5432)] }],
    });
    // Who opens no connection needs no name either.
    expect(other).toEqual({
      ...selects('db'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [selects('web')], ports: [tcp(5432)] }],
    });
  });

  test('labels each policy as what it fences', () => {
    const tried = chart();
    declare(tried, { traffic: [web] });
    const fence = new NetworkFence(tried, 'Fence', { clients: 'everyone' });
    expect(objects(tried).map(({ metadata }) => metadata.labels)).toEqual([undefined, { 'app.kubernetes.io/instance': 'web' }]);
    expect([fence.defaultDeny.name, fence.policies['web']?.name]).toEqual(['default-deny', 'web']);
  });
});

test('a fence with everything set lets in those clients, asks that DNS and lets the application out', () => {
  const everything: Required<NetworkFenceProps> = {
    clients: [{ namespace: 'gateway' }, { cidr: '10.0.0.0/8' }],
    dns: [{ cidr: '10.96.0.10/32' }],
    monitoring: [{ namespace: 'monitoring' }],
    egress: [
      { port: 587, peer: { cidr: '203.0.113.0/24' } },
      { port: 8000, endPort: 8010, protocol: 'UDP' },
    ],
  };
  const { web: one, db: other } = fenced([{ ...web, metrics: 9568 }, db], everything);
  expect(one?.['ingress']).toEqual([
    { from: [inNamespace('gateway'), { ipBlock: { cidr: '10.0.0.0/8' } }], ports: [tcp(4000)] },
    { from: [inNamespace('monitoring')], ports: [tcp(9568)] },
  ]);
  expect(one?.['egress']).toEqual([
    { to: [{ ipBlock: { cidr: '10.96.0.10/32' } }], ports: names.ports },
    { to: [selects('db')], ports: [tcp(5432)] },
    { to: [{ ipBlock: { cidr: '203.0.113.0/24' } }], ports: [tcp(587)] },
    { ports: [{ port: 8000, protocol: 'UDP', endPort: 8010 }] },
  ]);
  expect(other).not.toHaveProperty('egress');
});

test.each<[string, Peer, object]>([
  ['the pods of a controller', { pods: 'cache' }, selects('cache')],
  ['a mesh', { mesh: 'shop' }, ofMesh],
  ['a namespace', { namespace: 'mail' }, inNamespace('mail')],
  [
    'some pods of a namespace',
    { namespace: 'mail', labels: { 'app.kubernetes.io/name': 'relay' } },
    { ...inNamespace('mail'), podSelector: { matchLabels: { 'app.kubernetes.io/name': 'relay' } } },
  ],
  ['a range of addresses', { cidr: 'fd00::/8' }, { ipBlock: { cidr: 'fd00::/8' } }],
])('%s may be at the other end', (_, peer, selected) => {
  const { web: one } = fenced([traffic('web', { sends: [{ port: 9000, peer }] })]);
  expect(one?.['egress']).toEqual([names, { to: [selected], ports: [tcp(9000)] }]);
});

test('everyone is at the other end where none is named', () => {
  expect(fenced([traffic('web', { sends: [{ port: 443 }] })])['web']?.['egress']).toEqual([names, { ports: [tcp(443)] }]);
});

test('a mesh is open in both directions, for each of its nodes', () => {
  const sends: Opening[] = [
    { port: 4369, peer: { mesh: 'shop' } },
    { port: 4370, endPort: 4372, peer: { mesh: 'shop' } },
  ];
  const all = fenced([traffic('web', { sends }), traffic('worker', { sends })]);
  for (const node of ['web', 'worker']) {
    expect(all[node]?.['ingress']).toEqual([
      { from: [ofMesh], ports: [tcp(4369)] },
      { from: [ofMesh], ports: [tcp(4370, 4372)] },
    ]);
    expect(all[node]?.['egress']).toEqual([
      names,
      { to: [ofMesh], ports: [tcp(4369)] },
      { to: [ofMesh], ports: [tcp(4370, 4372)] },
    ]);
  }
});

test('several senders to one port are one rule', () => {
  const sends: Opening[] = [{ port: 5432, peer: { pods: 'db' } }];
  const { db: one } = fenced([traffic('web', { sends }), traffic('worker', { sends }), db]);
  expect(one?.['ingress']).toEqual([{ from: [selects('web'), selects('worker')], ports: [tcp(5432)] }]);
});

test('a visitor from another namespace comes in once, and to its port alone', () => {
  const tried = chart();
  const visitor = { pods: 'db', port: 5432, peer: { namespace: 'keda' } };
  declare(tried, { traffic: [web, db] });
  declare(tried, { visitors: [visitor, { ...visitor }, { ...visitor, pods: 'other' }] });
  new NetworkFence(tried, 'Fence', { clients: 'everyone' });
  const one = objects(tried).find(({ metadata }) => metadata.name === 'db');
  expect(one?.['spec'].ingress).toEqual([
    { from: [selects('web')], ports: [tcp(5432)] },
    { from: [inNamespace('keda')], ports: [tcp(5432)] },
  ]);
});

test('what comes after the fence is opened like what came before it', () => {
  const tried = chart();
  const fence = new NetworkFence(tried, 'Fence', { clients: 'everyone' });
  declare(tried, { traffic: [web] });
  const early = fence.policies['web'];
  patch(early ?? fence, 'the team is asked about it', JsonPatch.add('/metadata/annotations', { team: 'shop' }));
  declare(tried, { traffic: [db], visitors: [{ pods: 'web', port: 4001, peer: { namespace: 'keda' } }] });
  const [, one, other, ...others] = objects(tried);
  expect(others).toEqual([]);
  expect(one?.['metadata']).toMatchObject({ name: 'web', annotations: { team: 'shop' } });
  expect(one?.['spec'].ingress).toEqual([{ ports: [tcp(4000)] }, { from: [inNamespace('keda')], ports: [tcp(4001)] }]);
  expect(other?.['spec']).toEqual(fenced([web, db])['db']);
});

test('a fence opens what is declared in its own namespace, or in none', () => {
  const tried = chart();
  const { root } = tried.node;
  const elsewhere = new Chart(root, 'elsewhere', { namespace: 'other' });
  declare(elsewhere, { traffic: [traffic('far')], visitors: [{ pods: 'web', port: 4001, peer: { namespace: 'keda' } }] });
  declare(new Chart(root, 'anywhere'), { traffic: [web] });
  new NetworkFence(tried, 'Fence', { clients: [] });
  const [, one, other, ...others] = objects(tried).map(({ metadata }) => String(metadata.name));
  expect([one, other, ...others]).toEqual(['web', 'db']);
});

test('facts of two environments do not meet', () => {
  const [one, other] = [chart(), chart()];
  declare(one, { traffic: [web] });
  new NetworkFence(other, 'Fence', { clients: 'everyone' });
  expect(objects(other)).toHaveLength(1);
});

test('a chart of its own holds it as well as one of others', () => {
  const tried = chart();
  declare(tried, { traffic: [web, db] });
  const own = new EnvironmentChart(tried.node.root, '08-network', { namespace: 'test', partOf: 'shop' });
  new NetworkFence(own, 'Fence', { clients: 'everyone' });
  expect(objects(own).map(({ metadata }) => String(metadata.name))).toEqual(['default-deny', 'db', 'web']);
});

const range = 'must be a range of addresses';
const write = 'write it as 10.0.0.0/16, or 203.0.113.7/32 for one address';
const nameRule =
  "be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most 63 characters";

test.each<[string, Partial<NetworkFenceProps>, string]>([
  [
    'clients are a word',
    { clients: 'nobody' as 'everyone' },
    `'clients' must be 'everyone' or an array, got "nobody"; write 'everyone', or a list, [...]`,
  ],
  [
    'a client is one address',
    { clients: [{ cidr: '2001:db8::7' }] },
    `'clients.cidr' ${range}, got "2001:db8::7"; write 2001:db8::7/128 for this address alone, or how much of it is the network, such as /64`,
  ],
  ['a client is two ranges', { clients: [{ cidr: '10.0.0.0/8/16' }] }, `'clients.cidr' ${range}, got "10.0.0.0/8/16"; ${write}`],
  [
    'the namespace of a client is none',
    { clients: [{ namespace: 'Ingress_NGINX' }] },
    `'clients' must ${nameRule}, got "Ingress_NGINX"; rename it, for example "ingress-nginx"`,
  ],
  [
    'the pods of a client are all',
    { clients: [{ namespace: 'ingress', labels: {} }] },
    "'clients.labels' must name a label, got {}; leave it out to let all pods of the namespace in",
  ],
  [
    'DNS answers on no port',
    { dns: [{ namespace: 'dns', port: 0 }] },
    "'dns.port' must be a whole number from 1 to 65535, got 0; omit it to use 53",
  ],
  [
    'the address of DNS is no range',
    { dns: [{ cidr: 'dns.example.com' }] },
    `'dns.cidr' ${range}, got "dns.example.com"; ${write}`,
  ],
  [
    'a port is none',
    { egress: [{ port: 0 }] },
    "'egress.port' must be a whole number from 1 to 65535, got 0; write the port of the service, such as 443",
  ],
  [
    'a range of ports runs backwards',
    { egress: [{ port: 8010, endPort: 8000 }] },
    "'egress.endPort' must be a whole number from 8010 to 65535, got 8000; make it 'port' or more",
  ],
  [
    'a protocol has no ports',
    { egress: [{ port: 1, protocol: 'ICMP' as 'UDP' }] },
    `'egress.protocol' must be 'TCP' or 'UDP', got "ICMP"; write one of the 2 words`,
  ],
  [
    'a host name is to be reached',
    { egress: [{ port: 443, peer: { cidr: 'api.stripe.com' } }] },
    `'egress.peer.cidr' ${range}, got "api.stripe.com"; ${write}`,
  ],
])('fails when %s', (_, props, sentence) => {
  expect(refusalsOf((tried) => new NetworkFence(tried, 'Fence', { clients: 'everyone', ...props }))).toEqual([
    `[chart/Fence] ${sentence}`,
  ]);
});

test("fails when 'clients' is missing in plain JavaScript", () => {
  const make = () => refusalsOf((tried) => new NetworkFence(tried, 'Fence', {} as NetworkFenceProps));
  expect(make()).toContain("[chart/Fence] 'clients' must be given, got nothing; pass 'clients' to NetworkFence");
});

test('lets in who collects metrics, to the port that has them and to no other', () => {
  const measured = traffic('web', { serves: [4000], metrics: 9568 });
  const { web: one, db: other } = fenced([measured, db], { monitoring: [{ namespace: 'monitoring' }] });
  expect(one?.['ingress']).toEqual([{ ports: [tcp(4000)] }, { from: [inNamespace('monitoring')], ports: [tcp(9568)] }]);
  expect(other).toEqual({ ...selects('db'), policyTypes: ['Ingress', 'Egress'] });
});

describe('ports for metrics', () => {
  const measured = [traffic('shop', { metrics: 9568 }), traffic('shop-worker', { metrics: [9568, 9569] }), traffic('shop-db')];
  const said = (declared: readonly Traffic[], monitoring: NetworkFenceProps['monitoring']) =>
    refusalsOf((tried) => {
      declare(tried, { traffic: [...declared] });
      new NetworkFence(tried, 'Fence', { clients: 'everyone', monitoring });
    });
  const without =
    "[chart/Fence] 'monitoring' must name who collects the metrics of shop and shop-worker, got %s; " +
    "write it as [{ namespace: 'monitoring' }], or say why nobody does: OptOut.because('...')";

  test('fail when nobody may ask them, once for all pods', () => {
    expect(said(measured, [])).toEqual([without.replace('%s', '[]')]);
    expect(said(measured, undefined)).toEqual([without.replace('%s', '[]')]);
  });

  test('stay closed on purpose', () => {
    const left = OptOut.because('metrics are pushed, by an agent in the pod');
    expect(said(measured, left)).toEqual([]);
    expect(said([traffic('shop-db')], left)).toEqual([]);
    expect(fenced(measured, { monitoring: left })['shop']).toEqual(fenced([traffic('shop')])['shop']);
  });

  test('fail when they are closed on purpose, and somebody was told to collect from them', () => {
    const monitored = { ...traffic('shop-db', { metrics: 9187 }), monitored: true };
    expect(said([...measured, monitored], OptOut.because('no Prometheus on a laptop'))).toEqual([
      '[chart/Fence] \'monitoring\' must name who collects the metrics of shop-db, got "left out"; ' +
        "write it as [{ namespace: 'monitoring' }], or leave the monitoring of the database out",
    ]);
  });

  test('fail when nobody has one, and somebody is to collect from them', () => {
    const idle = [traffic('shop-db'), traffic('shop', { metrics: [] })];
    expect(said(idle, [{ cidr: '10.1.0.0/16' }])).toEqual([
      '[chart/Fence] \'monitoring\' must be left out where no pod has a port for metrics, got [{"cidr":"10.1.0.0/16"}]; ' +
        "say which port the application's metrics have, metrics: { port } of the application, or take it out",
    ]);
    expect(said(idle, [])).toEqual([]);
    expect(said(measured, [{ cidr: '10.1.0.0/16' }])).toEqual([]);
  });
});

describe('an empty list', () => {
  const web = traffic('web', { serves: [4000], sends: [{ port: 443 }] });

  test('lets nobody in and opens no way out', () => {
    const { web: one } = fenced([web], { clients: [], dns: [], monitoring: [], egress: [] });
    expect(one).toEqual({ ...selects('web'), policyTypes: ['Ingress', 'Egress'], egress: [{ ports: [tcp(443)] }] });
  });

  test('of ports opens none', () => {
    const idle = traffic('web', { serves: [], metrics: [] });
    const props = { clients: [{ namespace: 'gateway' }], monitoring: [] };
    expect(fenced([idle], props)['web']).toEqual({ ...selects('web'), policyTypes: ['Ingress', 'Egress'] });
    expect(fenced([idle])['web']).not.toHaveProperty('ingress');
  });

  test('leaves in who comes by another way', () => {
    const tried = chart();
    declare(tried, { traffic: [web] });
    declare(tried, { visitors: [{ pods: 'web', port: 4000, peer: { cidr: '192.0.2.0/24' } }] });
    new NetworkFence(tried, 'Fence', { clients: [] });
    const one = objects(tried).find(({ metadata }) => metadata.name === 'web');
    expect(one?.['spec'].ingress).toEqual([{ from: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [tcp(4000)] }]);
  });
});

describe('pods of the environment as peers', () => {
  const queue = { port: 5672, peer: { pods: 'queue' } };
  const fromWeb = [{ from: [selects('web')], ports: [tcp(5672)] }];

  test('are open at both ends where the environment reaches them', () => {
    const all = fenced([web, db, traffic('queue')], { egress: [queue] });
    expect(all['web']?.['egress']).toContainEqual({ to: [selects('queue')], ports: [tcp(5672)] });
    expect(all['queue']?.['ingress']).toEqual(fromWeb);
    expect(all['db']?.['ingress']).toEqual([{ from: [selects('web')], ports: [tcp(5432)] }]);
  });

  test('get a policy where nothing else is known of them', () => {
    const tried = chart();
    const template = { metadata: { labels: { 'app.kubernetes.io/instance': 'queue' } }, spec: {} };
    new ApiObject(tried, 'Queue', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'queue' },
      spec: { template },
    });
    declare(tried, { traffic: [web] });
    new NetworkFence(tried, 'Fence', { clients: [], egress: [queue] });
    expect(objects(tried).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'queue')?.['spec']).toEqual({
      ...selects('queue'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: fromWeb,
    });
  });

  test('may reach themselves', () => {
    const { web: one } = fenced([web], { egress: [{ port: 9000, peer: { pods: 'web' } }] });
    expect(one?.['ingress']).toContainEqual({ from: [selects('web')], ports: [tcp(9000)] });
  });

  test('are let out where they are clients, collect metrics or are asked for names', () => {
    const measured = traffic('web', { serves: [4000], metrics: 9568, reachesOut: true });
    const peers = { clients: [{ pods: 'proxy' }], monitoring: [{ pods: 'scraper' }], dns: [{ pods: 'names', port: 1053 }] };
    const all = fenced([measured, traffic('proxy'), traffic('scraper'), traffic('names')], peers);
    expect(all['web']?.['ingress']).toEqual([
      { from: [selects('proxy')], ports: [tcp(4000)] },
      { from: [selects('scraper')], ports: [tcp(9568)] },
    ]);
    expect(all['proxy']?.['egress']).toEqual([{ to: [selects('web')], ports: [tcp(4000)] }]);
    expect(all['scraper']?.['egress']).toEqual([{ to: [selects('web')], ports: [tcp(9568)] }]);
    expect(all['names']?.['ingress']).toEqual([
      { from: [selects('web')], ports: [{ port: 1053, protocol: 'UDP' }] },
      { from: [selects('web')], ports: [tcp(1053)] },
    ]);
  });

  test('are those of any deployment, with what it reaches itself', () => {
    const tried = chart();
    new ProbedDeployment(tried, 'Queue', { ...minimalDeployment, name: 'queue', egress: [{ port: 5432, peer: { pods: 'db' } }] });
    declare(tried, { traffic: [web, db] });
    new NetworkFence(tried, 'Fence', { clients: [], egress: [queue] });
    const found = (name: string) =>
      objects(tried).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name);
    expect(found('queue')?.['spec'].ingress).toEqual(fromWeb);
    expect(found('queue')?.['spec'].egress).toEqual([names, { to: [selects('db')], ports: [tcp(5432)] }]);
    expect(found('db')?.['spec'].ingress).toEqual([{ from: [selects('queue'), selects('web')], ports: [tcp(5432)] }]);
  });

  test.each<[string, Partial<NetworkFenceProps>]>([
    ['egress.peer', { egress: [{ port: 1, peer: { pods: 'queu' } }] }],
    ['clients', { clients: [{ pods: 'queu' }] }],
    ['monitoring', { monitoring: [{ pods: 'queu' }] }],
    ['dns', { dns: [{ pods: 'queu' }] }],
  ])('fail when no controller has the name of %s', (prop, props) => {
    const refused = (name: string) =>
      refusalsOf((tried) => {
        new ProbedDeployment(tried, 'Queue', { ...minimalDeployment, name });
        if (props.monitoring) declare(tried, { traffic: [traffic(name, { metrics: 9568 })] });
        new NetworkFence(tried, 'Fence', { clients: 'everyone', ...props });
      });
    const must = `[chart/Fence] '${prop}.pods' must name a controller of the environment, got "queu"`;
    expect(refused('queue')).toEqual([`${must}; write "queue"`]);
    expect(refused('frontend')).toEqual([`${must}; write one of frontend`]);
    expect(refused('queu')).toEqual([]);
  });
});

describe('names', () => {
  const asked = (dns: NetworkFenceProps['dns']) => fenced([traffic('web', { reachesOut: true })], { dns })['web']?.['egress'];

  test('are asked for at the port of the pods that answer', () => {
    const ports = [{ port: 5353, protocol: 'UDP' }, tcp(5353)];
    expect(asked(clusterDns.openshift)).toEqual([{ to: [inNamespace('openshift-dns')], ports }]);
    expect(asked(clusterDns.cloudDns)).toEqual([{ to: [{ ipBlock: { cidr: '169.254.169.254/32' } }], ports: names.ports }]);
  });

  test.each([{ namespace: 'openshift-dns' }, { namespace: 'openshift-dns', port: 53 }])(
    'are not asked for at the port of a Service alone, as by %j',
    (peer) => {
      const [refusal, ...others] = refusalsOf((tried) => new NetworkFence(tried, 'Fence', { clients: [], dns: [peer] }));
      expect(refusal).toMatch(/'dns.port' must be 5353, .*; write dns: clusterDns.openshift$/);
      expect(others).toEqual([]);
    },
  );

  test('are asked for at several ports where several answer', () => {
    const dns = [...clusterDns.kubernetes, { namespace: 'names', port: 1053 }, { cidr: '10.96.0.10/32' }];
    expect(asked(dns)).toEqual([
      { to: [...names.to, { ipBlock: { cidr: '10.96.0.10/32' } }], ports: names.ports },
      { to: [inNamespace('names')], ports: [{ port: 1053, protocol: 'UDP' }, tcp(1053)] },
    ]);
  });
});

test.each<[string, Partial<NetworkFenceProps>, string]>([
  ['nobody', { clients: [{} as Peer] }, "'clients.0' must be one of pods, mesh, namespace, cidr, got nothing"],
  [
    'two',
    { monitoring: [{ namespace: 'monitoring', cidr: '10.0.0.0/8' }] },
    '\'monitoring.0\' must be one of pods, mesh, namespace, cidr, got "namespace, cidr"',
  ],
  [
    'a misspelt one',
    { monitoring: [{ nmaespace: 'monitoring' } as never] },
    "'monitoring.0' must be one of pods, mesh, namespace, cidr, got \"nmaespace\"; did you mean 'namespace'?",
  ],
  ['nobody with a port', { dns: [{ port: 53 } as never] }, "'dns.0' must be one of pods, mesh, namespace, cidr, got nothing"],
])('stops when a peer is %s', (_, props, sentence) => {
  expect(refusalsOf((tried) => new NetworkFence(tried, 'Fence', { clients: [], ...props })).join()).toContain(sentence);
});
