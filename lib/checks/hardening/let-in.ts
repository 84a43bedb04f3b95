import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { hasRights, hasToken } from '../../model/accounts';
import { overlaps, parseCidr } from '../../model/cidr';
import {
  blamed,
  type Fence,
  fencing,
  isAddress,
  meansPod,
  namedPorts,
  namespacesOf,
  openRanges,
  opens,
  type Port,
} from '../../model/fences';
import { inventoryOf } from '../../model/inventory';
import { allowing, mayCall } from '../../model/istio';
import { fencesOf } from '../../model/network-policies';
import type { Pod } from '../../model/pods';
import { selectsAll } from '../../model/selectors';
import { opensOutside, serviceTargets } from '../../model/services';
import { map, nameOf, scalars, specOf } from '../../model/values';
import { either } from '../../model/remedy';

/** Clients of such a Service are no pods: they have addresses, their own or those of the nodes that they come by. */
export const visitorsLetIn: Rule = {
  name: 'visitors-let-in',
  sentence:
    'The NetworkPolicies let in who comes by a Service that is open outside of the cluster: by a node or a load balancer.',
  why: 'The load balancer takes the connection and the pod drops it: clients wait for their timeouts, and the probes say that all is well.',
  source: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy',
  *find(world) {
    const fences = fencesOf(world);
    const inventory = inventoryOf(world);
    if (fences.length === 0) return;
    for (const service of inventory.ofKind('Service')) {
      if (!opensOutside(service)) continue;
      for (const receiver of inventory.servedBy(service)) {
        const closing = fencing(fences, receiver, 'Ingress');
        for (const port of serviceTargets(service.manifest, receiver, () => true)) {
          const ranges = openRanges(closing, port, namedPorts(receiver));
          const missing = ranges && notLetIn(service.manifest, ranges);
          if (missing === undefined) continue;
          const must = `let in who comes by Service ${nameOf(service.manifest)}, ${missing}, to ${port.protocol} ${port.number} of ${receiver.kind} ${receiver.name}`;
          yield closed(closing, port, must);
        }
      }
    }
  },
};

function closed(closing: readonly Fence[], { number, protocol }: Port, must: string): Finding {
  const object = blamed(closing);
  const rule = `{ from: [{ ipBlock: { cidr: ... } }], ports: [{ port: ${number}, protocol: ${protocol} }] }`;
  const fix = `add a rule ${rule} with the ranges of those addresses, 0.0.0.0/0 if they are everyone's`;
  return { object, field: 'spec.ingress', must, got: specOf(object)['ingress'], fix };
}

/** Who of those that a Service lets through finds the pods closed; undefined where that cannot be said. */
function notLetIn({ spec, metadata }: Manifest, ranges: readonly string[]): string | undefined {
  if (ranges.length === 0) return 'whose address is its own or that of a node';
  const { externalTrafficPolicy, loadBalancerSourceRanges, allocateLoadBalancerNodePorts } = map(spec);
  const sources = scalars(loadBalancerSourceRanges);
  const direct =
    allocateLoadBalancerNodePorts === false || JSON.stringify(map(map(metadata)['annotations'])).includes('-target-type":"ip"');
  const kept = externalTrafficPolicy === 'Local' || direct;
  const open = ranges.flatMap((range) => parseCidr(range) ?? []);
  const closedTo = sources.filter((source) => {
    const range = parseCidr(source);
    return kept && range !== undefined && !open.some((one) => overlaps(one, range));
  });
  if (closedTo.length > 0) return closedTo.join(', ');
  // By way of nodes pods see the addresses of nodes, which ranges of clients alone do not have.
  const clients = !kept && sources.length > 0 && ranges.every((range) => sources.includes(range) && !PRIVATE.test(range));
  return clients ? "whose address is that of a node unless externalTrafficPolicy is 'Local'" : undefined;
}

/** Ranges that nodes may be in. */
const PRIVATE = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|0\.|f[cd]|::)/;

/** Two fences round one pod know each other only through whoever writes both. */
export const meshLetsIn: Rule = {
  name: 'mesh-lets-in',
  sentence: 'Pods that the NetworkPolicies let connect to a pod in a mesh of Istio may call it by its AuthorizationPolicies too.',
  why: 'The proxy of the receiver resets the connection, while the NetworkPolicies, the Service and the pods all look right.',
  source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/',
  *find(world) {
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
          const must = `let ${sender.kind} ${sender.name} call ${port.protocol} ${port.number} of ${receiver.kind} ${receiver.name}, as the NetworkPolicies do`;
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

/** The API server has an address outside of all pods, and a port that depends on who looks: policies before its Service or behind. */
export const apiOpen: Rule = {
  name: 'api-open',
  sentence: 'Pods that may ask the Kubernetes API can reach it through their NetworkPolicies: on 443 and on 6443.',
  why: 'The policy drops the packets without an error: nodes never find each other, and what the program should have made is not there.',
  source: 'https://kubernetes.io/docs/concepts/security/controlling-access/#transport-security',
  *find(world) {
    const fences = fencesOf(world);
    const inventory = inventoryOf(world);
    if (fences.length === 0) return;
    for (const pod of inventory.pods) {
      const closing = fencing(fences, pod, 'Egress');
      if (closing.length === 0 || !hasRights(pod, world) || !hasToken(pod, inventory)) continue;
      const isOpen = (number: number, isPeer: (peer: Manifest) => boolean) =>
        opens(closing, 'Egress', { port: { number, protocol: 'TCP' }, named: new Map(), isPeer });
      const missing = PORTS.filter((number) => !isOpen(number, isAddress));
      // A narrow range says that someone knows where the API is, and on which port.
      if (missing.length === 0 || ALL_PORTS.some((number) => isOpen(number, isNarrow) && !isOpen(number, isWide))) continue;
      const policy = blamed(closing);
      const must = `let ${pod.kind} ${pod.name} send to the Kubernetes API, for which it has a token: TCP ${missing.join(' and ')}`;
      const got: unknown = specOf(policy)['egress'];
      const inLiteral =
        "add 'egress' with { port: 443 } and { port: 6443 }, each with the addresses of the API servers as its peer if they are known";
      const way = either('open that in its egress, to the addresses of the API servers if they are known', inLiteral);
      yield { object: policy, field: 'spec.egress', must, got, ...way };
    }
  },
};

/** Before the Service `kubernetes`, and behind it on most clusters. */
const PORTS = [443, 6443];
/** With those of Minikube and MicroK8s. */
const ALL_PORTS = [...PORTS, 8443, 16443];

function isWide(peer: Manifest): boolean {
  return isAddress(peer) && Number(String(map(peer['ipBlock'])['cidr']).split('/')[1]) < 8;
}

function isNarrow(peer: Manifest): boolean {
  return isAddress(peer) && !isWide(peer);
}
