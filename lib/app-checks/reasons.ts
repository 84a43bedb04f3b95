import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { edit, type Manifest } from '../support/edit';
import type { LeftOut } from '../support/facts';
import { OPT_OUTS } from '../support/opt-out';
import type { Reason } from '../support/reason';
import { isFixed } from '../support/sops';
import { constructOf } from './finished';
import type { FinishedObject, World } from '../model/world';
import { Ignores, type ReasonsOfObject, type Scanner } from './scanners/scanner';

/** An opt-out that kept a finding quiet. */
export interface OptOutInForce {
  /** The rule left out. */
  readonly rule: string;
  /** The objects concerned, by their construct paths. */
  readonly objects: readonly string[];
  /** Why. */
  readonly reason: string;
}

/** Opt-outs of rules, each with the objects that the rule would have refused. */
type Quiet = ReadonlyMap<LeftOut, ReadonlySet<IConstruct>>;

/** The opt-outs that were needed. */
export function optOutsIn(quiet: Quiet): OptOutInForce[] {
  return [...quiet].map(([{ rule, optOut }, objects]) => {
    return { rule, objects: [...objects].map(({ node }) => node.path), reason: optOut.reason };
  });
}

/** Their reasons. */
export function reasonsOf(quiet: Quiet): Reason[] {
  return [...quiet].flatMap(([{ rule, optOut }, objects]) =>
    [...objects].map((target) => ({ prop: rule, reason: optOut.reason, target })),
  );
}

/** Kinds that stand for all that a construct makes: what reviewers open first. */
const FIRST = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'Cluster', 'PersistentVolumeClaim'];

/** The reasons of opt-outs, each for the object that it concerns. They are known once all rules have run. */
export class Reasons {
  private readonly notes = new Map<IConstruct, Record<string, string>>();
  private readonly edited = new WeakSet<IConstruct>();

  /** Takes out what an earlier run wrote, before objects are finished anew. */
  forget(): void {
    this.notes.clear();
  }

  /** The objects with their reasons, for readers and for scanners. Whoever finishes them later finds these there as well. */
  write(
    objects: readonly FinishedObject[],
    reasons: readonly Reason[],
    world: World,
    scanners: readonly Scanner[],
  ): FinishedObject[] {
    const of = byObject(
      objects.filter(({ manifest }) => !isFixed(manifest)),
      reasons,
    );
    const ignores = scanners.length === 0 ? undefined : new Ignores(world, scanners);
    return objects.map((object) => {
      const { manifest } = object;
      const construct = constructOf(object);
      // A list is taken apart by whoever applies it, and the MAC of sops covers all of a document.
      if (manifest['kind'] === 'List' || isFixed(manifest)) return object;
      const own = of.get(construct);
      const note = { ...(own ? { [OPT_OUTS]: textOf(own) } : {}), ...ignores?.of(object, own) };
      if (Object.keys(note).length === 0) return object;
      this.notes.set(construct, note);
      if (!this.edited.has(construct) && ApiObject.isApiObject(construct))
        edit(construct, (one) => annotated(one, this.notes.get(construct)));
      this.edited.add(construct);
      return { ...object, manifest: annotated(manifest, note) };
    });
  }
}

function byObject(objects: readonly FinishedObject[], reasons: readonly Reason[]): ReadonlyMap<IConstruct, ReasonsOfObject> {
  const of = new Map<IConstruct, Map<string, Set<string>>>();
  for (const { prop, reason, target } of reasons) {
    const found = concerned(target, objects);
    if (!found) continue;
    const construct = constructOf(found);
    const text = reason.trim().replace(/\s+/g, ' ');
    const known = of.get(construct) ?? new Map<string, Set<string>>();
    of.set(construct, known.set(text, (known.get(text) ?? new Set()).add(prop)));
  }
  return of;
}

/** An object itself, or what stands for all that is made below a construct; where that is nothing, the environment. */
function concerned(target: IConstruct, objects: readonly FinishedObject[]): FinishedObject | undefined {
  const below =
    target.node.scope === undefined ? [] : objects.filter((object) => constructOf(object).node.scopes.includes(target));
  const kindOf = ({ manifest }: FinishedObject): unknown => manifest['kind'];
  const first = FIRST.map((kind) => below.find((object) => kindOf(object) === kind)).find((object) => object !== undefined);
  return first ?? below[0] ?? objects.find((object) => kindOf(object) === 'Namespace');
}

/** A line for each reason, behind all that it is for. */
function textOf(reasons: ReasonsOfObject): string {
  return [...reasons].map(([reason, props]) => `${[...props].join(', ')}: ${reason}`).join('\n');
}

function annotated(manifest: Manifest, note: Record<string, string> | undefined): Manifest {
  if (!note) return manifest;
  const { metadata } = manifest;
  return { ...manifest, metadata: { ...metadata, annotations: { ...metadata?.annotations, ...note } } };
}
