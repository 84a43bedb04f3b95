import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { loadAll } from 'js-yaml';
import { needsText } from '../../lib/needs/needs-text';
import { Checks, ClusterGuard, clusterNeeds, OptOut, render, synthStack, type Environment, type Manifest } from '../../lib/index';
import { invalidObjects } from '../support/models';
import { build, facts, production, staging } from '../support/stack';
import { vary } from '../support/vary';

const LABEL = 'cdk8s-phoenix/cluster';
const objectsIn = (texts: Iterable<string>): Manifest[] =>
  [...texts].flatMap((text) => loadAll(text) as Manifest[]).filter(Boolean);

describe('an environment of a cluster', () => {
  test('has its name at every object, and at no pod', () => {
    const { faults, files } = render(build(production, new App(), facts));
    expect(faults).toEqual([]);
    const objects = objectsIn(files.values());
    expect(objects.filter(({ metadata }) => metadata.labels?.[LABEL] !== 'production').map(({ kind }) => kind as string)).toEqual(
      [],
    );
    const templates = objects.flatMap(({ spec }) => (spec?.template ? [spec.template.metadata.labels as Manifest] : []));
    expect(templates.length).toBeGreaterThan(2);
    expect(templates.filter((labels) => LABEL in labels)).toEqual([]);
  });

  test('has none where it names no cluster', () => {
    const { files } = render(build(staging, new App(), facts));
    expect([...files.values()].join('\n')).not.toContain(LABEL);
  });

  test('has its Secrets made there', () => {
    const app = build(production, new App(), facts);
    render(app);
    expect(clusterNeeds(app).cluster).toBe('production');
    const commands = needsText('production', clusterNeeds(app))
      .split('\n')
      .filter((line) => line.includes('kubectl'));
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands)
      expect(command).toMatch(/^ {2}kubectl --context production -n kube-native-production create /);
    const other = build(staging, new App(), facts);
    render(other);
    expect(needsText('staging', clusterNeeds(other))).not.toContain('--context');
  });

  const said = (change: Partial<Environment>) => render(build(vary(staging, change), new App(), facts)).faults;

  test('is one that has policies in CEL, or says who else refuses', () => {
    expect(said({ cluster: 'eu', kubernetes: '1.29' })).toEqual([
      "[app] 'kubernetes' must be 1.30 or newer for the guard of the cluster eu, got \"1.29\"; name the version that the cluster has, or say why it has none: guard: OptOut.because('...')",
    ]);
    expect(said({ cluster: 'eu', kubernetes: '1.29', guard: OptOut.because('Kyverno asks for the same label') })).toEqual([]);
  });

  test('leaves its label to what names the cluster', () => {
    const labels = { [LABEL]: 'eu' };
    for (const change of [{ labels }, { pods: { labels } }, { web: { pods: { labels } } }])
      expect(render(build(vary(staging, change as never), new App(), facts)).faults).toContainEqual(
        expect.stringContaining("leave this one to 'cluster' of the environment"),
      );
  });

  test('has a name that a label can be', () => {
    for (const cluster of ['', 'of us', 'a'.repeat(64), '-x'])
      expect(said({ cluster })).toEqual([expect.stringContaining("'cluster' must be the value of a label")]);
    expect(said({ guard: OptOut.because('nobody applies it elsewhere') })).toEqual([
      expect.stringContaining("'guard' must have a cluster"),
    ]);
  });
});

