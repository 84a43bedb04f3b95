import type { Finding, FinishedObject, Rule, World } from '../rule';
import { accountOf, hasToken, subjectsOf } from '../world/accounts';
import { type Inventory, inventoryOf } from '../world/inventory';
import { maps, nameOf, namespaceOf } from '../world/values';
import type { Pod } from '../world/pods';

/** A right without a token is a program that is refused, and one without pods waits for whoever makes some. */
export const rightsUsed: Rule = {
  name: 'rights-used',
  sentence: 'Who has rights in the Kubernetes API has pods with a token.',
  why: 'Without a token every call is refused as anonymous, whatever the Role says; and rights that nobody uses are there for whoever finds them.',
  source:
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    const bindings = inventory.ofKind('RoleBinding', 'ClusterRoleBinding');
    if (bindings.length === 0) return;
    const used = usedOtherwise(world);
    for (const object of bindings) {
      const accounts = new Set(maps(object.manifest['subjects']).map(({ kind }) => kind));
      // Groups and people are elsewhere.
      if (!accounts.has('ServiceAccount')) continue;
      for (const account of subjectsOf(object.manifest)) yield* ofAccount(object, account, used, inventory);
    }
  },
};

function* ofAccount(object: FinishedObject, account: string, used: ReadonlySet<string>, inventory: Inventory): Iterable<Finding> {
  const [namespace = '', name = ''] = account.split('/');
  // Only of an account that stands in the YAML is known who uses it.
  if (!inventory.find('ServiceAccount', name, namespace)?.object || used.has(account)) return;
  const pods = inventory.pods.filter((pod) => pod.namespace === namespace && accountOf(pod) === name);
  if (pods.some((pod) => hasToken(pod, inventory) || asksAsNode(pod))) return;
  const [pod] = pods;
  const place = { object, field: 'subjects', got: name };
  if (!pod) {
    const fix = 'name the account of the pods that ask the API, or remove the binding';
    yield { ...place, must: 'name accounts that pods of the environment have', fix };
  } else {
    const who = `${pod.kind} ${nameOf(pod.object.manifest)}`;
    const fix = `let ${who} have one by 'mountToken', ${pod.path}.automountServiceAccountToken: true, or remove the binding`;
    yield { ...place, must: 'name accounts whose pods have a token of the Kubernetes API', fix };
  }
}

/** Whether a pod is a node that finds others by the API: that it needs a token is said where it is said what nodes need. */
function asksAsNode({ containers }: Pod): boolean {
  return containers.some(({ variables }) => variables.byName.has('LIBCLUSTER_SELECTOR'));
}

/**
 * The accounts that something else than a pod acts as: controllers that take a name of one, such as Flux and the External
 * Secrets Operator, and Secrets that hold a token.
 */
function usedOtherwise({ objects }: World): ReadonlySet<string> {
  const used = new Set<string>();
  const read = (value: unknown, namespace: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value as Record<string, unknown>)) {
      const name = typeof inner === 'string' ? inner : (inner as { name?: unknown } | null | undefined)?.name;
      if (/^serviceAccount(?:Name|Ref)?$/.test(key) && typeof name === 'string') used.add(`${namespace}/${name}`);
      else read(inner, namespace);
    }
  };
  for (const { manifest } of objects) {
    const namespace = namespaceOf(manifest);
    const { kind, metadata, spec } = manifest as {
      kind?: unknown;
      metadata?: { annotations?: Record<string, unknown> };
      spec?: unknown;
    };
    const holder = metadata?.annotations?.['kubernetes.io/service-account.name'];
    if (kind === 'Secret' && typeof holder === 'string') used.add(`${namespace}/${holder}`);
    if (!POD_KINDS.has(kind)) read(spec, namespace);
  }
  return used;
}

const POD_KINDS: ReadonlySet<unknown> = new Set([
  ...['Pod', 'Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Rollout'],
]);
