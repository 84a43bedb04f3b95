import { apiOpen } from '../../lib/checks/hardening/let-in';
import { hostsReachable } from '../../lib/checks/hardening/hosts-reachable';
import { networkFenced, networkOpen } from '../../lib/checks/hardening/network-open';
import { networkPrivate } from '../../lib/checks/hardening/network-private';
import type { Rule } from '../../lib/checks/rule';
import { readSelector } from '../../lib/model/calico-fences';
import type { Manifest } from '../../lib/index';
import { add, said } from '../support/said';
import { foundIn } from '../support/raw';

/** What a rule finds in objects written by hand, as `field must`. */
function findings(rule: Rule, ...manifests: readonly Manifest[]): string[] {
  return foundIn(rule, manifests).map(({ field, must }) => `${field} ${must}`);
}

const metadata = { name: 'more', namespace: 'depot' };
const cilium = (spec: Manifest, kind = 'CiliumNetworkPolicy'): Manifest => ({
  apiVersion: 'cilium.io/v2',
  kind,
  metadata: kind.includes('wide') ? { name: 'more' } : metadata,
  spec: { endpointSelector: {}, ...spec },
});
const calico = (spec: Manifest, kind = 'NetworkPolicy', group = 'projectcalico.org/v3'): Manifest => ({
  apiVersion: group,
  kind,
  metadata: kind.startsWith('Global') ? { name: 'more' } : metadata,
  spec,
});
const kubernetes = (app: string, spec: Manifest): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: app, namespace: 'depot' },
  spec: { podSelector: { matchLabels: { app } }, ...spec },
});
const pods = (app: string, container: Manifest): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: app, namespace: 'depot' },
  spec: { template: { metadata: { labels: { app } }, spec: { containers: [{ name: app, ...container }] } } },
});
const toPorts = (port: string, more: Manifest = {}) => [{ ports: [{ port, ...more }] }];

