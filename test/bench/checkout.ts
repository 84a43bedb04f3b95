import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A commit, or this folder, with what is measured of it. */
export interface Checkout {
  /** The commit, or what it is called: `1273464 Say once which ...`. */
  readonly name: string;
  readonly folder: string;
  /** The command of `cdk8s.yaml`, which makes the app of its TypeScript and runs it. */
  readonly app: string;
}

const CACHE = 'node_modules/.cache/cdk8s-phoenix/bench';

/** This folder, with what is changed in it. */
export function here(): Checkout {
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ', with changes';
  return checkout(`${git('log', '-1', '--format=%h %s')}${changed}`, resolve('.'));
}

/** A commit in a worktree of its own under the cache, with the packages of this folder: its own caches stay its own. */
export function checkOut(ref: string): Checkout {
  const commit = git('rev-parse', '--short', `${ref}^{commit}`);
  const folder = resolve(CACHE, commit);
  if (!existsSync(join(folder, 'package.json'))) git('worktree', 'add', '--force', '--detach', folder, commit);
  const packages = join(folder, 'node_modules');
  mkdirSync(packages, { recursive: true });
  for (const name of readdirSync('node_modules'))
    if (name !== '.cache' && !existsSync(join(packages, name))) symlinkSync(resolve('node_modules', name), join(packages, name));
  return checkout(git('log', '-1', '--format=%h %s', commit), folder);
}

/** Takes the worktree of a commit away. */
export function remove({ folder }: Checkout): void {
  git('worktree', 'remove', '--force', folder);
}

/** A program of this folder's benchmarks, bundled with the library of a checkout. */
export function bundled({ folder }: Checkout, program: string): string {
  const entry = join(folder, 'test', 'bench', program);
  if (folder !== resolve('.')) cpSync(join('test', 'bench', program), entry);
  const output = join(folder, 'node_modules/.cache/cdk8s-phoenix', program.replace(/ts$/, 'js'));
  const flags = ['--bundle', '--platform=node', '--target=node20', '--packages=external', '--log-level=warning'];
  execFileSync('node_modules/.bin/esbuild', [entry, ...flags, `--outfile=${output}`], { stdio: 'inherit' });
  return output;
}

function checkout(name: string, folder: string): Checkout {
  const file = readFileSync(join(folder, 'cdk8s.yaml'), 'utf8');
  const [, folded = ''] = /^app: >-\n((?: {2}.+\n?)+)/m.exec(file) ?? [];
  const [, plain = ''] = /^app: (?!>)(.+)$/m.exec(file) ?? [];
  return { name, folder, app: (folded || plain).replace(/\s+/g, ' ').trim() };
}

function git(...words: readonly string[]): string {
  return execFileSync('git', words, { encoding: 'utf8' }).trim();
}
