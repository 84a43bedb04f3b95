import { join } from 'node:path';
import { foldersIn, holdsOutput } from '../app-checks/previous-output';
import { didYouMean } from '../support/nearest';

/** Says what is wrong with what was asked for. */
export type Refuse = (prop: string, must: string, got: unknown, fix: string) => void;

/** The environments in the folder of an output. */
export function environmentsIn(dist: string): string[] {
  return foldersIn(dist).filter((name) => holdsOutput(join(dist, name)));
}

/** The folder of an environment in that of the output; undefined for one that is not there, which is refused. */
export function environmentIn(dist: string, environment: string, refuse: Refuse): string | undefined {
  const names = environmentsIn(dist);
  if (names.length === 0) {
    refuse('--dist', 'be the folder of the output', dist, 'synthesize first, or name the folder that synth has written');
    return undefined;
  }
  if (names.includes(environment)) return join(dist, environment);
  const fix = didYouMean(environment, names, `write one of ${names.join(', ')}`);
  refuse('environment', `be in ${dist}`, environment, fix);
  return undefined;
}
