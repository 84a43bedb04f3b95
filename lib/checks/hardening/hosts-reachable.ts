import { isIP } from 'node:net';
import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type Fence, fencing, mayMean, meansPod, namespacesOf } from '../../model/fences';
import { inventoryOf } from '../../model/inventory';
import { fencesOf } from '../../model/network-policies';
import type { Pod } from '../../model/pods';
import { portsOfService } from '../../model/routes';
import { nameOf, specOf } from '../../model/values';
import { type NamedHost, namedHosts } from './named-hosts';
import { type Place, placeOfHost, serviceAt } from './places';
import { protocolOf } from './variable-names';
import { either, leftOut, type Remedy } from '../../model/remedy';

export const hostsReachable: Rule = {
  name: 'hosts-reachable',
  sentence: 'The NetworkPolicies open the way to each host that a variable names, also to those outside of the environment.',
  why: 'A packet that a policy drops gives no error: the first request to Redis, to the mail server or to S3 hangs until its timeout, in production.',
  source: 'https://12factor.net/backing-services',
  *find(world) {
    const fences = fencesOf(world);
    if (fences.length === 0) return;
    for (const workload of inventoryOf(world).pods) {
      const closing = fencing(fences, workload, 'Egress');
      if (closing.length === 0) continue;
      for (const named of namedHosts(world)(workload).seen) yield* ofHost(named, workload, closing, world);
      yield* hiddenHosts(workload, closing, world);
    }
  },
};

function* ofHost(named: NamedHost, sender: Pod, closing: readonly Fence[], world: World): Iterable<Finding> {
  const place = placeOfHost(named, sender, world);
  if (!place) yield* ofService(named, sender, world);
  if (!place || leads(closing, named, place)) return;
  const { variable, host, ports, transports } = named;
  const [port] = ports;
  const shown = ports.length === 0 ? host : `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const way = port === undefined ? 'a port' : `${transports[0]} ${port}`;
  yield {
    object: sender.object,
    field: variable,
    must: `lead where its pods may send to: no NetworkPolicy of theirs opens ${way} of ${host}`,
    got: shown,
    ...wayTo({ variable, host, port, place, transport: transports[0] ?? 'TCP' }),
  };
}

/** Both ends of the way to pods of the YAML are looked at elsewhere, unless their Service has no such port. */
function* ofService({ variable, host, ports }: NamedHost, sender: Pod, world: World): Iterable<Finding> {
  const service = serviceAt(host, sender, world);
  if (!service || specOf(service)['clusterIP'] === 'None') return;
  const served = portsOfService(service).map(({ port }) => port);
  if (ports.length === 0 || ports.some((port) => served.includes(port))) return;
  const must = `name a port of Service ${nameOf(service.manifest)}`;
  yield { object: sender.object, field: variable, must, got: `${host}:${ports[0]}`, fix: `write ${served.join(' or ')}` };
}

interface Missing {
  readonly variable: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly place: Place;
  readonly transport: string;
}

const NOBODY = `; where nobody connects there, say so: ${leftOut('hosts-reachable').fix}`;

function wayTo(missing: Missing): Remedy {
  const { host, port = 443, place, transport } = missing;
  const address = isIP(host) === 0 ? 'its addresses, or any' : host;
  const service = 'the pods of the Service, by their own port where that is another';
  const peer = place.service ? service : host.startsWith('<') ? 'the addresses of the nodes, or any' : address;
  return either(
    `open ${transport} ${port} to ${peer}, in the egress of a NetworkPolicy of these pods${NOBODY}`,
    lineInLiteral(missing),
  );
}

function lineInLiteral({ variable, host, port = 443, place: { peer, service }, transport }: Missing): string {
  const protocol = transport === 'TCP' ? '' : `, protocol: '${transport}'`;
  const line = (to: string) => `{ port: ${port}${protocol}${to} }`;
  const whose = host.startsWith('<') ? 'the addresses of the nodes' : 'its addresses';
  const first =
    peer === undefined ? `${line(", peer: { cidr: '...' }")} with ${whose}, or ${line('')} for any,` : line(`, peer: ${peer}`);
  // A node has no name to declare, and of two labels nobody knows whether they are a Service's.
  const where = host.startsWith('<')
    ? `or, where nobody connects there, write backingServices: { ${variable}: OptOut.because('...') }`
    : peer === undefined && host.split('.').length > 2
      ? `or write backingServices: { ${variable}: { host: '${host}', port: ${port}, cidrs: ['...'] } } on the release, or OptOut.because('...') there if nobody connects to it`
      : `or name ${variable} in 'backingServices' of the release, and where nobody connects to ${host}, write OptOut.because('...') there`;
  const pods = service ? " with the port of the Service's pods where that is another," : '';
  return `add ${first}${pods} to 'egress' of the NetworkFence; ${where}`;
}

/** Whether a policy lets a pod send to a host. */
function leads(closing: readonly Fence[], { ports, transports }: NamedHost, { isPeer, service }: Place): boolean {
  return closing.some((fence) =>
    fence.rules.Egress.some(({ peers, ports: entries }) => {
      if (!(peers?.some((peer) => mayMean(peer, fence, isPeer)) ?? true)) return false;
      const narrow = peers?.some((peer) => peer['namespaceSelector'] ?? peer['podSelector']) === true;
      return entries?.some((entry) => means(entry, ports, transports, service && narrow)) ?? true;
    }),
  );
}

/** Whether an entry of `ports` means one of some. Of a Service on 80 or 443, pods listen on another: none of them is root. */
function means(entry: Manifest, wanted: readonly number[], transports: readonly string[], translated: boolean): boolean {
  const { protocol = 'TCP', port } = entry;
  if (!transports.includes(String(protocol))) return false;
  if (typeof port !== 'number' || wanted.length === 0) return true;
  const { endPort: last = port } = entry as { endPort?: number };
  return wanted.some((one) => (port <= one && one <= last) || (translated && one < 1024 && last >= 1024));
}

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
  const inLiteral = `write backingServices: { ${variable}: { host: 'host.example.com', port: ${port}, cidrs: ['203.0.113.0/24'] } } on the release, where a Service of the cluster needs no cidrs; or open the way in 'egress' of the NetworkFence`;
  return {
    object,
    field: variable,
    must: 'come with the host and the port that it leads to: no NetworkPolicy of its pods opens a way that could be it',
    got: `the key ${key} of the Secret ${name}`,
    ...either(`open the way in the egress of a NetworkPolicy of these pods${NOBODY}`, inLiteral),
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
