import { identityReachable } from '../../lib/checks/hardening/identity-reachable';
import { CloudIdentity, NetworkFence, ProbedDeployment, render, type Manifest, type World } from '../../lib/index';
import { App, Chart } from 'cdk8s';
import { chart, minimalDeployment, refusals } from '../support/chart';
import { foundIn } from '../support/raw';

const object = (kind: string, name: string, rest: Manifest): Manifest => ({
  kind,
  metadata: { name, namespace: 'test' },
  ...rest,
});
const account = (annotations: Manifest): Manifest => ({
  kind: 'ServiceAccount',
  metadata: { name: 'reports', namespace: 'test', annotations },
});
const pods = (spec: Manifest = {}, labels: Manifest = {}) =>
  object('Deployment', 'reports', {
    spec: {
      template: {
        metadata: { labels: { app: 'reports', ...labels } },
        spec: { serviceAccountName: 'reports', containers: [{ name: 'reports' }], ...spec },
      },
    },
  });
const fence = (egress: Manifest[]) =>
  object('NetworkPolicy', 'fence', { spec: { podSelector: {}, policyTypes: ['Egress'], egress } });
const ranges = (ports: readonly number[], ...cidrs: string[]) => ({
  to: cidrs.map((cidr) => ({ ipBlock: { cidr } })),
  ports: ports.map((port) => ({ port })),
});
const names = { ports: [{ port: 53, protocol: 'UDP' }] };
const variable = (name: string, value: string) => ({ containers: [{ name: 'reports', env: [{ name, value }] }] });

const role = account({ 'eks.amazonaws.com/role-arn': 'arn:aws:iam::210987654321:role/reports' });
const google = account({ 'iam.gke.io/gcp-service-account': 'reports@a-project.iam.gserviceaccount.com' });
const azure = account({ 'azure.workload.identity/client-id': '3d2c1b0a-9988-4766-8d2c-0f9e8d7c6b5a' });
const used = { 'azure.workload.identity/use': 'true' };
const stores = { outside: [{ host: 's3.eu-west-1.amazonaws.com', port: 443, cidrs: ['52.218.0.0/17'] }] };
const withSts = { outside: [...stores.outside, { host: 'sts.eu-west-1.amazonaws.com', port: 443, cidrs: ['52.119.0.0/16'] }] };

const cilium = (rule: Manifest): Manifest => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'out', namespace: 'test' },
  spec: { endpointSelector: {}, egress: [{ ...rule, toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }] },
});

const found = (manifests: readonly Manifest[], more: Partial<World> = {}) =>
  foundIn(identityReachable, manifests, more).map(({ field, must, fix, inLiteral }) => [field, must, fix, inLiteral].join(' | '));

