import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, World } from '../rule';
import { type Fence, mayMean, meansPod, namespacesOf } from '../world/fences';
import { inventoryOf } from '../world/inventory';
import type { Pod } from '../world/pods';
import { type NamedHost, namedHosts } from './named-hosts';
import { placeOfHost, serviceAt } from './places';
import { protocolOf } from './variable-names';

/** Variables whose hosts a Secret keeps, where no way out is left that could lead to them. */
export function* hiddenHosts(sender: Pod, closing: readonly Fence[], world: World): Iterable<Finding> {
  const { hidden, seen } = namedHosts(world)(sender);
  if (hidden.length === 0) return;
  const ways = closing.flatMap((fence) => waysOf(fence, sender, seen, world));
  for (const { variable, secret } of hidden) {
    if (!ways.some((way) => mayBe(variable, way))) yield finding(sender.object, variable, secret);
  }
}

function finding(object: FinishedObject, variable: string, secret: string): Finding {
  const port = protocolOf(variable)?.ports[0] ?? 443;
  const [name, key] = secret.split('/');
  const declared = `{ host: 'host.example.com', port: ${port}, cidrs: ['203.0.113.0/24'] }`;
  return {
    object,
    field: variable,
    must: 'come with the host and the port that it leads to: no NetworkPolicy of its pods opens a way that could be it',
    got: `the key ${key} of the Secret ${name}`,
    fix: `write backingServices: { ${variable}: ${declared} } on the release, where a Service of the cluster needs no cidrs; or open the way in 'egress' of the NetworkFence`,
  };
}

/** A range of ports that a policy opens to somebody. */
interface Way {
  readonly first: number;
  readonly last: number;
  /** Whether it is there for a host that another variable names. */
  readonly used: boolean;
}

function waysOf(fence: Fence, sender: Pod, seen: readonly NamedHost[], world: World): Way[] {
  return fence.rules.Egress.flatMap(({ peers, ports }) => {
    // Nodes of a cluster call each other, which is the way to nobody else.
    if (peers?.every((peer) => meansPod(peer, sender, fence, namespacesOf(world)))) return [];
    return (ports ?? [{ port: 1, endPort: 65535 }]).flatMap(({ port = 1, endPort }: Manifest) => {
      if (port === 53 || port === 5353) return [];
      // A name stands for a port of pods that nobody here may know.
      const [first, last] = typeof port === 'number' ? [port, port === 1 ? 65535 : Number(endPort ?? port)] : [1024, 65535];
      const leadsTo = (named: NamedHost) =>
        named.ports.some((one) => first <= one && one <= last) &&
        (peers?.some((peer) => mayMean(peer, fence, () => means(peer, named, fence))) ?? true);
      return [{ first, last, used: first === last && seen.some(leadsTo) }];
    });
  });

  function means(peer: Manifest, named: NamedHost, fence: Fence): boolean {
    const place = placeOfHost(named, sender, world);
    if (place) return place.isPeer(peer, fence);
    const service = serviceAt(named.host, sender, world);
    return (service ? inventoryOf(world).servedBy(service) : []).some((pod) => meansPod(peer, pod, fence, namespacesOf(world)));
  }
}

/** Whether a variable may lead through it: by the ports of what its name speaks of, or because nothing else does. */
function mayBe(variable: string, { first, last, used }: Way): boolean {
  const { ports, web = false } = protocolOf(variable) ?? { ports: WEB, web: true };
  if (ports.some((port) => first <= port && port <= last)) return true;
  return !used && (web || first !== last || !WEB.includes(first));
}

const WEB: readonly number[] = [443, 80];
