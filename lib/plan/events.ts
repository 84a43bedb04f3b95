import { isMadeAnew } from '../checks/changes/immutable-fields';
import { map, scalar } from '../model/values';
import type { Pod } from '../model/pods';
import type { Manifest } from '../support/edit';
import { GATE } from '../support/gate-name';
import { parts, type ComparedObject, type Comparison } from './comparison';
import { podReasons, versionLabels } from './pod-reasons';
import { isPaused, podsText, rollOutOf } from './roll-out';
import { fieldText, isNamedLater, referenceOf, titleOf } from './shown';
import type { Statement } from './statement';
import { unrolled } from './unrolled';
import { workloadOf } from './workload-of';

/** What the controllers do about a change: which jobs run, which pods are replaced, and which are not though something changed. */
export function eventsOf(comparison: Comparison): Statement[] {
  const { compared, added, refused } = comparison;
  // What the API server refuses does not happen.
  const happening = compared.filter(({ now }) => !refused.has(now));
  const jobs = [
    ...happening.flatMap((one) => jobRun(one, comparison)),
    ...compared.filter(({ now }) => refused.has(now)).flatMap(runAfterEnd),
    ...added.flatMap(newTask),
  ];
  const migrates = jobs.some(
    ({ kind, objects = [] }) => kind === 'job-runs' && objects.some((object) => /-migrate(?:-|$)/.test(object)),
  );
  const statements = [
    ...jobs,
    ...happening.flatMap((one) => rolled(one, comparison, migrates)),
    ...added.flatMap((manifest) => newPods(manifest, comparison)),
    ...happening.flatMap((one) => unrolled(one, comparison)),
  ];
  return onceEach(statements);
}

/** A statement whose reasons are not yet told apart from what else there is to it. */
interface Reasoned extends Statement {
  readonly reasons?: readonly string[];
}

/** Many reasons that an earlier statement has given stand there alone. */
function onceEach(statements: readonly Reasoned[]): Statement[] {
  const given = new Map<string, string>();
  return statements.map(({ reasons = [], details = [], ...statement }) => {
    const key = reasons.join('\n');
    const title = statement.text.replace(/ (?:runs|rolls).*$/, '');
    const earlier = reasons.length > 1 ? given.get(key) : undefined;
    if (earlier === undefined) given.set(key, title);
    const told = earlier === undefined ? reasons : [`for the same ${reasons.length} reasons as ${earlier}`];
    return { ...statement, details: [...told, ...details] };
  });
}

function jobRun(one: ComparedObject, comparison: Comparison): Reasoned[] {
  const { now, renewed, differences } = one;
  if (now['kind'] !== 'Job') return [];
  if (!renewed && (!isMadeAnew(now) || differences.length === 0)) return [...resumed(one, comparison), ...again(now)];
  const { pod, other } = parts(one);
  comparison.told.tell(differences);
  const labels = versionLabels(differences);
  const own = other.filter((each) => !labels.includes(each)).map((one) => fieldText(one));
  const reasons = [...new Set([...podReasons(one, pod, comparison), ...own])];
  const details = renewed ? [] : isNamedLater(now) ? [NAMED_LATER] : ['it is a hook, which is made anew each time'];
  const at = { reasons, details, objects: [referenceOf(now)] };
  if (isSuspended(now)) return [{ kind: 'job-waits', text: `${titleOf(now)} is another one, and ${WAITS}`, ...at }];
  return [{ kind: 'job-runs', text: `${titleOf(now)} runs`, ...at }];
}

const NAMED_LATER = 'each creation makes another one, under a name of its own';
const WAITS = 'suspended: it runs once somebody lets it';

function isSuspended({ spec }: Manifest): boolean {
  return map(spec)['suspend'] === true;
}

/** A Job that goes on, or stops. */
function resumed({ before, now, differences }: ComparedObject, { told }: Comparison): Reasoned[] {
  if (isSuspended(before) === isSuspended(now)) return [];
  told.tell(differences.filter(({ path }) => path === 'spec.suspend'));
  const [kind, what] = isSuspended(now)
    ? ['job-waits', 'is suspended: its pods are stopped']
    : ['job-goes-on', 'runs: it is no longer suspended'];
  return [{ kind, text: `${titleOf(now)} ${what}`, objects: [referenceOf(now)] }];
}

