import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { parse } from 'yaml';
import { chart, CHART_DEFAULTS, type ChartOptions } from '../../lib/command/chart';
import { OptOut, synth, type Build, type NamedEnvironment } from '../../lib/index';
import { measured, observe } from '../observe/watched';
import { build, facts, production, staging } from '../support/stack';
import { filesOf, inChart, objectsIn, rendered } from '../support/helm';
import { vary, type Variation } from '../support/vary';

const root = mkdtempSync(join(tmpdir(), 'chart-'));
const home = process.cwd();
const namespace = 'kube-native-production';
const own = join('charts', namespace);
const quota = { cpu: Cpu.units(40), memory: Size.gibibytes(60), storage: Size.gibibytes(1), pods: 40 };
const byHelm = vary(production, {
  delivery: 'helm',
  migrations: { gate: Duration.minutes(30), contract: true, seeds: 'once' },
  quota,
});
/** What writes braces. */
const measuredBy: Variation = { monitoring: [{ namespace: 'monitoring' }], observe };

beforeAll(() => {
  process.chdir(root);
  written('synthesized', { production: byHelm, staging: vary(staging, { delivery: 'argo' }) }, measuredBy);
});
beforeEach(() => {
  cpSync('synthesized', 'dist', { recursive: true });
});
afterEach(() => {
  for (const folder of ['dist', 'charts']) rmSync(folder, { recursive: true, force: true });
});
afterAll(() => {
  process.chdir(home);
  rmSync(root, { recursive: true });
});

function written(outdir: string, environments: Readonly<Record<string, NamedEnvironment>>, seen: Variation = {}): void {
  const told = jest.spyOn(console, 'error').mockReturnValue();
  const of = seen === measuredBy ? measured : facts;
  const builds = Object.entries(environments).map(([name, one]): [string, Build] => [
    name,
    (app) => build(vary(one, seen), app, of),
  ]);
  expect(synth(outdir, builds) || told.mock.calls).toBe(true);
  told.mockRestore();
}

const run = (environment = 'production', more: Partial<ChartOptions> = {}): ReturnType<typeof chart> =>
  chart(environment, { ...CHART_DEFAULTS, ...more });
const faultsOf = (...of: Parameters<typeof run>): readonly string[] => run(...of).faults;
const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
const bytes = (folder: string): [string, string][] => filesOf(folder).map((path) => [path, inChart(folder, path)]);
/** A production that runs another image. */
const running = (image: string): void => written('dist', { production: { ...byHelm, image } });
const digest = `sha256:${'a'.repeat(64)}`;

test('the chart has all files of the environment as they are, and that of the namespace beside', () => {
  expect(run()).toEqual({
    faults: [],
    text: `wrote ${own}, ${namespace} 1.0.0; ${own}/README.md says what comes first, then\n  helm upgrade --install kube-native ${own} --namespace ${namespace} --wait --timeout 38m\n`,
  });
  const page = readFileSync(join(home, 'docs/helm.md'), 'utf8');
  expect(page).toContain(`helm upgrade --install kube-native ${own} --namespace ${namespace} --wait --timeout 38m\n`);
  const files = filesOf('dist/production').filter((path) => path !== '00-namespace.k8s.yaml');
  expect(filesOf(own)).toEqual(
    [
      ...['Chart.yaml', 'README.md', 'namespace.yaml', 'templates/NOTES.txt', 'templates/objects.yaml', 'values.schema.json'],
      ...files.map((path) => `objects/${path}`),
    ].sort(),
  );
  for (const path of files) expect(inChart(own, `objects/${path}`)).toBe(inChart('dist/production', path));
  expect(inChart(own, 'namespace.yaml').split('\n').slice(1).join('\n')).toBe(
    inChart('dist/production', '00-namespace.k8s.yaml'),
  );
});

