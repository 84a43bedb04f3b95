import { ApiObject, App, Chart, JsonPatch, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { distributionPastTheSidecar } from '../../lib/checks/beam/distribution';
import { h2UpgradeWithSockets } from '../../lib/checks/hosts/sockets';
import { credentialBesideGateway } from '../../lib/checks/references/routes';
import { sidecarEndsWithJob } from '../../lib/checks/rollout/jobs';
import { build, environments, staging as ours } from '../support/stack';
import {
  type Charts,
  type NamedEnvironment,
  BeamCluster,
  Checks,
  EnvironmentChart,
  OptOut,
  patch,
  render,
  Resources,
  type KubernetesVersion,
  type Manifest,
  type PhoenixReleaseProps,
  type Rule,
} from '../../lib/index';
import type { GatewayRouteProps } from '../../lib/routes/gateway-route';
import { IstioRoute, type IstioRouteProps } from '../../lib/routes/istio-route';
import { ServiceMesh, type ServiceMeshProps } from '../../lib/routes/istio/service-mesh';
import { application, chart, manifests, objects, refusalsOf, release, resources } from '../support/chart';
import { faultsOf } from '../support/environments';
import { add, said, saidOf } from '../support/said';
import { quotaOf, vary } from '../support/vary';

const own = { own: { selector: { istio: 'ingress' } } };
const tls = { secret: 'kube-native-tls' };
const elsewhere = OptOut.because('the shared Gateway has the certificate');

/** The objects of a route to a release, by kind. */
function route(props: Partial<IstioRouteProps> = {}, of: Partial<PhoenixReleaseProps> = {}): Record<string, Manifest> {
  const tried = chart();
  new IstioRoute(tried, 'Route', { release: release(tried, of), gateway: own, tls, ...props });
  return manifests(tried);
}

describe('a minimal route', () => {
  const { Gateway: gateway, VirtualService: virtual, DestinationRule: rule } = route();

  test('has a Gateway that redirects to TLS, for routes of its own namespace alone', () => {
    expect(gateway).toMatchObject({ apiVersion: 'networking.istio.io/v1', metadata: { name: 'kube-native', namespace: 'test' } });
    const hosts = ['./kube-native.example.com'];
    expect(gateway?.['spec']).toEqual({
      selector: { istio: 'ingress' },
      servers: [
        { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts, tls: { httpsRedirect: true } },
        {
          port: { number: 443, name: 'https', protocol: 'HTTPS' },
          hosts,
          tls: { mode: 'SIMPLE', credentialName: 'kube-native-tls' },
        },
      ],
    });
  });

  test('sends all to the Service, and again only what never arrived', () => {
    expect(virtual?.['spec']).toEqual({
      hosts: ['kube-native.example.com'],
      gateways: ['kube-native'],
      http: [
        {
          route: [{ destination: { host: 'kube-native.test.svc.cluster.local', port: { number: 80 } } }],
          retries: { attempts: 2, retryOn: 'connect-failure,refused-stream,reset-before-request' },
        },
      ],
    });
  });

  test('keeps websockets in HTTP/1.1, whatever the mesh does by default', () => {
    expect(rule?.['spec']).toEqual({
      host: 'kube-native.test.svc.cluster.local',
      trafficPolicy: { connectionPool: { http: { h2UpgradePolicy: 'DO_NOT_UPGRADE' } } },
    });
  });
});

test('a route with everything set redirects, matches whole folders, and balances by cookie and by zone', () => {
  const everything: Omit<Required<IstioRouteProps>, 'release' | 'canary' | 'http2' | 'idle' | 'bodySize'> = {
    gateway: { shared: 'istio-ingress/public' },
    name: 'front',
    paths: ['/api', '/live/'],
    tls: elsewhere,
    affinity: true,
    redirects: ['www.example.com'],
    locality: true,
    clusterDomain: 'cluster.example',
    annotations: { team: 'shop' },
  };
  const { Gateway: gateway, VirtualService: virtual, DestinationRule: rule } = route(everything, { hosts: ['acme.example.com'] });
  expect(gateway).toBeUndefined();
  expect(virtual?.['metadata']).toMatchObject({ name: 'front', annotations: { team: 'shop' } });
  expect(virtual?.['spec'].hosts).toEqual(['kube-native.example.com', 'acme.example.com', 'www.example.com']);
  expect(virtual?.['spec'].gateways).toEqual(['istio-ingress/public']);
  expect(virtual?.['spec'].http[0]).toEqual({
    match: [{ authority: { exact: 'www.example.com' } }],
    redirect: { authority: 'kube-native.example.com', redirectCode: 308 },
  });
  expect(virtual?.['spec'].http[1].match).toEqual([
    { uri: { exact: '/api' } },
    { uri: { prefix: '/api/' } },
    { uri: { exact: '/live' } },
    { uri: { prefix: '/live/' } },
  ]);
  expect(rule?.['spec']).toEqual({
    host: 'kube-native.test.svc.cluster.example',
    trafficPolicy: {
      connectionPool: { http: { h2UpgradePolicy: 'DO_NOT_UPGRADE' } },
      loadBalancer: {
        consistentHash: { httpCookie: { name: 'kube-native-pod', path: '/', ttl: '0s' } },
        localityLbSetting: { enabled: true },
      },
      outlierDetection: {
        consecutive5xxErrors: 0,
        consecutiveGatewayErrors: 5,
        interval: '10s',
        baseEjectionTime: '30s',
        maxEjectionPercent: 50,
      },
    },
  });
});

test('annotations stand at the Gateway where the route has one, and clear text has one port', () => {
  const annotated = { annotations: { team: 'shop' }, tls: OptOut.because('a load balancer in front ends TLS') };
  const { Gateway: gateway, VirtualService: virtual } = route(annotated);
  expect(gateway?.['metadata'].annotations).toEqual({ team: 'shop' });
  expect(virtual?.['metadata'].annotations).toBeUndefined();
  const port = { number: 80, name: 'http', protocol: 'HTTP' };
  expect(gateway?.['spec'].servers).toEqual([{ port, hosts: ['./kube-native.example.com'] }]);
});

test('an application without sockets may have HTTP/2, and needs no DestinationRule otherwise', () => {
  const silent = { application: { ...application, sockets: 0 } };
  expect(route({}, silent)['DestinationRule']).toBeUndefined();
  const { trafficPolicy } = route({ http2: true }, silent)['DestinationRule']?.['spec'] as Manifest;
  expect(trafficPolicy).toEqual({ connectionPool: { http: { h2UpgradePolicy: 'UPGRADE' } } });
});

/** A chart with a second release beside the first. */
function withCanary(weight: number, props: Partial<IstioRouteProps> = {}): Chart {
  const tried = chart();
  const next = release(new Chart(tried, 'next', { namespace: 'test' }), {
    application: { ...application, name: 'kube-native-next' },
  });
  const canary = { release: next, weight };
  new IstioRoute(tried, 'Route', { release: release(tried), gateway: own, tls, canary, ...props });
  return tried;
}

test('a canary gets its share by its own Service', () => {
  const tried = withCanary(5);
  const port = { number: 80 };
  expect(manifests(tried)['VirtualService']?.['spec'].http[0].route).toEqual([
    { destination: { host: 'kube-native.test.svc.cluster.local', port }, weight: 95 },
    { destination: { host: 'kube-native-next.test.svc.cluster.local', port }, weight: 5 },
  ]);
  const rules = objects(tried).filter(({ kind }) => kind === 'DestinationRule');
  expect(rules.map(({ metadata }) => metadata.name as string)).toEqual(['kube-native', 'kube-native-next']);
});

test('a canary may be known before anybody gets there', () => {
  const { route: shares } = manifests(withCanary(0))['VirtualService']?.['spec'].http[0] as { route: Manifest[] };
  expect(shares.map(({ weight }) => Number(weight))).toEqual([100, 0]);
});

/** What a chart's constructs refused, also where one of them could not go on. */
function refusedIn(tried: Chart, make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    if ((error as Error).name !== 'Unbuildable') throw error;
  }
  const all = tried.node.findAll();
  return all.flatMap((construct) => construct.node.validate().map((text) => `[${construct.node.path}] ${text}`));
}