/** A Job that stays what it was, and that was deleted some time after its end: whoever applies makes it anew. */
function again(manifest: Manifest): Reasoned[] {
  const ttl: unknown = map(manifest['spec'])['ttlSecondsAfterFinished'];
  if (isSuspended(manifest)) return [];
  const each = isNamedLater(manifest) ? [NAMED_LATER] : [];
  if (ttl === undefined && each.length === 0) return [];
  const details = each.length > 0 ? each : [`it was deleted ${scalar(ttl)} s after its end, and whatever applies makes it anew`];
  return [
    { kind: 'job-runs-again', text: `${titleOf(manifest)} runs once more, as it is`, details, objects: [referenceOf(manifest)] },
  ];
}

/** One that the API server refuses for as long as the one of before is there, which it is not for ever. */
function runAfterEnd({ before, now }: ComparedObject): Reasoned[] {
  const ttl: unknown = map(before['spec'])['ttlSecondsAfterFinished'];
  if (now['kind'] !== 'Job' || ttl === undefined) return [];
  const details = [`that of before is deleted ${scalar(ttl)} s after its end; until then this one is refused`];
  return [{ kind: 'job-runs-again', text: `${titleOf(now)} runs, as it is now`, details, objects: [referenceOf(now)] }];
}

function newTask(manifest: Manifest): Reasoned[] {
  const at = { objects: [referenceOf(manifest)] };
  if (manifest['kind'] === 'Job' && isSuspended(manifest))
    return [{ kind: 'job-waits', text: `${titleOf(manifest)} is new, and ${WAITS}`, ...at }];
  if (manifest['kind'] === 'Job') return [{ kind: 'job-runs', text: `${titleOf(manifest)} runs: it is new`, ...at }];
  if (manifest['kind'] !== 'CronJob') return [];
  const { schedule, timeZone, suspend } = map(manifest['spec']);
  const when =
    suspend === true ? 'suspended' : `runs at ${scalar(schedule)}${timeZone === undefined ? '' : ` ${scalar(timeZone)}`}`;
  return [{ kind: 'task-new', text: `${titleOf(manifest)} is new: ${when}`, ...at }];
}

/** A workload whose pods are others now. */
function rolled(one: ComparedObject, comparison: Comparison, migrates: boolean): Reasoned[] {
  const { now, differences } = one;
  const { pod, other } = parts(one);
  if (pod.length === 0 || now['kind'] === 'Job') return [];
  const spec = other.filter(({ path }) => path.startsWith('spec.'));
  comparison.told.tell([...pod, ...spec, ...versionLabels(differences)]);
  const reasons = podReasons(one, pod, comparison);
  const beside = spec.length === 0 ? [] : [`with it: ${spec.map((one) => fieldText(one)).join(', ')}`];
  const at = { reasons, objects: [referenceOf(now)] };
  if (now['kind'] === 'CronJob')
    return [{ kind: 'task-changes', text: `${titleOf(now)} is another one from its next run on`, details: beside, ...at }];
  const workload = workloadOf(comparison.now, now);
  if (workload && isPaused(workload)) {
    const text = `${titleOf(now)} has another pod, and is paused: those that run stay until it goes on`;
    return [{ kind: 'no-restart', text, details: beside, ...at }];
  }
  const roll = workload && rollOutOf(workload);
  const only = now['kind'] === 'ReplicaSet' ? ', which those are that it makes from now on: those that run stay' : '';
  if (!roll) return [{ kind: 'pod-changes', text: `${titleOf(now)} has another pod${only}`, details: beside, ...at }];
  const details = [
    ...beside,
    ...(migrates && isGated(workload) ? ['its new pods wait until the migrations are done'] : []),
    ...(roll.time === undefined ? [] : [roll.time]),
  ];
  return [{ kind: 'rolls', text: `${titleOf(now)} rolls: ${roll.pods}`, details, ...at }];
}

function isGated({ containers }: Pod): boolean {
  return containers.some(({ spec, endsFirst: init }) => init && spec['name'] === GATE);
}

function newPods(manifest: Manifest, { now }: Comparison): Reasoned[] {
  const workload = workloadOf(now, manifest);
  if (!workload || workload.task) return [];
  return [{ kind: 'workload-new', text: `${titleOf(manifest)} is new: ${podsText(workload)}`, objects: [referenceOf(manifest)] }];
}
