import type { IConstruct } from 'constructs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Manifest } from '../support/edit';
import { reject } from '../support/reject';
import type * as yaml from 'yaml';

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
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return missing(scope, folder, 'no folder');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  const found = files.sort().map((name) => readFile(scope, join(folder, name)));
  const objects = found.flatMap((one) => one ?? []);
  // What cannot be read is a fault of its own.
  return objects.length > 0 || found.includes(undefined) ? objects : missing(scope, folder, 'no object');
}

function missing(scope: IConstruct, folder: string, got: string): [] {
  const fix = 'name the folder of one environment, with its files; leave it out for an environment that is new';
  reject(scope, { prop: `previous ${folder}`, must: 'hold what was synthesized before', got, fix });
  return [];
}

function readFile(scope: IConstruct, path: string): Manifest[] | undefined {
  // Loaded here, because most runs read nothing and the parser costs as much as a whole synth.
  const { parseAllDocuments } = createRequire(__filename)('yaml') as typeof yaml;
  const options = { version: '1.1', logLevel: 'silent', customTags: withNumbers } as const;
  try {
    const documents = [...parseAllDocuments(readFileSync(path, 'utf8'), options)];
    const [error] = documents.flatMap(({ errors }) => errors);
    if (error) return unreadable(scope, path, error.message.split('\n')[0] ?? error.code);
    const objects = documents.map((document) => document.toJS() as unknown).filter((found) => found !== null);
    return objects.every(isManifest) ? objects : unreadable(scope, path, 'something that is no object');
  } catch (error) {
    return unreadable(scope, path, error instanceof Error ? error.message : String(error));
  }
}

/** Kubernetes' parser takes `e1` for a text, as it is; this one for a number without digits. */
function withNumbers(tags: yaml.Tags): yaml.Tags {
  const test = /^[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)[eE][-+]?\d+$/;
  return tags.map((tag) => (typeof tag === 'object' && tag.format === 'EXP' ? ({ ...tag, test } as typeof tag) : tag));
}

function isManifest(found: unknown): found is Manifest {
  return typeof found === 'object' && found !== null && 'kind' in found && 'apiVersion' in found;
}

function unreadable(scope: IConstruct, path: string, got: string): Manifest[] | undefined {
  const fix = 'restore the file from the repository, or remove it';
  reject(scope, { prop: `previous ${path}`, must: 'hold Kubernetes objects as YAML', got, fix });
  return undefined;
}
