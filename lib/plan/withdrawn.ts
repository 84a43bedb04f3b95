import { resourceOf } from '../checks/world/kinds';
import { placeOf } from '../checks/changes/left-behind';
import { nameOf } from '../checks/world/values';
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
export function withdrawn(gone: readonly Manifest[]): Statement[] {
  if (gone.length === 0) return [];
  const sorted = [...gone].sort((one, other) => rank(one) - rank(other));
  const places = [...new Set(sorted.map(placeOf))].sort((one, other) => Number(one === '') - Number(other === ''));
  const commands = places.map((place) => {
    const own = sorted.filter((one) => placeOf(one) === place);
    return `kubectl${place} delete ${own.map((one) => `${resourceOf(one)}/${nameOf(one) ?? ''}`).join(' ')}`;
  });
  const people = gone.filter(({ kind }) => String(kind).endsWith('RoleBinding')).length > 0;
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
