import { Chart } from 'cdk8s';
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
  /** What is behind a host that is in the pod, by a proxy, for sentences. @default - the host itself */
  readonly server?: string;
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

/** The variables by which a repository is told of its own database. */
export interface RepoFacts {
  /** That of its URL. */
  readonly url: string;
  /** That of its password. */
  readonly password: string;
  /** That of the number of its connections. */
  readonly poolSize: string;
}

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

/** Settings of pods as they were given to a construct, which writes them into each of its workloads. */
export interface SettingsOrigin {
  readonly construct: IConstruct;
  /** The prop that they are: `pods`. */
  readonly prop: string;
}

/** Settings of pods that were looked at. */
export interface KnownSettings {
  readonly settings: object;
  /** Where they were given. @default - nowhere: they are made of others */
  readonly origin?: SettingsOrigin;
}

/** A job of a release that runs once. */
export interface ReleaseJob {
  /** The construct that makes it. */
  readonly job: IConstruct;
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

/** What constructs say about their environment that stands in no object, each kind in a list. */
export interface Declared {
  readonly externals: readonly External[];
  readonly databases: readonly DatabaseLimit[];
  /** Poolers as those say who use them: whoever makes one knows better, where it is of this environment. */
  readonly poolers: readonly DatabaseLimit[];
  readonly connections: readonly HeldConnections[];
  readonly traffic: readonly Traffic[];
  readonly backingServices: readonly BackingAddress[];
  /** Repositories with a database of their own beside that of `DATABASE_URL`. */
  readonly repos: readonly RepoFacts[];
  readonly outside: readonly OutsideHost[];
  readonly visitors: readonly Visitor[];
  readonly proxies: readonly GatewayProxies[];
  readonly fences: readonly FenceSettings[];
  readonly sidecars: readonly Sidecars[];
  /** Who answers DNS, where a fence was told. */
  readonly dns: readonly DnsPeer[];
  readonly leftOut: readonly LeftOut[];
  /** What is taken for granted where nobody says it, each as a sentence that says how to: printed, and no fault. */
  readonly assumed: readonly string[];
  readonly jobs: readonly ReleaseJob[];
  readonly restores: readonly Restore[];
  /** Names of the controllers whose pods answer long polls. */
  readonly longPolls: readonly string[];
  /** Where variables come from, so that a fault in one names the prop. */
  readonly origins: readonly Origin[];
  /** Settings of pods that were looked at, and where they were given. */
  readonly podSettings: readonly KnownSettings[];
  /** Containers beside those of programs that were looked at, and the prop that those come from which nobody wrote as one. */
  readonly others: readonly { readonly container: object; readonly prop?: string }[];
  /** Variables that images read the cookie of their nodes from. */
  readonly cookieVariables: readonly string[];
  /** Labels of the namespace that something in it depends on. */
  readonly namespaceLabels: readonly Readonly<Record<string, string>>[];
}

/** Under which a construct's metadata has what it declares. */
const DECLARES = 'cdk8s-phoenix/declares';

/**
 * Says what stands in none of a construct's objects: what its pods connect to, what must be in the cluster. It is kept with
 * the construct, among its `node.metadata`, and read by those who summarize once the tree is whole.
 *
 * @example declare(deployment, { traffic: [{ pods: 'search', labels: {}, sends: [{ port: 443 }], reachesOut: false }] });
 */
export function declare(construct: IConstruct, declared: Partial<Declared>): void {
  construct.node.addMetadata(DECLARES, declared);
}

/**
 * All that the constructs of an App declare as far as they are there now: in the order of their paths, whatever order they were
 * made in.
 *
 * @param scope any construct of the App
 * @param namespace what is declared for another one is left out @default - for all of them
 */
export function declaredIn(scope: IConstruct, namespace?: string): Declared {
  const parts = scope.node.root.node
    .findAll()
    .map((construct) => ({ construct, declared: declaredBy(construct) }))
    .filter(({ declared }) => declared.length > 0)
    .filter(({ construct }) => namespace === undefined || (namespaceOf(construct) ?? namespace) === namespace)
    .map(({ construct: { node }, declared }) => ({ path: node.path, declared }))
    .sort(({ path: one }, { path: other }) => (one < other ? -1 : 1))
    .flatMap(({ declared }) => declared);
  const { databases, ...all } = Object.fromEntries(
    KINDS.map((kind) => [kind, parts.flatMap((part): readonly unknown[] => part[kind] ?? [])]),
  ) as unknown as Declared;
  return { ...all, databases: [...databases, ...unknown(all.poolers, databases)] };
}

/** What one construct declares. */
export function declaredBy({ node }: IConstruct): readonly Partial<Declared>[] {
  return node.metadata.filter(({ type }) => type === DECLARES).map(({ data }) => data as Partial<Declared>);
}

/** The namespace that a construct's objects are in; undefined where its chart leaves that to whoever applies it. */
export function namespaceOf({ node }: IConstruct): string | undefined {
  return node.scopes.findLast((scope): scope is Chart => Chart.isChart(scope))?.namespace;
}

/** Poolers that nobody made here, each once. */
function unknown(poolers: readonly DatabaseLimit[], databases: readonly DatabaseLimit[]): DatabaseLimit[] {
  const isMade = (pooler: DatabaseLimit): boolean =>
    databases.some(({ host, port = pooler.port }) => host === pooler.host && port === pooler.port);
  const others = poolers.filter((pooler) => !isMade(pooler));
  return [...new Map(others.map((pooler) => [`${pooler.host}:${pooler.port}`, pooler])).values()];
}

const NOTHING: Declared = {
  externals: [],
  databases: [],
  poolers: [],
  connections: [],
  traffic: [],
  backingServices: [],
  repos: [],
  outside: [],
  visitors: [],
  proxies: [],
  fences: [],
  sidecars: [],
  dns: [],
  leftOut: [],
  assumed: [],
  jobs: [],
  restores: [],
  longPolls: [],
  origins: [],
  podSettings: [],
  others: [],
  cookieVariables: [],
  namespaceLabels: [],
};

const KINDS = Object.keys(NOTHING) as (keyof Declared)[];