describe('private ports beside policies of other kinds', () => {
  const ledger = pods('ledger', { image: 'docker.io/library/mariadb:11.8.3' });
  const web = pods('web', {
    ports: [
      { name: 'http', containerPort: 4040 },
      { name: 'metrics', containerPort: 9091 },
    ],
  });
  const everyone = 'not open TCP 3306 of Deployment ledger to everyone';
  const found = (...policies: Manifest[]) => findings(networkPrivate, ledger, web, ...policies);

  it.each<[string, Manifest, string]>([
    [
      'the world, all ports',
      cilium({ ingress: [{ fromEntities: ['world'] }] }),
      'spec.ingress[0] not open TCP 3306 of Deployment ledger and TCP 9091 of Deployment web to everyone',
    ],
    [
      'everybody by its port',
      cilium({ ingress: [{ fromEntities: ['host', 'all'], toPorts: toPorts('3306') }] }),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'the cluster',
      cilium({ ingress: [{ fromEntities: ['cluster'], toPorts: toPorts('3000', { endPort: 4000 }) }] }),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'no sender at all',
      cilium({ ingress: [{}, { toPorts: toPorts('3306', { protocol: 'TCP' }) }] }),
      `spec.ingress[1] ${everyone}`,
    ],
    [
      'any address',
      cilium({ ingress: [{ fromCIDRSet: [{ cidr: '0.0.0.0/0' }], toPorts: toPorts('3306') }] }),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'pods of any namespace',
      cilium({
        ingress: [
          {
            fromEndpoints: [{ matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }] }],
            toPorts: toPorts('3306'),
          },
        ],
      }),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'the second of several',
      {
        ...cilium({}),
        spec: undefined,
        specs: [
          {
            endpointSelector: { matchLabels: { 'k8s:app': 'web' } },
            ingress: [{ fromEntities: ['world'], toPorts: toPorts('4040') }],
          },
          { endpointSelector: { matchLabels: { 'any:app': 'ledger' } }, ingress: [{ fromEntities: ['world-ipv4'] }] },
        ],
      },
      `specs[1].ingress[0] ${everyone}`,
    ],
    [
      'a policy of the whole cluster',
      cilium(
        {
          endpointSelector: { matchLabels: { 'io.kubernetes.pod.namespace': 'depot', app: 'ledger' } },
          ingress: [{ fromEndpoints: [{}] }],
        },
        'CiliumClusterwideNetworkPolicy',
      ),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'a policy that closes nothing itself',
      cilium({ enableDefaultDeny: { ingress: false }, ingress: [{ fromEntities: ['all'], toPorts: toPorts('3306') }] }),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'a rule of Calico without a source',
      calico({ selector: "app == 'ledger'", ingress: [{ action: 'Allow', source: {} }] }),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'one that names ports',
      calico({
        selector: "app in { 'ledger', 'other' }",
        ingress: [
          { action: 'Deny', protocol: 'UDP' },
          { action: 'Allow', protocol: 6, destination: { ports: ['3300:3310'] } },
        ],
      }),
      `spec.ingress[1] ${everyone}`,
    ],
    [
      'any address, of the older group',
      calico(
        {
          selector: "has(app) && app != 'web'",
          types: ['Ingress'],
          ingress: [{ action: 'Allow', protocol: 'TCP', source: { nets: ['0.0.0.0/0'] }, destination: { ports: [3306] } }],
        },
        'NetworkPolicy',
        'crd.projectcalico.org/v1',
      ),
      `spec.ingress[0] ${everyone}`,
    ],
    [
      'one of the whole cluster',
      calico(
        {
          namespaceSelector: "projectcalico.org/name == 'depot'",
          selector: "app == 'ledger'",
          ingress: [{ action: 'Allow', source: { selector: 'all()' } }],
        },
        'GlobalNetworkPolicy',
      ),
      `spec.ingress[0] ${everyone}`,
    ],
  ])('are refused when open to %s', (_, policy, sentence) => {
    expect(found(policy)).toEqual([sentence]);
  });

  it('are refused where another policy names who may come', () => {
    const tight = kubernetes('ledger', {
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 3306 }] }],
    });
    const more = 'spec.ingress[0] not open TCP 3306 of Deployment ledger to more than the policies that name who may come';
    expect(found(tight, cilium({ ingress: [{ fromEndpoints: [{}] }] }))).toEqual([more]);
    expect(found(tight, cilium({ ingress: [{ fromEntities: ['ingress'] }] }))).toEqual([more]);
    expect(found(tight, calico({ ingress: [{ action: 'Allow', source: { selector: 'all()' } }] }))).toEqual([more]);
    expect(found(tight, cilium({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] }))).toEqual([]);
    expect(found(tight, cilium({ ingress: [{ fromEntities: ['host', 'remote-node', 'health'] }] }))).toEqual([]);
  });

  it.each<[string, Manifest]>([
    ['to somebody', cilium({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }], toPorts: toPorts('3306') }] })],
    ['to all of the namespace, where nobody is named', cilium({ ingress: [{ fromEndpoints: [{}] }] })],
    ['to nodes', cilium({ ingress: [{ fromEntities: ['host', 'remote-node'] }] })],
    ['to addresses of an office', cilium({ ingress: [{ fromCIDR: ['198.51.100.7'], toPorts: toPorts('3306') }] })],
    ['to nobody: a rule that says nothing', cilium({ ingress: [{}] })],
    ['to nobody: an empty list', cilium({ ingress: [{ fromEndpoints: [] }] })],
    ['for other ports', cilium({ ingress: [{ fromEntities: ['world'], toPorts: toPorts('4040') }] })],
    ['for UDP', cilium({ ingress: [{ fromEntities: ['all'], toPorts: toPorts('0', { protocol: 'UDP' }) }] })],
    ['for pings', cilium({ ingress: [{ icmps: [{ fields: [{ type: 8 }] }] }] })],
    ['for other pods', cilium({ endpointSelector: { matchLabels: { app: 'mailer' } }, ingress: [{ fromEntities: ['all'] }] })],
    [
      'in another namespace',
      cilium(
        {
          endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'yard' } },
          ingress: [{ fromEntities: ['all'] }],
        },
        'CiliumClusterwideNetworkPolicy',
      ),
    ],
    ['for ports of nodes', { ...cilium({}), spec: { nodeSelector: {}, ingress: [{ fromEntities: ['all'] }] } }],
    [
      'and refused to the rest',
      cilium({
        ingress: [{ fromEntities: ['all'], toPorts: toPorts('3306') }],
        ingressDeny: [{ fromEntities: ['world'], toPorts: toPorts('3306') }, { toPorts: toPorts('9091') }],
      }),
    ],
    ['out', cilium({ egress: [{ toEntities: ['all'] }] })],
    ['by Calico to somebody', calico({ ingress: [{ action: 'Allow', source: { selector: "app == 'web'" } }] })],
    ['by Calico for pings', calico({ ingress: [{ action: 'Allow', protocol: 'ICMP' }] })],
    ['by Calico, as a refusal', calico({ ingress: [{ action: 'Deny' }, { action: 'Log' }, { action: 'Pass' }] })],
    ['by Calico to an account', calico({ ingress: [{ action: 'Allow', source: { serviceAccounts: { names: ['reports'] } } }] })],
    [
      'by Calico for pods that cannot be told',
      calico({ selector: "app == 'mailer' || tier == 'x'", ingress: [{ action: 'Allow' }] }),
    ],
    ['by Calico for other directions', calico({ types: ['Egress'], ingress: [{ action: 'Allow' }] })],
  ])('stay as they are when open %s', (_, policy) => {
    expect(found(policy)).toEqual([]);
  });

  it('are refused in an environment of ours, at the policy', () => {
    const [fault, ...others] = said(networkPrivate, (charts) =>
      add(charts, { ...cilium({ ingress: [{ fromEntities: ['cluster'] }] }), metadata: { name: 'wide' } }),
    );
    expect(others).toEqual([]);
    expect(fault).toMatch(/CiliumNetworkPolicy-wide\] 'spec.ingress\[0\]' must not open TCP .* to everyone, got /);
  });
});

