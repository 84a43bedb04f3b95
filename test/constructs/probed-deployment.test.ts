import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  CloudIdentity,
  OptOut,
  Probe,
  ProbedDeployment,
  Resources,
  type ImagePullPolicy,
  type KubernetesVersion,
  type ProbedDeploymentProps,
  type Rollout,
  type Manifest,
} from '../../lib/index';
import {
  chart,
  container,
  deployed,
  deploymentRefusals,
  differences,
  image,
  manifests,
  minimalDeployment as minimal,
  objects,
  one,
  podSpec,
  refusalsOf,
} from '../support/chart';
import { fetcher, shipper } from '../support/sidecars';

function made(props: ProbedDeploymentProps) {
  const tried = chart('1.29');
  return { tried, web: new ProbedDeployment(tried, 'Web', props) };
}

describe('a minimal deployment', () => {
  test('is a ServiceAccount and a Deployment, and nothing that nobody asked for', () => {
    const { tried, web } = made(minimal);
    expect(objects(tried).map(({ kind, metadata }) => [kind, metadata.name, metadata.namespace])).toEqual([
      ['ServiceAccount', 'web', 'test'],
      ['Deployment', 'web', 'test'],
    ]);
    expect([web.service, web.disruptionBudget]).toEqual([undefined, undefined]);
    expect(manifests(tried)['ServiceAccount']).toMatchObject({ automountServiceAccountToken: false });
  });

  test('rolls out without losing a pod, and says when it cannot', () => {
    expect(deployed()['spec']).toMatchObject({
      replicas: 1,
      minReadySeconds: 5,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  test('has pods that the selector finds by the one label that never changes', () => {
    const { metadata, spec } = deployed();
    const labels = {
      'app.kubernetes.io/name': 'web',
      'app.kubernetes.io/instance': 'web',
      'app.kubernetes.io/component': 'web',
    };
    expect(spec.selector).toEqual({ matchLabels: { 'app.kubernetes.io/instance': 'web' } });
    expect(spec.template.metadata.labels).toEqual(labels);
    expect(metadata.labels).toEqual(labels);
  });

  test('has a pod with nothing in it that is not there for a reason', () => {
    const { containers, ...pod } = podSpec(deployed());
    expect(pod).toEqual({
      serviceAccountName: 'web',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        runAsGroup: 65534,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      terminationGracePeriodSeconds: 35,
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '448Mi' } }],
    });
    const timing = { periodSeconds: 5, timeoutSeconds: 4 };
    const limits = { cpu: '1', memory: '512Mi', 'ephemeral-storage': '512Mi' };
    expect(containers).toEqual([
      {
        name: 'web',
        image,
        imagePullPolicy: 'Always',
        terminationMessagePolicy: 'FallbackToLogsOnError',
        resources: { requests: limits, limits },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        startupProbe: { exec: { command: ['alive'] }, ...timing, failureThreshold: 12 },
        readinessProbe: { exec: { command: ['ready'] }, ...timing, failureThreshold: 6 },
        livenessProbe: { exec: { command: ['alive'] }, periodSeconds: 30, timeoutSeconds: 4, failureThreshold: 3 },
        lifecycle: { preStop: { exec: { command: ['sleep', '10'] } } },
      },
    ]);
  });
});

describe('a deployment with everything set', () => {
  const rollout: Required<Rollout> = {
    surge: '25%',
    minReady: Duration.seconds(20),
    progressDeadline: Duration.minutes(15),
    history: 10,
  };
  const everything: Required<Omit<ProbedDeploymentProps, 'stateful' | 'serviceName'>> = {
    singleton: false,
    name: 'shop-web',
    application: 'shop',
    component: 'frontend',
    version: '1.4.2',
    image: 'registry.example.com/shop:1.4.2',
    imagePullPolicy: 'IfNotPresent',
    command: ['/app/bin/shop'],
    args: ['start', '--verbose'],
    ports: { http: 4000, metrics: 9568 },
    servicePorts: { http: 80, metrics: 9568 },
    exposure: { nodePort: 30080 },
    variables: { POD_IP: { fieldRef: { fieldPath: 'status.podIP' } }, PORT: '4000' },
    variableSources: [{ configMapRef: { name: 'shop' } }, { prefix: 'S_', secretRef: { name: 'shop' } }],
    mounts: [{ name: 'keys', path: '/etc/keys', source: { secret: { secretName: 'keys' } } }],
    probes: {
      startup: Probe.http({ path: '/boot' }),
      readiness: Probe.http({ path: '/ready' }),
      liveness: Probe.tcp({ port: 'http' }),
    },
    bootTime: Duration.minutes(5),
    drain: { preStop: Duration.seconds(15), shutdown: Duration.seconds(60) },
    resources: Resources.burstable({
      cpu: { request: Cpu.millis(250), limit: Cpu.units(1) },
      memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
      ephemeralStorage: Size.gibibytes(1),
    }),
    replicas: 3,
    rollout,
    pods: {
      user: 1000,
      priorityClassName: 'customer-facing',
      labels: { 'cdk8s-phoenix/mesh': 'shop' },
      annotations: { team: 'shop' },
    },
    identity: CloudIdentity.aws({ roleArn: 'arn:aws:iam::123456789012:role/shop' }),
    mountToken: true,
    reapProcesses: false, // beside sidecars it may not be
    initCommands: [{ name: 'prepare', command: ['/app/bin/prepare'], variables: { STEP: '1' }, limit: Duration.minutes(2) }],
    egress: [{ port: 9000, peer: { pods: 'queue' } }],
    sidecars: { shipper },
    initContainers: { fetcher },
  };
  const { tried } = made(everything);
  const deployment = one(tried, 'Deployment');
  const pod = podSpec(deployment);
  const web = container(deployment);

  test('has the containers of other images before that of the program', () => {
    const names = (pod['initContainers'] as Manifest[]).map(({ name, restartPolicy }) => [name, restartPolicy]);
    expect(names).toEqual([
      ['shipper', 'Always'],
      ['fetcher', undefined],
      ['prepare', undefined],
    ]);
    // Five minutes to boot, twenty seconds ready, and what comes before takes its time.
    expect(deployment['spec'].progressDeadlineSeconds).toBe(900);
  });

  test('names everything alike', () => {
    const names = objects(tried).map(({ kind, metadata }) => [kind, metadata.name]);
    expect(names).toEqual([
      ['ServiceAccount', 'shop-web'],
      ['Service', 'shop-web'],
      ['PodDisruptionBudget', 'shop-web'],
      ['Deployment', 'shop-web'],
    ]);
    expect(pod['serviceAccountName']).toBe('shop-web');
    expect(web['name']).toBe('frontend');
  });

  test('labels objects with what they are, and only what has pods with the version', () => {
    const labels = {
      'app.kubernetes.io/name': 'shop',
      'app.kubernetes.io/instance': 'shop-web',
      'app.kubernetes.io/component': 'frontend',
    };
    const versioned = { ...labels, 'app.kubernetes.io/version': '1.4.2' };
    for (const { kind, metadata } of objects(tried)) {
      expect([kind, metadata.labels]).toEqual([kind, kind === 'Deployment' ? versioned : labels]);
    }
    expect(deployment['spec'].template.metadata).toEqual({
      labels: { ...versioned, 'cdk8s-phoenix/mesh': 'shop' },
      annotations: { team: 'shop' },
    });
    expect(deployment['spec'].selector).toEqual({ matchLabels: { 'app.kubernetes.io/instance': 'shop-web' } });
  });

  test('starts the container as told', () => {
    expect(web).toMatchObject({
      image: 'registry.example.com/shop:1.4.2',
      imagePullPolicy: 'IfNotPresent',
      command: ['/app/bin/shop'],
      args: ['start', '--verbose'],
      ports: [
        { name: 'http', containerPort: 4000 },
        { name: 'metrics', containerPort: 9568 },
      ],
      env: [
        { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
        { name: 'PORT', value: '4000' },
      ],
      envFrom: [{ configMapRef: { name: 'shop' } }, { prefix: 'S_', secretRef: { name: 'shop' } }],
      resources: {
        requests: { cpu: '250m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
        limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '1Gi' },
      },
      volumeMounts: [
        { name: 'tmp', mountPath: '/tmp' },
        { name: 'keys', mountPath: '/etc/keys', readOnly: true },
      ],
    });
  });

  test('runs its commands first, with the files and the sources of variables of the container, but no ports and probes', () => {
    const { name, command, args, env, ports, startupProbe, readinessProbe, livenessProbe, lifecycle, ...shared } = web;
    expect([name, command, args, env, ports, startupProbe, readinessProbe, livenessProbe, lifecycle]).not.toContain(undefined);
    const own = { name: 'prepare', command: ['/app/bin/prepare'], env: [{ name: 'STEP', value: '1' }] };
    expect((pod['initContainers'] as Manifest[]).at(-1)).toEqual({ ...shared, ...own });
  });

  test('keeps files from a command that has no use for them', () => {
    const [command] = everything.initCommands.map((one) => ({ ...one, without: ['keys'] }));
    const other = deployed({ ...everything, initCommands: command ? [command] : [] }, '1.29');
    const [, , prepare] = podSpec(other)['initContainers'] as Manifest[];
    expect(prepare?.['volumeMounts']).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
    expect(container(other)['volumeMounts']).toHaveLength(2);
  });

  test('asks, stops and spreads the pods as told', () => {
    expect(web).toMatchObject({
      startupProbe: { httpGet: { path: '/boot', port: 'http' }, periodSeconds: 5, failureThreshold: 60 },
      readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
      livenessProbe: { tcpSocket: { port: 'http' } },
      lifecycle: { preStop: { exec: { command: ['sleep', '15'] } } },
    });
    expect(pod).toMatchObject({
      automountServiceAccountToken: true,
      terminationGracePeriodSeconds: 80,
      priorityClassName: 'customer-facing',
      securityContext: { runAsUser: 1000, runAsGroup: 1000 },
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                topologyKey: 'kubernetes.io/hostname',
                labelSelector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-web' } },
              },
            },
          ],
        },
      },
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-web' } },
        matchLabelKeys: ['pod-template-hash'],
      })),
    });
  });

  test('replaces the pods as told', () => {
    expect(deployment['spec']).toMatchObject({
      replicas: 3,
      minReadySeconds: 20,
      progressDeadlineSeconds: 900,
      revisionHistoryLimit: 10,
      strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
    });
  });

  test('is reached by its Service and lets a drained node take one pod', () => {
    expect(one(tried, 'Service')['spec']).toEqual({
      type: 'NodePort',
      selector: { 'app.kubernetes.io/instance': 'shop-web' },
      ports: [
        { name: 'http', port: 80, targetPort: 'http', nodePort: 30080 },
        { name: 'metrics', port: 9568, targetPort: 'metrics' },
      ],
    });
    expect(one(tried, 'PodDisruptionBudget')['spec']).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-web' } },
    });
  });

  test('gives the same YAML for the same props', () => {
    expect(objects(made(everything).tried)).toEqual(objects(tried));
  });

  test('keeps nothing that a caller may still change', () => {
    const labels = {
      command: ['/app/bin/shop'],
      mounts: [...everything.mounts],
      variables: { A: 'a' } as Record<string, string>,
    };
    const { tried: before } = made({ ...everything, ...labels });
    labels.command.push('oops');
    labels.mounts.push({ name: 'late', path: '/late', source: { emptyDir: {} } });
    labels.variables['LATE'] = 'oops';
    const { tried: untouched } = made({ ...everything, command: ['/app/bin/shop'], variables: { A: 'a' } });
    expect(objects(before)).toEqual(objects(untouched));
  });
});

