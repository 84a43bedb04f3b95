import type { Facts, Opening, Traffic } from '../../support/facts';

/** Who may call some ports of a pod; everyone where nothing is said. */
export interface Callers {
  readonly ports: readonly number[];
  /** Namespaces, for clients that are in the mesh. */
  readonly namespaces?: readonly string[];
  /** Controllers of the environment. */
  readonly controllers?: readonly string[];
  /** Whether some are in no mesh and call in clear text: nothing then says who they are, and the fence alone keeps others out. */
  readonly plain?: boolean;
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
export function callersOf(
  one: Traffic,
  { traffic, visitors }: Pick<Facts, 'traffic' | 'visitors'>,
  settings: CallersSettings,
): Callers[] {
  const { serves = [], metrics = [] } = one;
  const callers: Callers[] = [
    { ports: serves, namespaces: settings.gateways },
    ...received(one, traffic, settings),
    ...(settings.distribution ? met(one, traffic) : []),
    { ports: [metrics].flat(), plain: true },
    ...visited(one, visitors),
  ];
  // To Istio an empty list of ports or of callers means all of them.
  return callers.filter(({ ports, namespaces, controllers, plain = false }) => {
    const nobody = [...(namespaces ?? []), ...(controllers ?? [])].length === 0 && (namespaces ?? controllers) !== undefined;
    return ports.length > 0 && (plain || !nobody);
  });
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

function received({ pods }: Traffic, all: readonly Traffic[], { isMember }: CallersSettings): Callers[] {
  const senders = new Map<number, string[]>();
  for (const { pods: sender, sends } of all) {
    const here = sends.filter(({ peer }) => peer && 'pods' in peer && peer.pods === pods);
    for (const port of here.flatMap(portsOf)) senders.set(port, [...(senders.get(port) ?? []), sender]);
  }
  return [...senders].flatMap(([port, found]): Callers[] => {
    const controllers = [...new Set(found)].filter(isMember);
    const strangers = found.some((sender) => !isMember(sender));
    return [
      ...(controllers.length > 0 ? [{ ports: [port], controllers }] : []),
      ...(strangers ? [{ ports: [port], controllers: [], plain: true }] : []),
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

/** Whether they are in the mesh is not known here, unless they said so. */
function visited({ pods }: Traffic, visitors: Facts['visitors']): Callers[] {
  const own = visitors.filter((visitor) => visitor.pods === pods);
  return [...new Set(own.map(({ port }) => port))].map((port) => {
    const here = own.filter((visitor) => visitor.port === port);
    const namespaces = [...new Set(here.flatMap(({ peer }) => ('namespace' in peer ? [peer.namespace] : [])))];
    const plain = here.some(({ meshed }) => meshed !== true);
    return { ports: [port], ...(plain ? { plain } : {}), ...(namespaces.length > 0 ? { namespaces } : {}) };
  });
}
