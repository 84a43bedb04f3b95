import { readdirSync, readFileSync } from 'node:fs';
import { ApiObject, App, Chart } from 'cdk8s';
import { apiRules } from '../../lib/checks/api/rules';
import { definitionOf } from '../../lib/schema/fields';
import { Checks, render, type Manifest, type Operators } from '../../lib/index';

const names = new Set(apiRules.map(({ name }) => name));

/** What the rules about one object alone say of some objects. */
function faults(...objects: Manifest[]): string[] {
  const app = new App();
  const chart = new Chart(app, 'c');
  for (const [index, { metadata = {}, ...fields }] of objects.entries())
    new ApiObject(chart, `${index}`, { metadata: { name: `o${index}`, ...metadata }, ...fields } as never);
  return render(app)
    .faults.map((fault) => /^\[c\/\d+\] (.*) \(([\w-]+)\)$/s.exec(fault) ?? [])
    .flatMap(([, said = '', rule = '']) => (names.has(rule) ? [`${rule}: ${said}`] : []));
}

const route = (spec: Manifest): Manifest => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  spec: { parentRefs: [{ name: 'public' }], ...spec },
});
const rule = (fields: Manifest): Manifest => route({ rules: [fields] });
const filters = (...list: Manifest[]): Manifest => rule({ filters: list });
const cluster = (spec: Manifest): Manifest => ({
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Cluster',
  spec: { instances: 3, ...spec },
});
const virtualService = (http: Manifest): Manifest => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  spec: { hosts: ['a.example.com'], http: [http] },
});
const traffic = (spec: Manifest): Manifest => ({
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind: 'BackendTrafficPolicy',
  spec: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' }], ...spec },
});
const certificate = (spec: Manifest): Manifest => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  spec: { secretName: 'tls', issuerRef: { name: 'ca' }, dnsNames: ['a.example.com'], ...spec },
});

