import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { parseAllDocuments } from 'yaml';
import { build, preview } from './support/stack';
import { type NamedEnvironment, OptOut, SinglePostgres, synth, type SynthOptions } from '../lib/index';
import { production, staging } from './support/alone';
import { vary } from './support/vary';

const root = mkdtempSync(join(tmpdir(), 'previous-'));
const outdir = join(root, 'now');
const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  jest.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(...line.split('\n')));
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(outdir, { recursive: true, force: true });
});

afterAll(() => rmSync(root, { recursive: true }));

/** Synthesizes environments beside what was before; returns what is printed. */
function run(environments: readonly NamedEnvironment[], options: SynthOptions = {}, folder = outdir): readonly string[] {
  synth(
    folder,
    environments.map((environment) => [environment.name, (app: App) => build(environment, app)] as const),
    options,
  );
  return printed.splice(0);
}

/** A checkout whose `dist` holds some environments. */
function checkout(...environments: readonly NamedEnvironment[]): string {
  const folder = mkdtempSync(join(root, 'checkout-'));
  run(environments, {}, join(folder, 'dist'));
  mkdirSync(join(folder, 'node_modules/some/dist'), { recursive: true });
  return folder;
}

const managed = (host: string): NamedEnvironment => {
  const { database } = production;
  if (!('managed' in database)) throw new Error('no managed database');
  return vary(production, { database: { managed: { ...database.managed, host } } });
};

/** Staging with a second server beside its own. */
const beside: NamedEnvironment = vary(staging, {
  quota: { ...staging.quota, cpu: Cpu.units(8), memory: Size.gibibytes(12), storage: Size.gibibytes(40), pods: 24 },
  amend: ({ postgres }) => {
    const { database } = staging;
    if (!('single' in database)) throw new Error('no single database');
    const password = { secret: 'kube-native-postgresql', key: 'password' };
    new SinglePostgres(postgres, 'First', { ...database.single, name: 'first', database: 'first', user: 'first', password });
  },
});

