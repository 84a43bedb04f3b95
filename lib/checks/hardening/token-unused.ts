import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { namespaceOf } from '../world/objects';
import { maps } from '../world/values';

/** A token that nothing uses is of use to an intruder alone. */
export const tokenUnused: Rule = {
  name: 'token-unused',
  sentence: 'No pod holds a token of the Kubernetes API whose ServiceAccount has no rights.',
  why: 'Whoever can read one file of the pod, through a path that was not checked, talks to the API server as this pod.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
  *find(world: World): Iterable<Finding> {
    let bound: ReadonlySet<string> | undefined;
    for (const { object, path, spec } of inventoryOf(world).pods) {
      const got: unknown = spec['automountServiceAccountToken'];
      if (got === false) continue;
      bound ??= boundAccounts(world);
      const namespace = namespaceOf(object.manifest);
      const account = String(spec['serviceAccountName'] ?? spec['serviceAccount'] ?? 'default');
      if ([`${namespace}/${account}`, `${namespace}/*`, '*/*'].some((key) => bound?.has(key))) continue;
      const fix = 'set it, or bind a Role to the ServiceAccount where the program asks the API';
      yield { object, field: `${path}.automountServiceAccountToken`, must: 'be false', got, fix };
    }
  },
};

/** Who has rights by any binding: `namespace/name`, with `*` for all. */
function boundAccounts({ objects }: World): ReadonlySet<string> {
  return new Set(
    objects.flatMap(({ manifest }) => {
      if (manifest['kind'] !== 'RoleBinding' && manifest['kind'] !== 'ClusterRoleBinding') return [];
      const namespace = namespaceOf(manifest);
      return maps(manifest['subjects']).flatMap((subject) => accountsOf(subject, namespace));
    }),
  );
}

function accountsOf({ kind, name, namespace }: Manifest, ofBinding: string): string[] {
  if (kind === 'ServiceAccount') return [`${namespace ?? ofBinding}/${name}`];
  if (kind === 'User') return [String(name).replace(/^system:serviceaccount:([^:]+):/, '$1/')];
  if (kind !== 'Group') return [];
  if (name === 'system:serviceaccounts' || name === 'system:authenticated') return ['*/*'];
  const [, all] = /^system:serviceaccounts:(.+)$/.exec(String(name)) ?? [];
  return all === undefined ? [] : [`${all}/*`];
}
