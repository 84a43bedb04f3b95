import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { COMPOSE_FOLDER, IMAGE_FILES, IMAGE_FOLDER, isWritten } from './image/written';
import { ARGO, CLUSTERS, FLUX } from './support/beside';
import type { Apart } from './support/folder';
import { sentence } from './support/reject';

/** Removes those of the files that runs write, and folders that are empty then. Returns their names. */
export function clear(outdir: string, files: RegExp): string[] {
  const removed: string[] = [];
  for (const environment of folders(outdir)) {
    // Folders of charts first: then they are gone from that of the environment.
    for (const folder of [...folders(environment), environment]) {
      const stale = readdirSync(folder).filter((entry) => files.test(entry));
      for (const file of stale) rmSync(join(folder, file));
      removed.push(...stale);
      if (readdirSync(folder).length === 0) rmdirSync(folder);
    }
  }
  return removed;
}

/** Removes the files of the image, and those that a run left unfinished; never one that somebody else has written. Returns their names. */
export function clearImage(outdir: string): string[] {
  const folder = join(outdir, IMAGE_FOLDER);
  const stale = IMAGE_FILES.flatMap((name) => [name, `${name}.partial`]).filter((name) => isOurs(join(folder, name)));
  // What its containers read goes with the file that names it.
  if (stale.includes('compose.yaml')) rmSync(join(folder, COMPOSE_FOLDER), { recursive: true, force: true });
  for (const name of stale) rmSync(join(folder, name));
  if (stale.length > 0 && readdirSync(folder).length === 0) rmdirSync(folder);
  return stale;
}

/** Files of the image that somebody else has written: they would be lost. */
export function othersImageFiles(outdir: string, names: Iterable<string>): string[] {
  const known = [...names].filter((name) => !name.startsWith(`${COMPOSE_FOLDER}/`));
  const others = known.filter((name) => {
    const path = join(outdir, IMAGE_FOLDER, name);
    return statSync(path, { throwIfNoEntry: false }) && !isOurs(path);
  });
  const must = 'be written where nobody else has written';
  return others.map((name) => {
    const built = name.startsWith('Dockerfile');
    const prop = built ? 'application.source' : 'compose';
    const fix = `move it, or keep it and ${built ? 'remove application.source' : "say OptOut.because('...') in compose"}`;
    return `${IMAGE_FOLDER}: [app] ${sentence({ prop, must, got: join(outdir, IMAGE_FOLDER, name), fix })}`;
  });
}

/** Folders of what is no part of an environment, beside those of the environments. */
export const APART_FOLDERS: Readonly<Record<string, string>> = {
  livebook: 'the files of each LivebookDesk',
  [CLUSTERS]: 'what is applied to a cluster once',
  [ARGO]: 'what Argo CD is told',
  [FLUX]: 'what Flux is told',
};

/** A file that is no part of an environment. */
export interface ApartFile extends Apart {
  readonly text: string;
}

/** How the first line of each begins: what has none was written by somebody else, and stays. */
const APART = '# No part of the environment: ';

/** Writes them as {@link write} does. Returns their names. */
export function writeApart(outdir: string, environment: string, files: readonly ApartFile[]): string[] {
  return files.flatMap(({ folder, file = environment, use, text }) =>
    write(join(outdir, folder), new Map([[`${file}.yaml`, `${APART}${use}\n${text}`]])),
  );
}

/** Removes those of these files that runs write, and folders that are empty then. Returns their names. */
export function clearApart(outdir: string, files: RegExp): string[] {
  const known = folders(outdir).filter((path) => Object.hasOwn(APART_FOLDERS, basename(path)));
  return known.flatMap((path) =>
    [...folders(path), path].flatMap((folder) => {
      const stale = readdirSync(folder).filter((name) => files.test(name) && isApart(join(folder, name)));
      for (const file of stale) rmSync(join(folder, file));
      if (readdirSync(folder).length === 0) rmdirSync(folder);
      return stale;
    }),
  );
}

/** Those that somebody else has written: they would be lost. */
export function othersApart(outdir: string, environment: string, files: readonly ApartFile[]): string[] {
  const paths = files.map(({ folder, file = environment }) => join(outdir, folder, `${file}.yaml`));
  const must = 'be left to what is written here';
  return paths.flatMap((got) =>
    !existsSync(got) || isApart(got)
      ? []
      : [
          `${environment}: [app] ${sentence({ prop: 'outdir', must, got, fix: 'move the file, which somebody else has written' })}`,
        ],
  );
}

function isApart(path: string): boolean {
  return statSync(path).isFile() && readFileSync(path, 'utf8').startsWith(APART);
}

function isOurs(path: string): boolean {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  return isFile && (path.endsWith('.partial') || isWritten(readFileSync(path, 'utf8')));
}

function folders(outdir: string): string[] {
  if (!statSync(outdir, { throwIfNoEntry: false })?.isDirectory()) return [];
  const paths = readdirSync(outdir).map((name) => join(outdir, name));
  return paths.filter((path) => statSync(path).isDirectory());
}

/** Writes each file beside its name, which {@link finish} gives it when all are there. Returns the names. */
export function write(folder: string, files: ReadonlyMap<string, string>): string[] {
  const paths = [...files].map(([name, text]) => ({ path: join(folder, name), text }));
  for (const parent of new Set([folder, ...paths.map(({ path }) => dirname(path))])) mkdirSync(parent, { recursive: true });
  for (const { path, text } of paths) writeFileSync(`${path}.partial`, text);
  return paths.map(({ path }) => path);
}

/** Gives files their names. */
export function finish(paths: readonly string[]): void {
  for (const path of paths) renameSync(`${path}.partial`, path);
}
