import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import { bothWays, UNCLEAR, type Direction, type Fence, type FenceRule, type Namespaces } from './fences';
import type { Inventory } from './inventory';
import { selectorMatches } from './selectors';
import { list, map, namespaceOf, scalar, scalars, specOf } from './values';

const KINDS = ['NetworkPolicy.projectcalico.org', 'NetworkPolicy.crd.projectcalico.org', 'GlobalNetworkPolicy'];

/** The policies of Calico that are about pods. */
export function calicoFences(inventory: Inventory, namespaces: Namespaces): Fence[] {
  return inventory.ofKind(...KINDS).map((object) => read(object, namespaces));
}

function read(object: FinishedObject, namespaces: Namespaces): Fence {
  const spec = specOf(object);
  const home = namespaceOf(object.manifest);
  const wide = object.manifest['kind'] === 'GlobalNetworkPolicy';
  const pods = readSelector(scalar(spec['selector']) ?? '');
  const near = readSelector(scalar(spec['namespaceSelector']) ?? '');
  // An account is no label, and what cannot be read may be about any pod.
  const clear = pods !== undefined && near !== undefined && spec['serviceAccountSelector'] === undefined;
  const allowed = (direction: Direction): readonly FenceRule[] => {
    const rules = rulesOf(spec, direction, wide, ['Allow', 'Pass']);
    return clear ? rules : rules.map((rule) => ({ ...rule, peers: UNCLEAR }));
  };
  const types = scalars(spec['types']);
  const usual = (direction: Direction) =>
    spec[direction.toLowerCase()] !== undefined || (direction === 'Ingress' && spec['egress'] === undefined);
  const applies = (direction: Direction) => (types.length > 0 ? types.includes(direction) : usual(direction));
  return {
    object,
    namespace: home,
    selector: map(pods),
    selects: ({ namespace, labels }) =>
      (wide || namespace === home) && selectorMatches(pods, labels) && selectorMatches(near, namespaces(namespace)),
    closes: (direction) => clear && applies(direction),
    rules: bothWays((direction) => (applies(direction) ? allowed(direction) : [])),
    denies: bothWays((direction) => rulesOf(spec, direction, wide, ['Deny'])),
  };
}

function rulesOf(spec: Manifest, direction: Direction, wide: boolean, actions: readonly string[]): FenceRule[] {
  const section = direction.toLowerCase();
  return list(spec[section]).flatMap((written, index) => {
    const rule = map(written);
    const ports = portsOf(rule);
    if (!actions.includes(String(rule['action'])) || ports?.length === 0) return [];
    const field = `spec.${section}[${index}]`;
    // A later tier says what becomes of what is passed on.
    const peers = rule['action'] === 'Pass' ? UNCLEAR : peersOf(rule, direction, wide);
    return [{ field, written, peers, ports }];
  });
}

/** What narrows a rule in ways that no peer of a NetworkPolicy has. */
const NARROWER = ['notSelector', 'notNets', 'serviceAccounts', 'notPorts'];

/** Who is at the other end; undefined for everyone. */
function peersOf(rule: Manifest, direction: Direction, wide: boolean): readonly Manifest[] | undefined {
  const { source, destination, notProtocol, http } = rule;
  const end = map(direction === 'Ingress' ? source : destination);
  const narrower = [source, destination].some((one) => NARROWER.some((field) => map(one)[field] !== undefined));
  if (narrower || (notProtocol ?? http) !== undefined) return UNCLEAR;
  const { nets, selector, namespaceSelector, services, domains } = end;
  if (nets !== undefined) return scalars(nets).map((cidr) => ({ ipBlock: { cidr } }));
  if (domains !== undefined) return scalars(domains).map((hostName) => ({ hostName }));
  if (services !== undefined) return [{ service: map(services) }];
  if (selector === undefined && namespaceSelector === undefined) return undefined;
  const near = readSelector(scalar(namespaceSelector) ?? '');
  const podSelector = readSelector(scalar(selector) ?? '');
  if (near === undefined || podSelector === undefined) return UNCLEAR;
  return [wide || namespaceSelector !== undefined ? { namespaceSelector: near, podSelector } : { podSelector }];
}

const NUMBERS: ReadonlyMap<unknown, string> = new Map([
  [6, 'TCP'],
  [17, 'UDP'],
  [132, 'SCTP'],
]);

/** Undefined stands for all ports; of a protocol without ports there are none. */
function portsOf({ protocol, destination }: Manifest): Manifest[] | undefined {
  const { ports } = map(destination);
  if (protocol === undefined) return undefined;
  const transport = NUMBERS.get(protocol) ?? scalar(protocol) ?? '';
  if (!['TCP', 'UDP', 'SCTP'].includes(transport)) return [];
  if (list(ports).length === 0) return [{ protocol: transport }];
  return list(ports).map((port): Manifest => {
    const [, first, last] = /^(\d+)(?::(\d+))?$/.exec(scalar(port) ?? '') ?? [];
    if (first === undefined) return { protocol: transport, port: scalar(port) };
    return { protocol: transport, port: Number(first), ...(last === undefined ? {} : { endPort: Number(last) }) };
  });
}

const VALUE = String.raw`(?:'([^']*)'|"([^"]*)")`;
const KEY = String.raw`([\w./-]+)`;
const EQUALS = new RegExp(`^${KEY}\\s*([!=]=)\\s*${VALUE}$`);
const AMONG = new RegExp(`^${KEY}\\s+(not\\s+)?in\\s*\\{([^}]*)\\}$`);
const HAS = new RegExp(`^(!?)\\s*has\\(\\s*${KEY}\\s*\\)$`);
const TEXT = new RegExp(VALUE, 'g');

/**
 * A selector of Calico's, `app == 'shop' && has(tier)`, as one of Kubernetes; undefined where that cannot say it:
 * alternatives, and parts of a value.
 *
 * @see https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
 */
export function readSelector(text: string): Manifest | undefined {
  const terms = text.split('&&').map((term) => termOf(term.trim()));
  return terms.includes(undefined) ? undefined : { matchExpressions: terms.flatMap((term) => term ?? []) };
}

function termOf(term: string): readonly Manifest[] | undefined {
  if (/^(?:all\(\))?$/.test(term)) return [];
  // Labels that Calico gives to pods by itself stand in no manifest.
  if (/projectcalico\.org\/(?!name\b)/.test(term)) return undefined;
  const [, key, operator, one, other] = EQUALS.exec(term) ?? [];
  if (key !== undefined) return [{ key: labelOf(key), operator: operator === '==' ? 'In' : 'NotIn', values: [one ?? other] }];
  const [, among, not, values = ''] = AMONG.exec(term) ?? [];
  if (among !== undefined) {
    const texts = [...values.matchAll(TEXT)].map(([, single, double]) => single ?? double);
    return [{ key: labelOf(among), operator: not === undefined ? 'In' : 'NotIn', values: texts }];
  }
  const [, no, there] = HAS.exec(term) ?? [];
  return there === undefined ? undefined : [{ key: labelOf(there), operator: no === '!' ? 'DoesNotExist' : 'Exists' }];
}

/** Calico has labels of its own for what others have too. */
function labelOf(key: string): string {
  return key === 'projectcalico.org/name' ? 'kubernetes.io/metadata.name' : key;
}
