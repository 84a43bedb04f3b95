import { type App, type Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Checks, OptOut, ProbedDeployment, render, type Manifest, type NamedEnvironment, type Stateful } from '../lib/index';
import { chart, minimalDeployment, objects, refusalsOf } from './support/chart';
import { invalidObjects } from './support/models';
import { build, production, staging } from './support/stack';
import { vary, type Variation } from './support/vary';

const volume = { path: '/data', storage: Size.gibibytes(5), storageClass: 'fast' };

/** An application whose workers are members of a Ra cluster, each with a log of its own. */
const named = vary(staging, {
  quota: { cpu: Cpu.units(10), memory: Size.gibibytes(10), storage: Size.gibibytes(40), pods: 20 },
  web: { replicas: 3, stateful: {}, rollout: { minReady: Duration.seconds(20), history: 5 } },
  workers: {
    ledger: { replicas: 3, stateful: { volume, podManagementPolicy: 'OrderedReady' }, config: { RA_DATA_DIR: '/data' } },
  },
});

const faultsOf = (change: Variation, environment: NamedEnvironment = named): readonly string[] => {
  try {
    return render(build(vary(environment, change))).faults;
  } catch (error) {
    return [(error as Error).message];
  }
};

function objectsOf(app: App): Record<string, Manifest> {
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  return Object.fromEntries(all.map((manifest) => [`${manifest['kind']} ${manifest['metadata'].name}`, manifest]));
}

describe('an environment of nodes whose names stay', () => {
  const app = build(named);
  const { files, faults } = render(app);
  const all = objectsOf(app);
  const ledger = all['StatefulSet kube-native-ledger']?.['spec'] ?? {};
  const web = all['StatefulSet kube-native']?.['spec'] ?? {};

  test('runs', () => {
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
    const { template, ...spec } = ledger;
    const { initContainers, containers, ...pod } = template.spec;
    const [{ env, volumeMounts }] = containers;
    const gate = (initContainers as Manifest[]).map(({ volumeMounts: mounted }) => mounted as unknown);
    expect({ ...spec, template: { ...template, spec: pod }, env, volumeMounts, gate }).toMatchSnapshot();
  });

  test('has StatefulSets in the place of Deployments, with budgets, Services and policies as elsewhere', () => {
    const names = Object.keys(all);
    expect(names.filter((name) => name.startsWith('Deployment'))).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(
        ['PodDisruptionBudget', 'NetworkPolicy', 'ServiceAccount', 'StatefulSet'].flatMap((kind) => [
          `${kind} kube-native`,
          `${kind} kube-native-ledger`,
        ]),
      ),
    );
    expect(names.filter((name) => name.startsWith('Service '))).toEqual(
      expect.arrayContaining(['Service kube-native', 'Service kube-native-mesh']),
    );
  });

  test('has one Service that finds the nodes and gives them their names', () => {
    const { spec } = all['Service kube-native-mesh'] ?? {};
    expect(spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    for (const { serviceName, template } of [ledger, web]) {
      expect(serviceName).toBe('kube-native-mesh');
      expect(template.metadata.labels).toMatchObject(spec.selector);
      expect(template.spec.containers[0].env).toContainEqual({
        name: 'RELEASE_NODE',
        value: 'kube_native_umbrella@$(POD_NAME).kube-native-mesh.kube-native-staging.svc.cluster.local',
      });
      expect(JSON.stringify(template.spec.containers[0].env)).not.toContain('POD_IP');
    }
  });

  test('rolls one by one, with no field that a StatefulSet has not', () => {
    const { updateStrategy, minReadySeconds, revisionHistoryLimit, podManagementPolicy, strategy, progressDeadlineSeconds } = web;
    expect({ updateStrategy, minReadySeconds, revisionHistoryLimit, podManagementPolicy }).toEqual({
      updateStrategy: { type: 'RollingUpdate' },
      minReadySeconds: 20,
      revisionHistoryLimit: 5,
      podManagementPolicy: 'Parallel',
    });
    expect([strategy, progressDeadlineSeconds]).toEqual([undefined, undefined]);
  });

  test('drains, probes and waits for migrations as elsewhere', () => {
    const plain = build(vary(named, { web: { stateful: undefined, rollout: undefined } }));
    render(plain);
    const before = objectsOf(plain)['Deployment kube-native']?.['spec'].template.spec;
    const { containers, initContainers, terminationGracePeriodSeconds } = web.template.spec;
    for (const field of ['lifecycle', 'startupProbe', 'readinessProbe', 'livenessProbe', 'ports', 'resources'])
      expect([field, containers[0][field]]).toEqual([field, before.containers[0][field]]);
    expect(initContainers).toEqual(before.initContainers);
    expect(terminationGracePeriodSeconds).toBe(before.terminationGracePeriodSeconds);
  });

  test('keeps the pods apart, each counted', () => {
    const { affinity, topologySpreadConstraints } = web.template.spec;
    const labelSelector = { matchLabels: { 'app.kubernetes.io/instance': 'kube-native' } };
    expect(affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution).toEqual([
      { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector } },
    ]);
    expect(topologySpreadConstraints).toEqual([
      { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector },
    ]);
    const newer = build(vary(named, { kubernetes: '1.33' }));
    render(newer);
    expect(objectsOf(newer)['StatefulSet kube-native']?.['spec'].template.spec.affinity).toEqual(affinity);
  });
});