describe('a route fails', () => {
  const cases: Record<string, [Partial<IstioRouteProps>, string]> = {
    'when HTTP/2 would lose websockets': [
      { http2: true },
      "[chart/Route] 'http2' must be false in front of kube-native, which has sockets: Envoy cannot carry an upgraded websocket on to its pods, got true; leave it out, or serve the sockets from a release of their own",
    ],
    'when a shared Gateway is given a certificate': [
      { gateway: { shared: 'istio-ingress/public' } },
      "[chart/Route] 'tls' must be left to a shared Gateway, which names its own Secret, got \"kube-native-tls\"; write OptOut.because('the shared Gateway has the certificate')",
    ],
    'when a shared Gateway has no namespace': [
      { gateway: { shared: 'public' }, tls: elsewhere },
      "[chart/Route] 'gateway.shared' must be namespace/name, got \"public\"; write it as 'istio-ingress/public'",
    ],
    'when no label finds pods of a gateway': [
      { gateway: { own: { selector: {} } } },
      "[chart/Route] 'gateway.own.selector' must have a label or more, got {}; write the labels of the gateway's pods, such as { istio: 'ingress' }",
    ],
    'when there are two gateways': [
      { gateway: { ...own, shared: 'a/b' } },
      "[chart/Route] 'gateway' must be one of shared, own, got \"own, shared\"; write { shared: 'istio-ingress/public' } or { own: { selector: { istio: 'ingress' } } }",
    ],
  };
  test.each(Object.entries(cases))('%s', (_, [props, sentence]) => {
    const tried = chart();
    const make = () => new IstioRoute(tried, 'Route', { release: release(tried), gateway: own, tls, ...props });
    expect(refusedIn(tried, make)).toEqual([sentence]);
  });

  test('when a canary has the name of the release, or gets more than all requests', () => {
    const tried = chart();
    const first = release(tried);
    const canary = { release: first, weight: 101 };
    expect(refusedIn(tried, () => new IstioRoute(tried, 'Route', { release: first, gateway: own, tls, canary }))).toEqual([
      "[chart/Route] 'canary.weight' must be a whole number from 0 to 100, got 101; write the percent that it gets, as in 5",
      '[chart/Route] \'canary.release\' must have a Service of its own, got "kube-native"; give its application another name, such as shop-canary',
    ]);
  });

  test('when users are to stay with a pod of two releases', () => {
    expect(refusedIn(withCanary(5, { affinity: true }), () => undefined)).toEqual([
      "[chart/Route] 'affinity' must be false beside a canary: each request is dealt out anew, got true; leave out one of the two",
    ]);
  });
});

