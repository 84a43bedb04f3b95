import { App, Chart, Duration } from 'cdk8s';
import { loadAll } from 'js-yaml';
import {
  clusterNeeds,
  FluxArtifact,
  FluxImageUpdates,
  OptOut,
  render,
  type Flux,
  type FluxArtifactProps,
  type FluxGit,
  type FluxImagePolicy,
  type FluxImageUpdatesProps,
  type FluxReceiver,
  type FluxReference,
  type FluxRegistry,
  type ImageUpdates,
  type Manifest,
  type NamedEnvironment,
} from '../../lib/index';
import { objects, refusals } from '../support/chart';
import { invalidObjects } from '../support/models';
import { build, facts, production, staging } from '../support/stack';
import { vary, type Variation } from '../support/vary';

const semver: FluxImagePolicy = { semver: '>=1.0.0' };

function told(change: Variation, of: NamedEnvironment = staging) {
  const app = build(vary(of, change), new App(), facts);
  const { faults, files, apart } = render(app);
  return { app, faults, files, apart, objects: apart.flatMap(({ text }) => loadAll(text) as Manifest[]) };
}

describe('what Flux is told of the image of an environment', () => {
  const updates: ImageUpdates = { policy: semver, receiver: { type: 'dockerhub' } };
  const { app, faults, files, apart, objects: made } = told({ imageUpdates: updates });

  test('is a file of its own, which the API server takes', () => {
    expect(faults).toEqual([]);
    expect(apart.map(({ folder, file, use }) => [folder, file, use])).toEqual([
      ['flux', undefined, 'who administers Flux applies it whenever it changes.'],
    ]);
    expect([...files.values()].join('\n')).not.toContain('toolkit.fluxcd.io');
    expect(invalidObjects(apart.map(({ text }) => text))).toEqual([]);
  });

  test('is the newest image of the same repository, in the one line of the one file', () => {
    expect(
      made.map(({ apiVersion, kind, metadata, spec }) => [
        `${apiVersion} ${kind} ${metadata.namespace}/${metadata.name}`,
        spec as unknown,
      ]),
    ).toEqual([
      [
        'image.toolkit.fluxcd.io/v1 ImageRepository flux-system/kube-native-staging',
        { image: 'registry.example.com/kube-native', interval: '600s' },
      ],
      [
        'image.toolkit.fluxcd.io/v1 ImagePolicy flux-system/kube-native-staging',
        {
          imageRepositoryRef: { name: 'kube-native-staging' },
          policy: { semver: { range: '>=1.0.0' } },
          digestReflectionPolicy: 'IfNotPresent',
        },
      ],
      [
        'image.toolkit.fluxcd.io/v1 ImageUpdateAutomation flux-system/kube-native-staging',
        {
          interval: '600s',
          sourceRef: { kind: 'GitRepository', name: 'flux-system' },
          git: {
            checkout: { ref: { branch: 'main' } },
            commit: {
              author: { name: 'fluxcdbot', email: 'fluxcdbot@users.noreply.github.com' },
              messageTemplate: 'Run {{ range .Changed.Changes }}{{ .NewValue }}{{ end }} by images/staging.yaml',
            },
            push: { branch: 'main' },
          },
          policySelector: { matchLabels: { 'app.kubernetes.io/instance': 'kube-native-staging' } },
          update: { strategy: 'Setters', path: './images/staging.yaml' },
        },
      ],
      [
        'notification.toolkit.fluxcd.io/v1 Receiver flux-system/kube-native-staging',
        {
          type: 'dockerhub',
          secretRef: { name: 'kube-native-staging-receiver' },
          resources: [{ apiVersion: 'image.toolkit.fluxcd.io/v1', kind: 'ImageRepository', name: 'kube-native-staging' }],
        },
      ],
    ]);
    const [, policy] = made;
    expect(policy?.['metadata'].labels['app.kubernetes.io/instance']).toBe('kube-native-staging');
  });

  test('needs a Secret where Flux is, which the environment does not have', () => {
    expect(clusterNeeds(app).objects).toContainEqual({
      kind: 'Secret',
      name: 'kube-native-staging-receiver',
      namespace: 'flux-system',
      keys: ['token'],
    });
  });

  test('is for the cluster of the environment', () => {
    const { objects: marked } = told({ imageUpdates: updates }, production);
    expect(marked.map(({ metadata }) => metadata.labels['cdk8s-phoenix/cluster'] as string)).toEqual(Array(4).fill('production'));
  });

  test('changes nothing of its files, however it is delivered', () => {
    for (const delivery of ['apply', 'argo', 'flux'] as const) {
      const without = told({ delivery });
      const withIt = told({ delivery, imageUpdates: updates });
      expect([withIt.faults, withIt.apart.length]).toEqual([[], without.apart.length + 1]);
      expect(withIt.files).toEqual(without.files);
    }
  });
});

