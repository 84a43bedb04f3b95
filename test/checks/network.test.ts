import { ApiObject, App, Chart } from 'cdk8s';
import { emptyIsEveryone } from '../../lib/checks/hardening/edge';
import { networkPrivate } from '../../lib/checks/hardening/network-private';
import type { Rule } from '../../lib/checks/rule';
import { build, staging as ours } from '../support/stack';
import { Checks, OptOut, render, type Manifest } from '../../lib/index';
import { staging } from '../support/alone';
import { faultsOf } from '../support/environments';
import { said } from '../support/said';
import { onCloudNativePg } from '../support/variants';
import { foundIn } from '../support/raw';
import { vary } from '../support/vary';

/** What a rule finds in objects written by hand, as `field must`. */
function findings(rule: Rule, ...manifests: readonly Manifest[]): string[] {
  return foundIn(rule, manifests).map(({ field, must }) => `${field} ${must}`);
}

const metadata = { name: 'fence', namespace: 'test' };
const policy = (spec: Manifest, more: Manifest = {}): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { ...metadata, ...more },
  spec,
});
const object = (kind: string, spec: Manifest, apiVersion = 'v1'): Manifest => ({ apiVersion, kind, metadata, spec });
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
const pods = (app: string) => ({ podSelector: { matchLabels: { app } } });

