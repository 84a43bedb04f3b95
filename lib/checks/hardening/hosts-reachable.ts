import { isIP } from 'node:net';
import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { portsOfService } from '../world/routes';
import { type Fence, fencing, mayMean } from '../world/fences';
import { fencesOf } from '../world/network-policies';
import { inventoryOf } from '../world/inventory';
import { nameOf, specOf } from '../world/values';
import type { Pod } from '../world/pods';
import { type NamedHost, namedHosts } from './named-hosts';
import { placeOfHost, type Place, serviceAt } from './places';
import { hiddenHosts } from './hidden-hosts';

/** What a pod connects to stands in its variables, and whether it gets there in another file. */
export const hostsReachable: Rule = {
  name: 'hosts-reachable',
  sentence: 'The NetworkPolicies open the way to each host that a variable names, also to those outside of the environment.',
  why: 'A packet that a policy drops gives no error: the first request to Redis, to the mail server or to S3 hangs until its timeout, in production.',
  source: 'https://12factor.net/backing-services',
  *find(world: World): Iterable<Finding> {
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
    fix: lineFor({ variable, host, port, place, transport: transports[0] ?? 'TCP' }),
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

function lineFor({ variable, host, port = 443, place: { peer, service }, transport }: Missing): string {
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
