import { type App, Chart, Duration, JsonPatch, Size } from 'cdk8s';
import { Cpu, type k8s } from 'cdk8s-plus-27';
import {
  type Charts,
  clusterNeeds,
  OptOut,
  patch,
  ProbedDeployment,
  render,
  Resources,
  type Manifest,
  type NamedEnvironment,
  type PhoenixRelease,
  type PodSettings,
} from '../lib/index';
import { migrationsIn } from '../lib/environment/parts';
import { needsText } from '../lib/needs/needs-text';
import { build, staging } from './support/stack';
import { invalidObjects } from './support/models';
import { dumps } from './support/variants';
import { vary, type Variation } from './support/vary';

/** An environment with every role: web, worker, task, migration, contraction, seeds, backup and drill. */
const whole = vary(staging, {
  tasks: { nightly: { schedule: '0 3 * * *', run: 'Shop.Nightly.run()' } },
  migrations: { gate: Duration.minutes(5), contract: true, seeds: true },
  backup: dumps,
  kubernetes: '1.33',
  quota: { cpu: Cpu.units(20), memory: Size.gibibytes(20), storage: Size.gibibytes(50), pods: 30 },
});

const everything: Required<PodSettings> = {
  imagePullSecrets: ['registry', 'mirror'],
  nodeSelector: { 'example.com/pool': 'shop' },
  tolerations: [{ key: 'example.com/pool', operator: 'Equal', value: 'shop', effect: 'NoSchedule' }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] }] }],
      },
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 10, podAffinityTerm: { topologyKey: 'example.com/rack', labelSelector: { matchLabels: { noisy: 'yes' } } } },
      ],
    },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' }],
  hostAliases: [{ ip: '10.1.2.3', hostnames: ['erp.example.com', 'erp'] }],
  dnsConfig: { nameservers: ['10.1.0.53'], searches: ['example.com'], options: [{ name: 'timeout', value: '1' }] },
  runtimeClassName: 'gvisor',
  priorityClassName: 'customer-facing',
  hostUsers: false,
  user: 20001,
  group: 20002,
  labels: { 'example.com/cost-centre': '4711' },
  annotations: { 'example.com/owner': 'team shop' },
  restartOnSecretChange: true,
};

/** The templates of all pods, by kind and name without the hash. */
function templates(environment: NamedEnvironment): Record<string, Manifest> {
  const app = build(environment);
  const { files, faults } = render(app);
  expect(faults).toEqual([]);
  expect(invalidObjects([...files.values()])).toEqual([]);
  return templatesOf(app);
}

function templatesOf(app: App): Record<string, Manifest> {
  const all = app.charts.flatMap((chart) => chart.toJson() as Manifest[]);
  return Object.fromEntries(
    all.flatMap(({ kind, metadata, spec }) => {
      const template = (kind === 'CronJob' ? spec.jobTemplate.spec : spec)?.template as Manifest | undefined;
      return template?.['spec'] ? [[`${kind} ${String(metadata.name).replace(/-[0-9a-f]{10}$/, '')}`, template]] : [];
    }),
  );
}

const OF_THE_RELEASE = [
  ...['Deployment kube-native', 'Deployment kube-native-worker', 'CronJob kube-native-nightly'],
  ...['Job kube-native-migrate', 'Job kube-native-seed', 'Job kube-native-contract'],
];
const OF_BACKUPS = ['CronJob kube-native-postgresql-backup', 'CronJob kube-native-postgresql-restore-drill'];

const { image: wholeImage = '' } = whole;
const faultsOf = (...changes: Variation[]): readonly string[] => render(build(vary(whole, ...changes))).faults;

