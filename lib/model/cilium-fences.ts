import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import { bothWays, UNCLEAR, type Direction, type Fence, type FenceRule, type Namespaces } from './fences';
import type { Inventory } from './inventory';
import { list, map, maps, namespaceOf, scalar, scalars } from './values';
import { selectorMatches } from './selectors';

/** The policies of Cilium that are about pods; an object may hold several. */
export function ciliumFences(inventory: Inventory, namespaces: Namespaces): Fence[] {
  const objects = inventory.ofKind('CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy');
  return objects.flatMap((object) => {
    const { spec, specs } = object.manifest;
    const several = maps(specs).map((one, index) => [`specs[${index}]`, one] as const);
    // One with a nodeSelector is about the nodes' own ports.
    const all = [['spec', map(spec)] as const, ...several].filter(([, one]) => one['endpointSelector'] !== undefined);
    return all.flatMap(([path, one]) => read(object, path, one, namespaces) ?? []);
  });
}

function read(object: FinishedObject, path: string, spec: Manifest, namespaces: Namespaces): Fence | undefined {
  const home = namespaceOf(object.manifest);
  const wide = object.manifest['kind'] === 'CiliumClusterwideNetworkPolicy';
  const { podSelector, namespaceSelector, unclear, entity } = endpointOf(map(spec['endpointSelector']), wide);
  if (entity !== undefined) return undefined;
  const rules = (direction: Direction, suffix = ''): FenceRule[] => {
    const section = `${direction.toLowerCase()}${suffix}`;
    return rulesOf(spec, { path, section, end: direction === 'Ingress' ? 'from' : 'to', wide });
  };
  const closes = (direction: Direction) => {
    const section = direction.toLowerCase();
    const said = map(spec['enableDefaultDeny'])[section];
    if (unclear !== undefined || typeof said === 'boolean') return said === true && unclear === undefined;
    return list(spec[section]).length > 0 || list(spec[`${section}Deny`]).length > 0;
  };
  const selects: Fence['selects'] = ({ namespace, labels }) =>
    (wide || namespace === home) &&
    selectorMatches(podSelector, labels) &&
    selectorMatches(namespaceSelector, namespaces(namespace));
  return {
    object,
    namespace: home,
    selector: map(podSelector),
    selects,
    closes,
    denies: bothWays((direction) => rules(direction, 'Deny')),
    // What is open to pods that nobody here can tell.
    rules: bothWays((direction) => rules(direction).map((rule) => (unclear === undefined ? rule : { ...rule, peers: UNCLEAR }))),
  };
}

interface Section {
  readonly path: string;
  readonly section: string;
  readonly end: 'from' | 'to';
  readonly wide: boolean;
}

function rulesOf(spec: Manifest, { path, section, end, wide }: Section): FenceRule[] {
  return list(spec[section]).flatMap((written, index) => {
    const rule = map(written);
    const peers = peersOf(rule, end, wide);
    const ports = portsOf(rule['toPorts']);
    // A rule that says nothing allows nothing, and one of ICMP no connections.
    if (ports === undefined && (peers === undefined || rule['icmps'] !== undefined)) return [];
    return [{ field: `${path}.${section}[${index}]`, written, peers, ports }];
  });
}

/** Fields that name who is at the other end, without the `from` or `to` before them. */
const ENDS = ['Endpoints', 'Entities', 'CIDR', 'CIDRSet', 'FQDNs', 'Services', 'Nodes', 'Groups', 'Requires'];

