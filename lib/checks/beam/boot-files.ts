import { posix } from 'node:path';
import type { Finding, Rule, World } from '../rule';
import {
  type BeamContainer,
  beamContainers,
  commandOf,
  isMixRelease,
  placeOf,
  rootOf,
  startsRelease,
  valueOf,
} from '../world/beam';
import { inventoryOf } from '../world/inventory';
import { map, maps, scalar } from '../world/values';

/** A release starts with the files that its variables name, or not at all. */
export const bootFiles: Rule = {
  name: 'boot-files',
  sentence: 'The files that a release is told to start with are in its own folder, or in a volume that is mounted there.',
  why: 'Erlang reads them before anything else: without its vm.args or its sys.config the VM prints one line and ends, again and again.',
  source: 'https://hexdocs.pm/mix/Mix.Tasks.Release.html#module-environment-variables',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      for (const [name, end, isRead] of FILES) {
        if (!isRead(beam)) continue;
        const value = valueOf(beam, name);
        // A name with its end is refused elsewhere, and one with something of the pod in it is known there alone.
        if (!value?.startsWith('/') || value.includes('<') || (end !== '' && value.endsWith(end))) continue;
        if (!isMixRelease(beam)) continue;
        const missing = missingAt(posix.normalize(`${value}${end}`), beam, world);
        if (missing) yield { ...placeOf(beam, name), got: value, ...missing };
      }
    }
  },
};

/** The words behind `bin/<release>` that call a node, with the files of a caller alone. */
const CALLS = /^(?:rpc|remote|restart|stop|pid)$/;

/** Whether it calls a node and is none. */
function calls(beam: BeamContainer): boolean {
  return rootOf(beam) !== undefined && CALLS.test(commandOf(beam)[1] ?? '');
}

/** Whether it starts a VM of the release: as a node, or for `eval`. */
const starts = (beam: BeamContainer): boolean => !calls(beam);

/**
 * Whether somebody calls from it: it does itself, or it is a node that stays, where people do and so do `stop` and probes. A gate has
 * the variables of its pod, and `eval` reads none of a caller's.
 */
const isCaller = (beam: BeamContainer): boolean =>
  calls(beam) || startsRelease(commandOf(beam)) || (!beam.endsFirst && !beam.workload.task);

/** Variables that name files, what the boot script, or `erl`, puts behind the name, and which containers read the file. */
const FILES = [
  ['RELEASE_VM_ARGS', '', starts],
  ['RELEASE_REMOTE_VM_ARGS', '', isCaller],
  ['RELEASE_SYS_CONFIG', '.config', starts],
] as const;

/** Where images have what is not a program: a release's folder is in none of these. */
const NO_PROGRAMS = /^\/(?:etc|run|var|tmp|mnt|dev|config|configs|secrets?|vault|data)\//;

/** Why a file cannot be there; undefined where it may be in the image. */
function missingAt(path: string, beam: BeamContainer, world: World): Pick<Finding, 'must' | 'fix'> | undefined {
  const mount = mountOver(path, beam);
  const file = posix.basename(path);
  if (!mount) {
    const root = rootOf(beam);
    if (root === undefined ? !NO_PROGRAMS.test(path) : path.startsWith(`${root.replace(/\/$/, '')}/`)) return undefined;
    const must = `name a file that is there: no volume is mounted at ${path}${root === undefined ? '' : `, which is not in ${root} either`}`;
    const fix = `mount a ConfigMap with the key ${file} at ${posix.dirname(path)}, or remove the variable; where the image has the file, say so: Checks.of(app).leaveOut('boot-files', OptOut.because('...'))`;
    return { must, fix };
  }
  const files = filesOf(mount.volume, beam, world);
  if (!files || mount.inside === '' || files.names.has(mount.inside)) return undefined;
  const must = `name a file that is there: ${files.what} has ${[...files.names].join(', ') || 'none'}`;
  return { must, fix: `add ${mount.inside} to it, or name one of these` };
}

interface Mount {
  readonly volume: string;
  /** The file in the volume. */
  readonly inside: string;
}

/** The innermost mount that holds a path. */
function mountOver(path: string, { spec }: BeamContainer): Mount | undefined {
  let best = '';
  let found: Mount | undefined;
  for (const { name, mountPath, subPath, subPathExpr } of maps(spec['volumeMounts'])) {
    const folder = posix.normalize(`${scalar(mountPath) ?? ''}/`).slice(0, -1);
    if (folder.length < best.length || (path !== folder && !path.startsWith(`${folder}/`))) continue;
    best = folder;
    const rest = path === folder ? '' : path.slice(folder.length + 1);
    // What stands in a name is put in by the kubelet.
    const inside = subPathExpr === undefined ? posix.join(scalar(subPath) ?? '', rest) : '';
    found = { volume: scalar(name) ?? '', inside };
  }
  return found;
}

/** The files that a ConfigMap or a Secret gives to a volume, where that is known. */
function filesOf(volume: string, { workload }: BeamContainer, world: World) {
  const { configMap, secret } = maps(workload.spec['volumes']).find(({ name }) => name === volume) ?? {};
  const { items, name, secretName } = map(configMap ?? secret);
  const [kind, source] = configMap === undefined ? ['Secret', scalar(secretName)] : ['ConfigMap', scalar(name)];
  if (source === undefined) return undefined;
  const chosen = maps(items).map(({ path }) => scalar(path) ?? '');
  const names = chosen.length > 0 ? new Set(chosen) : inventoryOf(world).find(kind, source, workload.namespace)?.keys;
  return names && { names, what: `the ${kind} ${source}` };
}
