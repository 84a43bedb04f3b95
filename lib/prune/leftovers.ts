import { lossOf } from '../checks/changes/left-behind';
import { groupOf, nameFor, pluralOf } from '../model/kinds';
import { labelsOf, map, nameOf, namespaceOf, text } from '../model/values';
import type { Manifest } from '../support/edit';
import { claimsWithoutOwner } from './claims';
import { hasEnded, isHashed, isRolledOut, managerOf } from './marks';
import { inOrder } from './order';
import { isHistory, isOver, Made, ownersOf, uses } from './users';

/** Whose objects are looked at: those that an environment has in its namespace. */
export interface Home {
  /** As its objects call it: `app.kubernetes.io/part-of`. */
  readonly application: string;
  readonly namespace: string;
}

/** What is known of a namespace. */
export interface Found {
  readonly home: Home;
  /** All that was written for it. */
  readonly written: readonly Manifest[];
  /** All that was read from it. */
  readonly live: readonly Manifest[];
  /** Who delivers it, where that deletes by itself. @default - `kubectl apply` */
  readonly manager?: string;
  /** Whether nothing but what has a hash in its name is meant. */
  readonly hashed: boolean;
  /** Kinds that could not be listed. */
  readonly unread: readonly string[];
}

/** An object that is not deleted, and why. */
export interface Told {
  readonly object: Manifest;
  readonly reason: string;
  /** What goes with it: the Service and the fence of a database. @default [] */
  readonly beside?: readonly Manifest[];
}

/** What is in no file any more. */
export interface Leftovers {
  /** How many objects of the application there are. */
  readonly count: number;
  /** What may go, in the order in which it does. */
  readonly deleted: readonly Manifest[];
  /** What something uses. */
  readonly used: readonly Told[];
  /** What keeps something that nobody brings back. */
  readonly named: readonly Told[];
  /** What Argo CD, Flux and Helm delete. */
  readonly theirs: readonly Told[];
}

const INSTANCE = 'app.kubernetes.io/instance';

/** What the label says of objects of a synth. Helm writes its own name over ours, but for hooks. */
export const MANAGED_BY: readonly string[] = ['cdk8s', 'Helm'];

/** Whether an object is one that a synth has written for an application. */
export function isOf(object: Manifest, { application, namespace }: Home): boolean {
  const labels = labelsOf(object);
  const isSynthesized = MANAGED_BY.includes(String(labels['app.kubernetes.io/managed-by']));
  return isSynthesized && labels['app.kubernetes.io/part-of'] === application && namespaceOf(object) === namespace;
}

/** An object in a namespace, by its kind and its name. */
export function keyOf(object: Manifest): string {
  return `${groupOf(object)}/${String(object['kind'])}/${nameOf(object) ?? ''}`;
}

/** Finds what is in no file any more, and what may become of it. */
export function leftoversOf({ home, written, live, manager, hashed, unread }: Found): Leftovers {
  const wanted = new Set(written.filter((one) => namespaceOf(one) === home.namespace).map(keyOf));
  const own = live.filter((object) => isOf(object, home) && ownersOf(object).length === 0);
  const gone = own
    .filter((object) => !wanted.has(keyOf(object)) && !isGoing(object) && (!hashed || isHashed(object)))
    .sort((one, other) => (nameFor(one) < nameFor(other) ? -1 : 1));
  const theirs = gone.flatMap((object) => told(object, lossOf(object) === undefined ? managerOf(object, manager) : undefined));
  const free = without(gone, theirs);
  const lost = free.flatMap((object) => told(object, isOdd(object) ? ODD : lossOf(object)));
  const named = withTheirs(lost, without(free, lost));
  const others = without(free, [...named, ...besideOf(named)]);
  const running = others.filter((one) => one['kind'] === 'Job' && !hasEnded(one)).flatMap((one) => told(one, 'it has not ended'));
  const waiting = withTheirs(running, without(others, running));
  const late = live.find((one) => wanted.has(keyOf(one)) && ROLLED.test(String(one['kind'])) && !isRolledOut(one));
  const unseen = unread.filter((kind) => written.some((one) => resourcesOf(one) === kind));
  const reason = late
    ? `${titleOf(late)} is not rolled out yet`
    : unseen[0] && `what may need it cannot be listed: ${unseen.join(', ')}`;
  const { deleted, used } = settled(without(others, [...waiting, ...besideOf(waiting)]), live, reason);
  const claims = hashed ? [] : claimsWithoutOwner(home, [...written, ...live]);
  return {
    count: own.length,
    deleted: inOrder(deleted),
    used: [...waiting, ...used],
    named: [...named, ...claims],
    theirs,
  };
}