describe('an empty list', () => {
  const istio = (spec: Manifest) => object('AuthorizationPolicy', spec, 'security.istio.io/v1');
  const gateway = (namespaces: Manifest) =>
    object('Gateway', { listeners: [{ allowedRoutes: { namespaces } }] }, 'gateway.networking.k8s.io/v1');
  const annotated = (kind: string, annotations: Manifest) => ({ kind, metadata: { ...metadata, annotations }, spec: {} });

  it.each<[string, Manifest, string]>([
    ['of senders', policy({ ingress: [{ from: [] }] }), 'spec.ingress[0].from name someone: an empty list is everyone'],
    ['of receivers', policy({ egress: [{}, { to: [] }] }), 'spec.egress[1].to name someone: an empty list is everyone'],
    [
      'that YAML reads as null',
      policy({ ingress: [{ from: null }] }),
      'spec.ingress[0].from name someone: an empty list is everyone',
    ],
    [
      'of ports',
      policy({ ingress: [{ from: [pods('a')], ports: [] }] }),
      'spec.ingress[0].ports name someone: an empty list is all ports',
    ],
    [
      'of ranges at a load balancer',
      object('Service', { type: 'LoadBalancer', loadBalancerSourceRanges: [] }),
      'spec.loadBalancerSourceRanges name someone: an empty list is everyone',
    ],
    ['of callers', istio({ rules: [{ from: [] }] }), 'spec.rules[0].from name someone: an empty list is everyone'],
    [
      'of principals',
      istio({ rules: [{ from: [{ source: { principals: [] } }] }] }),
      'spec.rules[0].from[0].source.principals name someone: an empty list is everyone',
    ],
    [
      'of called ports',
      istio({ rules: [{ to: [{ operation: { ports: [] } }] }] }),
      'spec.rules[0].to[0].operation.ports name someone: an empty list is all ports',
    ],
    [
      'of labels at a listener',
      gateway({ from: 'Selector', selector: {} }),
      'spec.listeners[0].allowedRoutes.namespaces.selector name labels: an empty one is every namespace',
    ],
    ...(
      [
        ['Ingress', 'nginx.ingress.kubernetes.io/allowlist-source-range', ''],
        ['Ingress', 'nginx.ingress.kubernetes.io/whitelist-source-range', ' '],
        ['Ingress', 'haproxy-ingress.github.io/allowlist-source-range', ','],
        ['Ingress', 'haproxy.org/allow-list', ''],
        ['Ingress', 'alb.ingress.kubernetes.io/inbound-cidrs', ''],
        ['Service', 'service.beta.kubernetes.io/load-balancer-source-ranges', ''],
        ['Service', 'service.beta.kubernetes.io/azure-allowed-ip-ranges', ''],
      ] as const
    ).map(([kind, name, value]): [string, Manifest, string] => [
      `in ${name}`,
      annotated(kind, { [name]: value }),
      `metadata.annotations["${name}"] name a range: an empty one is everyone`,
    ]),
  ])('%s is refused', (_, manifest, sentence) => {
    expect(findings(emptyIsEveryone, manifest)).toEqual([sentence]);
  });

  it.each<[string, Manifest]>([
    [
      'a rule without a list, which says everyone in so many words',
      policy({ ingress: [{}, { ports: [{ port: 80 }] }], egress: [{}] }),
    ],
    ['no rule at all, which lets nobody in', policy({ podSelector: {}, ingress: [], egress: [] })],
    ['all pods of the namespace', policy({ ingress: [{ from: [{ podSelector: {} }] }] })],
    ['all pods of all namespaces', policy({ egress: [{ to: [{ namespaceSelector: {} }] }] })],
    ['an Istio policy without rules, which lets nobody in', istio({})],
    ['an Istio policy that denies', istio({ action: 'DENY', rules: [{ from: [] }] })],
    ['a Service without ranges', object('Service', { type: 'LoadBalancer' })],
    ['ranges', annotated('Ingress', { 'nginx.ingress.kubernetes.io/allowlist-source-range': '10.0.0.0/8' })],
    ['another annotation that is empty', annotated('Ingress', { 'nginx.ingress.kubernetes.io/rewrite-target': '' })],
    ['a listener for every namespace in so many words', gateway({ from: 'All' })],
  ])('is not found in %s', (_, manifest) => {
    expect(findings(emptyIsEveryone, manifest)).toEqual([]);
  });

  const add = (spec: Manifest) => (_: unknown, app: App) => {
    const chart = new Chart(app, 'extra', { namespace: staging.namespace, disableResourceNameHashes: true });
    new ApiObject(chart, 'Proxies', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'proxies' },
      spec,
    });
  };

  it('says what to do', () => {
    const [fault, ...others] = said(emptyIsEveryone, add({ podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [] }] }));
    expect(fault).toBe(
      "[extra/Proxies] 'spec.egress[0].to' must name someone: an empty list is everyone, got []; remove the rule if nobody is meant to connect; if everyone is meant, remove 'to' (empty-is-everyone)",
    );
    expect(others).toEqual([]);
  });

  it('of clients opens nothing: the route is closed until another policy lets the proxies in', () => {
    const closed = vary(ours, { web: { clients: [] } });
    const faults = faultsOf(closed);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults)
      expect(fault).toMatch(
        /'spec.ingress' must let the controller of HTTPRoute \S+ send to TCP 4000 of Deployment kube-native, /,
      );
    const podSelector = { matchLabels: { 'app.kubernetes.io/instance': 'kube-native' } };
    const ingress = [{ from: [inNamespace('gateway')], ports: [{ port: 4000 }] }];
    expect(faultsOf(closed, add({ podSelector, policyTypes: ['Ingress'], ingress }))).toEqual([]);
  });
});

