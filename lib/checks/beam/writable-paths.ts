import type { Finding, Rule, World } from '../rule';
import { type BeamContainer, beamContainers, commandOf, placeOf, valueOf } from '../world/beam';
import { map, maps, scalar } from '../world/values';

const WRITTEN = ['ERL_CRASH_DUMP', 'RELEASE_TMP', 'HOME', 'TMPDIR', 'RELEASE_MUTABLE_DIR', 'RUNNER_LOG_DIR'];
const READ_ONLY = ['configMap', 'secret', 'projected', 'downwardAPI', 'image'];

/** On a read-only root filesystem, only mounts can be written to. */
export const writablePaths: Rule = {
  name: 'writable-paths',
  sentence: 'Where a BEAM writes to, a writable volume is mounted.',
  why: 'On a read-only root filesystem the boot script cannot write its configuration and exits, or the crash dump is lost.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  *find(world: World): Iterable<Finding> {
    for (const beam of beamContainers(world)) {
      if (map(beam.spec['securityContext'])['readOnlyRootFilesystem'] !== true) continue;
      for (const name of WRITTEN) {
        const path = valueOf(beam, name) ?? (name === 'RELEASE_MUTABLE_DIR' ? legacyDefault(beam) : undefined);
        if (!path?.startsWith('/') || path.startsWith('/dev/') || isWritable(path, beam)) continue;
        const got = valueOf(beam, name);
        const must = got === undefined ? `be set: ${path} cannot be written to` : 'be in a writable volume';
        yield { ...placeOf(beam, name), must, got, fix: 'point it to /tmp and mount an emptyDir there' };
      }
    }
  },
};

/** Where old releases write their configuration at each boot, unless told otherwise. */
function legacyDefault(beam: BeamContainer): string | undefined {
  if (!beam.legacy || beam.variables.byName.has('RELEASE_MUTABLE_DIR') || !beam.variables.complete) return undefined;
  const [, root = '/app'] = /^(\/.*)\/bin\/[^/]+$/.exec(commandOf(beam)[0] ?? '') ?? [];
  return `${root}/${beam.variables.byName.has('RELX_REPLACE_OS_VARS') ? 'running-config' : 'var'}`;
}

function isWritable(path: string, { spec, workload }: BeamContainer): boolean {
  let best = '';
  let writable = false;
  for (const { name, mountPath, readOnly } of maps(spec['volumeMounts'])) {
    const folder = (scalar(mountPath) ?? '').replace(/\/$/, '');
    if (folder.length < best.length || (path !== folder && !path.startsWith(`${folder}/`))) continue;
    const volume = maps(workload.spec['volumes']).find((one) => one['name'] === name);
    best = folder;
    writable = readOnly !== true && !READ_ONLY.some((source) => volume?.[source] !== undefined);
  }
  return writable;
}
