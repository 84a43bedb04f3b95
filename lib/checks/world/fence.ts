import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';

/** Which way a policy looks at traffic. */
export type Direction = 'Ingress' | 'Egress';

/** A pod as a policy sees it. */
export interface Member {
  readonly namespace: string;
  readonly labels: Manifest;
  /** Its named ports, as `TCP/http`. */
  readonly ports: ReadonlyMap<string, number>;
}

/** Rules by the way they look. */
export type FenceRules = Readonly<Record<Direction, readonly FenceRule[]>>;

/** A policy of the network that can be read: Kubernetes' own, Cilium's or Calico's. */
export interface Fence {
  readonly object: FinishedObject;
  /** Where its peers are that name no namespace. */
  readonly namespace: string;
  /** The labels of its pods; empty for all. */
  readonly selector: Manifest;
  /** Whether it is about a pod. */
  readonly selects: (pod: Pick<Member, 'namespace' | 'labels'>) => boolean;
  /** Whether it closes a direction to all that it does not allow. */
  readonly closes: (direction: Direction) => boolean;
  readonly rules: FenceRules;
  /** What it refuses, whatever others allow. @default - nothing */
  readonly denies?: FenceRules;
}

/** One of the connections that a policy allows. */
export interface FenceRule {
  /** Where it stands, and what is written there. */
  readonly field: string;
  readonly written: unknown;
  /**
   * Who is at the other end; undefined stands for everyone. As in a NetworkPolicy; policies of other kinds also know an
   * `entity` of Cilium's, a `hostName` of which the first label may be `*`, a `service`, and what is `unclear` from here.
   */
  readonly peers: readonly Manifest[] | undefined;
  /** Which ports; undefined stands for all. */
  readonly ports: readonly Manifest[] | undefined;
}

/** A port of a pod. */
export interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** The labels of a namespace, by its name. */
export type Namespaces = (name: string) => Manifest;