describe('a custom object is refused when', () => {
  test.each<[string, Manifest, string]>([
    [
      'a field is misspelt',
      route({ hostname: ['a.example.com'] }),
      `known-fields: 'spec.hostname' must be a field of HTTPRoute.spec, got "hostname"; write 'hostnames'`,
    ],
    [
      'a field deep in a list is misspelt',
      rule({ matches: [{ path: { typ: 'Exact', value: '/a' } }] }),
      `known-fields: 'spec.rules[0].matches[0].path.typ' must be a field of HTTPRoute.spec.rules.matches.path, got "typ"; write 'type'`,
    ],
    [
      'a port is a name where it must be a number',
      rule({ backendRefs: [{ name: 'web', port: 'https' }] }),
      `field-types: 'spec.rules[0].backendRefs[0].port' must be a whole number, got "https"; write one number`,
    ],
    [
      'a port is out of range',
      rule({ backendRefs: [{ name: 'web', port: 70000 }] }),
      `value-bounds: 'spec.rules[0].backendRefs[0].port' must be 1 to 65535, got 70000; write a number in this range`,
    ],
    [
      'there are to be less than no pods, of a kind that can be scaled',
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec: { replicas: -2, selector: {}, template: {} } },
      `value-bounds: 'spec.replicas' must be at least 0, got -2; write a number in this range`,
    ],
    [
      'a duration has a unit that there is not',
      { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', spec: { retry: { attempts: 2, initialInterval: '2min' } } },
      `value-bounds: 'spec.retry.initialInterval' must be a duration, got "2min"; write it as "30s", "5m" or "1h30m"`,
    ],
    [
      'a host name has a scheme',
      route({ hostnames: ['https://a.example.com'] }),
      `value-bounds: 'spec.hostnames[0]' must be a host name, with *. in front for all of a domain, got "https://a.example.com"; write it as "shop.example.com", in lower case, without a scheme or a port`,
    ],
    [
      'a number is a word',
      cluster({ instances: 'two' }),
      `field-types: 'spec.instances' must be a whole number, got "two"; write one number`,
    ],
    [
      'a value is none of those that there are',
      cluster({ primaryUpdateStrategy: 'automatic' }),
      `known-values: 'spec.primaryUpdateStrategy' must be one of unsupervised, supervised, got "automatic"; use one of them`,
    ],
    [
      'what must be there is not',
      { apiVersion: 'postgresql.cnpg.io/v1', kind: 'ScheduledBackup', spec: { schedule: '0 0 1 * * *' } },
      `required-fields: 'spec.cluster' must be given, got nothing; add it: the API server refuses the ScheduledBackup.spec without it`,
    ],
    [
      'a filter says another type than it has',
      filters({ type: 'URLRewrite', requestRedirect: { scheme: 'https' } }),
      `kind-conditions: 'spec.rules[0].filters[0]' must satisfy what its API asks for: !(has(self.requestRedirect) && self.type != 'RequestRedirect'); and !(!has(self.urlRewrite) && self.type == 'URLRewrite'), got {"requestRedirect":{"scheme":"https","statusCode":302},"type":"URLRewrite"}; the API server refuses the object: change what it speaks of`,
    ],
    [
      'a redirect has a status that no redirect has',
      filters({ type: 'RequestRedirect', requestRedirect: { statusCode: 200 } }),
      `known-values: 'spec.rules[0].filters[0].requestRedirect.statusCode' must be one of 301, 302, 303, 307, 308, got 200; write "301"`,
    ],
    [
      'two listeners have one name',
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        spec: {
          gatewayClassName: 'public',
          listeners: [80, 8080].map((port) => ({ name: 'web', port, protocol: 'HTTP' })),
        },
      },
      `unique-items: 'spec.listeners[1]' must differ from item 0 of its list in name, got "web"; keep one of the two`,
    ],
    [
      'fields exclude each other by what the schema itself says',
      virtualService({ match: [{ uri: { exact: '/a', prefix: '/b' } }] }),
      `kind-conditions: 'spec.http[0].match[0].uri' must satisfy what its API asks for: [has(self.exact), has(self.prefix), has(self.regex)].filter(x, x).size() <= 1, got {"exact":"/a","prefix":"/b"}; the API server refuses the object: change what it speaks of`,
    ],
    [
      'a duration is shorter than its API takes',
      virtualService({ timeout: '10us' }),
      `kind-conditions: 'spec.http[0].timeout' must satisfy what its API asks for: duration(self) >= duration('1ms'), got "10us"; the API server refuses the object: change what it speaks of`,
    ],
    [
      'a field that a condition reads is missing without a default',
      traffic({ loadBalancer: { type: 'ConsistentHash' } }),
      expect.stringContaining(`kind-conditions: 'spec.loadBalancer' must satisfy what its API asks for: `) as string,
    ],
  ])('%s', (_title, object, says) => {
    expect(faults(object)).toEqual([says]);
  });

  test('several things are wrong at once, without what follows from them', () => {
    expect(faults(rule({ backendRef: [{ name: 'web' }], timeouts: { request: '5 s', backendRequest: '10s' } }))).toEqual([
      expect.stringContaining(`known-fields: 'spec.rules[0].backendRef' must be`),
      expect.stringContaining(`value-bounds: 'spec.rules[0].timeouts.request' must be a duration, got "5 s"`),
    ]);
  });
});

describe('a custom object is taken when', () => {
  test.each<[string, Manifest]>([
    ['it leaves everything to the defaults', route({})],
    ['a condition reads what a default fills in', rule({ backendRefs: [{ name: 'web', port: 80 }], matches: [{}] })],
    [
      'a listener shares its port with another by host',
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        spec: {
          gatewayClassName: 'public',
          listeners: ['a', 'b'].map((name) => ({ name, port: 80, protocol: 'HTTP', hostname: `${name}.example.com` })),
        },
      },
    ],
    ['two routes go by one method each', rule({ matches: [{ method: 'GET' }, { method: 'POST' }] })],
    ['a resource is a number', cluster({ resources: { requests: { cpu: 1, memory: '1Gi' } } })],
    ['fields with nothing in them stand there', cluster({ imageName: undefined, postgresql: {}, backup: null })],
    ['it has fields of any name where its API takes them', cluster({ postgresql: { parameters: { work_mem: '8MB' } } })],
    ['its status is written too', { ...certificate({}), status: { anything: 1 } }],
    [
      'durations are written in each of the ways that there are',
      {
        apiVersion: 'traefik.io/v1alpha1',
        kind: 'ServersTransport',
        spec: { forwardingTimeouts: { dialTimeout: 5, idleConnTimeout: '90', pingTimeout: '1m30s', readIdleTimeout: '250ms' } },
      },
    ],
    ['a kind that can be scaled has no pods', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec: { replicas: 0 } }],
    ['nobody knows its group', { apiVersion: 'example.com/v1', kind: 'Anything', spec: { a: 'b' } }],
  ])('%s', (_title, object) => {
    expect(faults(object)).toEqual([]);
  });
});