const { namespace } = ours;
/** Staging with what a mesh has to do with: a database, a cluster, jobs, and pods that follow the load. */
const staging: NamedEnvironment = vary(ours, {
  web: { clients: [{ namespace: 'gateway' }], poolSize: 6, replicas: { minimum: 2, maximum: 3 } },
  workers: { worker: { replicas: { minimum: 0, maximum: 2, oban: { queues: ['default'], jobsPerPod: 10 } } } },
  quota: { cpu: Cpu.units(8), memory: Size.gibibytes(8), storage: Size.gibibytes(20), pods: 20 },
});

/** An environment in the mesh, with a route to it. */
function meshed(props: Partial<ServiceMeshProps> = {}, environment = staging, change?: (charts: Charts) => void): App {
  const app = new App();
  const amend = (charts: Charts) => {
    new IstioRoute(charts.release, 'Route', { release: charts.release, gateway: own, tls });
    change?.(charts);
    const home = new EnvironmentChart(app, '07-mesh', { namespace, partOf: 'kube-native' });
    new ServiceMesh(home, 'Mesh', { gateways: ['gateway'], ...props });
  };
  return build(vary(environment, { amend }), app);
}

/** The finished objects of an environment, by kind and name. */
function finished(app: App): (kind: string, name: string) => Manifest {
  expect(render(app).faults).toEqual([]);
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  return (kind, name) => {
    const found = all.find(
      (one) => one['kind'] === kind && (one['metadata'].name as string).replace(/-[0-9a-f]{10}$/, '') === name,
    );
    if (!found) throw new Error(`no ${kind} ${name}`);
    return found;
  };
}

