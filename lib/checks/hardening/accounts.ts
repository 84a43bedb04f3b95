import { eachOf, eachPod, type Fault } from '../each';
import type { World } from '../rule';
import { accountOf, hasRights, hasToken, subjectsOf } from '../../model/accounts';
import { type Inventory, inventoryOf } from '../../model/inventory';
import { type Pod, templatePath } from '../../model/pods';
import { annotationsOf, map, maps, namespaceOf, once, text } from '../../model/values';
import { onlyInLiteral, remedy } from '../../model/remedy';

export const ownServiceAccount = eachPod({
  name: 'own-service-account',
  sentence: 'Every pod runs as a ServiceAccount of its own name.',
  why: 'What one tool is allowed through "default", every other pod of the namespace may do as well, also the one that was broken into.',
  source: 'https://kubernetes.io/docs/concepts/security/service-accounts/',
  severity: 'warning',
  policy: true,
  *each({ path, spec }) {
    const got: unknown = spec['serviceAccountName'] ?? spec['serviceAccount'];
    if (typeof got === 'string' && got !== '' && got !== 'default') return;
    const fix = 'make a ServiceAccount with the name of the controller, and name it here';
    yield { field: `${path}.serviceAccountName`, must: 'name another ServiceAccount than default', got, fix };
  },
});

export const tokenUnused = eachPod({
  name: 'token-unused',
  sentence: 'No pod holds a token of the Kubernetes API whose ServiceAccount has no rights.',
  why: 'Whoever can read one file of the pod, through a path that was not checked, talks to the API server as this pod.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
  severity: 'warning',
  policy: true,
  *each(pod, world) {
    const got: unknown = pod.spec['automountServiceAccountToken'];
    if (got === false || hasRights(pod, world)) return;
    const fix = 'set it, or bind a Role to the ServiceAccount where the program asks the API';
    yield { field: `${pod.path}.automountServiceAccountToken`, must: 'be false', got, fix };
  },
});

export const serviceLinks = eachPod({
  name: 'service-links',
  sentence: 'No pod gets variables for the Services of its namespace.',
  why: 'A Service named "database" sets DATABASE_PORT to tcp://10.0.0.1:5432 in every pod, and a release that reads it as a number does not boot.',
  source: 'https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables',
  severity: 'warning',
  policy: true,
  *each({ path, spec }) {
    const got: unknown = spec['enableServiceLinks'];
    const fix = 'set it: names of Services are found by DNS';
    if (got !== false) yield { field: `${path}.enableServiceLinks`, must: 'be false', got, fix };
  },
});

/** A right without a token is a program that is refused, and one without pods waits for whoever makes some. */
export const rightsUsed = eachOf(
  'RoleBinding',
  'ClusterRoleBinding',
)({
  name: 'rights-used',
  sentence: 'Who has rights in the Kubernetes API has pods with a token.',
  why: 'Without a token every call is refused as anonymous, whatever the Role says; and rights that nobody uses are there for whoever finds them.',
  source:
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting',
  *each({ manifest }, world) {
    // Groups and people are elsewhere.
    if (!maps(manifest['subjects']).some(({ kind }) => kind === 'ServiceAccount')) return;
    const accounts = subjectsOf(manifest).filter((account) => !usedOtherwise(world).has(account));
    for (const account of accounts) yield* unused(account, inventoryOf(world));
  },
});

function* unused(account: string, inventory: Inventory): Iterable<Fault> {
  const [namespace = '', name = ''] = account.split('/');
  // Only of an account that stands in the YAML is known who uses it.
  if (!inventory.find('ServiceAccount', name, namespace)?.object) return;
  const pods = inventory.pods.filter((pod) => pod.namespace === namespace && accountOf(pod) === name);
  if (pods.some((pod) => hasToken(pod, inventory) || asksAsNode(pod))) return;
  const [pod] = pods;
  const place = { field: 'subjects', got: name };
  if (!pod) {
    const fix = 'name the account of the pods that ask the API, or remove the binding';
    yield { ...place, must: 'name accounts that pods have', fix };
  } else {
    const who = `${pod.kind} ${pod.name}`;
    const field = `${pod.path}.automountServiceAccountToken: true`;
    const way = remedy`let ${who} have one by ${onlyInLiteral("'mountToken', ")}${field}, or remove the binding`;
    yield { ...place, must: 'name accounts whose pods have a token of the Kubernetes API', ...way };
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
const usedOtherwise = once(({ objects }: World): ReadonlySet<string> => {
  const used = new Set<string>();
  const read = (value: unknown, namespace: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value as Record<string, unknown>)) {
      const name = text(inner) ?? text(map(inner)['name']);
      if (/^serviceAccount(?:Name|Ref)?$/.test(key) && name !== undefined) used.add(`${namespace}/${name}`);
      else read(inner, namespace);
    }
  };
  for (const { manifest } of objects) {
    const namespace = namespaceOf(manifest);
    const holder = text(annotationsOf(manifest)['kubernetes.io/service-account.name']);
    if (manifest['kind'] === 'Secret' && holder !== undefined) used.add(`${namespace}/${holder}`);
    if (templatePath(manifest) === undefined) read(manifest['spec'], namespace);
  }
  return used;
});