describe('what is said once for all pods', () => {
  const before = templates(whole);
  const after = templates(vary(whole, { pods: everything }));

  test('reaches every pod of the release', () => {
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining([...OF_THE_RELEASE, ...OF_BACKUPS, 'StatefulSet kube-native-postgresql']),
    );
    for (const name of OF_THE_RELEASE) {
      const { metadata, spec } = after[name] ?? {};
      expect([name, metadata]).toEqual([
        name,
        {
          annotations: { ...before[name]?.['metadata'].annotations, 'example.com/owner': 'team shop' },
          labels: { ...before[name]?.['metadata'].labels, 'example.com/cost-centre': '4711' },
        },
      ]);
      expect(spec).toMatchObject({
        imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
        nodeSelector: { 'example.com/pool': 'shop' },
        tolerations: everything.tolerations,
        hostAliases: everything.hostAliases,
        dnsConfig: {
          nameservers: ['10.1.0.53'],
          searches: ['example.com'],
          options: [
            { name: 'ndots', value: '2' },
            { name: 'timeout', value: '1' },
          ],
        },
        runtimeClassName: 'gvisor',
        priorityClassName: 'customer-facing',
        hostUsers: false,
        securityContext: { runAsNonRoot: true, runAsUser: 20001, runAsGroup: 20002 },
        affinity: { nodeAffinity: everything.affinity.nodeAffinity },
      });
    }
  });

  test('reaches backups and drills, but for what is about the image of the application', () => {
    for (const name of OF_BACKUPS) {
      const { spec } = after[name] ?? {};
      expect(spec).toMatchObject({ nodeSelector: { 'example.com/pool': 'shop' }, priorityClassName: 'customer-facing' });
      expect(spec).not.toHaveProperty('imagePullSecrets');
      expect(spec.securityContext).toEqual(before[name]?.['spec'].securityContext);
    }
    expect(after['StatefulSet kube-native-postgresql']).toEqual(before['StatefulSet kube-native-postgresql']);
  });

  test('leaves the pods of one roll-out apart as they were, and spreads them more strictly where it is said', () => {
    const { affinity, topologySpreadConstraints } = after['Deployment kube-native']?.['spec'] ?? {};
    const [ours] =
      before['Deployment kube-native']?.['spec'].affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution;
    const [more] = everything.affinity.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    expect(affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution).toEqual([ours, more]);
    const own = { matchLabels: { 'app.kubernetes.io/instance': 'kube-native' } };
    expect(topologySpreadConstraints).toEqual([
      { ...everything.topologySpreadConstraints[0], labelSelector: own, matchLabelKeys: ['pod-template-hash'] },
    ]);
    // A worker of one pod is spread over nothing, and jobs are one pod.
    for (const name of ['Deployment kube-native-worker', 'Job kube-native-migrate'])
      expect(after[name]?.['spec']).not.toHaveProperty('topologySpreadConstraints');
  });

  const ofPods = Object.keys(everything).filter((name) => name !== 'restartOnSecretChange') as (keyof PodSettings)[];

  test.each(ofPods)('changes nothing else: %s', (name) => {
    const changed = templatesOf(build(vary(whole, { pods: { [name]: everything[name] } })));
    const { metadata, spec } = changed['Deployment kube-native'] ?? {};
    const old = before['Deployment kube-native'] ?? {};
    const fields = Object.keys({ ...old['spec'], ...spec }).filter(
      (field) => JSON.stringify(spec[field]) !== JSON.stringify(old['spec'][field]),
    );
    const about = ['labels', 'annotations'].filter(
      (field) => JSON.stringify(metadata[field]) !== JSON.stringify(old['metadata'][field]),
    );
    const expected: string = name === 'user' || name === 'group' ? 'securityContext' : name;
    expect([...fields, ...about]).toEqual([expected]);
  });
});