const EXCLUDED = '4369,4370,4371,4372';
const SIDECAR = {
  'sidecar.istio.io/nativeSidecar': 'true',
  'sidecar.istio.io/proxyCPU': '250m',
  'sidecar.istio.io/proxyCPULimit': '250m',
  'sidecar.istio.io/proxyMemory': '256Mi',
  'sidecar.istio.io/proxyMemoryLimit': '256Mi',
  'sidecar.istio.io/rewriteAppHTTPProbers': 'true',
  'proxy.istio.io/config': 'terminationDrainDuration: 5s',
};
const PAST = {
  'traffic.sidecar.istio.io/excludeInboundPorts': EXCLUDED,
  'traffic.sidecar.istio.io/excludeOutboundPorts': EXCLUDED,
};

describe('an environment in the mesh', () => {
  const find = finished(meshed());

  test('passes all rules, and its objects are these', () => {
    const { files, faults } = render(meshed());
    expect(faults).toEqual([]);
    const kinds = /^apiVersion: (?:networking|security)\.istio\.io/;
    const own = [...files.values()].flatMap((text) => text.split('---\n')).filter((text) => kinds.test(text));
    expect(own.join('---\n')).toMatchSnapshot();
  });

  test.each([
    ['Deployment', 'kube-native', { ...SIDECAR, ...PAST }],
    ['Deployment', 'kube-native-worker', { ...SIDECAR, ...PAST }],
    ['StatefulSet', 'kube-native-postgresql', SIDECAR],
    ['Job', 'kube-native-migrate', SIDECAR],
  ])('gives the pods of %s %s a native sidecar', (kind, name, annotations) => {
    const { metadata } = find(kind, name)['spec'].template as Manifest;
    expect(metadata.labels['sidecar.istio.io/inject']).toBe('true');
    expect(metadata.annotations).toEqual(annotations);
  });

  test('says what is spoken to the database, and leaves the nodes their Service', () => {
    for (const name of ['kube-native-postgresql', 'kube-native-postgresql-rw']) {
      expect(find('Service', name)['spec'].ports[0].appProtocol).toBe('tcp');
    }
    // That of the web pods says by its name what is spoken, and leads to no pods of a headless one.
    expect(find('Service', 'kube-native')['spec'].ports[0]).not.toHaveProperty('appProtocol');
    expect(find('Service', 'kube-native-mesh')['spec'].ports).toEqual([
      { name: 'epmd', port: 4369 },
      { name: 'dist', port: 4370 },
    ]);
  });

  test('lets the autoscaler look at the application alone', () => {
    expect(find('HorizontalPodAutoscaler', 'kube-native')['spec'].metrics).toEqual([
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 }, container: 'web' },
      },
    ]);
  });

  test('opens the way to the control plane, from the database too', () => {
    const { egress } = find('NetworkPolicy', 'kube-native-postgresql')['spec'] as Manifest;
    expect((egress as Manifest[]).at(-1)).toEqual({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } } }],
      ports: [{ port: 15012, protocol: 'TCP' }],
    });
  });

  test('lets KEDA, which is in no mesh, ask the database in clear text', () => {
    const { portLevelMtls } = find('PeerAuthentication', 'kube-native-postgresql')['spec'] as Manifest;
    expect(portLevelMtls).toEqual({ 5432: { mode: 'PERMISSIVE' } });
    const { rules } = find('AuthorizationPolicy', 'kube-native-postgresql')['spec'] as Manifest;
    expect((rules as Manifest[]).at(-1)).toEqual({
      from: [{ source: { namespaces: ['keda'] } }, { source: { notPrincipals: ['*'] } }],
      to: [{ operation: { ports: ['5432'] } }],
    });
  });
});

test('nodes that meet by mutual TLS have their ports declared, and no others let in', () => {
  const find = finished(
    meshed({ distribution: 'mutual-tls', revision: 'canary', controlPlane: 'mesh', trustDomain: 'example.com' }),
  );
  const { metadata } = find('Deployment', 'kube-native')['spec'].template as Manifest;
  expect(metadata.annotations).toEqual(SIDECAR);
  expect(metadata.labels['istio.io/rev']).toBe('canary');
  expect(find('Service', 'kube-native-mesh')['spec'].ports).toEqual([
    { name: 'epmd', port: 4369, appProtocol: 'tcp' },
    { name: 'dist', port: 4370, appProtocol: 'tcp' },
    { name: 'tcp-4371', port: 4371 },
    { name: 'tcp-4372', port: 4372 },
  ]);
  expect(find('DestinationRule', 'kube-native-mesh')['spec']).toEqual({
    host: `kube-native-mesh.${namespace}.svc.cluster.local`,
    trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
  });
  const principals = ['kube-native', 'kube-native-worker'].map((name) => `example.com/ns/${namespace}/sa/${name}`);
  expect(find('AuthorizationPolicy', 'kube-native-worker')['spec'].rules).toEqual([
    { from: [{ source: { principals } }], to: [{ operation: { ports: ['4369', '4370', '4371', '4372'] } }] },
  ]);
});

