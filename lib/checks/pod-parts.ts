import type { Manifest } from '../support/edit';
import { podOf, type ContainerAt, type PodTemplate } from './pods';
import type { World } from './rule';
import { map, maps } from './untrusted';

/** The value as a list, empty where it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const paths = new Map<string, readonly string[]>();

/** The value below some keys, `securityContext.runAsUser`; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  const keys = paths.get(path) ?? path.split('.');
  paths.set(path, keys);
  let inner = value;
  for (const key of keys) inner = map(inner)[key] ?? undefined;
  return inner;
}

const pods = new WeakMap<World, readonly PodTemplate[]>();

/** Every pod of the world. */
export function podsOf(world: World): readonly PodTemplate[] {
  const known = pods.get(world) ?? world.objects.flatMap((object) => podOf(object) ?? []);
  pods.set(world, known);
  return known;
}

const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'];

/** Every container of a pod, those for its start and for debugging included, or those of some fields alone. */
export function everyContainer({ path, spec }: PodTemplate, fields: readonly string[] = CONTAINERS): ContainerAt[] {
  return fields.flatMap((field) => {
    const init = field === 'initContainers';
    return maps(spec[field]).map((container, index) => ({ path: `${path}.${field}[${index}]`, container, init }));
  });
}

/** The metadata of a pod's template, or of the bare pod, and where it stands. */
export function podMetadata({ object, path }: PodTemplate): { readonly path: string; readonly metadata: Manifest } {
  const at = [...path.split('.').slice(0, -1), 'metadata'].join('.');
  return { path: at, metadata: map(valueAt(object.manifest, at)) };
}

/** Whether the pod runs on Windows, which has neither capabilities nor numbered users. */
export function onWindows({ spec }: PodTemplate): boolean {
  return valueAt(spec, 'os.name') === 'windows';
}
