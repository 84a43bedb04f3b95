import { eachObject, eachOf } from '../each';
import type { Finding, FinishedObject, Rule } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { selectsAll } from '../../model/selectors';
import { annotationsOf, map, placesOf, specOf, valueAt } from '../../model/values';

export const controllerMaintained = eachOf('Ingress')({
  name: 'controller-maintained',
  sentence: 'No Ingress is written for ingress-nginx, which is retired.',
  why: 'It has had no release since March 2026: the next hole in it, or in its NGINX, stays open to everyone who can send a request.',
  source: 'https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/',
  severity: 'warning',
  *each({ manifest }) {
    const own = Object.keys(annotationsOf(manifest)).find((key) => key.startsWith('nginx.ingress.kubernetes.io/'));
    if (own === undefined) return;
    const fix = 'move to a Gateway or to another controller: each reads annotations of its own';
    yield { field: `metadata.annotations["${own}"]`, must: 'be for a controller that is maintained', got: 'ingress-nginx', fix };
  },
});

export const ingressSnippets = eachObject({
  name: 'ingress-snippets',
  sentence: 'No Ingress writes into the configuration of its controller.',
  why: 'A snippet can read the token of the controller and with it every Secret of the cluster; controllers that forbid snippets refuse the whole Ingress.',
  source: 'https://github.com/kubernetes/ingress-nginx/issues/7837',
  severity: 'warning',
  *each({ manifest }) {
    const written = manifest['kind'] === 'Ingress' ? Object.keys(annotationsOf(manifest)) : [];
    const fix = 'use the annotation made for it, such as limit-rps, or do it in the endpoint';
    for (const key of written.filter((one) => /\/[a-z-]*-snippets?$/.test(one)))
      yield { field: `metadata.annotations["${key}"]`, must: 'not be there', got: 'a snippet', fix };
  },
});

export const emptyIsEveryone: Rule = {
  name: 'empty-is-everyone',
  sentence: 'No list of those who may connect is there and empty, and none of ports.',
  why: 'The API takes an empty list like one that is left out: everyone may connect, at every port, and it reads as if nobody could.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec',
  *find(world) {
    const inventory = inventoryOf(world);
    for (const lists of LISTS) for (const object of inventory.ofKind(lists[0])) yield* ofLists(object, lists);
    for (const object of inventory.ofKind('Gateway')) yield* ofListeners(object);
    for (const object of world.objects) yield* ofAnnotations(object);
  },
};

type Lists = readonly [kind: string, holder: string, fields: string, means: string];
const EVERYONE = 'everyone';
const ALL_PORTS = 'all ports';
const SOURCES = 'principals requestPrincipals namespaces serviceAccounts ipBlocks remoteIpBlocks trustDomains';

/** Kinds, what holds the lists there, the lists, and what an empty one means. */
const LISTS: readonly Lists[] = [
  ['NetworkPolicy', 'spec.ingress[]', 'from', EVERYONE],
  ['NetworkPolicy', 'spec.egress[]', 'to', EVERYONE],
  ['NetworkPolicy', 'spec.ingress[]', 'ports', ALL_PORTS],
  ['NetworkPolicy', 'spec.egress[]', 'ports', ALL_PORTS],
  ['Service', 'spec', 'loadBalancerSourceRanges', EVERYONE],
  ['AuthorizationPolicy', 'spec.rules[]', 'from', EVERYONE],
  ['AuthorizationPolicy', 'spec.rules[].from[].source', SOURCES, EVERYONE],
  ['AuthorizationPolicy', 'spec.rules[].to[].operation', 'ports', ALL_PORTS],
  ['HTTPProxy', 'spec.virtualhost', 'ipAllowPolicy', EVERYONE],
  ['HTTPProxy', 'spec.routes[]', 'ipAllowPolicy', EVERYONE],
];

function* ofLists(object: FinishedObject, [kind, holder, fields, means]: Lists): Iterable<Finding> {
  // What denies everyone opens nothing.
  if (kind === 'AuthorizationPolicy' && specOf(object)['action'] === 'DENY') return;
  for (const { field: at, value } of placesOf(object.manifest, holder)) {
    for (const field of fields.split(' ')) {
      const got: unknown = map(value)[field];
      if (got !== null && !(Array.isArray(got) && got.length === 0)) continue;
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
  const fix = 'write the ranges of addresses, or remove the annotation if everyone is meant';
  for (const at of ['metadata.annotations', 'spec.infrastructure.annotations']) {
    for (const [name, got] of Object.entries(map(valueAt(object.manifest, at)))) {
      if (!RANGES.test(name) || typeof got !== 'string' || !/^[\s,]*$/.test(got)) continue;
      yield { object, field: `${at}["${name}"]`, must: 'name a range: an empty one is everyone', got, fix };
    }
  }
}
