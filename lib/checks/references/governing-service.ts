import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { map, nameIn, namespaceOf, numberOr, specOf } from '../../model/values';
import { addOrDeclare } from './references';

/** The Service of a StatefulSet gives its pods their names in the DNS. */
export const governingService: Rule = {
  name: 'governing-service',
  sentence: 'The Service of a StatefulSet exists and is headless.',
  why: 'The API server takes any name, and then no pod can be reached by its own: replicas and BEAM nodes do not find each other.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const object of inventory.ofKind('StatefulSet')) {
      const name = nameIn(map(object.manifest['spec'])['serviceName']);
      if (name === undefined) continue;
      const field = 'spec.serviceName';
      const known = inventory.find('Service', name, namespaceOf(object.manifest));
      if (!known) {
        yield { object, field, must: 'name a Service that exists', got: name, ...addOrDeclare('Service', name) };
      } else if (known.object && map(known.object.manifest['spec'])['clusterIP'] !== 'None') {
        const fix = "set clusterIP to 'None' in that Service, or add a headless one beside it";
        // A pod alone is found by the address of the Service, too.
        const severity = numberOr(1, specOf(object)['replicas']) > 1 ? undefined : 'warning';
        yield { object, field, must: 'name a headless Service', got: name, fix, severity };
      }
    }
  },
};
