import type { Manifest } from '../support/edit';
import type { FinishedObject } from './world';
import { namedPorts, type Port } from './fences';
import type { Inventory } from './inventory';
import type { Pod } from './pods';
import { list, map, maps, nameOf, namespaceOf, numberOr, placesOf, specOf } from './values';

/** The ports of a pod behind some ports of a Service. */
export function serviceTargets({ spec }: Manifest, receiver: Pod, wanted: (entry: Manifest) => boolean): Port[] {
  return maps(map(spec)['ports']).flatMap((entry) => {
    if (!wanted(entry)) return [];
    const protocol = String(entry['protocol'] ?? 'TCP');
    const target = targetOf(map(spec), entry);
    const number = typeof target === 'string' ? namedPorts(receiver).get(`${protocol}/${target}`) : target;
    return typeof number === 'number' ? [{ number, protocol }] : [];
  });
}

/** The port of the pods that a client reaches through a port of the Service: a number, or a name of theirs. */
function targetOf({ clusterIP }: Manifest, { port, targetPort = port }: Manifest): unknown {
  // The names of a headless Service are addresses of pods: nothing translates a port on the way.
  return clusterIP === 'None' ? port : targetPort;
}

/** Whether a Service is open outside of the cluster: at nodes, at a load balancer, or at addresses of its own. */
export function opensOutside(service: FinishedObject): boolean {
  const { type, externalIPs } = specOf(service);
  return type === 'NodePort' || type === 'LoadBalancer' || list(externalIPs).length > 0;
}

/** A port that a Service opens on every node. */
export interface NodePort {
  readonly field: string;
  readonly number: number;
  /** The port of the Service itself; 0 for that of its health check. */
  readonly service: number;
}

/** The ports of nodes that a Service asks for by number. Which Service has one does not depend on the protocol. */
export function nodePortsOf(object: FinishedObject): NodePort[] {
  const { type, externalTrafficPolicy, healthCheckNodePort } = specOf(object);
  if (type !== 'NodePort' && type !== 'LoadBalancer') return [];
  const ports = placesOf(object.manifest, 'spec.ports[]').flatMap(({ field, value }): NodePort[] => {
    const number = numberOr(0, map(value)['nodePort']);
    return number === 0 ? [] : [{ field: `${field}.nodePort`, number, service: numberOr(-1, map(value)['port']) }];
  });
  const health = type === 'LoadBalancer' && externalTrafficPolicy === 'Local' ? numberOr(0, healthCheckNodePort) : 0;
  return health === 0 ? ports : [...ports, { field: 'spec.healthCheckNodePort', number: health, service: 0 }];
}

/** The StatefulSet with volumes of its own that a Service leads to, and to nothing else: whatever the Service is called, the data are there. */
export function serverBehind(service: string, namespace: string, inventory: Inventory): string | undefined {
  const { object } = inventory.find('Service', service, namespace) ?? {};
  const [server, ...others] = object ? inventory.servedBy(object) : [];
  if (!server || others.length > 0 || server.kind !== 'StatefulSet') return undefined;
  return maps(specOf(server.object)['volumeClaimTemplates']).length > 0 ? server.name : undefined;
}

/** All hosts that are one server with this one: a StatefulSet may have a headless Service, and another for clients. */
export function hostsOfServer(host: string, inventory: Inventory): readonly string[] {
  const [service = '', namespace = '', svc, ...domain] = host.split('.');
  const server = svc === 'svc' ? serverBehind(service, namespace, inventory) : undefined;
  if (server === undefined) return [host];
  const services = inventory.ofKind('Service').filter(({ manifest }) => namespaceOf(manifest) === namespace);
  const names = services.flatMap(({ manifest }) => nameOf(manifest) ?? []);
  const same = names.filter((name) => name !== service && serverBehind(name, namespace, inventory) === server);
  return [host, ...same.map((name) => [name, namespace, 'svc', ...domain].join('.'))];
}
