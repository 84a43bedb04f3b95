import type { Manifest } from '../../support/edit';
import { eachObject, type Fault } from '../each';
import type { World } from '../rule';
import { accountOf, subjectsOf } from '../../model/accounts';
import { inventoryOf } from '../../model/inventory';
import { grouped, list, map, maps, nameOf, namespaceOf, once } from '../../model/values';

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