test('a role has its own laid over it: mappings key by key, lists and single values in the place of the others', () => {
  const own: PodSettings = {
    imagePullSecrets: ['other'],
    nodeSelector: { 'example.com/disk': 'fast' },
    tolerations: [],
    dnsConfig: { options: [{ name: 'timeout', value: '3' }, { name: 'ndots' }] },
    priorityClassName: OptOut.because('it may wait for all others'),
    labels: { tier: 'own' },
  };
  const pods = templates(
    vary(whole, {
      pods: everything,
      web: { pods: own },
      workers: { worker: { replicas: 1, shutdown: Duration.minutes(2), pods: { user: 30001, group: undefined } } },
      tasks: { nightly: { schedule: '0 3 * * *', run: 'Shop.Nightly.run()', pods: own } },
      migrations: { ...migrationsIn(whole), pods: own },
      backup: { ...dumps, pods: { imagePullSecrets: ['mirror'] } },
    }),
  );
  for (const name of OF_THE_RELEASE.filter((one) => !one.includes('worker'))) {
    const { metadata, spec } = pods[name] ?? {};
    expect(spec).toMatchObject({
      imagePullSecrets: [{ name: 'other' }],
      nodeSelector: { 'example.com/pool': 'shop', 'example.com/disk': 'fast' },
      dnsConfig: { nameservers: ['10.1.0.53'], options: [{ name: 'ndots' }, { name: 'timeout', value: '3' }] },
    });
    expect(spec).not.toHaveProperty('tolerations');
    expect(spec).not.toHaveProperty('priorityClassName');
    expect(metadata.labels).toMatchObject({ 'example.com/cost-centre': '4711', tier: 'own' });
  }
  expect(pods['Deployment kube-native-worker']?.['spec'].securityContext).toMatchObject({ runAsUser: 30001, runAsGroup: 20002 });
  for (const name of OF_BACKUPS) expect(pods[name]?.['spec'].imagePullSecrets).toEqual([{ name: 'mirror' }]);
});

describe('a user', () => {
  const mounts = [{ name: 'uploads', path: '/uploads', source: { persistentVolumeClaim: { claimName: 'uploads' } } }];
  const existing = [{ kind: 'PersistentVolumeClaim', name: 'uploads' }];

  test('has the files of volumes, by its group', () => {
    const pods = templates(vary(whole, { mounts, existing, pods: { user: 20001 } }));
    expect(pods['Job kube-native-migrate']?.['spec'].securityContext).toMatchObject({
      runAsUser: 20001,
      runAsGroup: 20001,
      fsGroup: 20001,
    });
  });

  test('has those of one role in its pods alone, with no use of them at the gate', () => {
    const [own] = mounts;
    const one = (name: string) => (own ? [{ ...own, name, path: `/${name}` }] : []);
    const pods = templates(
      vary(whole, {
        existing,
        web: { mounts: one('web'), replicas: 1 },
        tasks: { nightly: { schedule: '0 3 * * *', run: 'Shop.Nightly.run()', mounts: one('task') } },
        migrations: { ...migrationsIn(whole), mounts: one('data') },
        optOuts: { 'single-writer': OptOut.because('the class of this volume can be mounted by many nodes') },
      }),
    );
    const mounted = (name: string): string[] =>
      ((pods[name]?.['spec'].volumes ?? []) as Manifest[]).flatMap(({ name: volume }) =>
        ['tmp', 'release-scripts'].includes(String(volume)) ? [] : [String(volume)],
      );
    expect(OF_THE_RELEASE.map(mounted)).toEqual([['web'], [], ['task'], ['data'], ['data'], ['data']]);
    const { initContainers, securityContext } = pods['Deployment kube-native']?.['spec'] ?? {};
    expect(initContainers[0].volumeMounts).toEqual([
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'release-scripts', mountPath: '/etc/release-scripts', readOnly: true },
    ]);
    expect(securityContext).toMatchObject({ fsGroup: 65534, fsGroupChangePolicy: 'OnRootMismatch' });
    expect(pods['Deployment kube-native-worker']?.['spec'].securityContext).not.toHaveProperty('fsGroup');
  });

  test('that the cluster assigns stands nowhere, and neither do its groups', () => {
    const pods = templates(vary(whole, { mounts, existing, pods: { user: 'assigned' } }));
    for (const name of [...OF_THE_RELEASE, ...OF_BACKUPS]) {
      const { securityContext } = pods[name]?.['spec'];
      expect([name, Object.keys(securityContext)]).toEqual([name, expect.arrayContaining(['runAsNonRoot', 'seccompProfile'])]);
      for (const id of ['runAsUser', 'runAsGroup', 'fsGroup'])
        expect([name, securityContext]).not.toEqual([name, expect.objectContaining({ [id]: expect.anything() })]);
    }
  });
});