test('Helm renders the objects that were synthesized, in their order, with the braces of alerts and dashboards', () => {
  run();
  const expected = filesOf('dist/production')
    .filter((path) => path !== '00-namespace.k8s.yaml')
    .flatMap((path) => objectsIn(inChart('dist/production', path)));
  const text = rendered(own, namespace);
  expect(objectsIn(text)).toEqual(expected);
  expect(text.match(/\{\{ ?\$labels/g)?.length).toBeGreaterThan(5);
  const hooks = expected.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook']).map(({ kind }) => kind as string);
  expect(hooks.sort()).toEqual([...Array<string>(6).fill('ConfigMap'), 'Job', 'Job', 'Job', 'ServiceAccount']);
  expect(objectsIn(text).filter(({ kind }) => kind === 'Namespace')).toEqual([]);
});

test('it is for one namespace alone', () => {
  run();
  expect(() => rendered(own, 'default')).toThrow(
    `this chart is for the namespace ${namespace}, got default; add --namespace ${namespace}`,
  );
  rmSync(join(own, 'objects/30-phoenix.k8s.yaml'));
  expect(() => rendered(own, namespace)).toThrow('objects/30-phoenix.k8s.yaml must be in the chart; write it anew');
});

test('Chart.yaml says what runs, and on which Kubernetes', () => {
  run();
  expect(parse(inChart(own, 'Chart.yaml'))).toEqual({
    apiVersion: 'v2',
    name: namespace,
    description: `kube-native for the namespace ${namespace}`,
    type: 'application',
    version: '1.0.0',
    appVersion: '1.0.0',
    kubeVersion: '>=1.30.0-0',
  });
});

test('no value can be set', () => {
  run();
  expect(JSON.parse(inChart(own, 'values.schema.json'))).toMatchObject({
    type: 'object',
    properties: { global: { type: 'object' } },
    additionalProperties: false,
  });
});

test('notes and README say what is no part of the release, how long Helm waits, and what it leaves', () => {
  run();
  const notes = inChart(own, 'templates/NOTES.txt');
  expect(new Set(notes.match(/\{\{[^-].*?\}\}/g))).toEqual(new Set(['{{ .Release.Name }}', '{{ .Chart.AppVersion }}']));
  expect(notes).toContain(`kubectl -n ${namespace} rollout status deployment/kube-native-worker\n`);
  expect(notes).toContain(`kubectl apply -f ${namespace}/namespace.yaml `);
  expect(notes).toContain(`helm rollback {{ .Release.Name }} --namespace ${namespace} --wait --timeout 38m`);
  expect(notes).toContain(
    `kubectl -n ${namespace} delete job,serviceaccount,configmap -l app.kubernetes.io/part-of=kube-native\n`,
  );
  const readme = inChart(own, 'README.md');
  expect(readme).toContain(
    `kubectl apply -f ${namespace}/namespace.yaml\nhelm upgrade --install kube-native ${namespace} --namespace ${namespace} --wait --timeout 38m\n`,
  );
});

test('an environment without a version of Kubernetes and a Namespace of its own has no word of either', () => {
  rmSync('dist/production/00-namespace.k8s.yaml');
  run();
  expect(inChart(own, 'Chart.yaml')).not.toContain('kubeVersion');
  expect(filesOf(own)).not.toContain('namespace.yaml');
  for (const path of ['README.md', 'templates/NOTES.txt']) expect(inChart(own, path)).not.toContain('namespace.yaml');
});

test('the same output gives the same bytes, and a second run leaves nothing of the first', () => {
  run();
  const first = bytes(own);
  run();
  expect(bytes(own)).toEqual(first);
  written('dist', { production: vary(byHelm, { route: undefined, web: { clients: undefined } }) });
  write(join(own, 'objects/15-old.k8s.yaml.partial'), '');
  run();
  expect(filesOf(own)).not.toContain('objects/40-routes.k8s.yaml');
  expect(filesOf(own).filter((path) => path.endsWith('.partial'))).toEqual([]);
});

test('files of others stay, and theirs are not written over', () => {
  write(join(own, '.helmignore'), '*.bak\n');
  write(join(own, 'objects/theirs.yaml'), 'a: 1\n');
  expect(faultsOf()).toEqual([]);
  expect(filesOf(own)).toEqual(expect.arrayContaining(['.helmignore', 'objects/theirs.yaml']));
  write(join(own, 'README.md'), '# Ours\n');
  write(join(own, 'Chart.yaml'), 'name: ours\n');
  const before = bytes(own);
  expect(faultsOf()).toEqual(
    ['Chart.yaml', 'README.md'].map(
      (name) =>
        `[chart] '--out' must be written where nobody else has written, got "${own}/${name}"; name another folder, or move the file`,
    ),
  );
  expect(bytes(own)).toEqual(before);
  write('charts/file', '');
  expect(faultsOf('production', { out: 'charts/file' })).toEqual([
    `[chart] '--out' must be a folder, got "charts/file"; name another one`,
  ]);
  expect(faultsOf('production', { out: 'dist/chart' })).toEqual([
    `[chart] '--out' must be outside of the output, got "dist/chart"; name another folder: synth reads, and removes, what is in it`,
  ]);
});

describe('the version', () => {
  test.each([
    ['1.4.2', undefined, '1.4.2', '1.4.2'],
    ['v1.4.2-rc.1', undefined, '1.4.2-rc.1', 'v1.4.2-rc.1'],
    ['1.4.2', '1.4.2+15', '1.4.2+15', '1.4.2'],
    ['main', '0.1.0', '0.1.0', 'main'],
  ])('of an image with the tag %s is, where %s is asked for, %s', (tag, version, expected, app) => {
    running(`registry.example.com/kube-native:${tag}@${digest}`);
    expect(run('production', { version, out: 'charts/shop' }).faults).toEqual([]);
    expect(parse(readFileSync('charts/shop/Chart.yaml', 'utf8'))).toMatchObject({ version: expected, appVersion: app });
  });

  test.each(['main', '1.4', '2026.01.05', '1.4.2.1'])('fails when the tag is %s', (tag) => {
    const image = `registry.example.com/kube-native:${tag}@${digest}`;
    running(image);
    expect(faultsOf()).toEqual([
      `[chart] 'image' must name a version as SemVer, which Helm asks for, got "${image}"; tag the image so, or pass --version 1.4.2`,
    ]);
  });

  test.each(['v1.4.2', '1.4', '1.4.2+', ''])("fails when '%s' is asked for", (version) => {
    expect(faultsOf('production', { version })).toEqual([
      `[chart] '--version' must name a version as SemVer, which Helm asks for, got "${version}"; write it as 1.4.2`,
    ]);
  });
});

describe('fails, and writes nothing,', () => {
  const fix = "write delivery: 'helm' in its literal and synthesize it again: then its jobs are hooks of Helm";
  test.each(['apply', 'argo', 'flux'] as const)('when the environment is delivered by %s', (delivery) => {
    written('dist', { production, staging: vary(staging, { delivery }) });
    expect(faultsOf('staging')).toEqual([
      `[chart] 'environment' must be delivered by Helm, got "dist/staging, with no hook of Helm"; ${fix}`,
    ]);
    expect(existsSync('charts')).toBe(false);
  });

  test('when there is no such environment', () => {
    expect(faultsOf('prodution')).toEqual([`[chart] 'environment' must be in dist, got "prodution"; did you mean 'production'?`]);
    expect(faultsOf('../dist')).toEqual([
      `[chart] 'environment' must be in dist, got "../dist"; write one of production, staging`,
    ]);
    expect(faultsOf('production', { dist: 'out' })).toEqual([
      `[chart] '--dist' must be the folder of the output, got "out"; synthesize first, or name the folder that synth has written`,
    ]);
  });

  test('when there is YAML of others, or that was cut off, which the chart would lose', () => {
    write('dist/production/extra.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: extra }\n');
    expect(faultsOf()).toEqual([
      `[chart] 'environment' must hold what synth has written alone, got "dist/production/extra.yaml"; move it: it would not be in the chart`,
    ]);
    rmSync('dist/production/extra.yaml');
    write('dist/production/30-phoenix.k8s.yaml', 'apiVersion: v1\nkind: Service\n');
    expect(faultsOf()).toEqual([
      expect.stringContaining("'environment dist/production/30-phoenix.k8s.yaml' must hold Kubernetes objects"),
    ]);
    expect(existsSync('charts')).toBe(false);
  });
});

describe('a helmfile', () => {
  const both = (): void => {
    const optOuts = { 'databases-apart': OptOut.because('only one of them is there at a time') };
    const europe = vary(byHelm, { name: 'europe', namespace: 'kube-native-europe', cluster: 'eu', optOuts });
    written('dist', { production: vary(byHelm, { optOuts }), europe });
  };
  const release = (environment: string, kubeContext: string) => ({
    name: 'kube-native',
    namespace: `kube-native-${environment}`,
    kubeContext,
    labels: { environment },
    chart: `./charts/kube-native-${environment}`,
    createNamespace: false,
    wait: true,
    timeout: 38 * 60,
  });

  test('has a release for each chart that was written, and the page says so', () => {
    both();
    expect(run('production', { helmfile: 'helmfile.yaml' })).toEqual({
      faults: [],
      text: expect.stringContaining('helmfile -f helmfile.yaml -l environment=production sync\n') as string,
    });
    expect(parse(readFileSync('helmfile.yaml', 'utf8'))).toEqual({ releases: [release('production', 'production')] });
    const page = readFileSync(join(home, 'docs/helm.md'), 'utf8');
    expect(page).toContain(`\`\`\`yaml\n${readFileSync('helmfile.yaml', 'utf8')}\`\`\``);
    run('europe', { helmfile: 'helmfile.yaml' });
    const twice = readFileSync('helmfile.yaml', 'utf8');
    expect(parse(twice)).toEqual({ releases: [release('europe', 'eu'), release('production', 'production')] });
    // The same charts give the same bytes, whichever was the last.
    run('production', { helmfile: 'helmfile.yaml' });
    expect(readFileSync('helmfile.yaml', 'utf8')).toBe(twice);
    rmSync('helmfile.yaml');
  });

  test('names charts from where it is, and leaves those of others out', () => {
    write('charts/redis/Chart.yaml', 'name: redis\n');
    write('charts/redis/objects/x.yaml', 'kind: X\n');
    run('production', { helmfile: 'charts/helmfile.yaml' });
    const { releases } = parse(readFileSync('charts/helmfile.yaml', 'utf8')) as { releases: { chart: string }[] };
    expect(releases.map(({ chart: path }) => path)).toEqual(['./kube-native-production']);
    run('production', { helmfile: 'deploy/helmfile.yaml' });
    expect(readFileSync('deploy/helmfile.yaml', 'utf8')).toContain('chart: ../charts/kube-native-production\n');
    rmSync('deploy', { recursive: true });
  });

  test('has each release once: a chart that was written elsewhere before is told', () => {
    run('production', { out: 'charts/former' });
    expect(run('production', { helmfile: 'helmfile.yaml' }).faults).toEqual([
      '[chart] \'--helmfile\' must have one chart for each release, got "charts/former, which is kube-native in kube-native-production too"; remove that folder, if it was written by an earlier run, or write this chart into it with --out',
    ]);
    expect(existsSync('helmfile.yaml')).toBe(false);
    expect(run('production', { out: 'charts/former', helmfile: 'helmfile.yaml' }).faults).toEqual([]);
    rmSync('charts/former', { recursive: true });
    rmSync('helmfile.yaml');
  });

  test('of somebody else stays, and nothing is written', () => {
    write('helmfile.yaml', 'releases: []\n');
    for (const helmfile of ['helmfile.yaml', 'dist']) {
      expect(run('production', { helmfile })).toEqual({
        faults: [expect.stringContaining("'--helmfile' must be written where nobody else has written")],
        text: '',
      });
      expect(existsSync(own)).toBe(false);
    }
    expect(readFileSync('helmfile.yaml', 'utf8')).toBe('releases: []\n');
    rmSync('helmfile.yaml');
  });
});
