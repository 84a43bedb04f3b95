import { isIP } from 'node:net';
import { endsPublicly, serviceOf } from '../../support/addresses';
import type { Manifest } from '../../support/edit';
import { literal } from '../../support/literal';
import type { DnsPeer } from '../../support/network';
import type { FinishedObject, World } from '../rule';
import { parseCidr, PRIVATE_RANGES } from '../../model/cidr';
import { type Fence, isAddress, meansPod, type Member, type Namespaces, namespacesOf } from '../../model/fences';
import { inventoryOf } from '../../model/inventory';
import type { Pod } from '../../model/pods';
import { selectorMatches } from '../../model/selectors';
import { list, map, nameIn, specOf } from '../../model/values';
import type { NamedHost } from './named-hosts';

/** Where a host is, whose pods are not in the YAML. */
export interface Place {
  /** Whether an entry of `to` means it. */
  readonly isPeer: (peer: Manifest, fence: Fence) => boolean;
  /** The entry of a fence's `egress` that does: `{ namespace: 'cache' }`. Any address has none. */
  readonly peer?: string;
  /** Whether a Service stands there, which may lead to another port of its pods. */
  readonly service: boolean;
}

/** A host, and the ports of which any will do. */
type Sought = Pick<NamedHost, 'host' | 'ports'>;

/** Where a host is; undefined where pods of the YAML answer, so that both ends of the connection are seen. */
export function placeOfHost(named: Sought, sender: Pod, world: World): Place | undefined {
  const { host, ports } = named;
  if (isIP(host) !== 0) return addresses((block) => covers(block, host), `{ cidr: '${host}/${isIP(host) === 4 ? 32 : 128}' }`);
  if (host.startsWith('<')) return { isPeer: isNode, service: false };
  const service = serviceOf(host, sender.namespace);
  const known = serviceAt(host, sender, world);
  if (known) {
    const { type, externalName, selector } = specOf(known);
    const other = type === 'ExternalName' ? nameIn(externalName) : undefined;
    if (other !== undefined) return other === host ? outside(named, world) : placeOfHost({ host: other, ports }, sender, world);
    // Endpoints that somebody wrote lead to addresses.
    return selector === undefined || selector === null ? outside(named, world) : undefined;
  }
  if (!service) return !endsPublicly(host) ? either(named, host.split('.').at(-1) ?? '', world) : outside(named, world);
  if (endsPublicly(host) && !host.includes('.svc')) return either(named, service.namespace, world);
  return ofService(service, sender, world);
}

/** The Service of the YAML that a host stands for. */
export function serviceAt(host: string, { namespace }: Pod, world: World): FinishedObject | undefined {
  const service = serviceOf(host, namespace);
  return service && inventoryOf(world).find('Service', service.name, service.namespace)?.object;
}

/** A host of the internet, or of a network beside the cluster. */
function outside(named: Sought, world: World): Place {
  const isPeer = (peer: Manifest) =>
    peer['service'] !== undefined || fits(peer['hostName'], named.host) || mayHave(peer['ipBlock'], named, world);
  return { isPeer, service: false };
}

/** Whether a host may have addresses of a range: those that were said of it, or else any but what was said of others alone. */
function mayHave(ipBlock: unknown, { host, ports }: Sought, { outside: known = [] }: World): boolean {
  if (ipBlock === undefined) return false;
  const { cidr } = map(ipBlock);
  const own = known.filter((one) => one.host.toLowerCase() === host);
  if (own.length > 0) return own.some(({ cidrs }) => cidrs.some((one) => covers(map(ipBlock), one, true)));
  if (Number(String(cidr).split('/')[1]) < 8) return true;
  return !known.some(({ port, cidrs }) => (ports.length === 0 || ports.includes(port)) && cidrs.includes(String(cidr)));
}

/** The node of a pod. */
function isNode({ ipBlock, entity }: Manifest): boolean {
  return entity === 'host' || (ipBlock !== undefined && entity === undefined);
}

/** Whether a name in a policy means a host: asterisks stand for parts of a label, the first one for labels too. */
function fits(hostName: unknown, host: string): boolean {
  if (typeof hostName !== 'string') return false;
  const [start = '', ...parts] = hostName.toLowerCase().replace(/\.$/, '').split(/\*+/);
  if (parts.length === 0) return start === host;
  const any = (index: number) => (index === 0 && start === '' ? '.*' : '[^.]*');
  const pattern = parts.map((part, index) => `${any(index)}${literal(part)}`).join('');
  return new RegExp(`^${literal(start)}${pattern}$`).test(host);
}

