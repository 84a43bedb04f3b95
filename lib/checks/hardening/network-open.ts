import { isIP } from 'node:net';
import type { Manifest } from '../../support/edit';
import { eachPod } from '../each';
import type { Finding, Rule, World } from '../rule';
import {
  blamed,
  type Direction,
  type Fence,
  fencing,
  isAddress,
  meansPod,
  namedPorts,
  type Namespaces,
  namespacesOf,
  opens,
  type Port,
} from '../../model/fences';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { fencesOf } from '../../model/network-policies';
import { type Pod, podMetadata } from '../../model/pods';
import { privatePods } from '../../model/ports';
import { backendsOf, ROUTES, servicesBehind } from '../../model/routes';
import { serviceTargets } from '../../model/services';
import { map, nameOf } from '../../model/values';
import { type NamedHost, namedHosts } from './named-hosts';
import { type DnsServer, dnsServers, placeOfHost, serviceAt } from './places';
import { either } from '../../model/remedy';

export const networkFenced = eachPod({
  name: 'network-fenced',
  sentence: 'Every pod is fenced in by NetworkPolicies, both ways.',
  why: 'Whoever breaks into any pod of the cluster, of another team too, can talk to the database, and carry away what it answers.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  severity: 'warning',
  policy: true,
  *each(pod, world) {
    const open = (['Ingress', 'Egress'] as const).filter((direction) => fencing(fencesOf(world), pod, direction).length === 0);
    const must = `be selected by a NetworkPolicy for ${open.join(' and ')}`;
    const fix = 'add a NetworkPolicy with an empty podSelector and both policyTypes, and one that opens what is needed';
    if (open.length > 0) yield { field: `${podMetadata(pod).path}.labels`, must, got: pod.labels, fix };
  },
});

/** A fence is easily closed too far, and then nothing is refused: packets vanish until somebody's patience ends. */
export const networkOpen: Rule = {
  name: 'network-open',
  sentence: 'The NetworkPolicies let through what the environment itself needs: names, databases and Services, web traffic.',
  why: 'A connection that a policy drops gives no error: the release hangs until its timeouts, is restarted, and hangs again.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  *find(world) {
    const fences = fencesOf(world);
    if (fences.length === 0) return;
    const namespaces = namespacesOf(world);
    const scene = { world, fences, inventory: inventoryOf(world), namespaces, servers: dnsServers(world, namespaces) };
    for (const workload of scene.inventory.pods) yield* ofSender(workload, scene);
    yield* ofClients(scene);
  },
};

interface Scene {
  readonly world: World;
  readonly fences: readonly Fence[];
  readonly inventory: Inventory;
  readonly namespaces: Namespaces;
  /** Who answers DNS. */
  readonly servers: readonly DnsServer[];
}

function* ofSender(sender: Pod, scene: Scene): Iterable<Finding> {
  const { fences, servers, world } = scene;
  const closing = fencing(fences, sender, 'Egress');
  const { seen } = namedHosts(world)(sender);
  // Who may send nothing at all and names no host asks for no names.
  const asks = seen.some(({ host }) => isIP(host) === 0) || closing.some(({ rules }) => rules.Egress.length > 0);
  for (const protocol of asks ? ['UDP', 'TCP'] : []) {
    const answers = ({ port: number, named, isPeer }: DnsServer) =>
      opens(closing, 'Egress', { port: { number, protocol }, named, isPeer });
    const [{ port: number, where } = { port: 53, where: 'kube-system' }] = servers;
    if (servers.some(answers)) continue;
    yield closed(closing, 'Egress', `let ${title(sender)} ask DNS at ${portText({ number, protocol })} of ${where}`);
  }
  const said = new Set<string>();
  for (const named of seen) {
    for (const connection of connectionsOf(named, sender, scene)) {
      const way = `${portText(connection.port)} of ${title(connection.receiver)}`;
      // Several variables may lead to one place.
      if (!said.has(way)) yield* ofConnection(sender, connection, scene);
      said.add(way);
    }
  }
}

interface Connection {
  readonly receiver: Pod;
  readonly port: Port;
}

function* ofConnection(sender: Pod, { receiver, port }: Connection, { fences, namespaces }: Scene): Iterable<Finding> {
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

const ADD = 'add a rule with this peer and this port, protocol included';
const LET_IN = either(
  'add a rule with the namespace of the controller, or its address, and this port, protocol included',
  `name the namespace of the controller in 'proxies' of the route ('clients' of the NetworkFence), or ${ADD}`,
);

/** Clients of an Ingress or a route come through a controller, which is in another namespace or has an address of its own. */
function* ofClients({ world, fences, inventory }: Scene): Iterable<Finding> {
  const routes = world.objects.filter(({ manifest: { kind } }) => kind === 'Ingress' || ROUTES.includes(kind));
  const seen = new Set<string>();
  for (const { object, service, meant } of servicesBehind(routes.flatMap(backendsOf), inventory)) {
    for (const receiver of inventory.servedBy(service)) {
      const isPeer = (peer: Manifest) => isAddress(peer) || peer['namespaceSelector'] !== undefined;
      const closing = fencing(fences, receiver, 'Ingress');
      for (const wanted of serviceTargets(service.manifest, receiver, (entry) => meant.includes(entry))) {
        // That a route leads there is refused: nobody is to open this way.
        if (isDistribution(world, receiver, wanted)) continue;
        const must = `let the controller of ${object.manifest['kind']} ${nameOf(object.manifest)} send to ${portText(wanted)} of ${title(receiver)}`;
        if (seen.has(must) || opens(closing, 'Ingress', { port: wanted, named: namedPorts(receiver), isPeer })) continue;
        seen.add(must);
        yield { ...closed(closing, 'Ingress', must), ...LET_IN };
      }
    }
  }
}

function isDistribution(world: World, { labels }: Pod, { number }: Port): boolean {
  return privatePods(world).some((pods) => pods.labels === labels && pods.uses.get(number) === 'distribution');
}

/** The pods of the environment behind a host, and their ports. */
function connectionsOf(named: NamedHost, sender: Pod, { inventory, world }: Scene): Connection[] {
  const service = serviceAt(named.host, sender, world);
  if (!service || placeOfHost(named, sender, world)) return [];
  // Without a number all ports of the Service may be meant.
  const isMeant = ({ port }: Manifest) => named.ports.length === 0 || named.ports.includes(Number(port));
  const targets = (receiver: Pod) => serviceTargets(service.manifest, receiver, isMeant);
  return inventory.servedBy(service).flatMap((receiver) => targets(receiver).map((port) => ({ receiver, port })));
}

function closed(closing: readonly Fence[], direction: Direction, must: string): Finding {
  const object = blamed(closing);
  const field = `spec.${direction.toLowerCase()}`;
  const got: unknown = map(object.manifest['spec'])[direction.toLowerCase()];
  return { object, field, must, got, fix: ADD };
}

function title({ kind, name }: Pod): string {
  return `${kind} ${name}`;
}

function portText({ number, protocol }: Port): string {
  return `${protocol} ${number}`;
}
