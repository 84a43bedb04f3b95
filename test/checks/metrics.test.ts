import { ApiObject, App, JsonPatch } from 'cdk8s';
import { metricsInside, scraperInClearText, scraperLetIn } from '../../lib/checks/metrics/scrapes';
import { metricsKnown, ruleExpressions } from '../../lib/checks/metrics/rule-expressions';
import { tracesExported } from '../../lib/checks/metrics/traces-exported';
import { NetworkFence, OptOut, patch, promEx, render, type Manifest, type Rule, type World } from '../../lib/index';
import { measured, seen, watched } from '../observe/watched';
import { foundIn } from '../support/raw';
import { build } from '../support/stack';
import { vary } from '../support/vary';

const found = (rule: Rule, manifests: readonly Manifest[], more: Partial<World> = {}): string[] =>
  foundIn(rule, manifests, more).map(({ field, must }) => `${field} ${must}`);

const namespace = 'shop';
const labels = { app: 'search' };
const make = (kind: string, name: string, spec: Manifest, apiVersion = 'v1'): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace, labels },
  spec,
});
const deployment = (more: Manifest = {}, annotations: Manifest = {}): Manifest =>
  make(
    'Deployment',
    'search',
    {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...more }, annotations },
        spec: {
          containers: [
            {
              name: 'search',
              image: 'search:1',
              ports: [
                { name: 'http', containerPort: 8080 },
                { name: 'metrics', containerPort: 9100 },
              ],
            },
          ],
        },
      },
    },
    'apps/v1',
  );
const monitor = (endpoint: Manifest = { port: 'metrics' }, selector: Manifest = { matchLabels: labels }): Manifest =>
  make('PodMonitor', 'search', { selector, podMetricsEndpoints: [endpoint] }, 'monitoring.coreos.com/v1');
const service = (ports: Manifest[], type = 'ClusterIP'): Manifest => make('Service', 'search', { type, selector: labels, ports });
const serviceMonitor = make(
  'ServiceMonitor',
  'search',
  { selector: { matchLabels: labels }, endpoints: [{ port: 'prom' }] },
  'monitoring.coreos.com/v1',
);
const policy = (ingress: Manifest[], podSelector: Manifest = { matchLabels: labels }): Manifest =>
  make('NetworkPolicy', 'search', { podSelector, policyTypes: ['Ingress'], ingress }, 'networking.k8s.io/v1');
const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
const http = { from: [{ podSelector: {} }], ports: [{ port: 8080 }] };

describe('a scraper is let in', () => {
  test.each<[string, Manifest[]]>([
    ['that opens another port alone', [deployment(), monitor(), policy([http])]],
    ['that opens nothing', [deployment(), monitor(), policy([], {})]],
    [
      'and the monitor goes by a Service',
      [deployment(), serviceMonitor, service([{ name: 'prom', port: 80, targetPort: 'metrics' }]), policy([http])],
    ],
    ['and the monitor names a number', [deployment(), monitor({ portNumber: 9100 }), policy([http])]],
  ])('fails with a policy %s', (_, objects) => {
    expect(found(scraperLetIn, objects)).toEqual([
      expect.stringMatching(
        /^spec\.ingress let Prometheus connect to port 9100 of Deployment search, which \w+Monitor search has it ask$/,
      ),
    ]);
  });

  test.each<[string, Manifest[]]>([
    ['there is no policy', [deployment(), monitor()]],
    ['the policy is about others', [deployment(), monitor(), policy([], { matchLabels: { app: 'mail' } })]],
    ['the port is opened by its name', [deployment(), monitor(), policy([{ from, ports: [{ port: 'metrics' }] }])]],
    ['a range holds it', [deployment(), monitor(), policy([{ from, ports: [{ port: 9000, endPort: 9200 }] }])]],
    ['all ports are opened to somebody', [deployment(), monitor(), policy([{ from: [{ podSelector: {} }] }])]],
    [
      'another policy opens it',
      [
        deployment(),
        monitor(),
        policy([http]),
        { ...policy([{ from, ports: [{ port: 9100 }] }]), metadata: { name: 'more', namespace } },
      ],
    ],
    [
      'the policy is about what they send',
      [
        deployment(),
        monitor(),
        make('NetworkPolicy', 'out', { podSelector: {}, policyTypes: ['Egress'] }, 'networking.k8s.io/v1'),
      ],
    ],
    [
      'the monitor asks for pods of elsewhere',
      [
        deployment(),
        make('PodMonitor', 'other', { ...(monitor()['spec'] as Manifest), namespaceSelector: { matchNames: ['other'] } }),
        policy([http]),
      ],
    ],
  ])('also where %s', (_, objects) => {
    expect(found(scraperLetIn, objects)).toEqual([]);
  });
});

