import type { IConstruct } from 'constructs';
import type { OptOut } from './opt-out';
import type { Reason } from './reason';
import type { DnsPeer, OutsideHost, Traffic, Visitor, FenceSettings, Sidecars, GatewayProxies } from './network';
import type {
  BackingAddress,
  DatabaseLimit,
  EncryptedSecret as EncryptedObject,
  Exporter,
  External,
  HeldConnections,
  KnownFacts,
  RepoFacts,
} from './world-facts';

export type {
  BackingAddress,
  DatabaseLimit,
  Exporter,
  External,
  HeldConnections,
  KnownFacts,
  PodPooling,
  RepoFacts,
} from './world-facts';

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

/** A field of one object, and the prop that it is written from as it stands. */
export interface FieldOrigin {
  readonly construct: IConstruct;
  readonly prop: string;
  /** The object that has the field. */
  readonly object: IConstruct;
  /** Its path in the YAML: `spec.schedule`. */
  readonly field: string;
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

/** A Secret that stands in the YAML as sops encrypted it, with its constructs. */
export interface EncryptedSecret extends EncryptedObject {
  readonly secret: IConstruct;
  readonly object: IConstruct;
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
  /** Fields of objects that are props as they were given: what is wrong in one is left to the rules, which name the prop. */
  readonly fields: readonly FieldOrigin[];
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
