import type { Manifest } from '../support/edit';
import type {
  BackingAddress,
  DatabaseLimit,
  EncryptedSecret,
  Exporter,
  External,
  HeldConnections,
  KnownFacts,
  Maker,
  RepoFacts,
} from '../support/world-facts';
import type { DnsPeer, OutsideHost } from '../support/network';
import type { Operators } from '../support/operators';
import type { KubernetesVersion } from '../support/kubernetes-versions';

export type { Maker };

/** One object of the environment as it will stand in the YAML, and what made it. */
export interface FinishedObject {
  /** The construct, or the place in a file, for its path. */
  readonly construct: Maker;
  /** The YAML. */
  readonly manifest: Manifest;
  /** Where it stands, as an item of a `kind: List`: `items[0]`. @default - it is what the construct writes */
  readonly at?: string;
}

/** All that a rule may look at. */
export interface World {
  /** Every object of the environment, whoever made it. */
  readonly objects: readonly FinishedObject[];
  /** What made those of the objects that are of others: they are named and looked at, and nothing is said of them. @default - none is */
  readonly theirs?: ReadonlySet<Maker>;
  /** Namespaces that objects may be in beside those that are made or declared. @default - that of the first object, where none is made */
  readonly homes?: readonly string[];
  /** The oldest Kubernetes that the environment runs on. */
  readonly kubernetes: KubernetesVersion;
  /** The oldest release of each operator that its objects meet. @default - the newest that is known */
  readonly operators?: Operators;
  /** Objects that are in the cluster without being in the YAML. */
  readonly externals: readonly External[];
  /** Database servers that the environment's pods connect to. */
  readonly databases: readonly DatabaseLimit[];
  /** Connections to them that no container's variables show. @default - there are none */
  readonly connections?: readonly HeldConnections[];
  /** Where variables lead that do not show it. @default - none is declared */
  readonly backingServices?: readonly BackingAddress[];
  /** Repositories with a database of their own beside that of `DATABASE_URL`. @default - none is declared */
  readonly repos?: readonly RepoFacts[];
  /** Where hosts outside of the cluster are. @default - nobody said so of any */
  readonly outside?: readonly OutsideHost[];
  /** Names of the controllers whose pods answer long polls, which no object shows. @default - there are none */
  readonly longPolls?: readonly string[];
  /** Variables that images read the cookie of their nodes from. @default - `RELEASE_COOKIE` alone */
  readonly cookieVariables?: readonly string[];
  /**
   * Which containers run a BEAM although nothing in the YAML shows it, by the name of their controller, with or without that of
   * the container, or by their image: `shop`, `shop/web`, `ghcr.io/acme/*`. With `!` before it: which do not. @default - none is named
   */
  readonly releases?: readonly string[];
  /** What is known of images that pods run. @default - nothing */
  readonly images?: readonly KnownFacts[];
  /** Who answers DNS, where someone said so. @default - those of usual clusters */
  readonly dns?: readonly DnsPeer[];
  /** Exporters all of whose metrics are known. @default - none is */
  readonly exporters?: readonly Exporter[];
  /** Secrets that stand in the YAML encrypted, and are decrypted before they are applied. @default - there are none */
  readonly encrypted?: readonly EncryptedSecret[];
  /** The objects of the environment as they were synthesized before, where known. */
  readonly previous: readonly Manifest[];
}

/** The objects of a world that are not of others. */
export function oursOf({ objects, theirs }: World): readonly FinishedObject[] {
  return theirs === undefined ? objects : objects.filter(({ construct }) => !theirs.has(construct));
}
