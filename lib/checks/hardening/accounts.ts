import type { Manifest } from '../../support/edit';
import { eachObject, eachOf, eachPod, type Fault } from '../each';
import type { World } from '../rule';
import { accountOf, hasRights, hasToken, subjectsOf } from '../world/accounts';
import { type Inventory, inventoryOf } from '../world/inventory';
import { type Pod, templatePath } from '../world/pods';
import { annotationsOf, grouped, list, map, maps, nameOf, namespaceOf, once, text } from '../world/values';

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
    yield { ...place, must: 'name accounts that pods of the environment have', fix };
  } else {
    const who = `${pod.kind} ${pod.name}`;
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

export const rbacNarrow = eachObject({
  name: 'rbac-narrow',
  sentence:
    'No role allows everything, reads Secrets, makes pods or enters them, or gives itself more rights; those who run no pod of it may enter the pods of one namespace, and deploy to it.',
  why: 'One pod that is broken into then reads every Secret of the namespace, or starts a pod that does, and the intruder owns all of it.',
  source: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
  severity: 'warning',
  *each({ manifest }, world) {
    const { kind } = manifest;
    if (kind === 'Role' || kind === 'ClusterRole') yield* ofRole(manifest, world);
    if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') yield* ofBinding(manifest);
  },
});

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'update', 'patch'];
const PODS = ['pods', 'podtemplates', 'replicationcontrollers', 'deployments', 'replicasets', 'statefulsets', 'daemonsets'];

/** What people do who look into a pod: `kubectl exec`, `attach` and `port-forward`. */
const ENTER = 'enter pods';
/** What a pipeline does that applies an environment. */
const DEPLOY = 'make pods, which can mount any Secret';
/** Powers that are for people and pipelines, and for no pod. */
const OF_PEOPLE = [ENTER, DEPLOY];

/** Resources, what a verb does to them, and the verbs. */
const POWERS: readonly [resources: readonly string[], power: string, verbs: readonly string[]][] = [
  [['secrets'], 'read Secrets', READ],
  [[...PODS, 'jobs', 'cronjobs'], DEPLOY, WRITE],
  [['pods/exec', 'pods/attach', 'pods/portforward'], ENTER, [...READ, ...WRITE]],
  [['pods/proxy', 'services/proxy'], 'reach pods through the API server', [...READ, ...WRITE]],
  [['pods/ephemeralcontainers'], 'add containers to pods, which can read any Secret', WRITE],
  [['serviceaccounts/token'], 'make tokens of other ServiceAccounts', WRITE],
  [['nodes/proxy'], 'command the kubelet', [...READ, ...WRITE]],
  [['roles', 'clusterroles'], 'give more rights than it has', ['escalate', 'bind']],
  [['rolebindings', 'clusterrolebindings'], 'give rights to others', WRITE],
  [['users', 'groups', 'serviceaccounts', 'uids'], 'act as someone else', ['impersonate']],
];

function* ofRole(role: Manifest, world: World): Iterable<Fault> {
  for (const [index, rule] of maps(role['rules']).entries()) {
    const at = `rules[${index}]`;
    const wild = ['apiGroups', 'resources', 'verbs', 'nonResourceURLs'].filter((field) => list(rule[field]).some(isAll));
    const narrow = 'list what the program asks for, and nothing else';
    for (const field of wild) yield { field: `${at}.${field}`, must: 'name each of them', got: rule[field], fix: narrow };
    // What a wildcard allows is told by the wildcard.
    if (wild.length > 0) continue;
    for (const [power, verbs] of powersOf(rule)) {
      if (OF_PEOPLE.includes(power) && isOfPeople(role, world)) continue;
      const others =
        power === ENTER
          ? 'bind it, in its namespace, to people alone'
          : 'leave the work to a controller that has its own account';
      yield { field: `${at}.verbs`, must: `not ${power}`, got: verbs, fix: `drop the verbs, or ${others}` };
    }
  }
}

function powersOf(rule: Manifest): Iterable<[string, readonly string[]]> {
  const resources = new Set(list(rule['resources']));
  const verbs = list(rule['verbs']).map(String);
  const found = new Map<string, readonly string[]>();
  for (const [over, power, by] of POWERS) {
    const used = verbs.filter((verb) => by.includes(verb));
    if (used.length > 0 && over.some((resource) => resources.has(resource))) found.set(power, used);
  }
  return found;
}

/** Who has each role, and how: `kind/namespace/name` of the role. */
const boundRoles = once((world: World) =>
  grouped(inventoryOf(world).ofKind('RoleBinding', 'ClusterRoleBinding'), ({ manifest }) => {
    const { kind, name } = map(manifest['roleRef']);
    return roleKey(String(kind), namespaceOf(manifest), String(name));
  }),
);

/** The accounts of pods: who breaks into one of these has what the account has. */
const podAccounts = once((world: World) => new Set(inventoryOf(world).pods.map((pod) => `${pod.namespace}/${accountOf(pod)}`)));

/** Whether groups, users and accounts of others have a role, in one namespace each, and no pod of the environment. */
function isOfPeople(role: Manifest, world: World): boolean {
  const bindings = boundRoles(world).get(roleKey(String(role['kind']), namespaceOf(role), nameOf(role) ?? '')) ?? [];
  const accounts = podAccounts(world);
  return (
    bindings.some(({ manifest }) => maps(manifest['subjects']).length > 0) &&
    bindings.every(({ manifest }) => manifest['kind'] === 'RoleBinding' && !subjectsOf(manifest).some((one) => accounts.has(one)))
  );
}

function roleKey(kind: string, namespace: string, name: string): string {
  return `${kind}/${kind === 'Role' ? namespace : ''}/${name}`;
}

/** Everything of its sort: `*`, every subresource as in `pods/*`, every URL. */
function isAll(name: unknown): boolean {
  return /^(?:[a-z]*\/)?\*(?:\/[a-z]+)?$/.test(String(name));
}

/** Roles of every cluster that allow all of the above. */
const BUILT_IN = ['cluster-admin', 'admin', 'edit'];

function* ofBinding({ roleRef, subjects }: Manifest): Iterable<Fault> {
  const { kind, name } = map(roleRef);
  if (kind === 'ClusterRole' && BUILT_IN.includes(name)) {
    const fix = 'make a Role with the verbs that the program needs';
    yield { field: 'roleRef.name', must: 'name a role made for this program', got: name, fix };
  }
  for (const [index, subject] of maps(subjects).entries()) {
    if (!/^system:(?:anonymous|(?:un)?authenticated|serviceaccounts(?::.*)?)$/.test(String(subject['name']))) continue;
    const fix = 'name the one ServiceAccount that needs it';
    yield { field: `subjects[${index}].name`, must: 'name one account', got: subject['name'], fix };
  }
}
