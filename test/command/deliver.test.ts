import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ci, CI_DEFAULTS } from '../../lib/command/ci';
import { deliver, DELIVER_DEFAULTS } from '../../lib/command/deliver';
import { promote } from '../../lib/command/promote';
import type { Read } from '../support/compose';

let repository: string;
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'deliver-'));
  for (const stack of ['.', 'deploy']) {
    mkdirSync(join(repository, stack, 'images'), { recursive: true });
    writeFileSync(join(repository, stack, 'main.ts'), '');
    for (const name of ['staging', 'production'])
      writeFileSync(join(repository, stack, `images/${name}.yaml`), `image: ${shop('a')}\n`);
  }
});
afterEach(() => rmSync(repository, { recursive: true }));

const shop = (digit: string): string => `registry.example.com/shop:1.4.2@sha256:${digit.repeat(64)}`;

/** The workflow that is written. */
function workflow(more: Partial<Parameters<typeof deliver>[1]> = {}): Read {
  expect(deliver(repository, { ...DELIVER_DEFAULTS, stack: '.', ...more }).faults).toEqual([]);
  return parse(readFileSync(join(repository, '.github/workflows/deliver.yaml'), 'utf8')) as Read;
}
const steps = (job: Read): Read[] => job['steps'] as Read[];
const script = (job: Read, named: string): string =>
  String(steps(job).find(({ name = '' }) => String(name).includes(named))?.['run']);

test('each job has the rights that it needs, and no other', () => {
  const { permissions, jobs } = workflow();
  expect(permissions).toEqual({ contents: 'read' });
  const rights = Object.entries(jobs as Record<string, Read>).map(([name, job]) => [
    name,
    job['permissions'],
    job['environment'],
  ]);
  expect(rights).toEqual([
    ['image', { contents: 'write' }, undefined],
    ['staging', { contents: 'read', 'id-token': 'write' }, 'staging'],
    ['production', { contents: 'write', 'id-token': 'write' }, 'production'],
  ]);
  for (const [name, job] of Object.entries(jobs as Record<string, Read>)) {
    // Half an apply is worse than a late one.
    expect(job['concurrency']).toEqual(name === 'image' ? undefined : { group: `deliver-${name}` });
    expect(job['concurrency'] ?? {}).not.toHaveProperty('cancel-in-progress');
    expect(steps(job)[0]?.with).toMatchObject({ 'persist-credentials': false });
  }
});

test('nothing from outside is part of a script, and no secret is kept', () => {
  const text = JSON.stringify(workflow());
  const { jobs } = JSON.parse(text) as { jobs: Record<string, Read> };
  const scripts = Object.values(jobs).flatMap((job) => steps(job).map(({ run = '' }) => String(run)));
  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.filter((run) => run.includes('${{') || run.includes('set -x'))).toEqual([]);
  expect(text).not.toContain('secrets.');
});

test('it is of other environments, and of a folder of its repository', () => {
  for (const name of ['test', 'live']) writeFileSync(join(repository, `deploy/images/${name}.yaml`), `image: ${shop('a')}\n`);
  const text = JSON.stringify(workflow({ stack: 'deploy', environments: 'test,live' }));
  const { on, defaults, jobs } = JSON.parse(text) as Record<string, Read>;
  expect(on?.['push'].paths).toEqual(['deploy/images/**', 'deploy/lib/**', 'deploy/main.ts', 'deploy/package-lock.json']);
  expect(defaults).toEqual({ run: { 'working-directory': 'deploy' } });
  expect(Object.keys(jobs ?? {})).toEqual(['image', 'test', 'live']);
  expect(text).not.toMatch(/\b(?:staging|production)\b/);
  expect(text).toContain('cd \\"$RUNNER_TEMP/base/deploy\\" &&');
  expect(statSync(join(repository, 'deploy/deliver/roll-out.sh')).mode & 0o111).not.toBe(0);
});

test.each([
  [{ environments: 'staging' }, `'--environments' must be two environments, got "staging"`],
  [{ environments: 'staging,staging' }, "'--environments' must be two environments"],
  [{ environments: 'staging,$(id)' }, "'--environments' must be two environments"],
  [{ environments: 'image,staging' }, "'--environments' must leave out one that is called image"],
  [{ environments: 'staging,live' }, `'--environments' must have their files in images, got "live"; write images/live.yaml`],
  [{ stack: 'kubernetes' }, "'--stack' must be the folder with the main.ts of the stack"],
])('fails with %j', (more, said) => {
  const { faults, files } = deliver(repository, { ...DELIVER_DEFAULTS, stack: '.', ...more });
  expect(faults[0]).toContain(said);
  expect(files).toEqual([]);
});

