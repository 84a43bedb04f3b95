import { k8s } from 'cdk8s-plus-27';
import type { DnsPeer, FenceSettings, Opening, Peer, Traffic, Visitor } from '../support/network';
import { meshSelector, selector } from '../support/labels';

/** The controller that a peer names, if it is one. */
export function podsIn(peer: Peer | undefined): string[] {
  return peer && 'pods' in peer ? [peer.pods] : [];
}

/** What is declared, with what pods of the environment send because others let them in. */
export function withSenders(declared: readonly Traffic[]): Traffic[] {
  const senders = new Map(declared.map((one) => [one.pods, one]));
  for (const { pods, lets = [] } of declared) {
    for (const { peer, ...opening } of lets) {
      for (const sender of [...podsIn(peer), ...nodesIn(peer, declared)].filter((one) => one !== pods)) {
        const known = senders.get(sender) ?? { pods: sender, labels: {}, sends: [], reachesOut: false };
        senders.set(sender, { ...known, sends: [...known.sends, { ...opening, peer: { pods } }] });
      }
    }
  }
  return [...senders.values()];
}

/** The controllers whose pods are in the mesh of BEAM nodes that a peer names. */
function nodesIn(peer: Peer | undefined, declared: readonly Traffic[]): string[] {
  if (!peer || !('mesh' in peer)) return [];
  const meets = ({ sends }: Traffic): boolean =>
    sends.some((one) => one.peer && 'mesh' in one.peer && one.peer.mesh === peer.mesh);
  return declared.filter(meets).map(({ pods }) => pods);
}

/**
 * What is declared, with the other ends: who is named as a peer sends or lets in like any other, also pods of which nothing
 * else is known.
 */
export function connected(declared: readonly Traffic[], settings: FenceSettings): Traffic[] {
  const { clients, monitoring } = settings;
  const traffic = new Map(declared.map((one) => [one.pods, { ...one, sends: [...one.sends, ...reached(one, settings)] }]));
  const add = (pods: string, openings: readonly Opening[] = []) => {
    const known = traffic.get(pods) ?? { pods, labels: {}, sends: [], reachesOut: false };
    const texts = new Set(known.sends.map((opening) => JSON.stringify(opening)));
    const missing = openings.filter((opening) => !texts.has(JSON.stringify(opening)));
    traffic.set(pods, { ...known, sends: [...known.sends, ...missing] });
  };
  for (const { pods, serves = [], metrics = [] } of declared) {
    const here = (ports: readonly number[]) => ports.map((port) => ({ port, peer: { pods } }));
    for (const client of typeof clients === 'string' ? [] : clients.flatMap(podsIn)) add(client, here(serves));
    for (const reader of monitoring.flatMap(podsIn)) add(reader, here([metrics].flat()));
  }
  for (const { sends } of [...traffic.values()]) for (const { peer } of sends) for (const pods of podsIn(peer)) add(pods);
  return [...traffic.values()];
}

/** What the pods of one controller reach because the environment says so, and the pods that answer DNS. */
function reached({ sends, reachesOut }: Traffic, { dns, egress }: FenceSettings): Opening[] {
  const asks = sends.length > 0 || reachesOut ? dns : [];
  const questions = asks.flatMap((peer) =>
    podsIn(peer).flatMap((pods) => askedAt(peer.port).map((opening) => ({ ...opening, peer: { pods } }))),
  );
  return [...(reachesOut ? egress : []), ...questions];
}

/** What the pods of one controller may do. */
export function policyOf(
  one: Traffic,
  { traffic, visitors }: { readonly traffic: readonly Traffic[]; readonly visitors: readonly Visitor[] },
  { clients, dns, monitoring }: FenceSettings,
) {
  const rulesIn = [
    ...served(one, clients),
    ...watched(one, monitoring),
    ...received(one, traffic),
    ...met(one),
    ...visited(one, visitors, clients),
  ];
  // Who is a client may be a visitor too.
  const ingress = once(rulesIn);
  // Who opens no connection asks for no name.
  const names = one.sends.length > 0 || one.reachesOut ? dnsRules(dns) : [];
  // Two hosts may be at the same addresses, or anywhere.
  const rules = once([...names, ...one.sends.map((opening) => ({ ...to(opening), ports: [port(opening)] }))]);
  return {
    podSelector: { matchLabels: selector(one.pods) },
    policyTypes: ['Ingress', 'Egress'],
    ...(ingress.length > 0 ? { ingress } : {}),
    ...(rules.length > 0 ? { egress: rules } : {}),
  };
}