test('a second replica brings what only two need, and nothing else', () => {
  const paths = differences(deployed({ replicas: 1 }), deployed({ replicas: 2 }));
  expect(paths).toEqual(['/spec/replicas', '/spec/template/spec/affinity', '/spec/template/spec/topologySpreadConstraints']);
  expect(made({ ...minimal, replicas: 2 }).web.disruptionBudget).toBeDefined();
});

test('a changed image changes one line', () => {
  const paths = differences(deployed(), deployed({ image: `${image}-rc.1` }));
  expect(paths).toEqual(['/spec/template/spec/containers/0/image']);
});

test.each<[KubernetesVersion, object]>([
  ['1.29', { exec: { command: ['sleep', '10'] } }],
  ['1.30', { sleep: { seconds: 10 } }],
  ['1.36', { sleep: { seconds: 10 } }],
])('on Kubernetes %s the sleep before SIGTERM is the best that it has, and nothing else changes', (kubernetes, preStop) => {
  const deployment = deployed({}, kubernetes);
  expect(container(deployment)['lifecycle']).toEqual({ preStop });
  const path = '/spec/template/spec/containers/0/lifecycle/preStop';
  expect(differences(deployed(), deployment).filter((one) => !one.startsWith(path))).toEqual([]);
});

test('a pod that nobody connects to has no sleep, on any Kubernetes', () => {
  const drain = { preStop: Duration.seconds(0), shutdown: Duration.seconds(20) };
  for (const kubernetes of ['1.27', '1.30'] as const) {
    const deployment = deployed({ drain }, kubernetes);
    expect(container(deployment)).not.toHaveProperty('lifecycle');
    expect(podSpec(deployment)['terminationGracePeriodSeconds']).toBe(25);
  }
});

