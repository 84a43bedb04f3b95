import type { World } from '../model/world';
import { type Direction, type Fence, type FenceRule, fencing } from '../model/fences';
import { fencesOf } from '../model/network-policies';
import { inventoryOf } from '../model/inventory';
import { map, once } from '../model/values';
import type { Pod } from '../model/pods';
import type { Manifest } from '../support/edit';
import type { Comparison } from './comparison';
import { knownName, titleOf } from './shown';
import type { Statement } from './statement';

const WAYS: Readonly<Record<Direction, string>> = { Ingress: 'may be reached by', Egress: 'may connect to' };

/** Who may reach the pods of an environment, and whom they may reach, that could not before; and the other way round. */
export function networkChanges({ before, now }: Comparison): Statement[] {
  const [was, is] = [waysOf(before), waysOf(now)];
  const opened = new Map<string, Way & { titles: string[] }>();
  const closed = new Map<string, Way & { titles: string[] }>();
  for (const [pods, { title, ways }] of is) {
    const known = was.get(pods)?.ways;
    for (const [text, way] of ways) if (known?.has(text) !== true) note(opened, text, way, known ? title : `${title} (new)`);
    for (const [text, way] of known ?? []) if (!ways.has(text)) note(closed, text, way, title);
  }
  return [...said('opens', opened), ...said('closes', closed)];
}

/** The policies of pods of which something is said. */
export function changedPolicies({ before, now }: Comparison): ReadonlySet<Manifest> {
  const [was, is] = [waysOf(before), waysOf(now)];
  const pods = [...new Set([...was.keys(), ...is.keys()])].filter(
    (key) => textsOf(was.get(key)) !== textsOf(is.get(key)) && is.has(key),
  );
  return new Set(pods.flatMap((key) => [...(was.get(key)?.policies ?? []), ...(is.get(key)?.policies ?? [])]));
}

function textsOf(ways: Ways | undefined): string {
  return [...(ways?.ways.keys() ?? [])].sort().join('\n');
}

function note(found: Map<string, Way & { titles: string[] }>, text: string, way: Way, title: string): void {
  const known = found.get(text) ?? { ...way, titles: [] };
  known.titles.push(title);
  found.set(text, known);
}

/** A line for all peers of the same pods and ports. */
function said(kind: string, found: ReadonlyMap<string, Way & { readonly titles: readonly string[] }>): Statement[] {
  const lines = new Map<string, { before: string; peers: string[]; after: string }>();
  for (const { titles, verb, peer, ports } of found.values()) {
    const [before, after] = [`${kind}: ${titles.join(', ')} ${verb}`, ports];
    const line = lines.get(before + after) ?? { before, peers: [], after };
    line.peers.push(peer);
    lines.set(before + after, line);
  }
  return [...lines.values()].map(({ before, peers, after }) => ({ kind, text: `${before} ${peers.join(' or ')}${after}` }));
}

/** One way in or out. */
interface Way {
  readonly verb: string;
  readonly peer: string;
  readonly ports: string;
}

interface Ways {
  readonly title: string;
  /** By their texts. */
  readonly ways: ReadonlyMap<string, Way>;
  readonly policies: readonly Manifest[];
}

/** Every way in and out of the pods of each workload, in words. */
const waysOf = once((world: World): ReadonlyMap<string, Ways> => {
  const fences = fencesOf(world);
  return new Map(
    inventoryOf(world).pods.map((workload): [string, Ways] => {
      const all = (['Ingress', 'Egress'] as const).map((direction) => [direction, fencing(fences, workload, direction)] as const);
      const ways = all.flatMap(([direction, closing]) => waysIn(closing, direction, workload));
      const policies = all.flatMap(([, closing]) => closing.map(({ object }) => object.manifest));
      const byText = new Map(ways.map((way) => [Object.values(way).join(' '), way]));
      return [keyOf(workload), { title: titleOf(workload.object.manifest), ways: byText, policies }];
    }),
  );
});

function keyOf({ kind, namespace, object }: Pod): string {
  return `${kind}/${namespace}/${knownName(object.manifest)}`;
}

function waysIn(fences: readonly Fence[], direction: Direction, { namespace }: Pod): Way[] {
  const verb = WAYS[direction];
  if (fences.length === 0) return [{ verb, peer: 'everyone', ports: '' }];
  return fences.flatMap((fence) =>
    fence.rules[direction].flatMap((rule) =>
      peersText(rule, fence).map((peer) => ({ verb, peer: peer(namespace), ports: portsText(rule) })),
    ),
  );
}

function peersText({ peers }: FenceRule, fence: Fence): ((home: string) => string)[] {
  return peers ? peers.map((peer) => (home) => peerText(peer, fence.namespace, home)) : [() => 'everyone'];
}

function peerText(peer: Manifest, own: string, home: string): string {
  const { ipBlock, podSelector, namespaceSelector, entity, hostName, service } = peer;
  if (ipBlock !== undefined) {
    const { cidr, except } = map(ipBlock);
    return `${cidr}${Array.isArray(except) ? ` but ${except.join(', ')}` : ''}`;
  }
  if (entity !== undefined || hostName !== undefined) return String(entity ?? hostName);
  if (service !== undefined) return `the Service ${JSON.stringify(service)}`;
  const pods = podSelector === undefined ? 'all pods' : `pods of ${selectorText(podSelector)}`;
  if (namespaceSelector === undefined) return own === home ? pods : `${pods} in ${own}`;
  const { matchLabels, ...others } = map(namespaceSelector);
  const { 'kubernetes.io/metadata.name': name, ...labels } = map(matchLabels);
  const isOne = name !== undefined && Object.keys(labels).length === 0 && Object.keys(others).length === 0;
  return `${pods} in ${isOne ? `the namespace ${String(name)}` : `namespaces of ${selectorText(namespaceSelector)}`}`;
}

function selectorText(selector: unknown): string {
  const { matchLabels, matchExpressions } = map(selector);
  const labels = Object.entries(map(matchLabels)).map(([key, value]) => `${labelText(key)}=${String(value)}`);
  const all = [...labels, ...(Array.isArray(matchExpressions) ? [JSON.stringify(matchExpressions)] : [])];
  return all.length === 0 ? 'any label' : all.join(',');
}

/** The well-known labels without the domain that all of them have; others as they are, so that no two look alike. */
function labelText(key: string): string {
  const [, known] = /^(?:app\.kubernetes\.io\/)?(name|instance|version|component|part-of|managed-by)$/.exec(key) ?? [];
  return known === undefined ? key : known === key ? `"${key}"` : known;
}

function portsText({ ports }: FenceRule): string {
  if (!ports) return '';
  const texts = ports.map(({ protocol = 'TCP', port, endPort }) => {
    const number = port === undefined ? '' : ` ${String(port)}${endPort === undefined ? '' : `-${String(endPort)}`}`;
    return `${String(protocol)}${number}`;
  });
  return ` on ${texts.join(', ')}`;
}
