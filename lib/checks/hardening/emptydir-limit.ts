import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { type Container, type Pod } from '../world/pods';
import { map, maps, valueAt } from '../world/values';

/** A volume full of temporary files counts against the containers' own limits, whatever its size says. */
export const emptydirLimit: Rule = {
  name: 'emptydir-limit',
  sentence: 'Every emptyDir has a size, and all of them fit into the disk and memory that the containers may use.',
  why: 'The kubelet evicts a pod whose files pass its ephemeral-storage limit, and kills a container whose files in memory pass its memory limit.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      const volumes = emptyDirs(pod);
      if (volumes.length === 0) continue;
      const { object } = pod;
      for (const { field, size, limit } of volumes) {
        if (size !== undefined && size > 0) continue;
        const fix = 'write the most that the program will ever keep there, such as 64Mi';
        yield { object, field, must: 'be set', got: limit, fix };
      }
      yield* beyondDisk(pod, volumes);
      for (const container of pod.containers) {
        yield* beyondMemory(pod, container, volumes);
      }
    }
  },
};

interface EmptyDir {
  readonly field: string;
  readonly name: unknown;
  readonly medium: unknown;
  readonly limit: unknown;
  readonly size: number | undefined;
}

/** A volume of no type is an emptyDir as well. Huge pages have limits of their own. */
function emptyDirs({ path, spec }: Pod): EmptyDir[] {
  return maps(spec['volumes']).flatMap((volume, index) => {
    const typed = Object.keys(volume).some((key) => key !== 'name' && key !== 'emptyDir');
    const { medium = '', sizeLimit: limit } = map(volume['emptyDir']);
    if (typed || String(medium).startsWith('HugePages')) return [];
    const field = `${path}.volumes[${index}].emptyDir.sizeLimit`;
    return [{ field, name: volume['name'], medium, limit, size: parseQuantity(limit) }];
  });
}

function* beyondDisk(pod: Pod, volumes: readonly EmptyDir[]): Iterable<Finding> {
  const disks = volumes.filter(({ medium }) => medium !== 'Memory');
  const sum = total(disks.map(({ size }) => size));
  const limits = pod.containers
    .filter(({ endsFirst }) => !endsFirst)
    .map(({ spec: container }) => limitOf(container, 'ephemeral-storage'));
  // The kubelet lets the containers of a pod share what they may use together.
  const most = total(limits);
  const [first] = disks;
  if (first === undefined || limits.includes(undefined) || sum <= most) return;
  const names = disks.map(({ name }) => name).join(', ');
  const must = `leave ${names} together at most ${readable(most)}, the ephemeral-storage limit of the containers`;
  const fix = 'lower a sizeLimit or raise the limit';
  yield { object: pod.object, field: first.field, must, got: readable(sum), fix };
}

function* beyondMemory(pod: Pod, { path, spec: container }: Container, volumes: readonly EmptyDir[]): Iterable<Finding> {
  const most = limitOf(container, 'memory');
  if (most === undefined) return;
  const written = new Set(
    maps(container['volumeMounts']).flatMap(({ name, readOnly }) => (readOnly === true ? [] : [name as unknown])),
  );
  const used = volumes.filter(({ medium, name }) => medium === 'Memory' && written.has(name));
  const sum = total(used.map(({ size }) => size));
  if (used.length === 0 || sum < most) return;
  const must = `be more than ${readable(sum)}, which ${used.map(({ name }) => name).join(', ')} may take of it`;
  const fix = 'raise it, lower the sizeLimit, or keep the files on disk';
  yield { object: pod.object, field: `${path}.resources.limits.memory`, must, got: readable(most), fix };
}

function limitOf(container: Manifest, resource: string): number | undefined {
  return parseQuantity(map(valueAt(container, 'resources.limits'))[resource]);
}

function total(sizes: readonly (number | undefined)[]): number {
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function readable(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Math.ceil(bytes / 2 ** 20)}Mi` : `${Math.ceil(bytes / 2 ** 10)}Ki`;
}