test.each(readdirSync('imports'))('every kind of imports/%s has a table', (file) => {
  const kinds = [...readFileSync(`imports/${file}`, 'utf8').matchAll(/apiVersion: '([^']+)',\s+kind: '([^']+)'/g)];
  expect(kinds).not.toHaveLength(0);
  expect(kinds.filter(([, apiVersion, kind]) => !definitionOf(apiVersion, kind)).map(([found]) => found)).toEqual([]);
});

describe('a list of objects', () => {
  const list = (...items: Manifest[]): Manifest => ({ apiVersion: 'v1', kind: 'List', items });
  const named = (object: Manifest): Manifest => ({ ...object, metadata: { name: 'a' } });

  test('is opened: each of its items is checked', () => {
    expect(faults(list(named(route({})), list(named(cluster({ instances: '3' })))))).toEqual([
      `field-types: 'items[1].items[0].spec.instances' must be a whole number, got "3"; write it without quotes`,
    ]);
  });

  test('is written as it is', () => {
    const app = new App();
    const items = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' }, data: { a: 'b' } }];
    const chart = new Chart(app, 'c', { namespace: 'n' });
    new ApiObject(chart, 'List', list(...items, { ...items[0], metadata: { name: 'b', namespace: 'n' } }) as never);
    const { faults: said, files } = render(app);
    expect(said).toEqual([]);
    expect(files.get('c.k8s.yaml')).toContain('kind: List');
    expect(files.get('c.k8s.yaml')).toContain('name: b');
  });
});

