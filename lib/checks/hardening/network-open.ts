import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { backendsOf, ROUTES } from '../world/backends';
import {
  type Direction,
  type Fence,
  fencesOf,
  fencing,
  meansPod,
  type Member,
  namedPorts,
  type Namespaces,
  namespacesOf,
  opens,
  type Port,
} from '../world/fences';
import { type Inventory, inventoryOf } from '../world/inventory';
import { nameOf } from '../world/objects';
import type { Known } from '../world/shelf';
import { map, maps } from '../world/values';
import type { Workload } from '../world/workloads';
import { type ReachedHost, reachedHosts, serviceOf, targetOf } from './reached-hosts';

/** A fence is easily closed too far, and then nothing is refused: packets vanish until somebody's patience ends. */
export const networkOpen: Rule = {
  name: 'network-open',
  sentence: 'The NetworkPolicies let through what the environment itself needs: names, databases and Services, web traffic.',
  why: 'A connection that a policy drops gives no error: the release hangs until its timeouts, is restarted, and hangs again.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  *find(world: World): Iterable<Finding> {
    const fences = fencesOf(world);
    if (fences.length === 0) return;
    const scene = { world, fences, inventory: inventoryOf(world), namespaces: namespacesOf(world) };
    for (const workload of scene.inventory.workloads) yield* ofSender(workload, scene);
    yield* ofClients(scene);
  },
};

interface Scene {
  readonly world: World;
  readonly fences: readonly Fence[];
  readonly inventory: Inventory;
  readonly namespaces: Namespaces;
}

