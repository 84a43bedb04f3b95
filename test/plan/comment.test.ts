import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { MARK } from '../../lib/plan/text';
import { host, type Comment, type Host } from './comments';

const root = mkdtempSync(join(tmpdir(), 'comment-'));
const bin = join(root, 'bin');
let github: Host;
let gitlab: Host;

interface Step {
  readonly name?: string;
  readonly run?: string;
}

/** The steps that are shipped, as they are written. */
const { jobs } = parse(readFileSync('.github/workflows/plan.yaml', 'utf8')) as { jobs: { plan: { steps: readonly Step[] } } };
const scripts = new Map(jobs.plan.steps.map(({ name = '', run = '' }) => [name, run]));
const [, fenced = ''] = readFileSync('docs/plan.md', 'utf8').split('```yaml\n');
const job = parse(fenced.split('\n```')[0] ?? '') as { plan: { script: readonly string[] } };

interface Ran {
  readonly status: number;
  readonly output: string;
}

/** Runs a script as the runners of the host do. */
function run(script: string, folder: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((done) => {
    const all = { PATH: `${bin}:${process.env['PATH']}`, HOME: root, ...env };
    execFile('bash', ['-e', '-c', script], { cwd: folder, env: all }, (error, stdout, stderr) => {
      done({ status: error ? Number(error.code) : 0, output: `${stdout}${stderr}` });
    });
  });
}

function git(folder: string, ...words: readonly string[]): string {
  const who = ['-c', 'user.name=Reviewer', '-c', 'user.email=reviewer@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...who, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .trim();
}

beforeAll(async () => {
  mkdirSync(bin);
  // What npm does is written in the checkout that it runs in.
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\n[ "$1" = ci ] && exit 0\n[ "$2" = synth ] && exec sh ./synth\nexec sh ./plan\n');
  chmodSync(join(bin, 'npm'), 0o755);
  [github, gitlab] = await Promise.all([host('github'), host('gitlab')]);
});

afterAll(() => {
  github.server.close();
  gitlab.server.close();
  rmSync(root, { recursive: true });
});

const PLAN = `printf '${MARK}\\n\\ncompared with %s\\n' "$PREVIOUS"`;

/** A checkout of a merge, as it is checked out for a pull request. */
function checkout(base: Readonly<Record<string, string>>, own: Readonly<Record<string, string>> = {}): string {
  const folder = join(mkdtempSync(join(root, 'run-')), 'shop');
  mkdirSync(folder);
  git(folder, 'init', '--initial-branch=main');
  const commit = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    git(folder, 'add', '.');
    git(folder, 'commit', '--allow-empty', '-m', 'Change');
  };
  commit({ readme: '', ...base });
  git(folder, 'checkout', '-b', 'topic');
  commit({ 'main.ts': '', plan: PLAN, ...own });
  git(folder, 'checkout', 'main');
  git(folder, 'merge', '--no-ff', 'topic', '-m', 'Merge');
  return folder;
}

const stack = { 'main.ts': '', synth: 'mkdir -p dist', plan: PLAN };

/** The first two steps on GitHub: what is written into the summary, and whether the job fails. */
async function planned(folder: string): Promise<Ran> {
  const [outputs, summary] = [join(folder, 'outputs'), join(folder, 'summary')];
  writeFileSync(outputs, '');
  const first = await run(scripts.get('Synthesize the base') ?? 'exit 9', folder, { GITHUB_OUTPUT: outputs });
  expect(first.status).toBe(0);
  const PREVIOUS = readFileSync(outputs, 'utf8').replace('previous=', '').trim();
  const { status } = await run(scripts.get('Say what the change does') ?? 'exit 9', folder, {
    PREVIOUS,
    GITHUB_STEP_SUMMARY: summary,
  });
  expect(readFileSync(summary, 'utf8')).toBe(readFileSync(join(folder, 'plan.md'), 'utf8'));
  return { status, output: readFileSync(summary, 'utf8') };
}

const cases = [
  ['with the base', stack, {}, 0, 'compared with ../base/dist'],
  ['with nothing, where the base has no stack', {}, {}, 0, 'compared with none'],
  [
    'with no base that can be built',
    { ...stack, synth: 'exit 1' },
    { synth: 'true' },
    0,
    'No plan: the base cannot be synthesized; the log of the job says why.',
  ],
  [
    'of what cannot be built',
    stack,
    { plan: 'exit 1' },
    1,
    'No plan: this change cannot be synthesized; the log of the job says why.',
  ],
] as const;

