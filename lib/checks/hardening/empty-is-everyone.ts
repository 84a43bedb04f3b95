import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { selectsAll } from '../world/selectors';
import { list, map, placesOf } from '../world/values';

/** The list that a program or a template leaves empty reads like nobody, and is everyone. */
export const emptyIsEveryone: Rule = {
  name: 'empty-is-everyone',
  sentence: 'No list of those who may connect is there and empty, and none of ports.',
  why: 'The API takes an empty list like one that is left out: everyone may connect, at every port, and it reads as if nobody could.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const [kind, holder, fields, means] of LISTS)
      for (const object of inventory.ofKind(kind)) yield* ofLists(object, { holder, fields, means });
    for (const object of inventory.ofKind('Gateway')) yield* ofListeners(object);
    for (const object of world.objects) yield* ofAnnotations(object);
  },
};

const EVERYONE = 'everyone';
const ALL_PORTS = 'all ports';
const SOURCES = [
  'principals',
  'requestPrincipals',
  'namespaces',
  'serviceAccounts',
  'ipBlocks',
  'remoteIpBlocks',
  'trustDomains',
];

/** Kinds, what holds the lists there, the lists, and what an empty one means. */
const LISTS: readonly [kind: string, holder: string, fields: readonly string[], means: string][] = [
  ['NetworkPolicy', 'spec.ingress[]', ['from'], EVERYONE],
  ['NetworkPolicy', 'spec.egress[]', ['to'], EVERYONE],
  ['NetworkPolicy', 'spec.ingress[]', ['ports'], ALL_PORTS],
  ['NetworkPolicy', 'spec.egress[]', ['ports'], ALL_PORTS],
  ['Service', 'spec', ['loadBalancerSourceRanges'], EVERYONE],
  ['AuthorizationPolicy', 'spec.rules[]', ['from'], EVERYONE],
  ['AuthorizationPolicy', 'spec.rules[].from[].source', SOURCES, EVERYONE],
  ['AuthorizationPolicy', 'spec.rules[].to[].operation', ['ports'], ALL_PORTS],
  ['HTTPProxy', 'spec.virtualhost', ['ipAllowPolicy'], EVERYONE],
  ['HTTPProxy', 'spec.routes[]', ['ipAllowPolicy'], EVERYONE],
];

interface Lists {
  readonly holder: string;
  readonly fields: readonly string[];
  readonly means: string;
}

function* ofLists(object: FinishedObject, { holder, fields, means }: Lists): Iterable<Finding> {
  // What denies everyone opens nothing.
  if (object.manifest['kind'] === 'AuthorizationPolicy' && map(object.manifest['spec'])['action'] === 'DENY') return;
  for (const { field: at, value } of placesOf(object.manifest, holder)) {
    for (const field of fields.filter((one) => Object.hasOwn(map(value), one))) {
      const got: unknown = map(value)[field];
      if (got !== null && !(Array.isArray(got) && list(got).length === 0)) continue;
      const fix = `remove the ${at.endsWith(']') ? 'rule' : 'field'} if nobody is meant to connect; if ${means} is meant, remove '${field}'`;
      yield { object, field: `${at}.${field}`, must: `name someone: an empty list is ${means}`, got, fix };
    }
  }
}

function* ofListeners(object: FinishedObject): Iterable<Finding> {
  for (const { field: at, value } of placesOf(object.manifest, 'spec.listeners[].allowedRoutes.namespaces')) {
    const { from, selector } = map(value);
    if (from !== 'Selector' || !selectsAll(selector)) continue;
    const fix = 'write the labels of the namespaces, or from: All if every one is meant';
    yield { object, field: `${at}.selector`, must: 'name labels: an empty one is every namespace', got: selector, fix };
  }
}

/** Annotations of Ingress controllers and clouds that hold ranges of addresses. */
const RANGES =
  /\/(?:(?:allow|white)list-source-range|allow-list|whitelist|inbound-cidrs|(?:load-balancer|aws-load-balancer)-source-ranges|azure-allowed-ip-ranges|ipallowlist-sourcerange)$/;

function* ofAnnotations(object: FinishedObject): Iterable<Finding> {
  for (const { field: at, value } of ['metadata', 'spec.infrastructure'].flatMap((path) =>
    placesOf(object.manifest, `${path}.annotations`),
  )) {
    for (const [name, got] of Object.entries(map(value))) {
      if (!RANGES.test(name) || typeof got !== 'string' || !/^[\s,]*$/.test(got)) continue;
      const fix = 'write the ranges of addresses, or remove the annotation if everyone is meant';
      yield { object, field: `${at}["${name}"]`, must: 'name a range: an empty one is everyone', got, fix };
    }
  }
}
