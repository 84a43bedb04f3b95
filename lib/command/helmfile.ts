import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { RootConstruct } from 'constructs';
import { readObjects } from '../app-checks/previous';
import { foldersIn, isFolder } from '../app-checks/previous-output';
import { isWritten, OBJECTS } from '../delivery/helm/chart-files';
import type { ChartRelease } from '../delivery/helm/helmfile';
import { releaseFacts } from '../delivery/helm/release-facts';
import { readYaml } from '../support/read-yaml';

/** Whether a file is there that somebody else has written. */
export function isOthers(path: string): boolean {
  return existsSync(path) && !(isFolder(path) ? false : isWritten(readFileSync(path, 'utf8')));
}

/** The charts beside one that is written now: each in a folder of its own, by an earlier run. Others' charts are left out. */
export function chartsBeside(root: RootConstruct, target: string, helmfile: string): ChartRelease[] {
  const parent = dirname(resolve(target));
  const folders = isFolder(parent) ? foldersIn(parent).map((name) => join(parent, name)) : [];
  return folders
    .filter((folder) => folder !== resolve(target) && isOurs(folder))
    .flatMap((folder) => {
      const facts = releaseFacts(readObjects(root, join(folder, OBJECTS), readYaml, (path) => `chart ${path}`));
      const name = nameIn(folder);
      if (!facts || name === undefined) return [];
      return [{ chart: chartFrom(helmfile, folder), environment: environmentOf(name, facts.application), facts }];
    });
}

/** The folder of a chart as a helmfile names it. */
export function chartFrom(helmfile: string, target: string): string {
  return relative(dirname(resolve(helmfile)), resolve(target))
    .split(sep)
    .join('/');
}

/** What of the name of a chart is the environment. */
function environmentOf(name: string, application: string): string {
  return name.startsWith(`${application}-`) ? name.slice(application.length + 1) : name;
}

function isOurs(folder: string): boolean {
  const path = join(folder, 'Chart.yaml');
  return existsSync(path) && isWritten(readFileSync(path, 'utf8')) && isFolder(join(folder, OBJECTS));
}

function nameIn(folder: string): string | undefined {
  return /^name: "?([\w.-]+)"?$/m.exec(readFileSync(join(folder, 'Chart.yaml'), 'utf8'))?.[1];
}
