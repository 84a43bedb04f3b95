import { JsonPatch, type App, type Chart } from 'cdk8s';
import { build } from '../support/stack';
import { meshLetsIn } from '../../lib/checks/hardening/let-in';
import {
  type Charts,
  type NamedEnvironment,
  Checks,
  NetworkFence,
  OptOut,
  patch,
  ProbedDeployment,
  render,
  ServiceMesh,
  type Manifest,
  type NetworkFenceProps,
} from '../../lib/index';
import { declare } from '../../lib/support/declare';
import { staging } from '../support/alone';
import { application, chart, minimalDeployment, objects, refusalsOf, release } from '../support/chart';
import { vary } from '../support/vary';

const mesh = { gateways: ['edge'] };
const clients = [{ namespace: 'edge' }];
const refusedIn = (make: (tried: Chart) => unknown) => refusalsOf(make, '1.30');

/** The spec of an object of Istio after pods, a mesh and a fence were made. */
function meshed(fill: (tried: Chart) => unknown, props: Partial<NetworkFenceProps> = {}, between?: (made: ServiceMesh) => void) {
  const tried = chart('1.30');
  fill(tried);
  const made = new ServiceMesh(tried, 'Mesh', mesh);
  between?.(made);
  new NetworkFence(tried, 'Fence', { clients, ...props });
  const all = objects(tried);
  return (kind: string, name: string) =>
    all.find((one) => one['kind'] === kind && one['metadata'].name === name)?.['spec'] as Manifest | undefined;
}

const measured = (tried: Chart) => release(tried, { application: { ...application, metrics: { port: 9568 } } });
const web = { from: [{ source: { namespaces: ['edge'] } }], to: [{ operation: { ports: ['4000'] } }] };
const at = (port: number) => [{ operation: { ports: [`${port}`] } }];

describe('who may call by Istio is whom the fence lets in', () => {
  test('by what is opened to pods of the environment, whoever they are', () => {
    const queue = (tried: Chart) => {
      release(tried);
      new ProbedDeployment(tried, 'Queue', { ...minimalDeployment, name: 'rabbit', ports: { amqp: 5672 } });
    };
    const find = meshed(queue, { egress: [{ port: 5672, endPort: 5673, peer: { pods: 'rabbit' } }] });
    const principals = ['cluster.local/ns/test/sa/kube-native'];
    expect(find('AuthorizationPolicy', 'rabbit')?.['rules']).toEqual(
      [5672, 5673].map((port) => ({ from: [{ source: { principals } }], to: at(port) })),
    );
    expect(find('PeerAuthentication', 'rabbit')).toBeUndefined();
  });

  test('by who collects metrics: by name where they are in the mesh, without one in clear text, or by their addresses', () => {
    const monitoring = [{ namespace: 'watch' }, { cidr: '10.4.0.0/16' }];
    const find = meshed(measured, { monitoring });
    const from = [
      { source: { namespaces: ['watch'] } },
      { source: { ipBlocks: ['10.4.0.0/16'] } },
      { source: { notPrincipals: ['*'] } },
    ];
    expect(find('AuthorizationPolicy', 'kube-native')?.['rules']).toEqual([web, { from, to: at(9568) }]);
    expect(find('PeerAuthentication', 'kube-native')?.['portLevelMtls']).toEqual({ 9568: { mode: 'PERMISSIVE' } });
  });

  test('by addresses alone no clear text of others comes in', () => {
    const find = meshed(measured, { monitoring: [{ cidr: '10.4.0.0/16' }] });
    const [, rule] = find('AuthorizationPolicy', 'kube-native')?.['rules'] as Manifest[];
    expect(rule).toEqual({ from: [{ source: { ipBlocks: ['10.4.0.0/16'] } }], to: at(9568) });
  });

  test('by nobody, where nobody is to collect them', () => {
    const find = meshed(measured, { monitoring: OptOut.because('metrics are pushed, by an agent in the pod') });
    expect(find('AuthorizationPolicy', 'kube-native')?.['rules']).toEqual([web]);
    expect(find('PeerAuthentication', 'kube-native')).toBeUndefined();
  });

  test('by the addresses of visitors, and by their namespaces', () => {
    const visited = (tried: Chart) => {
      release(tried);
      const visitor = (cidr: string) => ({ pods: 'kube-native', port: 4001, peer: { cidr } });
      declare(tried, { visitors: [visitor('192.0.2.0/24'), visitor('2001:db8::/32')] });
      declare(tried, { visitors: [{ pods: 'kube-native', port: 4002, peer: { namespace: 'scaler' } }] });
      declare(tried, { visitors: [{ pods: 'kube-native', port: 4003, protocol: 'UDP', peer: { namespace: 'scaler' } }] });
    };
    const find = meshed(visited);
    expect(find('AuthorizationPolicy', 'kube-native')?.['rules']).toEqual([
      web,
      { from: [{ source: { ipBlocks: ['192.0.2.0/24', '2001:db8::/32'] } }], to: at(4001) },
      { from: [{ source: { namespaces: ['scaler'] } }, { source: { notPrincipals: ['*'] } }], to: at(4002) },
    ]);
  });

  test('by the clients of the fence beside the gateways', () => {
    const find = meshed(release, { clients: [...clients, { namespace: 'partner' }, { cidr: '198.51.100.0/24' }] });
    const from = [{ source: { namespaces: ['edge', 'partner'] } }, { source: { ipBlocks: ['198.51.100.0/24'] } }];
    expect(find('AuthorizationPolicy', 'kube-native')?.['rules']).toEqual([{ from, to: at(4000) }]);
    expect(meshed(release, { clients: 'everyone' })('AuthorizationPolicy', 'kube-native')?.['rules']).toEqual([web]);
  });

  test('and what was changed between the two stays changed', () => {
    const change = JsonPatch.add('/metadata/annotations', { team: 'shop' });
    const tried = chart('1.30');
    release(tried);
    const made = new ServiceMesh(tried, 'Mesh', mesh);
    patch(made.policies['kube-native'] ?? made, 'the team is asked about it', change);
    new NetworkFence(tried, 'Fence', { clients: [...clients, { namespace: 'partner' }] });
    const found = objects(tried).find((one) => one['kind'] === 'AuthorizationPolicy' && one['metadata'].name === 'kube-native');
    expect(found?.['metadata'].annotations).toEqual({ team: 'shop' });
    expect(JSON.stringify(found)).toContain('partner');
  });
});

