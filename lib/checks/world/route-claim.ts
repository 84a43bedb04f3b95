import type { FinishedObject } from '../rule';
import { nameIn } from './objects';
import { map } from './values';

/** A place where requests come in: a listener, a class of Ingresses, a port of the mesh. A part that is not said is any. */
export type Entrance = readonly (string | undefined)[];

/** What an object wants to answer: requests to a host that look in some way, where they come in. */
export interface RouteClaim {
  readonly object: FinishedObject;
  readonly field: string;
  /** The host, in lower case; `*` is any. */
  readonly host: string;
  /** What the requests look like, with what the API fills in: two of one text are for the same requests. */
  readonly match: string;
  readonly entrance: Entrance;
  /** For sentences. */
  readonly got: string;
}

/** Whether requests of one may come in where those of another do. */
export function sharesEntrance(one: Entrance, other: Entrance): boolean {
  return one.every((part, index) => part === undefined || other[index] === undefined || part === other[index]);
}

/** The hosts that two names, which may begin with a star, have in common; undefined where there are none. */
export function commonHost(one: string, other: string): string | undefined {
  if (one === other || other === '*') return one;
  if (one === '*') return other;
  const within = (inner: string, outer: string) => outer.startsWith('*.') && inner.endsWith(outer.slice(1));
  return within(one, other) ? one : within(other, one) ? other : undefined;
}

/** A slash at the end of a prefix means nothing. */
export function plainPath(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, '') : path;
}

/** A host as it is compared. */
export function hostText(host: unknown): string {
  return (nameIn(host) ?? '*').toLowerCase();
}

/** A mapping as text, whatever the order of its keys. */
export function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const own = map(inner);
    return own === inner ? Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}
