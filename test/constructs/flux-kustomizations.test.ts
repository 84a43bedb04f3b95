import { App, type Chart, Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { EnvironmentChart, type Manifest } from '../../lib/index';
import { FluxKustomizations, type FluxKustomizationsProps, type FluxStep } from '../../lib/constructs/flux-kustomizations';
import { declaredIn } from '../../lib/support/declare';
import { inFolder } from '../../lib/support/folder';
import { objects, refusals } from '../support/chart';

const inNamespace = { namespace: 'shop', partOf: 'shop' };

/** An App with one file in each folder, and the chart of the Kustomizations. */
function environment(...folders: readonly string[]): Chart {
  const app = new App();
  folders.forEach((folder, index) => {
    const chart = new EnvironmentChart(app, `${index}0-${folder}`, inNamespace);
    new k8s.KubeConfigMap(folder === '' ? chart : inFolder(chart, folder), 'Default', { metadata: { name: `of-${index}` } });
  });
  return inFolder(new EnvironmentChart(app, '90-flux', inNamespace), 'flux');
}

function made(props: FluxKustomizationsProps, folders = props.steps.map(({ folder }) => folder)) {
  const chart = environment(...folders);
  const built = new FluxKustomizations(chart, 'Flux', props);
  return { chart, built };
}

const minimal: FluxKustomizationsProps = {
  name: 'shop-staging',
  path: 'dist/staging',
  steps: [{ folder: 'base' }, { folder: 'migrate' }, { folder: 'release' }],
};

describe('minimal Kustomizations', () => {
  const { chart } = made(minimal);
  const [base, migrate, release] = objects(chart) as [Manifest, Manifest, Manifest];

  test('apply one folder each', () => {
    expect(objects(chart).map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name, metadata.namespace])).toEqual(
      ['base', 'migrate', 'release'].map((folder) => [
        ...['kustomize.toolkit.fluxcd.io/v1', 'Kustomization', `shop-staging-${folder}`, 'flux-system'],
      ]),
    );
    expect([base, migrate, release].map(({ spec }) => spec.path as string)).toEqual([
      ...['./dist/staging/base', './dist/staging/migrate', './dist/staging/release'],
    ]);
  });

  test('wait for the one before, and until all of it is well', () => {
    expect(base['spec']).not.toHaveProperty('dependsOn');
    expect(migrate['spec']).toEqual({
      dependsOn: [{ name: 'shop-staging-base' }],
      interval: '600s',
      path: './dist/staging/migrate',
      prune: true,
      retryInterval: '2m',
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      timeout: '600s',
      wait: true,
    });
    expect(release['spec'].dependsOn).toEqual([{ name: 'shop-staging-migrate' }]);
  });

  test('leave the data where they are when someone takes Flux away', () => {
    expect([base, migrate, release].map(({ spec }) => spec.deletionPolicy as unknown)).toEqual(['Orphan', undefined, undefined]);
  });

  test('say that Flux and its source are there', () => {
    expect(declaredIn(chart).externals).toEqual([
      { kind: 'Namespace', name: 'flux-system' },
      { kind: 'GitRepository', name: 'flux-system' },
    ]);
  });
});

test('Kustomizations with everything set', () => {
  const step: Required<FluxStep> = { folder: 'all', timeout: Duration.minutes(31) };
  const everything: Required<FluxKustomizationsProps> = {
    name: 'shop',
    source: { kind: 'OCIRepository', name: 'shop' },
    path: './',
    steps: [step],
    namespace: 'delivery',
    interval: Duration.hours(1),
  };
  const { chart, built } = made(everything);
  expect(objects(chart)).toMatchObject([
    {
      metadata: { name: 'shop-all', namespace: 'delivery' },
      spec: { interval: '3600s', path: './all', sourceRef: { kind: 'OCIRepository', name: 'shop' }, timeout: '1860s' },
    },
  ]);
  expect(built.kustomizations.map(({ name }) => name)).toEqual(['shop-all']);
});

test.each<[string, Partial<FluxKustomizationsProps>, string]>([
  [
    'there is no step',
    { steps: [] },
    "'steps' must name one folder or more, each once, got []; write each folder once, such as [{ folder: 'base' }, { folder: 'migrate' }, { folder: 'release' }]",
  ],
  [
    'Flux would give up at once',
    { steps: [{ folder: 'base', timeout: Duration.seconds(1) }] },
    "'steps.timeout' must be whole seconds from 10s to 86400s, got 1s; omit it to use 10 minutes",
  ],
  [
    'it would look all the time',
    { steps: [{ folder: 'base' }], interval: Duration.seconds(5) },
    "'interval' must be whole seconds from 60s to 86400s, got 5s; omit it to use 10 minutes",
  ],
  [
    'the folder is outside of the source',
    { steps: [{ folder: 'base' }], path: '../staging' },
    '\'path\' must be a folder in the source, got "../staging"; write it as dist/staging',
  ],
  [
    'the source is none',
    { steps: [{ folder: 'base' }], source: { kind: 'HelmRepository' as 'Bucket', name: 'shop' } },
    "'source.kind' must be 'GitRepository' or 'OCIRepository' or 'Bucket', got \"HelmRepository\"; did you mean 'GitRepository'?",
  ],
])('fails when %s', (_, props, sentence) => {
  expect(refusals(made({ ...minimal, ...props }).chart)).toEqual([`[90-flux/Flux] ${sentence}`]);
});

test('fails when a file would never be applied, or a step would find none', () => {
  const { chart } = made(minimal, ['base', '', 'migrate', 'jobs']);
  const fix = "write inFolder(chart, 'base') for it, or a step for its folder";
  expect(refusals(chart)).toEqual([
    '[90-flux/Flux] \'steps\' must find each file in a folder of theirs, got "10-"; ' + fix,
    '[90-flux/Flux] \'steps\' must find each file in a folder of theirs, got "30-jobs"; ' + fix,
    '[90-flux/Flux] \'steps\' must find files in each folder, got "release"; leave the step out',
  ]);
});

test('fails when the Kustomizations would apply themselves', () => {
  const { chart } = made(minimal);
  inFolder(chart, 'base');
  expect(refusals(chart)).toEqual([
    "[90-flux/Flux] 'steps' must not find the Kustomizations themselves, got \"base\"; write inFolder(chart, 'flux') for their chart",
  ]);
});

test.each(['Base', 'a/b', '..', ''])('fails when a folder is called "%s"', (folder) => {
  const chart = inFolder(new EnvironmentChart(new App(), '10-x', inNamespace), folder);
  expect(refusals(chart)).toEqual([
    `[10-x] 'folder' must be lower-case letters, digits and '-', got "${folder}"; write one word, such as "migrate"`,
  ]);
});
