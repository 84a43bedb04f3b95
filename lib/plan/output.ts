import type { IConstruct } from 'constructs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { foldersIn, holdsOutput, isFolder, isOutput } from '../app-checks/previous-output';
import { ARGO, CLUSTERS, FLUX } from '../support/beside';
import { reject } from '../support/reject';

/** What somebody named on a command line, and where it was found. */
export interface NamedFolder {
  /** As what it was named: `before`, `--dist`. */
  readonly prop: string;
  /** As it was typed: `main:dist`. */
  readonly shown: string;
  readonly folder: string;
}

/** A folder with objects, whoever wrote them: synth, `helm template`, `kustomize build`. */
export interface Output extends NamedFolder {
  /** The environments in it; of a folder that is one itself, its own name. */
  readonly names: readonly string[];
  /** Whether it is the folder of one environment, and not one with a folder for each. */
  readonly isOne: boolean;
}

/** Finds the environments of a folder; undefined where there are no objects, which is refused. */
export function openOutput(scope: IConstruct, named: NamedFolder): Output | undefined {
  const { folder, prop, shown } = named;
  const synthesized = isOutput(folder) ? [] : foldersIn(folder).filter((name) => holdsOutput(join(folder, name)));
  if (synthesized.length > 0) return { ...named, names: [...synthesized, ...besideIn(folder)], isOne: false };
  if (filesIn(folder).some(holdsObject)) return { ...named, names: [basename(resolve(shown.replace(/^.*:/, '')))], isOne: true };
  const names = foldersIn(folder).filter((name) => filesBelow(join(folder, name)).some(holdsObject));
  if (names.length > 0) return { ...named, names, isOne: false };
  const fix = 'name a folder with YAML files, or with a folder of them for each environment';
  reject(scope, { prop, must: 'hold Kubernetes objects', got: `${shown}, which holds none`, fix });
  return undefined;
}

/** What somebody else applies to a cluster, for Argo CD and for Flux: rights that change are told, too. */
function besideIn(folder: string): string[] {
  const clusters = foldersIn(join(folder, CLUSTERS)).map((name) => join(CLUSTERS, name));
  return [...clusters, ARGO, FLUX].filter(
    (name) => isFolder(join(folder, name)) && filesIn(join(folder, name)).some(holdsObject),
  );
}

/** The folder of an environment in an output. */
export function folderOf({ folder, isOne }: Output, name: string): string {
  return isOne ? folder : join(folder, name);
}

/** What a file of an output is called in a sentence: by what was typed, and not where git's files were written to. */
export function pathIn({ prop, folder, shown }: NamedFolder): (path: string) => string {
  return (path) => `${prop} ${path.startsWith(folder) ? `${shown}${path.slice(folder.length)}` : path}`;
}

function filesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile());
}

function filesBelow(folder: string): string[] {
  return [...filesIn(folder), ...foldersIn(folder).flatMap((name) => filesBelow(join(folder, name)))];
}

/** Whether a file looks like one of objects; the lists of kustomize are about such files. */
function holdsObject(path: string): boolean {
  const text = readFileSync(path, 'utf8');
  return /^(?:\{.*)?"?kind"?:/m.test(text) && !/^apiVersion: *"?kustomize\.config\.k8s\.io\//m.test(text);
}
