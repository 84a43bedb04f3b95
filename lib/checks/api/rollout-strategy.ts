import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, specOf } from '../world/values';
import { shareFault, shareOf } from './numbers';

type Fault = Omit<Finding, 'object'>;

/** A strategy that is switched by a patch leaves the fields of the former one behind. */
export const rolloutStrategy: Rule = {
  name: 'rollout-strategy',
  sentence: 'A rollout counts pods or percents, as its type allows.',
  why: 'A Deployment that was changed to Recreate by a patch and keeps its rollingUpdate is refused by the API server.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('Deployment'))
      for (const fault of ofDeployment(specOf(object))) yield { ...fault, object };
    for (const object of inventoryOf(world).ofKind('StatefulSet', 'DaemonSet')) {
      const { type, rollingUpdate } = map(specOf(object)['updateStrategy']);
      for (const fault of shareFaults('spec.updateStrategy', map(rollingUpdate))) yield { ...fault, object };
      if (rollingUpdate === undefined || rollingUpdate === null) continue;
      if (object.manifest['kind'] === 'DaemonSet') yield* ofDaemonSet(object, map(rollingUpdate));
      else if (type === 'OnDelete') yield { object, ...leftBehind('spec.updateStrategy', type) };
    }
  },
};

function* ofDeployment(spec: Manifest): Iterable<Fault> {
  const { type, rollingUpdate } = map(spec['strategy']);
  if (type === 'Recreate' && rollingUpdate !== undefined && rollingUpdate !== null) yield leftBehind('spec.strategy', type);
  yield* shareFaults('spec.strategy', map(rollingUpdate));
}

/** On each node runs one pod: either the new one starts first, or the old one ends first. */
function* ofDaemonSet(object: FinishedObject, { maxSurge = 0, maxUnavailable = 1 }: Manifest): Iterable<Finding> {
  if (isNone(maxSurge) !== isNone(maxUnavailable)) return;
  const field = 'spec.updateStrategy.rollingUpdate';
  const fix = 'write maxSurge: 1 with maxUnavailable: 0, or leave both out';
  yield { object, field, must: 'have one of maxSurge and maxUnavailable above 0', got: { maxSurge, maxUnavailable }, fix };
}

function shareFaults(path: string, rollingUpdate: Manifest): Fault[] {
  return ['maxSurge', 'maxUnavailable'].flatMap((name) => {
    const got: unknown = rollingUpdate[name];
    const fault = shareFault(got, name === 'maxUnavailable' ? 100 : Infinity);
    return fault ? [{ field: `${path}.rollingUpdate.${name}`, got, ...fault }] : [];
  });
}

function leftBehind(path: string, type: string): Fault {
  const fix = 'remove it together with the change of the type';
  return { field: `${path}.rollingUpdate`, must: `not be given with type '${type}'`, got: 'rollingUpdate', fix };
}

function isNone(value: unknown): boolean {
  const share = shareOf(value);
  return share?.number === 0 || share?.percent === 0;
}