function addresses(means: (block: Manifest) => boolean, peer?: string): Place {
  return { isPeer: ({ ipBlock }) => ipBlock !== undefined && means(ipBlock as Manifest), service: false, peer };
}

/** A Service whose pods nobody here knows, by their namespace. Ranges of addresses that pods have may mean them as well. */
function ofService({ name, namespace }: { name: string; namespace: string }, sender: Pod, world: World): Place {
  const own = namespace === sender.namespace;
  return {
    isPeer: ({ podSelector, namespaceSelector, ipBlock, entity, service }, fence) => {
      if (service !== undefined) return service.name === name && (service.namespace ?? fence.namespace) === namespace;
      // To Cilium the world is what is outside of the cluster.
      if (ipBlock !== undefined)
        return entity === undefined && PRIVATE_RANGES.some((address) => covers(ipBlock as Manifest, address, true));
      if (namespaceSelector !== undefined) return selectorMatches(namespaceSelector, namespacesOf(world)(namespace));
      return podSelector !== undefined && fence.namespace === namespace;
    },
    peer: own ? "{ pods: '...' }" : `{ namespace: '${namespace}' }`,
    service: true,
  };
}

/** `example.com` may be a Service of a namespace, and `pod.service.shop` a host of the internet: either way in will do. */
function either(named: Sought, namespace: string, world: World): Place {
  const names = namespacesOf(world)(namespace);
  return {
    isPeer: ({ namespaceSelector, ipBlock, hostName }) =>
      mayHave(ipBlock, named, world) ||
      fits(hostName, named.host) ||
      (namespaceSelector !== undefined && selectorMatches(namespaceSelector, names)),
    service: false,
  };
}

/** Whether a range holds an address; or meets another range, where `meets` is set. */
function covers({ cidr, except }: Manifest, wanted: string, meets = false): boolean {
  const [address = '', prefix = ''] = wanted.split('/');
  const block = parseCidr(cidr);
  if (!block) return false;
  if (block.has(address)) return meets || !list(except).some((one) => parseCidr(one)?.has(address));
  return meets && prefix !== '' && parseCidr(wanted)?.has(block.address) === true;
}

/** Someone who answers DNS, as policies see it. */
export interface DnsServer {
  /** For sentences: `53 of kube-system`. */
  readonly port: number;
  readonly where: string;
  /** Names of its ports. */
  readonly named: Member['ports'];
  readonly isPeer: (peer: Manifest, fence: Fence) => boolean;
}

/** The servers of usual clusters, with the labels and the ports that those pods have there. */
const USUAL = [
  { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, port: 53 },
  // Port 53 is that of its Service, which no policy sees.
  { namespace: 'openshift-dns', labels: { 'dns.operator.openshift.io/daemonset-dns': 'default' }, port: 5353 },
] as const;

/** Who may answer DNS: those that were declared, or those of usual clusters and any address, as of a cache on the node. */
export function dnsServers({ dns = [] }: World, namespaces: Namespaces): readonly DnsServer[] {
  if (dns.length > 0) return dns.map((peer) => declared(peer, namespaces));
  const pods = USUAL.map(({ namespace, labels, port }): DnsServer => {
    const server = { namespace, labels };
    return { port, where: namespace, named: named(port), isPeer: (peer, fence) => meansPod(peer, server, fence, namespaces) };
  });
  return [...pods, { port: 53, where: 'an address', named: new Map(), isPeer: isAddress }];
}

function declared(server: DnsPeer, namespaces: Namespaces): DnsServer {
  const { port = 53 } = server;
  if ('cidr' in server) return { port, where: server.cidr, named: new Map(), isPeer: isAddress };
  const near = { port, named: named(port), isPeer: ({ podSelector }: Manifest) => podSelector !== undefined };
  if (!('namespace' in server)) return { ...near, where: 'pods' in server ? server.pods : server.mesh };
  const { namespace } = server;
  // The labels of its pods were not said.
  const isPeer = ({ namespaceSelector }: Manifest) =>
    namespaceSelector !== undefined && selectorMatches(namespaceSelector, namespaces(namespace));
  return { ...near, where: namespace, isPeer };
}

function named(port: number): Member['ports'] {
  return new Map(Object.entries({ 'UDP/dns': port, 'TCP/dns-tcp': port }));
}
