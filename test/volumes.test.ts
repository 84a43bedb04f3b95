import { type App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  clusterNeeds,
  HashedConfigMap,
  OptOut,
  ProbedDeployment,
  render,
  VolumeClaim,
  type Manifest,
  type Mount,
  type NamedEnvironment,
} from '../lib/index';
import { deployed, deploymentRefusals, container, objects, chart, podSpec, refusalsOf, minimalDeployment } from './support/chart';
import { invalidObjects } from './support/models';
import { build, production as onManaged, staging } from './support/stack';
import { vary, type Variation } from './support/vary';

const large = { cpu: Cpu.units(20), memory: Size.gibibytes(20), storage: Size.gibibytes(200), pods: 30 };

/** An application with every kind of files, each role with its own. */
const withFiles = vary(staging, {
  quota: large,
  claims: {
    uploads: { storage: Size.gibibytes(20), storageClass: 'files', accessModes: ['ReadWriteMany'] },
    archive: { storage: Size.gibibytes(5), storageClass: 'files', accessModes: ['ReadWriteMany'] },
  },
  existing: [
    { kind: 'Secret', name: 'gcloud', keys: ['gcloud.json'] },
    { kind: 'ConfigMap', name: 'banner', keys: ['banner.txt'] },
  ],
  mounts: [{ path: '/etc/gcloud', secret: 'gcloud', keys: ['gcloud.json'] }],
  web: {
    mounts: [
      { path: '/uploads', claim: 'uploads' },
      { path: '/app/banner.txt', configMap: 'banner', file: 'banner.txt' },
      { path: '/nx', memory: Size.mebibytes(64) },
    ],
  },
  workers: {
    worker: {
      replicas: 1,
      config: { KUBE_NATIVE_MODE: 'worker' },
      mounts: [
        { path: '/uploads', claim: 'uploads', subPath: 'done', readOnly: true },
        { path: '/geoip', scratch: Size.mebibytes(100) },
        { path: '/models', ephemeral: { storage: Size.gibibytes(10), storageClass: 'fast' } },
      ],
    },
  },
  migrations: { ...staging.migrations, mounts: [{ path: '/archive', claim: 'archive' }] },
});

function fileOf(app: App, id: string): Manifest[] {
  const { faults } = render(app);
  expect(faults).toEqual([]);
  return (app.charts.find(({ node }) => node.id === id)?.toJson() ?? []) as Manifest[];
}

/** What of the objects is about files, by what they are. */
function filesOf(app: App): Record<string, unknown> {
  const all = ['20-migrate', '30-phoenix'].flatMap((id) => fileOf(app, id));
  return Object.fromEntries(
    all.flatMap(({ kind, metadata, spec }): [string, unknown][] => {
      const name = `${kind} ${String(metadata.name).replace(/-[0-9a-f]{10}$/, '')}`;
      if (kind === 'PersistentVolumeClaim') return [[name, { annotations: metadata.annotations, spec }]];
      const pod = spec?.template?.spec as Manifest | undefined;
      if (!pod) return [];
      const { volumes, securityContext, initContainers, containers } = pod;
      const mounted = [...initContainers, ...containers].map((one: Manifest) => [one['name'], one['volumeMounts']]);
      return [[name, { volumes, securityContext, mounted: Object.fromEntries(mounted) }]];
    }),
  );
}

const kinds = (all: Manifest[]): string[] => all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const faultsOf = (change: Variation, environment: NamedEnvironment = withFiles): readonly string[] => {
  try {
    return render(build(vary(environment, change))).faults;
  } catch (error) {
    return [(error as Error).message];
  }
};

