import type { Finding, FinishedObject, Rule, World } from '../rule';
import { portsOfService } from '../../model/routes';
import { type Inventory, inventoryOf } from '../../model/inventory';
import type { Selectable } from '../../model/made-objects';
import { map, maps, nameIn, namespaceOf, placesOf } from '../../model/values';
import type { Pod } from '../../model/pods';

/** A port's name is a promise between two objects, and no schema knows both. */
export const portNames: Rule = {
  name: 'port-names',
  sentence: 'Every port that is referred to by name has that name where it is opened.',
  why: 'A Service of a port that no container names has no endpoints, a probe of one always fails, and a monitor of one scrapes nothing.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const pod of inventory.pods) yield* ofProbes(pod);
    for (const service of inventory.ofKind('Service')) yield* ofService(service, inventory);
    for (const policy of inventory.ofKind('NetworkPolicy')) yield* ofPolicy(policy, inventory);
    for (const monitor of inventory.ofKind('PodMonitor')) yield* ofPodMonitor(monitor, inventory);
    for (const monitor of inventory.ofKind('ServiceMonitor')) yield* ofServiceMonitor(monitor, inventory);
  },
};

const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'];
const HOOKS = ['preStop', 'postStart'];

function* ofProbes({ object, containers }: Pod): Iterable<Finding> {
  for (const { path, spec: container } of containers) {
    const hooks = map(container['lifecycle']);
    const handlers = [
      ...PROBES.map((probe) => [probe, map(container[probe])] as const),
      ...HOOKS.map((hook) => [`lifecycle.${hook}`, map(hooks[hook])] as const),
    ];
    // The kubelet asks by TCP.
    const names = maps(container['ports']).flatMap(({ name, protocol = 'TCP' }) =>
      protocol === 'TCP' ? (nameIn(name) ?? []) : [],
    );
    for (const [handler, { httpGet, tcpSocket }] of handlers) {
      const port = nameIn(map(httpGet ?? tcpSocket)['port']);
      if (port === undefined || names.includes(port)) continue;
      const field = `${path}.${handler}.${httpGet === undefined ? 'tcpSocket' : 'httpGet'}.port`;
      yield { object, field, must: 'name a TCP port of its container', got: port, fix: useOneOf(names) };
    }
  }
}

function* ofService(object: FinishedObject, inventory: Inventory): Iterable<Finding> {
  const selector = map(map(object.manifest['spec'])['selector']);
  if (Object.keys(selector).length === 0) return;
  const pods = inventory.select({ matchLabels: selector }, namespaceOf(object.manifest));
  for (const [index, { targetPort, protocol = 'TCP' }] of portsOfService(object).entries()) {
    yield* missing(object, `spec.ports[${index}].targetPort`, targetPort, pods, String(protocol));
  }
}

function* ofPolicy(object: FinishedObject, inventory: Inventory): Iterable<Finding> {
  const { podSelector } = map(object.manifest['spec']);
  const pods = inventory.select(map(podSelector), namespaceOf(object.manifest));
  for (const { field: path, value } of placesOf(object.manifest, 'spec.ingress[].ports[]')) {
    const { port, protocol = 'TCP' } = map(value);
    yield* missing(object, `${path}.port`, port, pods, String(protocol));
  }
}

function* ofPodMonitor(object: FinishedObject, inventory: Inventory): Iterable<Finding> {
  const { selector, podMetricsEndpoints } = map(object.manifest['spec']);
  const pods = inventory.select(map(selector), namespaceOf(object.manifest));
  for (const [index, { port }] of maps(podMetricsEndpoints).entries()) {
    yield* missing(object, `spec.podMetricsEndpoints[${index}].port`, port, pods, 'TCP');
  }
}

function* ofServiceMonitor(object: FinishedObject, inventory: Inventory): Iterable<Finding> {
  const { selector, endpoints } = map(object.manifest['spec']);
  const services = inventory.selectServices(map(selector), namespaceOf(object.manifest));
  if (services.length === 0) return;
  const names = services.flatMap(portsOfService).flatMap(({ name }) => nameIn(name) ?? []);
  for (const [index, { port }] of maps(endpoints).entries()) {
    const name = nameIn(port);
    if (name === undefined || names.includes(name)) continue;
    const field = `spec.endpoints[${index}].port`;
    yield { object, field, must: 'name a port of the Services that it selects', got: name, fix: useOneOf(names) };
  }
}

/** Where no pod is found at all, another rule says so. */
function* missing(
  object: FinishedObject,
  field: string,
  port: unknown,
  pods: readonly Selectable[],
  protocol: string,
): Iterable<Finding> {
  const name = nameIn(port);
  if (name === undefined || pods.length === 0 || pods.some(({ ports }) => ports.has(`${protocol}/${name}`))) return;
  const names = pods.flatMap(({ ports }) => [...ports]).map((known) => known.slice(known.indexOf('/') + 1));
  yield { object, field, must: `name a ${protocol} port of the pods that it selects`, got: name, fix: useOneOf(names) };
}

function useOneOf(names: readonly string[]): string {
  const others = [...new Set(names)].join(', ');
  return `${others === '' ? '' : `use one of ${others}, or `}name the container's port so`;
}