describe('a host that a variable names', () => {
  const variables = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => ({ name, value }));
  const found = (values: Readonly<Record<string, string>>, ...policies: Manifest[]) =>
    findings(hostsReachable, pods('web', { env: variables(values) }), ...policies);
  const fence = kubernetes('web', { policyTypes: ['Egress'] });
  const geo = { GEO_URL: 'https://geo.maps.example.com' };
  const queue = { QUEUE_URL: 'amqp://bus.queues.svc:5672' };
  const old = { LEGACY_URL: 'http://10.40.0.8:8081' };
  const out = (rule: Manifest, more: Manifest = {}) => cilium({ egress: [rule], ...more });
  const allow = (destination: Manifest, protocol?: string) =>
    calico({ types: ['Egress'], egress: [{ action: 'Allow', protocol, destination }] });

  test.each<[string, Readonly<Record<string, string>>, Manifest[], number]>([
    // One that selects none of these pods leaves the rule on.
    [
      'a policy of others',
      geo,
      [fence, cilium({ endpointSelector: { matchLabels: { app: 'mailer' } }, egress: [{ toEntities: ['all'] }] })],
      1,
    ],
    ['a policy that only lets in', geo, [fence, cilium({ ingress: [{ fromEntities: ['all'] }] })], 1],
    [
      'a policy of another namespace',
      geo,
      [fence, { ...out({ toEntities: ['all'] }), metadata: { name: 'x', namespace: 'yard' } }],
      1,
    ],
    ['its name', geo, [fence, out({ toFQDNs: [{ matchName: 'geo.maps.example.com' }], toPorts: toPorts('443') })], 0],
    ['its name in capitals', geo, [fence, out({ toFQDNs: [{ matchName: 'Geo.Maps.example.com' }] })], 0],
    ['a pattern', geo, [fence, out({ toFQDNs: [{ matchPattern: '*.maps.example.com' }] })], 0],
    [
      'another name',
      geo,
      [fence, out({ toFQDNs: [{ matchName: 'maps.example.com' }, { matchPattern: '*.maps.example.org' }] })],
      1,
    ],
    ['its name at another port', geo, [fence, out({ toFQDNs: [{ matchPattern: '*' }], toPorts: toPorts('8443') })], 1],
    ['the world', geo, [fence, out({ toEntities: ['world'], toPorts: toPorts('443', { protocol: 'TCP' }) })], 0],
    ['the cluster alone', geo, [fence, out({ toEntities: ['cluster'] })], 1],
    ['its address, written alone', old, [fence, out({ toCIDR: ['10.40.0.8'] })], 0],
    ['a range without it', old, [fence, out({ toCIDRSet: [{ cidr: '10.40.0.0/16', except: ['10.40.0.0/24'] }] })], 1],
    ['a group of ranges that stands elsewhere', old, [fence, out({ toCIDRSet: [{ cidrGroupRef: 'office' }] })], 0],
    ['a Cilium policy alone, which closes', old, [out({ toFQDNs: [{ matchName: 'geo.maps.example.com' }] })], 1],
    [
      'a Cilium policy that closes nothing',
      old,
      [out({ toFQDNs: [{ matchName: 'geo.maps.example.com' }] }, { enableDefaultDeny: { egress: false } })],
      0,
    ],
    [
      'its namespace',
      queue,
      [
        fence,
        out({
          toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'queues', app: 'bus' } }],
          toPorts: toPorts('5672'),
        }),
      ],
      0,
    ],
    ['endpoints of its own namespace', queue, [fence, out({ toEndpoints: [{}] })], 1],
    ['the whole cluster', queue, [fence, out({ toEntities: ['cluster'] })], 0],
    ['the world, which is not the cluster', queue, [fence, out({ toEntities: ['world'] })], 1],
    ['its Service', queue, [fence, out({ toServices: [{ k8sService: { serviceName: 'bus', namespace: 'queues' } }] })], 0],
    ['another Service', queue, [fence, out({ toServices: [{ k8sService: { serviceName: 'cache', namespace: 'queues' } }] })], 1],
    [
      'Services by their labels',
      queue,
      [fence, out({ toServices: [{ k8sServiceSelector: { selector: { matchLabels: {} } } }] })],
      0,
    ],
    ['a rule of Calico', old, [fence, allow({ nets: ['10.40.0.0/24'], ports: [8081] }, 'TCP')], 0],
    ['a rule of Calico for other ports', old, [fence, allow({ nets: ['10.40.0.0/24'], ports: ['80:443'] }, 'TCP')], 1],
    ['names in Calico', geo, [fence, allow({ domains: ['*.example.com'] })], 0],
    ['a namespace in Calico', queue, [fence, allow({ namespaceSelector: "kubernetes.io/metadata.name == 'queues'" })], 0],
    ['another namespace in Calico', queue, [fence, allow({ namespaceSelector: "projectcalico.org/name == 'caches'" })], 1],
    ['what Calico says in ways that are not read', queue, [fence, allow({ selector: "a == 'b' || c == 'd'" })], 0],
    [
      'everything that Calico leaves to a later tier',
      queue,
      [fence, calico({ types: ['Egress'], egress: [{ action: 'Pass' }] })],
      0,
    ],
    [
      'a policy for pods that cannot be told',
      geo,
      [
        fence,
        cilium({
          endpointSelector: { matchLabels: { 'io.cilium.k8s.policy.serviceaccount': 'web' } },
          egress: [{ toEntities: ['world'] }],
        }),
      ],
      0,
    ],
    ['Calico alone, which closes', geo, [calico({ selector: "app == 'web'", types: ['Egress'] }, 'GlobalNetworkPolicy')], 1],
  ])('is judged by %s', (_, values, policies, faults) => {
    expect(found(values, ...policies)).toHaveLength(faults);
  });
});

