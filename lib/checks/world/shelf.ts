import type { FinishedObject } from '../rule';
import type { Pod } from './pods';

/** An object that can be referred to. */
export interface Known {
  /** The object, where it stands in the YAML itself. */
  readonly object?: FinishedObject;
  /** Its keys. @default - unknown: any may be named */
  readonly keys?: ReadonlySet<string>;
}

/** Where readers of pods find what those refer to. */
export interface Shelf {
  /** The pods that objects of the YAML make. */
  readonly pods: readonly Pod[];
  /** The objects of some kinds. */
  ofKind(...kinds: readonly string[]): readonly FinishedObject[];
  /** What a name stands for in a namespace: an object of the environment, one that a controller makes, or one outside. */
  find(kind: string, name: string, namespace: string): Known | undefined;
}