describe('the order of mesh, fence and pods', () => {
  const pods = (tried: Chart) =>
    new ProbedDeployment(tried, 'Pods', { ...minimalDeployment, name: 'pods', egress: [{ port: 443 }] });
  const steps: Readonly<Record<string, (tried: Chart) => unknown>> = {
    pods,
    release: (tried) => release(tried),
    mesh: (tried) => new ServiceMesh(tried, 'Mesh', mesh),
    fence: (tried) => new NetworkFence(tried, 'Fence', { clients }),
  };
  const made = (...order: string[]): string[] => {
    const tried = chart('1.30');
    for (const step of order) steps[step]?.(tried);
    return objects(tried)
      .map((object) => JSON.stringify(object))
      .toSorted();
  };

  test.each([
    ['release', 'pods', 'fence', 'mesh'],
    ['mesh', 'fence', 'pods', 'release'],
    ['fence', 'mesh', 'release', 'pods'],
    ['pods', 'mesh', 'release', 'fence'],
  ])('is nothing to any of their objects: %s, %s, %s, %s', (...order) => {
    expect(made(...order)).toEqual(made('release', 'pods', 'mesh', 'fence'));
  });

  test('is nothing to pods that say that they have no sidecar', () => {
    const tried = chart('1.30');
    new ServiceMesh(tried, 'Mesh', mesh);
    const label = JsonPatch.add('/spec/template/metadata/labels/sidecar.istio.io~1inject', 'false');
    patch(pods(tried).deployment, 'it speaks what no proxy knows', label);
    new NetworkFence(tried, 'Fence', { clients });
    const found = (kind: string) =>
      objects(tried).find((one) => one['kind'] === kind && one['metadata'].name === 'pods')?.['spec'];
    expect((found('Deployment') as Manifest)['template'].metadata).not.toHaveProperty('annotations');
    expect((found('Deployment') as Manifest)['template'].metadata.labels['sidecar.istio.io/inject']).toBe('false');
    expect(JSON.stringify(found('NetworkPolicy'))).not.toContain('15012');
  });
});

