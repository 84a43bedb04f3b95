import type { FinishedObject } from '../rule';
import { gatewayClaims, ROUTE_KINDS } from './gateway-claims';
import type { Inventory } from './inventory';
import { istioClaims } from './istio-claims';
import { nameIn } from './objects';
import { once } from './once';
import { hostText, plainPath, sortedText, type RouteClaim } from './route-claim';
import { map, maps, placesOf, scalar } from './values';

/** All that the routes of an environment claim. */
export const routeClaims = once((inventory: Inventory): readonly RouteClaim[] => [
  ...inventory.ofKind('Ingress').flatMap(ingressClaims),
  ...inventory.ofKind(...ROUTE_KINDS).flatMap((object) => gatewayClaims(object, inventory)),
  ...istioClaims(inventory),
  ...inventory.ofKind('DNSEndpoint').flatMap(recordClaims),
]);

/** The ports that Traefik answers an Ingress on: one with TLS and one that redirects to it share their hosts. */
const ENTRY_POINTS = 'traefik.ingress.kubernetes.io/router.entrypoints';
const CANARY = 'nginx.ingress.kubernetes.io/canary';

function ingressClaims(object: FinishedObject): RouteClaim[] {
  const { spec, metadata } = object.manifest;
  const annotations = map(map(metadata)['annotations']);
  // It takes a part of the requests of another one, which is what it is for.
  if (scalar(annotations[CANARY]) === 'true') return [];
  const className = nameIn(map(spec)['ingressClassName']) ?? nameIn(annotations['kubernetes.io/ingress.class']);
  const points = nameIn(annotations[ENTRY_POINTS])?.split(',') ?? [undefined];
  return placesOf(object.manifest, 'spec.rules[]').flatMap(({ field, value }) => {
    const { host, http } = map(value);
    return maps(map(http)['paths']).flatMap(({ path = '/', pathType }) =>
      points.map((point) => ({
        object,
        field: `${field}.host`,
        host: hostText(host),
        match: pathMatch(pathType, path),
        entrance: [className, point?.trim()],
        got: `${nameIn(host) ?? '*'}${path}`,
      })),
    );
  });
}

/** What is left to the controller means the paths below one, as `Prefix` does, with or without a star behind it. */
function pathMatch(type: unknown, path: unknown): string {
  if (type === 'Exact') return `Exact ${path}`;
  return `PathPrefix ${plainPath(String(path).replace(/\/\*$/, '/'))}`;
}

function recordClaims(object: FinishedObject): RouteClaim[] {
  return placesOf(object.manifest, 'spec.endpoints[]').map(({ field, value }) => {
    const { dnsName, recordType = 'A', setIdentifier } = map(value);
    const host = hostText(dnsName).replace(/\.$/, '');
    return {
      object,
      field: `${field}.dnsName`,
      host,
      match: sortedText([recordType, setIdentifier]),
      entrance: [],
      got: `${recordType} ${dnsName}`,
    };
  });
}
