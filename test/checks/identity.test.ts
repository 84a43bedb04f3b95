import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { annotationsFit, validLabels } from '../../lib/checks/identity/labels';
import { oneOwner, selectorMatchesTemplate, stableSelector } from '../../lib/checks/identity/selectors';
import { homeNamespace, validNames, validPartNames } from '../../lib/checks/identity/names';
import type { Rule, World } from '../../lib/checks/rule';
import { environments } from '../support/stack';
import { type Charts, Checks, patch, render, type Manifest } from '../../lib/index';
import { faultsOf } from '../support/environments';
import { staging } from '../support/alone';

const identityRules = [
  ...[validNames, validPartNames, validLabels, annotationsFit],
  ...[homeNamespace, selectorMatchesTemplate, stableSelector, oneOwner],
];

const HOME = '30-phoenix/Release/Web';
const WEB = `${HOME}/Deployment`;
const POD = '/spec/template/spec';
const INSTANCE = 'app.kubernetes.io/instance';

/** What one rule finds in staging after a change. */
function found(rule: Rule, change: (charts: Charts, app: App) => void): string[] {
  return faultsOf(staging, change).filter((fault) => fault.endsWith(`(${rule.name})`));
}

/** What one rule finds in staging with a patched web Deployment. */
function foundInWeb(rule: Rule, ...operations: JsonPatch[]): string[] {
  return found(rule, ({ release }) => patch(release.web.deployment, 'a change that somebody might make', ...operations));
}

/** What one rule finds in staging with one object more, whose construct is `40-extra/one`. */
function foundWith(rule: Rule, object: Manifest): string[] {
  return found(rule, (_charts, app) => void add(app, object));
}

function add(app: App, { apiVersion, kind, metadata, ...rest }: Manifest): ApiObject {
  const extra = new Chart(app, '40-extra', { namespace: staging.namespace, disableResourceNameHashes: true });
  return new ApiObject(extra, 'one', { apiVersion, kind, ...rest, metadata: { name: 'one', ...metadata } });
}

const budget = (selector: Manifest, metadata: Manifest = {}): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata,
  spec: { maxUnavailable: 1, selector },
});

const service = (selector: Manifest, spec: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  spec: { selector, ports: [{ name: 'http', port: 80 }], ...spec },
});

describe('names and identity', () => {
  test.each(environments.map((environment) => [environment.name, environment] as const))(
    'are well in %s',
    (_name, environment) => {
      const names = identityRules.map(({ name }) => `(${name})`);
      expect(faultsOf(environment).filter((fault) => names.some((name) => fault.endsWith(name)))).toEqual([]);
    },
  );

  test('survive whatever a malformed object holds', () => {
    const construct = new ApiObject(new Chart(new App(), 'any'), 'any', { apiVersion: 'v1', kind: 'Any' });
    const broken = [undefined, null, 7, 'text', [], [null, 7, 'text', []], {}, { name: 7, labels: { a: null }, annotations: [] }];
    const kinds = [
      'Deployment',
      'StatefulSet',
      'Service',
      'PodDisruptionBudget',
      'NetworkPolicy',
      'Namespace',
      'Any',
      7,
      undefined,
    ];
    const objects = kinds.flatMap((kind) =>
      broken.flatMap((part) => [
        { construct, manifest: { apiVersion: part, kind, metadata: part, spec: part } },
        { construct, manifest: { kind, metadata: { labels: part, annotations: part, namespace: part, name: part } } },
        { construct, manifest: { kind, spec: { selector: part, ports: part, volumeClaimTemplates: part } } },
        { construct, manifest: { kind, spec: { selector: { matchLabels: part, matchExpressions: part } } } },
        { construct, manifest: { kind, spec: { template: { metadata: part, spec: { containers: part, volumes: part } } } } },
      ]),
    );
    const world: World = { objects, kubernetes: '1.30', externals: [], databases: [], previous: [] };
    for (const rule of identityRules) expect(() => [...rule.find(world)]).not.toThrow();
  });
});

