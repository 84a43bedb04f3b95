import type { Manifest } from '../support/edit';
import type { FinishedObject, World } from './world';
import { inventoryOf } from './inventory';
import type { Pod } from './pods';
import { selectorMatches } from './selectors';
import { labelsOf, map, maps, nameOf, once, scalar } from './values';

/** Which way a policy looks at traffic. */
export type Direction = 'Ingress' | 'Egress';

/** A pod as a policy sees it. */
export interface Member {
  readonly namespace: string;
  readonly labels: Manifest;
  /** Its named ports, as `TCP/http`. */
  readonly ports: ReadonlyMap<string, number>;
}

/** Rules by the way they look. */
export type FenceRules = Readonly<Record<Direction, readonly FenceRule[]>>;

/** A policy of the network that can be read: Kubernetes' own, Cilium's or Calico's. */
export interface Fence {
  readonly object: FinishedObject;
  /** Where its peers are that name no namespace. */
  readonly namespace: string;
  /** The labels of its pods; empty for all. */
  readonly selector: Manifest;
  /** Whether it is about a pod. */
  readonly selects: (pod: Pick<Member, 'namespace' | 'labels'>) => boolean;
  /** Whether it closes a direction to all that it does not allow. */
  readonly closes: (direction: Direction) => boolean;
  readonly rules: FenceRules;
  /** What it refuses, whatever others allow. @default - nothing */
  readonly denies?: FenceRules;
}

/** One of the connections that a policy allows. */
export interface FenceRule {
  /** Where it stands, and what is written there. */
  readonly field: string;
  readonly written: unknown;
  /**
   * Who is at the other end; undefined stands for everyone. As in a NetworkPolicy; policies of other kinds also know an
   * `entity` of Cilium's, a `hostName` of which the first label may be `*`, a `service`, and what is `unclear` from here.
   */
  readonly peers: readonly Manifest[] | undefined;
  /** Which ports; undefined stands for all. */
  readonly ports: readonly Manifest[] | undefined;
}

/** A port of a pod. */
export interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** The labels of a namespace, by its name. */
export type Namespaces = (name: string) => Manifest;

/** The same for both directions. */
export function bothWays<Found>(of: (direction: Direction) => Found): Readonly<Record<Direction, Found>> {
  return { Ingress: of('Ingress'), Egress: of('Egress') };
}

/** Someone whom nobody here can tell. */
export const UNCLEAR: readonly Manifest[] = [{ unclear: true }];

/** Whether a peer is a range of addresses, or an entity of Cilium's, which has addresses and no labels. */
export function isAddress(peer: Manifest): boolean {
  return peer['ipBlock'] !== undefined || peer['entity'] !== undefined;
}

/** Of the policies that close a pod, one at least, the one to blame: that which is about the pod, rather than the one that closes all. */
export function blamed(closing: readonly Fence[]): FinishedObject {
  const [first] = closing as readonly [Fence];
  return (closing.find(({ selector }) => Object.keys(selector).length > 0) ?? first).object;
}

/** The policies that are about one direction of a pod, where any of them closes it. Without any, all is open. */
export function fencing(fences: readonly Fence[], pod: Pick<Member, 'namespace' | 'labels'>, direction: Direction): Fence[] {
  const about = fences.filter(({ selects, closes, rules }) => (closes(direction) || rules[direction].length > 0) && selects(pod));
  return about.some(({ closes }) => closes(direction)) ? about : [];
}

/**
 * Whether any of the policies of a pod lets a connection through; they add up.
 *
 * @param port the port at the receiving end
 * @param named its name at the receiving end
 * @param isPeer whether an entry of `from` or `to` means the other end
 */
export function opens(
  fences: readonly Fence[],
  direction: Direction,
  { port, named, isPeer }: { port: Port; named: Member['ports']; isPeer: (peer: Manifest, fence: Fence) => boolean },
): boolean {
  if (fences.length === 0) return true;
  return fences.some((fence) =>
    fence.rules[direction].some(
      (rule) => (rule.peers?.some((peer) => mayMean(peer, fence, isPeer)) ?? true) && isAt(rule, port, named),
    ),
  );
}

/** Whether a peer means someone, or may do so for all that is known here. */
export function mayMean(peer: Manifest, fence: Fence, isPeer: (peer: Manifest, fence: Fence) => boolean): boolean {
  return peer['unclear'] !== undefined || isPeer(peer, fence);
}

/** The ranges of addresses that the policies of a pod let in at a port; undefined where they let everyone in, or nodes and the world by name. */
export function openRanges(fences: readonly Fence[], port: Port, named: Member['ports']): readonly string[] | undefined {
  const rules = fences.flatMap((fence) => fence.rules.Ingress.filter((rule) => isAt(rule, port, named)));
  const isAnyone = ({ peers }: FenceRule) => peers?.some((peer) => peer['entity'] ?? peer['unclear']) ?? true;
  if (fences.length === 0 || rules.some(isAnyone)) return undefined;
  return rules.flatMap(({ peers = [] }) => peers.flatMap(({ ipBlock }) => scalar(map(ipBlock)['cidr']) ?? []));
}

function isAt({ ports }: FenceRule, port: Port, named: Member['ports']): boolean {
  return ports?.some((one) => covers(one, port, named)) ?? true;
}

/** Whether an entry of `ports` means a port. */
export function covers({ protocol = 'TCP', port, endPort }: Manifest, wanted: Port, named: Member['ports']): boolean {
  if (protocol !== wanted.protocol) return false;
  if (port === undefined || port === null) return true;
  if (typeof port === 'string') return named.get(`${protocol}/${port}`) === wanted.number;
  return typeof endPort === 'number' ? port <= wanted.number && wanted.number <= endPort : port === wanted.number;
}

/**
 * Whether an entry of `from` or `to` means a pod. Ranges of addresses do not: those of pods change, and plugins
 * differ in whether they look at them at all.
 */
export function meansPod(
  peer: Manifest,
  pod: Pick<Member, 'namespace' | 'labels'>,
  fence: Fence,
  namespaces: Namespaces,
): boolean {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  if (ipBlock ?? !(podSelector ?? namespaceSelector)) return false;
  const near = namespaceSelector
    ? selectorMatches(namespaceSelector, namespaces(pod.namespace))
    : pod.namespace === fence.namespace;
  return near && selectorMatches(podSelector, pod.labels);
}

/** Reads the labels of namespaces; each has its own name as a label, also those that are not in the YAML. */
export const namespacesOf = once((world: World): Namespaces => {
  const named = (name: string, labels: Manifest): Manifest => ({ ...labels, 'kubernetes.io/metadata.name': name });
  const namespaces = inventoryOf(world).ofKind('Namespace');
  const own = namespaces.map(({ manifest }) => [nameOf(manifest) ?? '', labelsOf(manifest)] as const);
  const known = new Map(own.map(([name, labels]) => [name, named(name, labels)]));
  return (name) => known.get(name) ?? named(name, {});
});

/** The ports of a workload's pods by their names, as `TCP/http`. */
export const namedPorts = once(({ containers }: Pod): Member['ports'] => {
  const ports = containers.flatMap(({ spec }) => maps(spec['ports']));
  return new Map(ports.map(({ name, containerPort, protocol = 'TCP' }) => [`${protocol}/${name}`, Number(containerPort)]));
});
