import type { Manifest } from '../support/edit';
import type { FinishedObject, World } from './world';
import { isClusterScoped, kindOf } from './kinds';
import { madeBy, madePods, type Selectable } from './made-objects';
import { labelsOf, map, maps, nameOf, namespaceOf, once, specOf } from './values';
import { podsOf, type Pod } from './pods';
import { selectorMatches, serviceSelects } from './selectors';
import type { Known, Lookup } from './variables';
import type { External } from '../support/world-facts';

/** What there is in an environment, by kind and by name. What takes time to find out is found when it is first wanted. */
export class Inventory implements Lookup {
  private readonly kinds = new Map<string, FinishedObject[]>();
  private readonly known = new Map<string, Known>();
  private readonly wanted = new Set<string>();
  private podsFound: readonly Pod[] | undefined;
  private selectables: readonly Selectable[] | undefined;

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
    return (this.podsFound ??= podsOf(this.world.objects, this));
  }

  /** The objects of some kinds. */
  ofKind(...kinds: readonly string[]): readonly FinishedObject[] {
    const [kind = ''] = kinds;
    return kinds.length === 1 ? (this.kinds.get(kind) ?? []) : kinds.flatMap((one) => this.kinds.get(one) ?? []);
  }

  /** What a name stands for in a namespace: an object of the environment, one that a controller makes, or one outside. */
  find(kind: string, name: string, namespace: string): Known | undefined {
    const [own, anywhere] = [keyOf(kind, namespace, name), keyOf(kind, '*', name)];
    this.wanted.add(own).add(anywhere);
    return merge(this.known.get(own), this.known.get(anywhere));
  }

  /** Whether anybody has looked for a name so far. */
  isWanted({ kind, namespace = '*', name }: External): boolean {
    return this.wanted.has(keyOf(kind, namespace, name));
  }

  /** The names of a kind that were looked for so far. */
  wantedOf(kind: string): readonly string[] {
    return [...new Set([...this.wanted].flatMap((key) => (key.startsWith(`${kind}/`) ? (key.split('/')[2] ?? []) : [])))];
  }

  /** The pods that a label selector finds in a namespace, those of operators too. */
  select(selector: Manifest, namespace: string): Selectable[] {
    this.selectables ??= [...this.pods.map((pod) => ({ ...pod, ports: portsOf(pod) })), ...this.madeSelectables];
    return this.selectables.filter((pod) => pod.namespace === namespace && selectorMatches(selector, pod.labels));
  }

  /** The Services that a label selector finds in a namespace, by their own labels. */
  selectServices(selector: Manifest, namespace: string): FinishedObject[] {
    return this.ofKind('Service').filter(
      ({ manifest }) => namespaceOf(manifest) === namespace && selectorMatches(selector, labelsOf(manifest)),
    );
  }

  /** The pods that a Service finds. */
  readonly servedBy = once((service: FinishedObject): readonly Pod[] => {
    const home = namespaceOf(service.manifest);
    const { selector } = specOf(service);
    return this.pods.filter(({ namespace, labels }) => namespace === home && serviceSelects(selector, labels));
  });

  /** The pods that operators make from objects of the YAML. */
  get madeSelectables(): readonly Selectable[] {
    return this.ofKind('Cluster', 'Pooler', 'Issuer').flatMap(madePods);
  }

  private add(kind: string, namespace: string, name: string | undefined, added: Known): void {
    if (name === undefined) return;
    const key = keyOf(kind, namespace, name);
    this.known.set(key, merge(this.known.get(key), added) ?? added);
  }
}

/** The inventory of a world: made once, for all rules. */
export const inventoryOf = once((world: World) => new Inventory(world));

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${isClusterScoped(kind) ? '*' : namespace}/${name}`;
}

function merge(one: Known | undefined, other: Known | undefined): Known | undefined {
  if (!one || !other) return one ?? other;
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
  const ports = containers.filter(({ endsFirst }) => !endsFirst).flatMap(({ spec }) => maps(spec['ports']));
  return new Set(ports.flatMap(({ name, protocol = 'TCP' }) => (name === undefined ? [] : `${protocol}/${name}`)));
}
