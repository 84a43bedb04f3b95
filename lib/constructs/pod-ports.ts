import { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import { HTTP_DRAIN } from '../release/web-pod';
import { declare } from '../support/declare';
import type { Opening, Peer, Visitor } from '../support/network';
import { requirePeers } from '../support/peers';
import { reject, writtenAs } from '../support/reject';
import { secondsOf } from '../support/quantity';
import { requireInteger, requireName, requireSeconds } from '../support/values';
import { EVERYONE } from './load-balancer/load-balancer';
import { requireControllers } from './network-fence';
import { PodService, type Exposure } from './service';

/** A port of the program: of another endpoint, of a protocol of its own. */
export interface PodPort {
  /** Its number, above 1023: `containerPort`. */
  readonly port: number;
  /** Last of a range that begins with `port`, of UDP without a Service, such as that of relays: for the fence. @default - one port */
  readonly endPort?: number;
  /** What it carries: `protocol`. One number may be a port of each. @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP';
  /**
   * What is spoken on it: `appProtocol` of its Service, which gateways and meshes read. A mesh that is told nothing waits for the
   * first bytes of the client, so that it must be told of what a server begins: `'tcp'`. @default - whatever they take its name for
   */
  readonly appProtocol?: string;
  /** Its Service, `<name of the pods>-<name of the port>`, with its own number or another one. @default - there is none */
  readonly service?: true | PortService;
  /**
   * Who may connect, for the fence. An empty list lets nobody in: another policy does.
   * @default - who comes by the `exposure` of its Service; without a Service nobody but the kubelet, which asks probes
   */
  readonly clients?: 'everyone' | readonly Peer[];
  /**
   * The longest that its connections take to end after SIGTERM, up to two hours: a part of `terminationGracePeriodSeconds`.
   * @default - 15 seconds where clients come by TCP, as Bandit, Cowboy and Ranch wait; else none
   */
  readonly shutdown?: Duration;
}

/** The Service of one port. */
export interface PortService {
  /** Its number there: `port`. @default - that of the container */
  readonly port?: number;
  /** How it is reached. @default 'ClusterIP' */
  readonly exposure?: Exposure;
}

/** Ports by their names; a number is one that probes alone ask. */
export type PodPorts = Readonly<Record<string, number | PodPort>>;

/** The ports that somebody described. */
function described(ports: PodPorts): [name: string, port: PodPort][] {
  return Object.entries(ports).flatMap(([name, port]) => (typeof port === 'number' ? [] : [[name, port]]));
}

/** Ports by their names, each with its description. */
export function withDescriptions(ports: PodPorts): Readonly<Record<string, PodPort>> {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, typeof port === 'number' ? { port } : port]));
}

/** The numbers of ports by name: of all, or of those of one protocol. */
export function numbersOf(ports: PodPorts, only?: 'TCP' | 'UDP'): Readonly<Record<string, number>> {
  const wanted = Object.entries(withDescriptions(ports)).filter(
    ([, { protocol = 'TCP' }]) => only === undefined || protocol === only,
  );
  return Object.fromEntries(wanted.map(([name, { port }]) => [name, port]));
}

/** Whether anyone but the kubelet comes. */
export function isServed({ service, clients = [] }: PodPort): boolean {
  return service !== undefined || clients.length > 0;
}

/** How long connections of ports take to end: the supervisor stops one listener after the other. */
export function shutdownOf(ports: PodPorts): Duration {
  const times = described(ports).map(([, port]) => {
    const usual = isServed(port) && port.protocol !== 'UDP' ? HTTP_DRAIN : Duration.seconds(0);
    return secondsOf(port.shutdown ?? usual);
  });
  return Duration.seconds(times.reduce((sum, time) => sum + time, 0));
}

function exposureOf({ service }: PodPort): Exposure | undefined {
  if (service === undefined) return undefined;
  return service === true ? 'ClusterIP' : (service.exposure ?? 'ClusterIP');
}

/** Refuses ports that no pod has, and those of which something was forgotten. */
export function requirePodPorts(scope: Construct, pods: string, ports: PodPorts): void {
  for (const [name, port] of described(ports)) {
    const at = `ports.${name}`;
    requireOnce(scope, ports, name, port);
    requireRange(scope, at, port);
    requireClients(scope, at, port);
    const { service, clients, shutdown } = port;
    if (service !== undefined) requireName(scope, `${pods}-${name}`, 63, `${at}.service`);
    const number = typeof service === 'object' ? service.port : undefined;
    const fix = 'omit it to use that of the container';
    if (number !== undefined) requireInteger(scope, `${at}.service.port`, number, { minimum: 1, maximum: 65535, fix });
    if (typeof clients === 'object') requirePeers(scope, `${at}.clients`, clients);
    const longest = { minimum: 1, maximum: 7200, fix: 'omit it to use that of a server of HTTP' };
    if (shutdown) requireSeconds(scope, `${at}.shutdown`, shutdown, longest);
  }
}

