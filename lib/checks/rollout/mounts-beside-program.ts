import { posix } from 'node:path';
import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { rootOfRelease } from '../world/beam';
import { type Inventory, inventoryOf } from '../world/inventory';
import { type Container, everyContainer, onWindows, type Pod } from '../world/pods';
import { map, maps, scalar, scalars, text } from '../world/values';

/** A volume hides what the image has at its path. */
export const mountsBesideProgram: Rule = {
  name: 'mounts-beside-program',
  sentence: 'No volume is mounted over the program, or over the folders of the system that it needs.',
  why: 'The container has nothing to start: the rollout ends in "no such file or directory", or in a program without its libraries.',
  source: 'https://kubernetes.io/docs/concepts/storage/volumes/#background',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const pod of inventory.pods) {
      if (onWindows(pod)) continue;
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
    }
  },
};

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
