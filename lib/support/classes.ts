import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { OptOut } from './opt-out';

/** Any class, also one that is made by factories alone. */
export interface Class {
  readonly name: string;
  readonly prototype: object;
}

const classes = new Map<string, Class>(Object.entries({ Duration, Size, Cpu, OptOut }));

/**
 * Makes a class known by its name, for props that are to hold its instances: their types are read from text, and a bundler
 * may call the class otherwise.
 *
 * @example class Probe { static { propClass('Probe', this); } }
 */
export function propClass(name: string, of: Class): void {
  classes.set(name, of);
}

/** The class of a name. One that was never loaded has no instances. */
export function classNamed(name: string): Class {
  return classes.get(name) ?? { name, prototype: {} };
}

/** Whether a value is made by a class that props hold, from whichever copy of its package, and so is no object that someone wrote. */
export function isInstance(value: object): boolean {
  const { constructor } = value;
  // An object that someone wrote, which most are.
  if (constructor === Object) return false;
  return classes.has(className(constructor)) || [...classes.values()].some((known) => isOf(value, known));
}

/** The name of a class; bundlers put `_` before those that refer to themselves. */
export function className(of: { readonly name: string } | undefined): string {
  return of?.name.replace(/^_+/, '') ?? 'nothing';
}

/** Whether a value is an instance of a class. */
export function isOf(value: unknown, { prototype }: Class): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, value as object);
}
