import type { IConstruct } from 'constructs';
import type { NamedAddress } from './addresses';
import type { OptOut, Reason } from './opt-out';
import type { DnsPeer, OutsideHost, Traffic, Visitor, FenceSettings, Sidecars, GatewayProxies } from './network';
import type { Recipient } from './sops';

/** An object that is in the cluster without being in the YAML: made by hand, by an operator, by another team. */
export interface External {
  /** Its kind, such as `Secret` or `ClusterIssuer`. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
  /** The namespace that it is in. @default - any namespace of the objects has it */
  readonly namespace?: string;
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
  /** What it opens, where it is a pooler in each pod: `connections` are clients in one pod then. @default - one for all pods */
  readonly inEachPod?: PodPooling;
}

/** What a pooler in each pod opens to a database. */
export interface PodPooling extends Required<Pick<DatabaseLimit, 'host' | 'port'>> {
  /** Connections of one pod. */
  readonly connections: number;
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

/** What exports metrics, where all of their names are known. */
export interface Exporter {
  /** What all of them begin with, and those of nobody else. */
  readonly prefix: string;
  /** Their names; of histograms without `_bucket`. */
  readonly names: readonly string[];
}

/** A database whose metrics are collected, in whose names its engine shows. */
export interface MeasuredDatabase {
  /** Name of its controller, and of what has it collected. */
  readonly name: string;
  readonly engine: 'postgresql' | 'mysql' | 'cloud-native-pg';
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

/** What is known of an image that pods run. */
export interface KnownFacts {
  /** The image, as pods name it. */
  readonly image: string;
  /** The prop that says it. */
  readonly from: string;
  /** Version of Erlang/OTP in it. @default - not known */
  readonly otp?: string;
  /** Version of Elixir in it. @default - not known */
  readonly elixir?: string;
  /** Where the boot script of its release is. @default - not known */
  readonly program?: string;
  /** The user that its files are for. @default - any user may run it */
  readonly user?: number;
  /** The port that it listens on, whatever it is told. @default - it does as it is told */
  readonly port?: number;
}

/** A Secret that stands in the YAML as sops encrypted it. */
export interface EncryptedSecret {
  /** Who wanted it, and was told who decrypts it. */
  readonly secret: IConstruct;
  /** The object, alone in its file. */
  readonly object: IConstruct;
  readonly name: string;
  /** The keys of which one opens it. */
  readonly recipients: readonly Recipient[];
  /** Where Flux finds that key, or who else decrypts. @default - follows from the kinds of keys */
  readonly decryption?: { readonly secret: string } | OptOut;
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
  /** Reasons of opt-outs in props, which stand in the YAML. */
  readonly reasons: readonly Reason[];
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
  readonly exporters: readonly Exporter[];
  readonly measured: readonly MeasuredDatabase[];
  /** Labels of the namespace that something in it depends on. */
  readonly namespaceLabels: readonly Readonly<Record<string, string>>[];
  /** What is known of images. */
  readonly images: readonly KnownFacts[];
  /** Secrets that are applied only once somebody has decrypted them. */
  readonly encrypted: readonly EncryptedSecret[];
}