describe('image updates with everything set', () => {
  const git: Required<FluxGit> = {
    repository: 'shop-stack',
    branch: 'trunk',
    push: 'flux/production',
    author: { name: 'robot', email: 'robot@example.com' },
  };
  const registry: FluxRegistry = { secret: 'shop-registry' };
  const everything: Required<FluxImageUpdatesProps> = {
    name: 'shop',
    image: 'ghcr.io/acme/shop',
    policy: { newest: 'numerical', tags: { pattern: '^main-[a-f0-9]+-(?P<time>[0-9]+)$', extract: '$time' } },
    file: 'deploy/images/production.yaml',
    git,
    registry,
    digestReflectionPolicy: 'Always',
    receiver: { type: 'github', secret: 'hook' },
    interval: Duration.minutes(5),
    namespace: 'delivery',
  };
  const made = (props: Partial<FluxImageUpdatesProps> = {}) => {
    const chart = new Chart(new App(), 'flux');
    new FluxImageUpdates(chart, 'Updates', { ...everything, ...props });
    return { chart, specs: (): Manifest[] => objects(chart).map(({ spec }) => spec as Manifest) };
  };

  test('are written so', () => {
    const { chart, specs } = made();
    expect(refusals(chart)).toEqual([]);
    const [repository, policy, automation, receiver] = specs();
    expect(repository).toEqual({ image: 'ghcr.io/acme/shop', interval: '300s', secretRef: { name: 'shop-registry' } });
    expect(policy).toMatchObject({
      filterTags: { pattern: '^main-[a-f0-9]+-(?P<time>[0-9]+)$', extract: '$time' },
      policy: { numerical: { order: 'asc' } },
      digestReflectionPolicy: 'Always',
      interval: '300s',
    });
    expect(automation).toMatchObject({
      sourceRef: { name: 'shop-stack' },
      git: { checkout: { ref: { branch: 'trunk' } }, commit: { author: git.author }, push: { branch: 'flux/production' } },
      update: { path: './deploy/images/production.yaml' },
    });
    expect(receiver).toMatchObject({
      type: 'github',
      events: ['ping', 'package', 'registry_package'],
      secretRef: { name: 'hook' },
    });
  });

  test('may be read by the identity of a cloud, and be told by a workflow without a Secret', () => {
    const { chart, specs } = made({
      registry: { provider: 'aws' },
      receiver: { type: 'generic-oidc', repository: 'acme/shop', branch: 'main' },
    });
    expect(refusals(chart)).toEqual([]);
    expect(specs()[0]).toMatchObject({ provider: 'aws' });
    expect(specs()[3]).toEqual({
      type: 'generic-oidc',
      oidcProviders: [
        {
          issuerURL: 'https://token.actions.githubusercontent.com',
          validations: [
            { expression: "claims.repository == 'acme/shop'", message: 'only workflows of acme/shop may' },
            { expression: "claims.ref == 'refs/heads/main'", message: 'only on refs/heads/main' },
          ],
        },
      ],
      resources: [{ apiVersion: 'image.toolkit.fluxcd.io/v1', kind: 'ImageRepository', name: 'shop' }],
    });
  });

  test('are only looked for where nobody tells', () => {
    const chart = new Chart(new App(), 'flux');
    const { receiver } = new FluxImageUpdates(chart, 'Updates', { ...everything, receiver: undefined });
    expect([receiver, objects(chart).length]).toEqual([undefined, 3]);
  });

  const numerical = (pattern: string, extract?: string): Partial<FluxImageUpdatesProps> => ({
    policy: { newest: 'numerical', tags: { pattern, ...(extract === undefined ? {} : { extract }) } },
  });
  test.each<[Partial<FluxImageUpdatesProps>, string]>([
    [{ image: 'ghcr.io/acme/shop:1' }, '\'image\' must be where the images are, got "ghcr.io/acme/shop:1"'],
    [{ image: 'oci://ghcr.io/acme/shop' }, "'image' must be where the images are"],
    [{ policy: { semver: 'newest' } }, '\'policy.semver\' must be a range of versions, got "newest"'],
    [{ policy: { semver: '>=1 ||' } }, "'policy.semver' must be a range of versions"],
    [numerical('^(?=x)([0-9]+)$', '$1'), "'policy.tags.pattern' must be a regular expression of Go"],
    [numerical('^([0-9]+$', '$1'), "'policy.tags.pattern' must be a regular expression of Go"],
    [numerical('main-(?P<run>[0-9]+)', '$run'), "'policy.tags.pattern' must be about the whole tag"],
    [numerical('^.*(?P<run>[a-z0-9]+)$', '$run'), "'policy.tags.pattern' must leave out the tag latest"],
    [
      numerical('^main-(?P<run>[0-9]+)$', '$rum'),
      '\'policy.tags.extract\' must name groups of the pattern, got "$rum"; write one of $run',
    ],
    [numerical('^main-([0-9]+)$', '$2'), "'policy.tags.extract' must name groups of the pattern"],
    [numerical('^main-(?P<run>[0-9]+)$'), "'policy.tags.extract' must name what is a number in the tag"],
    [{ file: '../images/staging.yaml' }, "'file' must be a file of the repository"],
    [{ file: './images' }, "'file' must be a file of the repository"],
    [{ git: { branch: 'refs/heads/main' } }, "'git.branch' must be the name of a branch"],
    [{ git: { push: 'a..b' } }, "'git.push' must be the name of a branch"],
    [
      { receiver: { type: 'generic-oidc', repository: "acme/shop' || true", branch: 'main' } },
      "'receiver.repository' must be a repository of GitHub",
    ],
    [
      { receiver: { type: 'generic-oidc', repository: 'acme/shop', branch: "main' || '" } },
      "'receiver.branch' must be the name of a branch",
    ],
    [{ receiver: { type: 'harbor', secret: 'Hook' } }, "'receiver.secret' must"],
    [{ git: { author: { name: 'robot', email: '' } } }, "'git.author.email' must be what Git takes for an author"],
    [{ git: { author: { name: 'robot <', email: 'a@b' } } }, "'git.author.name' must be what Git takes for an author"],
    [{ registry: { secret: 'a b' } }, "'registry.secret' must"],
    [{ interval: Duration.seconds(5) }, "'interval' must be whole seconds from 60s to 86400s"],
  ])('fails with %j', (props, sentence) => {
    const said = refusals(made(props).chart);
    expect(said).toEqual([expect.stringContaining(`[flux/Updates] ${sentence}`)]);
  });

  test.each(['1.4.x', '^1.4', '~1.2.3', '>=1.0.0 <2.0.0', '>= 1.0, < 3', '1.2 - 1.4', '>=1.0.0-0 || 0.x', '*', 'v1.x'])(
    'takes the range %s',
    (range) => expect(refusals(made({ policy: { semver: range } }).chart)).toEqual([]),
  );

  test.each<[string, string | undefined]>([
    ['^[0-9]+$', undefined],
    ['^(\\d+)$', '$1'],
    ['^main-(?:[a-z]+)-(?<run>\\d+)$', '${run}'],
  ])('takes the tags %s', (pattern, extract) => expect(refusals(made(numerical(pattern, extract)).chart)).toEqual([]));
});

