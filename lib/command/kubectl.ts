import { spawnSync } from 'node:child_process';
import { groupOf } from '../model/kinds';
import { list, map, nameOf } from '../model/values';
import type { LiveObjects } from '../plan/live/live';
import type { Manifest } from '../support/edit';

/** What kubectl has answered, or why it could not. */
export interface Answer {
  readonly found?: LiveObjects;
  /** Why nothing was read, in kubectl's own words. */
  readonly failure?: string;
}

/** Which cluster is read, and with what. */
export interface Reader {
  /** Which cluster. @default - the one that kubectl looks at */
  readonly context?: string;
  /** The program. @default 'kubectl' */
  readonly kubectl?: string;
}

/** How kubectl has ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  /** What it says of faults, without what is none. */
  readonly faults: readonly string[];
  /** Why it did not run. */
  readonly failure?: string;
}

/** Runs kubectl. */
export function run({ context, kubectl = 'kubectl' }: Reader, words: readonly string[], input?: string): Ended {
  const all = [...words, ...(context === undefined ? [] : [`--context=${context}`])];
  const { status, stdout, stderr, error } = spawnSync(kubectl, all, { input, maxBuffer: 2 ** 30, encoding: 'utf8' });
  if (error) {
    const failure = 'code' in error && error.code === 'ENOENT' ? 'no kubectl' : error.message;
    return { status, stdout: '', faults: [], failure };
  }
  const faults = stderr.split('\n').filter((line) => line !== '' && !/^(?:E\d{4} |Warning: |ensure CRDs)/.test(line));
  return { status, stdout, faults };
}

/** The options with which objects are read, beside the file that names them. */
export const READ = ['--ignore-not-found', '--show-managed-fields'] as const;

/** Reads objects of a cluster: `kubectl get`, and nothing else. Secrets are not asked for. */
export function readLive(written: readonly Manifest[], reader: Reader): Answer {
  const names = written.filter((manifest) => manifest['kind'] !== 'Secret' && nameOf(manifest) !== undefined).map(named);
  if (names.length === 0) return { found: { objects: [], unread: () => undefined } };
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: names });
  const { status, stdout, faults, failure } = run(reader, ['get', '-f', '-', ...READ, '-o', 'json'], input);
  if (failure !== undefined) return { failure };
  const apart = (manifest: Manifest): string | undefined => reasons(manifest, faults)[0];
  const known = new Set(names.flatMap((manifest) => reasons(manifest, faults, (line) => line)));
  const other = faults.find((line) => !known.has(line));
  if (status !== 0 && (other !== undefined || faults.length === 0)) return { failure: other ?? `exit code ${status}` };
  // Of one object there is no list, and of none there is nothing.
  const read: unknown = stdout.trim() === '' ? {} : JSON.parse(stdout);
  const items = list(map(read)['items']).map(map);
  return {
    found: { objects: 'items' in map(read) ? items : Object.keys(map(read)).length > 0 ? [map(read)] : [], unread: apart },
  };
}

/** An object by its name alone, which is all that is sent. */
function named({ apiVersion, kind, metadata }: Manifest): Manifest {
  const { name, namespace } = map(metadata);
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** Why an object was not read: the cluster knows no such kind, or whoever asks may not see it. */
function reasons(manifest: Manifest, faults: readonly string[], as: (line: string) => string = reasonText): string[] {
  const { apiVersion, kind } = manifest;
  const resource = String(kind).toLowerCase().slice(0, -1);
  const group = groupOf(manifest);
  return faults
    .filter((line) => {
      if (line.includes(`no matches for kind "${String(kind)}" in version "${String(apiVersion)}"`)) return true;
      const [, plural = '', name] = /\(Forbidden\): (\S+) "([^"]+)" is forbidden/.exec(line) ?? [];
      const [own = '', ...groups] = plural.split('.');
      return name === nameOf(manifest) && own.startsWith(resource) && groups.join('.') === group;
    })
    .map(as);
}

function reasonText(line: string): string {
  return line.includes('(Forbidden)') ? 'whoever asks may not get it' : 'the cluster knows no such kind';
}