describe('the workflow for GitHub', () => {
  test.each(cases)('makes the plan %s', async (_, base, own, status, said) => {
    expect(await planned(checkout(base, own))).toEqual({ status, output: `${MARK}\n\n${said}\n` });
  });

  const comment = (text: string, TOKEN = 'writer'): Promise<Ran> => {
    const folder = mkdtempSync(join(root, 'comment-'));
    writeFileSync(join(folder, 'plan.md'), text);
    return run(scripts.get('Comment on it') ?? 'exit 9', folder, {
      TOKEN,
      COMMENTS: `${github.url}/repos/shop/shop/issues/7/comments`,
    });
  };

  test('writes one comment, and writes it anew', async () => {
    expect(await comment(`${MARK}\n\nfirst\n`)).toEqual({ status: 0, output: '' });
    expect(await comment(`${MARK}\n\n"second" $HOME \\ é\n`)).toEqual({ status: 0, output: '' });
    expect(github.comments).toEqual([{ id: 1, body: `${MARK}\n\n"second" $HOME \\ é\n`, byBot: true }]);
  });

  test('finds its own behind many others, and leaves those of people alone', async () => {
    const talk = (count: number): Comment[] =>
      Array.from({ length: count }, (_, index) => ({
        id: 1000 + index,
        body: index === 3 ? `${MARK} as a quote` : 'a word',
        byBot: index === 5,
      }));
    const [own] = github.comments.splice(0);
    if (!own) throw new Error('no comment');
    github.comments.push(...talk(250), own);
    await comment(`${MARK}\n\nthird\n`);
    expect(own.body).toContain('third');
    expect(github.comments.filter(({ body }) => body.startsWith(MARK))).toHaveLength(2);
  });

  test('cuts what is too long, at a line, and says so', async () => {
    github.comments.splice(0);
    const items = Array.from({ length: 3000 }, (_, index) => `- Deployment shop-${index}: é changed`).join('\n');
    await comment(`${MARK}\n\n<details><summary>The rest</summary>\n\n${items}\n\n</details>\n`);
    const [{ body } = { body: '' }] = github.comments;
    expect(body.length).toBeGreaterThan(59_000);
    expect(body).toMatch(/\n- Deployment shop-\d+: é changed\n\n<\/details>\n\nThere is more in the summary of the job\.\n$/);
  });

  test('fails for nobody who may not write', async () => {
    const before = JSON.stringify(github.comments);
    const { status, output } = await comment(`${MARK}\n\nfourth\n`, 'reader');
    expect(status).toBe(0);
    expect(output).toMatch(/^::warning::the plan was not written into a comment: PATCH .*: 403 .*not accessible by integration/);
    expect(JSON.stringify(github.comments)).toBe(before);
  });
});

describe('the job for GitLab', () => {
  const merge = (folder: string, env: Readonly<Record<string, string>>): Promise<Ran> => {
    const known = { CI_API_V4_URL: gitlab.url, CI_PROJECT_ID: '1', CI_MERGE_REQUEST_IID: '7' };
    return run(['set -o pipefail', ...job.plan.script].join('\n'), folder, { ...known, ...env });
  };
  const remote = (folder: string): string => {
    git(folder, 'remote', 'add', 'origin', folder);
    git(folder, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    return git(folder, 'rev-parse', 'HEAD^1');
  };
  const script = (folder: string, sha: string, token = 'writer'): Promise<Ran> =>
    merge(folder, { CI_MERGE_REQUEST_DIFF_BASE_SHA: sha, PLAN_TOKEN: token });

  test.each(cases)('writes the plan %s into one note', async (_, base, own, status, said) => {
    const folder = checkout(base, own);
    const ran = await script(folder, remote(folder));
    expect(ran.status).toBe(status);
    expect(ran.output).toContain(said);
    expect(gitlab.comments.map(({ body }) => body)).toEqual([`${MARK}\n\n${said}\n`]);
  });

  test('compares with what is merged into, where it runs on the merge', async () => {
    const folder = checkout(stack);
    const sha = remote(folder);
    const { status } = await merge(folder, {
      CI_MERGE_REQUEST_DIFF_BASE_SHA: 'f'.repeat(40),
      CI_MERGE_REQUEST_TARGET_BRANCH_SHA: sha,
      PLAN_TOKEN: 'writer',
    });
    expect(status).toBe(0);
    expect(existsSync(join(folder, '../base/main.ts'))).toBe(true);
  });

  test('fails for nobody who may not write, as pipelines of forks', async () => {
    const folder = checkout(stack);
    const before = JSON.stringify(gitlab.comments);
    const { status, output } = await script(folder, remote(folder), '');
    expect(status).toBe(0);
    expect(output).toContain('The plan was not written into a note: GET');
    expect(JSON.stringify(gitlab.comments)).toBe(before);
  });
});
