import type { IConstruct } from 'constructs';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { reject, type Refusal } from '../support/reject';

/** A folder with what was synthesized before: one folder for each environment. */
export interface PreviousOutput {
  readonly folder: string;
  /** The environments in it, by their names. */
  readonly names: readonly string[];
}

/** What is known when an earlier output is looked for. */
export interface PreviousSearch {
  /** The folder as given. */
  readonly folder: string;
  /** The folder that is written now. @default - nothing is written */
  readonly outdir?: string;
  /** Environments that may be in it. */
  readonly wanted: readonly string[];
}

const FIRST = 'where nothing was synthesized before, pass an OptOut with the reason, as PREVIOUS=none does';

/**
 * Opens what was synthesized before. A folder that holds no environment would compare nothing, and nobody would notice.
 *
 * @param scope where to report one that is missing, empty, or one level off
 */
export function openPrevious(scope: IConstruct, search: PreviousSearch): PreviousOutput | undefined {
  const { folder, outdir, wanted } = search;
  const refuse = (wrong: Pick<Refusal, 'got' | 'fix'>): PreviousOutput | undefined => {
    reject(scope, { prop: 'previous', must: 'be a folder with what was synthesized before', ...wrong });
    return undefined;
  };
  if (folder === '') return refuse({ got: folder, fix: `unset PREVIOUS to compare nothing, or name the folder; ${FIRST}` });
  if (outdir !== undefined && isWithin(folder, outdir)) {
    const fix = 'compare with a copy, or with the output of another checkout: this one is empty after a fault';
    return refuse({
      got: `${folder}, which is ${real(folder) === real(outdir) ? '' : 'in the folder that is '}written now`,
      fix,
    });
  }
  if (!isFolder(folder)) {
    const wrong = statSync(folder, { throwIfNoEntry: false }) ? 'is a file' : 'is not there';
    return refuse({ got: `${folder}, which ${wrong}`, fix: fixOf(search) });
  }
  const found = wanted.filter((name) => holdsYaml(join(folder, name)));
  // An output whose environments are all gone; else it is above the output, and `dist` looks like an environment.
  if (found.length > 0 || meantBy(search) === undefined) {
    const outputs = foldersIn(folder).filter((name) => holdsOutput(join(folder, name)));
    // One of a name that is wanted is opened even where it is empty: then that is the fault.
    const empty = outputs.length + found.length > 0 ? wanted.filter((name) => isFolder(join(folder, name))) : [];
    const names = [...new Set([...found, ...outputs, ...empty])].sort();
    if (names.length > 0) return { folder, names };
  }
  const got = isOutput(folder)
    ? `${folder}, which holds the files of one environment`
    : `${folder}, which holds no folder of an environment`;
  return refuse({ got, fix: fixOf(search) });
}

function fixOf(search: PreviousSearch): string {
  const meant = meantBy(search) ?? meantBy({ ...search, folder: dirname(search.folder) });
  return meant === undefined ? `synthesize there first; ${FIRST}` : `write ${meant}`;
}

/** The folder that was probably meant: one with a folder of an environment, above or below the one that was named. */
function meantBy({ folder, outdir, wanted }: PreviousSearch): string | undefined {
  const there = nearest(folder);
  const below = foldersIn(there).map((name) => join(there, name));
  const further = below.flatMap((path) => foldersIn(path).map((name) => join(path, name)));
  const candidates = [...(isFolder(folder) ? [dirname(folder)] : [there]), ...below, ...further];
  const others = candidates.filter(
    (path) => (outdir === undefined || resolve(path) !== resolve(outdir)) && resolve(path) !== resolve(folder),
  );
  const named = others.find((path) => wanted.some((name) => holdsOutput(join(path, name))));
  return named ?? (isFolder(folder) && isOutput(folder) ? dirname(folder) : undefined);
}

/** Whether a folder is another one, or in it, also by way of a link: what is written there takes the place of what was. */
function isWithin(folder: string, outer: string): boolean {
  const [own, other] = [real(folder), real(outer)];
  return own === other || own.startsWith(`${other}${sep}`);
}

function real(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) ? realpathSync(path) : resolve(path);
}

function nearest(folder: string): string {
  return isFolder(folder) ? folder : nearest(dirname(folder));
}

/** Whether a path leads to a folder. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Folders that may hold an output: neither hidden ones nor what was installed. */
export function foldersIn(folder: string): string[] {
  if (!isFolder(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name));
  return folders.map(({ name }) => name).sort();
}

/** Whether the files of charts are in it, or in folders of charts below. */
export function holdsOutput(folder: string): boolean {
  return isOutput(folder) || foldersIn(folder).some((name) => isOutput(join(folder, name)));
}

export function isOutput(folder: string): boolean {
  return isFolder(folder) && readdirSync(folder).some((name) => /\.k8s\.ya?ml$/.test(name));
}

/** Whether there is any YAML: a folder with the name of an environment need not be our own. */
function holdsYaml(folder: string): boolean {
  return isFolder(folder) && readdirSync(folder, { recursive: true, encoding: 'utf8' }).some((name) => /\.ya?ml$/.test(name));
}
