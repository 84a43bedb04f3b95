import { posix } from 'node:path';
import type { Manifest } from '../../support/edit';
import { eachBeam } from '../each';
import type { Finding, World } from '../rule';
import { type BeamContainer, commandOf, isMixRelease, rootOf, startsRelease, valueOf } from '../../model/beam';
import { inventoryOf } from '../../model/inventory';
import { map, maps, scalar } from '../../model/values';
import { leftOut, remedy, type Remedy } from '../../model/remedy';

export const bootFiles = eachBeam({
  name: 'boot-files',
  sentence: 'The files that a release is told to start with are in its own folder, or in a volume that is mounted there.',
  why: 'Erlang reads them before anything else: without its vm.args or its sys.config the VM prints one line and ends, again and again.',
  source: 'https://hexdocs.pm/mix/Mix.Tasks.Release.html#module-environment-variables',
  *each(beam, world) {
    for (const [name, end, isRead] of FILES) {
      const value = valueOf(beam, name);
      // A name with its end is refused elsewhere, and one with something of the pod in it is known there alone.
      if (!value?.startsWith('/') || value.includes('<') || (end !== '' && value.endsWith(end))) continue;
      if (!isRead(beam) || !isMixRelease(beam)) continue;
      const missing = missingAt(posix.normalize(`${value}${end}`), beam, world);
      if (missing) yield { variable: name, got: value, ...missing };
    }
  },
});

/** Whether it calls a node and is none, with the files of a caller alone. */
function calls(beam: BeamContainer): boolean {
  return rootOf(beam) !== undefined && /^(?:rpc|remote|restart|stop|pid)$/.test(commandOf(beam)[1] ?? '');
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
function missingAt(path: string, beam: BeamContainer, world: World): (Remedy & Pick<Finding, 'must'>) | undefined {
  const mount = mountOver(path, beam);
  const file = posix.basename(path);
  if (!mount) {
    const root = rootOf(beam);
    if (root === undefined ? !NO_PROGRAMS.test(path) : path.startsWith(`${root.replace(/\/$/, '')}/`)) return undefined;
    const must = `name a file that is there: no volume is mounted at ${path}${root === undefined ? '' : `, which is not in ${root} either`}`;
    const mounted = `mount a ConfigMap with the key ${file} at ${posix.dirname(path)}`;
    const way = remedy`${mounted}, or remove the variable; where the image has the file, say so: ${leftOut('boot-files')}`;
    return { must, ...way };
  }
  const files = filesOf(mount.volume, beam, world);
  if (!files || mount.inside === '' || files.names.has(mount.inside)) return undefined;
  const must = `name a file that is there: ${files.what} has ${[...files.names].join(', ') || 'none'}`;
  return { must, fix: `add ${mount.inside} to it, or name one of these` };
}

/** The innermost mount that holds a path: its volume, whether that may be written to, and the file in it. */
function mountOver(path: string, { spec, workload }: BeamContainer) {
  const mounts = maps(spec['volumeMounts']).map((mount) => {
    return { mount, folder: posix.normalize(`${scalar(mount['mountPath']) ?? ''}/`).slice(0, -1) };
  });
  const around = mounts.filter(({ folder }) => path === folder || path.startsWith(`${folder}/`));
  const found = around.findLast(({ folder }) => around.every((other) => other.folder.length <= folder.length));
  if (!found) return undefined;
  const { name, subPath, subPathExpr, readOnly } = found.mount;
  const volume = maps(workload.spec['volumes']).find((one) => one['name'] === name) ?? {};
  // What stands in a name is put in by the kubelet.
  const inside = subPathExpr === undefined ? posix.join(scalar(subPath) ?? '', path.slice(found.folder.length + 1)) : '';
  return { volume, inside, writable: readOnly !== true && !READ_ONLY.some((source) => volume[source] !== undefined) };
}

/** The files that a ConfigMap or a Secret gives to a volume, where that is known. */
function filesOf({ configMap, secret }: Manifest, { workload }: BeamContainer, world: World) {
  const { items, name, secretName } = map(configMap ?? secret);
  const [kind, source] = configMap === undefined ? ['Secret', scalar(secretName)] : ['ConfigMap', scalar(name)];
  if (source === undefined) return undefined;
  const chosen = maps(items).map(({ path }) => scalar(path) ?? '');
  const names = chosen.length > 0 ? new Set(chosen) : inventoryOf(world).find(kind, source, workload.namespace)?.keys;
  return names && { names, what: `the ${kind} ${source}` };
}

const WRITTEN = ['ERL_CRASH_DUMP', 'RELEASE_TMP', 'HOME', 'TMPDIR', 'RELEASE_MUTABLE_DIR', 'RUNNER_LOG_DIR'];
const READ_ONLY = ['configMap', 'secret', 'projected', 'downwardAPI', 'image'];

export const writablePaths = eachBeam({
  name: 'writable-paths',
  sentence: 'Where a BEAM writes to, a writable volume is mounted.',
  why: 'On a read-only root filesystem the boot script cannot write its configuration and exits, or the crash dump is lost.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  *each(beam) {
    if (map(beam.spec['securityContext'])['readOnlyRootFilesystem'] !== true) return;
    for (const name of WRITTEN) {
      const path = valueOf(beam, name) ?? (name === 'RELEASE_MUTABLE_DIR' ? legacyDefault(beam) : undefined);
      if (!path?.startsWith('/') || path.startsWith('/dev/') || mountOver(path, beam)?.writable === true) continue;
      const got = valueOf(beam, name);
      const must = got === undefined ? `be set: ${path} cannot be written to` : 'be in a writable volume';
      yield { variable: name, must, got, fix: 'point it to /tmp and mount an emptyDir there' };
    }
  },
});

/** Where old releases write their configuration at each boot, unless told otherwise. */
function legacyDefault(beam: BeamContainer): string | undefined {
  if (!beam.legacy || beam.variables.byName.has('RELEASE_MUTABLE_DIR') || !beam.variables.complete) return undefined;
  const [, root = '/app'] = /^(\/.*)\/bin\/[^/]+$/.exec(commandOf(beam)[0] ?? '') ?? [];
  return `${root}/${beam.variables.byName.has('RELX_REPLACE_OS_VARS') ? 'running-config' : 'var'}`;
}
