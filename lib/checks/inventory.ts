import type { Manifest } from '../support/edit';
import { isClusterScoped, kindOf } from './kinds';
import { madeBy, madePods } from './made-objects';
import { nameOf, namespaceOf } from './names';
import { containersOf, podOf, type ContainerAt } from './pods';
import type { FinishedObject, World } from './rule';
import { selectorMatches } from './selects';
import { map, maps, placesOf, type Place } from './untrusted';

/** An object that can be referred to. */
export interface Known {
  /** The object, where it stands in the YAML itself. */
  readonly object?: FinishedObject;
  /** Its keys. @default - unknown: any may be named */
  readonly keys?: ReadonlySet<string>;
}

/** Pods of one owner as others see them. */
export interface PodAt {
  /** Who makes them. */
  readonly object: FinishedObject;
  readonly namespace: string;
  readonly labels: Manifest;
  /** Path of the pod's spec in its object, and the spec; empty where an operator writes it. */
  readonly path: string;
  readonly spec: Manifest;
  readonly containers: readonly ContainerAt[];
  /** Names of their ports, with the protocol before them: `TCP/http`. */
  readonly ports: ReadonlySet<string>;
}

/** What there is in an environment, by kind and by name. */
export class Inventory {
  /** All pods. Those that are too malformed to look into are left to the API server. */
  readonly pods: readonly PodAt[];

  private readonly kinds = new Map<string, FinishedObject[]>();
  private readonly known = new Map<string, Known>();

  constructor({ objects, externals }: World) {
    for (const object of objects) {
      const { manifest } = object;
      const kind = kindOf(manifest);
      const namespace = namespaceOf(manifest);
      const ofKind = this.kinds.get(kind);
      if (ofKind) ofKind.push(object);
      else this.kinds.set(kind, [object]);
      this.add(kind, namespace, nameOf(manifest), { object, keys: keysOf(kind, manifest) });
      for (const made of madeBy(manifest)) this.add(made.kind, namespace, made.name, { keys: made.keys && new Set(made.keys) });
    }
    for (const { kind, name, keys } of externals) this.add(kind, '*', name, { keys: keys && new Set(keys) });
    this.pods = objects.flatMap(podsOf);
  }

  /** The objects of a kind. */
  ofKind(...kinds: readonly string[]): readonly FinishedObject[] {
    const found = kinds.flatMap((kind) => {
      const objects = this.kinds.get(kind);
      return objects ? [objects] : [];
    });
    return found.length > 1 ? found.flat() : (found[0] ?? []);
  }

  /** What a name stands for in a namespace: an object of the environment, one that a controller makes, or one outside. */
  find(kind: string, name: string, namespace: string): Known | undefined {
    const inside = this.known.get(keyOf(kind, namespace, name));
    const outside = this.known.get(keyOf(kind, '*', name));
    return inside && outside ? merge(inside, outside) : (inside ?? outside);
  }

  /** The pods that a label selector finds in a namespace. */
  select(selector: Manifest, namespace: string): PodAt[] {
    return this.pods.filter((pod) => pod.namespace === namespace && selectorMatches(selector, pod.labels));
  }

  /** The Services that a label selector finds in a namespace, by their own labels. */
  selectServices(selector: Manifest, namespace: string): FinishedObject[] {
    return this.ofKind('Service').filter(
      ({ manifest }) =>
        namespaceOf(manifest) === namespace && selectorMatches(selector, map(map(manifest['metadata'])['labels'])),
    );
  }

  private add(kind: string, namespace: string, name: string | undefined, added: Known): void {
    if (name === undefined) return;
    const key = keyOf(kind, namespace, name);
    const known = this.known.get(key);
    this.known.set(key, known ? merge(known, added) : added);
  }
}

/** The values at a path in a pod's spec. */
export function placesInPod({ spec, path: pod }: PodAt, path: string): Place[] {
  return placesOf(spec, path).map(({ field, value }) => ({ field: `${pod}.${field}`, value }));
}

const inventories = new WeakMap<World, Inventory>();

/** The inventory of a world: built once, for all rules. */
export function inventoryOf(world: World): Inventory {
  const known = inventories.get(world) ?? new Inventory(world);
  inventories.set(world, known);
  return known;
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${isClusterScoped(kind) ? '*' : namespace}/${name}`;
}

function merge(one: Known, other: Known): Known {
  const keys = one.keys && other.keys ? new Set([...one.keys, ...other.keys]) : undefined;
  return { object: one.object ?? other.object, keys };
}

function keysOf(kind: string, { data, stringData, binaryData, type }: Manifest): ReadonlySet<string> | undefined {
  if (kind !== 'Secret' && kind !== 'ConfigMap') return undefined;
  // The control plane fills in a token.
  if (type === 'kubernetes.io/service-account-token') return undefined;
  return new Set([data, stringData, binaryData].flatMap((part) => Object.keys(map(part))));
}

function podsOf(object: FinishedObject): PodAt[] {
  const { manifest } = object;
  const namespace = namespaceOf(manifest);
  const made = madePods(manifest);
  if (made.length > 0) {
    return made.map(({ labels, ports }) => ({
      ...{ object, namespace, labels, ports: new Set(ports), path: '', spec: {}, containers: [] },
    }));
  }
  const pod = podOf(object);
  if (!pod || !readable(pod.spec)) return [];
  const containers = containersOf(pod);
  // A port of a container that is gone before the others start is none.
  const open = containers.filter(({ init, container }) => !init || container['restartPolicy'] === 'Always');
  const ports = open.flatMap(({ container }) =>
    maps(container['ports']).map(({ name, protocol = 'TCP' }) => `${protocol}/${name}`),
  );
  return [{ object, namespace, labels: map(pod.labels), path: pod.path, spec: pod.spec, containers, ports: new Set(ports) }];
}

function readable(spec: unknown): boolean {
  const { containers, initContainers } = map(spec);
  return (
    [containers, initContainers].every((list) => list === undefined || isListOfMaps(list)) &&
    [...maps(containers), ...maps(initContainers)].every(({ env, envFrom }) =>
      [env, envFrom].every((list) => list === undefined || isListOfMaps(list)),
    )
  );
}

function isListOfMaps(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}
