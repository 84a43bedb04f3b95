import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ofFile, readImageFile, undigested, type ImageFile } from '../support/image-file';
import { nearest } from '../support/nearest';
import type { OptOut } from '../support/opt-out';

/** The image of an environment by its file, or what is wrong with that one. */
export interface ImageOfFile {
  readonly image?: string;
  /** What else the file says. */
  readonly file?: ImageFile;
  readonly faults: readonly string[];
}

/** The files that say which image each environment runs: `<folder>/<environment>.yaml`. A folder that is not there says nothing. */
export class StackImages {
  /** Files of no environment, and what is no such file. */
  readonly faults: readonly string[];
  private readonly found: ReadonlySet<string>;

  constructor(
    private readonly folder: string | undefined,
    environments: readonly string[],
  ) {
    const there = folder === undefined ? undefined : statSync(folder, { throwIfNoEntry: false });
    const entries = folder !== undefined && there?.isDirectory() ? entriesOf(folder) : [];
    const expected = new Set(environments.map((name) => `${name}.yaml`));
    this.found = new Set(entries.filter((entry) => expected.has(entry)));
    const noFolder = {
      prop: 'images',
      must: 'be a folder',
      got: folder,
      fix: 'put a file for each environment into one of that name',
    };
    this.faults =
      there && !there.isDirectory()
        ? [ofFile(folder ?? '', noFolder)]
        : entries.filter((entry) => !this.found.has(entry)).map((entry) => this.strayed(entry, environments));
  }

  /** The image of an environment; undefined where it has no file. */
  of(name: string, optOuts: Readonly<Record<string, OptOut>> = {}): ImageOfFile | undefined {
    if (this.folder === undefined || !this.found.has(`${name}.yaml`)) return undefined;
    const path = this.pathOf(name);
    if (!statSync(join(this.folder, `${name}.yaml`)).isFile()) {
      const fix = `write image: <image> into a file of that name`;
      return { faults: [ofFile(path, { prop: 'file', must: 'be a file', got: 'a folder', fix })] };
    }
    const read = readImageFile(readFileSync(join(this.folder, `${name}.yaml`), 'utf8'));
    if ('refusals' in read) return { faults: read.refusals.map((refusal) => ofFile(path, refusal)) };
    const { image } = read.file;
    const faults = 'image-digest' in optOuts ? [] : undigested(image).map((refusal) => ofFile(path, refusal));
    return faults.length > 0 ? { faults } : { image, file: read.file, faults };
  }

  /** How the file of an environment is called. */
  pathOf(name: string): string {
    return posix.join(this.folder ?? '', `${name}.yaml`);
  }

  private strayed(entry: string, environments: readonly string[]): string {
    const meant = nearest(entry.replace(/\.ya?ml$/, ''), environments);
    const fix = meant === undefined ? `it may be one of ${environments.join(', ')}` : `did you mean '${meant}.yaml'?`;
    return ofFile(posix.join(this.folder ?? '', entry), {
      prop: 'file',
      must: 'have the name of an environment, and .yaml',
      got: entry,
      fix,
    });
  }
}

/** What is in the folder, but for what hides and what people read. */
function entriesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((entry) => !/^\.|\.md$/.test(entry))
    .sort();
}