describe('valid-names', () => {
  const named = (kind: string, name: string) => foundWith(validNames, { apiVersion: 'example.com/v1', kind, metadata: { name } });

  test('fails when the name of a StatefulSet leaves no room for the hash', () => {
    const name = 'a'.repeat(53);
    expect(named('StatefulSet', name)).toEqual([
      `[40-extra/one] 'metadata.name' must be lower-case letters, digits and '-', with a letter or digit at both ends, at most 52 characters, got "${name}"; rename it (valid-names)`,
    ]);
  });

  test.each([
    ['CronJob', 52],
    ['Job', 63],
    ['Namespace', 63],
    ['StatefulSet', 52],
    ['Secret', 253],
  ])('gives the name of a %s its room', (kind, most) => {
    expect(named(kind, 'a'.repeat(most))).toEqual([]);
    expect(named(kind, 'a'.repeat(most + 1))).toEqual([expect.stringContaining(`at most ${most} characters`)]);
  });

  test('fails when a Service begins with a digit', () => {
    expect(foundWith(validNames, { ...service({}), metadata: { name: '2web' } })).toEqual([
      `[40-extra/one] 'metadata.name' must be lower-case letters, digits and '-', start with a letter and end with a letter or digit, at most 63 characters, got "2web"; rename it (valid-names)`,
    ]);
  });

  test('gives a cluster of CloudNativePG 50 characters, and that of nobody else', () => {
    const cluster = (apiVersion: string) =>
      foundWith(validNames, { apiVersion, kind: 'Cluster', metadata: { name: 'a'.repeat(51) } });
    expect(cluster('postgresql.cnpg.io/v1')).toEqual([expect.stringContaining('at most 50 characters')]);
    expect(cluster('example.com/v1')).toEqual([]);
  });

  test('lets roles have colons', () => {
    expect(named('Role', 'web:peers')).toEqual([]);
    expect(named('Role', 'web/peers')).toHaveLength(1);
    expect(named('ConfigMap', 'web:peers')).toHaveLength(1);
  });
});

describe('valid-part-names', () => {
  test('fails when the name of a port is too long', () => {
    const port = JsonPatch.add(`${POD}/containers/0/ports/-`, { name: 'epmd-distribution', containerPort: 9100 });
    expect(foundInWeb(validPartNames, port)).toEqual([
      `[${WEB}] 'spec.template.spec.containers[0].ports[1].name' must be at most 15 lower-case letters, digits and single '-', a letter among them, none at the ends a '-', got "epmd-distribution"; rename it (valid-part-names)`,
    ]);
  });

  test('fails when a container or a volume is named as a variable would be', () => {
    const rename = [
      JsonPatch.replace(`${POD}/containers/0/name`, 'kube_native'),
      JsonPatch.replace(`${POD}/volumes/0/name`, 'Tmp'),
    ];
    const must = `must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends`;
    expect(foundInWeb(validPartNames, ...rename)).toEqual([
      `[${WEB}] 'spec.template.spec.containers[0].name' ${must}, got "kube_native"; rename it (valid-part-names)`,
      `[${WEB}] 'spec.template.spec.volumes[0].name' ${must}, got "Tmp"; rename it (valid-part-names)`,
    ]);
  });

  test('fails when one of several ports of a Service has no name', () => {
    const ports = [{ name: 'http', port: 80 }, { port: 9568 }];
    expect(foundWith(validPartNames, service({ [INSTANCE]: 'kube-native' }, { ports }))).toEqual([
      `[40-extra/one] 'spec.ports[1].name' must be given where there are several, got nothing; name every port (valid-part-names)`,
    ]);
    expect(foundWith(validPartNames, service({ [INSTANCE]: 'kube-native' }, { ports: [{ port: 80 }] }))).toEqual([]);
  });
});

