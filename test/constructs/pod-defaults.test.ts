import { App, type Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { type Construct } from 'constructs';
import { EnvironmentChart, PodDefaults, ProbedDeployment, type Manifest, type PodDefaultsProps } from '../../lib/index';
import { rejections } from '../../lib/support/reject';
import { chart, minimalDeployment, objects } from '../support/chart';

const image = 'registry.example.com/tools/proxy:1.2.3';

/** A pod that somebody else writes, in a controller of a kind. */
function foreign(scope: Construct, kind: string, spec: Partial<k8s.PodSpec> = {}, labels: Record<string, string> = {}): void {
  const pod = { containers: [{ name: 'proxy', image }], ...spec };
  const metadata = { name: kind.toLowerCase() };
  const template = { metadata: { labels: { app: 'proxy', ...labels } }, spec: pod };
  const selector = { matchLabels: { app: 'proxy' } };
  const restartPolicy = 'Never';
  if (kind === 'Pod') new k8s.KubePod(scope, kind, { metadata: { ...metadata, labels }, spec: pod });
  if (kind === 'Deployment') new k8s.KubeDeployment(scope, kind, { metadata, spec: { replicas: 3, selector, template } });
  if (kind === 'StatefulSet')
    new k8s.KubeStatefulSet(scope, kind, { metadata, spec: { replicas: 1, serviceName: 'x', selector, template } });
  if (kind === 'DaemonSet') new k8s.KubeDaemonSet(scope, kind, { metadata, spec: { selector, template } });
  if (kind === 'Job') new k8s.KubeJob(scope, kind, { metadata, spec: { template: { spec: { ...pod, restartPolicy } } } });
  if (kind === 'CronJob') {
    const jobTemplate = { spec: { template: { spec: { ...pod, restartPolicy } } } };
    new k8s.KubeCronJob(scope, kind, { metadata, spec: { schedule: '0 3 * * *', jobTemplate } });
  }
}

const KINDS = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'];

/** The pod of each controller, as it is written. */
function pods(tried: Chart): Record<string, Manifest> {
  (tried.node.root as App).synthYaml();
  return Object.fromEntries(
    objects(tried).flatMap((manifest) => {
      const { kind, spec } = manifest;
      const template = kind === 'Pod' ? manifest : ((kind === 'CronJob' ? spec.jobTemplate.spec : spec)?.template as Manifest);
      return template?.['spec'] ? [[kind as string, template]] : [];
    }),
  );
}

const everything: Required<PodDefaultsProps> = {
  imagePullSecrets: ['registry'],
  nodeSelector: { pool: 'shop', zone: 'a' },
  tolerations: [{ key: 'pool', operator: 'Exists' }],
  affinity: {
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', labelSelector: {} }] },
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'rack', labelSelector: {} }] },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  hostAliases: [{ ip: '10.1.2.3', hostnames: ['erp'] }],
  dnsConfig: {
    searches: ['example.com'],
    options: [
      { name: 'ndots', value: '1' },
      { name: 'timeout', value: '1' },
    ],
  },
  runtimeClassName: 'gvisor',
  priorityClassName: 'high',
  hostUsers: false,
  labels: { team: 'shop', tier: 'back' },
  annotations: { owner: 'shop' },
  restartOnSecretChange: true,
};

test('reach the pods of every kind of controller, whoever makes them and whenever', () => {
  const tried = chart();
  foreign(tried, 'Pod');
  foreign(tried, 'Deployment');
  new PodDefaults(tried, 'Pods', everything);
  for (const kind of KINDS.slice(2)) foreign(tried, kind);
  const made = pods(tried);
  expect(Object.keys(made)).toEqual(expect.arrayContaining(KINDS));
  for (const kind of KINDS) {
    const { metadata, spec } = made[kind] ?? {};
    const { imagePullSecrets, labels, annotations, topologySpreadConstraints, restartOnSecretChange, ...fields } = everything;
    expect([kind, spec]).toEqual([
      kind,
      expect.objectContaining({ ...fields, imagePullSecrets: [{ name: imagePullSecrets[0] }] }),
    ]);
    expect([kind, metadata]).toMatchObject([kind, { labels, annotations }]);
    const spread = kind === 'Deployment' ? topologySpreadConstraints : undefined;
    expect([kind, spec.topologySpreadConstraints]).toMatchObject([kind, spread]);
  }
  expect(made['Deployment']?.['spec'].topologySpreadConstraints[0]).toMatchObject({
    labelSelector: { matchLabels: { app: 'proxy' } },
  });
});

