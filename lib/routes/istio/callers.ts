import type { Connections } from '../../constructs/connections';
import type { Opening, Peer, Traffic, Visitor } from '../../support/network';

/** Who may call some ports of a pod. */
export interface Callers {
  readonly ports: readonly number[];
  /** Namespaces, for clients that are in the mesh. */
  readonly namespaces?: readonly string[];
  /** Controllers of the environment that are in the mesh. */
  readonly controllers?: readonly string[];
  /** Ranges of addresses, of whoever is there. */
  readonly cidrs?: readonly string[];
  /** Whether some are in no mesh and call in clear text: nothing then says who they are, and the fence alone keeps others out. */
  readonly plain?: boolean;
  /** Whether nobody said who they are, so that all are meant. */
  readonly everyone?: boolean;
}

/** What the facts are read with. */
export interface CallersSettings {
  /** Namespaces of the gateways. */
  readonly gateways: readonly string[];
  /** Whether a controller's pods have a sidecar. */
  readonly isMember: (controller: string) => boolean;
  /** Whether connections between nodes of the BEAM pass their sidecars. */
  readonly distribution: boolean;
}

/** Who may call the pods of one controller: the same as the fence lets in. */
export function callersOf(one: Traffic, connections: Connections, settings: CallersSettings): Callers[] {
  const { traffic, visitors, fence } = connections;
  const metrics = [one.metrics ?? []].flat();
  const callers: Callers[] = [
    served(one, connections, settings),
    ...received(one, traffic, settings),
    ...(settings.distribution ? met(one, traffic) : []),
    // Who collects metrics is known where there is a fence, which names them.
    fence ? outsiders(metrics, fence.monitoring, false) : { ports: metrics, everyone: true, plain: true },
    ...visited(one, visitors, settings),
  ];
  // To Istio an empty list of ports or of callers means all of them.
  return callers.filter(({ ports, namespaces, controllers, cidrs, plain = false }) => {
    const named = [namespaces, controllers, cidrs].some((some = []) => some.length > 0);
    return ports.length > 0 && (named || plain);
  });
}

/** Whether some of those who call have no certificate. */
export function callInClearText({ plain = false, cidrs = [] }: Callers): boolean {
  return plain || cidrs.length > 0;
}

/** The ports of an opening, each of them. */
export function portsOf({ port, endPort = port }: Opening): number[] {
  return Array.from({ length: Math.max(1, endPort - port + 1) }, (_, offset) => port + offset);
}

/** The openings between the nodes of a mesh of BEAM nodes. */
export function meetings({ sends }: Traffic): { mesh: string; ports: number[] }[] {
  return sends.flatMap((opening) => {
    const { peer } = opening;
    return peer && 'mesh' in peer ? [{ mesh: peer.mesh, ports: portsOf(opening) }] : [];
  });
}

/** Gateways, and the other clients that the fence names; where it lets everyone in, those of the mesh come by a gateway. */
function served({ serves = [] }: Traffic, { fence }: Connections, { gateways }: CallersSettings): Callers {
  const { clients = 'everyone' } = fence ?? {};
  const { namespaces = [], ...others } = outsiders(serves, clients === 'everyone' ? [] : clients, true);
  return { ...others, namespaces: [...new Set([...gateways, ...namespaces])] };
}

/** Those who are not of the environment: pods of it are senders. Whether namespaces are in the mesh is not known here, unless they said so. */
function outsiders(ports: readonly number[], peers: readonly Peer[], meshed: boolean): Callers {
  const namespaces = [...new Set(peers.flatMap((peer) => ('namespace' in peer ? [peer.namespace] : [])))];
  const cidrs = [...new Set(peers.flatMap((peer) => ('cidr' in peer ? [peer.cidr] : [])))];
  return {
    ports,
    ...(namespaces.length > 0 ? { namespaces } : {}),
    ...(cidrs.length > 0 ? { cidrs } : {}),
    ...(namespaces.length > 0 && !meshed ? { plain: true } : {}),
  };
}

function received({ pods }: Traffic, all: readonly Traffic[], { isMember }: CallersSettings): Callers[] {
  const senders = new Map<number, string[]>();
  for (const { pods: sender, sends } of all) {
    // Proxies of Istio carry TCP alone, and judge nothing else.
    const here = sends.filter(({ peer, protocol = 'TCP' }) => peer && 'pods' in peer && peer.pods === pods && protocol === 'TCP');
    for (const port of here.flatMap(portsOf)) senders.set(port, [...(senders.get(port) ?? []), sender]);
  }
  return [...senders].flatMap(([port, found]): Callers[] => {
    const controllers = [...new Set(found)].filter(isMember);
    const strangers = found.some((sender) => !isMember(sender));
    return [
      ...(controllers.length > 0 ? [{ ports: [port], controllers }] : []),
      ...(strangers ? [{ ports: [port], plain: true }] : []),
    ];
  });
}

function met(one: Traffic, all: readonly Traffic[]): Callers[] {
  const own = meetings(one);
  const meshes = [...new Set(own.map(({ mesh }) => mesh))];
  return meshes.map((mesh) => ({
    ports: own.filter((meeting) => meeting.mesh === mesh).flatMap(({ ports }) => ports),
    controllers: all.filter((other) => meetings(other).some((meeting) => meeting.mesh === mesh)).map(({ pods }) => pods),
  }));
}

function visited({ pods }: Traffic, visitors: readonly Visitor[], { gateways }: CallersSettings): Callers[] {
  const isGateway = (peer: Peer): boolean => 'namespace' in peer && gateways.includes(peer.namespace);
  const own = visitors.filter((visitor) => visitor.pods === pods && visitor.protocol !== 'UDP');
  return [...new Set(own.map(({ port }) => port))].flatMap((port) => {
    const here = own.filter((visitor) => visitor.port === port);
    const strangers = here.filter(({ peer, meshed }) => meshed !== true && !isGateway(peer));
    const peers = (some: readonly Visitor[]) => some.map(({ peer }) => peer);
    const all = outsiders([port], peers(here), true);
    return [{ ...all, ...(outsiders([port], peers(strangers), false).plain ? { plain: true } : {}) }];
  });
}