test('what is there is left alone', () => {
  workflow();
  const { faults } = deliver(repository, { ...DELIVER_DEFAULTS, stack: '.' });
  expect(faults).toEqual([expect.stringContaining("'repository' must not have it yet"), expect.stringContaining('roll-out.sh')]);
});

describe('the scripts of the workflow, with a repository of git', () => {
  let bin: string;
  let jobs: Record<string, Read>;
  const git = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync('git', words, { cwd: repository, encoding: 'utf8' });
    expect([words, status, status === 0 ? '' : stderr]).toEqual([words, 0, '']);
    return stdout.trim();
  };
  beforeEach(() => {
    jobs = workflow()['jobs'] as Record<string, Read>;
    bin = join(repository, '.git/bin');
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    git('init', '--quiet', '--initial-branch', 'main');
    git('init', '--quiet', '--bare', '.git/origin');
    git('remote', 'add', 'origin', join(repository, '.git/origin'));
    git('add', '.');
    git(...identity, 'commit', '--quiet', '--message', 'Begin');
    git('push', '--quiet', 'origin', 'main');
    mkdirSync(bin);
    // npx is the command of this package; npm and gh are asked for nothing here.
    const build = ['lib/command/main.ts', '--bundle', '--platform=node', '--packages=external', '--loader:.json=copy'];
    spawnSync('node_modules/.bin/esbuild', [...build, '--log-level=warning', `--outfile=${join(bin, 'command/main.js')}`]);
    const modules = join(process.cwd(), 'node_modules');
    for (const [name, text] of [
      ['npx', `shift; NODE_PATH=${modules} exec node ${bin}/command/main.js "$@"`],
      ['npm', 'true'],
      ['gh', 'true'],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    }
  });
  const run = (text: string, env: Record<string, string>): { status: number | null; said: string; output: string } => {
    const output = join(repository, '.git/output');
    writeFileSync(output, '');
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', text], {
      cwd: repository,
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env['PATH']}`, HOME: bin, GITHUB_OUTPUT: output, BRANCH: 'main', BUILD: '', ...env },
    });
    return { status, said: `${stdout}${stderr}`, output: readFileSync(output, 'utf8') };
  };
  const record = (env: Record<string, string>): ReturnType<typeof run> =>
    run(script(jobs['image'] ?? {}, 'Let staging run'), { EVENT: 'workflow_dispatch', ...env });

  test('an image that is handed over is committed, and a second time changes nothing', () => {
    const { status, output } = record({ IMAGE: shop('b'), BUILD: '7' });
    expect([status, output]).toEqual([0, `changed=true\nrevision=${git('rev-parse', 'HEAD')}\n`]);
    expect(git('show', 'origin/main:images/staging.yaml')).toBe(`image: ${shop('b')}\nbuild: 7`);
    expect(git('diff', '--name-only', 'HEAD^')).toBe('images/staging.yaml');
    expect(record({ IMAGE: shop('b'), BUILD: '7' }).output).toContain('changed=false');
    const late = record({ IMAGE: shop('c'), BUILD: '6' });
    expect([late.status, late.output]).toEqual([1, '']);
    expect(late.said).toContain("'--build' must be above 7");
    expect(git('rev-list', '--count', 'origin/main')).toBe('2');
  });

  test('two at a time are one after the other: the older one gives way, and a change beside it does not matter', () => {
    const other = join(repository, '.git/other');
    spawnSync('git', ['clone', '--quiet', '--branch', 'main', join(repository, '.git/origin'), other]);
    const commit = (path: string, text: string): void => {
      const inOther = (...words: string[]): void => {
        const { status, stderr } = spawnSync('git', words, { cwd: other, encoding: 'utf8' });
        expect([words, status, status === 0 ? '' : stderr]).toEqual([words, 0, '']);
      };
      inOther('pull', '--quiet');
      writeFileSync(join(other, path), text);
      inOther('add', '.');
      inOther('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--message', 'x');
      inOther('push', '--quiet');
    };
    commit('main.ts', '// other');
    expect(record({ IMAGE: shop('b'), BUILD: '7' }).output).toContain('changed=true');
    expect([git('rev-list', '--count', 'origin/main'), git('show', 'HEAD:main.ts')]).toEqual(['3', '// other']);
    commit('images/staging.yaml', `image: ${shop('d')}\nbuild: 9\n`);
    const late = record({ IMAGE: shop('c'), BUILD: '8' });
    expect([late.status, late.said]).toEqual([1, expect.stringContaining("'--build' must be above 9")]);
    expect(git('show', 'origin/main:images/staging.yaml')).toContain(shop('d'));
  });

  test('a webhook that comes late changes nothing; whoever goes back by hand does', () => {
    record({ IMAGE: shop('b') });
    const late = record({ EVENT: 'repository_dispatch', IMAGE: shop('a') });
    expect([late.status, late.output.split('\n')[0]]).toEqual([0, 'changed=false']);
    expect(record({ IMAGE: shop('a') }).output).toContain('changed=true');
  });

  test.each([
    ['registry.example.com/shop:1'],
    ['evil.example.com/shop@sha256:0'],
    ['$(touch owned)'],
    ['--images=/etc'],
    [''],
    [shop('b').replace('shop', 'other')],
  ])('fails with the image %j, and commits nothing', (IMAGE) => {
    for (const EVENT of ['workflow_dispatch', 'repository_dispatch']) {
      const { status, output } = record({ IMAGE, EVENT });
      expect([status, output]).toEqual([1, '']);
    }
    expect(git('rev-list', '--count', 'origin/main')).toBe('1');
    expect(git('status', '--porcelain')).toBe('');
  });

  test('what was approved is what was planned: changes in between are refused, but for the own file', () => {
    const guard = script(jobs['production'] ?? {}, 'Refuse what was not planned');
    record({ IMAGE: shop('b') });
    const REVISION = git('rev-parse', 'HEAD');
    expect(run(guard, { REVISION, OTHER: 'production' }).status).toBe(0);
    expect(run(script(jobs['production'] ?? {}, 'Let production run'), {}).status).toBe(0);
    expect(git('show', 'origin/main:images/production.yaml')).toBe(`image: ${shop('b')}`);
    expect(run(guard, { REVISION, OTHER: 'production' }).status).toBe(0);
    record({ IMAGE: shop('c') });
    const { status, said } = run(guard, { REVISION, OTHER: 'production' });
    expect(status).toBe(1);
    expect(said).toContain('approve the newer run');
    // A run of the literals is not about the image of staging.
    expect(run(guard, { REVISION: git('rev-parse', 'HEAD^'), OTHER: 'staging' }).status).toBe(0);
  });
});

describe('what the application hands over', () => {
  const options = { ...CI_DEFAULTS, stack: 'deploy', image: 'registry.example.com/shop' };
  const jobOf = (to: string): Read => {
    const { faults, file } = ci(repository, { ...options, deliver: to });
    expect(faults).toEqual([]);
    return ((parse(readFileSync(file, 'utf8')) as Read)['jobs'] as Read)['deliver'] as Read;
  };

  test('is the digest and the number of its build, with the right to begin a workflow', () => {
    const { permissions, if: when, steps: all } = jobOf('here');
    expect(permissions).toEqual({ actions: 'write' });
    expect(when).toBe("github.event_name != 'pull_request' && github.ref == 'refs/heads/main'");
    expect(all).toHaveLength(1);
    expect(all[0].env).toMatchObject({ IMAGE: '${{ needs.push.outputs.image }}', BUILD: '${{ github.run_number }}' });
    expect(all[0].run).not.toContain('${{');
  });

  test('goes to another repository by a token that lives for an hour', () => {
    const { permissions, steps: all } = jobOf('acme/shop-stack');
    expect(permissions).toEqual({});
    expect(all[0].with).toMatchObject({ owner: 'acme', repositories: 'shop-stack', 'permission-actions': 'write' });
    expect(all[1].env.REPOSITORY).toBe('acme/shop-stack');
  });

  test.each(['acme', 'acme/shop/stack', 'acme/$(id)'])('fails with the repository %s', (to) => {
    expect(ci(repository, { ...options, deliver: to }).faults[0]).toContain("'--deliver' must be a repository");
  });
});

test('what it commits is what promote writes', () => {
  const images = join(repository, 'images');
  expect(promote(shop('b'), 'staging', { images, build: '3' }).changed).toBe(true);
  expect(promote('staging', 'production', { images }).changed).toBe(true);
  expect(readFileSync(join(images, 'production.yaml'), 'utf8')).toBe(`image: ${shop('b')}\n`);
});

describe('the workflow that pushes files to a registry', () => {
  const artifact = 'ghcr.io/acme/shop-stack';

  test('names the repository as it is called, and deletes nothing in a cluster', () => {
    for (const environment of ['live', 'rehearsal'])
      writeFileSync(join(repository, `images/${environment}.yaml`), `image: ${shop('a')}\n`);
    const named = 'registry.staging.example.com/production/staging-stack';
    workflow({ artifact: named, environments: 'rehearsal,live' });
    const text = readFileSync(join(repository, '.github/workflows/deliver.yaml'), 'utf8');
    expect(text.match(/deliver\/push-artifact\.sh .*/g)).toEqual(
      ['rehearsal', 'live'].map((one) => `deliver/push-artifact.sh ${one} ${named}`),
    );
    expect(text).not.toMatch(/prune|roll-out\.sh/);
  });

  test('logs in there alone: it has no rights in a cluster', () => {
    const text = JSON.stringify(workflow({ artifact }));
    const { jobs } = JSON.parse(text) as { jobs: Record<string, Read> };
    expect([jobs['staging']?.['permissions'], jobs['production']?.['permissions']]).toEqual([
      { contents: 'read', packages: 'write' },
      { contents: 'write', packages: 'write' },
    ]);
    for (const name of ['staging', 'production']) {
      const [setup, login, push] = steps(jobs[name] ?? {}).slice(-3);
      expect([setup?.['uses'], push?.['run']]).toEqual([
        'oras-project/setup-oras@v1',
        `deliver/push-artifact.sh ${name} ${artifact}`,
      ]);
      expect(login?.['run']).toBe('oras login ghcr.io --username "$GITHUB_ACTOR" --password-stdin <<<"$TOKEN"');
    }
    expect(text).not.toMatch(/cluster of|roll-out\.sh|secrets\./);
    const scripts = Object.values(jobs).flatMap((job) => steps(job).map(({ run = '' }) => String(run)));
    expect(scripts.filter((run) => run.includes('${{') || run.includes('set -x'))).toEqual([]);
    expect(statSync(join(repository, 'deliver/push-artifact.sh')).mode & 0o111).not.toBe(0);
  });

  test('fails until somebody has written the login to another registry', () => {
    const { staging } = workflow({ artifact: 'registry.example.com/acme/shop-stack' })['jobs'] as Record<string, Read>;
    expect(steps(staging ?? {}).at(-2)?.['run']).toContain("'::error::write the login to registry.example.com into");
    expect(staging?.['permissions']).toEqual({ contents: 'read', 'id-token': 'write' });
  });

  test.each(['shop-stack', 'acme/shop-stack', 'oci://ghcr.io/acme/shop-stack', 'ghcr.io/acme/shop-stack:main', 'ghcr.io/$(id)'])(
    'fails with the repository %s',
    (wrong) => {
      const { faults, files } = deliver(repository, { ...DELIVER_DEFAULTS, stack: '.', artifact: wrong });
      expect([faults, files]).toEqual([[expect.stringContaining("'--artifact' must be a repository of a registry")], []]);
    },
  );
});

test('the plan says what no workflow has the rights to', () => {
  const { image } = workflow()['jobs'] as Record<string, Read>;
  const text = script(image ?? {}, 'Say what it does');
  const bin = join(repository, 'bin');
  for (const [path, said] of [
    ['dist/cluster/eu/production-deployers.yaml', 'new'],
    ['dist/cluster/eu/guard.yaml', 'same'],
    ['dist/flux/staging.yaml', 'new'],
    ['base/dist/cluster/eu/production-deployers.yaml', 'old'],
    ['base/dist/cluster/eu/guard.yaml', 'same'],
    ['bin/npm', '#!/bin/sh\ncase "$*" in *plan*) echo "# Plan" ;; esac\n'],
    ['bin/npx', '#!/bin/sh\n'],
  ] as const) {
    mkdirSync(join(repository, path, '..'), { recursive: true });
    writeFileSync(join(repository, path), said, { mode: 0o755 });
  }
  const summary = join(repository, 'summary');
  const env = { PATH: `${bin}:${process.env['PATH']}`, RUNNER_TEMP: repository, GITHUB_STEP_SUMMARY: summary, EVENT: 'push' };
  expect(spawnSync('bash', ['-e', '-c', text], { cwd: repository, env }).status).toBe(0);
  const applied = (file: string): string =>
    `- \`${file}\` is new, or has changed: an administrator applies it, before this is approved\n`;
  expect(readFileSync(summary, 'utf8')).toBe(
    `# Plan\n${applied('dist/cluster/eu/production-deployers.yaml')}${applied('dist/flux/staging.yaml')}`,
  );
});