/** What lets pods reach the nodes of a mesh: their own policy, and one for the nodes, which adds to those that these have. */
export function visitOf(pods: string, openings: readonly Opening[], dns: readonly DnsPeer[]) {
  const ports = openings.map(port);
  const [{ peer } = {}] = openings;
  const nodes = peer && 'mesh' in peer ? meshSelector(peer.mesh) : {};
  const egress = [...dnsRules(dns), { to: [{ podSelector: { matchLabels: nodes } }], ports }];
  return {
    own: { podSelector: { matchLabels: selector(pods) }, policyTypes: ['Ingress', 'Egress'], egress },
    nodes: { podSelector: { matchLabels: nodes }, policyTypes: ['Ingress'], ingress: letIn([{ pods }], openings) },
  };
}

/** Rules, none twice. */
function once<T>(rules: readonly T[]): T[] {
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}

/**
 * Lets some peers in at some ports. To the API an empty list of either means all, so nothing is written for one:
 * https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec
 */
function letIn(peers: readonly Peer[], ports: readonly Opening[]): k8s.NetworkPolicyIngressRule[] {
  return peers.length > 0 && ports.length > 0 ? [{ from: peers.map(peerOf), ports: ports.map(port) }] : [];
}

function served({ serves = [] }: Traffic, clients: FenceSettings['clients']): k8s.NetworkPolicyIngressRule[] {
  const ports = serves.map((one) => ({ port: one }));
  if (typeof clients !== 'string') return letIn(clients.filter(isOutside), ports);
  return ports.length > 0 ? [{ ports: ports.map(port) }] : [];
}

function watched({ metrics = [] }: Traffic, monitoring: readonly Peer[]): k8s.NetworkPolicyIngressRule[] {
  const ports = [metrics].flat().map((one) => ({ port: one }));
  return letIn(monitoring.filter(isOutside), ports);
}

/** Pods of the environment are let in as senders. */
function isOutside(peer: Peer): boolean {
  return podsIn(peer).length === 0;
}

/** The other ends of what everyone sends here, one rule a port. */
function received({ pods }: Traffic, all: readonly Traffic[]): k8s.NetworkPolicyIngressRule[] {
  const rules = new Map<string, { opening: Opening; senders: Set<string> }>();
  for (const { pods: sender, sends } of all) {
    for (const opening of sends.filter(({ peer }) => podsIn(peer).includes(pods))) {
      const key = JSON.stringify(port(opening));
      const rule = rules.get(key) ?? { opening, senders: new Set() };
      rules.set(key, { ...rule, senders: rule.senders.add(sender) });
    }
  }
  return [...rules.values()].flatMap(({ opening, senders }) =>
    letIn(
      [...senders].map((sender) => ({ pods: sender })),
      [opening],
    ),
  );
}

/** Who comes from outside of the environment, other than clients. */
function visited({ pods, serves = [] }: Traffic, visitors: readonly Visitor[], clients: FenceSettings['clients']) {
  return visitors
    .filter(
      (visitor) =>
        visitor.pods === pods && !(clients === 'everyone' && visitor.protocol !== 'UDP' && serves.includes(visitor.port)),
    )
    .flatMap(({ peer, ...opening }) => letIn([peer], [opening]));
}

/** What the other nodes of the mesh open to this one is what it opens to them. */
function met({ sends }: Traffic): k8s.NetworkPolicyIngressRule[] {
  return sends.flatMap((opening) => (opening.peer && 'mesh' in opening.peer ? letIn([opening.peer], [opening]) : []));
}

/** Answers that do not fit into a packet come by TCP. */
function askedAt(number = 53): Opening[] {
  return [{ port: number, protocol: 'UDP' }, { port: number }];
}

/** One rule a port: policies see the port of the pods that answer, which is not that of their Service everywhere. */
function dnsRules(dns: readonly DnsPeer[]): k8s.NetworkPolicyEgressRule[] {
  const byPort = new Map<number | undefined, Peer[]>();
  for (const peer of dns.filter(isOutside)) byPort.set(peer.port, [...(byPort.get(peer.port) ?? []), peer]);
  return [...byPort].map(([number, peers]) => ({ to: peers.map(peerOf), ports: askedAt(number).map(port) }));
}

function to({ peer }: Opening): k8s.NetworkPolicyEgressRule {
  return peer ? { to: [peerOf(peer)] } : {};
}

function port({ port: first, endPort, protocol = 'TCP' }: Opening): k8s.NetworkPolicyPort {
  return { port: k8s.IntOrString.fromNumber(first), protocol, ...(endPort === undefined ? {} : { endPort }) };
}

function peerOf(peer: Peer): k8s.NetworkPolicyPeer {
  if ('cidr' in peer) return { ipBlock: { cidr: peer.cidr } };
  if ('pods' in peer) return { podSelector: { matchLabels: selector(peer.pods) } };
  if ('mesh' in peer) return { podSelector: { matchLabels: meshSelector(peer.mesh) } };
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } },
    ...(peer.labels ? { podSelector: { matchLabels: peer.labels } } : {}),
  };
}