test('fails when the fence keeps the gateways out', () => {
  const said = (of: NetworkFenceProps['clients'], visitor?: string) =>
    refusedIn((tried) => {
      release(tried);
      if (visitor) declare(tried, { visitors: [{ pods: 'kube-native', port: 4000, peer: { namespace: visitor } }] });
      new ServiceMesh(tried, 'Mesh', mesh);
      new NetworkFence(tried, 'Fence', { clients: of });
    });
  expect(said([{ namespace: 'ingress-nginx' }])).toEqual([
    "[chart/Mesh] 'gateways' must name a namespace among the clients of the NetworkFence, which keeps the others out, got [\"edge\"]; write clients: [{ namespace: 'edge' }], or the namespace of the gateways here",
  ]);
  expect(said([{ namespace: 'ingress-nginx' }], 'edge')).toEqual([]);
  for (const fine of [[], 'everyone', [{ cidr: '10.0.0.0/8' }], [...clients, { namespace: 'other' }]] as const)
    expect(said(fine)).toEqual([]);
});

describe('the rule about policies of both kinds', () => {
  const clickhouse = (charts: Charts) =>
    new ProbedDeployment(charts.release, 'ClickHouse', {
      ...minimalDeployment,
      name: 'clickhouse',
      application: 'clickhouse',
      ports: { native: 9000 },
      servicePorts: { native: 9000 },
    });
  const environment = (change?: (charts: Charts) => void): NamedEnvironment =>
    vary(vary(staging, { mesh: { gateways: ['edge'] }, web: { clients } }), {
      egress: [{ port: 9000, peer: { pods: 'clickhouse' } }],
      amend: (charts) => {
        clickhouse(charts);
        change?.(charts);
      },
    });
  const found = (app: App) => render(app).faults.filter((fault) => fault.endsWith(`(${meshLetsIn.name})`));

  test('is silent where the mesh lets in whom the fence does', () => {
    const app = build(environment());
    expect(found(app)).toEqual([]);
    const policy = Checks.of(app).world.objects.find(
      ({ manifest: { kind, metadata } }) => kind === 'AuthorizationPolicy' && metadata.name === 'clickhouse',
    );
    expect(policy?.manifest['spec'].rules[0].from[0].source.principals).toHaveLength(2);
  });

  const closing =
    (source: Manifest, ports = ['9000']) =>
    (app: App) => {
      const { policies } = app.node.findChild('07-mesh').node.findChild('Mesh') as ServiceMesh;
      patch(
        policies['clickhouse'] ?? app,
        'is written by hand',
        JsonPatch.replace('/spec/rules', [{ from: [{ source }], to: [{ operation: { ports } }] }]),
      );
      return found(app).map((fault) => fault.replace(/, got .*/, ''));
    };
  const { namespace } = staging;

  test('finds policies that keep out whom the fence lets in', () => {
    const sentence = (who: string) =>
      `[07-mesh/Mesh/Callers-clickhouse] 'spec.rules' must let ${who} call TCP 9000 of Deployment clickhouse, as the NetworkPolicies do`;
    const web = sentence('Deployment kube-native');
    expect(closing({ principals: [`cluster.local/ns/${namespace}/sa/other`] })(build(environment()))).toContain(web);
    expect(closing({ namespaces: [namespace] }, ['9001'])(build(environment()))).toContain(web);
    expect(closing({ notPrincipals: ['*'] })(build(environment()))).toContain(web);
    expect(closing({ principals: [`cluster.local/ns/${namespace}/sa/kube-native`] })(build(environment()))).not.toContain(web);
  });

  test('takes what lets them in, and what it cannot judge', () => {
    const fine: [Manifest, string[]?][] = [
      [{ namespaces: ['kube-*'] }],
      [{ principals: ['*'] }],
      [{ ipBlocks: ['10.0.0.0/8'] }],
      [{ serviceAccounts: [`${namespace}/kube-native`, 'kube-native-worker', 'kube-native-migrate'] }, ['900*']],
    ];
    for (const [source, ports] of fine) expect(closing(source, ports)(build(environment()))).toEqual([]);
  });
});
