import type { FinishedObject, Rule } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { commonHost, hostText, type RouteClaim, routeClaims, sharesEntrance } from '../../model/route-claims';
import { map, nameIn, placesOf, scalar } from '../../model/values';
import { either, remedy, type Remedy } from '../../model/remedy';

export const hostClaimedOnce: Rule = {
  name: 'host-claimed-once',
  sentence: 'No two objects claim the same requests: one host, path and condition, where they come in.',
  why: 'One of the two is left out, often the newer one, and half of the users see the application of somebody else.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/',
  *find(world) {
    const claims = routeClaims(inventoryOf(world));
    const told = new Set<string>();
    for (const [claim, first] of [...sameRequests(claims), ...mixedHosts(claims)]) {
      const { object, field, got } = claim;
      const { construct, manifest } = first.object;
      const pair = `${construct.node.path} ${object.construct.node.path} ${field} ${got}`;
      if (told.has(pair)) continue;
      told.add(pair);
      const must = `not claim what the ${manifest['kind']} of [${construct.node.path}] claims`;
      const fix =
        object.manifest['kind'] === manifest['kind']
          ? 'change the host or the path of one of the two, or make one object of both'
          : 'give gRPC a host of its own, or another listener';
      yield { object, field, must, got, fix };
    }
  },
};

type Pair = readonly [claim: RouteClaim, first: RouteClaim];

/** Each claim with the first one of another object for the same requests. */
function* sameRequests(claims: readonly RouteClaim[]): Iterable<Pair> {
  const taken = new Map<string, RouteClaim[]>();
  for (const claim of claims) {
    const key = `${claim.object.manifest['kind']} ${claim.host} ${claim.match}`;
    const known = taken.get(key) ?? [];
    const first = known.find((other) => other.object !== claim.object && sharesEntrance(claim.entrance, other.entrance));
    if (first) yield [claim, first];
    known.push(claim);
    taken.set(key, known);
  }
}

/** Routes of HTTP and of gRPC have no host in common at a listener, whatever they match: one of the two is not accepted. */
function* mixedHosts(claims: readonly RouteClaim[]): Iterable<Pair> {
  const web = claims.filter(({ object }) => object.manifest['kind'] === 'HTTPRoute');
  for (const claim of claims.filter(({ object }) => object.manifest['kind'] === 'GRPCRoute')) {
    const meets = (other: RouteClaim): boolean =>
      commonHost(claim.host, other.host) !== undefined && sharesEntrance(claim.entrance, other.entrance);
    const first = web.find(meets);
    if (first) yield [claim, first];
  }
}

export const hostAtOneAddress: Rule = {
  name: 'host-at-one-address',
  sentence: 'No two Ingresses that make load balancers of their own have the same host.',
  why: 'Each load balancer has an address of its own, a name leads to one of them, and what the other one answers is not found.',
  source: 'https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ingressgroup',
  *find(world) {
    const taken = new Map<string, { object: FinishedObject; balancer: string }>();
    for (const object of inventoryOf(world).ofKind('Ingress')) {
      const made = balancerOf(object);
      if (!made) continue;
      for (const { field, value } of placesOf(object.manifest, 'spec.rules[]')) {
        const host = hostText(map(value)['host']);
        const key = `${made.entrance} ${host}`;
        const first = taken.get(key);
        if (!first) taken.set(key, { object, balancer: made.balancer });
        if (!first || first.balancer === made.balancer) continue;
        const must = `be a host that the load balancer of [${first.object.construct.node.path}] does not have`;
        yield { object, field: `${field}.host`, must, got: host, ...made.way };
      }
    }
  },
};

const ALB = 'alb.ingress.kubernetes.io';

interface Balancer {
  /** Where a name may lead to one more: those inside of a network and those outside. */
  readonly entrance: string;
  /** What two Ingresses of one load balancer have in common. */
  readonly balancer: string;
  readonly way: Remedy;
}

function balancerOf({ construct, manifest: { spec, metadata } }: FinishedObject): Balancer | undefined {
  const annotations = map(map(metadata)['annotations']);
  const className = nameIn(map(spec)['ingressClassName']) ?? nameIn(annotations['kubernetes.io/ingress.class']);
  const { path } = construct.node;
  if (className === 'alb') {
    const group = scalar(annotations[`${ALB}/group.name`]);
    const scheme = scalar(annotations[`${ALB}/scheme`]) ?? 'internal';
    const by = either(', by', ": controller: { alb: { group: 'shop', ... } },");
    const way = remedy`give both the same group${by} the annotation ${ALB}/group.name`;
    return { entrance: `${className} ${scheme}`, balancer: group === undefined ? path : `group ${group}`, way };
  }
  if (className !== 'gce' && className !== 'gce-internal') return undefined;
  const share = either(
    'make both routes of one Gateway',
    'let both releases share a Gateway: gatewayApi: { gateway: { shared: ... } }',
  );
  return { entrance: className, balancer: path, way: remedy`write all paths of the host in one Ingress, or ${share}` };
}
