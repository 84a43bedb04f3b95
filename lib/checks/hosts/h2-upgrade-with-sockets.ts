import type { Finding, FinishedObject, Rule, World } from '../rule';
import { serviceOfHost } from '../world/routes';
import { beamContainers } from '../world/beam';
import { inventoryOf } from '../world/inventory';
import { nameOf, namespaceOf, placesOf, specOf } from '../world/values';
import { serviceSelects } from '../world/selectors';

const POLICY = 'connectionPool.http.h2UpgradePolicy';
const PLACES = [
  `spec.trafficPolicy.${POLICY}`,
  `spec.trafficPolicy.portLevelSettings[].${POLICY}`,
  `spec.subsets[].trafficPolicy.${POLICY}`,
];

/** A websocket begins as a request of HTTP/1.1, and ends where that is turned into HTTP/2. */
export const h2UpgradeWithSockets: Rule = {
  name: 'h2-upgrade-with-sockets',
  sentence: 'Connections to a Phoenix endpoint are not upgraded to HTTP/2 by a DestinationRule: websockets do not survive it.',
  why: 'Pages load and no LiveView connects: the browser tries again and again, then falls back to long polls or to nothing.',
  source: 'https://github.com/istio/istio/issues/27078',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('DestinationRule')) {
      const places = PLACES.flatMap((place) => placesOf(object.manifest, place)).filter(({ value }) => value === 'UPGRADE');
      const service = places.length > 0 ? serviceOfHost(specOf(object)['host'], object) : undefined;
      const known = service && inventory.find('Service', service.name, service.namespace)?.object;
      if (!known || !servesPhoenix(known, world)) continue;
      const must = `not be UPGRADE in front of ${nameOf(known.manifest)}, a Phoenix endpoint with websockets`;
      const fix = 'remove it, or leave the rule out for this object where the application has no sockets';
      for (const { field, value } of places) yield { object, field, must, got: value, fix };
    }
  },
};

function servesPhoenix(service: FinishedObject, world: World): boolean {
  const { selector } = specOf(service);
  const namespace = namespaceOf(service.manifest);
  return beamContainers(world).some(
    ({ workload, variables: { byName } }) =>
      workload.namespace === namespace &&
      serviceSelects(selector, workload.labels) &&
      ['PHX_HOST', 'PHX_SERVER'].some((name) => byName.has(name)),
  );
}
