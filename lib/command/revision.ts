import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The two ends of a range of revisions, as git reads it: `main..`, `main...topic`; undefined where it is none. */
export function rangeOf(text: string): readonly [before: string, after: string] | undefined {
  const [, from, dots, to] = /^(.*?)(\.{2,3})(.*)$/.exec(text) ?? [];
  // A path may begin or go on with dots.
  if (dots === undefined || /(?:^|\/)\.{1,2}(?:\/|$)/.test(text)) return undefined;
  const [first, last] = [from, to].map((end) => (end === undefined || end === '' ? 'HEAD' : end)) as [string, string];
  if (dots === '..') return [first, last];
  // What the later one has done since they went apart.
  const base = git(['merge-base', first, last])?.toString();
  return [base?.trim() ?? first, last];
}

/** Whether git knows a revision of this name. */
export function isRevision(name: string): boolean {
  return git(['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`]) !== undefined;
}

/** Writes the YAML that a revision has in a folder to a new one; undefined where it has none. */
export function checkedOut(revision: string, folder: string): string | undefined {
  const list = git(['ls-tree', '--full-tree', '-r', '-z', `${revision}:${pathInTree(folder)}`]);
  // A link is no file of its own.
  const entries = (list?.toString().split('\0') ?? []).filter((entry) => /^100\d{3} .*\.ya?ml$/s.test(entry));
  if (entries.length === 0) return undefined;
  const target = mkdtempSync(join(tmpdir(), 'cdk8s-phoenix-'));
  const contents = blobs(entries.map((entry) => entry.split(/[ \t]/)[2] ?? ''));
  for (const [index, entry] of entries.entries()) {
    const path = join(target, entry.slice(entry.indexOf('\t') + 1));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents[index] ?? '');
  }
  return target;
}

/** A folder as git names it, from the top of the repository: it knows nothing of `..`. */
function pathInTree(folder: string): string {
  const top = git(['rev-parse', '--show-toplevel'])?.toString().replace(/\n$/, '') ?? '';
  // The top is told without links.
  const path = relative(top, resolve(realpathSync('.'), folder));
  return path.split(sep).join('/');
}

/** The contents of some objects, of which git tells the size before each one. */
function blobs(ids: readonly string[]): Buffer[] {
  let left = git(['cat-file', '--batch'], ids.join('\n')) ?? Buffer.alloc(0);
  return ids.map(() => {
    const end = left.indexOf('\n');
    const size = Number(left.subarray(0, end).toString().split(' ')[2]);
    const content = left.subarray(end + 1, end + 1 + size);
    left = left.subarray(end + 2 + size);
    return content;
  });
}

/** What git answers; undefined where it refuses, or is not there. */
function git(words: readonly string[], input?: string): Buffer | undefined {
  const { status, stdout } = spawnSync('git', words, { input, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'ignore'] });
  return status === 0 ? stdout : undefined;
}
