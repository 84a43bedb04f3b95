import { apiOpen, visitorsLetIn } from '../../lib/checks/hardening/let-in';
import { rightsUsed } from '../../lib/checks/hardening/accounts';
import type { Rule } from '../../lib/checks/rule';
import { BeamCluster, KeyedSecret, NetworkFence, type BeamClusterProps, type Manifest } from '../../lib/index';
import { chart, release } from '../support/chart';
import { foundIn } from '../support/raw';

/** What a rule finds in objects written by hand, as `field must`. */
function findings(rule: Rule, ...manifests: readonly Manifest[]): string[] {
  return foundIn(rule, manifests).map(({ field, must }) => `${field} ${must}`);
}

const object = (kind: string, name: string, rest: Manifest): Manifest => ({
  kind,
  metadata: { name, namespace: 'test' },
  ...rest,
});
const pods = (name: string, spec: Manifest = {}, kind = 'Deployment') =>
  object(kind, name, {
    spec: { template: { metadata: { labels: { app: name } }, spec: { containers: [{ name }], ...spec } } },
  });
const fence = (spec: Manifest) => object('NetworkPolicy', 'fence', { spec: { podSelector: {}, ...spec } });

describe('rights in the Kubernetes API', () => {
  const account = (more: Manifest = {}) => object('ServiceAccount', 'runner', more);
  const binding = (subject: Manifest = { kind: 'ServiceAccount', name: 'runner' }) =>
    object('RoleBinding', 'runner', { roleRef: { kind: 'Role', name: 'runner' }, subjects: [subject] });
  const runner = (spec: Manifest, kind?: string) => pods('runner', { serviceAccountName: 'runner', ...spec }, kind);
  const none = 'subjects name accounts that pods have';
  const tokenless = 'subjects name accounts whose pods have a token of the Kubernetes API';

  it.each<[string, Manifest[], string[]]>([
    ['pods without a token', [account(), runner({ automountServiceAccountToken: false })], [tokenless]],
    ['pods whose account has none', [account({ automountServiceAccountToken: false }), runner({})], [tokenless]],
    [
      'a CronJob without a token',
      [
        account(),
        {
          ...runner({}),
          kind: 'CronJob',
          spec: { jobTemplate: { spec: runner({ automountServiceAccountToken: false })['spec'] } },
        },
      ],
      [tokenless],
    ],
    [
      'a token for someone else',
      [
        account(),
        runner({
          automountServiceAccountToken: false,
          volumes: [{ projected: { sources: [{ serviceAccountToken: { audience: 'vault' } }] } }],
        }),
      ],
      [tokenless],
    ],
    ['no pods', [account(), pods('other')], [none]],
    ['pods with a token', [account({ automountServiceAccountToken: false }), runner({ automountServiceAccountToken: true })], []],
    ['pods that say nothing', [account(), runner({})], []],
    [
      'a token in a volume',
      [
        account(),
        runner({
          automountServiceAccountToken: false,
          volumes: [{ projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
        }),
      ],
      [],
    ],
    [
      'one of several pods',
      [
        account(),
        runner({ automountServiceAccountToken: false }),
        { ...runner({}, 'StatefulSet'), metadata: { name: 'two', namespace: 'test' } },
      ],
      [],
    ],
    ['an account that is made elsewhere', [runner({ automountServiceAccountToken: false })], []],
    [
      'a controller that acts as it',
      [account(), object('Kustomization', 'apps', { spec: { serviceAccountName: 'runner' } })],
      [],
    ],
    [
      'a store of secrets that acts as it',
      [
        account(),
        object('SecretStore', 'vault', {
          spec: { provider: { aws: { auth: { jwt: { serviceAccountRef: { name: 'runner' } } } } } },
        }),
      ],
      [],
    ],
    [
      'a Secret with its token',
      [
        account(),
        {
          kind: 'Secret',
          metadata: { name: 'token', namespace: 'test', annotations: { 'kubernetes.io/service-account.name': 'runner' } },
        },
      ],
      [],
    ],
  ])('are judged by %s', (_, manifests, found) => {
    expect(findings(rightsUsed, binding(), ...manifests)).toEqual(found);
  });

  it('of people and groups are not judged', () => {
    const people = binding({ kind: 'Group', name: 'developers' });
    expect(findings(rightsUsed, people, account(), runner({ automountServiceAccountToken: false }))).toEqual([]);
  });

  const everywhere = { ipBlock: { cidr: '0.0.0.0/0' } };
  const missing = (ports: string) =>
    `spec.egress let Deployment runner send to the Kubernetes API, for which it has a token: TCP ${ports}`;
  it.each<[string, Manifest[], string[]]>([
    ['nothing', [], [missing('443 and 6443')]],
    ['pods alone', [{ to: [{ namespaceSelector: {} }] }], [missing('443 and 6443')]],
    ['the port of the internet alone', [{ to: [everywhere], ports: [{ port: 443 }] }], [missing('6443')]],
    ['both ports', [{ ports: [{ port: 443 }, { port: 6443 }] }], []],
    ['all ports', [{}], []],
    ['one port of an address that is known', [{ to: [{ ipBlock: { cidr: '10.96.0.1/32' } }], ports: [{ port: 443 }] }], []],
    ['both ports by IPv6', [{ to: [{ ipBlock: { cidr: '::/0' } }], ports: [{ port: 443 }, { port: 6443 }] }], []],
  ])('need a way, which is judged by %s', (_, egress, found) => {
    const policy = fence({ policyTypes: ['Egress'], egress });
    expect(findings(apiOpen, binding(), account(), runner({}), policy)).toEqual(found);
    // Who has no token or no rights does not ask.
    expect(findings(apiOpen, binding(), account(), runner({ automountServiceAccountToken: false }), policy)).toEqual([]);
    expect(findings(apiOpen, account(), runner({}), policy)).toEqual([]);
  });

  it.each<[Partial<BeamClusterProps>, string]>([
    [{}, '0.0.0.0/0'],
    [{ ipv6: true }, '::/0'],
    [{ ipv6: true, apiServerCidr: 'fd00:10:96::1/128' }, 'fd00:10:96::1/128'],
  ])('lead to the API servers of the family of the pods with %j', (props, cidr) => {
    const tried = chart();
    const cookie = new KeyedSecret(tried, 'Cookie', { name: 'cookie', keys: ['cookie'], source: { existing: true } }).key(
      'cookie',
    );
    const cluster = new BeamCluster(tried, 'Cluster', { name: 'chat', cookie, discovery: 'kubernetesApi', ...props });
    release(tried, { cluster });
    const { policies } = new NetworkFence(tried, 'Fence', { clients: [] });
    const spec = policies['kube-native']?.toJson() as Manifest;
    const rules = (spec['spec'].egress as Manifest[]).filter(({ ports }) => [443, 6443].includes(Number(ports[0].port)));
    expect(rules.map(({ to }) => to)).toEqual([[{ ipBlock: { cidr } }], [{ ipBlock: { cidr } }]]);
  });
});

describe('who comes from outside of the cluster', () => {
  const web = pods('web', { containers: [{ name: 'web', ports: [{ name: 'sip', containerPort: 5060, protocol: 'UDP' }] }] });
  const service = (spec: Manifest, annotations: Manifest = {}) => ({
    kind: 'Service',
    metadata: { name: 'phone', namespace: 'test', annotations },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      ports: [{ port: 5060, protocol: 'UDP', targetPort: 'sip' }],
      ...spec,
    },
  });
  const sip = [{ port: 5060, protocol: 'UDP' }];
  const from = (...cidrs: string[]) => [{ from: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: sip }];
  const local = { externalTrafficPolicy: 'Local', loadBalancerSourceRanges: ['203.0.113.0/24'] };
  const closed = (who: string) => [`spec.ingress let in who comes by Service phone, ${who}, to UDP 5060 of Deployment web`];
  const anyone = closed('whose address is its own or that of a node');
  const node = closed("whose address is that of a node unless externalTrafficPolicy is 'Local'");
  const gateway = [{ from: [{ namespaceSelector: { matchLabels: { name: 'gateway' } } }], ports: sip }];

  it.each<[string, Manifest, Manifest[], string[]]>([
    ['nobody', service({}), [], anyone],
    ['the pods of a gateway', service({}), gateway, anyone],
    ['another protocol', service({}), [{ ports: [{ port: 5060 }] }], anyone],
    ['the port of the node', service({ type: 'NodePort' }), [{ ports: [{ port: 30060, protocol: 'UDP' }] }], anyone],
    ['nobody, by addresses of its own', service({ type: 'ClusterIP', externalIPs: ['192.0.2.1'] }), [], anyone],
    ['other addresses than the load balancer', service(local), from('198.51.100.0/24'), closed('203.0.113.0/24')],
    ['its clients, whom nodes hide', service({ ...local, externalTrafficPolicy: 'Cluster' }), from('203.0.113.0/24'), node],
    ['everyone', service({}), [{ ports: sip }], []],
    ['all addresses', service({ type: 'NodePort' }), from('0.0.0.0/0'), []],
    ['the addresses of a private network', service({}), from('10.0.0.0/8'), []],
    ['its clients', service(local), from('203.0.113.0/24'), []],
    ['some of its clients', service(local), from('203.0.113.128/25'), []],
    [
      'its clients and the nodes',
      service({ ...local, externalTrafficPolicy: 'Cluster' }),
      from('203.0.113.0/24', '10.0.0.0/16'),
      [],
    ],
    [
      'its clients, straight to the pods',
      service({ ...local, externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: false }),
      from('203.0.113.0/24'),
      [],
    ],
    ['nobody, inside of the cluster', service({ type: 'ClusterIP' }), [], []],
    ['nobody, to other pods', service({ selector: { app: 'other' } }), [], []],
  ])('finds open to %s', (_, phone, ingress, found) => {
    expect(findings(visitorsLetIn, web, phone, fence({ policyTypes: ['Ingress'], ingress }))).toEqual(found);
    expect(findings(visitorsLetIn, web, phone)).toEqual([]);
  });
});
