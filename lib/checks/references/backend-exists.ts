import type { Finding, Rule, World } from '../rule';
import { backends, portsOfService } from '../world/backends';
import { inventoryOf } from '../world/inventory';
import { dangling } from './references';

/** Controllers take a backend that is not there and answer with an error in its place. */
export const backendExists: Rule = {
  name: 'backend-exists',
  sentence: 'Every Service, and every port of one, that an Ingress or a route leads to exists.',
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
      if (ports.some(({ name: known, port: number }) => known === port || number === port)) continue;
      const list = ports.map(({ name: known, port: number }) => (known === undefined ? `${number}` : `${known} (${number})`));
      const fix = `use one of ${list.join(', ') || '(none)'}, or add the port to the Service`;
      yield { object, field: portField, must: `be a port of the Service "${name}"`, got: port, fix };
    }
  },
};
