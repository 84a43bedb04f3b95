import { groupKind } from '../../checks/changes/changes';
import { isClusterScoped, kindOf } from '../../model/kinds';
import { map, nameOf, namespaceOf, scalar, text } from '../../model/values';
import type { Manifest } from '../../support/edit';
import { planOf } from '../plan';
import { isNamedLater, referenceOf, titleOf } from '../shown';
import { saying, type Sections, type Statement } from '../statement';
import { worldOf } from '../world';
import { usualMode } from './appliance';
import { driftOf, type Cause, type ObjectDrift } from './drift';
import { driftStatements } from './statements';

/** What a comparison with the cluster says, most important first. */
export const LIVE_SECTIONS = ['missing', 'changed', 'added', 'scaled', 'pending', 'unread'] as const;

export type LiveSection = (typeof LIVE_SECTIONS)[number];

/** One environment as it is written and as it is there. */
export interface LivePlan {
  readonly name: string;
  /** How many objects were compared, and how many of them are not there, or not as they are written. */
  readonly objects: number;
  readonly differing: number;
  readonly live: Readonly<Record<LiveSection, readonly Statement[]>>;
  /** What the next apply does. */
  readonly apply: Sections;
}

/** What was read of a cluster. */
export interface LiveObjects {
  readonly objects: readonly Manifest[];
  /** Why an object was not read; undefined where it was asked for. */
  readonly unread: (written: Manifest) => string | undefined;
}

/** Compares what is written with what is there, and says what an apply does about it. */
export function livePlanOf(name: string, written: readonly Manifest[], { objects, unread }: LiveObjects): LivePlan {
  const find = finder(objects);
  const apart = new Map(written.flatMap((one): [Manifest, string][] => reasonOf(one, find(one), unread)));
  const compared = written.filter((one) => !apart.has(one));
  const missing = compared.filter((one) => find(one) === undefined);
  const [scaled, usual] = [scaledIn(written), usualMode(objects)];
  const drifts = compared.flatMap((one) => {
    const live = find(one);
    const isScaled = scaled.has(targetKey(one['kind'], nameOf(one), namespaceOf(one)));
    return live ? [driftOf(one, live, { isScaled, usual })] : [];
  });
  const plan = nextApply(name, [...apart.keys()], missing, drifts);
  const refused = new Set(plan.dangers.filter(({ kind }) => kind === 'refused').flatMap(({ objects: all = [] }) => all));
  const told = (...causes: readonly Cause[]): Statement[] =>
    drifts.flatMap((drift) => driftStatements({ ...drift, isRefused: refused.has(referenceOf(drift.written)) }, causes));
  return {
    name,
    objects: compared.length,
    differing: missing.length + drifts.filter(({ fields }) => fields.length > 0).length,
    live: {
      missing: missing.length === compared.length ? nothingThere(missing) : missing.map(missingStatement),
      changed: told('changed'),
      added: told('added', 'restarted'),
      scaled: told('scaled'),
      pending: told('pending'),
      unread: unreadStatements(apart),
    },
    apply: plan,
  };
}

/** What the next apply does beyond the fields, which are told with whoever changed them. */
function nextApply(
  name: string,
  kept: readonly Manifest[],
  missing: readonly Manifest[],
  drifts: readonly ObjectDrift[],
): Sections {
  if (drifts.length === 0) return saying({});
  const before = worldOf([...kept, ...drifts.map(({ live }) => live)]);
  const after = worldOf([...kept, ...drifts.map(({ applied }) => applied), ...missing], before);
  const { dangers, events, access } = planOf(name, { world: before }, { world: after }).sections;
  // A Job that is there does not run again, and of an object that is missing it is told that an apply creates it.
  const known = new Set(missing.map(referenceOf));
  const isOther = ({ kind, text: told, objects = [] }: Statement): boolean =>
    kind !== 'job-runs-again' && !told.includes(' (new) ') && (objects.length === 0 || objects.some((one) => !known.has(one)));
  return saying({ dangers, events: events.filter(isOther), access: access.filter(isOther) });
}

/** Finds objects of the cluster again; those that are written without a namespace by their names alone. */
function finder(objects: readonly Manifest[]): (written: Manifest) => Manifest | undefined {
  const known = new Map<string, Manifest>();
  const key = (manifest: Manifest, namespace: string): string => `${groupKind(manifest)}/${namespace}/${nameOf(manifest)}`;
  for (const object of objects) {
    known.set(key(object, namespaceOf(object)), object);
    known.set(key(object, '*'), object);
  }
  return (written) => {
    const namespace = isClusterScoped(kindOf(written)) ? '' : namespaceOf(written);
    return known.get(key(written, namespace === '' ? '*' : namespace));
  };
}

/** Why an object is not compared. */
function reasonOf(written: Manifest, live: Manifest | undefined, unread: LiveObjects['unread']): [Manifest, string][] {
  const [own, theirs] = [text(written['apiVersion']), text(live?.['apiVersion'])];
  const reason =
    written['kind'] === 'Secret'
      ? 'values of Secrets are not read'
      : isNamedLater(written)
        ? 'it gets its name when it is created'
        : live
          ? own === theirs
            ? undefined
            : `it was read as ${theirs}, and is written as ${own}`
          : unread(written);
  return reason === undefined ? [] : [[written, reason]];
}

/** The workloads whose replicas an autoscaler sets that is written too. */
function scaledIn(written: readonly Manifest[]): ReadonlySet<string> {
  const scalers = written.filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject');
  return new Set(
    scalers.map((manifest) => {
      const { kind = 'Deployment', name } = map(map(manifest['spec'])['scaleTargetRef']);
      return targetKey(kind, name, namespaceOf(manifest));
    }),
  );
}

function targetKey(kind: unknown, name: unknown, namespace: string): string {
  return `${String(kind)}/${namespace}/${String(name)}`;
}

function nothingThere(missing: readonly Manifest[]): Statement[] {
  if (missing.length === 0) return [];
  const details = ['it was never applied, or this is another cluster: --context names the one to look at'];
  return [{ kind: 'missing', text: 'none of its objects is there', details, objects: missing.map(referenceOf) }];
}

function missingStatement(manifest: Manifest): Statement {
  const ttl = manifest['kind'] === 'Job' ? scalar(map(manifest['spec'])['ttlSecondsAfterFinished']) : undefined;
  const text =
    ttl === undefined
      ? `${titleOf(manifest)} is not there: an apply creates it`
      : `${titleOf(manifest)} is not there: it was deleted ${ttl} s after its end, or never ran; an apply runs it`;
  return { kind: 'missing', text, objects: [referenceOf(manifest)] };
}

function unreadStatements(apart: ReadonlyMap<Manifest, string>): Statement[] {
  const reasons = new Map<string, Manifest[]>();
  for (const [manifest, reason] of apart) reasons.set(reason, [...(reasons.get(reason) ?? []), manifest]);
  return [...reasons].map(([reason, all]) => ({
    kind: 'unread',
    text: `${all.map(titleOf).join(', ')}: ${reason}`,
    objects: all.map(referenceOf),
  }));
}
