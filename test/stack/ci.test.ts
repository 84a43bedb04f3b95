import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ci, CI_DEFAULTS } from '../../lib/command/ci';
import type { Read } from '../support/compose';

let repository: string;
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'ci-'));
  mkdirSync(join(repository, 'kubernetes'));
  for (const folder of ['.', 'kubernetes']) writeFileSync(join(repository, folder, 'main.ts'), '');
});
afterEach(() => {
  rmSync(repository, { recursive: true });
});

const options = { ...CI_DEFAULTS, stack: 'kubernetes', image: 'ghcr.io/acme/shop' };

/** The jobs of the workflow that is written. */
function jobsOf(more: Partial<typeof options> | Record<string, string> = {}): Read {
  const { faults, file } = ci(repository, { ...options, ...more });
  expect(faults).toEqual([]);
  return (parse(readFileSync(file, 'utf8')) as Read)['jobs'] as Read;
}

const step = (job: Read, named: string): Read =>
  (job['steps'] as Read[]).find(({ uses = '', name = '' }) => `${uses} ${name}`.includes(named)) ?? {};

test('it builds by the Dockerfile of the stack, keeps all stages, and says what is in the image', () => {
  const { build } = jobsOf();
  expect(step(build, 'docker/build-push-action').with).toMatchObject({
    context: '.',
    file: 'kubernetes/dist/image/Dockerfile',
    provenance: 'mode=max',
    sbom: true,
    'cache-from': 'type=registry,ref=${{ env.REPOSITORY }}:buildcache-${{ matrix.arch }}',
  });
  const { outputs, 'cache-to': cache } = step(build, 'docker/build-push-action').with as Record<string, string>;
  expect(outputs).toContain('push-by-digest=true');
  expect(cache).toContain('mode=max');
});

test('it may push to its registry, and nothing else', () => {
  const file = parse(readFileSync((jobsOf(), join(repository, '.github/workflows/image.yaml')), 'utf8')) as Read;
  expect(file['permissions']).toEqual({ contents: 'read' });
  const { build, push, synth } = file['jobs'] as Read;
  for (const job of [build, push]) expect(job.permissions).toEqual({ contents: 'read', packages: 'write' });
  expect(synth).not.toHaveProperty('permissions');
  // What synth reads is given to the last job alone: the first has no image yet.
  for (const name of ['IMAGE', 'ENVIRONMENTS', 'PREVIEW', 'PREVIOUS']) expect(file['env']).not.toHaveProperty(name);
  expect(step(build, 'Write the Dockerfile')).not.toHaveProperty('env');
});

test('a registry that is not of GitHub has a login of its own, and no rights on GitHub', () => {
  const { build } = jobsOf({ image: 'registry.example.com:5000/acme/shop' });
  expect(step(build, 'docker/login-action').with).toEqual({
    registry: 'registry.example.com:5000',
    username: '${{ secrets.REGISTRY_USER }}',
    password: '${{ secrets.REGISTRY_PASSWORD }}',
  });
  expect(build).not.toHaveProperty('permissions');
});

test('it builds each architecture on a machine of its own', () => {
  const { build } = jobsOf({ platforms: 'linux/amd64,linux/arm64', stack: '.' });
  expect(build.strategy.matrix.include).toEqual([
    { platform: 'linux/amd64', runner: 'ubuntu-24.04', arch: 'amd64' },
    { platform: 'linux/arm64', runner: 'ubuntu-24.04-arm', arch: 'arm64' },
  ]);
  expect(step(build, 'docker/build-push-action').with.file).toBe('dist/image/Dockerfile');
});

test('its scripts join what was built under one tag, and hand on the digest of all of it', () => {
  const { build, push, synth } = jobsOf({ platforms: 'linux/amd64,linux/arm64' });
  const bin = join(repository, 'bin');
  mkdirSync(bin);
  // Stands in for Docker: it writes down what it is asked, and answers as BuildKit does.
  const docker = `#!/bin/sh\necho "$@" >> "${repository}/asked"\ncase "$3" in inspect) echo sha256:index ;; esac\n`;
  writeFileSync(join(bin, 'docker'), docker);
  chmodSync(join(bin, 'docker'), 0o755);
  const run = (script: unknown, env: Record<string, string>): void => {
    const own = { PATH: `${bin}:${process.env['PATH']}`, RUNNER_TEMP: repository, GITHUB_OUTPUT: join(repository, 'output') };
    const { status, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', String(script)], {
      env: { ...own, REPOSITORY: 'ghcr.io/acme/shop', GITHUB_SHA: 'c0ffee', GITHUB_REF: 'refs/heads/main', ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect([status, stderr]).toEqual([0, '']);
  };
  for (const DIGEST of ['sha256:aaa', 'sha256:bbb']) run(step(build, 'Keep the digest').run, { DIGEST });
  run(step(push, 'one tag').run, {});
  run(step(push, 'one tag').run, { GITHUB_REF: 'refs/tags/v1.4.2' });
  expect(readFileSync(join(repository, 'asked'), 'utf8').split('\n')).toEqual([
    'buildx imagetools create --tag ghcr.io/acme/shop:c0ffee ghcr.io/acme/shop@sha256:aaa ghcr.io/acme/shop@sha256:bbb',
    'buildx imagetools inspect ghcr.io/acme/shop:c0ffee --format {{.Manifest.Digest}}',
    'buildx imagetools create --tag ghcr.io/acme/shop:1.4.2 ghcr.io/acme/shop@sha256:aaa ghcr.io/acme/shop@sha256:bbb',
    'buildx imagetools inspect ghcr.io/acme/shop:1.4.2 --format {{.Manifest.Digest}}',
    '',
  ]);
  expect(readFileSync(join(repository, 'output'), 'utf8')).toBe(
    'image=ghcr.io/acme/shop:c0ffee@sha256:index\nimage=ghcr.io/acme/shop:1.4.2@sha256:index\n',
  );
  expect(step(synth, 'Synthesize').env).toEqual({
    IMAGE: '${{ needs.push.outputs.image }}',
    ENVIRONMENTS: 'staging,production',
  });
});

test.each([
  ['image', 'shop', '\'--image\' must name an image of a registry, without a tag, got "shop"; write it as ghcr.io/acme/shop'],
  ['image', 'ghcr.io/acme/shop:1.0', 'without a tag, got "ghcr.io/acme/shop:1.0"'],
  ['image', 'ghcr.io/Acme/shop', 'got "ghcr.io/Acme/shop"'],
  ['stack', '../kubernetes', "'--stack' must be a folder of the repository"],
  ['stack', 'deploy', "'--stack' must be the folder with the main.ts of the stack"],
  ['platforms', 'linux/s390x', '\'--platforms\' must be of linux/amd64, linux/arm64, got "linux/s390x"'],
  ['environments', 'Production', '\'--environments\' must name environments of the stack, got "Production"'],
])('fails with %s %s', (option, value, said) => {
  const { faults } = ci(repository, { ...options, [option]: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(said);
});

test('a workflow that is there is left alone', () => {
  jobsOf();
  const { faults } = ci(repository, options);
  expect(faults[0]).toContain("'repository' must have no .github/workflows/image.yaml yet");
});
