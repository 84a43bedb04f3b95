import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, nameIn, namespaceOf } from '../world/values';
import { dangling } from './references';

/** Every cluster has these, and those whose names begin with `system:`. */
const BUILT_IN: ReadonlySet<string> = new Set(['admin', 'cluster-admin', 'edit', 'view']);

/** A binding may be written before its role, and then it grants nothing. */
export const roleExists: Rule = {
  name: 'role-exists',
  sentence: 'The Role or ClusterRole that a binding grants exists.',
  why: 'The API server takes the binding, and every call of the account is refused; a BEAM that lists its peers finds none.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const wanted = inventory.ofKind('RoleBinding', 'ClusterRoleBinding').flatMap((object) => {
      const { kind, name } = map(object.manifest['roleRef']);
      const role = nameIn(name);
      if (role === undefined || (kind !== 'Role' && kind !== 'ClusterRole')) return [];
      if (kind === 'ClusterRole' && (BUILT_IN.has(role) || role.startsWith('system:'))) return [];
      return [{ object, field: 'roleRef.name', kind, name: role, namespace: namespaceOf(object.manifest) }];
    });
    yield* dangling(wanted, inventory);
  },
};