describe('a scraper shows a certificate', () => {
  const member = deployment({ 'sidecar.istio.io/inject': 'true' });
  const strict = make('PeerAuthentication', 'default', { mtls: { mode: 'STRICT' } }, 'security.istio.io/v1');
  const own = (mode: string, ports: Manifest = {}): Manifest =>
    make(
      'PeerAuthentication',
      'own',
      { selector: { matchLabels: labels }, mtls: { mode }, portLevelMtls: ports },
      'security.istio.io/v1',
    );

  test.each<[string, Manifest[]]>([
    ['the namespace', [member, monitor(), strict]],
    ['the pods', [member, monitor(), own('STRICT')]],
    ['the pods, for the port', [member, monitor(), own('PERMISSIVE', { 9100: { mode: 'STRICT' } })]],
    [
      'the namespace, which that of the pods leaves open',
      [member, monitor(), strict, own('UNSET', { 8080: { mode: 'PERMISSIVE' } })],
    ],
  ])('fails when it has none and the policy of %s is strict', (_, objects) => {
    expect(found(scraperInClearText, objects)).toEqual([
      'spec.podMetricsEndpoints[0] show a certificate of the mesh, which port 9100 of Deployment search demands',
    ]);
  });

  test.each<[string, Manifest[]]>([
    ['pods in no mesh', [deployment(), monitor(), strict]],
    ['a port that is left open', [member, monitor(), strict, own('STRICT', { 9100: { mode: 'PERMISSIVE' } })]],
    [
      'a monitor with a certificate',
      [member, monitor({ port: 'metrics', scheme: 'https', tlsConfig: { insecureSkipVerify: true } }), strict],
    ],
    [
      'a port that goes past the sidecar',
      [
        deployment({ 'sidecar.istio.io/inject': 'true' }, { 'traffic.sidecar.istio.io/excludeInboundPorts': '4369,9100' }),
        monitor(),
        strict,
      ],
    ],
    ['a mesh that takes both', [member, monitor(), own('PERMISSIVE')]],
  ])('or needs none: %s', (_, objects) => {
    expect(found(scraperInClearText, objects)).toEqual([]);
  });
});

describe('metrics are inside', () => {
  const ingress = (port: Manifest): Manifest =>
    make(
      'Ingress',
      'search',
      { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'search', port } } }] } }] },
      'networking.k8s.io/v1',
    );
  const both = [
    { name: 'http', port: 80, targetPort: 'http' },
    { name: 'prom', port: 9100, targetPort: 'metrics' },
  ];
  const route = make(
    'HTTPRoute',
    'search',
    { rules: [{ backendRefs: [{ name: 'search', port: 9100 }] }] },
    'gateway.networking.k8s.io/v1',
  );

  test.each<[string, Manifest[], string]>([
    ['an Ingress', [ingress({ name: 'prom' }), service(both)], 'spec.rules[0].http.paths[0].backend.service.port.name'],
    ['a route', [route, service(both)], 'spec.rules[0].backendRefs[0].port'],
    ['a load balancer', [service(both, 'LoadBalancer')], 'spec.ports[1]'],
    ['a port of the nodes', [service(both, 'NodePort')], 'spec.ports[1]'],
    [
      'an address of the Service itself',
      [{ ...service(both), spec: { ...service(both)['spec'], externalIPs: ['198.51.100.7'] } }],
      'spec.ports[1]',
    ],
  ])('fails when %s leads there', (_, objects, field) => {
    expect(found(metricsInside, [deployment(), ...objects])).toEqual([
      `${field} not lead to the port for metrics of Deployment search`,
    ]);
  });

  test.each<[string, Manifest[]]>([
    ['a Service of the cluster has the port', [service(both)]],
    ['a route leads to the other port', [ingress({ number: 80 }), service(both)]],
    ['a load balancer has the other port alone', [service(both.slice(0, 1), 'LoadBalancer')]],
    [
      'a route leads elsewhere',
      [
        make('HTTPRoute', 'other', { rules: [{ backendRefs: [{ name: 'other', port: 9100 }] }] }, 'gateway.networking.k8s.io/v1'),
        service(both),
      ],
    ],
  ])('also where %s', (_, objects) => {
    expect(found(metricsInside, [deployment(), ...objects])).toEqual([]);
  });
});

