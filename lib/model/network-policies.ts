import type { Manifest } from '../support/edit';
import type { FinishedObject, World } from './world';
import { calicoFences } from './calico-fences';
import { parseCidr } from './cidr';
import { ciliumFences } from './cilium-fences';
import { namespacesOf, type Direction, type Fence, type FenceRule } from './fences';
import { inventoryOf } from './inventory';
import { selectorMatches } from './selectors';
import { list, map, maps, namespaceOf, once, specOf } from './values';

/** Every policy of the network in the world: they add up, whoever's they are. */
export const fencesOf = once((world: World): readonly Fence[] => {
  const [inventory, namespaces] = [inventoryOf(world), namespacesOf(world)];
  const own = inventory.ofKind('NetworkPolicy').map(read);
  return [...own, ...ciliumFences(inventory, namespaces), ...calicoFences(inventory, namespaces)];
});

function read(object: FinishedObject): Fence {
  const { podSelector, policyTypes, ingress, egress } = specOf(object);
  const types = list(policyTypes);
  // Where no type is named, a policy is about ingress, and about egress if it says anything about that.
  const usual = (direction: Direction) => direction === 'Ingress' || list(egress).length > 0;
  const closes = (direction: Direction) => (types.length > 0 ? types.includes(direction) : usual(direction));
  const namespace = namespaceOf(object.manifest);
  return {
    object,
    namespace,
    selector: map(podSelector),
    closes,
    selects: (pod) => pod.namespace === namespace && selectorMatches(podSelector, pod.labels),
    rules: { Ingress: closes('Ingress') ? rulesOf(ingress, 'ingress', 'from') : [], Egress: rulesOf(egress, 'egress', 'to') },
  };
}

function rulesOf(rules: unknown, field: string, end: 'from' | 'to'): FenceRule[] {
  // An empty list is as good as none: it narrows nothing.
  const some = (value: unknown) => (list(value).length > 0 ? maps(value) : undefined);
  return list(rules).map((written, index) => {
    const rule = map(written);
    return { field: `spec.${field}[${index}]`, written, peers: some(rule[end])?.map(readable), ports: some(rule['ports']) };
  });
}

/** A range that nobody can read is refused as such: what it was to open is not known, and so not missed. */
function readable(peer: Manifest): Manifest {
  const { cidr } = map(peer['ipBlock']);
  return typeof cidr === 'string' && !parseCidr(cidr) ? { ...peer, unclear: true } : peer;
}