describe('versions and kinds of known groups', () => {
  /** What `api-version` says of objects where operators are as declared. */
  function versionFaults(objects: readonly Manifest[], operators: Operators = {}, provided?: string): string[] {
    const app = new App();
    const checks = Checks.of(app);
    checks.operators = operators;
    if (provided !== undefined) checks.provide({ kind: 'CustomResourceDefinition', name: provided });
    const made = new Chart(app, 'c');
    for (const [index, { metadata = {}, ...fields }] of objects.entries())
      new ApiObject(made, `${index}`, { metadata: { name: `o${index}`, ...metadata }, ...fields } as never);
    return render(app).faults.flatMap((fault) => / ('.*) \(api-version\)$/.exec(fault)?.[1] ?? []);
  }
  const one = (apiVersion: string, kind: string, operators: Operators = {}): string[] =>
    versionFaults([{ apiVersion, kind, spec: {} }], operators);
  const definition = (group: string, kind: string, versions: Manifest[]): Manifest => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    spec: { group, names: { kind, plural: `${kind.toLowerCase()}s` }, scope: 'Namespaced', versions },
  });

  test.each<[string, string, string, Operators, string]>([
    [
      'nobody has the version',
      ...(['monitoring.coreos.com/v2', 'ServiceMonitor', {}] as const),
      `'apiVersion' must be served by the Prometheus operator, got "monitoring.coreos.com/v2"; write monitoring.coreos.com/v1`,
    ],
    [
      'another version is served, and a second one',
      ...(['gateway.networking.k8s.io/v1alpha9', 'TCPRoute', {}] as const),
      `'apiVersion' must be served by the Gateway API, got "gateway.networking.k8s.io/v1alpha9"; write gateway.networking.k8s.io/v1 or gateway.networking.k8s.io/v1alpha2`,
    ],
    [
      'the kind is misspelt',
      ...(['cert-manager.io/v1', 'Certifcate', {}] as const),
      `'kind' must be served by cert-manager, got "cert-manager.io/v1 Certifcate"; write kind: Certificate`,
    ],
    [
      'the group has nothing like the kind',
      ...(['keda.sh/v1alpha1', 'Queue', {}] as const),
      `'kind' must be served by KEDA, got "keda.sh/v1alpha1 Queue"; where the cluster has it all the same, put its CustomResourceDefinition beside it, or declare it as provided`,
    ],
    [
      'the newest release has dropped the version',
      ...(['kustomize.toolkit.fluxcd.io/v1beta2', 'Kustomization', {}] as const),
      `'apiVersion' must be served by Flux, got "kustomize.toolkit.fluxcd.io/v1beta2 Kustomization"; it is gone since 2.8: write kustomize.toolkit.fluxcd.io/v1, or say operators: { 'flux': ... } where the cluster has an older release`,
    ],
    [
      'the declared release does not have the kind yet',
      ...(['gateway.networking.k8s.io/v1', 'ListenerSet', { 'gateway-api': '1.4' }] as const),
      `'apiVersion' must be served by the Gateway API 1.4, got "gateway.networking.k8s.io/v1 ListenerSet"; it came with 1.5: take it out, or raise operators['gateway-api'] of the environment`,
    ],
    [
      'the group is misspelt, and the known one has the kind',
      ...(['postgresql.cpng.io/v1', 'Pooler', {}] as const),
      `'apiVersion' must name a group that serves Pooler, got "postgresql.cpng.io"; write postgresql.cnpg.io/v1`,
    ],
  ])('are refused when %s', (_title, apiVersion, kind, operators, fault) => {
    expect(one(apiVersion, kind, operators)).toEqual([fault]);
  });

  test.each<[string, string, string, Operators]>([
    ['a kind that no table describes', 'networking.istio.io/v1', 'ServiceEntry', {}],
    ['an older version that is still served', 'gateway.networking.k8s.io/v1beta1', 'HTTPRoute', {}],
    ['one that the declared release still has', 'external-secrets.io/v1beta1', 'ExternalSecret', { 'external-secrets': '0.14' }],
    ['one of a release that is not known here', 'keda.sh/v1', 'ScaledObject', { keda: '9.0' }],
    ['a kind of another project in the same group', 'argoproj.io/v1alpha1', 'CronWorkflow', {}],
    ["a kind of one's own", 'shop.example.com/v1', 'Voucher', {}],
    ["a kind of one's own in a group with a name like a known one", 'keda.io/v1', 'Voucher', {}],
  ])('take %s', (_title, apiVersion, kind, operators) => {
    expect(one(apiVersion, kind, operators)).toEqual([]);
  });

  test('are those of a definition that stands in the YAML', () => {
    const versions = [{ name: 'v1beta1', served: false }, { name: 'v1' }];
    const shop = definition('shop.example.com', 'Voucher', versions);
    const later = definition('keda.sh', 'Queue', [{ name: 'v1' }]);
    const objects = (apiVersion: string): Manifest[] => [shop, later, { apiVersion, kind: 'Voucher' }];
    expect(versionFaults(objects('shop.example.com/v1'))).toEqual([]);
    expect(versionFaults([later, { apiVersion: 'keda.sh/v1', kind: 'Queue' }])).toEqual([]);
    expect(versionFaults(objects('shop.example.com/v1beta1'))).toEqual([
      `'apiVersion' must be served by the CustomResourceDefinition of the kind, got "shop.example.com/v1beta1"; write shop.example.com/v1`,
    ]);
  });

  test('are what a definition that is provided has', () => {
    const policy = { apiVersion: 'keda.sh/v1', kind: 'QueuePolicy' };
    expect(versionFaults([policy], {}, 'queuepolicies.keda.sh')).toEqual([]);
    expect(versionFaults([policy], {}, 'queuepolicies.example.com')).toHaveLength(1);
  });
});
