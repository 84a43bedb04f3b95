import type { Manifest } from '../../support/edit';
import type { Rule, World } from '../rule';
import { covers, type Fence, type FenceRule, meansPod, type Namespaces, namespacesOf } from '../../model/fences';
import { fencesOf } from '../../model/network-policies';
import { inventoryOf } from '../../model/inventory';
import { type PortUse, type PrivatePods, privatePods } from '../../model/ports';
import { selectsNearlyAll } from '../../model/selectors';
import { map } from '../../model/values';

export const networkPrivate: Rule = {
  name: 'network-private',
  sentence:
    'No NetworkPolicy opens ports of the distribution, of databases or of metrics to everyone, or undoes another that names who may come.',
  why: 'NetworkPolicies add up: one careless rule beside a tight fence opens it, and whoever breaks into any pod reaches the database.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  severity: 'warning',
  *find(world) {
    const scene = { fences: fencesOf(world), namespaces: namespacesOf(world), pods: privatePods(world), world };
    for (const fence of scene.fences) {
      for (const rule of fence.rules.Ingress) {
        const opened = scene.pods.filter(fence.selects).flatMap((pods) => openedBy(rule, pods, fence, scene));
        if (opened.length === 0) continue;
        const everyone = isEveryone(rule.peers);
        const whom = everyone ? 'everyone' : 'more than the policies that name who may come';
        const fix = everyone
          ? 'name the ports that are meant, and who may come'
          : 'name the ports that are meant, or leave the rule out here with the reason';
        const must = `not open ${listed(opened)} to ${whom}`;
        yield { object: fence.object, field: rule.field, must, got: rule.written, fix };
      }
    }
  },
};

interface Scene {
  readonly world: World;
  readonly fences: readonly Fence[];
  readonly namespaces: Namespaces;
  readonly pods: readonly PrivatePods[];
}

interface Opened {
  readonly title: string;
  readonly number: number;
}

function openedBy(rule: FenceRule, pods: PrivatePods, fence: Fence, scene: Scene): Opened[] {
  return [...pods.uses].flatMap(([number, use]) => {
    if (!names(rule, pods, number) || isDenied(pods, number, scene)) return [];
    return isEveryone(rule.peers) || undoes(rule, { pods, number, use }, fence, scene) ? [{ title: pods.title, number }] : [];
  });
}

/** Whether a policy refuses a port to some, whatever others allow: who is left was thought of. */
function isDenied(pods: PrivatePods, number: number, { fences }: Scene): boolean {
  return fences.some(
    ({ denies, selects }) => denies?.Ingress.some((rule) => names(rule, pods, number)) === true && selects(pods),
  );
}

interface PrivatePort {
  readonly pods: PrivatePods;
  readonly number: number;
  readonly use: PortUse;
}

/**
 * Whether a rule lets in whom no other one does that names this port and who may come. A rule that names both is a decision,
 * except for the distribution: who reaches that with the cookie runs any code.
 */
function undoes({ peers = [], ports }: FenceRule, { pods, number, use }: PrivatePort, fence: Fence, scene: Scene): boolean {
  const tight = scene.fences
    .filter((other) => other.object !== fence.object && other.selects(pods))
    .flatMap((other) =>
      other.rules.Ingress.filter((rule) => rule.ports !== undefined && !isSweep(rule.peers) && names(rule, pods, number)).flatMap(
        (rule) => (rule.peers ?? []).map((peer) => ({ peer, fence: other })),
      ),
    );
  if (tight.length === 0) return false;
  const decided = use !== 'distribution' && ports?.every((port) => Boolean(port['port'])) === true;
  return peers.some(
    (peer) =>
      !isNode(peer) &&
      (!decided || isSweep([peer])) &&
      !isAmong(peer, fence, tight, scene) &&
      !(use === 'distribution' && meansNodes(peer, fence, scene)),
  );
}

/** Whether a peer means what runs on the nodes of Kubernetes, which can look into every pod, or cannot be told from here. */
function isNode({ entity, service, unclear }: Manifest): boolean {
  return (unclear ?? service) !== undefined || (entity !== undefined && entity !== 'world' && entity !== 'ingress');
}

/** Whether a peer means nodes that meet, and nobody else. */
function meansNodes(peer: Manifest, fence: Fence, scene: Scene): boolean {
  if (!isNear(peer)) return false;
  const nodes = new Set(scene.pods.filter(({ uses }) => [...uses.values()].includes('distribution')).map(({ labels }) => labels));
  const meant = inventoryOf(scene.world).pods.filter((pod) => meansPod(peer, pod, fence, scene.namespaces));
  return meant.every(({ labels }) => nodes.has(labels));
}

/** Whether a peer means pods of the policy's own namespace. */
function isNear({ podSelector, namespaceSelector }: Manifest): boolean {
  return podSelector !== undefined && namespaceSelector === undefined;
}

/** Whether all pods that a peer means may come already. */
function isAmong(peer: Manifest, fence: Fence, tight: readonly { peer: Manifest; fence: Fence }[], scene: Scene): boolean {
  if (tight.some((other) => JSON.stringify(other.peer) === JSON.stringify(peer))) return true;
  // Who is in another namespace or outside of the cluster is not known.
  if (!isNear(peer)) return false;
  const meant = inventoryOf(scene.world).pods.filter((pod) => meansPod(peer, pod, fence, scene.namespaces));
  return meant.every((pod) => tight.some((other) => meansPod(other.peer, pod, other.fence, scene.namespaces)));
}

/** Whether the ports of a rule include a number, or are all. */
function names({ ports }: FenceRule, pods: PrivatePods, number: number): boolean {
  return ports?.some((port) => covers(port, { number, protocol: 'TCP' }, pods.ports)) ?? true;
}

/** Whether peers mean everyone: no list, all pods of all namespaces, or most addresses there are. */
function isEveryone(peers: readonly Manifest[] | undefined): boolean {
  return (
    peers?.some(({ ipBlock, namespaceSelector, podSelector }) => {
      const bits = Number(String(map(ipBlock)['cidr'] ?? '').split('/')[1] ?? NaN);
      return ipBlock
        ? bits < 8
        : Boolean(namespaceSelector) && selectsNearlyAll(namespaceSelector) && selectsNearlyAll(podSelector);
    }) ?? true
  );
}

/** Whether peers name nobody in particular. */
function isSweep(peers: readonly Manifest[] | undefined): boolean {
  const near = peers?.some(
    ({ podSelector, namespaceSelector }) => podSelector && !namespaceSelector && selectsNearlyAll(podSelector),
  );
  return isEveryone(peers) || near === true;
}

/** `TCP 4369, 4370 of Deployment web, TCP 5432 of StatefulSet db`. */
function listed(opened: readonly Opened[]): string {
  const titles = [...new Set(opened.map(({ title }) => title))];
  return titles
    .map((title) => {
      const numbers = opened.filter((one) => one.title === title).map(({ number }) => number);
      return `TCP ${[...new Set(numbers)].sort((a, b) => a - b).join(', ')} of ${title}`;
    })
    .join(' and ');
}