const rule = (...exprs: readonly unknown[]): Manifest =>
  make(
    'PrometheusRule',
    'own',
    { groups: [{ name: 'own', rules: exprs.map((expr) => ({ alert: 'Own', expr })) }] },
    'monitoring.coreos.com/v1',
  );

describe('an expression of a rule', () => {
  test.each(['sum(rate(x[5m])', 'up{job=shop}', 'x > ', 'rate(x[5 minutes])', 'sum by namespace (x)', ''])(
    'fails when it is %j',
    (expr) => {
      expect(found(ruleExpressions, [rule('up == 0', expr)])).toEqual([
        expect.stringMatching(/^spec\.groups\[0\]\.rules\[1\]\.expr be an expression of PromQL/),
      ]);
    },
  );

  test.each([
    'up == 0',
    1,
    'absent(up{job="a/b", namespace!~"x|y"}) or vector(0)',
    'sum by (le) (rate(x_bucket{le=~"500(\\\\.0)?"}[5m] offset 1h))',
    'max_over_time(deriv(x[15m])[1h:5m]) > bool 2 and on (a) group_left (b) y @ end()',
    'histogram_fraction(0, 0.5, rate(x[5m])) # native',
    '{__name__="x", "label.with.dots"="y"}',
    'a:b:c_rate5m * 1e3 % -2 ^ 0x1f unless ignoring (z) label_replace(x, "a", "$1", "b", "(.*)")',
    'count_values("version", build_version) >\n 1',
  ])('may be %j', (expr) => {
    expect(found(ruleExpressions, [rule(expr)])).toEqual([]);
  });

  test('fails when it asks for a metric that looks like one of the exporter and is none', () => {
    const { exporter } = promEx({ otpApp: 'shop', plugins: ['Beam', 'Phoenix'] });
    const exporters = exporter ? [exporter] : [];
    const asked = (expr: string) =>
      foundIn(metricsKnown, [rule(expr)], { exporters }).map(({ got, inLiteral }) => [got, inLiteral]);
    expect(asked('shop_prom_ex_beam_stats_atoms_count > 1')).toEqual([
      ['shop_prom_ex_beam_stats_atoms_count', 'write shop_prom_ex_beam_stats_atom_count, or list the plugin that has it'],
    ]);
    expect(asked('rate(shop_prom_ex_ecto_repo_query_queue_time_milliseconds_bucket[5m])')).toEqual([
      ['shop_prom_ex_ecto_repo_query_queue_time_milliseconds_bucket', expect.stringContaining('list the plugin')],
    ]);
    const known = [
      'beam_stats_ets_count',
      'phoenix_http_request_duration_milliseconds_bucket',
      'phoenix_http_requests_total',
      'prom_ex_status_info',
    ];
    for (const name of known) expect(asked(`shop_prom_ex_${name} > 1`)).toEqual([]);
    expect(asked('shop_orders_total + shop_prom_exporter_up + other_prom_ex_x')).toEqual([]);
    expect(found(metricsKnown, [rule('shop_prom_ex_nothing')])).toEqual([]);
  });
});

