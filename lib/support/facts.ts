import type { IConstruct } from 'constructs';
import type { NamedAddress } from './addresses';
import type { OptOut } from './opt-out';

/** An object that is in the cluster without being in the YAML: made by hand, by an operator, by another team. */
export interface External {
  /** Its kind, such as `Secret` or `ClusterIssuer`. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
  /** Its keys, where it is a Secret or a ConfigMap. @default - any key may be named */
  readonly keys?: readonly string[];
}

/** A database server and how many connections it has for the environment. */
export interface DatabaseLimit {
  /** Host name, as it stands in the URLs. */
  readonly host: string;
  /** Port, where a pooler of the same name has another one. @default - all ports of the host */
  readonly port?: number;
  /** Connections that all pods together may open. */
  readonly connections: number;
  /** Whether someone said why migrations may go there although it looks like a pooler. @default false */
  readonly throughPooler?: boolean;
}

/** Connections to a database that no variable of a container shows, such as those of an operator. */
export interface HeldConnections {
  /** Host name of the database, as in {@link DatabaseLimit}. */
  readonly host: string;
  /** Who holds them, for sentences. */
  readonly who: string;
  /** The most that it holds at a time. */
  readonly connections: number;
}

/** Where a variable leads, as its author says: the variable itself may come from a Secret, or be a link for browsers. */
export interface BackingAddress {
  /** Name of the variable. */
  readonly variable: string;
  /** Where it leads. @default - nowhere: no pod connects to it */
  readonly address?: NamedAddress;
}

/** Who is at the other end of a connection. */
export type Peer =
  /** The pods of one controller of the environment, by its name. */
  | { readonly pods: string }
  /** The pods of one mesh of BEAM nodes; open in both directions, because each of them calls the others. */
  | { readonly mesh: string }
  /** All pods of another namespace. */
  | { readonly namespace: string }
  /** A range of addresses. NetworkPolicies know no host names. */
  | { readonly cidr: string };

/** Who answers DNS. */
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
  /** Ports for whoever collects metrics, where they have any. */
  readonly metrics?: number | readonly number[];
  /** Whether the environment asks for them to be collected, so that someone must be let in. @default false */
  readonly monitored?: boolean;
  /** Whether they get what the environment declared beside this: the application does, its database does not. */
  readonly reachesOut: boolean;
}

/** Someone from outside of the environment who connects to pods of it, such as an operator that asks its database. */
export interface Visitor {
  /** Name of the controller whose pods are visited. */
  readonly pods: string;
  /** Port that they open for it. */
  readonly port: number;
  /** @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP';
  /** Who comes. */
  readonly peer: Peer;
  /** Whether they are in the mesh of the environment, where it has one. @default false */
  readonly meshed?: boolean;
}

/** What a fence opens, with both ends of each connection, for those who let in by other means than addresses. */
export interface Fenced {
  readonly traffic: readonly Traffic[];
  readonly clients: 'everyone' | readonly Peer[];
  readonly monitoring: readonly Peer[];
  /** What it was made from. What is declared later stays closed. */
  readonly declared: readonly (Traffic | Visitor)[];
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

/** A rule that does not hold below a construct. */
export interface LeftOut {
  readonly rule: string;
  readonly optOut: OptOut;
  readonly target: IConstruct;
}

/** A variable as it was given to a construct, which writes it into objects for more than one kind of pods. */
export interface Origin {
  readonly construct: IConstruct;
  /** The prop, with the name of the variable: `config.SMTP_HOST`. */
  readonly prop: string;
  readonly name: string;
  readonly value: string;
}

/** A job of a release that runs once. */
export interface ReleaseJob {
  /** The release. */
  readonly release: IConstruct;
  /** Its full name. */
  readonly name: () => string;
  /** What runs. */
  readonly image: string;
  /** Whether it runs the migrations before the roll-out. */
  readonly migrates: boolean;
}

/** A job that restores a dump. */
export interface Restore {
  /** Host of the database. */
  readonly host: string;
  /** Full name of the job: another dump makes another one. */
  readonly name: () => string;
}

/** What constructs know about their environment that stands in no object. */
export interface Facts {
  readonly externals: External[];
  readonly databases: DatabaseLimit[];
  readonly connections: HeldConnections[];
  readonly traffic: Traffic[];
  readonly backingServices: BackingAddress[];
  readonly outside: OutsideHost[];
  readonly visitors: Visitor[];
  readonly proxies: GatewayProxies[];
  /** What the fences open, once they are made. */
  readonly fenced: Fenced[];
  /** Who is to be told what a fence opens, as soon as it is made. */
  readonly followers: ((fenced: Fenced) => void)[];
  /** Who answers DNS, where a fence was told. */
  readonly dns: DnsPeer[];
  readonly leftOut: LeftOut[];
  /** What is taken for granted where nobody says it, each as a sentence that says how to: printed, and no fault. */
  readonly assumed: string[];
  readonly jobs: ReleaseJob[];
  /** Releases whose jobs are listed. */
  readonly jobLists: Set<IConstruct>;
  readonly restores: Restore[];
  /** Names of the controllers whose pods answer long polls. */
  readonly longPolls: string[];
  /** Where variables come from, so that a fault in one names the prop. */
  readonly origins: Origin[];
  /** Variables that images read the cookie of their nodes from. */
  readonly cookieVariables: string[];
  /** Labels of the namespace that something in it depends on, by their names. */
  readonly namespaceLabels: Map<string, string>;
}

const facts = new WeakMap<IConstruct, Facts>();

/** The facts of the App that `scope` is in. */
export function factsOf(scope: IConstruct): Facts {
  const { root } = scope.node;
  const known = facts.get(root) ?? nothing();
  facts.set(root, known);
  return known;
}

function nothing(): Facts {
  return {
    ...{
      externals: [],
      databases: [],
      connections: [],
      traffic: [],
      visitors: [],
      proxies: [],
      fenced: [],
      followers: [],
      dns: [],
      leftOut: [],
    },
    ...{ jobs: [], jobLists: new Set<IConstruct>(), restores: [] },
    longPolls: [],
    assumed: [],
    backingServices: [],
    outside: [],
    origins: [],
    cookieVariables: [],
    namespaceLabels: new Map(),
  };
}
