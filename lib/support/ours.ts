import type { IConstruct } from 'constructs';

const ours = new WeakSet<IConstruct>();

/** Notes that a construct is one of this library, or of a class that extends one. */
export function noteOurs(construct: IConstruct): void {
  ours.add(construct);
}

/** Whether it is one. */
export function isOfLibrary(construct: IConstruct): boolean {
  return ours.has(construct);
}
