import type { Finding, FinishedObject, Rule, World } from '../rule';
import { backends, portsOfService } from '../world/backends';
import { inventoryOf } from '../world/inventory';
import { namespaceOf, specOf } from '../world/objects';
import { privatePods, type PrivatePods } from '../world/private-ports';
import { serviceSelects } from '../world/selects';
import { serviceTargets } from '../world/service-targets';

/** A port of its own for Prometheus is of use only while nobody else gets there. */
export const metricsInside: Rule = {
  name: 'metrics-inside',
  sentence: 'No route, load balancer or port of the nodes leads to a port for metrics.',
  why: 'Routes, hosts, versions of all dependencies and names of jobs are there to be read by everyone, and each request costs as much as a scrape.',
  source: 'https://prometheus.io/docs/operating/security/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const measured = privatePods(world).filter(({ uses }) => [...uses.values()].includes('metrics'));
    if (measured.length === 0) return;
    const fix = 'leave the port out of it: Prometheus asks pods by their own addresses';
    for (const service of inventory.ofKind('Service')) {
      const { type, selector } = specOf(service);
      if (type !== 'NodePort' && type !== 'LoadBalancer') continue;
      for (const [index, entry] of portsOfService(service).entries()) {
        const to = target(service, entry, measured, selector, world);
        if (to) yield { object: service, field: `spec.ports[${index}]`, must: `not lead to ${to}`, got: `a ${type}`, fix };
      }
    }
    for (const { object, portField, kind, name, namespace, port } of backends(inventory)) {
      const service = kind === 'Service' ? inventory.find('Service', name, namespace)?.object : undefined;
      if (!service) continue;
      const entry = portsOfService(service).find((one) => one['port'] === port || one['name'] === port);
      const to = entry && target(service, entry, measured, specOf(service)['selector'], world);
      if (to) yield { object, field: portField, must: `not lead to ${to}`, got: port, fix };
    }
  },
};

/** The port for metrics behind one of a Service, for sentences. */
function target(
  service: FinishedObject,
  entry: object,
  measured: readonly PrivatePods[],
  selector: unknown,
  world: World,
): string | undefined {
  const namespace = namespaceOf(service.manifest);
  const found = measured.filter((pods) => pods.namespace === namespace && serviceSelects(selector, pods.labels));
  const workloads = inventoryOf(world).servedBy(service);
  const numbers = workloads.flatMap((workload) => serviceTargets(service.manifest, workload, (one) => one === entry));
  const met = found.find(({ uses }) => numbers.some(({ number }) => uses.get(number) === 'metrics'));
  return met && `the port for metrics of ${met.title}`;
}
