import { isSame } from '../../checks/changes/changes';
import type { Manifest } from '../../support/edit';
import { applianceOf, type Appliance } from './appliance';
import { fieldStates, type FieldState } from './fields';
import { Owners, type Owner } from './owners';
import { isController, mergesLists } from './server-fields';
import { valueOf, withValue } from './steps';

/**
 * Why a field is another one: somebody `changed` what is written, or `added` something beside it, or an autoscaler has `scaled`
 * it, or the pods were `restarted` by hand, or what is written is not applied yet (`pending`).
 */
export type Cause = 'changed' | 'added' | 'scaled' | 'restarted' | 'pending';

/**
 * What the next apply does: it writes the field `back`, or leaves it as it `stays`; or the whole object is refused, because
 * somebody else owns the field (`conflict`) or because it would have two values where one may be (`both`), and what it would
 * have written back is `held` up.
 */
export type Fate = 'back' | 'stays' | 'conflict' | 'both' | 'held';

/** A field that is not as it is written, and what becomes of it. */
export interface FieldDrift extends FieldState {
  readonly cause: Cause;
  /** Whoever made it what it is; empty where nobody has kept that. */
  readonly by: readonly Owner[];
  readonly fate: Fate;
}

/** An object as it is written and as it is there. */
export interface ObjectDrift {
  readonly written: Manifest;
  readonly live: Manifest;
  readonly mode: Appliance['mode'];
  readonly fields: readonly FieldDrift[];
  /** What is there after the next apply: what is there now, where that is refused or changes nothing. */
  readonly applied: Manifest;
}

/** What is known of the objects around one. */
export interface Around {
  /** Whether an autoscaler that is written too sets its replicas. */
  readonly isScaled: boolean;
  /** How most of them were applied. */
  readonly usual: Appliance['mode'];
}

/** Compares an object with what is there. */
export function driftOf(written: Manifest, live: Manifest, { isScaled, usual }: Around): ObjectDrift {
  const owners = new Owners(live);
  const appliance = applianceOf(live, owners, usual);
  const merges = appliance.mode === 'server' || mergesLists(written);
  const states = fieldStates(written, live, { owners, merges });
  const known = inBoth(states.flatMap((state) => told(state, owners, appliance, isScaled) ?? []));
  const isRefused = known.some(({ fate }) => fate === 'conflict' || fate === 'both');
  const fields = known.map((one): FieldDrift => (isRefused && one.fate === 'back' ? { ...one, fate: 'held' } : one));
  const applied = fields
    .filter(({ fate }) => fate === 'back')
    .reduce<Manifest>((object, { steps, written: is, at }) => withValue(object, steps, is, at) as Manifest, live);
  return { written, live, mode: appliance.mode, fields, applied };
}

/** Fields of which an object has one alone: an apply adds its own beside the one that somebody has put there instead. */
const EITHER: readonly (readonly string[])[] = [
  ['value', 'valueFrom'],
  ['fieldRef', 'secretKeyRef', 'configMapKeyRef', 'resourceFieldRef'],
  ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'],
  ['minAvailable', 'maxUnavailable'],
];

/** Finds what the API server refuses once both are there. */
function inBoth(fields: readonly FieldDrift[]): FieldDrift[] {
  const place = ({ steps }: FieldDrift): string => steps.slice(0, -1).join('/');
  const last = ({ steps }: FieldDrift): string => (steps.at(-1) ?? '').slice('f:'.length);
  const areOne = (one: FieldDrift, other: FieldDrift): boolean =>
    place(one) === place(other) && EITHER.some((names) => names.includes(last(one)) && names.includes(last(other)));
  const put = fields.filter(({ fate, written }) => fate === 'stays' && written === undefined);
  const lost = fields.filter(({ fate, live }) => fate === 'back' && live === undefined);
  return fields.map((one) => {
    const other = (put.includes(one) ? lost : lost.includes(one) ? put : []).find((each) => areOne(one, each));
    if (!other) return one;
    return { ...one, cause: 'changed', by: one.by.length > 0 ? one.by : other.by, fate: 'both' };
  });
}

const RESTARTED = '["kubectl.kubernetes.io/restartedAt"]';

function told(state: FieldState, owners: Owners, appliance: Appliance, isScaled: boolean): FieldDrift | undefined {
  const own = owners.of(state.steps);
  const others = own.filter((owner) => !appliance.isApplier(owner));
  const isReplicas = state.path === 'spec.replicas';
  if (isReplicas && isScaled) return undefined;
  // What has no keys is written as a whole, with what somebody put into it.
  if (state.written === undefined && !state.steps.some((step) => step.startsWith('i:')))
    return beside(state, { own, others, appliance });
  const [fate, by] = [appliance.mode === 'server' && others.length > 0 ? 'conflict' : 'back', others] as const;
  const autoscaler = others.find(({ manager, subresource }) => subresource === 'scale' && isController(manager));
  if (isReplicas && autoscaler) return { ...state, cause: 'scaled', by, fate };
  if (others.length > 0) return { ...state, cause: 'changed', by, fate };
  const { last } = appliance;
  // What was filled into a list that is one value is owned by whoever wrote that.
  if (state.written === undefined) return undefined;
  const wasApplied = last !== undefined && isSame(valueOf(last, state.steps), state.written);
  return { ...state, cause: wasApplied ? 'changed' : 'pending', by, fate };
}

interface Known {
  readonly own: readonly Owner[];
  readonly others: readonly Owner[];
  readonly appliance: Appliance;
}

/** Something about which our YAML says nothing. */
function beside(state: FieldState, { own, others, appliance }: Known): FieldDrift | undefined {
  const { mode, last, isApplier } = appliance;
  // Nobody but the API server has put there what its applier never wrote. Of an object that was taken over from `kubectl apply`,
  // whoever took it owns what had been filled in as well.
  const isKnown = last === undefined ? mode === 'server' : valueOf(last, state.steps) !== undefined;
  const wasApplied = isKnown && (mode === 'client' || own.some(isApplier));
  // A server-side apply takes away what nobody else owns; one of kubectl what it wrote itself, whoever owns it now.
  if (wasApplied)
    return { ...state, cause: 'pending', by: others, fate: mode === 'server' && others.length > 0 ? 'stays' : 'back' };
  const people = others.filter(({ manager }) => !isController(manager));
  if (own.length > 0 && people.length === 0) return undefined;
  return { ...state, cause: state.path.endsWith(RESTARTED) ? 'restarted' : 'added', by: people, fate: 'stays' };
}