describe('settings that no pod could have are refused once, where they were written', () => {
  test.each<[string, PodSettings, string]>([
    [
      'a misspelt name',
      { nodeSelectr: {} } as PodSettings,
      `[app] 'pods.nodeSelectr' must be a prop that is known, got {}; did you mean 'nodeSelector'?`,
    ],
    [
      'a Secret in capitals',
      { imagePullSecrets: ['Registry'] },
      `[app] 'pods.imagePullSecrets[0]' must be lower-case letters, digits and '-', start with a letter, end with a letter or digit and have at most 253 characters, got "Registry"; rename it, for example "registry"`,
    ],
    [
      'a Secret twice',
      { imagePullSecrets: ['a', 'a'] },
      `[app] 'pods.imagePullSecrets' must name each Secret once, got "a"; take out the second one`,
    ],
    [
      'a label of ours',
      { labels: { 'app.kubernetes.io/instance': 'x' } },
      `[app] 'pods.labels' must leave app.kubernetes.io/ to the constructs, which find pods by them, got "app.kubernetes.io/instance"; use a prefix of your own, such as example.com/`,
    ],
    [
      'a word for a user',
      { user: 'nobody' as 'assigned' },
      `[app] 'pods.user' must be 'assigned' or a number, got "nobody"; write 'assigned', or a number`,
    ],
    [
      'a group beside an assigned user',
      { user: 'assigned', group: 5 },
      `[app] 'pods.group' must be left out beside user 'assigned': the cluster chooses the groups too, got 5; remove it`,
    ],
    [
      'a number in a selector',
      { nodeSelector: { pool: 1 as unknown as string } },
      `[app] 'pods.nodeSelector.pool' must be a string, got 1; write it in quotes, '1'`,
    ],
    ['root', { user: 0 }, `[app] 'pods.user' must be a whole number of 1 or more, got 0; omit it to use 65534, the user nobody`],
  ])('%s', (_, pods, sentence) => {
    let faults: readonly string[];
    try {
      faults = faultsOf({ pods });
    } catch (error) {
      faults = [(error as Error).message];
    }
    expect(faults).toEqual([sentence]);
  });

  test.each<[string, PodSettings, string]>([
    ['a number of the node', { user: 999, group: 20000 }, `'pods.user' must be`],
    [
      'a host for an address',
      { hostAliases: [{ ip: 'erp', hostnames: ['erp'] }] },
      `'pods.hostAliases[0].ip' must be an address, got "erp"; write the address that the names stand for (pod-fields)`,
    ],
    [
      'a program for a runtime',
      { runtimeClassName: '/usr/bin/runsc' },
      `'pods.runtimeClassName' must be a DNS name, got "/usr/bin/runsc"; use the name of one in the cluster (pod-fields)`,
    ],
    [
      'a priority in words',
      { priorityClassName: 'Very High' },
      `'pods.priorityClassName' must be a DNS name, got "Very High"; use the name of one in the cluster (pod-fields)`,
    ],
    [
      'four servers',
      { dnsConfig: { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] } },
      `'pods.dnsConfig.nameservers' must be three at most`,
    ],
    [
      'a value beside Exists',
      { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
      `'pods.tolerations[0].value' must not be given with operator 'Exists', got "b"; take it out (tolerations)`,
    ],
    ['a misspelt field', { tolerations: [{ kee: 'a', operator: 'Exists' } as k8s.Toleration] }, `'pods.tolerations[0].kee' must`],
    [
      'an effect that nobody knows',
      { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedul' }] },
      `'pods.tolerations[0].effect' must`,
    ],
    [
      'a label that is none',
      { nodeSelector: { pool: 'two words' } },
      `'pods.nodeSelector["pool"]' must be a text of at most 63 letters`,
    ],
    [
      'a key of an annotation that is none',
      { annotations: { 'two words': 'x' } },
      `'pods.annotations' must have a key of at most 63 letters`,
    ],
    [
      'a weight above all',
      { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 500, preference: {} }] } } },
      `weight' must be from 1 to 100, got 500`,
    ],
  ])('%s', (_, pods, sentence) => {
    const faults = faultsOf({ pods });
    expect(faults).toEqual([expect.stringContaining(`[app] ${sentence}`.replace(`[app] weight`, `weight`))]);
  });

  test('classes may have dots in their names', () => {
    expect(faultsOf({ pods: { runtimeClassName: 'kata.v2', priorityClassName: 'shop.high' } })).toEqual([]);
  });

  test('users of their own before the version that has them', () => {
    expect(faultsOf({ pods: { hostUsers: false }, kubernetes: '1.31' })).toEqual([
      expect.stringContaining(`[app] 'pods.hostUsers' must be known to Kubernetes 1.31, got "hostUsers"; it is on from 1.33`),
    ]);
  });
});

