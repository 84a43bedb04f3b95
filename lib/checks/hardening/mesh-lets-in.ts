import type { Finding, Rule, World } from '../rule';
import { type Fence, fencing, meansPod, namedPorts, namespacesOf, opens, type Port } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { inventoryOf } from '../world/inventory';
import { allowing, mayCall } from '../world/istio';
import { nameOf, specOf } from '../world/values';
import { selectsAll } from '../world/selectors';
import type { Pod } from '../world/pods';

/** Two fences round one pod know each other only through whoever writes both. */
export const meshLetsIn: Rule = {
  name: 'mesh-lets-in',
  sentence: 'Pods that the NetworkPolicies let connect to a pod in a mesh of Istio may call it by its AuthorizationPolicies too.',
  why: 'The proxy of the receiver resets the connection, while the NetworkPolicies, the Service and the pods all look right.',
  source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const fences = fencesOf(world);
    if (fences.length === 0 || inventory.ofKind('AuthorizationPolicy').length === 0) return;
    for (const receiver of inventory.pods) {
      const policies = allowing(receiver, world);
      if (policies.length === 0) continue;
      for (const sender of inventory.pods) {
        for (const port of openedPorts(fences, sender, receiver, world)) {
          if (mayCall(policies, { sender, receiver, port }, inventory)) continue;
          const object = policies.find((policy) => specOf(policy)['selector']) ?? policies[0];
          if (!object) continue;
          const way = `${port.protocol} ${port.number} of ${receiver.kind} ${receiver.name}`;
          const must = `let ${sender.kind} ${sender.name} call ${way}, as the NetworkPolicies do`;
          const got: unknown = specOf(object)['rules'];
          const fix = `add a rule with the principal of its ServiceAccount and the port, or take the opening out of the NetworkPolicy of ${nameOf(sender.object.manifest)}`;
          yield { object, field: 'spec.rules', must, got, fix };
        }
      }
    }
  },
};

/** The ports that policies open by name from one workload to another: not those of sweeping rules, which mean nobody in particular. */
function openedPorts(fences: readonly Fence[], sender: Pod, receiver: Pod, world: World): Port[] {
  const namespaces = namespacesOf(world);
  const named = namedPorts(receiver);
  const ports = fencing(fences, sender, 'Egress').flatMap((fence) =>
    fence.rules.Egress.flatMap(({ peers = [], ports: entries = [] }) => {
      const meant = peers.some((peer) => !selectsAll(peer['podSelector']) && meansPod(peer, receiver, fence, namespaces));
      return meant ? entries.flatMap(({ port, endPort, protocol = 'TCP' }) => numbers(port, endPort, `${protocol}`, named)) : [];
    }),
  );
  const closing = fencing(fences, receiver, 'Ingress');
  const isOpen = (port: Port) =>
    opens(closing, 'Ingress', { port, named, isPeer: (peer, fence) => meansPod(peer, sender, fence, namespaces) });
  return [...new Map(ports.map((port) => [`${port.protocol}/${port.number}`, port])).values()].filter(isOpen);
}

function numbers(port: unknown, endPort: unknown, protocol: string, named: ReadonlyMap<string, number>): Port[] {
  const first = typeof port === 'string' ? named.get(`${protocol}/${port}`) : port;
  if (typeof first !== 'number') return [];
  // Of a range both ends are looked at.
  const last = typeof endPort === 'number' && endPort > first ? [endPort] : [];
  return [first, ...last].map((number) => ({ number, protocol }));
}