test('collectors of metrics are in no mesh', () => {
  const tried = chart('1.30');
  release(tried, { application: { ...application, metrics: { port: 9568 } } });
  new ServiceMesh(tried, 'Mesh', { gateways: ['gateway'] });
  const found = objects(tried).filter(({ kind, metadata }) => kind === 'PeerAuthentication' && metadata.name === 'kube-native');
  expect(found.map(({ spec }) => spec.portLevelMtls as Manifest)).toEqual([{ 9568: { mode: 'PERMISSIVE' } }]);
});

test('what is in another namespace, or makes no pods, is left as it is', () => {
  const tried = chart('1.30');
  const deployment = (name: string, metadata: Manifest) =>
    new ApiObject(tried, name, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, ...metadata },
      spec: { template: {} },
    });
  deployment('far', { namespace: 'other' });
  deployment('odd', {});
  new ApiObject(tried, 'none', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'none' } });
  new ServiceMesh(tried, 'Mesh', { gateways: ['gateway'] });
  const marked = objects(tried).filter((one) => one['kind'] === 'Deployment');
  expect(marked.map(({ spec }) => spec?.template.metadata?.labels as unknown)).toEqual([
    undefined,
    { 'sidecar.istio.io/inject': 'true' },
    { 'sidecar.istio.io/inject': 'true' },
  ]);
});

describe('a mesh fails', () => {
  const refused = (
    props: Partial<ServiceMeshProps>,
    fill: (tried: Chart) => unknown = () => undefined,
    kubernetes: KubernetesVersion = '1.30',
  ) =>
    refusalsOf((tried) => {
      fill(tried);
      new ServiceMesh(tried, 'Mesh', { gateways: ['gateway'], ...props });
    }, kubernetes);

  test('when Kubernetes has no sidecar containers', () => {
    expect(refused({}, undefined, '1.28')).toEqual([
      "[chart/Mesh] 'kubernetes' must be 1.29 or newer: before it a sidecar keeps Jobs from ending and init containers from the network, got \"1.28\"; say Checks.of(app).kubernetes = '1.30', or 'kubernetes' of the environment, once the cluster is; or leave the mesh out",
    ]);
  });

  test('when nobody may call the web pods', () => {
    expect(refused({ gateways: [] })).toEqual([
      "[chart/Mesh] 'gateways' must name the namespace of a gateway, got []; write it as ['istio-ingress']",
    ]);
  });

  test('when sidecars would make guaranteed pods burstable', () => {
    const sidecar = Resources.burstable({
      cpu: { request: Cpu.millis(100), limit: Cpu.units(2) },
      memory: { request: Size.mebibytes(128), limit: Size.gibibytes(1) },
    });
    expect(refused({ sidecar }, (tried) => release(tried, { resources }))).toEqual([
      '[chart/Mesh] \'sidecar\' must be guaranteed like the pods of kube-native, which a node evicts last, got "burstable"; use Resources.guaranteed, or make the pods burstable',
    ]);
  });

  test('when no Service declares the ports that are to be encrypted', () => {
    const cookie = { secret: 'kube-native', key: 'RELEASE_COOKIE' };
    const fill = (tried: Chart) =>
      release(tried, { cluster: new BeamCluster(tried, 'Cluster', { name: 'kube-native', cookie, discovery: 'kubernetesApi' }) });
    expect(refused({ distribution: 'mutual-tls' }, fill)).toEqual([
      "[chart/Mesh] 'distribution' must be 'excluded' where no headless Service declares the ports of the nodes, got \"mutual-tls\"; leave it out, or let the nodes of the cluster find each other by 'dns'",
    ]);
  });
});

