import type { NamedAddress } from './addresses';
import type { OptOut } from './opt-out';
import type { Recipient } from './sops';

/** Who made an object, or where it was read: the path tells it from all others, and stands in sentences. Every construct is one. */
export interface Maker {
  readonly node: { readonly path: string };
}

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

/** What exports metrics, where all of their names are known. */
export interface Exporter {
  /** What all of them begin with, and those of nobody else. */
  readonly prefix: string;
  /** Their names; of histograms without `_bucket`. */
  readonly names: readonly string[];
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
  readonly secret: Maker;
  /** The object, alone in its file. */
  readonly object: Maker;
  readonly name: string;
  /** The keys of which one opens it. */
  readonly recipients: readonly Recipient[];
  /** Where Flux finds that key, or who else decrypts. @default - follows from the kinds of keys */
  readonly decryption?: { readonly secret: string } | OptOut;
}
