import { ApiObject, App, Chart, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Checks, OptOut, render, Resources, type Manifest, type NamedEnvironment, type Scanner } from '../lib/index';
import { questions } from '../lib/app-checks/scanners/questions';
import { build, production, publicGateway, staging } from './support/stack';
import { vary } from './support/vary';

const scanners = ['checkov', 'kube-linter', 'kube-score', 'polaris'] as const;
const BOOT = 'programs read their secrets from the environment at boot, as config/runtime.exs does';
const ENDS = 'its pods end by themselves and get no requests, and their exit code says how it went';
const QUEUE = 'nobody is led to it, so that nobody has to wait until it is ready';

const annotationsOf = ({ metadata }: Manifest): Record<string, string> => {
  const given = (metadata.annotations ?? {}) as Record<string, string>;
  return Object.fromEntries(Object.entries(given).filter(([key]) => /checkov|kube-linter|kube-score|polaris/.test(key)));
};

/** What scanners are told by an environment, of each object that tells them something. */
function toldBy(environment: NamedEnvironment): Record<string, Record<string, string>> {
  const app = build(environment);
  expect(render(app).faults).toEqual([]);
  const told = [...Checks.of(app).manifests.values()].map((one): [string, Record<string, string>] => {
    const name = String(one['metadata'].name).replace(/-[0-9a-f]{10}$/, '');
    return [`${String(one['kind'])} ${name}`, annotationsOf(one)];
  });
  return Object.fromEntries(told.filter(([, annotations]) => Object.keys(annotations).length > 0));
}

/** What scanners are told of the first of some objects, with reasons for rules that it breaks. */
function toldOf(
  objects: readonly Manifest[],
  optOuts: readonly string[] = [],
  to: readonly Scanner[] = scanners,
): Record<string, string> {
  const app = new App();
  const chart = new Chart(app, 'chart');
  const [first] = objects.map((one, index) => new ApiObject(chart, `Object${index}`, one as never));
  Checks.of(app).scanners = to;
  for (const rule of optOuts) Checks.of(app).leaveOut(rule, OptOut.because(`it is decided: ${rule}`), first);
  render(app);
  // A second run tells the same once.
  render(app);
  return annotationsOf([...Checks.of(app).manifests.values()][0] ?? {});
}

const labels = { 'app.kubernetes.io/instance': 'shop' };
const digest = `registry.example.com/shop:1.0.0@sha256:${'a'.repeat(64)}`;

/** A Deployment that passes what scanners ask for, but for what is changed. */
function deployment(pod: object = {}, container: object = {}, spec: object = {}): Manifest {
  const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
  const probes = { readinessProbe: { httpGet: { path: '/', port: 4000 } }, livenessProbe: { tcpSocket: { port: 4000 } } };
  const usual = { name: 'web', image: digest, imagePullPolicy: 'Always', resources, ...probes };
  const template = {
    metadata: { labels },
    spec: {
      serviceAccountName: 'shop',
      automountServiceAccountToken: false,
      priorityClassName: 'high',
      containers: [{ ...usual, ...container }],
      ...pod,
    },
  };
  const metadata = { name: 'shop', namespace: 'shop', labels };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 2, selector: { matchLabels: labels }, template, ...spec },
  };
}

const service: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { selector: labels, ports: [{ port: 80, targetPort: 4000 }] },
};
const autoscaler: Manifest = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' } },
};
const budget: Manifest = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
};
const fence = (ways: object): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress', 'Egress'], ...ways },
});
const spread = {
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }],
};
const job = (name: string): Manifest => {
  const { metadata, spec } = deployment();
  const template = { ...spec.template, spec: { ...spec.template.spec, restartPolicy: 'Never' } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { ...metadata, name }, spec: { template } };
};

const fromSecret = { name: 'SECRET_KEY_BASE', valueFrom: { secretKeyRef: { name: 'shop', key: 'SECRET_KEY_BASE' } } };
const recreate = { replicas: 1, strategy: { type: 'Recreate' } };
const kubeScore = 'kube-score/ignore';
const because = (rule: string): string => `it is decided: ${rule}`;
const linter = (check: string, reason: string) => ({ [`ignore-check.kube-linter.io/${check}`]: reason });
const polaris = (check: string) => ({ [`polaris.fairwinds.com/${check}-exempt`]: 'true' });
const SINGLETON = 'it never runs twice: its pod goes before the next one comes';

