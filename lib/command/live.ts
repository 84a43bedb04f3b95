import { RootConstruct } from 'constructs';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readObjects } from '../app-checks/previous';
import { isFolder } from '../app-checks/previous-output';
import { list, map } from '../model/values';
import { formatIn } from '../plan/format';
import { livePlanOf, type LiveObjects } from '../plan/live/live';
import { liveText } from '../plan/live/live-text';
import { folderOf, openOutput, pathIn, type Output } from '../plan/output';
import type { Manifest } from '../support/edit';
import { readYaml } from '../support/read-yaml';
import { reject, rejections } from '../support/reject';
import type { Refuse } from './environment-folder';
import { READ, readLive } from './kubectl';
import type { Planned } from './plan';
import { savedObjects, type Saved } from './saved';

/** What the command line says of a comparison with the cluster. */
export interface LiveOptions {
  readonly format: string;
  /** The folder with the output. */
  readonly dist: string;
  /** The environment. @default - the only one */
  readonly live: string | true;
  /** A file with what kubectl has read, `-` for the standard input. @default - kubectl is asked */
  readonly from?: string;
  /** The context of kubectl. @default - the current one */
  readonly context?: string;
  /** The program that reads the cluster. @default 'kubectl' */
  readonly kubectl?: string;
}

/** Compares an environment as it is written with what is in the cluster. It reads, and writes nowhere. */
export function live({ format: form, dist, live: name, from, ...cluster }: LiveOptions): Planned {
  const root = new RootConstruct('plan');
  const refuse: Refuse = (prop, must, got, fix) => {
    reject(root, { prop, must, got, fix });
  };
  const format = formatIn(root, form);
  const output = opened(root, dist);
  const environment = output && chosen(output.names, name, refuse);
  const folder = output && environment !== undefined ? folderOf(output, environment) : undefined;
  const written = output && folder !== undefined ? readObjects(root, folder, readYaml, pathIn(output)) : [];
  const known = rejections(root);
  if (known.length > 0 || environment === undefined || folder === undefined) return { faults: known, text: '' };
  const found = from === undefined ? asked(written, folder, cluster, refuse) : saved(from, folder, refuse);
  const faults = rejections(root);
  if (faults.length > 0 || !found || !format) return { faults, text: '' };
  return { faults, text: liveText(livePlanOf(environment, written, found), format) };
}

function opened(root: RootConstruct, dist: string): Output | undefined {
  if (isFolder(dist)) return openOutput(root, { prop: '--dist', shown: dist, folder: dist });
  reject(root, {
    prop: '--dist',
    must: 'be a folder with objects',
    got: dist,
    fix: 'name the folder that is applied, or synthesize there first',
  });
  return undefined;
}

/** The environment that was named: each may be in a cluster of its own, so that one is read at a time. */
function chosen(names: readonly string[], name: string | true, refuse: Refuse): string | undefined {
  const [only, ...others] = names;
  if (name === true && others.length === 0) return only;
  if (name !== true && names.includes(name)) return name;
  const got = name === true ? `${names.length} environments` : name;
  refuse('--live', 'name one environment of the output', got, `write one of ${names.join(', ')}`);
  return undefined;
}

/** The command that writes a file for `--from`. Files with Secrets are left out of it, whose values nobody needs. */
function saving(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  const open = files.sort().filter((name) => !/^kind: Secret$/m.test(readFileSync(join(folder, name), 'utf8')));
  const named = open.length === files.length ? `-R -f ${folder}` : open.map((name) => `-f ${join(folder, name)}`).join(' ');
  return `kubectl get ${named} ${READ.join(' ')} -o yaml > live.yaml`;
}

function asked(
  written: readonly Manifest[],
  folder: string,
  cluster: Pick<LiveOptions, 'context' | 'kubectl'>,
  refuse: Refuse,
): LiveObjects | undefined {
  const { found, failure } = readLive(written, cluster);
  if (found) return found;
  const fix = `name the cluster with --context, or let whoever may read it run ${saving(folder)} and pass --from live.yaml`;
  refuse('--live', 'be able to read the cluster with kubectl', failure, fix);
  return undefined;
}

function saved(file: string, folder: string, refuse: Refuse): LiveObjects | undefined {
  const { objects = [], wrong } = readSaved(file);
  if (wrong === undefined) return { objects, unread: () => undefined };
  refuse('--from', 'be what kubectl has read, with managedFields', wrong, `write it with ${saving(folder)}`);
  return undefined;
}

function readSaved(file: string): Saved {
  const { objects = [], wrong } = savedObjects(file);
  if (wrong !== undefined) return { wrong };
  const isBare = objects.every(({ metadata }) => list(map(metadata)['managedFields']).length === 0);
  return isBare ? { wrong: `${file}, without managedFields` } : { objects };
}