/** Changes a file of a checkout's `dist`. */
function edit(folder: string, name: string, change: (text: string) => string): void {
  const file = join(folder, 'dist', name);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

const MADE_ANEW =
  'run "kubectl -n kube-native-staging delete statefulset kube-native-postgresql --cascade=orphan", which leaves its pods and volumes, then apply, with this rule left out for one release: docs/changes.md (immutable-fields)';

const small = (environment: NamedEnvironment, gibibytes: number): NamedEnvironment => {
  const { database } = environment;
  if (!('single' in database)) throw new Error('no single database');
  return vary(environment, { database: { single: { ...database.single, storage: Size.gibibytes(gibibytes) } } });
};

const MUST = "[app] 'previous' must be a folder with what was synthesized before, got";
const FIRST = 'where nothing was synthesized before, pass an OptOut with the reason, as PREVIOUS=none does';

describe('the previous output', () => {
  test('is compared, and named in one calm line', () => {
    const previous = join(checkout(staging), 'dist');
    expect(run([staging, production], { previous })).toEqual([`compared with ${previous}: staging; new: production`]);
    expect(readdirSync(outdir).sort()).toEqual(['production', 'staging']);
  });

  test('is none at the first deployment, which is said', () => {
    const previous = OptOut.because('the cluster is of this morning');
    expect(run([staging], { previous })).toEqual(['compared with nothing: the cluster is of this morning']);
    expect(readdirSync(outdir)).toEqual(['staging']);
  });

  test.each([
    ['not there', 'dist-of-main', 'which is not there', 'dist'],
    ['above the output', '.', 'which holds no folder of an environment', 'dist'],
    ['one environment of it', 'dist/staging', 'which holds the files of one environment', 'dist'],
    ['a folder beside it', 'docs', 'which holds no folder of an environment', 'dist'],
  ])('fails when the folder is %s, and names the one that is meant', (_, path, wrong, meant) => {
    const folder = checkout(staging);
    mkdirSync(join(folder, 'docs'));
    const previous = join(folder, path);
    expect(run([staging], { previous })).toEqual([
      `${MUST} "${previous}, ${wrong}"; write ${join(folder, meant)}`,
      '1 fault; nothing was written',
    ]);
  });

  test('fails when the folder is empty, or nothing is there', () => {
    const empty = mkdtempSync(join(root, 'empty-'));
    for (const [previous, wrong] of [
      [empty, 'which holds no folder of an environment'],
      [join(empty, 'dist'), 'which is not there'],
    ] as const) {
      const [fault] = run([vary(staging, { name: 'nowhere-else' })], { previous });
      expect(fault).toBe(`${MUST} "${previous}, ${wrong}"; synthesize there first; ${FIRST}`);
    }
    expect(run([staging], { previous: '' })[0]).toBe(
      `${MUST} ""; unset PREVIOUS to compare nothing, or name the folder; ${FIRST}`,
    );
  });

  test('fails when the folder of an environment is empty beside others', () => {
    const folder = join(checkout(staging, production), 'dist');
    for (const file of readdirSync(join(folder, 'production'))) rmSync(join(folder, 'production', file));
    expect(run([staging, production], { previous: folder })).toContain(
      `production: [app] 'previous ${join(folder, 'production')}' must hold what was synthesized before, got "no object"; name the folder of one environment, with its files; leave it out for an environment that is new`,
    );
  });

  test('fails when it is the folder that is written, which a fault empties', () => {
    run([staging]);
    expect(run([staging], { previous: outdir })[0]).toBe(
      `${MUST} "${outdir}, which is written now"; compare with a copy, or with the output of another checkout: this one is empty after a fault`,
    );
  });

  test('fails when it is in the folder that is written, whose files go with each run, also by way of a link', () => {
    const link = join(mkdtempSync(join(root, 'link-')), 'dist');
    symlinkSync(join(outdir, 'former'), link);
    for (const previous of [join(outdir, 'former'), link]) {
      run([staging], {}, join(outdir, 'former'));
      expect(run([staging], { previous })[0]).toMatch(/, which is in the folder that is written now"; compare with a copy/);
    }
  });

  test('fails when it is a file', () => {
    const folder = checkout(staging);
    expect(run([staging], { previous: join(folder, 'dist/staging/10-postgres.k8s.yaml') })[0]).toBe(
      `${MUST} "${join(folder, 'dist/staging/10-postgres.k8s.yaml')}, which is a file"; write ${join(folder, 'dist')}`,
    );
  });

  test.each([
    ['a List of JSON', (text: string) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documentsOf(text) })],
    [
      'JSON documents',
      (text: string) =>
        documentsOf(text)
          .map((one) => JSON.stringify(one))
          .join('\n---\n'),
    ],
    ['lines of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ])('is read as %s too', (_, form) => {
    const folder = checkout(staging);
    edit(folder, 'staging/10-postgres.k8s.yaml', form);
    const previous = join(folder, 'dist');
    expect(run([staging], { previous })).toEqual([`compared with ${previous}: staging`]);
    expect(run([small(staging, 5)], { previous })[1]).toMatch(/a volume never shrinks/);
  });

  test.each<[string, (text: string) => string, string]>([
    ['was cut off in an object', (text) => text.replace(/\nmetadata:[^]*$/, '\n'), 'something that is no object with a name'],
    ['is empty', () => '', 'nothing'],
  ])('fails when a file %s', (_, cut, got) => {
    const folder = checkout(staging);
    edit(folder, 'staging/30-phoenix.k8s.yaml', cut);
    expect(run([staging], { previous: join(folder, 'dist') }).join('\n')).toContain(
      `30-phoenix.k8s.yaml' must hold Kubernetes objects as YAML, got "${got}"; restore`,
    );
  });

  test('fails when a run was stopped while it wrote', () => {
    const folder = checkout(staging);
    const file = join(folder, 'dist/staging/30-phoenix.k8s.yaml');
    renameSync(file, `${file}.partial`);
    expect(run([staging], { previous: join(folder, 'dist') }).join('\n')).toContain('got "a part of a file"; restore');
  });

  test('may hold an object twice, and not two of one name', () => {
    const folder = checkout(staging);
    const file = join(folder, 'dist/staging/10-postgres.k8s.yaml');
    const previous = join(folder, 'dist');
    writeFileSync(join(folder, 'dist/staging/11-copy.yaml'), readFileSync(file));
    expect(run([staging], { previous })).toEqual([`compared with ${previous}: staging`]);
    edit(folder, 'staging/11-copy.yaml', (text) => text.replace('storage: 10Gi', 'storage: 20Gi'));
    expect(run([staging], { previous })).toContainEqual(
      expect.stringContaining(
        'must hold each object once, got "two of StatefulSet kube-native-postgresql, which differ"; remove',
      ),
    );
  });

  test('may have what kustomize reads beside the objects', () => {
    const folder = checkout(staging);
    const build = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n';
    writeFileSync(join(folder, 'dist/staging/kustomization.yaml'), build);
    expect(run([staging], { previous: join(folder, 'dist') })).toHaveLength(1);
  });

  test('may have any YAML in a folder with the name of an environment', () => {
    const previous = mkdtempSync(join(root, 'gitops-'));
    mkdirSync(join(previous, 'staging/apps'), { recursive: true });
    writeFileSync(join(previous, 'staging/apps/web.yaml'), 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web }\n');
    expect(run([staging], { previous })[0]).toBe(`compared with ${previous}: staging`);
  });
});

describe('an environment that is gone', () => {
  const both = (): string => join(checkout(staging, production), 'dist');

  test('is a fault, with what it keeps', () => {
    expect(run([production], { previous: both() }).slice(1)).toEqual([
      "staging: [app] 'environment' must be built still, or be named in 'retired', got nothing; bring it back, or save its data (StatefulSet kube-native-postgresql) in the namespace kube-native-staging, which is nobody's then, and name it in 'retired' with the reason",
      '1 fault; nothing was written',
    ]);
  });

  test('is none where it is not built this time', () => {
    const previous = both();
    expect(run([production], { previous, others: ['production', 'staging'] })).toEqual([`compared with ${previous}: production`]);
  });

  test('may be retired with the reason, and what is left of it is named', () => {
    const previous = both();
    const retired = { staging: OptOut.because('rehearsals are done in previews') };
    expect(run([production], { previous, retired })).toEqual([
      `compared with ${previous}: production`,
      'staging: retired: rehearsals are done in previews; once nobody needs it: kubectl delete namespace kube-native-staging, which deletes its volumes too',
    ]);
  });

  test('fails when it is retired and built', () => {
    const retired = { staging: OptOut.because('it was too dear') };
    expect(run([staging, production], { previous: both(), retired })).toContain(
      '[app] \'retired.staging\' must be no environment any more, got "staging"; take it out of one of the two',
    );
  });

  test('is missed by nobody where it was a preview', () => {
    const previous = join(checkout(staging, preview(12, 'registry.example.com/kube-native:pr-12')), 'dist');
    expect(run([staging], { previous })).toEqual([`compared with ${previous}: staging`]);
  });
});

describe('an environment with another name', () => {
  test('fails when its data would stay behind, and a volume that shrank meanwhile is found', () => {
    const previous = join(checkout(staging), 'dist');
    const rehearsal = small(vary(staging, { name: 'rehearsal', namespace: 'kube-native-rehearsal' }), 5);
    const said = run([rehearsal], { previous });
    expect(said).toHaveLength(4);
    expect(said[0]).toBe(`compared with ${previous}: rehearsal (was staging)`);
    expect(said[1]).toMatch(
      /^rehearsal: .*'spec\.volumeClaimTemplates\[0\].*must stay "10Gi", got "5Gi"; .*a volume never shrinks/,
    );
    expect(said[2]).toBe(
      "staging: [app] 'environment' must be built still, or be named in 'retired', got \"rehearsal, which has its objects\"; take the name back, or move its data (StatefulSet kube-native-postgresql): it stays in the namespace kube-native-staging, and rehearsal begins empty; then name it in 'retired' with the reason",
    );
  });

  test('fails when only the folder is another, for whatever applies it; once that is settled, the objects are compared', () => {
    const previous = join(checkout(staging), 'dist');
    const rehearsal = vary(staging, { name: 'rehearsal' });
    expect(run([rehearsal], { previous })[1]).toBe(
      "staging: [app] 'environment' must be built still, or be named in 'retired', got \"rehearsal, which has its namespace\"; point what applies the folder staging to rehearsal first, or it may delete its data (StatefulSet kube-native-postgresql); then name it in 'retired' with the reason",
    );
    const retired = { staging: OptOut.because('it is called rehearsal now') };
    expect(run([rehearsal], { previous, retired })).toEqual([
      `compared with ${previous}: rehearsal (was staging)`,
      'staging: retired: it is called rehearsal now',
    ]);
    expect(run([small(rehearsal, 5)], { previous, retired })[2]).toMatch(/a volume never shrinks/);
  });

  test('begins anew where its move is meant', () => {
    const previous = join(checkout(staging), 'dist');
    const rehearsal = small(vary(staging, { name: 'rehearsal', namespace: 'kube-native-rehearsal' }), 5);
    const retired = { staging: OptOut.because('restored into rehearsal from the dump of Friday') };
    expect(run([rehearsal], { previous, retired })).toHaveLength(2);
    expect(readdirSync(outdir)).toEqual(['rehearsal']);
  });
});

describe('database-moved', () => {
  const before = managed('db-1.example.com');
  const SETTLE =
    'take the change back, or move the data first and leave the rule out for one release, with the reason: docs/changes.md (database-moved)';

  test('fails when the environment points at another server, once', () => {
    const previous = join(checkout(before), 'dist');
    const said = run([managed('db-2.example.com')], { previous });
    expect(said.slice(1)).toEqual([
      expect.stringMatching(
        /^production: \[.*\] '.*DATABASE_URL' must lead to db-1\.example\.com\/kube_native, where the data are, got "db-2\.example\.com\/kube_native"; /,
      ),
      '1 fault; nothing was written',
    ]);
    expect(said[1]).toContain(SETTLE);
  });

  test('is settled with the reason, for one release', () => {
    const previous = join(checkout(before), 'dist');
    const optOuts = { 'database-moved': OptOut.because('db-2 is a copy that was promoted on Sunday') };
    const said = run([vary(managed('db-2.example.com'), { optOuts })], { previous });
    expect(said[1]).toMatch(/^production: database-moved left out for .*: db-2 is a copy that was promoted on Sunday$/);
  });

  test('says nothing where the server is gone with its data, which lost-data tells', () => {
    const previous = join(checkout(staging), 'dist');
    const { database, databasePassword, quota } = before;
    const said = run([vary(staging, { database, databasePassword, quota })], { previous });
    expect(said.filter((line) => line.includes('(database-moved)'))).toEqual([]);
    expect(said.join('\n')).toContain('(lost-data)');
  });

  test('takes another Service of the same StatefulSet, beside the one that was there', () => {
    const folder = checkout(staging);
    // As it was while clients had the headless Service alone, and pods were started in order.
    edit(folder, 'staging/10-postgres.k8s.yaml', (text) => {
      const documents = text.split('\n---\n').filter((document) => !/^  name: kube-native-postgresql-rw$/m.test(document));
      return documents.join('\n---\n').replace(/^  podManagementPolicy: Parallel\n/m, '');
    });
    for (const name of ['20-migrate', '30-phoenix']) {
      // Another content has another hash.
      edit(folder, `staging/${name}.k8s.yaml`, (text) =>
        text.replaceAll('kube-native-postgresql-rw.', 'kube-native-postgresql.').replace(/-[0-9a-f]{10}$/gm, '-0123456789'),
      );
    }
    expect(run([staging], { previous: join(folder, 'dist') }).slice(1)).toEqual([
      `staging: [10-postgres/Single/StatefulSet] 'spec.podManagementPolicy' must stay out, got "Parallel"; ${MADE_ANEW}`,
      '1 fault; nothing was written',
    ]);
  });

  test('fails when the same Service leads to another StatefulSet than before', () => {
    const folder = checkout(beside);
    edit(folder, 'staging/10-postgres.k8s.yaml', (text) => {
      const documents = text.split('\n---\n');
      const led = documents.map((document) =>
        /^kind: Service$/m.test(document) ? document.replace(/^(    app.kubernetes.io\/instance:) .*/gm, '$1 first') : document,
      );
      return led.join('\n---\n');
    });
    const said = run([beside], { previous: join(folder, 'dist') });
    expect(said.filter((line) => line.includes('(database-moved)'))).toEqual([
      expect.stringContaining(
        'must lead to kube-native-staging/first, where the data are, got "kube-native-staging/kube-native-postgresql"; take',
      ),
    ]);
  });

  test('takes a pooler in front of the same server, and its absence', () => {
    const { database } = before;
    if (!('managed' in database)) throw new Error('no managed database');
    const pooler = { host: 'pooler.example.com', port: 6432, mode: 'session', namedStatements: false, clients: 500 } as const;
    const pooled: NamedEnvironment = vary(before, {
      web: { connection: { pooled: { listens: false, statements: 'unnamed' } } },
      database: { managed: { ...database.managed, pooler } },
    });
    const [direct, throughPooler] = [join(checkout(before), 'dist'), join(checkout(pooled), 'dist')];
    for (const [environment, previous] of [
      [before, direct],
      [pooled, direct],
      [before, throughPooler],
    ] as const) {
      expect(run([environment], { previous })).toEqual([`compared with ${previous}: production`]);
    }
  });
});

describe('what kubectl apply leaves behind', () => {
  test('is named where a Deployment is no longer in the output, with the command that deletes it', () => {
    const folder = checkout(production);
    const file = join(folder, 'dist/production/31-old.k8s.yaml');
    const meta = 'metadata: { name: shop-web, namespace: kube-native-production }';
    writeFileSync(
      file,
      [
        `apiVersion: apps/v1\nkind: Deployment\n${meta}\nspec: { selector: { matchLabels: { app: shop } } }`,
        `apiVersion: v1\nkind: Service\n${meta}`,
        `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop-web-0123456789, namespace: kube-native-production }`,
        `apiVersion: batch/v1\nkind: Job\nmetadata: { name: shop-migration, namespace: kube-native-production }`,
        `apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: { name: shop }`,
        // What goes with these nobody brings back: a plan names them one by one.
        `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: smtp, namespace: kube-native-production }`,
        `apiVersion: s3.aws.upbound.io/v1\nkind: Bucket\nmetadata: { name: uploads, namespace: kube-native-production }`,
      ].join('\n---\n'),
    );
    const before = 'production: kubectl apply leaves what is no longer in the output; once nobody needs it: kubectl';
    expect(run([production], { previous: join(folder, 'dist') }).slice(1)).toEqual([
      `${before} -n kube-native-production delete deployment.apps/shop-web service/shop-web job.batch/shop-migration`,
      `${before} delete priorityclass.scheduling.k8s.io/shop`,
    ]);
  });
});

test('an environment keeps its folder when two of one name are built', () => {
  expect(run([staging, vary(staging, { namespace: 'other' })])).toEqual([
    'staging: [app] \'name\' must be that of one environment, got "staging"; rename one: the name is that of its folder',
    '1 fault; nothing was written',
  ]);
});