describe('valid-labels', () => {
  const labelled = (labels: Manifest) =>
    foundWith(validLabels, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { labels } });
  const value = "must be a text of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";

  test('fails when a version has build metadata', () => {
    expect(labelled({ 'app.kubernetes.io/version': '1.4.2+build.7' })).toEqual([
      `[40-extra/one] 'metadata.labels["app.kubernetes.io/version"]' ${value}, got "1.4.2+build.7"; shorten it, or replace what is not allowed; an annotation may hold any text (valid-labels)`,
    ]);
  });

  test('fails in the template of a pod, too', () => {
    expect(foundInWeb(validLabels, JsonPatch.add('/spec/template/metadata/labels/branch', 'feature/login'))).toEqual([
      `[${WEB}] 'spec.template.metadata.labels["branch"]' ${value}, got "feature/login"; shorten it, or replace what is not allowed; an annotation may hold any text (valid-labels)`,
    ]);
  });

  test('fails where a pod chooses its neighbours and its nodes', () => {
    const spread = `${POD}/topologySpreadConstraints/0/labelSelector/matchLabels/branch`;
    const apart = `${POD}/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/0/podAffinityTerm/labelSelector/matchLabels/branch`;
    const nodes = JsonPatch.add(`${POD}/nodeSelector`, { branch: 'feature/login' });
    const fields = foundInWeb(validLabels, JsonPatch.add(spread, '-'), JsonPatch.add(apart, 'a/'), nodes).map(
      (fault) => /'(.*?)'/.exec(fault)?.[1],
    );
    expect(fields.sort()).toEqual([
      'spec.template.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector.matchLabels["branch"]',
      'spec.template.spec.nodeSelector["branch"]',
      'spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels["branch"]',
    ]);
  });

  test('fails where a NetworkPolicy chooses namespaces', () => {
    const policy = (spec: Manifest) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec });
    const namespaceSelector = { matchLabels: { team: 'shop & cart' } };
    const from = policy({ podSelector: {}, ingress: [{ from: [{ namespaceSelector }] }] });
    expect(foundWith(validLabels, from)).toEqual([
      `[40-extra/one] 'spec.ingress[0].from[0].namespaceSelector.matchLabels["team"]' ${value}, got "shop & cart"; shorten it, or replace what is not allowed; an annotation may hold any text (valid-labels)`,
    ]);
  });

  test('fails when a value ends with a dash after a cut, is too long or is no text', () => {
    expect(labelled({ a: 'feature-', b: 'b'.repeat(64), c: 3 })).toHaveLength(3);
    expect(labelled({ a: 'feature', b: 'b'.repeat(63), c: '3', d: '' })).toEqual([]);
  });

  test('fails when a key has two slashes or a prefix in upper case', () => {
    expect(labelled({ 'a/b/c': 'x' })).toEqual([
      `[40-extra/one] 'metadata.labels' must have a key of at most 63 letters, digits, '-', '_' and '.', after a DNS name and a '/' where it has a prefix, got "a/b/c"; rename the label (valid-labels)`,
    ]);
    expect(labelled({ 'Example.com/team': 'x', ['a'.repeat(64)]: 'x' })).toHaveLength(2);
    expect(labelled({ 'example.com/Team_A': 'x', ['a'.repeat(63)]: 'x' })).toEqual([]);
  });

  test('fails when the key of an annotation has a space', () => {
    const metadata = { annotations: { 'deployed by': 'ci', 'example.com/deployed-by': 'the pipeline' } };
    expect(foundWith(validLabels, { apiVersion: 'v1', kind: 'ConfigMap', metadata })).toEqual([
      expect.stringContaining(`'metadata.annotations' must have a key of at most 63`),
    ]);
  });
});

describe('annotations-fit', () => {
  const annotated = (length: number) =>
    foundWith(annotationsFit, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { annotations: { dashboard: 'x'.repeat(length) } },
    });

  test('fails when a dashboard is an annotation', () => {
    expect(annotated(262144 - 9)).toEqual([]);
    expect(annotated(262144 - 8)).toEqual([
      `[40-extra/one] 'metadata.annotations' must have at most 262144 bytes together, got "262145 bytes"; move the text into a ConfigMap (annotations-fit)`,
    ]);
  });
});

