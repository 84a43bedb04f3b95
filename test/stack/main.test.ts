import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const app = /app: >-\n((?: {2}.+\n)+)/.exec(readFileSync('cdk8s.yaml', 'utf8'))?.[1]?.replace(/\s+/g, ' ').trim() ?? 'false';

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly written: readonly string[];
}

/** Runs the command of cdk8s.yaml as the CLI does, or another one. */
function run(variables: Record<string, string>, command = app): Run {
  const folder = mkdtempSync(join(tmpdir(), 'main-'));
  const outdir = join(folder, 'dist');
  const env = { PATH: process.env['PATH'] ?? '', CDK8S_OUTDIR: outdir, ...variables };
  const { status, stdout, stderr } = spawnSync(command, { shell: true, env, encoding: 'utf8' });
  const written = existsSync(outdir) ? readdirSync(outdir, { recursive: true, encoding: 'utf8' }).sort() : [];
  rmSync(folder, { recursive: true });
  return { status, stdout, stderr, written };
}

test('builds every environment', () => {
  const { status, written } = run({});
  expect(status).toBe(0);
  expect(written.filter((path) => !path.includes('/'))).toEqual(['cluster', 'development', 'image', 'production', 'staging']);
  expect(written).toContain('staging/10-postgres.k8s.yaml');
  expect(written).not.toContain('production/10-postgres.k8s.yaml');
});

test('builds the environments that are named', () => {
  expect(run({ ENVIRONMENTS: 'staging, production' }).written.filter((path) => !path.includes('/'))).toEqual([
    'cluster',
    'image',
    'production',
    'staging',
  ]);
});

test('fails when an environment is unknown, and names those that are known', () => {
  const { status, stderr, written } = run({ ENVIRONMENTS: 'staging,prod' });
  expect(status).toBe(1);
  expect(stderr).toBe(
    'prod: [app] \'ENVIRONMENTS\' must name known environments, got "prod"; use development, staging, production, or leave the variable out to build all\n' +
      '1 fault; nothing was written\n',
  );
  expect(written).toEqual([]);
});

test('fails when the image of this build is none, for every environment and without a stack trace', () => {
  const { status, stderr, written } = run({ IMAGE: 'Registry/Shop:1.0' });
  expect(status).toBe(1);
  expect(stderr).toContain(
    'staging: [20-migrate/Migration, 30-phoenix/Release/Web, 30-phoenix/Worker/Pods] \'image\' must be an image reference in lower case, got "Registry/Shop:1.0"',
  );
  expect(stderr).toContain('production: [20-migrate/Migration, 30-phoenix/Release/Web, 30-phoenix/Worker/Pods]');
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(written).toEqual([]);
});

test('fails when a change since the previous output cannot be applied', () => {
  const previous = mkdtempSync(join(tmpdir(), 'previous-'));
  run({ CDK8S_OUTDIR: previous });
  const file = join(previous, 'staging/10-postgres.k8s.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('storage: 10Gi', 'storage: 20Gi'));
  const { status, stderr } = run({ PREVIOUS: previous });
  rmSync(previous, { recursive: true });
  expect(status).toBe(1);
  expect(stderr).toContain('staging: [10-postgres/Single/StatefulSet]');
  expect(stderr).toContain('20Gi');
  expect(stderr).toContain('nothing was written');
});

test('builds the preview of a pull request alone', () => {
  const { status, stderr, written } = run({ PREVIEW: 'feature/login', IMAGE: 'registry.example.com/kube-native:pr-7' });
  expect(stderr).toMatch(
    /^preview-feature-login-df7c7a: volumes-kept left out for .*\npreview-feature-login-df7c7a: image-digest left out for .*\npreview-feature-login-df7c7a needs .*\nimage: built from .*\n$/,
  );
  expect(status).toBe(0);
  expect(written.filter((path) => !path.includes('/'))).toEqual(['image', 'preview-feature-login-df7c7a']);
});

test('fails when a preview has no image', () => {
  const { status, stderr, written } = run({ PREVIEW: '7' });
  expect(status).toBe(1);
  expect(stderr).toBe(
    "preview-7: [app] 'IMAGE' must be given for a preview, got nothing; set it to what the build of the pull request has pushed\n" +
      '1 fault; nothing was written\n',
  );
  expect(written).toEqual([]);
});

test('ends with the number of faults when it is run by npm, and with no word of a tool', () => {
  const { status, stdout, stderr, written } = run({ IMAGE: 'Registry/Shop:2.0' }, 'npm run synth');
  expect(status).toBe(1);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe('3 faults; nothing was written');
  expect(stderr).not.toMatch(/^\s+at |Error:|npm error/m);
  expect(stdout).not.toContain('wrote');
  expect(written).toEqual([]);
});

test('says what was written', () => {
  const { status, stdout } = run({ ENVIRONMENTS: 'staging' }, 'npm run synth');
  expect(status).toBe(0);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^wrote .*\/staging, .*\/image$/);
});

test('is the same command for npm as for the CLI', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  expect(scripts['synth']).toBe(app);
});

test('works by the CLI too, which fails when the command does', () => {
  const cli = (variables: Record<string, string>) =>
    run(variables, 'node_modules/.bin/cdk8s synth --check-upgrade=false --output "$CDK8S_OUTDIR"');
  const good = cli({ ENVIRONMENTS: 'development' });
  expect(good.status).toBe(0);
  expect(good.written).toContain('development/30-phoenix.k8s.yaml');
  const bad = cli({ ENVIRONMENTS: 'development', IMAGE: 'Registry/Shop:2.0' });
  expect(bad.status).toBe(1);
  expect(bad.stderr).toContain('1 fault; nothing was written\n');
  expect(bad.written).toEqual([]);
});

test('says that nothing was compared where nothing was deployed yet, and fails where the folder is not there', () => {
  const first = run({ ENVIRONMENTS: 'staging', PREVIOUS: 'none' });
  expect([first.status, first.stderr.replace(/^image: built from .*\n/m, '')]).toEqual([
    0,
    'compared with nothing: PREVIOUS=none, nothing was deployed yet\n' +
      'staging: readiness-own-path left out for 30-phoenix/Release/Web/Deployment: the application has no health route yet\n' +
      'staging needs 2 Secrets, 1 other object and 2 operators in the cluster: npm run needs\n',
  ]);
  const { status, stderr, written } = run({ ENVIRONMENTS: 'staging', PREVIOUS: '../nowhere/dist' });
  expect([status, written]).toEqual([1, []]);
  expect(stderr).toContain("[app] 'previous' must be a folder with what was synthesized before");
});
