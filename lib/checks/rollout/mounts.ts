import { posix } from 'node:path';
import type { Manifest } from '../../support/edit';
import { eachPod } from '../each';
import type { Finding } from '../rule';
import { rootOfRelease } from '../../model/beam';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { type Container, everyContainer, onWindows, type Pod } from '../../model/pods';
import { map, maps, scalar, scalars, text } from '../../model/values';

type Fault = Omit<Finding, 'object'>;

export const mountsApart = eachPod({
  name: 'mounts-apart',
  sentence: 'A pod has a claim in one volume, and no mount hides another one or has no place in it.',
  why: 'The kubelet mounts the first of two volumes of one claim and waits for the second for ever; of two mounts at one path the program sees one; and within files that nobody may write to no folder can be made for the next.',
  source: 'https://github.com/kubernetes/kubernetes/issues/132921',
  *each(pod, world) {
    const inventory = inventoryOf(world);
    const said = new Set<string>();
    for (const fault of [...claimsOnce(pod), ...everyContainer(pod).flatMap((at) => collisions(at, pod, inventory))]) {
      const key = `${fault.must} ${String(fault.got)}`;
      if (!said.has(key)) yield { ...fault, object: pod.object };
      said.add(key);
    }
  },
});

function claimsOnce({ spec, path }: Pod): Fault[] {
  const first = new Map<string, string>();
  return maps(spec['volumes']).flatMap(({ name, persistentVolumeClaim }, index) => {
    const got = text(map(persistentVolumeClaim)['claimName']);
    const other = got === undefined ? undefined : first.get(got);
    if (got !== undefined && other === undefined) first.set(got, String(name));
    if (other === undefined) return [];
    const fix = `mount the volume ${other} twice, each time another folder of it by subPath`;
    return [
      { field: `${path}.volumes[${index}].persistentVolumeClaim.claimName`, must: `be in one volume of the pod`, got, fix },
    ];
  });
}

function collisions({ path, spec: container }: Container, pod: Pod, inventory: Inventory): Fault[] {
  const mounts = maps(container['volumeMounts']).map((mount) => {
    const at = text(mount['mountPath']) ?? '';
    return { mount, at, folder: posix.normalize(`${at}/`).slice(0, -1) || '/' };
  });
  return mounts.flatMap(({ at, folder }, index) => {
    const field = `${path}.volumeMounts[${index}].mountPath`;
    // The same text twice is refused by the API server.
    const same = mounts.slice(0, index).find((other) => other.folder === folder && other.at !== at);
    if (same) return [{ field, must: `not be ${same.at} once more`, got: at, fix: 'mount one of the two elsewhere' }];
    const around = mounts.find((other) => other.folder !== folder && isWithin(folder, other) && !hasPlace(folder, other));
    if (!around) return [];
    const must = `not be within ${around.at}, where nobody may make a place for it`;
    return [{ field, must, got: at, fix: 'mount it beside that, or all of it there, by one projected volume' }];
  });

  function hasPlace(folder: string, { mount, folder: outer }: (typeof mounts)[number]): boolean {
    const names = namesIn(mount, pod, inventory);
    return names === undefined || names.has(folder.slice(outer.length + 1).split('/')[0] ?? '');
  }
}

function isWithin(folder: string, { mount, folder: outer }: { readonly mount: Manifest; readonly folder: string }): boolean {
  return mount['subPath'] === undefined && folder.startsWith(`${outer === '/' ? '' : outer}/`);
}

const WRITTEN = ['configMap', 'secret', 'projected', 'downwardAPI'];

/** What is in a volume that the kubelet writes; undefined where others may write to it, or nobody knows. */
function namesIn({ name }: Manifest, { spec, namespace }: Pod, inventory: Inventory): ReadonlySet<string> | undefined {
  const volume = maps(spec['volumes']).find((one) => one['name'] === name) ?? {};
  if (!WRITTEN.some((source) => volume[source] !== undefined)) return undefined;
  const parts = volume['projected'] === undefined ? [volume] : maps(map(volume['projected'])['sources']);
  const known = parts.map((part) => {
    const { configMap, secret, downwardAPI, serviceAccountToken } = part;
    if (serviceAccountToken !== undefined) return [scalar(map(serviceAccountToken)['path']) ?? ''];
    const source = map(configMap ?? secret ?? downwardAPI);
    const items = maps(source['items']).map((item) => scalar(item['path'])?.split('/')[0] ?? '');
    if (items.length > 0) return items;
    const of = scalar(source['secretName'] ?? source['name']) ?? '';
    return inventory.find(secret === undefined ? 'ConfigMap' : 'Secret', of, namespace)?.keys;
  });
  return known.some((names) => names === undefined) ? undefined : new Set(known.flatMap((names) => [...(names ?? [])]));
}