describe('an environment with files', () => {
  const app = build(withFiles);

  test('runs', () => {
    const { files, faults } = render(app);
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
    expect(filesOf(app)).toMatchSnapshot();
  });

  test('has each claim in the file of the first who mounts it', () => {
    expect(kinds(fileOf(app, '20-migrate'))).toContain('PersistentVolumeClaim archive');
    expect(kinds(fileOf(app, '30-phoenix'))).toContain('PersistentVolumeClaim uploads');
  });

  test('needs its classes', () => {
    const needed = clusterNeeds(app).objects.flatMap(({ kind, name }) => (kind === 'StorageClass' ? [name] : []));
    expect(needed).toEqual(['fast', 'files']);
  });

  test.each([
    ['argo', '1', '2', 'argocd.argoproj.io/sync-options', 'Delete=false,Prune=false'],
    ['flux', undefined, undefined, 'kustomize.toolkit.fluxcd.io/prune', 'disabled'],
  ] as const)(
    'keeps claims where they are no longer delivered, and lets nobody wait for them: %s',
    (delivery, one, two, name, value) => {
      const delivered = build(vary(withFiles, { delivery }));
      const claims = ['20-migrate', '30-phoenix'].flatMap((id) =>
        fileOf(delivered, id).filter(({ kind }) => kind === 'PersistentVolumeClaim'),
      );
      const wave = 'argocd.argoproj.io/sync-wave';
      expect(claims.map(({ metadata }) => metadata.annotations)).toEqual(
        [one, two].map((number) => ({ [name]: value, ...(number === undefined ? {} : { [wave]: number }) })),
      );
    },
  );

  test('is refused by Helm where migrations wait for a claim that comes after them, and keeps the others', () => {
    expect(
      faultsOf({ delivery: 'helm', database: onManaged.database, backup: OptOut.because('the provider keeps them') }),
    ).toEqual([
      expect.stringMatching(/Job\] .*must name a PersistentVolumeClaim that is there before the install, got "archive"/),
    ]);
  });

  test('counts what each pod claims for itself', () => {
    expect(faultsOf({ quota: { ...large, storage: Size.gibibytes(49) } })).toEqual([
      expect.stringMatching(/requests\.storage.*kube-native-worker/),
    ]);
  });

  test.each<[string, Variation, string]>([
    [
      'a claim that is not made',
      { claims: { archive: { storage: Size.gibibytes(5), accessModes: ['ReadWriteMany'] } } },
      'PersistentVolumeClaim',
    ],
    ['no word', { web: { mounts: [{ path: '/x' } as Mount] } }, 'be one of claim, scratch, memory, configMap, secret'],
    ['a misspelt word', { web: { mounts: [{ path: '/x', clam: 'uploads' } as unknown as Mount] } }, "did you mean 'claim'?"],
    ['two words', { web: { mounts: [{ path: '/x', claim: 'uploads', scratch: Size.mebibytes(1) }] } }, 'got "claim, scratch"'],
    ['a size that is none', { web: { mounts: [{ path: '/x', scratch: 5 } as unknown as Mount] } }, 'be a Size'],
    [
      'a mode that nobody knows',
      { claims: { uploads: { storage: Size.gibibytes(1), accessModes: ['RWO' as 'ReadWriteOnce'] } } },
      'accessModes',
    ],
    [
      'one writer under two pods',
      { claims: { ...withFiles.claims, uploads: { storage: Size.gibibytes(20) } } },
      '(single-writer)',
    ],
  ])('fails with %s', (_, change, sentence) => {
    const faults = faultsOf(change);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toContain(sentence);
  });
});