describe('what one role is configured with', () => {
  const data = (app: App, name: string): Manifest =>
    app.charts
      .flatMap((chart) => chart.toJson() as Manifest[])
      .find(({ kind, metadata }) => kind === 'ConfigMap' && new RegExp(`^${name}-[0-9a-f]{10}$`).test(metadata.name))?.['data'];

  test('is its own', () => {
    const nightly = { schedule: '0 3 * * *', run: 'Shop.Nightly.run()', config: { SIZE: '100', PRICE: '$(SIZE) $' } };
    const app = build(vary(whole, { web: { config: { QUEUES: 'none' } }, tasks: { nightly } }));
    expect(render(app).faults).toEqual([]);
    expect(data(app, 'kube-native')).toMatchObject({ QUEUES: 'none' });
    expect(data(app, 'kube-native-worker')).not.toHaveProperty('QUEUES');
    const [own] = templatesOf(app)['CronJob kube-native-nightly']?.['spec'].containers;
    expect(own.env).toEqual(
      expect.arrayContaining([
        { name: 'SIZE', value: '100' },
        { name: 'PRICE', value: '$$(SIZE) $' },
      ]),
    );
  });

  test('repeats nothing that the release sets, and has names', () => {
    expect(faultsOf({ web: { config: { PORT: '80', LOG_LEVEL: 'info' } }, config: { LOG_LEVEL: 'debug' } })).toEqual([
      `[30-phoenix/Release] 'web.config.LOG_LEVEL' must not repeat a variable of the release, got "LOG_LEVEL"; remove it: the release sets it; one of your own that differs by role is said in each role alone`,
      `[30-phoenix/Release] 'web.config.PORT' must not repeat a variable of the release, got "PORT"; remove it: the release sets it; one of your own that differs by role is said in each role alone`,
    ]);
    expect(() => faultsOf({ web: { config: { 'A B': 'x' } } })).toThrow("'web.config' must hold names of letters");
  });
});

test('a login to a registry is among the needs, with the command that makes it', () => {
  const needs = (pods: PodSettings, image = wholeImage) => {
    const app = build(vary(whole, { pods, image }));
    expect(render(app).faults).toEqual([]);
    return clusterNeeds(app);
  };
  const { objects } = needs({ imagePullSecrets: ['registry'], runtimeClassName: 'gvisor', priorityClassName: 'high' });
  const namespace = 'kube-native-staging';
  expect(objects).toContainEqual({
    kind: 'Secret',
    name: 'registry',
    namespace,
    keys: ['.dockerconfigjson'],
    registry: 'registry.example.com',
  });
  expect(objects).toContainEqual({ kind: 'RuntimeClass', name: 'gvisor', namespace: undefined, keys: [] });
  expect(objects).toContainEqual({ kind: 'PriorityClass', name: 'high', namespace: undefined, keys: [] });
  const digest = '@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';
  const text = (image: string) => needsText('staging', needs({ imagePullSecrets: ['registry'] }, image));
  expect(text(`ghcr.io/shop/web:1.0.0${digest}`)).toContain(
    `  kubectl -n ${namespace} create secret docker-registry registry --docker-server=ghcr.io --docker-username='...' --docker-password='...'\n`,
  );
  expect(text(`shop/web:1.0.0${digest}`)).toContain('--docker-server=https://index.docker.io/v1/ ');
});