describe('ports that are not for everyone', () => {
  const workload = (name: string, ports: readonly [string, number][], spec: Manifest = {}, kind = 'Deployment'): Manifest => {
    const containers = [{ name, ports: ports.map(([port, containerPort]) => ({ name: port, containerPort })), ...spec }];
    const template = { metadata: { labels: { app: name } }, spec: { containers } };
    return { kind, metadata: { name, namespace: 'test' }, spec: { template } };
  };
  const env = Object.entries({
    RELEASE_DISTRIBUTION: 'name',
    RELEASE_NODE: 'chat@10.0.0.1',
    DNS_CLUSTER_QUERY: 'chat-mesh.test.svc',
    ERL_FLAGS: '-kernel inet_dist_listen_min 9100 inet_dist_listen_max 9102',
  }).map(([name, value]) => ({ name, value }));
  const chat = workload(
    'chat',
    [
      ['http', 4000],
      ['metrics', 9568],
    ],
    { env },
  );
  const db = workload('db', [['postgresql', 5432]], {}, 'StatefulSet');
  const all = { podSelector: {}, policyTypes: ['Ingress'] };
  const found = (...manifests: Manifest[]) => findings(networkPrivate, chat, db, ...manifests);
  const nodes = 'TCP 4369, 9100, 9101, 9102, 9568 of Deployment chat';

  it.each<[string, Manifest, string[]]>([
    [
      'a rule without anything on all pods',
      policy({ ...all, ingress: [{}] }),
      [`spec.ingress[0] not open ${nodes} and TCP 5432 of StatefulSet db to everyone`],
    ],
    [
      'all namespaces on the pods of one controller',
      policy({ ...pods('chat'), ingress: [{ from: [{ namespaceSelector: {} }] }] }),
      [`spec.ingress[0] not open ${nodes} to everyone`],
    ],
    [
      'all namespaces that have a name',
      policy({
        ...pods('db'),
        ingress: [
          { from: [{ namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }] } }] },
        ],
      }),
      ['spec.ingress[0] not open TCP 5432 of StatefulSet db to everyone'],
    ],
    [
      'all pods of all namespaces but some',
      policy({
        ...pods('db'),
        ingress: [
          {
            from: [
              {
                namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['guests'] }] },
                podSelector: { matchExpressions: [{ key: 'untrusted', operator: 'DoesNotExist' }] },
              },
            ],
          },
        ],
      }),
      ['spec.ingress[0] not open TCP 5432 of StatefulSet db to everyone'],
    ],
    [
      'all addresses for a range of ports',
      policy({ ...all, ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 5000, endPort: 9100 }] }] }),
      ['spec.ingress[0] not open TCP 9100 of Deployment chat and TCP 5432 of StatefulSet db to everyone'],
    ],
    [
      'two halves of all addresses for metrics',
      policy({ ...all, ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/1' } }], ports: [{ port: 'metrics' }] }] }),
      ['spec.ingress[0] not open TCP 9568 of Deployment chat to everyone'],
    ],
    [
      'the ports of a chart for a database',
      policy({ ...pods('db'), ingress: [{ ports: [{ port: 5432 }] }] }),
      ['spec.ingress[0] not open TCP 5432 of StatefulSet db to everyone'],
    ],
  ])('fail when they are opened by %s', (_, wide, sentences) => {
    expect(found(wide)).toEqual(sentences);
  });

  it.each<[string, Manifest]>([
    [
      'a database to namespaces that have a label, and to some by a list',
      policy({
        ...pods('db'),
        ingress: [
          {
            from: [
              { namespaceSelector: { matchExpressions: [{ key: 'reports', operator: 'Exists' }] } },
              { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['data', 'shop'] }] } },
            ],
            ports: [{ port: 5432 }],
          },
        ],
      }),
    ],
    ['the web alone to everyone', policy({ ...all, ingress: [{ ports: [{ port: 4000 }] }] })],
    ['the web by its name', policy({ ...all, ingress: [{ ports: [{ port: 'http' }] }] })],
    [
      'everything to the pods of the namespace, where no other policy is narrower',
      policy({ ...all, ingress: [{ from: [{ podSelector: {} }] }] }),
    ],
    [
      'everything to a namespace, where no other policy is narrower',
      policy({ ...all, ingress: [{ from: [inNamespace('gateway')] }] }),
    ],
    [
      'metrics to pods of any namespace that are named',
      policy({ ...all, ingress: [{ from: [{ namespaceSelector: {}, ...pods('prometheus') }] }] }),
    ],
    ['everything by UDP', policy({ ...all, ingress: [{ ports: [{ protocol: 'UDP' }] }] })],
    ['everything in another namespace', policy({ ...all, ingress: [{}] }, { namespace: 'other' })],
    ['everything out', policy({ ...all, policyTypes: ['Egress'], egress: [{}], ingress: [{}] })],
    ['everything on pods that have no such port', policy({ ...pods('proxy'), ingress: [{}] })],
  ])('are not opened by %s', (_, other) => {
    expect(found(other)).toEqual([]);
  });

  it('are known by the image where no port is declared, and not in pods that only call', () => {
    const wide = policy({ ...all, ingress: [{}] });
    const server = workload('cache', [], { image: 'docker.io/library/redis:7.4.1' });
    expect(findings(networkPrivate, server, wide)).toEqual(['spec.ingress[0] not open TCP 6379 of Deployment cache to everyone']);
    const client = workload('backup', [], { image: 'postgres:17.6', command: ['pg_dump'] }, 'CronJob');
    expect(findings(networkPrivate, client, wide)).toEqual([]);
  });

  describe('beside a policy that names who may come', () => {
    const tight = [
      policy(
        { ...pods('chat'), ingress: [{ from: [pods('chat')], ports: [{ port: 4369 }, { port: 9100, endPort: 9102 }] }] },
        { name: 'chat' },
      ),
      policy({ ...pods('chat'), ingress: [{ from: [inNamespace('monitoring')], ports: [{ port: 9568 }] }] }, { name: 'metrics' }),
      policy({ ...pods('db'), ingress: [{ from: [pods('chat')], ports: [{ port: 5432 }] }] }, { name: 'db' }),
    ];
    const more = 'to more than the policies that name who may come';
    it.each<[string, Manifest, string[]]>([
      [
        'all pods of the namespace',
        policy({ ...all, ingress: [{ from: [{ podSelector: {} }] }] }),
        [`spec.ingress[0] not open ${nodes} and TCP 5432 of StatefulSet db ${more}`],
      ],
      [
        'all ports for the namespace of the proxies',
        policy({ ...all, ingress: [{ from: [inNamespace('gateway')] }] }),
        [`spec.ingress[0] not open ${nodes} and TCP 5432 of StatefulSet db ${more}`],
      ],
      [
        'the distribution for tools of another namespace, by its ports',
        policy({ ...pods('chat'), ingress: [{ from: [inNamespace('tools')], ports: [{ port: 9100 }] }] }),
        [`spec.ingress[0] not open TCP 9100 of Deployment chat ${more}`],
      ],
      [
        'the database to one more sender, by its port',
        policy({ ...pods('db'), ingress: [{ from: [inNamespace('reports')], ports: [{ port: 5432 }] }] }),
        [],
      ],
      [
        'metrics to one more reader, by their port',
        policy({ ...pods('chat'), ingress: [{ from: [inNamespace('victoria')], ports: [{ port: 9568 }] }] }),
        [],
      ],
      ['the same to the same', policy({ ...pods('db'), ingress: [{ from: [pods('chat')] }] }), []],
      [
        'the web to the proxies',
        policy({ ...pods('chat'), ingress: [{ from: [inNamespace('gateway')], ports: [{ port: 4000 }] }] }),
        [],
      ],
    ])('are judged when %s is let in', (_, beside, sentences) => {
      expect(found(...tight, beside)).toEqual(sentences);
    });
  });

  it('are those of CloudNativePG too', () => {
    const wide = (_: unknown, app: App) => {
      const chart = new Chart(app, 'extra', { namespace: onCloudNativePg.namespace, disableResourceNameHashes: true });
      const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] };
      new ApiObject(chart, 'Open', {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'open' },
        spec,
      });
    };
    const [fault, ...others] = said(networkPrivate, wide, onCloudNativePg);
    expect(others).toEqual([]);
    expect(fault).toMatch(
      /^\[extra\/Open\] 'spec.ingress\[0\]' must not open TCP 4369, 4370, 4371, 4372.* of Deployment kube-native .*TCP 5432, 8000 of Cluster kube-native-postgresql and .* to everyone, got \{\}; name the ports that are meant, and who may come \(network-private\)$/,
    );
  });

  it('may be opened with a reason', () => {
    const app = new App();
    build(vary(ours, { web: { clients: 'everyone' } }), app);
    const chart = new Chart(app, 'extra', { namespace: ours.namespace, disableResourceNameHashes: true });
    const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] };
    const open = new ApiObject(chart, 'Open', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'open' },
      spec,
    });
    Checks.of(app).leaveOut('network-private', OptOut.because('a namespace to attack in a training'), open);
    expect(render(app).faults).toEqual([]);
  });
});