describe('a mount', () => {
  const all: Record<string, Mount> = {
    claim: { path: '/a', claim: 'uploads', subPath: 'a/b', name: 'files', readOnly: true },
    scratch: { path: '/var/cache/Tz_Data', scratch: Size.mebibytes(10) },
    memory: { path: '/m', memory: Size.mebibytes(10) },
    configMap: { path: '/etc/app', configMap: 'app', keys: ['one', 'two'] },
    whole: { path: '/etc/app', configMap: 'app' },
    'one file': { path: '/etc/app.conf', configMap: 'app', file: 'app.conf' },
    secret: { path: '/etc/key.pem', secret: 'keys', file: 'key.pem' },
    projected: { path: '/etc/all', projected: [{ secret: { name: 'a' } }, { configMap: { name: 'b' } }] },
    secretsStore: { path: '/mnt/vault', secretsStore: 'shop' },
    csi: { path: '/csi', csi: { driver: 'csi.example.com', fsType: 'ext4', volumeAttributes: { share: 'a' } } },
    ephemeral: { path: '/big', ephemeral: { storage: Size.gibibytes(50) } },
    other: { path: '/nfs', source: { nfs: { server: 'files.example.com', path: '/' } }, subPath: 'shop' },
  };
  const rendered = (...mounts: Mount[]) => {
    const deployment = deployed({ mounts });
    const [, ...volumes] = podSpec(deployment)['volumes'] as Manifest[];
    const [, ...volumeMounts] = container(deployment)['volumeMounts'] as Manifest[];
    const { fsGroup, fsGroupChangePolicy } = podSpec(deployment)['securityContext'] as Manifest;
    return { volumes, volumeMounts, ...(fsGroup === undefined ? {} : { fsGroup, fsGroupChangePolicy }) };
  };

  test.each(Object.keys(all))('of each kind is what Kubernetes takes: %s', (name) => {
    const mount = all[name];
    expect(mount && rendered(mount)).toMatchSnapshot();
  });

  test('of one claim in two places is one volume', () => {
    const places: Mount[] = [
      { path: '/uploads', claim: 'files', subPath: 'uploads' },
      { path: '/exports', claim: 'files', subPath: 'exports' },
    ];
    expect(rendered(...places)).toMatchObject({
      volumes: [{ name: 'files', persistentVolumeClaim: { claimName: 'files' } }],
      volumeMounts: [
        { name: 'files', mountPath: '/uploads', subPath: 'uploads' },
        { name: 'files', mountPath: '/exports', subPath: 'exports' },
      ],
    });
    expect(deploymentRefusals({ mounts: places })).toEqual([]);
  });

  test('may name a ConfigMap whose name is known at the end', () => {
    const tried = chart();
    const { configMapName } = new HashedConfigMap(tried, 'Banner', { name: 'banner', labels: {}, data: { 'b.txt': 'hello' } });
    new ProbedDeployment(tried, 'Web', {
      ...minimalDeployment,
      mounts: [{ path: '/b.txt', configMap: configMapName, file: 'b.txt' }],
    });
    const deployment = objects(tried).find(({ kind }) => kind === 'Deployment');
    expect(deployment && podSpec(deployment)['volumes'][1]).toEqual({
      name: 'b-txt',
      configMap: { name: expect.stringMatching(/^banner-[0-9a-f]{10}$/), items: [{ key: 'b.txt', path: 'b.txt' }] },
    });
  });

  test.each<[string, Mount[], string]>([
    [
      'two are at one path, written in two ways',
      [
        { path: '/etc/app', configMap: 'a' },
        { path: '/etc/app/', configMap: 'b' },
      ],
      '\'mounts\' must have names and paths of their own, got "path /etc/app/"; move or drop one; /tmp is always mounted',
    ],
    [
      'two paths make one name',
      [
        { path: '/a/b', scratch: Size.mebibytes(1) },
        { path: '/a-b', scratch: Size.mebibytes(1) },
      ],
      "'mounts' must have names and paths of their own, got \"name a-b\"; give one of them another 'name' or drop one; /tmp is always mounted",
    ],
    [
      'one is a file and a folder',
      [{ path: '/etc/app', secret: 'a', keys: ['b'], file: 'c' }],
      '\'mounts.file\' must be left out beside keys, got "c"; take out one of the two: a file is one key, and keys are a folder',
    ],
    [
      'a folder leaves its volume',
      [{ path: '/a', claim: 'a', subPath: '../b' }],
      "'mounts.subPath' must be a path inside the volume, got \"../b\"; write it without '..' and without a slash in front",
    ],
    [
      'nothing may be written',
      [{ path: '/a', memory: Size.mebibytes(0) }],
      "'mounts.memory' must be more than nothing, got 0Mi; write Size.mebibytes(100)",
    ],
  ])('fails when %s', (_, mounts, sentence) => {
    expect(deploymentRefusals({ mounts })).toEqual([`[chart/Web] ${sentence}`]);
  });
});

describe('a claim', () => {
  test('is of one node, of the default class, and stays', () => {
    const tried = chart();
    new VolumeClaim(tried, 'Uploads', { name: 'uploads', storage: Size.gibibytes(20) });
    expect(objects(tried)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          labels: {
            'app.kubernetes.io/component': 'files',
            'app.kubernetes.io/instance': 'uploads',
            'app.kubernetes.io/name': 'uploads',
          },
          name: 'uploads',
          namespace: 'test',
        },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
      },
    ]);
  });

  test('with everything set has the turn of the first who mounts it', () => {
    const tried = chart();
    const everything: Required<ConstructorParameters<typeof VolumeClaim>[2]> = {
      name: 'uploads',
      application: 'shop',
      storage: Size.tebibytes(1),
      storageClass: 'files',
      accessModes: ['ReadWriteMany', 'ReadOnlyMany'],
      delivery: 'helm',
      turn: 'last',
    };
    new VolumeClaim(tried, 'Uploads', everything);
    const [{ metadata = {}, spec } = {}] = objects(tried);
    expect(metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'shop' });
    expect(spec).toMatchObject({
      accessModes: ['ReadWriteMany', 'ReadOnlyMany'],
      storageClassName: 'files',
      resources: { requests: { storage: '1024Gi' } },
    });
  });

  test.each([
    ['a name of a volume', { name: 'Up' }, "'name' must be"],
    ['a size', { storage: Size.gibibytes(0) }, "'storage' must be more than nothing"],
    ['a mode', { accessModes: [] }, "'accessModes' must name one or more"],
    ['a class', { storageClass: 'Fast!' }, "'storageClass' must be"],
  ])('fails without %s', (_, change, sentence) => {
    const faults = refusalsOf((tried) => new VolumeClaim(tried, 'C', { name: 'c', storage: Size.gibibytes(1), ...change }));
    expect(faults).toEqual([expect.stringContaining(sentence)]);
  });
});
