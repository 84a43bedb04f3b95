import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import { namespaceOf } from './objects';
import { map, maps, placesOf, valueAt, type Place } from './values';

/** The pod that an object makes: its template, or the object itself. */
export interface Pod {
  readonly object: FinishedObject;
  readonly kind: string;
  readonly namespace: string;
  /** Path of the pod's spec: `spec.template.spec`. */
  readonly path: string;
  readonly spec: Manifest;
  readonly labels: Manifest;
  /** Its containers, those for its start before the others. */
  readonly containers: readonly ContainerAt[];
}

/** A container and where it stands in its object. */
export interface ContainerAt {
  readonly path: string;
  readonly container: Manifest;
  readonly init: boolean;
}

const TEMPLATES: ReadonlyMap<unknown, string> = new Map([
  ['Pod', ''],
  ['Deployment', 'spec.template'],
  ['ReplicaSet', 'spec.template'],
  ['ReplicationController', 'spec.template'],
  ['StatefulSet', 'spec.template'],
  ['DaemonSet', 'spec.template'],
  ['Job', 'spec.template'],
  ['Rollout', 'spec.template'],
  ['CronJob', 'spec.jobTemplate.spec.template'],
]);

/** Where an object has the template of its pods; empty for a pod itself, undefined where it makes none. */
export function templatePath({ kind }: Manifest): string | undefined {
  return TEMPLATES.get(kind);
}

/** The pod that an object makes, if it makes any. */
export function podOf(object: FinishedObject): Pod | undefined {
  const { manifest } = object;
  const place = templatePath(manifest);
  if (place === undefined) return undefined;
  const template = map(place === '' ? manifest : valueAt(manifest, place));
  if (!template['spec']) return undefined;
  const [spec, path] = [map(template['spec']), place === '' ? 'spec' : `${place}.spec`];
  return {
    object,
    kind: String(manifest['kind']),
    namespace: namespaceOf(manifest),
    path,
    spec,
    labels: map(map(template['metadata'])['labels']),
    containers: [...containersAt(path, spec, 'initContainers'), ...containersAt(path, spec, 'containers')],
  };
}

/** Every container of a pod, those for debugging too: the kubelet starts them like any other. */
export function everyContainer({ path, spec, containers }: Pod): readonly ContainerAt[] {
  return spec['ephemeralContainers'] === undefined
    ? containers
    : [...containers, ...containersAt(path, spec, 'ephemeralContainers')];
}

function containersAt(path: string, spec: Manifest, field: string): ContainerAt[] {
  const init = field === 'initContainers';
  return maps(spec[field]).map((container, index) => ({ path: `${path}.${field}[${index}]`, container, init }));
}

/** Whether a container runs beside the others for as long as they do: one of the pod's own, or a sidecar. */
export function staysUp({ container, init }: ContainerAt): boolean {
  return !init || container['restartPolicy'] === 'Always';
}

/** The metadata of a pod's template, or of the bare pod, and where it stands. */
export function podMetadata({ object, path }: Pod): { readonly path: string; readonly metadata: Manifest } {
  const at = path === 'spec' ? 'metadata' : path.replace(/spec$/, 'metadata');
  return { path: at, metadata: map(valueAt(object.manifest, at)) };
}

/** The values at a path in a pod's spec. */
export function placesInPod({ spec, path: pod }: Pod, path: string): Place[] {
  return placesOf(spec, path, pod);
}

/** Whether the pod runs on Windows, which has neither capabilities nor numbered users. */
export function onWindows({ spec }: Pod): boolean {
  return valueAt(spec, 'os.name') === 'windows';
}
