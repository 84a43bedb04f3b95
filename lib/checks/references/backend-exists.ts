import type { Finding, Rule, World } from '../rule';
import { backends, portsOfService } from '../../model/routes';
import { inventoryOf } from '../../model/inventory';
import { dangling } from './references';
import { either, remedy } from '../../model/remedy';

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
    for (const { object, portField, kind, name, namespace, port } of wanted) {
      const service = kind === 'Service' ? inventory.find(kind, name, namespace)?.object : undefined;
      if (!service || port === undefined) continue;
      const ports = portsOfService(service);
      const meant = ports.filter(({ name: known, port: number }) => known === port || number === port);
      const carried = object.manifest['kind'] === 'UDPRoute' ? 'UDP' : 'TCP';
      if (meant.some(({ protocol = 'TCP' }) => protocol === carried)) continue;
      if (meant.length > 0) {
        const must = `be a ${carried} port of the Service "${name}"`;
        const others = ports
          .filter(({ protocol = 'TCP' }) => protocol === carried)
          .map((one) => String(one['name'] ?? one['port']));
        const open = either('a Service of type LoadBalancer', 'the exposure of its Service');
        const other = carried === 'UDP' ? { fix: 'use a TCPRoute' } : remedy`lead to it by ${open}, or by a UDPRoute`;
        const way = others.length > 0 ? { fix: `use one of ${others.join(', ')}` } : other;
        yield { object, field: portField, must, got: port, ...way };
        continue;
      }
      const list = ports.map(({ name: known, port: number }) => (known === undefined ? `${number}` : `${known} (${number})`));
      const fix = `use one of ${list.join(', ') || '(none)'}, or add the port to the Service`;
      yield { object, field: portField, must: `be a port of the Service "${name}"`, got: port, fix };
    }
  },
};
