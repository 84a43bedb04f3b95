import { readdirSync, readFileSync } from 'node:fs';
import { ApiObject, App, Chart, Duration } from 'cdk8s';
import { build, environments, production } from '../support/stack';
import { type NamedEnvironment, Checks, needs, OPERATORS, render, type Manifest, type Operators } from '../../lib/index';
import { vary } from '../support/vary';

/** What is said of some objects where operators are of some releases: with the rule, without the path. */
function faults(operators: unknown, ...objects: Manifest[]): string[] {
  const app = appOf(operators, ...objects);
  return render(app)
    .faults.filter((fault) => /\(known-fields\)$|operators/.test(fault))
    .map((fault) => fault.replace(/^\[[^\]]*\] /, ''));
}

function appOf(operators: unknown, ...objects: Manifest[]): App {
  const app = new App();
  Checks.of(app).operators = operators as Operators;
  const chart = new Chart(app, 'c');
  for (const [index, { metadata = {}, ...fields }] of objects.entries())
    new ApiObject(chart, `${index}`, { metadata: { name: `o${index}`, ...metadata }, ...fields } as never);
  return app;
}

const target = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'web' };
const clientPolicy: Manifest = {
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind: 'ClientTrafficPolicy',
  spec: { targetRefs: [{ ...target, kind: 'Gateway' }], timeout: { http: { streamIdleTimeout: '30m' } } },
};
const tlsPolicy: Manifest = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'BackendTLSPolicy',
  spec: {
    targetRefs: [{ group: '', kind: 'Service', name: 'web' }],
    validation: { hostname: 'web.example.com', wellKnownCACertificates: 'System' },
  },
};
const retried: Manifest = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  spec: { hosts: ['a.example.com'], http: [{ route: [{ destination: { host: 'web' } }] }] },
};
const database: Manifest = {
  apiVersion: 'postgresql.cnpg.io/v1',
  kind: 'Database',
  spec: { name: 'shop', owner: 'shop', cluster: { name: 'shop' }, extensions: [{ name: 'citext' }] },
};

describe('an object of an operator', () => {
  test.each<[string, Operators, Manifest, string]>([
    [
      'a field is newer than the release declared',
      { 'envoy-gateway': '1.4' },
      clientPolicy,
      `'spec.timeout.http.streamIdleTimeout' must be known to Envoy Gateway 1.4, got "streamIdleTimeout"; ` +
        "it came with 1.5: take it out, or raise operators['envoy-gateway'] of the environment (known-fields)",
    ],
    [
      'the kind is newer than the release declared',
      { 'gateway-api': '1.3' },
      tlsPolicy,
      `'apiVersion' must be known to the Gateway API 1.3, got "gateway.networking.k8s.io/v1 BackendTLSPolicy"; ` +
        "it came with 1.4: take it out, or raise operators['gateway-api'] of the environment (known-fields)",
    ],
    [
      'the kind came with a later release of CloudNativePG, whose fields are not blamed then',
      { 'cloudnative-pg': '1.24' },
      database,
      `'apiVersion' must be known to CloudNativePG 1.24, got "postgresql.cnpg.io/v1 Database"; ` +
        "it came with 1.25: take it out, or raise operators['cloudnative-pg'] of the environment (known-fields)",
    ],
    [
      'a field in a list came after its kind',
      { 'cloudnative-pg': '1.25' },
      database,
      `'spec.extensions' must be known to CloudNativePG 1.25, got "extensions"; ` +
        "it came with 1.26: take it out, or raise operators['cloudnative-pg'] of the environment (known-fields)",
    ],
    [
      'the version of the kind is newer',
      { istio: '1.21' },
      retried,
      `'apiVersion' must be known to Istio 1.21, got "networking.istio.io/v1 VirtualService"; ` +
        "it came with 1.22: take it out, or raise operators['istio'] of the environment (known-fields)",
    ],
  ])('is refused where %s', (_, operators, object, sentence) => {
    expect(faults(operators, object)).toEqual([sentence]);
  });

  test.each<[string, Operators, Manifest]>([
    ['of the release that brought the field', { 'envoy-gateway': '1.5' }, clientPolicy],
    ['of a later release, whose minor is a greater number and not a greater text', { 'envoy-gateway': '1.10' }, clientPolicy],
    ['of a release that nobody knows yet', { 'gateway-api': '2.0' }, tlsPolicy],
    ['beside an earlier release of another operator', { 'gateway-api': '1.0' }, clientPolicy],
    ['where nothing is declared', {}, tlsPolicy],
    ['with what its declared release has', { 'cloudnative-pg': '1.26' }, database],
  ])('is accepted %s', (_, operators, object) => {
    expect(faults(operators, object)).toEqual([]);
  });
});

