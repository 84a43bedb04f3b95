import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import { eachContainer, eachPod, type Fault } from '../each';
import { type Container, everyContainer, onWindows, type Pod } from '../../model/pods';
import { list, map, maps, valueAt } from '../../model/values';

export const readOnlyRoot = eachContainer({
  name: 'read-only-root',
  sentence: 'No container writes to its image.',
  why: 'Whoever gets a request to write a file can replace code of the release, and files that pile up there fill the disk of the node.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context-1',
  severity: 'warning',
  policy: true,
  *each({ path, spec }, pod) {
    const got = valueAt(spec, 'securityContext.readOnlyRootFilesystem');
    if (got === true || onWindows(pod)) return;
    const fix = 'set it, and mount an emptyDir with a sizeLimit where the program writes, such as /tmp';
    yield { field: `${path}.securityContext.readOnlyRootFilesystem`, must: 'be true', got, fix };
  },
});

/** Numbers below are those of the node's own users, and an image's user name is no number at all. */
export const highUserIds = eachPod({
  name: 'high-user-ids',
  sentence: 'Every container runs as a user and a group of 10000 or more.',
  why: 'A smaller number is also a user of the node: what breaks out of the container owns the files of that user there.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  severity: 'warning',
  policy: true,
  *each(pod) {
    const fix = 'use 10001, or 65534 where the image needs no user of its own';
    for (const [field, got] of onWindows(pod) ? [] : lowIds(pod)) yield { field, must: 'be a number of 10000 or more', got, fix };
  },
});

function* lowIds(pod: Pod): Iterable<[field: string, got: unknown]> {
  const shared = map(pod.spec['securityContext']);
  const context = `${pod.path}.securityContext`;
  for (const id of ['runAsUser', 'runAsGroup']) {
    const own = everyContainer(pod).map(({ path, spec }) => ({ path, got: valueAt(spec, `securityContext.${id}`) }));
    for (const { path, got } of own) if (got !== undefined && !isHigh(got)) yield [`${path}.securityContext.${id}`, got];
    const got = shared[id] ?? undefined;
    if (own.some((one) => one.got === undefined) && !isHigh(got)) yield [`${context}.${id}`, got];
  }
  const fsGroup = shared['fsGroup'] ?? undefined;
  if (fsGroup !== undefined && !isHigh(fsGroup)) yield [`${context}.fsGroup`, fsGroup];
  for (const [index, group] of list(shared['supplementalGroups']).entries()) {
    if (!isHigh(group)) yield [`${context}.supplementalGroups[${index}]`, group];
  }
}

function isHigh(id: unknown): boolean {
  return typeof id === 'number' && id >= 10000;
}

// No limit on CPU: whether a busy neighbour may be slowed down is a decision, not a mistake.
const WANTED = ['requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.memory', 'limits.ephemeral-storage'];

export const resourcesSet = eachPod({
  name: 'resources-set',
  sentence: 'Every container says what it needs and the most that it may take of memory and disk.',
  why: 'Without requests a node is filled with pods that it cannot run, and without limits one pod that leaks takes all others of its node down.',
  source: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  severity: 'warning',
  // Containers for debugging may not have any.
  *each({ containers }) {
    for (const { path, spec } of containers) {
      const missing = WANTED.filter((name) => !isSet(valueAt(spec, `resources.${name}`)));
      if (missing.length === 0) continue;
      const fix = 'measure what it uses, and write it down with room to spare';
      const policy = missing.every((name) => name.endsWith('ephemeral-storage'));
      yield { field: `${path}.resources`, must: `set ${missing.join(', ')}`, got: spec['resources'], fix, policy };
    }
  },
});

/** Zero is as good as nothing. What is no quantity is refused elsewhere. */
function isSet(quantity: unknown): boolean {
  return quantity !== undefined && parseQuantity(quantity) !== 0;
}

export const emptydirLimit = eachPod({
  name: 'emptydir-limit',
  sentence: 'Every emptyDir has a size, and all of them fit into the disk and memory that the containers may use.',
  why: 'The kubelet evicts a pod whose files pass its ephemeral-storage limit, and kills a container whose files in memory pass its memory limit.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
  severity: 'warning',
  policy: true,
  *each(pod) {
    const volumes = emptyDirs(pod);
    const fix = 'write the most that the program will ever keep there, such as 64Mi';
    for (const { field, size = 0, limit } of volumes) if (size <= 0) yield { field, must: 'be set', got: limit, fix };
    yield* beyondDisk(pod, volumes);
    for (const container of pod.containers) yield* beyondMemory(container, volumes);
  },
});

interface EmptyDir {
  readonly field: string;
  readonly name: unknown;
  readonly medium: unknown;
  readonly limit: unknown;
  readonly size: number | undefined;
}

/** A volume of no type is an emptyDir as well. Huge pages have limits of their own. */
function emptyDirs({ path, spec }: Pod): EmptyDir[] {
  return maps(spec['volumes']).flatMap(({ name, emptyDir, ...others }, index) => {
    const { medium = '', sizeLimit: limit } = map(emptyDir);
    if (Object.keys(others).length > 0 || String(medium).startsWith('HugePages')) return [];
    return [{ field: `${path}.volumes[${index}].emptyDir.sizeLimit`, name, medium, limit, size: parseQuantity(limit) }];
  });
}

function* beyondDisk({ containers }: Pod, volumes: readonly EmptyDir[]): Iterable<Fault> {
  const disks = volumes.filter(({ medium }) => medium !== 'Memory');
  const [sum, names] = [total(disks.map(({ size }) => size)), disks.map(({ name }) => name).join(', ')];
  const limits = containers.filter(({ endsFirst }) => !endsFirst).map(({ spec }) => limitOf(spec, 'ephemeral-storage'));
  // The kubelet lets the containers of a pod share what they may use together.
  const most = total(limits);
  const [first] = disks;
  if (first === undefined || limits.includes(undefined) || sum <= most) return;
  const must = `leave ${names} together at most ${readable(most)}, the ephemeral-storage limit of the containers`;
  yield { field: first.field, must, got: readable(sum), fix: 'lower a sizeLimit or raise the limit' };
}

function* beyondMemory({ path, spec }: Container, volumes: readonly EmptyDir[]): Iterable<Fault> {
  const most = limitOf(spec, 'memory');
  const written = maps(spec['volumeMounts']).filter(({ readOnly }) => readOnly !== true);
  const used = volumes.filter(({ medium, name }) => medium === 'Memory' && written.some((mount) => mount['name'] === name));
  const sum = total(used.map(({ size }) => size));
  if (most === undefined || used.length === 0 || sum < most) return;
  const must = `be more than ${readable(sum)}, which ${used.map(({ name }) => name).join(', ')} may take of it`;
  const fix = 'raise it, lower the sizeLimit, or keep the files on disk';
  yield { field: `${path}.resources.limits.memory`, must, got: readable(most), fix };
}

function limitOf(container: Manifest, resource: string): number | undefined {
  return parseQuantity(valueAt(container, `resources.limits.${resource}`));
}

function total(sizes: readonly (number | undefined)[]): number {
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function readable(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Math.ceil(bytes / 2 ** 20)}Mi` : `${Math.ceil(bytes / 2 ** 10)}Ki`;
}
