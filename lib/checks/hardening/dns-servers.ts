import type { Manifest } from '../../support/edit';
import type { DnsPeer } from '../../support/network';
import type { World } from '../rule';
import { type Fence, isAddress, meansPod, type Member, type Namespaces } from '../world/fences';
import { selectorMatches } from '../world/selectors';

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
