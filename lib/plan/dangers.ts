import { leftBehind, lossOf, placeOf } from '../checks/changes/left-behind';
import { drainable } from '../checks/rollout/disruptions';
import { nameFor } from '../model/kinds';
import { map } from '../model/values';
import type { Pod } from '../model/pods';
import type { World } from '../model/world';
import type { Manifest } from '../support/edit';
import { display } from '../support/reject';
import { changesPods, type Comparison, type RuleFinding } from './comparison';
import type { Difference } from './difference';
import { isSecretAt } from './hidden';
import { rollOutOf } from './roll-out';
import { isHashed, isNamedLater, referenceOf, titleOf } from './shown';
import type { Statement } from './statement';
import { workloadOf } from './workload-of';

/** What the API server refuses, what puts data at risk, what takes pods away from users, and what stays behind. */
export function dangersOf(comparison: Comparison): Statement[] {
  return [
    ...comparison.findings.map((finding) => found(finding, comparison)),
    ...filledIn(comparison),
    ...downtimes(comparison),
    ...drains(comparison),
    ...orphans(comparison),
  ];
}

function found(
  { object, field, must, got, fix, inLiteral = fix, reason }: RuleFinding,
  { refused, compared, told: known }: Comparison,
): Statement {
  const { manifest } = object;
  const isRefused = refused.has(manifest);
  // With one field the whole object is refused: what else it changes does not come about.
  const all = isRefused ? compared.filter(({ now }) => now === manifest).flatMap(({ differences }) => differences) : [];
  known.tell(all);
  const others = all.length > 1 ? ['nothing else that it changes is applied'] : [];
  const hides = isHidden(field, got, compared.find(({ now }) => now === manifest)?.differences);
  const told = got === undefined || hides ? '' : `, got ${display(got)}`;
  return {
    kind: isRefused ? 'refused' : 'data',
    // What is gone is named itself: the object that the fault stands at has nothing to do with it.
    text: `${field.includes(' ') ? '' : `${titleOf(manifest)}${isRefused ? ' is refused by the API server' : ''}: `}${field} must ${hides ? 'stay as it was' : must}${told}`,
    details: [...others, reason === undefined ? inLiteral : `meant: ${reason}`],
    objects: [referenceOf(manifest)],
  };
}

/** Whether what a field was and is must not be shown. Items stand at their places there, and here at their names. */
function isHidden(field: string, got: unknown, all: readonly Difference[] = []): boolean {
  const [own, ...others] = [field, ...all.map(({ path }) => path)].map((path) => path.replace(/\[[^\]]*\]/g, ''));
  const meant = all.filter((_, index) => {
    const other = others[index] ?? '';
    return own !== undefined && (other.startsWith(own) || own.startsWith(other));
  });
  return isSecretAt(field, got) || meant.some(({ path, was, is }) => [was, is].some((value) => isSecretAt(path, value)));
}

/** Deployments that are refused in one of the two ways to apply: only kubectl itself takes away what was filled in. */
function filledIn({ compared, refused }: Comparison): Statement[] {
  return compared.flatMap(({ before, now }): Statement[] => {
    const [was, is] = [map(map(before['spec'])['strategy']), map(map(now['spec'])['strategy'])];
    const isKept = now['kind'] === 'Deployment' && is['type'] === 'Recreate' && is['rollingUpdate'] !== null;
    if (!isKept || was['type'] === 'Recreate' || was['rollingUpdate'] || refused.has(now)) return [];
    const text = `${titleOf(now)} is refused by the API server when it is applied with --server-side: its rollingUpdate was filled in, and stays`;
    const details = ['write "rollingUpdate: null" beside the type, or apply once without --server-side'];
    return [{ kind: 'refused-server-side', text, details, objects: [referenceOf(now)] }];
  });
}

