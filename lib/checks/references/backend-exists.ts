import type { Finding, Rule, World } from '../rule';
import { backends, portsOfService, servicesBehind } from '../../model/routes';
import { inventoryOf } from '../../model/inventory';
import { dangling } from './references';

/** Controllers take a backend that is not there and answer with an error in its place. */
export const backendExists: Rule = {
  name: 'backend-exists',
  sentence: 'Every Service, and every port of one, that an Ingress or a route leads to exists, and carries what that speaks.',
  why: 'The proxy has nowhere to send the requests, and users see 500 or 503 while all pods are well.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const wanted = backends(inventory);
    yield* dangling(wanted, inventory);
    for (const { object, portField, name, port, service, meant } of servicesBehind(wanted, inventory)) {
      if (port === undefined) continue;
      const ports = portsOfService(service);
      const carried = object.manifest['kind'] === 'UDPRoute' ? 'UDP' : 'TCP';
      if (meant.some(({ protocol = 'TCP' }) => protocol === carried)) continue;
      if (meant.length > 0) {
        const must = `be a ${carried} port of the Service "${name}"`;
        const others = ports
          .filter(({ protocol = 'TCP' }) => protocol === carried)
          .map((one) => String(one['name'] ?? one['port']));
        const way = carried === 'UDP' ? 'use a TCPRoute' : 'lead to it by the exposure of its Service, or by a UDPRoute';
        const fix = others.length > 0 ? `use one of ${others.join(', ')}` : way;
        yield { object, field: portField, must, got: port, fix };
        continue;
      }
      const list = ports.map(({ name: known, port: number }) => (known === undefined ? `${number}` : `${known} (${number})`));
      const fix = `use one of ${list.join(', ') || '(none)'}, or add the port to the Service`;
      yield { object, field: portField, must: `be a port of the Service "${name}"`, got: port, fix };
    }
  },
};