test('labels, annotations and a token of the pods are theirs alone', () => {
  const template = '/spec/template';
  expect(differences(deployed(), deployed({ pods: { labels: { mesh: 'shop' } } }))).toEqual([`${template}/metadata/labels/mesh`]);
  expect(differences(deployed(), deployed({ pods: { annotations: { team: 'shop' } } }))).toEqual([
    `${template}/metadata/annotations`,
  ]);
  expect(differences(deployed(), deployed({ mountToken: true }))).toEqual([`${template}/spec/automountServiceAccountToken`]);
  expect(differences(deployed(), deployed({ reapProcesses: true }))).toEqual([`${template}/spec/shareProcessNamespace`]);
});

test('a slow boot moves the deadline of the rollout along', () => {
  const { spec } = deployed({ bootTime: Duration.minutes(30) });
  expect(spec.progressDeadlineSeconds).toBe(30 * 60 + 5 + 300);
});

test.each<ImagePullPolicy>(['Always', 'IfNotPresent', 'Never'])('images may be pulled %s', (imagePullPolicy) => {
  expect(container(deployed({ imagePullPolicy }))['imagePullPolicy']).toBe(imagePullPolicy);
});

const nameRule = (most: number) =>
  `be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most ${most} characters`;

test.each<[string, Partial<ProbedDeploymentProps>, string]>([
  ['the name has capitals', { name: 'Web_App' }, `'name' must ${nameRule(52)}, got "Web_App"; rename it, for example "web-app"`],
  ['the name is empty', { name: '' }, `'name' must ${nameRule(52)}, got ""; rename it, for example "my-app"`],
  ['the name starts with a digit', { name: '2048' }, `'name' must ${nameRule(52)}, got "2048"; rename it, for example "my-app"`],
  [
    'the name leaves no room for the hash of a ReplicaSet',
    { name: 'a'.repeat(53) },
    `'name' must ${nameRule(52)}, got "${'a'.repeat(53)}"; rename it, for example "${'a'.repeat(52)}"`,
  ],
  [
    'the application is no label',
    { application: 'My Shop' },
    `'application' must ${nameRule(63)}, got "My Shop"; rename it, for example "my-shop"`,
  ],
  [
    'the component is no container name',
    { component: 'front_end' },
    `'component' must ${nameRule(63)}, got "front_end"; rename it, for example "front-end"`,
  ],
  [
    'the version is no label value',
    { version: '1.4.2+build' },
    `'version' must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, got "1.4.2+build"; shorten or rename it`,
  ],
  [
    'the image is no reference',
    { image: 'Registry/App:1 0' },
    `'image' must be an image reference in lower case, got "Registry/App:1 0"; write it as registry.example.com/team/app:1.4.2@sha256:<64 hex digits>`,
  ],
  [
    'the image names no version',
    { image: 'registry.example.com/app' },
    `'image' must name one version, got "registry.example.com/app"; add the tag or digest of a build, because what "latest" runs changes without a review`,
  ],
  [
    'a port needs root',
    { ports: { http: 80 } },
    `'ports.http' must be a whole number from 1024 to 65535, got 80; use one such as 4000, because ports below 1024 need root`,
  ],
  [
    'a port is no number',
    { ports: { http: Number.NaN } },
    `'ports.http' must be a whole number from 1024 to 65535, got NaN; use one such as 4000, because ports below 1024 need root`,
  ],
  [
    'the name of a port is too long',
    { ports: { 'a-very-long-name': 4000 } },
    `'ports' must hold names of at most 15 lower-case letters, digits and single '-', got "a-very-long-name"; rename the port, for example "http"`,
  ],
  [
    'there is no replica',
    { replicas: 0 },
    `'replicas' must be a whole number from 1 to 1000, got 0; scale to zero with kubectl, not in the manifest`,
  ],
  [
    'there is half a replica',
    { replicas: 1.5 },
    `'replicas' must be a whole number from 1 to 1000, got 1.5; scale to zero with kubectl, not in the manifest`,
  ],
  [
    'the program runs as root',
    { pods: { user: 0 } },
    `'pods.user' must be a whole number of 1 or more, got 0; omit it to use 65534, the user nobody`,
  ],
  [
    'the boot time is a blink',
    { bootTime: Duration.millis(900) },
    `'bootTime' must be whole seconds from 10s to 3600s, got 0.9s; omit it to use 60s`,
  ],
  [
    'nobody said why there is no priority class',
    { pods: { priorityClassName: OptOut.because('none') } },
    `'pods.priorityClassName' must give a reason of 10 or more characters, got "none"; write one sentence that a reviewer would accept`,
  ],
  [
    'the surge is nothing',
    { rollout: { surge: '0%' } },
    `'rollout.surge' must be a whole number or 1% to 100%, got "0%"; use 1 or '25%'`,
  ],
  [
    'the surge is negative',
    { rollout: { surge: -1 } },
    `'rollout.surge' must be a whole number from 1 to 1000, got -1; use 1: old pods stay until new ones are ready`,
  ],
  [
    'nothing could be rolled back',
    { rollout: { history: 0 } },
    `'rollout.history' must be a whole number from 1 to 100, got 0; keep 1 or more, or nothing can be rolled back`,
  ],
  [
    'a pod must be ready for longer than anyone waits',
    { rollout: { minReady: Duration.hours(2) } },
    `'rollout.minReady' must be whole seconds from 0s to 3600s, got 7200s; omit it to use 5s`,
  ],
  [
    'the rollout is given up before a pod can boot',
    { bootTime: Duration.minutes(10), rollout: { progressDeadline: Duration.minutes(10) } },
    `'rollout.progressDeadline' must be whole seconds from 606s to 31536000s, got 600s; leave it longer than the boot time and 'minReady' together, 605s`,
  ],
])('fails when %s', (_, props, sentence) => {
  expect(deploymentRefusals(props)).toEqual([`[chart/Web] ${sentence}`]);
});

