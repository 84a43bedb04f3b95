import type { Finding, Rule, World } from '../rule';
import { ROUTES } from '../world/routes';
import { inventoryOf } from '../world/inventory';
import { kindOf } from '../world/kinds';
import { map, maps, nameIn, namespaceOf, placesOf } from '../world/values';
import { dangling } from './references';

/** A route without a Gateway is an entry in a book that nobody reads. */
export const gatewayExists: Rule = {
  name: 'gateway-exists',
  sentence: 'Every Gateway, and every listener of one, that a route names exists.',
  why: 'No Gateway takes the route, its hosts answer 404, and only the status of the route says so.',
  source: 'https://gateway-api.sigs.k8s.io/api-types/httproute/#attaching-to-gateways',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind(...ROUTES)) {
      for (const { field: path, value } of placesOf(object.manifest, 'spec.parentRefs[]')) {
        const { group = 'gateway.networking.k8s.io', kind = 'Gateway', name, namespace, sectionName } = map(value);
        const parent = nameIn(name);
        if (parent === undefined) continue;
        const reference = {
          object,
          field: `${path}.name`,
          kind: kindOf({ apiVersion: group === '' ? 'v1' : `${group}/v1`, kind }),
          name: parent,
          namespace: nameIn(namespace) ?? namespaceOf(object.manifest),
        };
        yield* dangling([reference], inventory);
        const gateway = inventory.find(reference.kind, parent, reference.namespace)?.object;
        if (kind !== 'Gateway' || !gateway || sectionName === undefined) continue;
        const listeners = maps(map(gateway.manifest['spec'])['listeners']).map((listener) => String(listener['name']));
        if (listeners.includes(String(sectionName))) continue;
        const fix = `use one of ${listeners.join(', ') || '(none)'}, or add the listener`;
        yield { object, field: `${path}.sectionName`, must: `name a listener of the Gateway "${parent}"`, got: sectionName, fix };
      }
    }
  },
};