describe('the guard of a cluster', () => {
  const objects = (() => {
    const app = new App();
    Checks.of(app).kubernetes = '1.30';
    new ClusterGuard(new Chart(app, 'guard'), 'Guard', { cluster: 'production' });
    const { faults, files } = render(app);
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
    return objectsIn(files.values());
  })();
  const [policy, binding] = objects;

  test('has the name written out in one policy that is in force', () => {
    expect(objects.map(({ kind }) => kind as string)).toEqual(['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']);
    const { paramKind, validations, failurePolicy } = policy?.['spec'] as Manifest;
    expect([paramKind, failurePolicy]).toEqual([undefined, 'Fail']);
    expect(validations[0].expression).toBe("object.metadata.labels['cdk8s-phoenix/cluster'] == 'production'");
    expect(binding?.['spec']).toEqual({ policyName: policy?.['metadata'].name, validationActions: ['Deny'] });
  });

  test('asks for nothing of objects that have no cluster, of what controllers label, and when something is deleted', () => {
    const { objectSelector, resourceRules, excludeResourceRules } = (policy?.['spec'] as Manifest)[
      'matchConstraints'
    ] as Manifest;
    expect(objectSelector).toEqual({ matchExpressions: [{ key: LABEL, operator: 'Exists' }] });
    expect((resourceRules as Manifest[]).map(({ operations }) => operations as string[])).toEqual([['CREATE', 'UPDATE']]);
    expect((excludeResourceRules as Manifest[]).map(({ resources }) => resources as string[])).toEqual([
      ['endpoints'],
      ['endpointslices'],
    ]);
    // What guards has no cluster itself: else it could not be mended.
    expect(objects.filter(({ metadata }) => LABEL in metadata.labels)).toEqual([]);
  });

  test('has a name that can stand in an expression', () => {
    const app = new App();
    new ClusterGuard(new Chart(app, 'guard'), 'Guard', { cluster: "it's" });
    expect(render(app).faults).toContainEqual(expect.stringContaining("'cluster' must be the value of a label"));
  });
});

describe('a stack', () => {
  let folder: string;
  const say = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const out = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'guard-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
    process.exitCode = undefined;
  });
  afterAll(() => [say, out].forEach((spy) => spy.mockRestore()));

  const environments = { staging, production: vary(production, { deployers: [{ group: 'deployers' }] }) };
  const run = (all: Record<string, Environment> = environments) =>
    synthStack({ ...facts, environments: all }, { outdir: folder });

  test('writes what is applied to each cluster beside its environments', () => {
    expect(run()).toBe(true);
    expect(readdirSync(join(folder, 'cluster'))).toEqual(['production']);
    expect(readdirSync(join(folder, 'cluster/production')).sort()).toEqual(['guard.yaml', 'production-deployers.yaml']);
    expect(readFileSync(join(folder, 'cluster/production/guard.yaml'), 'utf8')).toMatch(
      /^# No part of the environment: who administers the cluster applies it, once\.\n/,
    );
    expect(out.mock.calls.map(([text]) => String(text)).at(-1)).toBe(
      `wrote ${['staging', 'production', 'cluster'].map((name) => `${folder}/${name}`).join(', ')}\n`,
    );
  });

  test('knows an environment whose name is not its key', () => {
    expect(run({ live: production })).toBe(true);
    expect(readdirSync(join(folder, 'cluster'))).toEqual(['production']);
  });

  test('writes none that nobody wants, and takes back those of before', () => {
    run();
    expect(run({ staging })).toBe(true);
    expect(existsSync(join(folder, 'cluster'))).toBe(false);
    run({ production: vary(production, { guard: OptOut.because('Kyverno asks for the same label') }) });
    expect(existsSync(join(folder, 'cluster'))).toBe(false);
  });

  test('leaves nothing of a run with a fault, and what somebody else has written', () => {
    run();
    expect(run({ production: vary(production, { web: { poolSize: -1 }, deployers: [{ group: 'deployers' }] }) })).toBe(false);
    expect(existsSync(join(folder, 'cluster'))).toBe(false);
    mkdirSync(join(folder, 'cluster/production'), { recursive: true });
    writeFileSync(join(folder, 'cluster/production/guard.yaml'), '# ours\n');
    expect(run()).toBe(false);
    expect(say.mock.calls.flat().join('\n')).toContain('which somebody else has written');
    expect(readFileSync(join(folder, 'cluster/production/guard.yaml'), 'utf8')).toBe('# ours\n');
  });

  test('has no environment of that name', () => {
    expect(run({ cluster: vary(staging, { name: 'cluster' }) })).toBe(false);
    expect(say.mock.calls.flat().join('\n')).toContain('what is applied to a cluster once');
  });
});
