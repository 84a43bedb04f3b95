import { App, Duration, Size } from 'cdk8s';
import { Cpu, k8s } from 'cdk8s-plus-27';
import {
  Checks,
  EnvironmentChart,
  KUBERNETES_VERSIONS,
  NamespaceChart,
  render,
  slug,
  type EnvironmentChartProps,
  type KubernetesVersion,
  type Manifest,
  type NamespaceChartProps,
  type Quota,
} from '../../lib/index';
import { sayKubernetes } from '../../lib/support/kubernetes';
import { manifests, objects, refusals, refusalsOf } from '../support/chart';
import { add } from '../support/said';
import { build, staging } from '../support/stack';
import { vary, type Variation } from '../support/vary';

const quota: Quota = { cpu: Cpu.millis(2500), memory: Size.gibibytes(4), storage: Size.gibibytes(10), pods: 12 };
const minimal: NamespaceChartProps = { namespace: 'shop-staging', partOf: 'shop', quota };
const made = (props: NamespaceChartProps, kubernetes: KubernetesVersion = '1.30') => {
  const app = new App();
  const tried = new NamespaceChart(app, '00-namespace', props);
  // Said once for the App, and no matter when.
  sayKubernetes(app, kubernetes);
  return tried;
};
const ownLabels = { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/managed-by': 'cdk8s' };
const nameRule =
  "be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most 63 characters";

describe('a minimal namespace', () => {
  const tried = made(minimal);
  const { Namespace, LimitRange, ResourceQuota } = manifests(tried);

  test('is made first, then what holds in it', () => {
    const written = objects(tried).map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace]);
    expect(written).toEqual([
      ['Namespace', 'shop-staging', undefined],
      ['LimitRange', 'defaults', 'shop-staging'],
      ['ResourceQuota', 'budget', 'shop-staging'],
    ]);
    for (const { metadata } of objects(tried)) expect(metadata.labels).toMatchObject(ownLabels);
  });

  test('lets no pod in that breaks Pod Security "restricted" of its version', () => {
    expect(Namespace?.['metadata'].labels).toEqual({
      ...ownLabels,
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.30',
      'pod-security.kubernetes.io/warn': 'restricted',
      'pod-security.kubernetes.io/warn-version': 'v1.30',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/audit-version': 'v1.30',
    });
  });

  test('gives a container that says nothing little, and no limit of CPU', () => {
    expect(LimitRange?.['spec']).toEqual({
      limits: [
        {
          type: 'Container',
          defaultRequest: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '128Mi' },
          default: { memory: '256Mi', 'ephemeral-storage': '256Mi' },
        },
      ],
    });
  });

  test('has a budget', () => {
    expect(ResourceQuota?.['spec']).toEqual({
      hard: {
        'requests.cpu': '2500m',
        'requests.memory': '4Gi',
        'limits.memory': '4Gi',
        'requests.storage': '10Gi',
        pods: '12',
        'services.nodeports': '0',
        'services.loadbalancers': '0',
      },
    });
  });
});

describe('a quota that nobody set', () => {
  const hardOf = (changes: Variation): Manifest => {
    const app = build(vary(staging, { quota: undefined }, changes));
    expect(render(app).faults).toEqual([]);
    const budget = app.node.findChild('00-namespace').node.findChild('ResourceQuota');
    return (Checks.of(app).manifests.get(budget)?.['spec'] as Manifest)['hard'] as Manifest;
  };

  test('has room for the middle of a roll-out with all jobs, and a quarter more, rounded up', () => {
    // PostgreSQL 1 core and 1Gi; three web pods of 250m and 512Mi, two workers and one migration of the same.
    expect(hardOf({})).toEqual({
      'requests.cpu': '4', // 2.5 and a quarter
      'requests.memory': '5Gi',
      'limits.memory': '5Gi', // 4 and a quarter
      'requests.storage': '13Gi',
      pods: '9', // 7 and a quarter
      'services.nodeports': '0',
      'services.loadbalancers': '0',
    });
  });

  test('follows what is added, wherever in the program', () => {
    expect(hardOf({ web: { replicas: 8, poolSize: 4 } })).toMatchObject({ 'requests.cpu': '5', pods: '17' });
    const volume = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '50Gi' } } };
    const claim = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', metadata: { name: 'more' }, spec: volume };
    expect(hardOf({ amend: (charts) => add(charts, claim) })).toMatchObject({ 'requests.storage': '75Gi' });
  });

  test('stays as it is where a little changes', () => {
    expect(hardOf({ web: { poolSize: 7 } })).toEqual(hardOf({}));
  });
});

