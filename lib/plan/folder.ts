import type { IConstruct } from 'constructs';
import { join } from 'node:path';
import { readObjects, type Naming } from '../app-checks/previous';
import { openPrevious } from '../app-checks/previous-output';
import { onceEach } from '../support/read-yaml';
import type { Manifest } from '../support/edit';
import { folderOf, pathIn, type Output } from './output';
import type { Side } from './plan';
import type { Sides } from './plans';
import { worldOf } from './world';

/** Parsers for the environments that are read one after another: two sides of one have most documents in common. */
export class Parsers {
  private name: string | undefined;
  private parse = onceEach();

  /** That of one environment, which forgets the one before. */
  of(name: string): ReturnType<typeof onceEach> {
    if (name !== this.name) this.parse = onceEach();
    this.name = name;
    return this.parse;
  }
}

/**
 * The environments of a folder that a synth has written, production first; undefined where it holds none, which is refused.
 *
 * @param scope where to report what cannot be read
 */
export function folderSides(scope: IConstruct, folder: string, parsers: Parsers): Sides | undefined {
  const output = openPrevious(scope, { folder, wanted: [] });
  return output && sides(scope, output.names, (name) => join(folder, name), parsers);
}

/**
 * The environments of a folder that anybody has written.
 *
 * @param name what the folder of one environment is called on both sides @default - as it is called itself
 */
export function outputSides(scope: IConstruct, output: Output, parsers: Parsers, name?: string): Sides {
  const names = output.isOne && name !== undefined ? [name] : output.names;
  return sides(scope, names, (one) => folderOf(output, one), parsers, pathIn(output));
}

function sides(
  scope: IConstruct,
  names: readonly string[],
  folder: (name: string) => string,
  parsers: Parsers,
  named?: Naming,
): Sides {
  return {
    names: [...names].sort((one, other) => rank(one) - rank(other)),
    read: (name, other) => {
      const objects = readObjects(scope, folder(name), parsers.of(name), named);
      return other && isAlike(objects, other) ? other : { world: worldOf(objects, other?.world) };
    },
  };
}

/** Whether all objects are those of the other side, whose documents are parsed once for both: what is known of it is known of them. */
function isAlike(objects: readonly Manifest[], { world }: Side): boolean {
  return objects.length === world.objects.length && objects.every((one, index) => one === world.objects[index]?.manifest);
}

/** What users see comes first. */
function rank(name: string): number {
  return name.startsWith('prod') ? 0 : 1;
}