/** Who is at the other end; undefined for everyone. */
function peersOf(rule: Manifest, end: 'from' | 'to', wide: boolean): Manifest[] | undefined {
  const of = (field: string): unknown => rule[`${end}${field}`];
  const entities = scalars(of('Entities'));
  if (entities.includes('all') || ENDS.every((field) => of(field) === undefined)) return undefined;
  return [
    ...maps(of('Endpoints')).map((selector) => endpointOf(selector, wide)),
    ...entities.flatMap((entity) => entityPeers.get(entity) ?? [{ entity }]),
    ...scalars(of('CIDR')).map((cidr) => ({ ipBlock: { cidr: inFull(cidr) } })),
    ...maps(of('CIDRSet')).map(({ cidr, except }) =>
      scalar(cidr) === undefined ? { unclear: true } : { ipBlock: { cidr: inFull(String(cidr)), except: list(except) } },
    ),
    ...maps(of('FQDNs')).map(({ matchName, matchPattern }) => ({ hostName: scalar(matchName ?? matchPattern) ?? '' })),
    ...maps(of('Services')).map(({ k8sService }) =>
      k8sService === undefined ? { unclear: true } : { service: { name: map(k8sService)['serviceName'], ...map(k8sService) } },
    ),
    ...['Nodes', 'Groups'].flatMap((field) => list(of(field)).map(() => ({ unclear: true }))),
  ];
}

const world = (...ranges: string[]) => ranges.map((cidr) => ({ entity: 'world', ipBlock: { cidr } }));

/** Entities that mean several things (https://docs.cilium.io/en/stable/security/policy/language/#entities-based). */
const entityPeers: ReadonlyMap<string, readonly Manifest[]> = new Map<string, readonly Manifest[]>([
  ['none', []],
  ['world', world('0.0.0.0/0', '::/0')],
  ['world-ipv4', world('0.0.0.0/0')],
  ['world-ipv6', world('::/0')],
  ['cluster', [{ namespaceSelector: {} }, ...['host', 'remote-node', 'kube-apiserver'].map((entity) => ({ entity }))]],
]);

/** An address alone is a range of one. */
function inFull(cidr: string): string {
  return cidr.includes('/') ? cidr : `${cidr}/${cidr.includes(':') ? 128 : 32}`;
}

const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';

/** A selector of endpoints as that of pods and that of namespaces; their labels may have their source before them. */
function endpointOf({ matchLabels, matchExpressions }: Manifest, wide: boolean): Manifest {
  const terms = [
    ...Object.entries(map(matchLabels)).map(([key, value]): Manifest => ({ key, operator: 'In', values: [value] })),
    ...maps(matchExpressions),
  ].map(({ key, ...term }): Manifest => ({ key: String(key).replace(/^(?:k8s|any)[:.]/, ''), ...term }));
  const reserved = terms.find(({ key }) => String(key).startsWith('reserved:'));
  if (reserved) return { entity: String(reserved['key']).slice('reserved:'.length) };
  // What runs with which rights is not a label of pods.
  if (terms.some(({ key }) => /^io\.cilium\.k8s\.policy\.(?!cluster$)/.test(String(key)))) return { unclear: true };
  const near = terms.flatMap((term) => ofNamespace(term) ?? []);
  const own = terms.filter((term) => !ofNamespace(term) && term['key'] !== 'io.cilium.k8s.policy.cluster');
  const podSelector = own.length > 0 ? { matchExpressions: own } : {};
  return wide || near.length > 0 ? { namespaceSelector: { matchExpressions: near }, podSelector } : { podSelector };
}

function ofNamespace({ key, ...term }: Manifest): Manifest | undefined {
  if (key === NAMESPACE) return { key: 'kubernetes.io/metadata.name', ...term };
  const name = String(key);
  return name.startsWith(NAMESPACE_LABELS) ? { key: name.slice(NAMESPACE_LABELS.length), ...term } : undefined;
}

/** Ports are texts there, of any transport unless one is named. */
function portsOf(toPorts: unknown): Manifest[] | undefined {
  if (maps(toPorts).length === 0 || maps(toPorts).some(({ ports }) => list(ports).length === 0)) return undefined;
  return maps(toPorts).flatMap(({ ports }) =>
    maps(ports).flatMap(({ port, endPort, protocol = 'ANY' }) => {
      const wanted = scalar(port) ?? '0';
      const number = /^\d+$/.test(wanted) ? Number(wanted) : wanted;
      const transports = protocol === 'ANY' ? ['TCP', 'UDP', 'SCTP'] : [protocol];
      return transports.map((transport) => ({ protocol: transport, ...(number === 0 ? {} : { port: number, endPort }) }));
    }),
  );
}