function requireOnce(scope: Construct, ports: PodPorts, name: string, { port, protocol = 'TCP' }: PodPort): void {
  const same = Object.entries(numbersOf(ports, protocol)).filter(([other, number]) => number === port && other !== name);
  // Of two that are described the later one is told.
  const names = Object.keys(ports);
  const met = same.find(([other]) => typeof ports[other] === 'number' || names.indexOf(other) < names.indexOf(name))?.[0];
  if (met === undefined) return;
  const must = `be a ${protocol} port of its own: the pod listens there for '${met}' already`;
  reject(scope, { prop: `ports.${name}.port`, must, got: port, fix: 'let it listen on another one, or take it out' });
}

function requireRange(scope: Construct, at: string, { port, endPort, protocol = 'TCP', service, clients }: PodPort): void {
  if (endPort === undefined) return;
  const prop = `${at}.endPort`;
  if (protocol === 'TCP' || service !== undefined) {
    const must = 'be left out of TCP, and beside a Service, which has no ranges';
    reject(scope, { prop, must, got: endPort, fix: 'give each port a name, or take it out' });
  }
  requireInteger(scope, prop, endPort, { minimum: port, maximum: 65535, fix: "make it 'port' or more" });
  if (clients === undefined) {
    const fix = "write 'everyone', or their addresses: [{ cidr: '203.0.113.0/24' }]";
    reject(scope, { prop: `${at}.clients`, must: 'say who comes to the range', got: clients, fix });
  }
}

/** A Service to which a fence lets nobody, and a door for everyone that nobody comes by. */
function requireClients(scope: Construct, at: string, port: PodPort): void {
  const { clients, protocol = 'TCP' } = port;
  const exposure = exposureOf(port);
  const prop = `${at}.clients`;
  const fix =
    "write who they are, as [{ namespace: 'gateway' }] or [{ pods: 'shop-worker' }], or how it is reached: service: { exposure: ... }";
  if (exposure === 'ClusterIP' && clients === undefined) {
    const must = 'say who comes by the Service, which the fence keeps all others from';
    reject(scope, { prop, must, got: clients, fix });
  }
  // Media by UDP comes to the address of the pod, which signalling has told.
  if (clients === 'everyone' && (exposure === 'ClusterIP' || (exposure === undefined && protocol === 'TCP'))) {
    const must = 'name those who come, where nobody from outside of the cluster can';
    reject(scope, { prop, must, got: clients, fix });
  }
}

/** What is made for ports of some pods. */
export interface PortsOfPods {
  /** Name of the controller. */
  readonly name: string;
  /** Labels of the Services. */
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: PodPorts;
}

/** The Services of ports, by the names of these; and who comes is said, for the fence and the mesh. */
export function portServices(scope: Construct, { name: pods, labels, ports }: PortsOfPods): Readonly<Record<string, PodService>> {
  const containerPorts = numbersOf(ports);
  const tcp = numbersOf(ports, 'TCP');
  // Balancers ask by TCP whether pods are well, whatever they carry; those of nodes are nobody else's.
  const [healthPort] = ['health', 'http', ...described(ports).map(([name]) => name)].flatMap((name) => tcp[name] ?? []);
  const made = described(ports).flatMap(([name, port]): [string, PodService][] => {
    letIn(scope, pods, name, port);
    const { service, protocol, appProtocol, port: own } = port;
    if (service === undefined) return [];
    const { port: number = own, exposure } = service === true ? {} : service;
    const id = `Service-${name}`;
    writtenAs(scope, id, (prop) => (/^exposure\b/.test(prop) ? `ports.${name}.service.${prop}` : undefined));
    const opened = { [name]: { port: number, protocol, appProtocol } };
    const more = { pods, labels, containerPorts, healthPort, exposure };
    return [[name, new PodService(scope, id, { name: `${pods}-${name}`, ports: opened, ...more })]];
  });
  return Object.fromEntries(made);
}

/** Pods of the environment are let in as senders, all others as visitors. */
function letIn(scope: Construct, pods: string, name: string, { port, endPort, protocol, clients = [] }: PodPort): void {
  const opening: Opening = { port, ...(endPort === undefined ? {} : { endPort }), ...(protocol === 'UDP' ? { protocol } : {}) };
  const peers: readonly Peer[] = typeof clients === 'string' ? EVERYONE.map((cidr) => ({ cidr })) : clients;
  const isOwn = (peer: Peer): boolean => 'pods' in peer || 'mesh' in peer;
  const visitors = peers.filter((peer) => !isOwn(peer)).map((peer): Visitor => ({ pods, ...opening, peer }));
  const lets = peers.filter(isOwn).map((peer): Opening => ({ ...opening, peer }));
  if (visitors.length > 0) declare(scope, { visitors });
  if (lets.length > 0) declare(scope, { traffic: [{ pods, labels: {}, sends: [], lets, reachesOut: false }] });
  requireControllers(scope, { [`ports.${name}.clients`]: lets.flatMap(({ peer }) => peer ?? []) });
}
