import type { IConstruct } from 'constructs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../support/edit';
import { readYaml } from '../support/read-yaml';
import { reject } from '../support/reject';
import { groupKind, isSame } from './changes/changes';

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

/** The same, with a parser of one's own. */
export function readObjects(scope: IConstruct, folder: string, parse: typeof readYaml): Manifest[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return missing(scope, folder, 'no folder');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml(?:\.partial)?$/.test(name));
  const files = names.sort().filter((name) => statSync(join(folder, name)).isFile());
  const found = files.map((name) => readFile(scope, join(folder, name), parse));
  const objects = eachOnce(
    scope,
    folder,
    found.flatMap((one) => one ?? []),
  );
  // What cannot be read is a fault of its own.
  return objects.length > 0 || found.includes(undefined) ? objects : missing(scope, folder, 'no object');
}

function missing(scope: IConstruct, folder: string, got: string): [] {
  const fix = 'name the folder of one environment, with its files; leave it out for an environment that is new';
  reject(scope, { prop: `previous ${folder}`, must: 'hold what was synthesized before', got, fix });
  return [];
}

function readFile(scope: IConstruct, path: string, parse: typeof readYaml): Manifest[] | undefined {
  try {
    const objects = parse(readFileSync(path, 'utf8')).filter((found) => found !== null);
    const items = objects.flatMap(itemsOf).filter((item) => !isBuildFile(item));
    // Of those that a synth writes none is empty, and a part is left where one was cut off.
    if (path.endsWith('.partial')) return unreadable(scope, path, 'a part of a file');
    if (objects.length === 0 && /\.k8s\.ya?ml$/.test(path)) return unreadable(scope, path, 'nothing');
    return items.every(isManifest) ? items : unreadable(scope, path, 'something that is no object with a name');
  } catch (error) {
    return unreadable(scope, path, error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error));
  }
}

/** Of two that are alike one is enough; which of two others is in the cluster nobody can tell. */
function eachOnce(scope: IConstruct, folder: string, objects: readonly Manifest[]): Manifest[] {
  const known = new Map<string, Manifest>();
  for (const object of objects) {
    const { name, namespace = '' } = object['metadata'] as Manifest;
    const key = `${groupKind(object)}/${namespace}/${name}`;
    const first = known.get(key);
    if (!first) known.set(key, object);
    else if (!isSame(first, object)) {
      const got = `two of ${object['kind']} ${name}, which differ`;
      const fix = 'remove the files that are not applied, or name the folder that is';
      reject(scope, { prop: `previous ${folder}`, must: 'hold each object once', got, fix });
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

function unreadable(scope: IConstruct, path: string, got: string): Manifest[] | undefined {
  const fix = 'restore the file from the repository, or remove it';
  reject(scope, { prop: `previous ${path}`, must: 'hold Kubernetes objects as YAML', got, fix });
  return undefined;
}