test('the order in which all is made is nothing', () => {
  const [first, last] = [chart(), chart()];
  new PodDefaults(first, 'Pods', everything);
  for (const kind of KINDS) {
    foreign(first, kind);
    foreign(last, kind);
  }
  new PodDefaults(last, 'Pods', everything);
  expect(pods(first)).toEqual(pods(last));
});

test('leave what pods say themselves', () => {
  const tried = chart();
  new PodDefaults(tried, 'Pods', everything);
  const own: k8s.PodSpec = {
    containers: [{ name: 'proxy', image }],
    imagePullSecrets: [{ name: 'own' }],
    nodeSelector: { pool: 'own' },
    tolerations: [{ key: 'own', operator: 'Exists' }],
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['own'] }],
    dnsConfig: { options: [{ name: 'ndots', value: '3' }] },
    runtimeClassName: 'own',
    priorityClassName: 'own',
    hostUsers: true,
  };
  foreign(tried, 'StatefulSet', own, { tier: 'own' });
  const { metadata, spec } = pods(tried)['StatefulSet'] ?? {};
  const { nodeSelector, dnsConfig, affinity, ...kept } = own;
  expect(spec).toEqual({
    ...kept,
    nodeSelector: { pool: 'own', zone: 'a' },
    dnsConfig: {
      searches: ['example.com'],
      options: [
        { name: 'ndots', value: '3' },
        { name: 'timeout', value: '1' },
      ],
    },
    affinity: { podAffinity: everything.affinity.podAffinity, ...affinity },
  });
  expect(metadata).toEqual({ labels: { app: 'proxy', team: 'shop', tier: 'own' }, annotations: { owner: 'shop' } });
  expect([nodeSelector, dnsConfig]).not.toContain(undefined);
});

test('reach what is below their scope alone', () => {
  const app = new App();
  const [own, other] = ['own', 'other'].map((id) => new EnvironmentChart(app, id, { namespace: 'shop', partOf: 'shop' }));
  if (!own || !other) throw new Error('no charts');
  new PodDefaults(own, 'Pods', { nodeSelector: { pool: 'shop' } });
  for (const scope of [own, other]) foreign(scope, 'Deployment');
  expect([own, other].map((one) => pods(one)['Deployment']?.['spec'].nodeSelector)).toEqual([{ pool: 'shop' }, undefined]);
});

test('fill what our own pods leave open', () => {
  const tried = chart();
  new ProbedDeployment(tried, 'Web', { ...minimalDeployment, pods: { nodeSelector: { pool: 'web' } } });
  new PodDefaults(tried, 'Pods', {
    imagePullSecrets: ['registry'],
    nodeSelector: { pool: 'all' },
    dnsConfig: { searches: ['a.example'] },
  });
  expect(pods(tried)['Deployment']?.['spec']).toMatchObject({
    imagePullSecrets: [{ name: 'registry' }],
    nodeSelector: { pool: 'web' },
    dnsConfig: { searches: ['a.example'], options: [{ name: 'ndots', value: '2' }] },
  });
});

test.each<[string, object, string]>([
  ['a user', { user: 20001 }, `'user' must be a prop that is known`],
  [
    'a name of the API that is another one here',
    { nodeSelectors: {} },
    `'nodeSelectors' must be a prop that is known, got {}; did you mean 'nodeSelector'?`,
  ],
  ['a Secret in capitals', { imagePullSecrets: ['A'] }, `'imagePullSecrets[0]' must be lower-case`],
])('%s is refused', (_, props, sentence) => {
  const tried = chart();
  try {
    new PodDefaults(tried, 'Pods', props);
  } catch {
    // It is refused all the same.
  }
  expect(rejections(tried)).toEqual([expect.stringContaining(`[chart/Pods] ${sentence}`)]);
});
