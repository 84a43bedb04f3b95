import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { sidecarsOf } from '../../model/istio';
import type { Selectable } from '../../model/made-objects';
import type { Container, Pod } from '../../model/pods';
import { PROBES } from '../../model/probes';
import { portsOfService } from '../../model/routes';
import { map, maps, nameIn, namespaceOf, numberAlone, placesOf, scalar, scalars, specOf } from '../../model/values';

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

/** A Service takes any number, and finds out with each connection that nobody is there. */
export const targetPorts: Rule = {
  name: 'target-ports',
  sentence: 'A Service leads to a port that its pods declare, or that their variables, commands or files speak of.',
  why: 'Pods are ready, the Service has endpoints, and each connection is refused: nothing but the users says so.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    for (const service of inventory.ofKind('Service')) {
      // Nothing translates a port of a headless one: clients say which they want.
      if (specOf(service)['clusterIP'] === 'None') continue;
      for (const [index, entry] of portsOfService(service).entries()) {
        const { port, targetPort = port } = entry;
        if (typeof targetPort !== 'number') continue;
        const [deaf, ...others] = inventory.servedBy(service);
        if (!deaf || [deaf, ...others].some((workload) => mayListen(workload, targetPort, inventory))) continue;
        const field = `spec.ports[${index}].${entry['targetPort'] === undefined ? 'port' : 'targetPort'}`;
        const known = deaf.containers.flatMap(({ endsFirst, spec }) => (endsFirst ? [] : maps(spec['ports']).map(textOf)));
        const must = `be a port that ${deaf.kind} ${deaf.name} listens on: its containers have ${[...new Set(known)].join(', ')}`;
        const fix = `use one of these; where a container listens on ${targetPort} too, add it to its ports`;
        // Who leads to other ports rightly may know of one more than the pods declare.
        const isHidden = [deaf, ...others].some((workload) => hidesVariables(workload));
        const severity = isHidden || isRightElsewhere(service, index, deaf) ? 'warning' : undefined;
        yield { object: service, field, must, got: targetPort, fix, severity };
      }
    }
  },
};

function textOf({ name, containerPort }: Manifest): string {
  return name === undefined ? String(containerPort) : `${String(name)} (${String(containerPort)})`;
}

function isRightElsewhere(service: FinishedObject, index: number, { containers }: Pod): boolean {
  const declared = containers.flatMap(({ spec }) => maps(spec['ports']));
  return portsOfService(service).some(
    ({ port, targetPort = port }, other) =>
      other !== index && declared.some(({ name, containerPort }) => targetPort === containerPort || targetPort === name),
  );
}

/** Whether pods may listen on a port: a container's list of ports tells people, and binds nobody. */
function mayListen(workload: Pod, port: number, inventory: Inventory): boolean {
  const running = workload.containers.filter(({ endsFirst }) => !endsFirst);
  const declared = running.map(({ spec }) => maps(spec['ports']));
  if (declared.some((ports) => ports.length === 0 || ports.some(({ containerPort }) => containerPort === port))) return true;
  // Proxies of Istio, which the injector adds, and epmd, which a node starts by itself.
  if (port === 4369 || (port >= 15000 && port < 15100 && sidecarsOf(inventory).has(workload))) return true;
  const word = numberAlone(port);
  return running.some((container) => speaksOf(word, container)) || filesSpeakOf(word, workload, inventory);
}

/** Whether variables come from what is not known here: one of them may be the number, though few are where ports are declared. */
function hidesVariables({ containers }: Pod): boolean {
  return containers.some(({ endsFirst, variables }) => !endsFirst && !variables.complete);
}

/** Variables by which programs are told where to listen. */
const LISTENS = /PORT|LISTEN|ADDR|BIND|URL|ARGS|OPTS|FLAGS|CONFIG/i;
/** Variables of servers that programs connect to, and do not listen as. */
const CONNECTS = /^(?:DATABASE|DB|ECTO|PG|POSTGRES|MYSQL|REDIS|AMQP|RABBITMQ|MONGO|SMTP|SENTRY)_?/i;

function speaksOf(word: RegExp, { spec, variables }: Container): boolean {
  const said = [...scalars(spec['command']), ...scalars(spec['args'])].some((one) => word.test(one));
  return (
    said ||
    [...variables.byName.values()].some(({ name, value }) =>
      value === undefined ? LISTENS.test(name) && !CONNECTS.test(name) : word.test(value),
    )
  );
}

/** Whether a file that a ConfigMap brings has the number in it, or is not known here. */
function filesSpeakOf(word: RegExp, { spec: pod, namespace }: Pod, inventory: Inventory): boolean {
  return maps(pod['volumes']).some(({ configMap }) => {
    const name = scalar(map(configMap)['name']);
    if (name === undefined) return false;
    const { object } = inventory.find('ConfigMap', name, namespace) ?? {};
    return !object || Object.values(map(object.manifest['data'])).some((text) => word.test(scalar(text) ?? ''));
  });
}
