import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import type { Inventory } from '../../model/inventory';
import type { Pod } from '../../model/pods';
import { annotationsOf, map, maps, nameIn, nameOf, namesIn, namespaceOf, placesOf, scalar, specOf } from '../../model/values';
import { type HostRoute, hostRoutes, listenersOf, listens } from './hosts';

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
  /** Whether the port in the application's own URLs is its own: then they lead here, whatever else there is. */
  readonly written?: boolean;
}

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

/**
 * A Service that is reached from outside by itself; its ports for other things than pages do not count. One of its ports that
 * stands in the address bar says how it answers, and so does a load balancer that everyone may connect to. In front of any
 * other port of the nodes, or of a load balancer for few, stands something that the YAML does not show: clear text says nothing.
 *
 * @param port the port in the application's own URLs
 */
export function serviceWay(object: FinishedObject, workload: Pod, port: number | undefined): WayIn {
  const { type, loadBalancerClass } = specOf(object);
  const whole = { object, field: 'spec.type', got: type };
  if (type !== 'LoadBalancer' && type !== 'NodePort') return { ...whole, answers: new Set() };
  if (TUNNELS.test(scalar(loadBalancerClass) ?? '')) return { ...whole, answers: new Set(['unknown']) };
  const answered = answeredPorts(object, workload);
  const open = type === 'LoadBalancer' && isPublic(object);
  // At 80 and 443 any other way may answer too.
  const written =
    port === 80 || port === 443 ? undefined : answered.find((one) => one.nodePort === port || (open && one.port === port));
  if (port !== undefined && written) {
    const field = `${written.field}.${written.nodePort === port ? 'nodePort' : 'port'}`;
    return { object, field, got: port, answers: new Set([written.answer]), written: true };
  }
  const answers = answered.map(({ answer }) => answer).filter((answer) => answer !== 'clear' || open);
  return { ...whole, answers: new Set(answers) };
}

interface AnsweredPort {
  readonly field: string;
  readonly port: unknown;
  readonly nodePort: unknown;
  readonly answer: Answer;
}

function answeredPorts(object: FinishedObject, workload: Pod): AnsweredPort[] {
  const certified = specOf(object)['type'] === 'LoadBalancer' && saysTls(annotationsOf(object.manifest));
  const plain = plainPorts(workload);
  return placesOf(object.manifest, 'spec.ports[]').flatMap(({ field, value }): AnsweredPort[] => {
    const { name, port, nodePort, targetPort = port, appProtocol } = map(value);
    if (plain.has(targetPort)) return [{ field, port, nodePort, answer: certified ? 'tls' : 'clear' }];
    const words = [name, targetPort, appProtocol].map((word) => scalar(word) ?? '');
    const encrypted = port === 443 || words.some((word) => /https|tls|ssl|^8?443$/i.test(word));
    return encrypted ? [{ field, port, nodePort, answer: 'tls' }] : [];
  });
}

/** Whether browsers connect to a load balancer themselves: it is not of a private network, and takes all addresses. */
function isPublic({ manifest }: FinishedObject): boolean {
  const annotations = annotationsOf(manifest);
  const ranges = namesIn(map(manifest['spec'])['loadBalancerSourceRanges']);
  const internal = Object.entries(annotations).some(([name, value]) => {
    return (
      /internal|scheme|load-balancer-type|intranet|private/i.test(name) &&
      /^(?:true|internal|intranet|private)$/i.test(scalar(value) ?? '')
    );
  });
  const narrowed = Object.keys(annotations).some((name) => name.endsWith('load-balancer-source-ranges'));
  return !internal && !narrowed && (ranges.length === 0 || ranges.some((range) => range.endsWith('/0')));
}

/** The ports at which Phoenix answers in clear text, by number and by name. */
function plainPorts({ containers }: Pod): ReadonlySet<unknown> {
  return new Set(
    containers.flatMap(({ spec, variables: { byName } }): unknown[] => {
      if (!byName.has('PHX_HOST')) return [];
      const number = Number(byName.get('PORT')?.value ?? 4000);
      const names = maps(spec['ports']).filter(({ containerPort }) => containerPort === number);
      return [number, ...names.flatMap(({ name }) => nameIn(name) ?? [])];
    }),
  );
}

/** Whether annotations speak of TLS towards browsers: a certificate, a port for it, a redirect to it, a proxy that ends it. */
export function saysTls(annotations: Manifest): boolean {
  return Object.entries(annotations).some(([name, given]) => {
    const value = scalar(given) ?? '';
    if (BEHIND.test(name) || /^(?:false|off|no|disabled|https?:\/\/.*)?$/i.test(value)) return false;
    return /tls|ssl|cert|https|websecure|cloudflare-proxied|termination/i.test(`${name} ${value}`);
  });
}

/** Annotations about the way on to the pods, about health, and for cert-manager, which writes a Secret and serves nothing. */
const BEHIND = /backend|upstream|server-ssl|proxy-ssl|health|^(?:[\w-]+\.)*cert-manager\.io\//i;

/** Classes whose controllers end TLS far away, or encrypt whatever the object says. */
export const TUNNELS = /tailscale|tunnel|cloudflare|ngrok/i;