test('connections are counted for the pods alone: none is there beside the one before', () => {
  const share = (stateful: Stateful | undefined): unknown => {
    const web = { replicas: 4, stateful, poolSize: { share: 0.5 } };
    const app = build(vary(production, { web, workers: {} }));
    expect(render(app).faults).toEqual([]);
    return Object.values(objectsOf(app)).find(({ data }) => data?.POOL_SIZE !== undefined)?.['data'].POOL_SIZE;
  };
  // 95 by four, or by nine.
  expect([share({}), share(undefined)]).toEqual(['23', '10']);
});

test('a range scales the StatefulSet', () => {
  const app = build(vary(named, { web: { replicas: { minimum: 3, maximum: 5 } } }));
  expect(render(app).faults).toEqual([]);
  const { scaleTargetRef } = objectsOf(app)['HorizontalPodAutoscaler kube-native']?.['spec'] ?? {};
  expect(scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'kube-native' });
});

describe('one pod whose name stays', () => {
  const alone = vary(staging, {
    beam: OptOut.because('one node needs no cluster'),
    web: { replicas: 1 },
    workers: { clock: { replicas: 1, singleton: true, stateful: { volume }, config: { CLOCK: 'true' } } },
  });

  test('has a Service of its own, and never a second one', () => {
    const app = build(alone);
    expect(render(app).faults).toEqual([]);
    const all = objectsOf(app);
    expect(all['StatefulSet kube-native-clock']?.['spec']).toMatchObject({ replicas: 1, serviceName: 'kube-native-clock-pods' });
    expect(all['Service kube-native-clock-pods']?.['spec']).toEqual({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: { 'app.kubernetes.io/instance': 'kube-native-clock' },
    });
    expect(Object.keys(all)).not.toContain('PodDisruptionBudget kube-native-clock');
  });

  test('behind a Service is an outage with each roll-out, unless it is said', () => {
    const web = { replicas: 1, stateful: {} };
    expect(faultsOf({ web }, alone)).toEqual([
      expect.stringMatching(
        /Web\/StatefulSet\] 'spec.replicas' must leave a pod to the Service, which leads others to it, got 1; run two, or say 'singleton: true' of the role \(stays-served\)/,
      ),
    ]);
    expect(faultsOf({ web: { ...web, singleton: true } }, alone)).toEqual([]);
    expect(faultsOf({ web: { ...web, replicas: 2 } }, alone)).toEqual([]);
  });
});

describe('pods whose names stay', () => {
  test.each<[string, Variation, RegExp]>([
    ['with a surge', { web: { rollout: { surge: 2 } } }, /Web\] 'web.rollout.surge' must be left out beside 'stateful'/],
    [
      'with a deadline',
      { web: { rollout: { progressDeadline: Duration.minutes(20) } } },
      /Web\] 'web.rollout.progressDeadline' must be left out beside 'stateful'/,
    ],
    [
      'where nodes ask the API',
      { beam: { discovery: 'kubernetesApi' } },
      /'web.stateful' and 'workers.ledger.stateful' must be in a cluster whose nodes may be called by their pods.*got "kubernetesApi"/,
    ],
    [
      'where names have a version',
      { beam: { scope: 'release' } },
      /'web.stateful' and 'workers.ledger.stateful' must be in a cluster .* got "release"/,
    ],
    [
      'with a volume at the place of another',
      { workers: { ledger: { replicas: 3, config: { A: 'b' }, stateful: { volume: { ...volume, path: '/tmp' } } } } },
      /'mounts' must have names and paths of their own, got "path \/tmp"/,
    ],
    [
      'with nothing to write to',
      {
        workers: { ledger: { replicas: 3, config: { A: 'b' }, stateful: { volume: { ...volume, storage: Size.gibibytes(0) } } } },
      },
      /'workers.ledger.stateful.volume.storage' must be more than nothing/,
    ],
    [
      'with a misspelt word',
      { web: { stateful: { podManagmentPolicy: 'Parallel' } as Stateful } },
      /'web.stateful.podManagmentPolicy' must be a prop that is known, .*'podManagementPolicy'/,
    ],
  ])('fail %s', (_, change, sentence) => {
    const faults = faultsOf(change);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatch(sentence);
  });

  test('let their volumes go where somebody says why', () => {
    const deleteVolume = OptOut.because('a preview that nobody will miss');
    const app = build(
      vary(named, {
        workers: { ledger: { replicas: 2, config: { A: 'b' }, stateful: { volume: { ...volume, deleteVolume } } } },
      }),
    );
    expect(render(app).faults).toEqual([]);
    const { persistentVolumeClaimRetentionPolicy } = objectsOf(app)['StatefulSet kube-native-ledger']?.['spec'] ?? {};
    expect(persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Delete', whenScaled: 'Retain' });
  });

  test('of another program have a Service that somebody names', () => {
    const tried = chart();
    const props = { ...minimalDeployment, stateful: { volume }, serviceName: 'ring', replicas: 3 };
    const { controller } = new ProbedDeployment(tried, 'Web', props);
    expect(controller.node.id).toBe('StatefulSet');
    const made = objects(tried);
    expect(made.filter(({ kind }) => kind === 'Service')).toEqual([]);
    expect(made.find(({ kind }) => kind === 'StatefulSet')?.['spec'].serviceName).toBe('ring');
  });

  test('are no Deployment that a patch could reach', () => {
    const web = (tried: Chart) => new ProbedDeployment(tried, 'Web', { ...minimalDeployment, stateful: {} });
    const faults = refusalsOf((tried) => web(tried).deployment.name);
    expect(faults).toEqual([
      `[chart/Web] 'deployment' must be left alone beside 'stateful', got "StatefulSet"; use 'controller', which is the StatefulSet`,
    ]);
  });
});
