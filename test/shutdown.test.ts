import { Duration } from 'cdk8s';
import { Checks, render, type StackFacts } from '../lib/index';
import { application, build, secretKeys, staging } from './support/stack';
import { vary, type Variation } from './support/vary';

/** An application whose Oban reads how long its jobs have, and an environment with jobs of a minute and of a quarter of an hour. */
const reading: StackFacts = { application: { ...application, shutdownVariable: 'OBAN_GRACE_SECONDS' }, secretKeys };
const queues = vary(staging, {
  workers: {
    worker: { replicas: 1, config: { OBAN_QUEUES: 'default' }, shutdown: Duration.seconds(60) },
    video: { replicas: 1, config: { OBAN_QUEUES: 'video' }, shutdown: Duration.minutes(15) },
  },
  quota: undefined,
});

/** What the pods of each role are told, and when they are killed. */
function ends(change: Variation, of: StackFacts): Record<string, unknown> {
  const app = build(vary(queues, change), undefined, of);
  expect(render(app).faults).toEqual([]);
  const all = Checks.of(app).world.objects.map(({ manifest }) => manifest);
  const told = (name: string): unknown =>
    all.find(({ kind, metadata }) => kind === 'ConfigMap' && String(metadata.name).replace(/-[0-9a-f]{10}$/, '') === name)?.[
      'data'
    ].OBAN_GRACE_SECONDS;
  return Object.fromEntries(
    all
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata, spec }) => [metadata.name, [told(metadata.name), spec.template.spec.terminationGracePeriodSeconds]]),
  );
}

test('an image that reads how long its jobs have is told by each role what the kubelet grants', () => {
  expect(ends({}, reading)).toEqual({
    'kube-native': [undefined, 60],
    'kube-native-worker': ['60', 65],
    'kube-native-video': ['900', 905],
  });
});

test('web pods that work off queues are told as well', () => {
  const facts = { ...reading.application, queueShutdown: Duration.seconds(200) };
  expect(ends({ workers: {} }, { ...reading, application: facts })).toEqual({ 'kube-native': ['200', 260] });
});

test('an image with a number of its own is told nothing', () => {
  expect(ends({}, { ...reading, application })).toMatchObject({ 'kube-native-video': [undefined, 905] });
});

describe('the time of jobs', () => {
  const faultsOf = (change: Variation, of: StackFacts): readonly string[] => {
    try {
      return render(build(vary(queues, change), undefined, of)).faults;
    } catch (error) {
      return [String(error)];
    }
  };
  const alone: StackFacts = { ...reading, application };
  const video = (config: Readonly<Record<string, string>>): Variation['workers'] => ({
    video: { replicas: 1, config: { OBAN_QUEUES: 'video', ...config }, shutdown: Duration.minutes(15) },
  });

  test.each<[string, Variation, StackFacts, RegExp]>([
    [
      'is said a second time, for all pods',
      { config: { OBAN_GRACE_SECONDS: '300' } },
      reading,
      /'config.OBAN_GRACE_SECONDS' must not repeat a variable of the release, got "300"/,
    ],
    [
      'is said a second time, for one role',
      { workers: video({ OBAN_GRACE_SECONDS: '300' }) },
      reading,
      /'workers.video.config.OBAN_GRACE_SECONDS' must not repeat a variable of the release/,
    ],
    [
      'is in a variable that says something else',
      {},
      { ...reading, application: { ...application, shutdownVariable: 'POOL_SIZE' } },
      /'application.shutdownVariable' must be no other variable of the release, got "POOL_SIZE"/,
    ],
    [
      'is in a variable of no name',
      {},
      { ...reading, application: { ...application, shutdownVariable: '3 MINUTES' } },
      /'application.shutdownVariable' must hold names of letters, digits/,
    ],
    [
      'is more than their pod has',
      { workers: video({ OBAN_GRACE_SECONDS: '1200' }) },
      alone,
      /Worker-video\/Pods\/Deployment\] 'spec.template.spec.terminationGracePeriodSeconds' must be at least 1200, the sleep of 0s and 1200s for the shutdown, got 905; raise it, by 'shutdown' of a worker or/,
    ],
  ])('fails when it %s', (_, change, of, sentence) => {
    expect(faultsOf(change, of)).toEqual([expect.stringMatching(sentence)]);
  });

  test("may be any below that of their pod, and is nobody else's", () => {
    expect(faultsOf({ workers: video({ OBAN_GRACE_SECONDS: '905' }) }, alone)).toEqual([]);
    expect(faultsOf({ workers: video({ OBAN_GRACE_SECONDS: 'long' }) }, alone)).toEqual([]);
    // Web pods, of which these have a minute, and workers that say no queues.
    expect(faultsOf({ config: { OBAN_GRACE_SECONDS: '300' }, workers: video({ OBAN_QUEUES: '' }) }, alone)).toEqual([]);
    const tasks = { sweep: { schedule: '0 4 * * *', run: 'Shop.sweep()', config: { OBAN_GRACE_SECONDS: '900' } } };
    expect(faultsOf({ tasks }, alone)).toEqual([]);
  });
});
