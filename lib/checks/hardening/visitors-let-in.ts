import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { overlaps, parseCidr } from '../world/cidr';
import { blamed, type Fence, fencing, namedPorts, openRanges, type Port } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { inventoryOf } from '../world/inventory';
import { list, map, nameOf, scalars, specOf } from '../world/values';
import { serviceTargets } from '../world/services';

/** Clients of such a Service are no pods: they have addresses, their own or those of the nodes that they come by. */
export const visitorsLetIn: Rule = {
  name: 'visitors-let-in',
  sentence:
    'The NetworkPolicies let in who comes by a Service that is open outside of the cluster: by a node or a load balancer.',
  why: 'The load balancer takes the connection and the pod drops it: clients wait for their timeouts, and the probes say that all is well.',
  source: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy',
  *find(world: World): Iterable<Finding> {
    const fences = fencesOf(world);
    const inventory = inventoryOf(world);
    if (fences.length === 0) return;
    for (const service of inventory.ofKind('Service')) {
      const { type, externalIPs } = specOf(service);
      if (type !== 'NodePort' && type !== 'LoadBalancer' && list(externalIPs).length === 0) continue;
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
  return { object, field: 'spec.ingress', must, got: map(object.manifest['spec'])['ingress'], fix };
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
