import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import { portsOfService } from '../world/backends';
import type { Inventory } from '../world/inventory';
import { nameIn, nameOf, namesIn, namespaceOf, specOf } from '../world/objects';
import { map, maps, placesOf, scalar } from '../world/values';
import type { Workload } from '../world/workloads';
import { hostRoutes, type HostRoute, listenersOf, listens } from './hosts';

/** How browsers are answered on a way to pods. What is outside of the YAML is not known. */
export type Answer = 'clear' | 'tls' | 'unknown';

/** A way from browsers to the pods of a workload. */
export interface WayIn {
  readonly object: FinishedObject;
  /** The field that says, or does not say, where TLS ends. */
  readonly field: string;
  readonly got: unknown;
  /** Each answer that it gives, once. */
  readonly answers: ReadonlySet<Answer>;
}

/** All ways in: the routes that take the host, and the Services that are reached from outside themselves. */
export function waysIn(workload: Workload, host: string, inventory: Inventory): WayIn[] {
  const services = inventory.ofKind('Service').filter((service) => inventory.servedBy(service).includes(workload));
  const names = new Set(services.map(({ manifest }) => `${namespaceOf(manifest)}/${nameOf(manifest)}`));
  const routes = hostRoutes(inventory).filter(
    (route) =>
      [...route.services].some((name) => names.has(name)) &&
      (route.hosts.length === 0 || route.hosts.some((one) => listens(one.host, host))),
  );
  const ways = [...routes.map((route) => ofRoute(route, host, inventory)), ...services.map((one) => ofService(one, workload))];
  return ways.filter(({ answers }) => answers.size > 0);
}

function ofRoute({ object }: HostRoute, host: string, inventory: Inventory): WayIn {
  const { kind } = object.manifest;
  if (kind === 'Ingress') return ofIngress(object);
  return kind === 'VirtualService' ? ofVirtualService(object, host, inventory) : ofHttpRoute(object, host, inventory);
}

/** Classes whose controllers end TLS far away, or encrypt whatever the Ingress says. */
const TUNNELS = /tailscale|tunnel|cloudflare|ngrok/i;
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

/** A Service that is reached from outside by itself; its ports for other things than pages do not count. */
function ofService(object: FinishedObject, workload: Workload): WayIn {
  const { type, loadBalancerClass } = specOf(object);
  const way = { object, field: 'spec.type', got: type };
  if (type !== 'LoadBalancer' && type !== 'NodePort') return { ...way, answers: new Set() };
  if (TUNNELS.test(scalar(loadBalancerClass) ?? '')) return { ...way, answers: new Set(['unknown']) };
  const certified = type === 'LoadBalancer' && saysTls(annotationsOf(object.manifest));
  const plain = plainPorts(workload);
  const answers = portsOfService(object).flatMap(({ name, port, targetPort = port, appProtocol }): Answer[] => {
    if (plain.has(targetPort)) return [certified ? 'tls' : 'clear'];
    const words = [name, targetPort, appProtocol].map((word) => scalar(word) ?? '');
    return port === 443 || words.some((word) => /https|tls|ssl|^8?443$/i.test(word)) ? ['tls'] : [];
  });
  return { ...way, answers: new Set(answers) };
}

/** The ports at which Phoenix answers in clear text, by number and by name. */
function plainPorts({ containers }: Workload): ReadonlySet<unknown> {
  return new Set(
    containers.flatMap(({ spec, variables: { byName } }): unknown[] => {
      if (!byName.has('PHX_HOST')) return [];
      const number = Number(byName.get('PORT')?.value ?? 4000);
      const names = maps(spec['ports']).filter(({ containerPort }) => containerPort === number);
      return [number, ...names.flatMap(({ name }) => nameIn(name) ?? [])];
    }),
  );
}

function annotationsOf(manifest: Manifest): Manifest {
  return map(map(manifest['metadata'])['annotations']);
}

/** Whether annotations speak of TLS towards browsers: a certificate, a port for it, a redirect to it, a proxy that ends it. */
function saysTls(annotations: Manifest): boolean {
  return Object.entries(annotations).some(([name, given]) => {
    const value = scalar(given) ?? '';
    if (BEHIND.test(name) || /^(?:false|off|no|disabled|https?:\/\/.*)?$/i.test(value)) return false;
    return /tls|ssl|cert|https|websecure|cloudflare-proxied|termination/i.test(`${name} ${value}`);
  });
}

/** Annotations about the way on to the pods, about health, and for cert-manager, which writes a Secret and serves nothing. */
const BEHIND = /backend|upstream|server-ssl|proxy-ssl|health|^(?:[\w-]+\.)*cert-manager\.io\//i;
