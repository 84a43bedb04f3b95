import { changesOf, groupKind } from '../checks/changes/changes';
import type { Finding } from '../model/finding';
import type { World } from '../model/world';
import { namespaceOf, valueAt } from '../model/values';
import { templatePath } from '../model/pods';
import { isMap } from '../support/is-map';
import { asServed } from '../model/served-pod';
import type { Manifest } from '../support/edit';
import { differences, type Difference } from './difference';
import { isHashed, knownName } from './shown';

/** An object that was there before, under its name or, where that ends with a hash, under the same name with another one. */
export interface ComparedObject {
  readonly before: Manifest;
  readonly now: Manifest;
  /** Whether it is another object, whose name has another hash. */
  readonly renewed: boolean;
  /** All in which the two differ, but for that hash. */
  readonly differences: readonly Difference[];
}

/** What a rule finds, and the reason of whoever leaves it out. */
export interface RuleFinding extends Finding {
  readonly rule: string;
  /** @default - nobody leaves it out */
  readonly reason?: string;
}

/** One environment before and now. */
export interface Comparison {
  readonly before: World;
  readonly now: World;
  readonly compared: readonly ComparedObject[];
  readonly added: readonly Manifest[];
  readonly gone: readonly Manifest[];
  /** What the change rules find. */
  readonly findings: readonly RuleFinding[];
  /** Objects that the API server refuses as they are now: nothing happens to what is there. */
  readonly refused: ReadonlySet<Manifest>;
  /** Differences that a section has told: the last one tells the rest. */
  readonly told: Told;
}

/** What has been told, so that nothing is told twice and nothing is lost. */
export class Told {
  private readonly known = new Set<Difference>();

  tell(told: readonly Difference[]): void {
    for (const one of told) this.known.add(one);
  }

  has(one: Difference): boolean {
    return this.known.has(one);
  }
}

/** Pairs the objects of an environment with what they were, which is its `previous`. */
export function pair(now: World): Pick<Comparison, 'compared' | 'added' | 'gone'> {
  const { kept, gone } = changesOf(now);
  const known = new Set(kept.map(({ object }) => object.manifest));
  const fresh = now.objects.map(({ manifest }) => manifest).filter((manifest) => !known.has(manifest));
  const renewed = renewedAmong(gone, fresh);
  const [old, young] = [new Set(renewed.map(([one]) => one)), new Set(renewed.map(([, one]) => one))];
  return {
    compared: [
      ...kept.map(({ object, before: was }) => compared(was, object.manifest, false)),
      ...renewed.map(([was, is]) => compared(was, is, true)),
    ],
    added: fresh.filter((manifest) => !young.has(manifest)),
    gone: gone.filter((manifest) => !old.has(manifest)),
  };
}

/** What of an object is in its pods, and what is not. */
export function parts({ now, differences: all }: ComparedObject): { readonly pod: Difference[]; readonly other: Difference[] } {
  const place = templatePath(now);
  const inPod = ({ path }: Difference): boolean => place !== undefined && (path === place || path.startsWith(`${place}.`));
  return { pod: all.filter(inPod), other: all.filter((one) => !inPod(one)) };
}

/** Whether the pods of an object are others now. */
export function changesPods(one: ComparedObject): boolean {
  return parts(one).pod.length > 0;
}

function compared(before: Manifest, now: Manifest, renewed: boolean): ComparedObject {
  return { before, now, renewed, differences: before === now ? [] : differences(plain(before), plain(now)) };
}

/** An object without what the API server fills in, and without the hash of its name. */
function plain(manifest: Manifest): Manifest {
  const bare = { ...manifest, metadata: { ...manifest['metadata'], name: knownName(manifest) } };
  const place = templatePath(manifest);
  if (place === undefined) return bare;
  if (place === '') return asServed(bare);
  const template = valueAt(bare, place);
  return isMap(template) ? replaced(bare, place.split('.'), asServed(template)) : bare;
}

function replaced(manifest: Manifest, [step = '', ...rest]: readonly string[], value: Manifest): Manifest {
  return { ...manifest, [step]: rest.length === 0 ? value : replaced(manifest[step] as Manifest, rest, value) };
}

/** What is made anew with each content, beside what it was; where several have one name, nobody knows which became which. */
function renewedAmong(gone: readonly Manifest[], fresh: readonly Manifest[]): (readonly [Manifest, Manifest])[] {
  const key = (manifest: Manifest): string => `${groupKind(manifest)}/${namespaceOf(manifest)}/${knownName(manifest)}`;
  return gone.filter(isHashed).flatMap((was) => {
    const [is, ...others] = fresh.filter((one) => isHashed(one) && key(one) === key(was));
    return is === undefined || others.length > 0 ? [] : [[was, is] as const];
  });
}