test.each<FluxReceiver['type']>(['acr', 'dockerhub', 'gcr', 'generic-hmac', 'github', 'harbor', 'nexus', 'quay', 'generic-oidc'])(
  'the registry %s may tell',
  (type) => {
    const receiver: FluxReceiver = type === 'generic-oidc' ? { type, repository: 'acme/shop', branch: 'main' } : { type };
    const { faults, apart } = told({ imageUpdates: { policy: semver, receiver } });
    expect(faults).toEqual([]);
    // The models are older than 2.9.
    if (type !== 'generic-oidc') expect(invalidObjects(apart.map(({ text }) => text))).toEqual([]);
  },
);

test('a workflow that is told by half is asked for the rest, and for no other word', () => {
  const receiver = { type: 'generic-oidc' } as FluxReceiver;
  expect(() => told({ imageUpdates: { policy: semver, receiver } })).toThrow(
    /^(?=[^]*'imageUpdates\.receiver\.repository' must be given)(?=[^]*'imageUpdates\.receiver\.branch' must be given)(?![^]*generic-hmac)/,
  );
});

describe('files in a registry', () => {
  const artifact = { url: 'oci://ghcr.io/acme/shop-stack' };
  const flux = (change: Flux, more: Variation = {}) => told({ delivery: 'flux', flux: change, ...more });
  const of = (text = ''): Manifest[] => loadAll(text) as Manifest[];

  test('are fetched from there, and their root is the environment', () => {
    const { faults, files, app } = flux({
      artifact: { ...artifact, registry: { secret: 'pull' } },
      interval: Duration.minutes(2),
    });
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
    const made = of(files.get('flux/90-flux.k8s.yaml'));
    const source = { kind: 'OCIRepository', name: 'kube-native-staging' };
    expect(made.find(({ kind }) => kind === 'OCIRepository')).toMatchObject({
      metadata: { name: 'kube-native-staging', namespace: 'flux-system' },
      spec: { url: artifact.url, ref: { tag: 'staging' }, interval: '300s', secretRef: { name: 'pull' } },
    });
    const steps = made.filter(({ kind }) => kind === 'Kustomization');
    expect(steps.map(({ spec }) => [spec.path, spec.sourceRef, spec.interval] as unknown)).toEqual(
      ['base', 'migrate', 'release'].map((folder) => [`./${folder}`, source, '120s']),
    );
    const needed = clusterNeeds(app).objects;
    expect(needed.filter(({ kind }) => kind.endsWith('Repository'))).toEqual([]);
    expect(needed).toContainEqual({ kind: 'Secret', name: 'pull', namespace: 'flux-system', keys: ['.dockerconfigjson'] });
  });

  test('may be one artifact alone, signed', () => {
    const everything: Required<FluxArtifactProps> = {
      name: 'shop',
      url: 'oci://registry.example.com:5000/acme/shop-stack',
      reference: { digest: `sha256:${'a'.repeat(64)}` },
      registry: { provider: 'gcp' },
      signedBy: {
        issuer: '^https://token\\.actions\\.githubusercontent\\.com$',
        subject: '^https://github\\.com/acme/shop-stack/',
      },
      interval: Duration.minutes(1),
      namespace: 'delivery',
    };
    const chart = new Chart(new App(), 'flux');
    const { source } = new FluxArtifact(chart, 'Artifact', everything);
    expect(refusals(chart)).toEqual([]);
    expect(source).toEqual({ kind: 'OCIRepository', name: 'shop' });
    expect(objects(chart)).toMatchObject([
      {
        metadata: { name: 'shop', namespace: 'delivery' },
        spec: {
          ref: { digest: `sha256:${'a'.repeat(64)}` },
          provider: 'gcp',
          verify: { provider: 'cosign', matchOIDCIdentity: [everything.signedBy] },
        },
      },
    ]);
  });

  test('may be in another repository of Git, or another folder', () => {
    const { faults, files } = flux({
      source: { kind: 'GitRepository', name: 'shop-stack' },
      path: 'deploy/dist/staging',
      namespace: 'delivery',
    });
    expect(faults).toEqual([]);
    expect(of(files.get('flux/90-flux.k8s.yaml'))[0]).toMatchObject({
      metadata: { namespace: 'delivery' },
      spec: { path: './deploy/dist/staging/base', sourceRef: { kind: 'GitRepository', name: 'shop-stack' } },
    });
    expect(flux({}).files).toEqual(told({ delivery: 'flux' }).files);
  });

  test.each<[Flux, Variation, string]>([
    [{ artifact: { url: 'ghcr.io/acme/shop-stack' } }, {}, "'flux.artifact.url' must be a repository of a registry"],
    [{ artifact: { url: 'oci://ghcr.io/acme/shop-stack:main' } }, {}, "'flux.artifact.url' must be a repository of a registry"],
    [
      { artifact: { ...artifact, reference: { tag: 'latest' } } },
      {},
      "'flux.artifact.reference.tag' must be a tag, and not latest",
    ],
    [
      { artifact: { ...artifact, reference: { digest: 'a' } as FluxReference } },
      {},
      "'flux.artifact.reference.digest' must be a digest",
    ],
    ...['', '.*', '^', '^.*', 'https://token.example.com', '^https://(token'].map((issuer): [Flux, Variation, string] => [
      { artifact: { ...artifact, signedBy: { issuer, subject: '^https://github\\.com/acme/' } } },
      {},
      "'flux.artifact.signedBy.issuer' must be a regular expression of Go that begins with ^",
    ]),
    [{ artifact, source: { kind: 'Bucket', name: 'shop' } }, {}, "'flux.source' must be left out beside an artifact"],
    [{ artifact }, { delivery: 'apply' }, "'flux' must be left out where delivery is not 'flux', got \"apply\""],
  ])('fails with %j %j', (change, more, sentence) => {
    expect(flux(change, more).faults).toEqual([expect.stringContaining(sentence)]);
  });

  test('are fetched with no login in the address, which nobody is shown', () => {
    const url = 'oci://ci:hunter2@ghcr.io/acme/shop-stack';
    const { faults } = flux({ artifact: { url } });
    const argo = told({ delivery: 'argo', argo: { repository: url, revision: 'staging' } });
    expect([faults, argo.faults.some((one) => one.includes('must be a repository of a registry'))]).toEqual([
      [expect.stringContaining("'flux.artifact.url' must be a repository of a registry")],
      false,
    ]);
    expect([...faults, ...argo.faults].join()).not.toContain('hunter2');
  });

  test('have no Secret in them, which all could read who pull images', () => {
    const literal: Variation = {
      secrets: { literal: { SECRET_KEY_BASE: 'canary-5f1e'.repeat(8), RELEASE_COOKIE: 'canary-77aa-canary-77aa' } },
      optOuts: { 'literal-secrets': OptOut.because('a rehearsal without data of users') },
    };
    for (const change of [
      { delivery: 'flux' as const, flux: { artifact } },
      { delivery: 'argo' as const, argo: { repository: artifact.url, revision: 'staging' } },
    ]) {
      const { faults, files } = told({ ...change, ...literal });
      expect(faults).toContainEqual(
        expect.stringMatching(
          /'(?:flux\.artifact\.url|argo\.repository)' must be for files without a Secret, which all could read who may pull, got "kube-native"/,
        ),
      );
      expect([faults.join().includes('canary'), files.size]).toEqual([false, 0]);
    }
  });
});
