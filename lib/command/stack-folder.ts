import { existsSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import type { Refusal } from '../support/reject';

/** The folder of the stack in a repository, by the name that is given, or else the one in which the command runs. */
export function stackFolder(repository: string, given: string | undefined, refuse: (refusal: Refusal) => void): string {
  const stack = given ?? (relative(resolve(repository), resolve()).split(sep).join('/') || '.');
  const prop = '--stack';
  if (posix.normalize(stack) !== stack || /^(?:\.\.|\/)|[^\w./-]/.test(stack) || stack.endsWith('/'))
    refuse({
      prop,
      must: 'be a folder of the repository',
      got: stack,
      fix: 'write it as deploy, or . where the stack is all of it',
    });
  else if (!existsSync(join(repository, stack, 'main.ts'))) {
    const fix = 'run it there, or write its path in the repository';
    refuse({ prop, must: 'be the folder with the main.ts of the stack', got: stack, fix });
  }
  return stack;
}

/** A file of the stack, from the top of the repository. */
export function inStack(stack: string, path: string): string {
  return stack === '.' ? path : `${stack}/${path}`;
}
