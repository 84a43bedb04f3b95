import { readFileSync } from 'node:fs';
import { itemsOf } from '../app-checks/previous';
import { map } from '../model/values';
import type { Manifest } from '../support/edit';
import { readYaml } from '../support/read-yaml';

/** What a file holds, or what is wrong with it. */
export interface Saved {
  readonly objects?: readonly Manifest[];
  readonly wrong?: string;
}

/** The objects that kubectl has written to a file, as JSON or YAML; `-` is the standard input. */
export function savedObjects(file: string): Saved {
  try {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    const documents: readonly unknown[] = text.trimStart().startsWith('{') ? [readJson(text)] : readYaml(text);
    const objects = documents
      .filter((one) => one !== null)
      .flatMap(itemsOf)
      .map(map);
    if (documents.includes(undefined)) return { wrong: `${file}, whose JSON cannot be read` };
    // kubectl writes nothing where it fails, too.
    if (objects.length === 0) return { wrong: `${file}, which holds nothing` };
    if (objects.some(({ kind, metadata }) => kind === undefined || map(metadata)['name'] === undefined))
      return { wrong: `${file}, with something that is no object with a name` };
    return { objects };
  } catch (error) {
    return { wrong: error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error) };
  }
}

/** What a JSON holds. Of one that is broken the parser shows a piece, which may be of a password. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