test('fails once for each fault, all at the same time', () => {
  expect(deploymentRefusals({ replicas: 0, pods: { user: 0 }, image: 'app' })).toHaveLength(3);
});

test.each(['name', 'image', 'probes', 'drain', 'resources', 'replicas'])(
  "fails when '%s' is missing in plain JavaScript",
  (prop) => {
    const make = () => refusalsOf((tried) => new ProbedDeployment(tried, 'Web', { ...minimal, [prop]: undefined }));
    expect(make()).toContain(`[chart/Web] '${prop}' must be given, got nothing; pass '${prop}' to ProbedDeployment`);
  },
);

test('a priority class may be left out with a reason', () => {
  const priorityClassName = OptOut.because('the cluster has no classes');
  expect(deployed({ pods: { priorityClassName } })).toEqual(deployed());
});

test('a queue reader without traffic says so', () => {
  const probes = { readiness: OptOut.because('takes no traffic: reads a queue'), liveness: OptOut.because('crashes by itself') };
  expect(deploymentRefusals({ probes })).toEqual([]);
});

describe('pods of one roll-out are counted apart from those before it', () => {
  const terms = (pod: Manifest): unknown => pod['affinity'].podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  const keys = (list: unknown): unknown[] =>
    (list as Manifest[]).map(({ topologyKey, matchLabelKeys }) => [topologyKey, matchLabelKeys]);
  const own = ['pod-template-hash'];

  test.each(['1.27', '1.30'] as const)('by constraints alone in Kubernetes %s, whose affinity counts all', (kubernetes) => {
    const pod = podSpec(deployed({ replicas: 2 }, kubernetes));
    expect(keys(pod['topologySpreadConstraints'])).toEqual([
      ['topology.kubernetes.io/zone', own],
      ['kubernetes.io/hostname', own],
    ]);
    expect(JSON.stringify(terms(pod))).not.toContain('matchLabelKeys');
  });

  test.each(['1.31', '1.36'] as const)('over nodes by the affinity in Kubernetes %s', (kubernetes) => {
    const pod = podSpec(deployed({ replicas: { minimum: 2, maximum: 3 } }, kubernetes));
    expect(keys(pod['topologySpreadConstraints'])).toEqual([['topology.kubernetes.io/zone', own]]);
    expect(keys((terms(pod) as Manifest[]).map(({ podAffinityTerm }) => podAffinityTerm as Manifest))).toEqual([
      ['kubernetes.io/hostname', own],
    ]);
  });

  test('and one pod alone has nobody to keep away from', () => {
    const pod = podSpec(deployed({ replicas: 1 }, '1.36'));
    expect(pod).not.toHaveProperty('affinity');
    expect(pod).not.toHaveProperty('topologySpreadConstraints');
  });
});

test('processes are not shared with containers that have none of the variables', () => {
  const sidecars = { shipper: { ...shipper, unordered: OptOut.because('the last lines of a log may be lost') } };
  expect(deploymentRefusals({ reapProcesses: true, sidecars })).toEqual([
    "[chart/Web] 'reapProcesses' must be left out beside 'sidecars', which read the variables and files of the program in /proc then, got true; take it out: what `kubectl exec` leaves behind goes with the container",
  ]);
  expect(deploymentRefusals({ reapProcesses: true, initContainers: { fetcher } })).toEqual([]);
  expect(deploymentRefusals({ reapProcesses: false, sidecars })).toEqual([]);
});
