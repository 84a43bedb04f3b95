import type { Manifest } from '../support/edit';
import { podOf, type ContainerAt } from './pods';
import type { FinishedObject, World } from './rule';
import { map, maps } from './untrusted';

/** The pod that an object makes, with nothing taken for granted. */
export interface PodSpec {
  readonly object: FinishedObject;
  readonly kind: string;
  /** Path of the spec: `spec.template.spec`. */
  readonly path: string;
  readonly spec: Manifest;
  readonly labels: Manifest;
  readonly containers: readonly ContainerAt[];
}

interface Lookup {
  readonly kinds: ReadonlyMap<unknown, readonly FinishedObject[]>;
  readonly pods: readonly PodSpec[];
}

const lookups = new WeakMap<World, Lookup>();

/** The objects of some kinds, in the order of the YAML. */
export function ofKind(world: World, ...kinds: readonly string[]): readonly FinishedObject[] {
  const known = lookupOf(world).kinds;
  return kinds.length === 1 ? (known.get(kinds[0]) ?? []) : kinds.flatMap((kind) => known.get(kind) ?? []);
}

/** Every pod that an object of the world makes. */
export function podSpecs(world: World): readonly PodSpec[] {
  return lookupOf(world).pods;
}

/** The spec of an object. */
export function specOf({ manifest }: FinishedObject): Manifest {
  return map(manifest['spec']);
}

function lookupOf(world: World): Lookup {
  const known = lookups.get(world) ?? build(world);
  lookups.set(world, known);
  return known;
}

function build({ objects }: World): Lookup {
  const kinds = new Map<unknown, FinishedObject[]>();
  for (const object of objects) {
    const { kind } = object.manifest;
    const known = kinds.get(kind);
    if (known) known.push(object);
    else kinds.set(kind, [object]);
  }
  return { kinds, pods: objects.flatMap(podSpec) };
}

function podSpec(object: FinishedObject): PodSpec[] {
  const pod = podOf(object);
  if (!pod) return [];
  const { path } = pod;
  const spec = map(pod.spec);
  const at = (field: string, init: boolean) =>
    maps(spec[field]).map((container, index) => ({ path: `${path}.${field}[${index}]`, container, init }));
  const containers = [...at('initContainers', true), ...at('containers', false)];
  return [{ object, kind: String(object.manifest['kind']), path, spec, labels: map(pod.labels), containers }];
}