test('the quota counts the sidecars, those without annotations as Istio makes them', () => {
  const small = vary(staging, { quota: { ...quotaOf(staging), cpu: Cpu.units(4) } });
  expect(render(meshed({}, small)).faults).toEqual([
    expect.stringContaining('1 x 1250m kube-native-postgresql + 4 x 500m kube-native + '),
  ]);
  const template = { metadata: { labels: { 'sidecar.istio.io/inject': 'true' } }, spec: { containers: [{ name: 'one' }] } };
  const byHand = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'by-hand', namespace },
    spec: { replicas: 1, template },
  };
  const tight = vary(staging, { quota: { ...quotaOf(staging), cpu: Cpu.units(3) } });
  const [first] = faultsOf(tight, (charts) => add(charts, byHand)).filter((fault) => fault.includes('requests.cpu'));
  // The LimitRange gives the container 100m, and Istio its sidecar the same.
  expect(first).toContain(' + 2 x 200m by-hand + ');
});

describe('the rules', () => {
  const RULES: Rule[] = [sidecarEndsWithJob, distributionPastTheSidecar, h2UpgradeWithSockets, credentialBesideGateway];

  test.each(environments.map((environment) => [environment.name, environment] as const))('are silent on %s', (_, environment) => {
    const faults = render(build(environment)).faults.filter((fault) => RULES.some(({ name }) => fault.endsWith(`(${name})`)));
    expect(faults).toEqual([]);
  });

  const job = (metadata: Manifest, command: readonly string[] = ['true'], kind = 'Job'): Manifest => {
    const template = { metadata, spec: { restartPolicy: 'Never', containers: [{ name: 'report', image: 'report:1', command }] } };
    const spec = kind === 'Job' ? { template } : { schedule: '@daily', jobTemplate: { spec: { template } } };
    return { apiVersion: 'batch/v1', kind, metadata: { name: 'report', namespace }, spec };
  };
  const injected = { labels: { 'sidecar.istio.io/inject': 'true' } };

  test('find a Job that a sidecar keeps from ending', () => {
    expect(saidOf(sidecarEndsWithJob, job(injected))).toEqual([
      '[30-phoenix/Job-report] \'spec.template.metadata.annotations["sidecar.istio.io/nativeSidecar"]\' must be "true" for pods that end, got nothing; set it to "true", or keep the proxy out with the label sidecar.istio.io/inject: "false" (sidecar-ends-with-job)',
    ]);
    const native = { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } };
    const old = said(
      sidecarEndsWithJob,
      (charts) => add(charts, job({ ...injected, ...native }, ['true'], 'CronJob')),
      vary(ours, { kubernetes: '1.28' }),
    );
    expect(old).toEqual([
      '[30-phoenix/CronJob-report] \'spec.jobTemplate.spec.template.metadata.annotations["sidecar.istio.io/nativeSidecar"]\' must not be relied on before Kubernetes 1.29, which has no such sidecars, got "true"; keep the proxy out with the label sidecar.istio.io/inject: "false" (sidecar-ends-with-job)',
    ]);
    const fine = [
      job({ ...injected, ...native }),
      job({ labels: { 'sidecar.istio.io/inject': 'false' } }),
      job(injected, ['sh', '-c', 'report; wget --post-data= localhost:15020/quitquitquit']),
      job({}),
    ];
    expect(fine.flatMap((one) => saidOf(sidecarEndsWithJob, one))).toEqual([]);
  });

  test('find a namespace that injects into its Jobs, unless it is switched off', () => {
    const labelled = (labels: Manifest) =>
      said(sidecarEndsWithJob, ({ namespace: home }) => {
        for (const [name, value] of Object.entries(labels)) home.namespaceObject.metadata.addLabel(name, value as string);
      });
    expect(labelled({ 'istio-injection': 'enabled' })).toHaveLength(1);
    expect(labelled({ 'istio.io/rev': 'stable' })).toHaveLength(1);
    expect(labelled({ 'istio-injection': 'disabled', 'istio.io/rev': 'stable' })).toEqual([]);
  });

  const nodes = (annotations: Manifest): string[] =>
    said(
      distributionPastTheSidecar,
      ({ release: { web } }) => {
        const metadata = '/spec/template/metadata';
        const inject = JsonPatch.add(`${metadata}/labels/sidecar.istio.io~1inject`, 'true');
        patch(web.deployment, 'joins a mesh by hand', inject, JsonPatch.add(`${metadata}/annotations`, annotations));
      },
      ours,
    );

  test('find nodes whose ports a sidecar takes in, undeclared or in one direction', () => {
    const field = (direction: string) =>
      `[30-phoenix/Release/Web/Deployment] 'spec.template.metadata.annotations["traffic.sidecar.istio.io/exclude${direction}Ports"]' must name `;
    const rest =
      '; write "4369,4370,4371,4372" into traffic.sidecar.istio.io/excludeInboundPorts and traffic.sidecar.istio.io/excludeOutboundPorts, or declare the ports on the headless Service (distribution-past-the-sidecar)';
    const which = ', on which the nodes meet and which no headless Service declares, got ';
    expect(nodes({})).toEqual([`${field('Inbound')}4371, 4372${which}nothing${rest}`]);
    expect(nodes({ 'traffic.sidecar.istio.io/excludeInboundPorts': EXCLUDED })).toEqual([
      `${field('Outbound')}4369, 4370, 4371, 4372${which}nothing${rest}`,
    ]);
    expect(nodes(PAST)).toEqual([]);
  });

  const upgrading = (host: unknown, trafficPolicy: unknown): Manifest => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'fast', namespace },
    spec: { host, trafficPolicy },
  });
  const upgrade = { connectionPool: { http: { h2UpgradePolicy: 'UPGRADE' } } };

  test('find HTTP/2 in front of websockets', () => {
    const sentence = (field: string) =>
      `[30-phoenix/DestinationRule-fast] '${field}.connectionPool.http.h2UpgradePolicy' must not be UPGRADE in front of kube-native, a Phoenix endpoint with websockets, got "UPGRADE"; remove it, or leave the rule out for this object where the application has no sockets (h2-upgrade-with-sockets)`;
    expect(saidOf(h2UpgradeWithSockets, upgrading('kube-native', upgrade))).toEqual([sentence('spec.trafficPolicy')]);
    const ports = { portLevelSettings: [upgrade] };
    expect(saidOf(h2UpgradeWithSockets, upgrading(`kube-native.${namespace}.svc.cluster.local`, ports))).toEqual([
      sentence('spec.trafficPolicy.portLevelSettings[0]'),
    ]);
    const fine = [
      upgrading('kube-native-postgresql', upgrade),
      upgrading('example.com', upgrade),
      upgrading(7, upgrade),
      upgrading('kube-native', 7),
    ];
    expect(fine.flatMap((one) => saidOf(h2UpgradeWithSockets, one))).toEqual([]);
  });

  test('find a certificate that the pods of the gateway do not see', () => {
    const gateway = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'front', namespace },
      spec: { selector: { istio: 'ingress' }, servers: [{ port: { number: 443 }, tls: { credentialName: 'front-tls' } }] },
    };
    const certificate = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: 'front', namespace },
      spec: { secretName: 'front-tls', dnsNames: [ours.web.host], issuerRef: { kind: 'ClusterIssuer', name: 'public' } },
    };
    expect(saidOf(credentialBesideGateway, gateway, certificate)).toEqual([
      `[30-phoenix/Gateway-front] 'spec.servers[0].tls.credentialName' must name a Secret in the namespace of the gateway's pods, which read no other, got "front-tls, made by the Certificate "front" in ${namespace}"; make it in their namespace, where the platform keeps its certificates (credential-beside-gateway)`,
    ]);
    const pods = { metadata: { labels: { istio: 'ingress' } }, spec: { containers: [] } };
    const near = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'gateway', namespace },
      spec: { template: pods },
    };
    expect(saidOf(credentialBesideGateway, gateway, certificate, near)).toEqual([]);
    expect(saidOf(credentialBesideGateway, gateway)).toEqual([]);
  });

  test('find a VirtualService that leads nowhere, and hosts that Phoenix does not know', () => {
    const virtual = (hosts: unknown, host: unknown, port: number): Manifest => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'front', namespace },
      spec: { hosts, gateways: ['gateway/public'], http: [{ route: [{ destination: { host, port: { number: port } } }] }] },
    });
    const all = (one: Manifest) =>
      ['backend-exists', 'phx-host-routed'].flatMap((name) =>
        saidOf({ name } as Rule, one).map((text) => text.replace(/; .*/, '')),
      );
    const front = '[30-phoenix/VirtualService-front]';
    expect(all(virtual([ours.web.host], 'kube-nativ', 80))).toEqual([
      `${front} 'spec.http[0].route[0].destination.host' must name a Service that exists, got "kube-nativ"`,
    ]);
    expect(all(virtual([ours.web.host], 'kube-native', 81))).toEqual([
      `${front} 'spec.http[0].route[0].destination.port.number' must be a port of the Service "kube-native", got 81`,
    ]);
    expect(all(virtual(['other.example.com'], 'kube-native', 80))).toEqual([
      `[30-phoenix/Release/Web/Deployment] 'spec.template.spec.containers[0].env.PHX_HOST' must be one of the hosts that lead to its pod, other.example.com, got "${ours.web.host}"`,
    ]);
    expect(all(virtual([ours.web.host], 'example.com', 443))).toEqual([]);
  });
});