describe('home-namespace', () => {
  const configMap = (namespace: string): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace } });

  test('fails when an object of staging is meant for production', () => {
    expect(foundWith(homeNamespace, configMap('kube-native-production'))).toEqual([
      `[40-extra/one] 'metadata.namespace' must be kube-native-staging, got "kube-native-production"; correct it, or declare the other namespace with Checks.of(app).provide({ kind: 'Namespace', name }) (home-namespace)`,
    ]);
  });

  test('accepts a namespace that is declared', () => {
    const faults = found(homeNamespace, (_charts, app) => {
      Checks.of(app).provide({ kind: 'Namespace', name: 'monitoring' });
      add(app, configMap('monitoring'));
    });
    expect(faults).toEqual([]);
  });

  test('fails when an object has none', () => {
    const without = (apiVersion: string, kind: string) =>
      found(homeNamespace, (_charts, app) => {
        new ApiObject(new Chart(app, '40-extra'), 'one', { apiVersion, kind });
      });
    expect(without('v1', 'ConfigMap')).toEqual([
      `[40-extra/one] 'metadata.namespace' must be given, got nothing; write kube-native-staging into it, or create it in a chart with that namespace (home-namespace)`,
    ]);
    expect(without('monitoring.coreos.com/v1', 'PodMonitor')).toHaveLength(1);
    expect(without('cert-manager.io/v1', 'ClusterIssuer')).toEqual([]);
    expect(without('example.com/v1', 'Widget')).toEqual([]);
  });

  test('fails when an object of the whole cluster has one', () => {
    expect(foundWith(homeNamespace, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' })).toEqual([
      `[40-extra/one] 'metadata.namespace' must be absent: a PriorityClass belongs to the whole cluster, got "kube-native-staging"; remove it; a chart with a namespace gives it to all of its objects, so move this one to a chart without (home-namespace)`,
    ]);
  });

  test('accepts the namespace of each chart where none is made, and no other one', () => {
    const app = new App();
    const account = { apiVersion: 'v1', kind: 'ServiceAccount' };
    for (const [id, namespace] of Object.entries({ a: 'shop', b: 'shop', c: 'bank' })) {
      const chart = new Chart(app, id, { namespace });
      new ApiObject(chart, 'one', account);
      if (id === 'c') new ApiObject(chart, 'misspelt', { ...account, metadata: { namespace: 'bnak' } });
    }
    expect(render(app).faults.filter((fault) => fault.includes('home-namespace'))).toEqual([
      expect.stringContaining(`[c/misspelt] 'metadata.namespace' must be shop or bank, got "bnak"`),
    ]);
  });

  test('accepts that of the first object of a chart that has none', () => {
    const app = new App();
    const rendered = new Chart(app, 'rendered');
    for (const [id, namespace] of Object.entries({ one: 'shop', two: 'shop', three: 'shpo' }))
      new ApiObject(rendered, id, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace } });
    new ApiObject(new Chart(app, 'other', { namespace: 'bank' }), 'one', { apiVersion: 'v1', kind: 'ServiceAccount' });
    expect(render(app).faults.filter((fault) => fault.includes('home-namespace'))).toEqual([
      expect.stringContaining(`[rendered/three] 'metadata.namespace' must be shop or bank, got "shpo"`),
    ]);
  });
});

describe('selector-matches-template', () => {
  test('fails when a controller does not find its own pods', () => {
    expect(foundInWeb(selectorMatchesTemplate, JsonPatch.replace('/spec/selector/matchLabels', { app: 'web' }))).toEqual([
      expect.stringMatching(
        /^\[30-phoenix\/Release\/Web\/Deployment\] 'spec\.selector' must find the labels of its own template, .*app\.kubernetes\.io\/instance=kube-native.*, got "app=web"; make both from one map of labels \(selector-matches-template\)$/,
      ),
    ]);
  });

  test('fails when the selector is empty', () => {
    expect(foundInWeb(selectorMatchesTemplate, JsonPatch.replace('/spec/selector', {}))).toEqual([
      expect.stringContaining('got nothing; make both from one map of labels'),
    ]);
  });
});

