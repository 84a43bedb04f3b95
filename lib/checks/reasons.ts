import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { edit, type Manifest } from '../support/edit';
import type { LeftOut } from '../support/facts';
import type { Reason } from '../support/opt-out';
import type { FinishedObject } from './rule';

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
type Quiet = ReadonlyMap<LeftOut, ReadonlySet<ApiObject>>;

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

/** The annotation by which an object says what was left out on purpose, and why. */
export const OPT_OUTS = 'cdk8s-phoenix/opt-outs';

/** Kinds that stand for all that a construct makes: what reviewers open first. */
const FIRST = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'Cluster', 'PersistentVolumeClaim'];

/** The reasons of opt-outs, each for the object that it concerns. They are known once all rules have run. */
export class Reasons {
  private readonly notes = new Map<IConstruct, string>();

  /** The objects with their reasons. Whoever finishes them later finds these there as well. */
  write(objects: readonly FinishedObject[], reasons: readonly Reason[]): FinishedObject[] {
    const of = new Map<IConstruct, Map<string, Set<string>>>();
    for (const { prop, reason, target } of reasons) {
      const construct = concerned(target, objects)?.construct;
      if (!construct) continue;
      const known = of.get(construct) ?? new Map<string, Set<string>>();
      of.set(construct, known.set(reason, (known.get(reason) ?? new Set()).add(prop)));
    }
    return objects.map((object) => {
      const { construct, manifest } = object;
      const note = textOf(of.get(construct));
      if (!this.notes.has(construct) && note === undefined) return object;
      if (!this.notes.has(construct)) edit(construct, (one) => annotated(one, this.notes.get(construct)));
      this.notes.set(construct, note ?? '');
      return { ...object, manifest: annotated(manifest, note) };
    });
  }
}

/** An object itself, or what stands for all that is made below a construct; where that is nothing, the environment. */
function concerned(target: IConstruct, objects: readonly FinishedObject[]): FinishedObject | undefined {
  const below = target.node.scope === undefined ? [] : objects.filter(({ construct }) => construct.node.scopes.includes(target));
  const kindOf = ({ manifest }: FinishedObject): unknown => manifest['kind'];
  const first = FIRST.map((kind) => below.find((object) => kindOf(object) === kind)).find((object) => object !== undefined);
  return first ?? below[0] ?? objects.find((object) => kindOf(object) === 'Namespace');
}

/** A line for each reason, behind all that it is for. */
function textOf(reasons: ReadonlyMap<string, ReadonlySet<string>> = new Map()): string | undefined {
  if (reasons.size === 0) return undefined;
  return [...reasons].map(([reason, props]) => `${[...props].join(', ')}: ${reason.trim().replace(/\s+/g, ' ')}`).join('\n');
}

function annotated(manifest: Manifest, note: string | undefined): Manifest {
  // A list is taken apart by whoever applies it.
  if (!note || manifest['kind'] === 'List') return manifest;
  const { metadata } = manifest;
  return { ...manifest, metadata: { ...metadata, annotations: { ...metadata?.annotations, [OPT_OUTS]: note } } };
}