test('pods are closed by policies of any kind', () => {
  const web = pods('web', {});
  const open = (...policies: Manifest[]) => findings(networkFenced, web, ...policies).map((one) => one.replace(/^.* for /, ''));
  expect(open()).toEqual(['Ingress and Egress']);
  expect(open(cilium({ ingress: [{}], egress: [{}] }))).toEqual([]);
  expect(open(cilium({ ingress: [], egress: [{ toEntities: ['world'] }] }))).toEqual(['Ingress']);
  expect(open(calico({ selector: 'all()', types: ['Ingress', 'Egress'] }))).toEqual([]);
  expect(open(calico({ selector: "app == 'mailer'", types: ['Ingress', 'Egress'] }))).toEqual(['Ingress and Egress']);
  expect(open(calico({}))).toEqual(['Egress']);
});

test('the API, DNS and the controller of a route are reached by entities and names too', () => {
  const rights = [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'web', namespace: 'depot' },
      roleRef: { kind: 'Role', name: 'web' },
      subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'depot' }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'web', namespace: 'depot' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
  ];
  const web = pods('web', {});
  const spec = web['spec'] as { template: { spec: Manifest } };
  spec.template.spec = { ...spec.template.spec, serviceAccountName: 'web', automountServiceAccountToken: true };
  const api = (rule: Manifest) => findings(apiOpen, web, ...rights, cilium({ egress: [rule] }));
  expect(api({ toEntities: ['kube-apiserver'], toPorts: toPorts('6443') })).toEqual([]);
  expect(api({ toEndpoints: [{}] })).toHaveLength(1);

  const dns = { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system', 'k8s:k8s-app': 'kube-dns' } };
  const asks = pods('web', { env: [{ name: 'GEO_URL', value: 'https://geo.example.com' }] });
  const names = (...egress: Manifest[]) => findings(networkOpen, asks, cilium({ egress }));
  expect(names({ toEndpoints: [dns], toPorts: toPorts('53') })).toEqual([]);
  expect(names({ toEndpoints: [dns], toPorts: toPorts('53', { protocol: 'UDP' }) })).toHaveLength(1);

  const serves = pods('web', { ports: [{ name: 'http', containerPort: 4040 }] });
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'depot' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  };
  const route = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'depot' },
    spec: { rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
  };
  const routed = (rule: Manifest) => findings(networkOpen, serves, service, route, cilium({ ingress: [rule] }));
  expect(routed({ fromEntities: ['ingress'], toPorts: toPorts('4040') })).toEqual([]);
  expect(routed({ fromEndpoints: [{}] })).toHaveLength(1);
});

test.each<[string, Manifest | undefined]>([
  ['', { matchExpressions: [] }],
  ['all()', { matchExpressions: [] }],
  [
    'a == \'b\' && c != "d"',
    {
      matchExpressions: [
        { key: 'a', operator: 'In', values: ['b'] },
        { key: 'c', operator: 'NotIn', values: ['d'] },
      ],
    },
  ],
  ["x/y not in {'1', '2'}", { matchExpressions: [{ key: 'x/y', operator: 'NotIn', values: ['1', '2'] }] }],
  ['!has(a)', { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }],
  ["a == 'b' || c == 'd'", undefined],
  ["(a == 'b')", undefined],
  ["a starts with 'b'", undefined],
  ["projectcalico.org/namespace == 'b'", undefined],
])('a selector of Calico, %s, is read as one of Kubernetes', (text, expected) => {
  expect(readSelector(text)).toEqual(expected);
});
