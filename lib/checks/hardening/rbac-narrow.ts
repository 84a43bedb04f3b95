import type { Manifest } from '../../support/edit';
import type { Finding, FinishedObject, Rule, World } from '../rule';
import { accountOf, subjectsOf } from '../world/accounts';
import { inventoryOf } from '../world/inventory';
import { nameOf, namespaceOf } from '../world/objects';
import { once } from '../world/once';
import { list, map, maps } from '../world/values';

/** Rights from which all others follow: whoever has them, has the namespace or the cluster. */
export const rbacNarrow: Rule = {
  name: 'rbac-narrow',
  sentence:
    'No role allows everything, reads Secrets, makes pods or enters them, or gives itself more rights; those who run no pod of it may enter the pods of one namespace, and deploy to it.',
  why: 'One pod that is broken into then reads every Secret of the namespace, or starts a pod that does, and the intruder owns all of it.',
  source: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const object of world.objects) {
      const { kind } = object.manifest;
      if (kind === 'Role' || kind === 'ClusterRole') yield* ofRole(object, world);
      if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') yield* ofBinding(object);
    }
  },
};

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

function* ofRole(object: FinishedObject, world: World): Iterable<Finding> {
  for (const [index, rule] of maps(object.manifest['rules']).entries()) {
    const at = `rules[${index}]`;
    const wild = ['apiGroups', 'resources', 'verbs', 'nonResourceURLs'].filter((field) => list(rule[field]).some(isAll));
    for (const field of wild) {
      const fix = 'list what the program asks for, and nothing else';
      yield { object, field: `${at}.${field}`, must: 'name each of them', got: rule[field], fix };
    }
    // What a wildcard allows is told by the wildcard.
    if (wild.length > 0) continue;
    for (const [power, verbs] of powersOf(rule)) {
      if (OF_PEOPLE.includes(power) && isOfPeople(object.manifest, world)) continue;
      const others =
        power === ENTER
          ? 'bind it, in its namespace, to people alone'
          : 'leave the work to a controller that has its own account';
      const fix = `drop the verbs, or ${others}`;
      yield { object, field: `${at}.verbs`, must: `not ${power}`, got: verbs, fix };
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
const boundRoles = once((world: World) => {
  const bound = new Map<string, Manifest[]>();
  for (const { manifest } of inventoryOf(world).ofKind('RoleBinding', 'ClusterRoleBinding')) {
    const { kind, name } = map(manifest['roleRef']);
    const key = roleKey(String(kind), namespaceOf(manifest), String(name));
    bound.set(key, [...(bound.get(key) ?? []), manifest]);
  }
  return bound;
});

/** The accounts of pods: who breaks into one of these has what the account has. */
const podAccounts = once((world: World) => new Set(inventoryOf(world).pods.map((pod) => `${pod.namespace}/${accountOf(pod)}`)));

/** Whether groups, users and accounts of others have a role, in one namespace each, and no pod of the environment. */
function isOfPeople(role: Manifest, world: World): boolean {
  const bindings = boundRoles(world).get(roleKey(String(role['kind']), namespaceOf(role), nameOf(role) ?? '')) ?? [];
  const accounts = podAccounts(world);
  return (
    bindings.some(({ subjects }) => maps(subjects).length > 0) &&
    bindings.every((binding) => binding['kind'] === 'RoleBinding' && !subjectsOf(binding).some((one) => accounts.has(one)))
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

function* ofBinding(object: FinishedObject): Iterable<Finding> {
  const { kind, name } = map(object.manifest['roleRef']);
  if (kind === 'ClusterRole' && BUILT_IN.includes(name)) {
    const fix = 'make a Role with the verbs that the program needs';
    yield { object, field: 'roleRef.name', must: 'name a role made for this program', got: name, fix };
  }
  for (const [index, subject] of maps(object.manifest['subjects']).entries()) {
    if (!/^system:(?:anonymous|(?:un)?authenticated|serviceaccounts(?::.*)?)$/.test(String(subject['name']))) continue;
    const fix = 'name the one ServiceAccount that needs it';
    yield { object, field: `subjects[${index}].name`, must: 'name one account', got: subject['name'], fix };
  }
}