describe('stable-selector', () => {
  const version = 'app.kubernetes.io/version';

  test('fails when a Deployment is found by its version', () => {
    const add = JsonPatch.add('/spec/selector/matchLabels/app.kubernetes.io~1version', '1.0.0');
    expect(foundInWeb(stableSelector, add)).toEqual([
      `[${WEB}] 'spec.selector' must name no label that changes with a release, got "${version}"; drop it; select by ${INSTANCE} alone (stable-selector)`,
    ]);
  });

  test('fails when a Service or a budget follows one version', () => {
    const labels = { [INSTANCE]: 'kube-native', [version]: '1.0.0' };
    expect(foundWith(stableSelector, service(labels))).toHaveLength(1);
    expect(foundWith(stableSelector, budget({ matchLabels: labels }))).toHaveLength(1);
    expect(foundWith(stableSelector, service({ [INSTANCE]: 'kube-native', conversion: 'x' }))).toEqual([]);
  });
});

describe('one-owner', () => {
  const shared = { 'app.kubernetes.io/name': 'kube-native' };

  test('fails when a Service also finds the pods of the migration', () => {
    expect(foundWith(oneOwner, service(shared))).toEqual([
      expect.stringMatching(
        /^\[40-extra\/one\] 'spec\.selector' must find the pods of one controller, and of no Job, got ".*Deployment kube-native.*"; select by a label that the pods of no other have, such as app\.kubernetes\.io\/instance \(one-owner\)$/,
      ),
    ]);
    expect(foundWith(oneOwner, service(shared))[0]).toMatch(/Job kube-native-migrat/);
    expect(foundWith(oneOwner, service({ [INSTANCE]: 'kube-native' }))).toEqual([]);
  });

  const worker = (labels: Manifest): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'worker' },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [] } } },
  });

  test('lets a headless Service list several controllers, and no Job', () => {
    const headless = { clusterIP: 'None' };
    const cluster = (labels: Manifest) =>
      found(oneOwner, ({ release }, app) => {
        const beam = JsonPatch.add('/spec/template/metadata/labels/beam', 'kube-native');
        patch(release.web.deployment, 'a node of the cluster', beam);
        add(app, worker({ [INSTANCE]: 'worker', beam: 'kube-native' }));
        new ApiObject(new Chart(app, '50-extra', { namespace: staging.namespace }), 'nodes', {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'nodes' },
          spec: { ...headless, selector: labels },
        });
      });
    expect(cluster({ beam: 'kube-native' })).toEqual([]);
    expect(cluster(shared)).toEqual([expect.stringContaining('[50-extra/nodes]')]);
  });

  test('fails when two controllers are behind one budget', () => {
    expect(foundWith(oneOwner, budget({ matchExpressions: [{ key: INSTANCE, operator: 'Exists' }] }))).toEqual([
      expect.stringContaining(`[40-extra/one] 'spec.selector' must find the pods of one controller`),
    ]);
  });

  test('fails when the selectors of two controllers overlap', () => {
    expect(foundWith(oneOwner, worker({ [INSTANCE]: 'kube-native' }))).toEqual([
      `[${WEB}, ${HOME}/DisruptionBudget/Default, ${HOME}/Service/Default] 'spec.selector' must find the pods of one controller, and of no Job, got "Deployment kube-native, Deployment worker"; select by a label that the pods of no other have, such as ${INSTANCE} (one-owner)`,
      `[40-extra/one] 'spec.selector' must find the pods of one controller, and of no Job, got "Deployment worker, Deployment kube-native"; select by a label that the pods of no other have, such as ${INSTANCE} (one-owner)`,
    ]);
  });

  test('leaves policies alone, which are meant to be broad', () => {
    const web = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { podSelector: { matchLabels: shared } } };
    expect(foundWith(oneOwner, web)).toEqual([]);
  });
});