const ROLLED = /^(?:Deployment|StatefulSet)$/;
/** Why a name is printed, and no command with it. */
export const ODD = 'such a name is given to no shell';

/** What deletes itself, or is deleted already. */
function isGoing(object: Manifest): boolean {
  const { deletionTimestamp } = map(object['metadata']);
  const expires = object['kind'] === 'Job' && map(object['spec'])['ttlSecondsAfterFinished'] !== undefined && hasEnded(object);
  return deletionTimestamp !== undefined || expires;
}

/** Whether a name holds what a shell may read as a command: those of Roles may hold anything. */
function isOdd(object: Manifest): boolean {
  return !/^[\w./:-]+$/.test(nameFor(object));
}

/** The kind of an object as kubectl lists it: `deployments.apps`. */
function resourcesOf(object: Manifest): string {
  const [plural, group] = [pluralOf(String(object['kind'])), groupOf(object)];
  return group === '' ? plural : `${plural}.${group}`;
}

/** An object in a sentence. */
export function titleOf(object: Manifest): string {
  const name = nameOf(object) ?? '';
  return `${String(object['kind'])} ${isOdd(object) ? JSON.stringify(name) : name}`;
}

function told(object: Manifest, reason: string | undefined): Told[] {
  return reason === undefined ? [] : [{ object, reason }];
}

function without(objects: readonly Manifest[], some: readonly Told[]): Manifest[] {
  const known = new Set(some.map(({ object }) => object));
  return objects.filter((object) => !known.has(object));
}

/** Workloads with what is of the same instance: the fence and the Service of a database go, and stay, with it. */
function withTheirs(staying: readonly Told[], objects: readonly Manifest[]): Told[] {
  let rest = objects;
  return staying.map((one) => {
    if (!/^(?:StatefulSet|Job|Cluster)$/.test(String(one.object['kind']))) return one;
    const its = text(labelsOf(one.object)[INSTANCE]) ?? nameOf(one.object) ?? '';
    const beside = rest.filter(
      (object) => object['kind'] !== 'Job' && `${text(labelsOf(object)[INSTANCE]) ?? ''}-`.startsWith(`${its}-`),
    );
    rest = rest.filter((object) => !beside.includes(object));
    return { ...one, beside };
  });
}

function besideOf(some: readonly Told[]): Told[] {
  return some.flatMap(({ beside = [] }) => beside.map((object) => ({ object, reason: '' })));
}

/**
 * Leaves out what something uses that stays, and then what that uses.
 *
 * @param reason why nothing goes yet but what has a hash: the pods of another name may be all that serve, or what uses it is not seen
 */
function settled(
  objects: readonly Manifest[],
  live: readonly Manifest[],
  reason: string | undefined,
): Pick<Leftovers, 'deleted' | 'used'> {
  const made = new Made(live);
  const used = objects.flatMap((object) => told(object, isHashed(object) ? undefined : reason));
  for (;;) {
    const going = new Set(without(objects, used));
    const staying = live.filter((object) => !going.has(made.rootOf(object)) && !isOver(object));
    const found = [...going].flatMap((object) => told(object, useOf(object, staying, made)));
    if (found.length === 0) return { deleted: [...going], used };
    used.push(...found);
  }
}

function useOf(object: Manifest, staying: readonly Manifest[], made: Made): string | undefined {
  const users = staying.filter((user) => user !== object && uses(user, object));
  const user = users.find((one) => !isHistory(one)) ?? users[0];
  if (!user) return undefined;
  const title = titleOf(made.rootOf(user));
  if (isHistory(user)) return `an earlier revision of ${title} has it, for kubectl rollout undo`;
  return user['kind'] === 'Pod' && made.rootOf(user) !== user ? `pods of ${title} use it` : `${title} uses it`;
}