describe('pods that run the image of others', () => {
  const said = (sentence: string): string =>
    `must name what Deployment kube-native pulls the same image with, got nothing; write registry, in 'pods' of the environment or the release for all of its pods (pull-secrets)`.replace(
      /^/,
      sentence,
    );
  const helper = (image: string, change: object = {}) => ({
    pods: { imagePullSecrets: ['registry'] },
    amend: ({ release }: { release: PhoenixRelease }): void => {
      new ProbedDeployment(Chart.of(release), 'Helper', {
        name: 'helper',
        image,
        replicas: 1,
        command: ['/app/bin/helper'],
        resources: Resources.guaranteed({ cpu: Cpu.millis(100), memory: Size.mebibytes(64) }),
        probes: { readiness: OptOut.because('it serves nobody'), liveness: OptOut.because('it ends by itself') },
        drain: { preStop: Duration.seconds(0), shutdown: Duration.seconds(5) },
        ...change,
      });
    },
  });
  const [own, digest] = wholeImage.split('@');

  test('need a login too', () => {
    const refused = [`[30-phoenix/Helper/Deployment] 'spec.template.spec.imagePullSecrets' ${said('')}`];
    expect(faultsOf(helper(wholeImage))).toEqual(refused);
    expect(faultsOf(helper(`${own}-debug@${digest}`))).toEqual(refused);
  });

  test('may have another one, or one by their ServiceAccount, or be of another repository', () => {
    expect(faultsOf(helper(wholeImage, { pods: { imagePullSecrets: ['other'] } }))).toEqual([]);
    expect(faultsOf(helper(`registry.example.com/helper:1.0.0@${digest}`))).toEqual([]);
    const { amend, ...rest } = helper(wholeImage);
    const withAccount = (charts: Charts): void => {
      amend(charts);
      const { serviceAccount } = Chart.of(charts.release).node.findChild('Helper') as ProbedDeployment;
      const login = JsonPatch.add('/imagePullSecrets', [{ name: 'registry' }]);
      patch(serviceAccount, 'the login of the registry comes with the account', login);
    };
    expect(faultsOf({ ...rest, amend: withAccount })).toEqual([]);
  });

  test('need none where everyone may pull it, or another image of the pod may be the one', () => {
    const redis = `docker.io/library/redis:8.0.0@${digest}`;
    const logged = { pods: { imagePullSecrets: ['hub'] } };
    const amendBoth = (charts: Charts): void => {
      helper(redis, logged).amend(charts);
      second(charts, redis);
    };
    expect(faultsOf({ amend: amendBoth })).toEqual([]);
    const sidecar = JsonPatch.add('/spec/template/spec/initContainers/-', {
      name: 'copy',
      image: `registry.example.com/tools/copy:1.0.0@${digest}`,
      command: ['copy'],
      imagePullPolicy: 'Always',
      resources: { requests: LITTLE, limits: LITTLE },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
    });
    const two = vary(whole, { pods: {}, workers: {}, migrations: { gate: Duration.minutes(5) }, tasks: {} });
    const amend = ({ release, migration }: Charts): void => {
      const login = JsonPatch.add('/spec/template/spec/imagePullSecrets', [{ name: 'tools' }]);
      patch(release.web.deployment, 'the tools are in a registry of their own', sidecar, login);
      expect(migration?.jobName).toBeDefined();
    };
    const existing = [{ kind: 'Secret', name: 'tools' }];
    expect(render(build(vary(two, { amend, existing }))).faults).toEqual([]);
  });

  const LITTLE = { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '128Mi' };
  const second = ({ release }: Charts, image: string): void => {
    new ProbedDeployment(Chart.of(release), 'Second', {
      name: 'second',
      image,
      replicas: 1,
      command: ['redis-server'],
      resources: Resources.guaranteed({ cpu: Cpu.millis(100), memory: Size.mebibytes(64) }),
      probes: { readiness: OptOut.because('it serves nobody'), liveness: OptOut.because('it ends by itself') },
      drain: { preStop: Duration.seconds(0), shutdown: Duration.seconds(5) },
    });
  };
});

