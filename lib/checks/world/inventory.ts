import type { Manifest } from '../../support/edit';
import type { FinishedObject, World } from '../rule';
import { isClusterScoped, kindOf } from './kinds';
import { madeBy, madePods } from './made-objects';
import { nameOf, namespaceOf, specOf } from './objects';
import { once } from './once';
import { podOf, staysUp, type Pod } from './pods';
import { selectorMatches, serviceSelects } from './selects';
import type { Known, Shelf } from './shelf';
import { map, maps } from './values';
import { readWorkloads, type Workload } from './workloads';

/** Pods of one owner as selectors see them. */
export interface Selectable {
  /** Who makes them. */
  readonly object: FinishedObject;
  readonly namespace: string;
  readonly labels: Manifest;
  /** Names of their ports, with the protocol before them: `TCP/http`. */
  readonly ports: ReadonlySet<string>;
}

/** What there is in an environment, by kind and by name. What takes time to find out is found when it is first wanted. */
export class Inventory implements Shelf {
  private readonly kinds = new Map<string, FinishedObject[]>();
  private readonly known = new Map<string, Known>();
  private podsFound: readonly Pod[] | undefined;
  private workloadsFound: readonly Workload[] | undefined;
  private selectablesFound: readonly Selectable[] | undefined;

  constructor(private readonly world: World) {
    for (const object of world.objects) {
      const { manifest } = object;
      const kind = kindOf(manifest);
      const namespace = namespaceOf(manifest);
      const ofKind = this.kinds.get(kind);
      if (ofKind) ofKind.push(object);
      else this.kinds.set(kind, [object]);
      this.add(kind, namespace, nameOf(manifest), { object, keys: keysOf(kind, manifest) });
      for (const made of madeBy(manifest)) this.add(made.kind, namespace, made.name, { keys: made.keys && new Set(made.keys) });
    }
    for (const { kind, namespace = '*', name, keys } of world.externals)
      this.add(kind, namespace, name, { keys: keys && new Set(keys) });
  }

  /** The pods that objects of the YAML make. */
  get pods(): readonly Pod[] {
    return (this.podsFound ??= this.world.objects.flatMap((object) => podOf(object) ?? []));
  }

  /** The same with their variables and their numbers. */
  get workloads(): readonly Workload[] {
    return (this.workloadsFound ??= readWorkloads(this));
  }

  /** The objects of some kinds. */
  ofKind(...kinds: readonly string[]): readonly FinishedObject[] {
    const [kind = ''] = kinds;
    return kinds.length === 1 ? (this.kinds.get(kind) ?? []) : kinds.flatMap((one) => this.kinds.get(one) ?? []);
  }

  /** What a name stands for in a namespace: an object of the environment, one that a controller makes, or one outside. */
  find(kind: string, name: string, namespace: string): Known | undefined {
    const inside = this.known.get(keyOf(kind, namespace, name));
    const outside = this.known.get(keyOf(kind, '*', name));
    return inside && outside ? merge(inside, outside) : (inside ?? outside);
  }

  /** The pods that a label selector finds in a namespace, those of operators too. */
  select(selector: Manifest, namespace: string): Selectable[] {
    this.selectablesFound ??= this.readSelectables();
    return this.selectablesFound.filter((pod) => pod.namespace === namespace && selectorMatches(selector, pod.labels));
  }

  /** The Services that a label selector finds in a namespace, by their own labels. */
  selectServices(selector: Manifest, namespace: string): FinishedObject[] {
    return this.ofKind('Service').filter(
      ({ manifest }) =>
        namespaceOf(manifest) === namespace && selectorMatches(selector, map(map(manifest['metadata'])['labels'])),
    );
  }

  /** The workloads that a Service finds. */
  readonly servedBy = once((service: FinishedObject): readonly Workload[] => {
    const home = namespaceOf(service.manifest);
    const { selector } = specOf(service);
    return this.workloads.filter(({ namespace, labels }) => namespace === home && serviceSelects(selector, labels));
  });

  /** The pods that operators make from objects of the YAML. */
  get madeSelectables(): readonly Selectable[] {
    return this.ofKind('Cluster', 'Pooler', 'Issuer').flatMap((object) => {
      const namespace = namespaceOf(object.manifest);
      return madePods(object.manifest).map(({ labels, ports }) => ({ object, namespace, labels, ports: new Set(ports) }));
    });
  }

  private readSelectables(): Selectable[] {
    return [...this.pods.map((pod) => ({ ...pod, ports: portsOf(pod) })), ...this.madeSelectables];
  }

  private add(kind: string, namespace: string, name: string | undefined, added: Known): void {
    if (name === undefined) return;
    const key = keyOf(kind, namespace, name);
    const known = this.known.get(key);
    this.known.set(key, known ? merge(known, added) : added);
  }
}

/** The inventory of a world: made once, for all rules. */
export const inventoryOf = once((world: World) => new Inventory(world));

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

/** A port of a container that is gone before the others start is none. */
function portsOf({ containers }: Pod): ReadonlySet<string> {
  const ports = containers.filter(staysUp).flatMap(({ container }) => maps(container['ports']));
  return new Set(ports.map(({ name, protocol = 'TCP' }) => `${protocol}/${name}`));
}
