import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { commonHost, type RouteClaim, routeClaims, sharesEntrance } from '../world/route-claims';

/** Which of two claims wins is up to the controller, and may change when it restarts. */
export const hostClaimedOnce: Rule = {
  name: 'host-claimed-once',
  sentence: 'No two objects claim the same requests: one host, path and condition, where they come in.',
  why: 'One of the two is left out, often the newer one, and half of the users see the application of somebody else.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/',
  *find(world: World): Iterable<Finding> {
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
