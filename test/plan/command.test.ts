import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plan } from '../../lib/command/plan';
import { rangeOf } from '../../lib/command/revision';
import { synth } from '../../lib/index';
import { build, staging } from '../support/stack';
import { vary } from '../support/vary';

const root = mkdtempSync(join(tmpdir(), 'plan-'));
const home = process.cwd();
const options = { format: 'text', dist: 'dist' };
const larger = vary(staging, { web: { poolSize: 10 } });

function git(...words: readonly string[]): void {
  const who = ['-c', 'user.name=Reviewer', '-c', 'user.email=reviewer@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, ...words], { cwd: root, stdio: 'ignore' });
}

/** A checkout whose main has staging, and whose branch has a larger pool. */
beforeAll(() => {
  synth(join(root, 'dist'), { staging: (app) => build(staging, app) });
  git('init', '--initial-branch=main');
  git('add', '.');
  git('commit', '-m', 'Deploy');
  git('checkout', '-b', 'pool');
  synth(join(root, 'dist'), { staging: (app) => build(larger, app) });
  git('commit', '-am', 'Open more connections');
  synth(join(root, 'old'), { staging: (app) => build(staging, app) });
  process.chdir(root);
});

afterAll(() => {
  process.chdir(home);
  rmSync(root, { recursive: true });
});

const change = plan.bind(undefined, 'old');

describe('cdk8s-phoenix plan', () => {
  test('says what the change from one folder to another does', () => {
    const { faults, text } = change('dist', options);
    expect(faults).toEqual([]);
    expect(text).toBe(`staging
  What happens, in order
    Job kube-native-migrate runs once more, as it is
      it was deleted 60 s after its end, and whatever applies makes it anew
    Deployment kube-native rolls: 2 pods, 1 more at a time and never fewer
      POOL_SIZE 8 -> 10
      at least 30 s, and the boots: 2 steps of 10 s, then 10 s until the last old pod goes
    Deployment kube-native-worker rolls: 1 pod, 1 more at a time and never fewer
      POOL_SIZE 8 -> 10
      at least 10 s, and the boots: 1 step of 10 s
  What it costs: connections to kube-native-postgresql-rw: 66 -> 82 at the peak of a roll-out (limit 99)
`);
  });

  const ways: readonly (readonly [before: string, after: string | undefined])[] = [
    ['main..', undefined],
    ['main..pool', undefined],
    ['main...pool', undefined],
    ['main', 'pool'],
    ['main', 'dist'],
    ['main', undefined],
    ['old', undefined],
  ];
  test.each(ways)('takes revisions of git, ranges of them, and folders: %s %s', (before, after) => {
    expect(plan(before, after, options)).toEqual(change('dist', options));
  });

  test('takes a folder of another name from revisions', () => {
    expect(plan('main..', undefined, { ...options, dist: './dist/' })).toEqual(change('dist', options));
  });

  test('leaves nothing behind of what it read from git', () => {
    const before = execFileSync('ls', [tmpdir()])
      .toString()
      .split('\n')
      .filter((name) => name.startsWith('cdk8s-phoenix-'));
    plan('main..', undefined, options);
    const now = execFileSync('ls', [tmpdir()])
      .toString()
      .split('\n')
      .filter((name) => name.startsWith('cdk8s-phoenix-'));
    expect(now).toEqual(before);
  });

  test.each([
    [
      'nowhere',
      'dist',
      options,
      `[plan] 'before' must be what was synthesized, got "nowhere"; name a folder with one folder for each environment, or a revision whose dist is committed (--dist names another folder)`,
    ],
    [
      'main',
      'dist',
      { ...options, format: 'yaml' },
      `[plan] '--format' must be a form that is known, got "yaml"; write one of text, markdown, json`,
    ],
    [
      'main',
      undefined,
      { ...options, dist: 'build' },
      `[plan] 'after' must be what was synthesized, got "build"; name a folder with one folder for each environment, or a revision whose build is committed (--dist names another folder)`,
    ],
    [
      'dist/staging',
      'dist',
      options,
      `[plan] 'previous' must be a folder with what was synthesized before, got "dist/staging, which holds the files of one environment"; write dist`,
    ],
  ])('fails when it is given %s and %s', (before, after, given, fault) => {
    expect(plan(before, after, given).faults).toContain(fault);
  });

  test('fails when a file is no YAML', () => {
    mkdirSync('broken/staging', { recursive: true });
    writeFileSync('broken/staging/10-app.k8s.yaml', 'kind: [');
    const { faults, text } = plan('main', 'broken', options);
    expect(faults.join('\n')).toContain('broken/staging/10-app.k8s.yaml');
    expect(text).toBe('');
  });
});

test('a range is one of git, and a path is none', () => {
  expect(rangeOf('main..')).toEqual(['main', 'HEAD']);
  expect(rangeOf('v1..v2')).toEqual(['v1', 'v2']);
  expect(rangeOf('../main/dist')).toBeUndefined();
  expect(rangeOf('dist')).toBeUndefined();
});