test('a namespace with everything set', () => {
  const temporary = { of: 'feature/login', ttl: Duration.minutes(90) };
  const everything: Required<NamespaceChartProps> = {
    ...minimal,
    labels: { 'example.com/owner': 'team-shop' },
    quota,
    largestContainer: { memory: Size.gibibytes(4), cpu: Cpu.units(2) },
    nodePorts: 2,
    loadBalancers: 1,
    temporary,
    delivery: 'flux',
  };
  const tried = made(everything, '1.34');
  const { Namespace, ResourceQuota, LimitRange } = manifests(tried);
  for (const object of [Namespace, ResourceQuota, LimitRange])
    expect(object?.['metadata'].labels).toMatchObject({ 'example.com/owner': 'team-shop', 'app.kubernetes.io/part-of': 'shop' });
  expect(LimitRange?.['spec'].limits[0].max).toEqual({ cpu: '2', memory: '4Gi' });
  expect(Namespace?.['metadata'].labels).toMatchObject({ 'pod-security.kubernetes.io/enforce-version': 'v1.34' });
  expect(Namespace?.['metadata'].labels).toMatchObject({ 'cdk8s-phoenix/preview': slug('feature/login') });
  expect(Namespace?.['metadata'].annotations).toEqual({ 'cdk8s-phoenix/preview-of': 'feature/login', 'janitor/ttl': '5400s' });
  expect(ResourceQuota?.['spec'].hard).toMatchObject({ 'services.nodeports': '2', 'services.loadbalancers': '1' });
  expect([tried.namespaceObject.name, tried.quota.name, tried.limits.name]).toEqual(['shop-staging', 'budget', 'defaults']);
});

test.each<[NamespaceChartProps['delivery'], Record<string, string> | undefined]>([
  ['apply', undefined],
  ['helm', undefined],
  ['argo', { 'argocd.argoproj.io/sync-options': 'Delete=false,Prune=false' }],
  ['flux', { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }],
])('one that %s delivers is kept with what is in it', (delivery, annotations) => {
  expect(manifests(made({ ...minimal, delivery }))['Namespace']?.['metadata'].annotations).toEqual(annotations);
});

test.each<KubernetesVersion>([...KUBERNETES_VERSIONS])('the rules of Kubernetes %s are named', (kubernetes) => {
  const { Namespace } = manifests(made(minimal, kubernetes));
  expect(Namespace?.['metadata'].labels).toMatchObject({ 'pod-security.kubernetes.io/enforce-version': `v${kubernetes}` });
});

test.each<[string, Partial<NamespaceChartProps>, string]>([
  ['the name is none', { namespace: 'Shop_1' }, `'namespace' must ${nameRule}, got "Shop_1"; rename it, for example "shop-1"`],
  [
    'the application is no label',
    { partOf: 'My Shop' },
    `'partOf' must ${nameRule}, got "My Shop"; rename it, for example "my-shop"`,
  ],
  [
    'no pod may run',
    { quota: { ...quota, pods: 0 } },
    "'quota.pods' must be a whole number of 1 or more, got 0; leave room for a rollout and the jobs",
  ],
  [
    'a label is ours',
    { labels: { 'app.kubernetes.io/name': 'shop' } },
    '\'labels\' must leave app.kubernetes.io/ to the constructs, which find pods by them, got "app.kubernetes.io/name"; use a prefix of your own, such as example.com/',
  ],
  [
    'a label is none',
    { labels: { owner: 'team shop' } },
    "'labels[\"owner\"]' must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, got \"team shop\"; shorten or rename it",
  ],
  [
    'a number of ports is none',
    { nodePorts: -1 },
    "'nodePorts' must be a whole number of 0 or more, got -1; count the ports of Services that nodes open",
  ],
])('fails when %s', (_, props, sentence) => {
  expect(refusals(made({ ...minimal, ...props }))).toEqual([`[00-namespace] ${sentence}`]);
});

test.each(['namespace', 'partOf'])("fails when '%s' is missing in plain JavaScript", (prop) => {
  expect(() => made({ ...minimal, [prop]: undefined })).toThrow(
    `[00-namespace] '${prop}' must be given, got nothing; pass '${prop}' to NamespaceChart`,
  );
});

describe('an EnvironmentChart', () => {
  const everything: Required<EnvironmentChartProps> = {
    namespace: 'shop-staging',
    partOf: 'shop',
    labels: { 'example.com/owner': 'team-shop' },
  };

  test('puts its objects into the namespace, labels them and leaves their names alone', () => {
    const app = new App();
    const tried = new EnvironmentChart(app, '40-extra', everything);
    new k8s.KubeConfigMap(tried, 'One', { metadata: { name: 'one' }, data: {} });
    expect(objects(tried)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'one', namespace: 'shop-staging', labels: { 'example.com/owner': 'team-shop', ...ownLabels } },
        data: {},
      },
    ]);
    expect([...render(app).files.keys()]).toEqual(['40-extra.k8s.yaml']);
  });

  test.each<[string, Partial<EnvironmentChartProps>, string]>([
    [
      'the namespace is none',
      { namespace: 'kube_native' },
      `'namespace' must ${nameRule}, got "kube_native"; rename it, for example "kube-native"`,
    ],
    ['the application is no label', { partOf: '-shop' }, `'partOf' must ${nameRule}, got "-shop"; rename it, for example "shop"`],
  ])('fails when %s', (_, props, sentence) => {
    const tried = new EnvironmentChart(new App(), '40-extra', { ...everything, ...props });
    expect(refusals(tried)).toEqual([`[40-extra] ${sentence}`]);
  });

  test.each<[string, object, string]>([
    [
      'the namespace is missing',
      { namespace: undefined },
      "'namespace' must be given, got nothing; pass 'namespace' to EnvironmentChart",
    ],
    ['a name is misspelt', { lables: {} }, "'lables' must be a prop that is known"],
  ])('stops in plain JavaScript when %s', (_, props, sentence) => {
    const { labels, ...others } = everything;
    expect(refusalsOf(({ node }) => new EnvironmentChart(node.root, '40-extra', { ...others, ...props }))).toContainEqual(
      expect.stringContaining(`[40-extra] ${sentence}`),
    );
  });
});