type Case = readonly [what: string, objects: readonly Manifest[], optOuts: readonly string[], told: Record<string, string>];

/** Each row of the table, with what it writes. */
const cases: readonly Case[] = [
  [
    'no readiness probe behind a Service',
    [deployment({}, { readinessProbe: undefined }), service],
    ['served-ready'],
    {
      'checkov.io/skip1': `CKV_K8S_9=${because('served-ready')}`,
      ...linter('no-readiness-probe', because('served-ready')),
      ...polaris('readinessProbeMissing'),
      [kubeScore]: 'pod-probes',
    },
  ],
  ['a job', [job('shop')], [], { ...linter('no-liveness-probe', ENDS), ...linter('no-readiness-probe', ENDS) }],
  [
    'a job that is named by what it does',
    [job('shop-0123456789')],
    [],
    { ...linter('no-liveness-probe', ENDS), ...linter('no-readiness-probe', ENDS), ...polaris('metadataAndInstanceMismatched') },
  ],
  ['no priority class', [deployment({ priorityClassName: undefined })], [], polaris('priorityClassNotSet')],
  [
    'an image with a digest from the cache',
    [deployment({}, { imagePullPolicy: 'IfNotPresent' })],
    [],
    { [kubeScore]: 'container-image-pull-policy', ...polaris('pullPolicyNotAlways') },
  ],
  [
    'an image without a digest from the cache',
    [deployment({}, { image: 'shop:1.0.0', imagePullPolicy: 'IfNotPresent' })],
    ['image-digest'],
    {
      'checkov.io/skip1': `CKV_K8S_43=${because('image-digest')}`,
      'checkov.io/skip2': `CKV_K8S_15=${because('image-digest')}`,
      [kubeScore]: 'container-image-pull-policy',
      ...polaris('pullPolicyNotAlways'),
    },
  ],
  [
    'the latest image',
    [deployment({}, { image: 'registry.example.com/shop:latest' })],
    ['image-version'],
    {
      'checkov.io/skip1': `CKV_K8S_14=${because('image-version')}`,
      ...linter('latest-tag', because('image-version')),
      [kubeScore]: 'container-image-tag',
      ...polaris('tagNotSpecified'),
    },
  ],
  [
    'secrets in variables',
    [deployment({}, { env: [fromSecret] })],
    [],
    { 'checkov.io/skip1': `CKV_K8S_35=${BOOT}`, ...linter('read-secret-from-env-var', BOOT) },
  ],
  [
    'all keys of a Secret as variables',
    [deployment({}, { envFrom: [{ secretRef: { name: 'shop' } }] })],
    [],
    { 'checkov.io/skip1': `CKV_K8S_35=${BOOT}` },
  ],
  [
    'a secret as text',
    [deployment({}, { env: [{ name: 'STRIPE_SECRET', value: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc' }] })],
    ['secret-in-plain-text'],
    { ...linter('env-var-secret', because('secret-in-plain-text')), ...polaris('sensitiveContainerEnvVar') },
  ],
  [
    'a secret in a ConfigMap',
    [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'shop', namespace: 'shop' },
        data: { STRIPE_SECRET: 'sk_live_4eC39HqLyjWDarjtT1zdp7dc' },
      },
    ],
    ['secret-in-plain-text'],
    polaris('sensitiveConfigmapContent'),
  ],
  [
    'as many as an autoscaler says',
    [deployment({}, {}, { replicas: undefined }), autoscaler],
    [],
    polaris('deploymentMissingReplicas'),
  ],
  [
    'a singleton that nobody connects to',
    [deployment(spread, {}, recreate), budget],
    [],
    {
      ...linter('minimum-three-replicas', SINGLETON),
      ...linter('no-rolling-update-strategy', SINGLETON),
      ...polaris('deploymentMissingReplicas'),
    },
  ],
  [
    'a singleton behind a Service',
    [deployment(spread, {}, recreate), budget, { ...service, spec: { ...service['spec'], type: 'LoadBalancer' } }],
    ['stays-served'],
    {
      ...linter('minimum-three-replicas', because('stays-served')),
      ...linter('no-rolling-update-strategy', because('stays-served')),
      [kubeScore]: 'deployment-strategy, deployment-replicas',
      ...polaris('deploymentMissingReplicas'),
    },
  ],
  ['one pod without a budget', [deployment(spread, {}, { replicas: 1 })], [], polaris('missingPodDisruptionBudget')],
  ['one pod that is spread from nothing', [deployment({}, {}, { replicas: 1 }), budget], [], polaris('topologySpreadConstraint')],
  ['a fence that lets nobody in', [deployment(), fence({ egress: [{}] })], [], polaris('missingNetworkPolicy')],
  [
    'a root that may be written to',
    [deployment()],
    ['read-only-root'],
    {
      'checkov.io/skip1': `CKV_K8S_22=${because('read-only-root')}`,
      ...linter('no-read-only-root-fs', because('read-only-root')),
      [kubeScore]: 'container-security-context-readonlyrootfilesystem',
      ...polaris('notReadOnlyRootFilesystem'),
    },
  ],
  [
    'a user that the cluster chooses',
    [deployment()],
    ['high-user-ids'],
    {
      'checkov.io/skip1': `CKV_K8S_40=${because('high-user-ids')}`,
      [kubeScore]: 'container-security-context-user-group-id',
    },
  ],
  [
    'a token without rights',
    [deployment({ automountServiceAccountToken: true })],
    ['token-unused'],
    { 'checkov.io/skip1': `CKV_K8S_38=${because('token-unused')}`, ...polaris('automountServiceAccountToken') },
  ],
  [
    'the account of all',
    [deployment({ serviceAccountName: undefined })],
    ['own-service-account'],
    linter('default-service-account', because('own-service-account')),
  ],
  [
    'no fence',
    [deployment()],
    ['network-fenced'],
    {
      ...linter('non-isolated-pod', because('network-fenced')),
      [kubeScore]: 'pod-networkpolicy',
      ...polaris('missingNetworkPolicy'),
    },
  ],
];

/** Opt-outs of props, in whole environments: what one object tells. */
const unlimited = OptOut.because('a busy neighbour may be slowed down');
const burstable = Resources.burstable({
  cpu: { request: Cpu.millis(500), limit: unlimited },
  memory: { request: Size.gibibytes(1), limit: Size.gibibytes(1) },
});

describe('what scanners are told', () => {
  test('is nothing where nobody asks for it', () => {
    expect(toldBy(production)).toEqual({});
    expect(toldOf([deployment()], ['read-only-root'], [])).toEqual({});
  });

  test('stands at each workload of an environment with its reason, and nowhere else', () => {
    const secrets = { 'checkov.io/skip1': `CKV_K8S_35=${BOOT}`, ...linter('read-secret-from-env-var', BOOT) };
    const unranked = polaris('priorityClassNotSet');
    expect(toldBy(vary(production, { scanners }))).toEqual({
      'Deployment kube-native': {
        ...secrets,
        ...unranked,
        ...linter('minimum-three-replicas', 'what scales it says how many there are, and keeps three at least'),
        ...polaris('deploymentMissingReplicas'),
      },
      'Deployment kube-native-worker': {
        'checkov.io/skip1': `CKV_K8S_9=${QUEUE}`,
        'checkov.io/skip2': `CKV_K8S_35=${BOOT}`,
        ...linter('no-readiness-probe', QUEUE),
        ...linter('read-secret-from-env-var', BOOT),
        [kubeScore]: 'pod-probes',
        ...polaris('readinessProbeMissing'),
        ...unranked,
      },
      'Job kube-native-migrate': {
        ...secrets,
        ...linter('no-liveness-probe', ENDS),
        ...linter('no-readiness-probe', ENDS),
        ...polaris('metadataAndInstanceMismatched'),
        ...polaris('missingNetworkPolicy'),
        ...unranked,
      },
    });
  });

  test('is for the scanners that are named', () => {
    const { 'Deployment kube-native-worker': told = {} } = toldBy(vary(production, { scanners: ['kube-score'] }));
    expect(told).toEqual({ [kubeScore]: 'pod-probes' });
  });

  test('gives the reasons of props: a limit, a priority, a certificate', () => {
    const told = toldBy(
      vary(staging, {
        scanners: ['checkov', 'kube-score', 'polaris'],
        web: { resources: burstable },
        pods: { priorityClassName: OptOut.because('a rehearsal may wait') },
        route: {
          ingress: { controller: 'traefik', tls: OptOut.because('the load balancer in front has the certificate') },
          proxies: [{ namespace: 'traefik' }],
        },
      }),
    );
    expect(told['Deployment kube-native']).toMatchObject({
      'checkov.io/skip1': 'CKV_K8S_11=a busy neighbour may be slowed down',
      [kubeScore]: 'container-resources',
      ...polaris('cpuLimitsMissing'),
      ...polaris('priorityClassNotSet'),
    });
    expect(told['Ingress kube-native']).toEqual(polaris('tlsSettingsMissing'));
  });

  test.each(cases)('%s', (_, objects, optOuts, told) => {
    expect(toldOf(objects, optOuts)).toEqual(told);
  });

  test('is shown for each check that the table names', () => {
    const inProps = [
      'CKV_K8S_8',
      'CKV_K8S_11',
      'livenessProbeMissing',
      'cpuLimitsMissing',
      'container-resources',
      'tlsSettingsMissing',
    ];
    const shown = JSON.stringify(cases.map(([, , , told]) => told)) + inProps.join();
    const named = questions.flatMap(({ checks }) => Object.values(checks).flat());
    expect(named.filter((check) => !new RegExp(`\\b${check}\\b`).test(shown))).toEqual([]);
  });

  test('is nothing of what an object passes, or fails without a reason', () => {
    expect(toldOf([deployment(), service, budget])).toEqual({});
    expect(toldOf([deployment({}, { readinessProbe: undefined, resources: {} }), service, budget])).toEqual({});
    expect(toldOf([deployment(spread, {}, { replicas: undefined }), budget])).toEqual({});
    expect(toldOf([deployment(), fence({ ingress: [{}], egress: [{}] }), fence({ egress: [{}] })])).toEqual({});
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace: 'shop' } };
    expect(toldOf([{ ...config, data: { 'set-password.sh': 'psql', TOKEN: 'one' } }])).toEqual({});
  });

  test('is added to what somebody wrote, and holds no second = for checkov', () => {
    const own = deployment({}, { env: [fromSecret], imagePullPolicy: 'IfNotPresent' });
    own['metadata'].annotations = { 'checkov.io/skip7': 'CKV_K8S_35=ours', 'kube-score/ignore': 'pod-probes' };
    Object.assign(own['spec'].template.spec, { automountServiceAccountToken: true });
    const app = new App();
    const object = new ApiObject(new Chart(app, 'chart'), 'Shop', own as never);
    Checks.of(app).scanners = ['checkov', 'kube-score'];
    Checks.of(app).leaveOut('token-unused', OptOut.because('the sidecar needs it with MODE=full'), object);
    render(app);
    expect(annotationsOf(object.toJson() as Manifest)).toEqual({
      'checkov.io/skip7': 'CKV_K8S_35=ours',
      'checkov.io/skip8': 'CKV_K8S_38=the sidecar needs it with MODE full',
      'kube-score/ignore': 'pod-probes, container-image-pull-policy',
    });
  });

  test('goes with what it was for', () => {
    const app = new App();
    const object = new ApiObject(new Chart(app, 'chart'), 'Shop', deployment({}, { env: [fromSecret] }) as never);
    Checks.of(app).scanners = ['checkov'];
    render(app);
    expect(annotationsOf(object.toJson() as Manifest)).toHaveProperty(['checkov.io/skip1']);
    Checks.of(app).scanners = [];
    render(app);
    expect(annotationsOf(object.toJson() as Manifest)).toEqual({});
  });

  test('is refused for a scanner that nobody knows', () => {
    const wrong = vary(staging, { route: publicGateway, scanners: ['kubelinter' as 'kube-linter'] });
    expect(() => build(wrong)).toThrow(/'scanners\.0' must be 'checkov' .*, got "kubelinter"; did you mean 'kube-linter'\?/);
    const app = new App();
    Checks.of(app).scanners = ['trivy' as 'polaris', 'polaris'];
    expect(render(app).faults).toEqual([
      '[app] \'scanners\' must name scanners that are known, got "trivy"; write checkov, kube-linter, kube-score, polaris',
    ]);
    expect(Checks.of(app).scanners).toEqual(['polaris']);
  });
});