describe('what is written at another level than its own', () => {
  const refused = (changed: object): readonly string[] => {
    try {
      return render(build({ ...whole, ...changed })).faults;
    } catch (error) {
      return (error as Error).message.split('\n');
    }
  };

  test.each<[string, object, string]>([
    [
      'pods',
      { imagePullSecrets: ['a'] },
      `'imagePullSecrets' must stand in 'pods', got ["a"]; write it there: pods: { imagePullSecrets: ... }`,
    ],
    [
      'pods',
      { priorityClassName: 'high' },
      `'priorityClassName' must stand in 'pods', got "high"; write it there: pods: { priorityClassName: ... }`,
    ],
    ['web', { replicas: 3 }, `'replicas' must stand in 'web', got 3; write it there: web: { replicas: ... }`],
    ['web', { host: 'a.example.com' }, `'host' must stand in 'web', got "a.example.com"; write it there: web: { host: ... }`],
    [
      'a worker',
      { shutdown: Duration.minutes(3) },
      `'shutdown' must stand in 'workers.<name>', got 180s; write it there: workers: { <name>: { shutdown: ... } }`,
    ],
    [
      'the environment',
      { web: { ...whole.web, image: 'x' } },
      `'web.image' must stand in the environment itself, got "x"; write it beside 'web'`,
    ],
    [
      'pods of web',
      { web: { ...whole.web, nodeSelector: { a: 'b' } } },
      `'web.nodeSelector' must stand in 'web.pods', got {"a":"b"}; write it there: web: { pods: { nodeSelector: ... } }`,
    ],
    [
      'pods of a worker',
      { workers: { worker: { ...whole.workers?.['worker'], user: 20001 } } },
      `'workers.worker.user' must stand in 'workers.worker.pods', got 20001; write it there: workers: { worker: { pods: { user: ... } } }`,
    ],
    [
      'the environment, from a task',
      { tasks: { a: { schedule: '0 3 * * *', run: 'A.b()', identity: {} } } },
      `'tasks.a.identity' must stand in the environment itself, got {}; write it beside 'web'`,
    ],
  ])('is told its place: %s', (_, changed, sentence) => {
    expect(refused(changed)).toEqual([`[app] ${sentence}`]);
  });

  test('is no name that is misspelt', () => {
    expect(refused({ imagePullSecret: [] })).toEqual([expect.stringContaining("'imagePullSecret' must be a prop that is known")]);
    expect(refused({ replicas: undefined, web: { ...whole.web, image: undefined } })).toEqual([]);
  });
});

test('pods that keep running are restarted with new Secrets, and no job is', () => {
  const annotated = (pods: PodSettings) =>
    build(vary(whole, { pods }))
      .charts.flatMap((made) => made.toJson() as Manifest[])
      .filter(({ metadata }) => metadata.annotations?.['secret.reloader.stakater.com/auto'] === 'true')
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(annotated({})).toEqual([]);
  expect(annotated({ restartOnSecretChange: true })).toEqual(['Deployment kube-native', 'Deployment kube-native-worker']);
});

test('labels of an environment are on every object and pod of it, and never in a selector', () => {
  const owner = { 'example.com/owner': 'team-shop' };
  const app = build(vary(whole, { labels: owner, largestContainer: { memory: Size.gibibytes(8) } }));
  expect(render(app).faults).toEqual([]);
  const objects = app.charts.flatMap((made) => made.toJson() as Manifest[]);
  const without = objects.filter(({ metadata }) => metadata.labels?.['example.com/owner'] !== 'team-shop');
  expect(without.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
  const pods = Object.entries(templatesOf(app)).filter(
    ([, { metadata }]) => metadata.labels['example.com/owner'] !== 'team-shop',
  );
  expect(pods).toEqual([]);
  expect(JSON.stringify(objects.map(({ spec }) => spec?.selector ?? null))).not.toContain('team-shop');
});

test.each<[object, string]>([
  [{ labels: { 'app.kubernetes.io/name': 'x' } }, "'labels' must leave app.kubernetes.io/ to the constructs"],
  [{ largestContainer: { memory: Size.mebibytes(64) } }, '(limits-fit)'],
])('what cannot hold for all is refused once: %j', (changed, told) => {
  const faults = render(build(vary(whole, changed))).faults.filter((fault) => fault.includes(told));
  expect(faults.length).toBeGreaterThan(0);
  expect(new Set(faults).size).toBe(faults.length);
});
