import { Chart, Duration } from 'cdk8s';
import { NetworkFence, OptOut, ReleaseAlerts, ReleaseMonitor, SiteProbe, type Manifest } from '../../lib/index';
import { application, chart, objects as objectsIn, release } from '../support/chart';
import { facts, production, staging } from '../support/stack';
import { vary } from '../support/vary';
import { measured, observe, seen, tried } from './watched';

const spec = (object: Manifest | undefined): Manifest => (object?.['spec'] ?? {}) as Manifest;

describe('the metrics of an application are collected', () => {
  test('from all pods of it that have the port, with what says which version they are', () => {
    const { faults, of } = tried(seen);
    expect(faults).toEqual([]);
    const [monitor] = of('PodMonitor');
    expect(monitor?.['metadata']).toMatchObject({ name: 'kube-native', labels: { release: 'monitors' } });
    expect(spec(monitor)).toEqual({
      selector: {
        matchExpressions: [{ key: 'app.kubernetes.io/instance', operator: 'In', values: ['kube-native', 'kube-native-worker'] }],
      },
      podTargetLabels: ['app.kubernetes.io/component', 'app.kubernetes.io/version'],
      sampleLimit: 20000,
      podMetricsEndpoints: [
        {
          port: 'metrics',
          path: '/metrics',
          interval: '15s',
          metricRelabelings: [
            {
              action: 'keep',
              sourceLabels: ['host'],
              regex: '|staging\\.kube-native\\.example\\.com|kube-native(\\.kube-native-staging(\\.svc(\\..+)?)?)?',
            },
          ],
        },
      ],
    });
  });

  test('through the fence, and in clear text through a strict mesh', () => {
    const mesh = { gateways: ['envoy-gateway-system'] };
    const { faults, objects } = tried(seen, { kubernetes: '1.30', mesh, quota: undefined });
    expect(faults).toEqual([]);
    const plain = objects.find(({ kind, metadata }) => kind === 'PeerAuthentication' && metadata.name === 'kube-native-worker');
    expect(spec(plain)['portLevelMtls']).toEqual({ 9568: { mode: 'PERMISSIVE' } });
    const fence = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'kube-native-worker');
    expect(spec(fence)['ingress']).toContainEqual({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      ports: [{ port: 9568, protocol: 'TCP' }],
    });
  });

  test('by who may list the pods, if need be by a Role', () => {
    const { of } = tried(seen);
    expect(of('Role').map(({ rules }) => rules as unknown)).toContainEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    ]);
    expect(of('RoleBinding').at(-1)?.['subjects']).toEqual([
      { kind: 'ServiceAccount', name: 'prometheus-k8s', namespace: 'monitoring' },
    ]);
    const without = tried(seen, { observe: {} });
    expect([without.faults, without.objects.filter(({ metadata }) => metadata.name === 'kube-native-scrape')]).toEqual([[], []]);
  });

  test('of further hosts, of any host, and of those below a wildcard', () => {
    const kept = (hosts: 'any' | string[], web = {}) => {
      const { faults, of } = tried(seen, { web, observe: { scrape: { hosts } } });
      expect(faults).toEqual([]);
      return (spec(of('PodMonitor')[0])['podMetricsEndpoints'] as Manifest[])[0]?.['metricRelabelings']?.[0].regex as
        string | undefined;
    };
    expect(kept('any')).toBeUndefined();
    const regex = new RegExp(`^(?:${kept(['api.internal'])})$`);
    const asked = [
      '',
      'api.internal',
      'staging.kube-native.example.com',
      'kube-native',
      'kube-native.kube-native-staging.svc.cluster.local',
    ];
    expect(asked.filter((host) => !regex.test(host))).toEqual([]);
    expect(['10.0.0.7', 'api-internal', 'kube-native.other.svc', 'evil.example.com'].filter((host) => regex.test(host))).toEqual(
      [],
    );
    const below = new RegExp(`^(?:${kept(['*.example.org'])})$`);
    expect([below.test('one.example.org'), below.test('two.one.example.org')]).toEqual([true, false]);
  });

  test('in a chart of their own, whatever was made first', () => {
    const tried = chart('1.30');
    const of = { ...application, metrics: { port: 9568, path: '/internal/metrics' } };
    const monitor = new ReleaseMonitor(tried, 'Monitor', { application: of });
    new ReleaseAlerts(tried, 'Alerts', { application: of, job: monitor.job });
    new NetworkFence(tried, 'Fence', { clients: 'everyone', monitoring: [{ namespace: 'monitoring' }] });
    release(tried, { application: of });
    const made = objectsIn(tried).find(({ kind }) => kind === 'PodMonitor');
    expect(spec(made)['selector']).toEqual({
      matchExpressions: [{ key: 'app.kubernetes.io/instance', operator: 'In', values: ['kube-native'] }],
    });
    expect(monitor.job).toBe('test/kube-native');
    expect(Chart.of(monitor)).toBe(tried);
  });
});