const UDP_DNS = { number: 53, protocol: 'UDP' };
const TCP_DNS = { number: 53, protocol: 'TCP' };
/** Who answers DNS, with the labels that those pods have in all clusters of their sort. */
const DNS: Member[] = [
  { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  { namespace: 'openshift-dns', labels: { 'dns.operator.openshift.io/daemonset-dns': 'default' } },
].map((server) => ({ ...server, ports: new Map(Object.entries({ 'UDP/dns': 53, 'TCP/dns-tcp': 53 })) }));

function* ofSender(sender: Workload, scene: Scene): Iterable<Finding> {
  const { fences, namespaces, world } = scene;
  const closing = fencing(fences, sender, 'Egress');
  const hosts = hostsOf(sender);
  const connections = [...hosts.values()].flatMap((reached) => connectionsOf(reached, sender, scene));
  const outside = new Set(world.databases.map(({ host }) => host).filter((host) => !isService(host, sender, scene)));
  const databases = [...hosts.values()].filter(({ host }) => outside.has(host));
  // Who may send nothing at all and names no host asks for no names.
  const asks = connections.length + databases.length > 0 || closing.some(({ rules }) => rules.Egress.length > 0);
  for (const port of asks ? [UDP_DNS, TCP_DNS] : []) {
    const isServer = (peer: Manifest, fence: Fence) => DNS.some((server) => meansPod(peer, server, fence, namespaces));
    const isPeer = (peer: Manifest, fence: Fence) => isAddress(peer) || isServer(peer, fence);
    if (opens(closing, 'Egress', { port, named: DNS[0]?.ports ?? new Map(), isPeer })) continue;
    yield closed(closing, 'Egress', `let ${title(sender)} ask DNS at ${portText(port)} of kube-system`);
  }
  for (const { port: number } of databases) {
    const port = { number: number ?? 5432, protocol: 'TCP' };
    if (opens(closing, 'Egress', { port, named: new Map(), isPeer: isAddress })) continue;
    yield closed(closing, 'Egress', `let ${title(sender)} send to ${portText(port)} of its database outside of the cluster`);
  }
  for (const connection of connections) yield* ofConnection(sender, connection, scene);
}

interface Connection {
  readonly receiver: Workload;
  readonly port: Port;
}

function* ofConnection(sender: Workload, { receiver, port }: Connection, { fences, namespaces }: Scene): Iterable<Finding> {
  const named = namedPorts(receiver);
  for (const [direction, near, far] of [
    ['Egress', sender, receiver],
    ['Ingress', receiver, sender],
  ] as const) {
    const closing = fencing(fences, near, direction);
    const isPeer = (peer: Manifest, fence: Fence) => meansPod(peer, far, fence, namespaces);
    if (opens(closing, direction, { port, named, isPeer })) continue;
    yield closed(closing, direction, `let ${title(sender)} send to ${portText(port)} of ${title(receiver)}`);
  }
}

/** Clients of an Ingress or a route come through a controller, which is in another namespace or has an address of its own. */
function* ofClients({ world, fences, inventory }: Scene): Iterable<Finding> {
  const routes = world.objects.filter(({ manifest: { kind } }) => kind === 'Ingress' || ROUTES.includes(kind));
  const seen = new Set<string>();
  for (const { object, kind, namespace, name, port } of routes.flatMap(backendsOf)) {
    const service = kind === 'Service' ? inventory.find('Service', name, namespace)?.object : undefined;
    if (!service) continue;
    for (const receiver of inventory.servedBy(service)) {
      const isPeer = (peer: Manifest) => isAddress(peer) || peer['namespaceSelector'] !== undefined;
      const closing = fencing(fences, receiver, 'Ingress');
      for (const wanted of targetsOf(service.manifest, receiver, (entry) => entry['port'] === port || entry['name'] === port)) {
        const must = `let the controller of ${object.manifest['kind']} ${nameOf(object.manifest)} send to ${portText(wanted)} of ${title(receiver)}`;
        if (seen.has(must) || opens(closing, 'Ingress', { port: wanted, named: namedPorts(receiver), isPeer })) continue;
        seen.add(must);
        yield closed(closing, 'Ingress', must);
      }
    }
  }
}

/** What the variables of its containers name, each once. */
function hostsOf({ containers }: Workload): ReadonlyMap<string, ReachedHost> {
  const values = containers.flatMap(({ variables }) => [...variables.byName.values()].map(({ value = '' }) => value));
  return new Map(values.flatMap(reachedHosts).map((reached) => [`${reached.host}:${reached.port}`, reached]));
}

function serviceBehind(host: string, sender: Workload, scene: Scene): FinishedObject | undefined {
  return knownService(host, sender, scene)?.object;
}

/** Whether a host is a Service of the environment, also one that an operator makes and whose pods stand in no YAML. */
function isService(host: string, sender: Workload, scene: Scene): boolean {
  return knownService(host, sender, scene) !== undefined;
}

function knownService(host: string, { namespace }: Workload, { inventory }: Scene): Known | undefined {
  const named = serviceOf(host, namespace);
  return named && inventory.find('Service', named.name, named.namespace);
}

function connectionsOf({ host, port }: ReachedHost, sender: Workload, scene: Scene): Connection[] {
  const service = serviceBehind(host, sender, scene);
  if (!service) return [];
  return scene.inventory.servedBy(service).flatMap((receiver) =>
    // Without a number all ports of the Service may be meant.
    targetsOf(service.manifest, receiver, (entry) => port === undefined || entry['port'] === port).map((target) => ({
      receiver,
      port: target,
    })),
  );
}

/** The ports of a pod behind some ports of a Service. */
function targetsOf({ spec }: Manifest, receiver: Workload, wanted: (entry: Manifest) => boolean): Port[] {
  return maps(map(spec)['ports']).flatMap((entry) => {
    if (!wanted(entry)) return [];
    const protocol = String(entry['protocol'] ?? 'TCP');
    const target = targetOf(map(spec), entry);
    const number = typeof target === 'string' ? namedPorts(receiver).get(`${protocol}/${target}`) : target;
    return typeof number === 'number' ? [{ number, protocol }] : [];
  });
}

function isAddress(peer: Manifest): boolean {
  return peer['ipBlock'] !== undefined;
}

/** Blames the policy that is about these pods rather than the one that closes all. */
function closed(closing: readonly Fence[], direction: Direction, must: string): Finding {
  const own = closing.filter(({ selector }) => Object.keys(selector).length > 0);
  const object = ([...own, ...closing] as [Fence])[0].object;
  const field = `spec.${direction.toLowerCase()}`;
  const got: unknown = map(object.manifest['spec'])[direction.toLowerCase()];
  return { object, field, must, got, fix: 'add a rule with this peer and this port, protocol included' };
}

function title({ kind, name }: Workload): string {
  return `${kind} ${name}`;
}

function portText({ number, protocol }: Port): string {
  return `${protocol} ${number}`;
}
