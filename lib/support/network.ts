/**
 * Who is at the other end of a connection.
 * @write { namespace: 'gateway' }, { pods: 'web' }, or addresses: { cidr: '203.0.113.7/32' }; policies know no host names
 */
export type Peer =
  /** The pods of one controller of the environment, by its name. */
  | { readonly pods: string }
  /** The pods of one mesh of BEAM nodes; open in both directions, because each of them calls the others. */
  | { readonly mesh: string }
  /** All pods of another namespace, or those with these labels alone: `namespaceSelector` with `podSelector`. */
  | { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> }
  /** A range of addresses. NetworkPolicies know no host names. */
  | { readonly cidr: string };

/**
 * Who answers DNS.
 * @write { namespace: 'kube-system' }, or another one's, with the `port` of its pods where that is not 53
 */
export type DnsPeer = Peer & {
  /** Port of the pods that answer, where it is not that of their Service: policies see the pods' own. @default 53 */
  readonly port?: number;
};

/** A port at one end and who is at the other. */
export interface Opening {
  /** Port of the receiving pod. */
  readonly port: number;
  /** Last port of a range that begins with `port`. @default - one port */
  readonly endPort?: number;
  /** @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP';
  /** The other end. @default - everyone */
  readonly peer?: Peer;
}

/** A host that pods reach by its name. Who is behind a Service of the environment is seen when all of it is there. */
export interface Reach {
  readonly host: string;
  readonly port: number;
  /** Port of the pods behind a Service of another namespace. @default - `port` */
  readonly targetPort?: number;
  /** Addresses that a host outside of the cluster may have. @default - it is a Service */
  readonly cidrs?: 'everyone' | readonly string[];
}

/** A host outside of the cluster, and the addresses that someone said it has. */
export interface OutsideHost {
  readonly host: string;
  readonly port: number;
  readonly cidrs: readonly string[];
}

/** What the pods of one controller must be able to reach. The fence opens both ends of each connection. */
export interface Traffic {
  /** Name of the controller. */
  readonly pods: string;
  /** Labels for the policy. */
  readonly labels: Readonly<Record<string, string>>;
  /** Connections that they open. */
  readonly sends: readonly Opening[];
  /** Hosts that they reach by name. @default [] */
  readonly reaches?: readonly Reach[];
  /** Ports for clients from outside of the environment, where they serve any. */
  readonly serves?: readonly number[];
  /** Openings to pods of the environment alone, which are then to send here: peers are controllers, or meshes of BEAM nodes. */
  readonly lets?: readonly Opening[];
  /** Ports for whoever collects metrics, where they have any. */
  readonly metrics?: number | readonly number[];
  /** Whether the environment asks for them to be collected, so that someone must be let in. @default false */
  readonly monitored?: boolean;
  /** Whether they get what the environment declared beside this: the application does, its database does not. */
  readonly reachesOut: boolean;
  /** Whether they run one command and end. @default false */
  readonly ends?: boolean;
}

/** Someone from outside of the environment who connects to pods of it, such as an operator that asks its database. */
export interface Visitor {
  /** Name of the controller whose pods are visited. */
  readonly pods: string;
  /** Port that they open for it. */
  readonly port: number;
  /** Last port of a range that begins with `port`. @default - one port */
  readonly endPort?: number;
  /** @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP';
  /** Who comes. */
  readonly peer: Peer;
  /** Whether they are in the mesh of the environment, where it has one. @default false */
  readonly meshed?: boolean;
}

/** Who is let in and out beside what constructs declare of their pods: what a fence is told. */
export interface FenceSettings {
  readonly clients: 'everyone' | readonly Peer[];
  readonly dns: readonly DnsPeer[];
  readonly monitoring: readonly Peer[];
  readonly egress: readonly Opening[];
}

/** Sidecars of a mesh, which connect for the pods that they are in. */
export interface Sidecars {
  /** What they open. */
  readonly sends: readonly Opening[];
  /** The controllers whose pods have one, as far as they are there now. */
  readonly members: () => ReadonlySet<string>;
}

/** Proxies that a controller starts in the namespace of a Gateway, with a load balancer in front of them. */
export interface GatewayProxies {
  /** Name of the Gateway. */
  readonly gateway: string;
  /** Whether they are in a mesh of Istio. */
  readonly meshed: boolean;
  /** Ports of their Service, each of which opens one on every node. */
  readonly ports: number;
}