test('metrics alone open a port in every environment, and ask each who collects them', () => {
  for (const environment of [staging, production]) {
    const alone = tried(vary(environment, { observe: undefined, monitoring: undefined }), {}, measured);
    expect(alone.faults).toEqual([expect.stringContaining("'monitoring' must name who collects the metrics of kube-native")]);
    const reason = OptOut.because('nobody collects metrics in this environment');
    const { faults, objects } = tried(vary(environment, { observe: undefined, monitoring: reason }), {}, measured);
    expect(faults).toEqual([]);
    const pods = objects.filter(
      ({ kind, metadata }) => kind === 'Deployment' && String(metadata?.['name']).startsWith('kube-native'),
    );
    expect(pods.length).toBeGreaterThan(0);
    for (const { spec: of } of pods)
      expect(of.template.spec.containers[0].ports).toContainEqual(
        expect.objectContaining({ name: 'metrics', containerPort: 9568 }),
      );
  }
});

describe('fails when', () => {
  test('nobody is let in, or nothing says where the metrics are', () => {
    const fault = tried(seen, { monitoring: OptOut.because('no Prometheus here') }).faults;
    expect(fault).toContainEqual(
      "[45-observe] 'monitoring' must name who collects the metrics, got \"left out\"; write it as [{ namespace: 'monitoring' }], or leave 'observe' out",
    );
    const unmeasured = () => tried(vary(staging, { observe: { scrape: {} } }), {}, facts);
    expect(unmeasured).toThrow(/'application\.metrics' must be known to whoever collects them/);
  });

  test('times, limits, paths and names are none', () => {
    const scrape = {
      interval: Duration.seconds(10),
      timeout: Duration.seconds(20),
      sampleLimit: 0,
      reader: { namespace: 'Monitoring', serviceAccount: 'prometheus_k8s' },
    };
    const of = { ...measured, application: { ...measured.application, metrics: { port: 9568, path: 'metrics' } } };
    const { faults } = tried(seen, { observe: { scrape, labels: { release: 'kube prometheus' } } }, of);
    expect(faults.map((fault) => /'([^']+)'/.exec(fault)?.[1]).sort()).toEqual([
      'application.metrics.path',
      'observe.labels["release"]',
      'observe.scrape.reader.namespace',
      'observe.scrape.reader.serviceAccount',
      'observe.scrape.sampleLimit',
      'observe.scrape.timeout',
    ]);
  });

  test('a key is misspelt, at any level', () => {
    expect(() => tried(seen, { observe: { scrape: { intervall: Duration.seconds(10) } as object } })).toThrow(
      /observe\.scrape\.intervall/,
    );
    expect(() => tried(seen, { observe: { alert: {} } as object })).toThrow(/observe\.alert/);
  });
});

describe('an address is asked for from outside', () => {
  test('each that browsers use', () => {
    const web = { hosts: ['www.example.com', '*.example.org'] };
    const { faults, of } = tried(seen, { web, route: undefined, observe });
    expect(faults.filter((fault) => fault.includes('observe'))).toEqual([]);
    expect(spec(of('Probe')[0])).toEqual({
      jobName: 'kube-native',
      prober: { url: 'blackbox-exporter.monitoring.svc:9115' },
      module: 'http_2xx',
      interval: '1m',
      targets: { staticConfig: { static: ['https://staging.kube-native.example.com/', 'https://www.example.com/'] } },
    });
  });

  test('fails when there is none, or when the exporter is a URL', () => {
    const made = chart();
    new SiteProbe(made, 'Probe', { name: 'shop', hosts: ['*.example.org'], prober: 'http://blackbox:9115/probe', path: 'up' });
    const faults = made.node.findChild('Probe').node.validate();
    expect(faults.map((fault) => /'([^']+)'/.exec(fault)?.[1])).toEqual(['prober', 'path', 'hosts']);
  });
});

test('without it nothing changes', () => {
  const before = tried(vary(production, {}), {}, facts).files;
  expect([...before.keys()].some((name) => name.includes('observe'))).toBe(false);
});