export const mountsBesideProgram = eachPod({
  name: 'mounts-beside-program',
  sentence: 'No volume is mounted over the program, or over the folders of the system that it needs.',
  why: 'The container has nothing to start: the rollout ends in "no such file or directory", or in a program without its libraries.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/#background',
  *each(pod, world) {
    const inventory = inventoryOf(world);
    if (onWindows(pod)) return;
    // The containers of a pod have most of their mounts in common.
    const said = new Set<string>();
    for (const at of everyContainer(pod)) {
      for (const { field, got, what } of hidingMounts(at, pod, inventory)) {
        if (said.has(got)) continue;
        said.add(got);
        const fix = 'mount it in a folder of its own, such as /etc/app, or one file of it by subPath';
        yield { object: pod.object, field, must: `not hide ${what}`, got, fix };
      }
    }
  },
});

interface HidingMount {
  readonly field: string;
  readonly got: string;
  readonly what: string;
}

function hidingMounts(at: Container, pod: Pod, inventory: Inventory): HidingMount[] {
  const { path, spec: container } = at;
  const command = scalars(container['command']);
  return maps(container['volumeMounts']).flatMap((mount, index) => {
    const got = text(mount['mountPath']) ?? '';
    const name = text(mount['name']) ?? '';
    if (!got.startsWith('/')) return [];
    const folder = posix.normalize(`${got}/`).slice(0, -1) || '/';
    const what = ofSystem(folder) ?? ofRelease(folder, command) ?? ofProgram(folder, command, name, pod);
    if (what === undefined || bringsItAlong(name, at, pod) || isScript(command, folder, name, pod, inventory)) return [];
    return [{ field: `${path}.volumeMounts[${index}].mountPath`, got, what }];
  });
}

/** Folders of every image, the loader of its programs among them. Those of /usr/local hold the runtimes of official images. */
const SYSTEM: ReadonlySet<string> = new Set([
  ...['/', '/bin', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/proc', '/sbin', '/sys', '/usr', '/usr/bin', '/usr/lib'],
  ...[
    '/usr/lib32',
    '/usr/lib64',
    '/usr/libexec',
    '/usr/local',
    '/usr/local/bin',
    '/usr/local/lib',
    '/usr/local/sbin',
    '/usr/sbin',
  ],
]);

function ofSystem(folder: string): string | undefined {
  // The runtime lets nothing be mounted below it.
  if (folder.startsWith('/proc/')) return "/proc, which is the kernel's";
  return SYSTEM.has(folder) ? `${folder} of the image` : undefined;
}

/** Folders of a release that its start needs. One file in them may be replaced, which no folder can be. */
const NEEDED = /^(?:|bin|lib|releases|erts-[^/]+|erts-[^/]+\/bin|lib\/[^/]+-\d[^/]*(?:\/ebin)?|releases\/\d[^/]*)$/;

function ofRelease(folder: string, command: readonly string[]): string | undefined {
  const root = rootOfRelease(command);
  if (root === undefined || root === '') return undefined;
  if (`${root}/`.startsWith(`${folder}/`)) return `${root}, from which it runs`;
  if (!folder.startsWith(`${root}/`)) return undefined;
  const inside = folder.slice(root.length + 1);
  return NEEDED.test(inside) ? `${root}/${inside}, which what it runs from ${root} needs` : undefined;
}

/** An empty folder that only this container has is no place for what it runs. */
function ofProgram(folder: string, [program = '']: readonly string[], volume: string, { spec }: Pod): string | undefined {
  if (!program.startsWith(`${folder}/`)) return undefined;
  return volumeOf(volume, spec)['emptyDir'] === undefined ? undefined : `${program}, which it runs`;
}

/** Whether the volume is the program's own: a ConfigMap that has it as one of its files. */
function isScript(
  [program = '']: readonly string[],
  folder: string,
  volume: string,
  { spec, namespace }: Pod,
  inventory: Inventory,
): boolean {
  if (posix.dirname(program) !== folder) return false;
  const source = map(volumeOf(volume, spec)['configMap']);
  const items = maps(source['items']).map(({ path }) => path as unknown);
  const files = items.length > 0 ? new Set(items) : inventory.find('ConfigMap', scalar(source['name']) ?? '', namespace)?.keys;
  return files?.has(posix.basename(program)) ?? false;
}

/** Whether the volume may hold what it hides: an image, a folder of the node, or what a container before this one puts there. */
function bringsItAlong(volume: string, { spec: container }: Container, { spec, containers }: Pod): boolean {
  const { image, hostPath, emptyDir, ephemeral } = volumeOf(volume, spec);
  if (image !== undefined || hostPath !== undefined) return true;
  if (emptyDir === undefined && ephemeral === undefined) return false;
  const pathsIn = (one: Manifest) =>
    maps(one['volumeMounts']).flatMap(({ name, mountPath }) => (name === volume ? [mountPath as unknown] : []));
  const own = pathsIn(container);
  return containers.some(({ init, spec: other }) => init && pathsIn(other).some((path) => !own.includes(path)));
}

function volumeOf(volume: string, spec: Manifest): Manifest {
  return maps(spec['volumes']).find(({ name }) => name === volume) ?? {};
}