describe('a query of a dashboard', () => {
  const datasource = { type: 'prometheus', uid: '${datasource}' };
  const dashboard = (expr: string, more: Manifest = {}, of: unknown = datasource) =>
    JSON.stringify({ panels: [{ title: 'Own', datasource: of, targets: [{ expr, ...more }] }] });
  const configMap = (text: string, key = 'own.json') => ({
    ...make('ConfigMap', 'own', {}),
    spec: undefined,
    data: { [key]: text },
  });
  const operated = (json: string) => make('GrafanaDashboard', 'own', { json }, 'grafana.integreatly.org/v1beta1');
  const { exporter } = promEx({ otpApp: 'shop', plugins: ['Beam'] });
  const exporters = exporter ? [exporter] : [];

  test('fails when it is no PromQL, wherever the dashboard stands', () => {
    const broken = dashboard('rate(x[$__rate_interval]');
    expect(found(ruleExpressions, [configMap(broken)])).toEqual([
      expect.stringMatching(/^data\["own\.json"\] be an expression of PromQL/),
    ]);
    expect(found(ruleExpressions, [operated(broken)])).toEqual([expect.stringMatching(/^spec\.json be an expression of PromQL/)]);
    const inRow = JSON.stringify({ panels: [{ type: 'row', panels: (JSON.parse(broken) as Manifest)['panels'] }] });
    expect(foundIn(ruleExpressions, [configMap(inRow)]).map(({ fix }) => fix)).toEqual(['correct it in the panel "Own"']);
  });

  test.each([
    'rate(x{pod=~"$pod"}[$__rate_interval])',
    'increase(x{pod=~"${pod:regex}"}[${__range}])',
    'rate(x[$window]) offset $before',
    'topk([[most]], x)',
    'x{job="[[job:regex]]"} > ${__from:date:seconds} and [[metric:raw]]',
    'rate(shop_prom_ex_${metric}_bucket[${var.value}]) + shop_prom_ex_$metric',
    'shop_prom_ex_http:rate5m',
    '',
  ])('may be %j', (expr) => {
    expect(found(ruleExpressions, [configMap(dashboard(expr))])).toEqual([]);
    expect(found(metricsKnown, [configMap(dashboard(expr))], { exporters })).toEqual([]);
  });

  test.each([undefined, 'Loki', '${DS_LOKI}', { uid: '${DS_LOKI}' }, { type: 'loki' }])(
    'is left alone for the source %j of its panel',
    (of) => {
      expect(found(ruleExpressions, [configMap(dashboard('{app="shop"} |= "error"', {}, of ?? null))])).toEqual([]);
    },
  );

  test('is left alone when it is hidden, or deeper than dashboards go', () => {
    expect(found(ruleExpressions, [configMap(dashboard('rate(', { hide: true }))])).toEqual([]);
    const deep = `${'{"panels": ['.repeat(5000)}${']}'.repeat(5000)}`;
    expect(found(ruleExpressions, [configMap(deep)])).toEqual([]);
  });

  test('is left alone when it is for another source, or in no dashboard', () => {
    expect(found(ruleExpressions, [configMap(dashboard('{app="shop"} |= "error"', { datasource: { type: 'loki' } }))])).toEqual(
      [],
    );
    expect(found(ruleExpressions, [configMap('{"panels": [', 'own.json'), configMap(dashboard('rate('), 'own.txt')])).toEqual([]);
  });

  test('fails when it asks for a metric that looks like one of the exporter and is none', () => {
    const misspelt = configMap(dashboard('sum(shop_prom_ex_beam_stats_atoms_count{pod=~"$pod"})'));
    const said = foundIn(metricsKnown, [misspelt], { exporters }).map(
      ({ must, fix, inLiteral }) => `${must}; ${fix}; ${inLiteral}`,
    );
    expect(said).toEqual([
      'ask in the panel "Own" for a metric that the application has; write shop_prom_ex_beam_stats_atom_count; write shop_prom_ex_beam_stats_atom_count, or list the plugin that has it',
    ]);
  });
});

describe('in an environment', () => {
  test('nothing is found in what is made here', () => {
    const mesh = { gateways: ['traefik'] };
    for (const environment of [seen, watched, vary(watched, { mesh, quota: undefined })]) {
      expect(render(build(environment, undefined, measured)).faults).toEqual([]);
    }
  });

  test('an own rule with a misspelt metric is refused, and may be left out', () => {
    const own = (amend = {}) =>
      render(
        build(
          vary(seen, {
            ...amend,
            amend: ({ release }) => {
              new ApiObject(release, 'Own', {
                ...{ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'own' } },
                spec: {
                  groups: [{ name: 'own', rules: [{ alert: 'Ets', expr: 'kube_native_prom_ex_beam_stats_etss_count > 9' }] }],
                },
              });
            },
          }),
          new App(),
          measured,
        ),
      ).faults;
    expect(own()).toEqual([expect.stringMatching(/\(metrics-known\)$/)]);
    expect(own({ optOuts: { 'metrics-known': OptOut.because('a plugin of our own has it') } })).toEqual([]);
  });

  test('a fence that is closed by hand at the port is refused', () => {
    const app = build(seen, new App(), measured);
    const fence = app.node.findAll().find((one): one is NetworkFence => one instanceof NetworkFence);
    const closed = fence?.policies['kube-native-worker'];
    if (closed) patch(closed, 'nobody comes here', JsonPatch.replace('/spec/ingress', []));
    expect(render(app).faults).toContainEqual(expect.stringMatching(/\(scraper-let-in\)$/));
  });
});

