import type { Mount } from '../pod/mount';

/** Where pods of a release find the scripts that its commands name. */
export const SCRIPTS = '/etc/release-scripts';

/** Scripts by file. */
export type ScriptFiles = Readonly<Record<string, string>>;

/** Those of the files that commands name. */
export function scriptsIn(files: ScriptFiles, commands: readonly (readonly string[] | undefined)[]): ScriptFiles {
  const words = commands.flatMap((command) => command ?? []);
  const named = ([file]: readonly [string, string]): boolean => words.some((word) => word.includes(`${SCRIPTS}/${file}`));
  return Object.fromEntries(Object.entries(files).filter(named));
}

/** The files that a command needs beside those of its pod: the scripts, where it names one. */
export function scriptMounts(command: readonly string[], scripts: Mount | undefined): readonly Mount[] {
  return scripts && command.some((word) => word.includes(`${SCRIPTS}/`)) ? [scripts] : [];
}