/** Pods that are gone before the new ones are there, and those that are alone from now on. */
function downtimes(comparison: Comparison): Statement[] {
  const { compared, before, now, refused } = comparison;
  return compared.flatMap((one): Statement[] => {
    const [was, is] = [workloadOf(before, one.before), workloadOf(now, one.now)];
    if (!was || !is || is.task || refused.has(one.now)) return [];
    const objects = [referenceOf(one.now)];
    const roll = changesPods(one) ? rollOutOf(is) : undefined;
    const away = {
      kind: 'downtime',
      text: `${titleOf(one.now)} has no pod from the end of the old ones until a new one is ready`,
      objects,
    };
    return [...(roll?.away === true ? [away] : []), ...alone(was, is)];
  });
}

function alone(was: Pod, is: Pod): Statement[] {
  if (was.replicas.least < 2 || is.replicas.least > 1) return [];
  const [title, objects] = [titleOf(is.object.manifest), [referenceOf(is.object.manifest)]];
  if (is.replicas.most === 0) return [{ kind: 'downtime', text: `${title} has no pods any more`, objects }];
  if (is.replicas.least === 0) return [{ kind: 'downtime', text: `${title} may have no pod: it is scaled from none`, objects }];
  return [{ kind: 'downtime', text: `${title} may have one pod alone: a node that fails or is drained takes it along`, objects }];
}

/** Budgets that keep a node from being drained, and did not before. */
function drains({ before, now }: Comparison): Statement[] {
  const blocked = (world: World): Map<string, Manifest> =>
    new Map([...drainable.find(world)].map(({ object: { manifest } }) => [referenceOf(manifest), manifest]));
  const known = blocked(before);
  return [...blocked(now)]
    .filter(([reference]) => !known.has(reference))
    .map(([reference, manifest]) => ({
      kind: 'downtime',
      text: `${titleOf(manifest)} lets no pod go: a node is never drained`,
      objects: [reference],
    }));
}

const DATA = ['Namespace', 'StatefulSet', 'PersistentVolumeClaim', 'Cluster', 'ObjectStore', 'Secret', 'PersistentVolume'];

function hasData({ kind }: Manifest): boolean {
  return DATA.includes(kind as string);
}

/** A Job that goes by itself. */
function isEnding({ kind, spec }: Manifest): boolean {
  return kind === 'Job' && map(spec)['ttlSecondsAfterFinished'] !== undefined;
}

/** What `kubectl apply` leaves in the cluster. */
function orphans({ gone, now }: Comparison): Statement[] {
  const objects = gone.filter((manifest) => !isHashed(manifest) && !isEnding(manifest) && !isNamedLater(manifest));
  const careful = objects.filter((one) => hasData(one) || lossOf(one) !== undefined);
  const running = objects.filter(({ kind }) => ['Deployment', 'DaemonSet', 'CronJob'].includes(kind as string)).map(titleOf);
  const commands = leftBehind(now);
  const some = objects.filter((manifest) => !careful.includes(manifest) && manifest['kind'] !== 'Namespace');
  return [
    ...(commands.length === 0
      ? []
      : [
          {
            kind: 'left-behind',
            text: `kubectl apply leaves ${some.length === 1 ? '1 object that is' : `${some.length} objects that are`} gone from the output${running.length > 0 ? `; ${running.join(', ')} run${running.length === 1 ? 's' : ''} on` : ''}`,
            details: [...commands, 'Argo CD and Flux with prune delete them'],
            objects: some.map(referenceOf),
          },
        ]),
    ...careful.map((manifest) => ({
      kind: 'left-behind',
      text: `kubectl apply leaves ${titleOf(manifest)}${hasData(manifest) ? ', which keeps data' : `; ${lossOf(manifest)}`}`,
      details: [
        `once ${hasData(manifest) ? 'the data are saved' : 'nobody needs it'}: kubectl${placeOf(manifest)} delete ${nameFor(manifest)}`,
      ],
      objects: [referenceOf(manifest)],
    })),
  ];
}
