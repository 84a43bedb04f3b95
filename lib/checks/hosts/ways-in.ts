import type { FinishedObject } from '../rule';
import type { Inventory } from '../world/inventory';
import { map, maps, nameOf, namesIn, namespaceOf, placesOf, scalar, specOf } from '../world/values';
import type { Pod } from '../world/pods';
import { hostRoutes, type HostRoute, listenersOf, listens } from './hosts';
import { annotationsOf, saysTls, TUNNELS } from './says-tls';
import { serviceWay } from './service-way';
import type { Answer, WayIn } from './way-in';

/** What the application says of its own address; the port only where it is known. */
export interface Address {
  readonly host: string;
  readonly port?: number;
}

/** All ways in: the routes that take the host, and the Services that are reached from outside themselves. */
export function waysIn(workload: Pod, { host, port }: Address, inventory: Inventory): WayIn[] {
  const services = inventory.ofKind('Service').filter((service) => inventory.servedBy(service).includes(workload));
  const names = new Set(services.map(({ manifest }) => `${namespaceOf(manifest)}/${nameOf(manifest)}`));
  const routes = hostRoutes(inventory).filter(
    (route) =>
      [...route.services].some((name) => names.has(name)) &&
      (route.hosts.length === 0 || route.hosts.some((one) => listens(one.host, host))),
  );
  const direct = services.map((service) => serviceWay(service, workload, port));
  const written = direct.filter((way) => way.written === true);
  if (written.length > 0) return written;
  return [...routes.map((route) => ofRoute(route, host, inventory)), ...direct].filter(({ answers }) => answers.size > 0);
}

function ofRoute({ object }: HostRoute, host: string, inventory: Inventory): WayIn {
  const { kind } = object.manifest;
  if (kind === 'Ingress') return ofIngress(object);
  return kind === 'VirtualService' ? ofVirtualService(object, host, inventory) : ofHttpRoute(object, host, inventory);
}

const GROUP = 'alb.ingress.kubernetes.io/group.name';

function ofIngress(object: FinishedObject): WayIn {
  const { tls, ingressClassName } = specOf(object);
  const annotations = annotationsOf(object.manifest);
  const tunnel = TUNNELS.test(scalar(ingressClassName) ?? '');
  const encrypted = maps(tls).length > 0 || saysTls(annotations);
  // The certificate of an ALB may be named by any Ingress of its group.
  const answer = encrypted ? 'tls' : tunnel || annotations[GROUP] !== undefined ? 'unknown' : 'clear';
  return { object, field: 'spec.tls', got: tls, answers: new Set([answer]) };
}

function ofHttpRoute(object: FinishedObject, host: string, inventory: Inventory): WayIn {
  const { kind } = object.manifest;
  const found = listenersOf(object, inventory)?.filter((one) => one.host === undefined || listens(one.host, host));
  const answers = (found ?? []).map(({ gateway: { manifest }, field }): Answer => {
    const { infrastructure } = map(manifest['spec']);
    if (saysTls({ ...annotationsOf(manifest), ...map(map(infrastructure)['annotations']) })) return 'tls';
    const listener = placesOf(manifest, 'spec.listeners[]').find((place) => place.field === field);
    const { protocol } = map(listener?.value);
    return protocol === 'HTTP' ? 'clear' : protocol === 'HTTPS' || protocol === 'TLS' ? 'tls' : 'unknown';
  });
  const plain = kind === 'HTTPRoute' || kind === 'GRPCRoute';
  const known = found && (plain || kind === 'TLSRoute');
  return { object, field: 'spec.parentRefs', got: 'listeners of HTTP alone', answers: new Set(known ? answers : ['unknown']) };
}

function ofVirtualService(object: FinishedObject, host: string, inventory: Inventory): WayIn {
  const home = namespaceOf(object.manifest);
  const gateways = namesIn(specOf(object)['gateways']).filter((name) => name !== 'mesh');
  const answers = gateways.flatMap((written): Answer[] => {
    const [name = '', namespace = home] = written.split('/').reverse();
    const gateway = inventory.find('Gateway.networking.istio.io', name, namespace)?.object;
    if (!gateway) return ['unknown'];
    const servers = maps(specOf(gateway)['servers']).filter(({ hosts }) => namesIn(hosts).some((one) => servesHost(one, host)));
    return servers.flatMap(({ tls, port }): Answer[] => {
      const { mode, httpsRedirect } = map(tls);
      if (httpsRedirect === true) return [];
      return [mode !== undefined || /^(?:HTTPS|TLS)$/.test(scalar(map(port)['protocol']) ?? '') ? 'tls' : 'clear'];
    });
  });
  return { object, field: 'spec.gateways', got: gateways, answers: new Set(answers) };
}

/** A server's host may have the namespace of its routes before it. */
function servesHost(written: string, host: string): boolean {
  const name = written.slice(written.indexOf('/') + 1);
  return name === '*' || listens(name, host);
}
