import { Size } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import { bytes } from '../support/quantity';
import { parseQuantity } from '../support/parse-quantity';
import { reject } from '../support/reject';
import { podMounts, type Mount, type PodMount } from './mount';
import type { Resources } from './resources';

type Source = PodMount['source'];
type Mounts = readonly (Mount | PodMount)[];

/**
 * The group that a pod's files need, if any. A fresh volume belongs to root and so do files of Secrets: without the group, a
 * program that is not root can neither write to the first nor read those that are closed. The volume is gone through only
 * where its root has another group, because a large one takes minutes at each start.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods
 */
export function groupOfFiles(mounts: Mounts, group: number): Pick<k8s.PodSecurityContext, 'fsGroup' | 'fsGroupChangePolicy'> {
  const sources = podMounts(mounts).map(({ source }) => source);
  const claimed = sources.some(isClaim);
  if (!claimed && !sources.some(isClosed)) return {};
  return { fsGroup: group, ...(claimed ? { fsGroupChangePolicy: 'OnRootMismatch' } : {}) };
}

/**
 * A volume that outlives containers and comes empty: a claim, by name or by the template of its controller, or a driver's own. The
 * kubelet takes a driver's volume in a pod for one of `ReadWriteOnce`.
 */
function isClaim(source: Source): boolean {
  if (source?.csi) return source.csi.readOnly !== true;
  return source === undefined || Boolean(source.persistentVolumeClaim ?? source.ephemeral);
}

/** Whether others than the owner and the group may not read the files. */
function isClosed({ configMap, secret, projected }: NonNullable<Source> = {}): boolean {
  const mode = (configMap ?? secret ?? projected)?.defaultMode;
  return mode !== undefined && (mode & 0o004) === 0;
}

/** The least that a BEAM's crash dump and an upload find in `/tmp`. */
const LEAST = Size.mebibytes(16);

/** Bytes of the container's disk that other scratch volumes may take; what has no size is left to the rule about it. */
function takenByOthers(mounts: Mounts): number {
  const onDisk = podMounts(mounts).flatMap(({ source }) =>
    source?.emptyDir && source.emptyDir.medium !== 'Memory' ? [source.emptyDir] : [],
  );
  return onDisk.reduce((sum, { sizeLimit }) => sum + (parseQuantity(sizeLimit?.value ?? sizeLimit) ?? 0), 0);
}

/** Room in `/tmp`: what logs and the other scratch volumes leave of the container's disk. */
export function roomInTmp(resources: Resources, mounts: Mounts): Size {
  const others = takenByOthers(mounts);
  if (others === 0) return resources.scratch;
  const left = Math.floor((bytes(resources.scratch) - others) / 1024);
  return Size.kibibytes(Math.max(bytes(LEAST) / 1024, left));
}

/** Scratch space at `/tmp`, as large as the other volumes of the pod let it be. */
export function tmp(resources: Resources, mounts: Mounts): Mount {
  return { name: 'tmp', path: '/tmp', scratch: roomInTmp(resources, mounts) };
}

/** Refuses scratch volumes that leave nothing for `/tmp`: the kubelet counts all of them against the one limit. */
export function requireRoomInTmp(scope: IConstruct, resources: Resources, mounts: Mounts, prop = 'resources'): void {
  const others = takenByOthers(mounts);
  const { ephemeralStorage, scratch: room } = resources;
  if (others === 0 || bytes(room) - others >= bytes(LEAST)) return;
  const least = Size.mebibytes(Math.ceil((bytes(ephemeralStorage) - bytes(room) + others + bytes(LEAST)) / 1048576));
  const must = `be ${least.toMebibytes()} MiB or more: 64 MiB for logs, 16 MiB for /tmp, and what the other emptyDirs may take`;
  reject(scope, { prop: `${prop}.ephemeralStorage`, must, got: ephemeralStorage, fix: 'raise it, or lower their sizeLimit' });
}