describe('releases of operators', () => {
  test.each<[unknown, string]>([
    [
      { 'envoy-gatway': '1.7' },
      `'operators' must name operators whose releases are known, got "envoy-gatway"; write 'envoy-gateway'`,
    ],
    [{ keda: '2.17.1' }, `'operators['keda']' must be a minor release, got "2.17.1"; write it in quotes, as '2.17'`],
    [{ keda: 2.1 }, `'operators['keda']' must be a minor release, got 2.1; write it in quotes, as '2.1'`],
    [{ flux: 'v2.3' }, `'operators['flux']' must be a minor release, got "v2.3"; write it in quotes, as '2.3'`],
    [
      { 'cloudnative-pg': '1.9' },
      `'operators['cloudnative-pg']' must be 1.22 or newer, got "1.9"; ` +
        'leave it out, and try the objects in the cluster: what earlier releases know is not known here',
    ],
  ])('fail as %j', (operators, sentence) => {
    expect(faults(operators, tlsPolicy)).toEqual([sentence]);
  });

  test('are known of every project that tables name, and of no other', () => {
    const folder = 'lib/schema/custom';
    const tables = readdirSync(folder).map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Manifest);
    const projects = tables.flatMap((table) => (table['project'] === undefined ? [] : [table['project'] as string]));
    expect([...new Set(projects)].toSorted()).toEqual(Object.keys(OPERATORS));
  });
});

describe('what an environment needs', () => {
  const needsOf = (...objects: Manifest[]) => {
    const app = appOf({}, ...objects);
    render(app);
    return needs(Checks.of(app).world);
  };

  test('is the least release of each operator, and why it is that one', () => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
    expect(needsOf(tlsPolicy, clientPolicy, database, deployment)).toEqual([
      {
        operator: 'cloudnative-pg',
        title: 'CloudNativePG',
        release: '1.26',
        because: 'Database.spec.extensions',
      },
      {
        operator: 'envoy-gateway',
        title: 'Envoy Gateway',
        release: '1.5',
        because: 'ClientTrafficPolicy.spec.timeout.http.streamIdleTimeout',
      },
      {
        operator: 'gateway-api',
        title: 'the Gateway API',
        release: '1.4',
        because: 'gateway.networking.k8s.io/v1 BackendTLSPolicy',
      },
    ]);
  });

  test('is the oldest release known where nothing is newer, and nothing without objects of operators', () => {
    const spec = { parentRefs: [{ name: 'public' }], hostnames: ['a.example.com'] };
    expect(needsOf({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', spec })).toEqual([
      { operator: 'gateway-api', title: 'the Gateway API', release: '1.0' },
    ]);
    expect(needsOf({ apiVersion: 'v1', kind: 'ConfigMap' })).toEqual([]);
  });

  test('is met by the releases that it names, in every environment', () => {
    for (const environment of environments) {
      const app = build(environment);
      expect(render(app).faults).toEqual([]);
      const operators = Object.fromEntries(needs(Checks.of(app).world).map(({ operator, release }) => [operator, release]));
      expect(render(build(vary(environment, { operators }))).faults).toEqual([]);
    }
  });
});

describe('an environment on an earlier Envoy Gateway', () => {
  const text = (environment: NamedEnvironment): string => {
    const { files, faults: found } = render(build(environment));
    expect(found).toEqual([]);
    return [...files.values()].map((file) => file.trim()).join('\n---\n');
  };
  const older = vary(production, { operators: { 'envoy-gateway': '1.7' } });

  test('leaves out what that does not know, and nothing else', () => {
    const [now, then] = [text(production), text(older)];
    const documents = (written: string): string[] => written.split('\n---\n');
    const gone = documents(now).filter((document) => !documents(then).includes(document));
    expect(gone.map((document) => /^kind: (.*)$/m.exec(document)?.[1])).toEqual(['BackendTrafficPolicy']);
    expect(documents(then)).toHaveLength(documents(now).length);
    // What is tried again is known to every release.
    expect(documents(then).find((document) => /^kind: BackendTrafficPolicy$/m.test(document))).not.toContain('timeout');
    expect(text(vary(production, { operators: { 'envoy-gateway': '1.8' } }))).toBe(now);
  });

  test('refuses a limit that is asked for', () => {
    const { route } = production;
    const asked = { gatewayApi: { ...route.gatewayApi, idle: Duration.minutes(20) } };
    expect(render(build(vary(older, { route: asked }))).faults).toEqual([
      "[40-routes/Gateway] 'route.gatewayApi.idle' must be omitted: envoy-gateway 1.7 has no object for it beside a route, got 1200s; raise it to 1.8, or omit it",
    ]);
    text(vary(production, { route: asked, operators: { 'envoy-gateway': '1.8' } }));
  });
});
