import { posix } from 'node:path';
import type { IConstruct } from 'constructs';
import { isInVolume } from '../support/forms';
import { reject } from '../support/reject';
import { requireKey, requireName, requireSize } from '../support/values';
import { podMounts, type Mount, type PodMount } from './mount';

/** Refuses mounts that share a name or a path, or that the API server would refuse. */
export function requireMounts(scope: IConstruct, mounts: readonly (Mount | PodMount)[], prop = 'mounts'): void {
  for (const mount of mounts) requireWords(scope, mount, prop);
  const names = new Map<string, string | undefined>([['tmp', undefined]]);
  const paths = new Set(['/tmp']);
  for (const { name, path, source } of podMounts(mounts)) {
    requireName(scope, name, 63, `${prop}.name`);
    if (!/^\/[^\s:]+$/.test(path)) {
      const fix = 'write it as /etc/app/config.json';
      reject(scope, { prop: `${prop}.path`, must: "be an absolute path without ':'", got: path, fix });
    }
    const [volume, folder] = [volumeOf(source), posix.normalize(`${path}/`).slice(0, -1)];
    const other = names.has(name) && (volume === undefined || names.get(name) !== volume);
    const taken = paths.has(folder) ? `path ${path}` : other ? `name ${name}` : undefined;
    if (taken !== undefined) {
      const fix = `${taken.startsWith('name') ? "give one of them another 'name'" : 'move'} or drop one; /tmp is always mounted`;
      reject(scope, { prop, must: 'have names and paths of their own', got: taken, fix });
    }
    names.set(name, volume);
    paths.add(folder);
  }
}

/** A claim may be seen in several places, folder by folder. */
function volumeOf(source: PodMount['source']): string | undefined {
  const { persistentVolumeClaim } = source ?? {};
  return persistentVolumeClaim?.claimName;
}

function requireWords(scope: IConstruct, mount: Mount | PodMount, prop: string): void {
  if ('keys' in mount && mount.keys !== undefined && mount.file !== undefined) {
    const fix = 'take out one of the two: a file is one key, and keys are a folder';
    reject(scope, { prop: `${prop}.file`, must: 'be left out beside keys', got: mount.file, fix });
  }
  if ('file' in mount && mount.file !== undefined) requireKey(scope, `${prop}.file`, mount.file);
  const sizes = {
    scratch: 'scratch' in mount ? mount.scratch : undefined,
    memory: 'memory' in mount ? mount.memory : undefined,
    'ephemeral.storage': 'ephemeral' in mount ? mount.ephemeral.storage : undefined,
  };
  for (const [word, size] of Object.entries(sizes)) {
    if (size !== undefined) requireSize(scope, `${prop}.${word}`, size, 'Size.mebibytes(100)');
  }
  if (!('subPath' in mount) || mount.subPath === undefined) return;
  if (mount.subPath !== '' && isInVolume(mount.subPath)) return;
  const fix = "write it without '..' and without a slash in front";
  reject(scope, { prop: `${prop}.subPath`, must: 'be a path inside the volume', got: mount.subPath, fix });
}