describe("a Gateway of the Gateway API with Istio's class, in the mesh", () => {
  const routed = (gateway: GatewayRouteProps['gateway'], secret?: string): NamedEnvironment => {
    const certificate = secret === undefined ? OptOut.because('the shared Gateway has the certificate') : { secret };
    const route = { gatewayApi: { gateway, controller: 'istio', tls: certificate } } as const;
    const quota = { ...quotaOf(staging), memory: Size.gibibytes(10) };
    return vary(staging, { quota, route, mesh: { gateways: ['gateway'] }, web: { clients: [] } });
  };
  const built = (environment: NamedEnvironment) => {
    const app = new App();
    const amend = () => Checks.of(app).provide({ kind: 'Secret', name: 'web-tls' });
    return finished(build(vary(environment, { amend }), app));
  };
  const opened = (find: ReturnType<typeof finished>) =>
    (find('NetworkPolicy', 'kube-native')['spec'].ingress as Manifest[]).flatMap(({ from, ports }) =>
      ports[0].port === 4000
        ? (from as Manifest[]).map((peer) => String(peer['namespaceSelector'].matchLabels['kubernetes.io/metadata.name']))
        : [],
    );

  test('of its own lets its clients in, encrypts on to the pods, and has its load balancer counted', () => {
    const find = built(routed({ own: { className: 'istio' } }, 'web-tls'));
    expect(find('AuthorizationPolicy', 'kube-native-gateway')['spec']).toEqual({
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'kube-native' }],
      action: 'ALLOW',
      rules: [{}],
    });
    const own = { from: [{ source: { namespaces: [namespace] } }], to: [{ operation: { ports: ['4000'] } }] };
    expect(find('AuthorizationPolicy', 'kube-native')['spec'].rules).toContainEqual(own);
    expect(() => find('PeerAuthentication', 'kube-native')).toThrow('no PeerAuthentication');
    expect(find('ResourceQuota', 'budget')['spec'].hard).toMatchObject({
      'services.nodeports': '3',
      'services.loadbalancers': '1',
    });
    expect(opened(find)).toEqual([namespace]);
  });

  test('fails when its proxies do not fit into the quota', () => {
    const { quota } = staging;
    expect(faultsOf(vary(routed({ own: { className: 'istio' } }), { quota }))).toContainEqual(
      expect.stringMatching(/'spec\.hard\["limits\.memory"\]' must be .* \+ 2 x 1024Mi kube-native, got "8Gi".*\(quota-fits\)$/),
    );
  });

  test('that is shared is let in from its namespace, where its proxies are', () => {
    const find = built(routed({ shared: { name: 'public', namespace: 'gateway', sectionName: 'https' } }));
    expect(opened(find)).toEqual(['gateway']);
    expect(find('ResourceQuota', 'budget')['spec'].hard).toMatchObject({ 'services.loadbalancers': '0' });
    expect(() => find('PeerAuthentication', 'kube-native')).toThrow('no PeerAuthentication');
    expect(() => find('AuthorizationPolicy', 'kube-native-gateway')).toThrow('no AuthorizationPolicy');
  });
});
