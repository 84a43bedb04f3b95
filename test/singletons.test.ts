import { type App, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Checks, render, type Manifest, type NamedEnvironment } from '../lib/index';
import { invalidObjects } from './support/models';
import { build, production, staging } from './support/stack';
import { vary, type Variation } from './support/vary';

/** An application whose web pods write uploads to a disk, and whose scheduler has no leader. */
const single = vary(staging, {
  claims: { uploads: { storage: Size.gibibytes(20) } },
  quota: { cpu: Cpu.units(10), memory: Size.gibibytes(10), storage: Size.gibibytes(40), pods: 20 },
  web: { replicas: 1, singleton: true, mounts: [{ path: '/uploads', claim: 'uploads' }] },
  workers: {
    clock: { replicas: 1, singleton: true, config: { SCHEDULER: 'true' }, shutdown: Duration.minutes(20) },
    worker: { replicas: 2, config: { OBAN_QUEUES: 'default' } },
  },
});

const faultsOf = (change: Variation, environment: NamedEnvironment = single): readonly string[] =>
  render(build(vary(environment, change))).faults;

function objectsOf(app: App): Record<string, Manifest> {
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  return Object.fromEntries(all.map((manifest) => [`${manifest['kind']} ${manifest['metadata'].name}`, manifest]));
}

describe('an environment with singletons', () => {
  const app = build(single);
  const { files, faults } = render(app);
  const all = objectsOf(app);
  const rolling = (name: string): unknown => {
    const { strategy, replicas, minReadySeconds, progressDeadlineSeconds, template } = all[name]?.['spec'] ?? {};
    const { affinity, terminationGracePeriodSeconds } = template.spec;
    return { strategy, replicas, minReadySeconds, progressDeadlineSeconds, affinity, terminationGracePeriodSeconds };
  };

  test('runs', () => {
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
    expect(
      Object.fromEntries(Object.keys(all).flatMap((name) => (name.startsWith('Deployment') ? [[name, rolling(name)]] : []))),
    ).toMatchSnapshot();
  });

  test('has nothing that keeps one pod from a drain, or that would add another', () => {
    expect(Object.keys(all).filter((name) => /^(?:PodDisruptionBudget|HorizontalPodAutoscaler)/.test(name))).toEqual([
      'PodDisruptionBudget kube-native-worker',
    ]);
  });

  test('says which rule that leaves out, where somebody is led to its pod', () => {
    const served = build(vary(single, { web: { mounts: [] } }));
    expect(render(served).faults).toEqual([]);
    const leftOut = Checks.of(served).optOuts.map(({ rule }) => rule);
    expect(leftOut.filter((rule) => rule === 'stays-served')).toHaveLength(1);
  });
});

test('connections are counted for one pod, which is gone before the next one connects', () => {
  const pools = (singleton: boolean): unknown => {
    const app = build(vary(production, { web: { replicas: 1, singleton, poolSize: { share: 0.5 } }, workers: {} }));
    render(app);
    const [config] = Checks.of(app).world.objects.filter(({ manifest }) => manifest['data']?.POOL_SIZE !== undefined);
    return config?.manifest['data'].POOL_SIZE;
  };
  // Of 190: all of the half, or that by one, the surge and the old one.
  expect([pools(true), pools(false)]).toEqual(['95', '31']);
});

test('the quota has room for one pod of it', () => {
  const pods = (singleton: boolean): unknown => {
    const app = build(vary(staging, { quota: undefined, web: { replicas: 1, singleton }, workers: {} }));
    render(app);
    return Object.values(objectsOf(app)).find(({ kind }) => kind === 'ResourceQuota')?.['spec'].hard.pods;
  };
  expect([Number(pods(true)), Number(pods(false))]).toEqual([4, 5]);
});

describe('a singleton', () => {
  test.each<[string, Variation, RegExp]>([
    [
      'of two pods',
      { web: { replicas: 2 } },
      /Web\] 'web.replicas' must be 1 for a singleton, got 2; write replicas: 1, or take 'singleton' out where two may run at a time$/,
    ],
    [
      'in a range',
      { web: { replicas: { minimum: 1, maximum: 2 } } },
      /Web\] 'web.replicas' must be 1 for a singleton, got \{"minimum":1,"maximum":2\}/,
    ],
    [
      'with a surge',
      { web: { rollout: { surge: 1 } } },
      /Web\] 'web.rollout.surge' must be left out of a singleton, which starts no second pod, got 1; take it out, or 'singleton'/,
    ],
    [
      'that is given no time to stop first',
      {
        workers: {
          clock: {
            replicas: 1,
            singleton: true,
            shutdown: Duration.minutes(20),
            rollout: { progressDeadline: Duration.minutes(40) },
          },
        },
      },
      /'workers.clock.rollout.progressDeadline' must be whole seconds from 3076s/,
    ],
  ])('fails %s', (_, change, sentence) => {
    expect(faultsOf(change)).toEqual([expect.stringMatching(sentence)]);
  });

  test('is what the rule about a volume for one writer asks for', () => {
    expect(faultsOf({ web: { singleton: false } })).toEqual([
      expect.stringMatching(
        /'spec.strategy.type' must start no second pod while the claim uploads is for one node, got "RollingUpdate"; set it to Recreate, by 'singleton: true' of a role/,
      ),
    ]);
    expect(faultsOf({ web: { singleton: false, poolSize: 1, replicas: { minimum: 1, maximum: 3 } } })).toEqual([
      expect.stringMatching(
        /'spec.replicas' must be 1 while the claim uploads is for one node, got 3; run one that goes before the next one comes, by 'singleton: true' of a role; keep the files in object storage, or/,
      ),
    ]);
  });

  test('has the volume alone: no task and no migration has it too', () => {
    const mounts = [{ path: '/uploads', claim: 'uploads' }];
    const both = { tasks: { sweep: { schedule: '0 3 * * *', run: 'Shop.sweep()', mounts } }, migrations: { mounts } };
    expect(faultsOf(both)).toEqual([
      expect.stringMatching(/Migration\/Job\].*must be no claim that .* mounts: uploads is for one node.*object storage/),
      expect.stringMatching(/Task-sweep\/CronJob\].*must be no claim that .* mounts: uploads is for one node/),
    ]);
  });
});