describe('pods with a cloud identity', () => {
  it.each<[string, Manifest[], Partial<World>?]>([
    ['names alone are asked for', [role, pods(), fence([names])]],
    ['another port is open', [role, pods(), fence([names, ranges([80, 8443], '0.0.0.0/0')])]],
    ['the database has addresses like that', [role, pods(), fence([ranges([5432], '10.0.0.0/16')])]],
    ['the range is that of another service alone', [role, pods(), fence([ranges([443], '52.218.0.0/17')])], stores],
    ['pods are reached alone', [role, pods(), fence([{ to: [{ namespaceSelector: {} }], ports: [{ port: 443 }] }])]],
    ['another host is open by its name', [role, pods(), cilium({ toFQDNs: [{ matchName: 's3.eu-west-1.amazonaws.com' }] })]],
  ])('of AWS are refused where %s', (_, manifests, more = {}) => {
    const fix =
      'open TCP 443 to any address, or to those of the VPC endpoint of STS, in the egress of a NetworkPolicy of these pods';
    const inLiteral =
      "add { port: 443 } for any address, or { port: 443, peer: { cidr: '...' } } with those of the VPC endpoint of STS, to 'egress' of the NetworkFence, or of the sidecar that asks";
    expect(found(manifests, more)).toEqual([
      `metadata.annotations["eks.amazonaws.com/role-arn"] | come with a way to its credentials: no NetworkPolicy of Deployment reports opens TCP 443 of sts.<region>.amazonaws.com | ${fix} | ${inLiteral}`,
    ]);
  });

  it.each<[string, Manifest[], Partial<World>?]>([
    ['no fence is there', [role, pods()]],
    [
      'the fence is about those who come',
      [role, pods(), object('NetworkPolicy', 'in', { spec: { podSelector: {}, ingress: [] } })],
    ],
    [
      'the fence is of other pods',
      [
        role,
        pods(),
        object('NetworkPolicy', 'other', { spec: { podSelector: { matchLabels: { app: 'other' } }, policyTypes: ['Egress'] } }),
      ],
    ],
    ['all is open', [role, pods(), fence([{}])]],
    ['the port is open to everyone', [role, pods(), fence([names, { ports: [{ port: 443 }] }])]],
    ['a range of ports is', [role, pods(), fence([{ ports: [{ port: 1, endPort: 1024 }] }])]],
    [
      'another policy opens it',
      [role, pods(), fence([]), { ...fence([ranges([443], '::/0')]), metadata: { name: 'more', namespace: 'test' } }],
    ],
    ['a VPC endpoint is in the network of the nodes', [role, pods(), fence([ranges([443], '10.20.0.0/16')])]],
    [
      'that network is said of another service too',
      [role, pods(), fence([ranges([443], '172.20.4.0/24')])],
      { outside: [{ host: 's3.eu-west-1.amazonaws.com', port: 443, cidrs: ['172.20.4.0/24'] }] },
    ],
    ['a public range of nobody is open', [role, pods(), fence([ranges([443], '52.119.0.0/16')])], stores],
    ['the service is declared with its range', [role, pods(), fence([ranges([443], '52.119.0.0/16')])], withSts],
    ['the service is open by its name', [role, pods(), cilium({ toFQDNs: [{ matchName: 'sts.eu-west-1.amazonaws.com' }] })]],
    ['its domain is', [role, pods(), cilium({ toFQDNs: [{ matchPattern: '*.amazonaws.com' }] })]],
    ['the world is', [role, pods(), cilium({ toEntities: ['world'] })]],
    ['a proxy is asked', [role, pods(variable('HTTPS_PROXY', 'http://proxy.corp:3128')), fence([names])]],
    ['another server is asked', [role, pods(variable('AWS_ENDPOINT_URL_STS', 'http://localstack:4566')), fence([names])]],
    ['the pods have the addresses of their nodes', [role, pods({ hostNetwork: true }), fence([names])]],
    ['the account is nobody', [account({}), pods(), fence([names])]],
    ['the account is in no YAML', [pods(), fence([names])]],
    ['nobody has the account', [role, pods({ serviceAccountName: 'other' }), fence([names])]],
  ])('are left alone where %s', (_, manifests, more = {}) => {
    expect(found(manifests, more)).toEqual([]);
  });

  it('of Azure need the way to its login, where the webhook sees them', () => {
    const must =
      'come with a way to its credentials: no NetworkPolicy of Deployment reports opens TCP 443 of login.microsoftonline.com';
    expect(found([azure, pods({}, used), fence([names])])).toEqual([expect.stringContaining(must)]);
    expect(found([azure, pods({}, used), fence([ranges([443], '0.0.0.0/0')])])).toEqual([]);
    expect(found([azure, pods({}, used), cilium({ toFQDNs: [{ matchName: 'login.partner.microsoftonline.cn' }] })])).toEqual([]);
    expect(found([azure, pods(), fence([names])])).toEqual([]);
    expect(found([azure, pods(variable('AZURE_AUTHORITY_HOST', 'https://login.corp/'), used), fence([names])])).toEqual([]);
  });

  it.each<[string, Manifest[], number]>([
    ['the internet', [ranges([443], '0.0.0.0/0')], 1],
    [
      'the internet but for it',
      [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } }], ports: [{ port: 80 }] }],
      1,
    ],
    ['its names at its address', [{ ...ranges([], '169.254.169.254/32'), ports: [{ port: 53, protocol: 'UDP' }] }], 1],
    ['it on the node', [ranges([988], '169.254.169.252/32')], 0],
    ['it with Dataplane V2', [ranges([80], '169.254.169.254/32')], 0],
    ['all link-local addresses', [ranges([80], '169.254.0.0/16')], 0],
    ['everyone', [{ ports: [{ port: 80 }] }], 0],
  ])('of Google need the metadata server, which is judged by the way to %s', (_, egress, count) => {
    expect(found([google, pods(), fence(egress)])).toHaveLength(count);
    expect(found([google, pods(variable('GOOGLE_APPLICATION_CREDENTIALS', '/etc/key.json')), fence(egress)])).toEqual([]);
  });

  it('are told once for each identity', () => {
    const named = (name: string) => ({ ...pods(), metadata: { name, namespace: 'test' } });
    const two = found([role, named('one'), named('two'), fence([names])]);
    expect(two).toEqual([expect.stringContaining('no NetworkPolicy of Deployment one and Deployment two opens')]);
    const three = found([role, named('one'), named('two'), named('three'), fence([names])]);
    expect(three).toEqual([expect.stringContaining('no NetworkPolicy of Deployment one and 2 others opens')]);
  });
});

describe('a fence around pods with a cloud identity', () => {
  const cidr = (address: string, ...ports: number[]) =>
    ports.map((port) => ({ to: [{ ipBlock: { cidr: address } }], ports: [{ port, protocol: 'TCP' }] }));

  it.each<[string, CloudIdentity, Manifest[]]>([
    [
      'GKE',
      CloudIdentity.google({ serviceAccount: 'reports@a-project.iam.gserviceaccount.com' }),
      [...cidr('169.254.169.252/32', 988, 987), ...cidr('169.254.169.254/32', 80, 8080)],
    ],
    ['EKS with its agent', CloudIdentity.eksPodIdentity(), [...cidr('169.254.170.23/32', 80), ...cidr('fd00:ec2::23/128', 80)]],
  ])('opens what has one address by itself, of %s, in whatever order', (_, identity, opened) => {
    for (const early of [true, false]) {
      const tried = chart();
      const make = () => new NetworkFence(tried, 'Fence', { clients: [], dns: [] });
      const first = early ? make() : undefined;
      new ProbedDeployment(tried, 'Web', { ...minimalDeployment, identity });
      const { policies } = first ?? make();
      expect(refusals(tried)).toEqual([]);
      expect((policies['web']?.toJson() as Manifest)['spec'].egress).toEqual(opened);
    }
  });

  it.each<[string, object, boolean]>([
    ['nothing', {}, true],
    ['the port of everyone', { egress: [{ port: 443 }] }, false],
    ['the port of an endpoint', { egress: [{ port: 443, peer: { cidr: '10.7.8.0/24' } }] }, false],
  ])('has to be told what AWS does not fix: %s', (_, more, refused) => {
    const app = new App();
    const tried = new Chart(app, 'reports', { namespace: 'reports' });
    const identity = CloudIdentity.aws({ roleArn: 'arn:aws:iam::210987654321:role/reports' });
    new ProbedDeployment(tried, 'Web', { ...minimalDeployment, ...more, identity });
    new NetworkFence(tried, 'Fence', { clients: [] });
    expect(render(app).faults.filter((fault) => fault.endsWith('(identity-reachable)'))).toHaveLength(refused ? 1 : 0);
  });
});