describe('traces-exported', () => {
  const env = (variables: Record<string, string>) => Object.entries(variables).map(([name, value]) => ({ name, value }));
  const relay = (variables: Record<string, string>, more: Manifest = {}): Manifest =>
    make('Deployment', 'relay', {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'relay', image: 'relay:1', command: ['/app/bin/relay', 'start'], env: env(variables), ...more }],
        },
      },
    });
  const field = (name: string) => `spec.template.spec.containers[0].env.${name}`;
  const told = (variables: Record<string, string>) => found(tracesExported, [relay(variables)]);
  const collector = 'http://collector.observability.svc:4318';

  test.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'begin with http:// or https://, with gRPC too'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://collector:4317', 'begin with http:// or https://, with gRPC too'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json', 'be one of http/protobuf, http_protobuf, grpc'],
    [
      'OTEL_TRACES_SAMPLER',
      'ratio',
      'be one of always_on, parentbased_always_on, always_off, parentbased_always_off, traceidratio, parentbased_traceidratio',
    ],
    ['OTEL_TRACES_SAMPLER_ARG', '0.1', 'stand beside a sampler that takes it'],
    ['OTEL_SDK_DISABLED', '1', 'be one of true, false'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=shop,note=a=b', 'be pairs with one "=" each: "note=a=b" is left out'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'be pairs with one "=" each: "team" is left out'],
    ['OTEL_BSP_SCHEDULE_DELAY', '1000', 'be a variable that the SDK for Erlang reads'],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '100', 'be a variable that the SDK for Erlang reads'],
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'http://collector.observability.svc:4317',
      'lead to a port for the protocol: collectors receive grpc on 4317, which nothing says',
    ],
  ])('fails where %s is %s', (name, value, must) => {
    expect(told({ [name]: value })).toEqual([`${field(name)} ${must}`]);
  });

  test.each(['1e-7', '.5', '10%', '1.5', '2.0', '-0.1'])('fails where the share of traces is %s', (share) => {
    expect(told({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: share })).toEqual([
      `${field('OTEL_TRACES_SAMPLER_ARG')} be a share from 0 to 1 with digits on both sides of the point`,
    ]);
  });

  test('looks at the endpoint of traces first, and at their protocol', () => {
    const all = { OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(told(all)).toEqual([
      `${field('OTEL_EXPORTER_OTLP_ENDPOINT')} lead to a port for the protocol: collectors receive http/protobuf on 4318`,
    ]);
    expect(told({ ...all, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' })).toEqual([]);
    expect(told({ ...all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:4317' })).toEqual([]);
  });

  test('finds nothing where all is understood, or where no release runs', () => {
    const all = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.observability.svc:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_RESOURCE_ATTRIBUTES: 'team=shop, k8s.pod.name=$(HOSTNAME)',
      OTEL_SDK_DISABLED: 'true',
      OTEL_BSP_SCHEDULE_DELAY_MILLIS: '1000',
    };
    for (const share of ['0', '1', '0.1', '1.0']) expect(told({ ...all, OTEL_TRACES_SAMPLER_ARG: share })).toEqual([]);
    const other = relay({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { command: ['node', 'server.js'] });
    expect(found(tracesExported, [other])).toEqual([]);
  });

  test('shows no value of a Secret, and names an object once for all who read it', () => {
    const secret: Manifest = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'otel', namespace },
      stringData: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    };
    const reader = relay({}, { envFrom: [{ secretRef: { name: 'otel' } }] });
    expect(foundIn(tracesExported, [secret, reader, reader]).map(({ got }) => got)).toEqual(['a value from a Secret']);
  });
});
