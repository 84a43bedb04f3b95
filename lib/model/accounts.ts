import type { Manifest } from '../support/edit';
import type { World } from './world';
import { type Inventory, inventoryOf } from './inventory';
import { map, maps, namespaceOf, once } from './values';
import type { Pod } from './pods';

/** The account of a pod: its name, in the namespace of the pod. */
export function accountOf({ spec }: Pick<Pod, 'spec'>): string {
  return String(spec['serviceAccountName'] ?? spec['serviceAccount'] ?? 'default');
}

/** Who gets rights by a binding: `namespace/name`, with `*` for all. */
export function subjectsOf(binding: Manifest): string[] {
  const own = namespaceOf(binding);
  return maps(binding['subjects']).flatMap((subject) => accountsOf(subject, own));
}

function accountsOf({ kind, name, namespace }: Manifest, ofBinding: string): string[] {
  if (kind === 'ServiceAccount') return [`${namespace ?? ofBinding}/${name}`];
  if (kind === 'User') return [String(name).replace(/^system:serviceaccount:([^:]+):/, '$1/')];
  if (kind !== 'Group') return [];
  if (name === 'system:serviceaccounts' || name === 'system:authenticated') return ['*/*'];
  const [, all] = /^system:serviceaccounts:(.+)$/.exec(String(name)) ?? [];
  return all === undefined ? [] : [`${all}/*`];
}

/** Who has rights by any binding. */
const boundAccounts = once(
  (world: World): ReadonlySet<string> =>
    new Set(
      inventoryOf(world)
        .ofKind('RoleBinding', 'ClusterRoleBinding')
        .flatMap(({ manifest }) => subjectsOf(manifest)),
    ),
);

/** Whether the account of a pod has rights. */
export function hasRights(pod: Pick<Pod, 'spec' | 'namespace'>, world: World): boolean {
  const bound = boundAccounts(world);
  return [`${pod.namespace}/${accountOf(pod)}`, `${pod.namespace}/*`, '*/*'].some((key) => bound.has(key));
}

/** Whether a pod gets a token of the API: the kubelet mounts one unless the pod or its account says no, or a volume has one. */
export function hasToken(pod: Pick<Pod, 'spec' | 'namespace'>, inventory: Inventory): boolean {
  const { spec, namespace } = pod;
  const projected = maps(spec['volumes']).some(({ projected }) =>
    // With an audience of its own it is one for someone else.
    maps(map(projected)['sources']).some(
      ({ serviceAccountToken }) => serviceAccountToken !== undefined && map(serviceAccountToken)['audience'] === undefined,
    ),
  );
  if (projected) return true;
  const own: unknown = spec['automountServiceAccountToken'];
  if (typeof own === 'boolean') return own;
  const account = inventory.find('ServiceAccount', accountOf(pod), namespace)?.object?.manifest;
  return account?.['automountServiceAccountToken'] !== false;
}
