import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, placesOf } from '../world/values';
import { hostsAt } from './hosts';

/** Which of two claims wins is up to the controller, and may change when it restarts. */
export const hostClaimedOnce: Rule = {
  name: 'host-claimed-once',
  sentence: 'No two objects of a kind claim the same path of the same host.',
  why: 'One of the two is left out, often the newer one, and half of the users see the application of somebody else.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const [kind, claims] of Object.entries(CLAIMS)) {
      const objects = inventory.ofKind(kind);
      if (objects.length < 2) continue;
      const taken = new Map<string, FinishedObject>();
      for (const object of objects) {
        const own = new Map(claims(object).map((claim) => [claim.key, claim]));
        for (const { key, field, got } of own.values()) {
          const first = taken.get(key);
          if (!first) taken.set(key, object);
          else {
            const must = `not claim what the ${kind} of [${first.construct.node.path}] claims`;
            yield { object, field, must, got, fix: 'change the host or the path of one of the two, or make one object of both' };
          }
        }
      }
    }
  },
};

interface Claim {
  /** What may be claimed once. */
  readonly key: string;
  readonly field: string;
  readonly got: string;
}

const CLAIMS: Readonly<Record<string, (object: FinishedObject) => Claim[]>> = {
  Ingress: ofIngress,
  HTTPRoute: ofRoute,
  GRPCRoute: ofRoute,
  DNSEndpoint: ofEndpoint,
};

/** The ports that Traefik answers an Ingress on: one with TLS and one that redirects to it share their hosts. */
const ENTRY_POINTS = 'traefik.ingress.kubernetes.io/router.entrypoints';

function ofIngress({ manifest }: FinishedObject): Claim[] {
  const { ingressClassName } = map(manifest['spec']);
  const entryPoints: unknown = map(map(manifest['metadata'])['annotations'])[ENTRY_POINTS];
  return placesOf(manifest, 'spec.rules[]').flatMap(({ field, value }) => {
    const { host = '*', http } = map(value);
    return maps(map(http)['paths']).map(({ path = '/', pathType }) => ({
      key: JSON.stringify([ingressClassName, entryPoints, host, path, pathType]),
      field: `${field}.host`,
      got: `${host}${path}`,
    }));
  });
}

/** Two routes of one host may differ by what they match, or by the listener: one often redirects to the other. */
function ofRoute({ manifest }: FinishedObject): Claim[] {
  const { parentRefs } = map(manifest['spec']);
  const matches = placesOf(manifest, 'spec.rules[]').flatMap(({ value }) => {
    const own = maps(map(value)['matches']);
    return own.length > 0 ? own : [{}];
  });
  return hostsAt(manifest, 'spec.hostnames[]').flatMap(({ field, host }) =>
    matches.map((match) => {
      const { path, ...rest } = match;
      const { type = 'PathPrefix', value = '/' } = map(path);
      return { key: JSON.stringify([parentRefs, host, type, value, rest]), field, got: `${host}${value}` };
    }),
  );
}

function ofEndpoint({ manifest }: FinishedObject): Claim[] {
  return placesOf(manifest, 'spec.endpoints[]').map(({ field, value }) => {
    const { dnsName, recordType = 'A', setIdentifier } = map(value);
    return {
      key: JSON.stringify([dnsName, recordType, setIdentifier]),
      field: `${field}.dnsName`,
      got: `${recordType} ${dnsName}`,
    };
  });
}
