import type { IConstruct } from 'constructs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../support/edit';
import { readYaml } from '../support/read-yaml';
import { reject } from '../support/reject';
import { groupKind, isSame } from '../checks/changes/changes';

/**
 * Reads the objects of an environment as they were synthesized before, from the YAML files of a folder: an earlier
 * `dist/<environment>`, or the one of the main branch. A folder that is not there, or holds none, is refused: nothing would
 * be compared, and nobody would notice.
 *
 * @param scope where to report what cannot be read
 * @param folder the folder with the `.yaml` files
 * @example Checks.of(app).previous = readPrevious(app, 'previous/production');
 */
export function readPrevious(scope: IConstruct, folder: string): Manifest[] {
  return readObjects(scope, folder, readYaml);
}

/** How whoever reads calls a file or a folder. Files that hold no objects may lie in theirs, such as the values of a chart. */
export type Naming = (path: string) => string;

/**
 * The same, with a parser of one's own.
 *
 * @param named what the folder and its files are called, where they need not come from a synth
 */
export function readObjects(scope: IConstruct, folder: string, parse: typeof readYaml, named?: Naming): Manifest[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return missing(scope, folder, 'no folder', named);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml(?:\.partial)?$/.test(name));
  const files = names.sort().filter((name) => statSync(join(folder, name)).isFile());
  const found = files.map((name) => readFile(scope, join(folder, name), parse, named));
  const objects = eachOnce(
    scope,
    named?.(folder) ?? `previous ${folder}`,
    found.flatMap((one) => one ?? []),
  );
  // What cannot be read is a fault of its own.
  return objects.length > 0 || found.includes(undefined) ? objects : missing(scope, folder, 'no object', named);
}

function missing(scope: IConstruct, folder: string, got: string, named?: Naming): [] {
  const own = 'name the folder of one environment, with its files; leave it out for an environment that is new';
  const [must, fix] = named
    ? ['hold Kubernetes objects', 'render them there first, or leave the folder out on both sides']
    : ['hold what was synthesized before', own];
  reject(scope, { prop: named?.(folder) ?? `previous ${folder}`, must, got, fix });
  return [];
}

function readFile(scope: IConstruct, path: string, parse: typeof readYaml, named?: Naming): Manifest[] | undefined {
  const unreadable = (got: string): Manifest[] | undefined => refuse(scope, path, got, named);
  try {
    const objects = parse(readFileSync(path, 'utf8')).filter((found) => found !== null);
    const items = objects.flatMap(itemsOf).filter((item) => !isBuildFile(item));
    // Of those that a synth writes none is empty, and a part is left where one was cut off.
    if (path.endsWith('.partial')) return unreadable('a part of a file');
    if (objects.length === 0 && /\.k8s\.ya?ml$/.test(path)) return unreadable('nothing');
    if (named && items.every(isNoObject)) return [];
    return items.every(isManifest) ? items : unreadable('something that is no object with a name');
  } catch (error) {
    return unreadable(error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error));
  }
}

/** Of two that are alike one is enough; which of two others is in the cluster nobody can tell. */
function eachOnce(scope: IConstruct, prop: string, objects: readonly Manifest[]): Manifest[] {
  const known = new Map<string, Manifest>();
  for (const object of objects) {
    const { name, namespace = '' } = object['metadata'] as Manifest;
    // What gets its name when it is created is another one each time.
    const key = `${groupKind(object)}/${namespace}/${name ?? `${known.size}`}`;
    const first = known.get(key);
    if (!first) known.set(key, object);
    else if (!isSame(first, object)) {
      const got = `two of ${object['kind']} ${name}, which differ`;
      const fix = 'remove the files that are not applied, or name the folder that is';
      reject(scope, { prop, must: 'hold each object once', got, fix });
    }
  }
  return [...known.values()];
}

/** What kustomize reads, beside the objects that it is about. */
function isBuildFile(found: unknown): boolean {
  const { apiVersion } = Object(found) as { apiVersion?: unknown };
  return typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.config.k8s.io/');
}

/** The objects of a List, which kubectl applies one by one; also of those that its `get` writes, such as a `ServiceList`. */
export function itemsOf(found: unknown): unknown[] {
  const { kind, items } = Object(found) as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items.flatMap(itemsOf) : [found];
}

/** Whether it is a whole object: one whose file was cut off has a kind and no name, and would be found nowhere again. */
function isManifest(found: unknown): found is Manifest {
  const { apiVersion, kind, metadata } = Object(found) as Manifest;
  const { name, generateName } = Object(metadata) as Manifest;
  return [apiVersion, kind, name ?? generateName].every((text) => typeof text === 'string' && text !== '');
}

/** Whether it is a file of another program, such as the values of a chart. */
function isNoObject(found: unknown): boolean {
  const { apiVersion, kind } = Object(found) as Manifest;
  return apiVersion === undefined && kind === undefined;
}

function refuse(scope: IConstruct, path: string, got: string, named?: Naming): Manifest[] | undefined {
  const fix = named ? 'render it first, or remove it' : 'restore the file from the repository, or remove it';
  reject(scope, { prop: named?.(path) ?? `previous ${path}`, must: 'hold Kubernetes objects as YAML', got, fix });
  return undefined;
}
