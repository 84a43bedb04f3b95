import { nameFor } from '../model/kinds';
import { placeOf } from '../checks/changes/left-behind';
import { labelsOf, nameOf, text } from '../model/values';
import { CLUSTER_LABEL, GUARD } from '../support/cluster-label';
import type { Manifest } from '../support/edit';
import { referenceOf } from './shown';
import type { Statement } from './statement';

/** In which order rights go: who has them loses them first, and what holds somebody to less than them is there until then. */
const ORDER = [
  'RoleBinding',
  'Role',
  'ClusterRoleBinding',
  'ClusterRole',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingAdmissionPolicy',
] as const;

/**
 * What is gone from the files of a cluster, and stays in force until somebody deletes it, with the commands for that: rights of people
 * who should have none any more, above all.
 */
export function withdrawn(all: readonly Manifest[]): Statement[] {
  const guards = all.filter((one) => nameOf(one) === GUARD);
  const gone = all.filter((one) => !guards.includes(one));
  return [...rightsOf(gone), ...guardOf(guards)];
}

/** One guard is there for all stacks of a cluster. */
function guardOf(guards: readonly Manifest[]): Statement[] {
  if (guards.length === 0) return [];
  return [
    {
      kind: 'left-behind',
      text: 'the guard of this cluster is gone from the output, and stays in force',
      details: ['it is that of all stacks in it: leave it there, unless this was the last one'],
      objects: guards.map(referenceOf),
    },
  ];
}

function rightsOf(gone: readonly Manifest[]): Statement[] {
  if (gone.length === 0) return [];
  const sorted = [...gone].sort((one, other) => rank(one) - rank(other));
  const cluster = text(gone.map((one) => labelsOf(one)[CLUSTER_LABEL]).find((one) => one !== undefined));
  const context = cluster === undefined ? '' : ` --context ${cluster}`;
  const places = [...new Set(sorted.map(placeOf))].sort((one, other) => Number(one === '') - Number(other === ''));
  const commands = places.map((place) => {
    const own = sorted.filter((one) => placeOf(one) === place);
    return `kubectl${context}${place} delete ${own.map(nameFor).join(' ')}`;
  });
  const people = gone.some(({ kind }) => String(kind).endsWith('RoleBinding'));
  const [what, stay] = gone.length === 1 ? ['1 object that is', 'stays'] : [`${gone.length} objects that are`, 'stay'];
  return [
    {
      kind: 'left-behind',
      text: `${what} gone from the output ${stay} in force${people ? ', and whoever has rights by them keeps these' : ''}`,
      details: ['who administers the cluster deletes them:', ...commands],
      objects: gone.map(referenceOf),
    },
  ];
}

function rank({ kind }: Manifest): number {
  const place = ORDER.findIndex((one) => one === kind);
  return place < 0 ? ORDER.length : place;
}
