import { App } from 'cdk8s';
import {
  Checks,
  clusterNeeds,
  PodAccess,
  render,
  type Manifest,
  type NamedEnvironment,
  type PodAccessProps,
} from '../../lib/index';
import { build, production, staging } from '../support/stack';
import { invalidObjects } from '../support/models';
import { report } from '../plan/report';
import { add } from '../support/said';
import { vary } from '../support/vary';
import { chart, objects, refusalsOf } from '../support/chart';

const RBAC = 'rbac.authorization.k8s.io';

test('with everything set it gives groups, users and accounts of others the same Role', () => {
  const everything: Required<PodAccessProps> = {
    name: 'shop',
    subjects: [{ group: 'oidc:shop-oncall' }, { user: 'ann@example.com' }, { serviceAccount: 'runner', namespace: 'bastion' }],
  };
  const tried = chart();
  const { role, binding } = new PodAccess(tried, 'PodAccess', everything);
  expect([role?.name, binding?.name]).toEqual(['shop-pod-access', 'shop-pod-access']);
  const [{ rules } = {}, { roleRef, subjects } = {}] = objects(tried);
  expect(rules).toEqual([
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    { apiGroups: [''], resources: ['pods/exec', 'pods/attach', 'pods/portforward'], verbs: ['get', 'create'] },
    { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs: ['get'] },
  ]);
  expect(roleRef).toEqual({ apiGroup: RBAC, kind: 'Role', name: 'shop-pod-access' });
  expect(subjects).toEqual([
    { apiGroup: RBAC, kind: 'Group', name: 'oidc:shop-oncall' },
    { apiGroup: RBAC, kind: 'User', name: 'ann@example.com' },
    { kind: 'ServiceAccount', name: 'runner', namespace: 'bastion' },
  ]);
});

test('for nobody it makes nothing', () => {
  const tried = chart();
  const { role, binding } = new PodAccess(tried, 'PodAccess', { name: 'shop', subjects: [] });
  expect([role, binding, objects(tried)]).toEqual([undefined, undefined, []]);
});

test.each<[string, unknown, string]>([
  [
    'a group of Kubernetes',
    { group: 'system:authenticated' },
    "'subjects[0].group' must not be one of those that Kubernetes keeps",
  ],
  ['an account by its user', { user: 'system:serviceaccount:a:b' }, "'subjects[0].user' must not be one of those"],
  ['a name of spaces', { group: ' ' }, "'subjects[0].group' must be a name without spaces round it"],
  ['an account in no namespace', { serviceAccount: 'runner' }, "namespace' must be given, got nothing"],
  [
    'nobody',
    {},
    "must have either 'group', or 'user', or 'serviceAccount' and 'namespace', got nothing; write { group: 'shop-oncall' }",
  ],
  ['a misspelt key', { grup: 'oncall' }, "did you mean 'group'"],
])('fails when it is given %s', (_, subject, fault) => {
  const subjects = [subject] as PodAccessProps['subjects'];
  const faults = refusalsOf((tried) => new PodAccess(tried, 'PodAccess', { name: 'shop', subjects }));
  expect(faults).toEqual([expect.stringContaining(fault)]);
});

test('fails when somebody is named twice', () => {
  const subjects = [{ group: 'oncall' }, { group: 'oncall' }];
  expect(refusalsOf((tried) => new PodAccess(tried, 'PodAccess', { name: 'shop', subjects }))).toEqual([
    expect.stringContaining("'subjects[1]' must be named once"),
  ]);
});

function written(environment: NamedEnvironment): ReadonlyMap<string, string> {
  const { files, faults } = render(build(environment));
  expect(faults).toEqual([]);
  return files;
}

test('in an environment it is a file of its own, and no other line', () => {
  const before = written(production);
  const after = written(vary(production, { podAccess: [{ group: 'shop-oncall' }] }));
  expect([...after.keys()].filter((file) => !before.has(file))).toEqual(['06-access.k8s.yaml']);
  for (const [file, text] of before) expect(after.get(file)).toBe(text);
  expect(invalidObjects([...after.values()])).toEqual([]);
  expect([...written(vary(production, { podAccess: [] }))]).toEqual([...before]);
});

test('fails in the words of the environment', () => {
  const faultsOf = (change: object): readonly string[] => render(build({ ...staging, ...change })).faults;
  expect(faultsOf({ podAccess: [{ group: 'system:masters' }] })).toEqual([
    `[06-access/PodAccess] 'podAccess[0].group' must not be one of those that Kubernetes keeps, system:, got "system:masters"; ` +
      "name your own, or a ServiceAccount as { serviceAccount: '...', namespace: '...' }",
  ]);
});

test('what applying it needs is told, and so is who must be known', () => {
  const app = build(vary(staging, { podAccess: [{ group: 'shop-oncall' }, { user: 'ann@example.com' }] }));
  render(app);
  const { beside } = clusterNeeds(app);
  expect(beside).toEqual(
    expect.arrayContaining([
      'for whoever applies it all rights of the Role kube-native-pod-access, or escalate and bind on roles',
      'the Group shop-oncall, by this name of whatever logs people in',
      'the User ann@example.com, by this name of whatever logs people in',
    ]),
  );
  const without = build(staging);
  render(without);
  expect(clusterNeeds(without).beside.filter((line) => /rights|logs people in/.test(line))).toEqual([]);
});

describe('the right to enter pods', () => {
  const role = (kind = 'Role') => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name: 'enter' },
    rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] }],
  });
  const bound = (subject: object, kind = 'RoleBinding', to = 'Role', name = 'one') => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind: to, name: 'enter' },
    subjects: [{ apiGroup: RBAC, ...subject }],
  });
  const faultsOf = (...manifests: object[]): readonly string[] => {
    const app = new App();
    build(vary(staging, { amend: (charts) => add(charts, ...(manifests as Manifest[])) }), app);
    return render(app).faults.filter((fault) => fault.endsWith('(rbac-narrow)'));
  };
  const group = { kind: 'Group', name: 'oncall' };
  const account = (name: string, namespace: string) => ({ apiGroup: '', kind: 'ServiceAccount', name, namespace });

  test.each([
    ['a group', [role(), bound(group)]],
    ['a user', [role(), bound({ kind: 'User', name: 'ann@example.com' })]],
    ['an account of another namespace', [role(), bound(account('runner', 'bastion'))]],
    ['a ClusterRole that is bound here', [role('ClusterRole'), bound(group, 'RoleBinding', 'ClusterRole')]],
  ])('may be that of %s', (_, manifests) => {
    expect(faultsOf(...manifests)).toEqual([]);
  });

  test.each([
    ['nobody', [role()]],
    ['the account of a pod', [role(), bound(account('kube-native', staging.namespace))]],
    [
      'the user that the account of a pod is',
      [role(), bound({ kind: 'User', name: `system:serviceaccount:${staging.namespace}:kube-native` })],
    ],
    [
      'people, and of a pod too',
      [role(), bound(group), bound(account('kube-native', staging.namespace), 'RoleBinding', 'Role', 'two')],
    ],
    ['people in the whole cluster', [role('ClusterRole'), bound(group, 'ClusterRoleBinding', 'ClusterRole')]],
  ])('fails when it is that of %s', (_, manifests) => {
    expect(faultsOf(...manifests)).toEqual([
      expect.stringContaining(
        '\'rules[0].verbs\' must not enter pods, got ["get","create"]; drop the verbs, or bind it, in its namespace, to people alone',
      ),
    ]);
  });

  test.each([
    ['nodes/proxy', 'get', 'command the kubelet'],
    ['pods/ephemeralcontainers', 'patch', 'add containers to pods'],
    ['pods/*', 'get', 'name each of them'],
    ['*/exec', 'create', 'name each of them'],
    ['*', 'get', 'name each of them'],
  ])('fails when %s is given to people as well', (resource, verb, must) => {
    const own = { ...role(), rules: [{ apiGroups: [''], resources: [resource], verbs: [verb] }] };
    expect(faultsOf(own, bound(group))).toEqual([expect.stringContaining(must)]);
  });
});

test('a plan says what opens', () => {
  const open = { podAccess: [{ group: 'shop-oncall' }] };
  const plan = report(staging, vary(staging, open));
  expect(plan).toContain('allows: Role kube-native-pod-access: get, create pods/exec');
  expect(plan).toContain('allows: Group shop-oncall has the Role kube-native-pod-access');
  expect(report(vary(staging, open), staging)).toContain('no longer allows: Group shop-oncall has the Role');
});

test('whoever takes the word for that of the releases of operators is told', () => {
  const { faults } = render(build({ ...staging, operators: [{ group: 'shop-oncall' }] } as unknown as NamedEnvironment));
  expect(faults).toEqual([expect.stringContaining("people who look into pods stand in 'podAccess'")]);
});

test('the objects are known by name', () => {
  const app = build(vary(staging, { podAccess: [{ group: 'shop-oncall' }] }));
  expect(render(app).faults).toEqual([]);
  const own = Checks.of(app).world.objects.filter(({ manifest }) => String(manifest['metadata'].name).endsWith('-pod-access'));
  expect(own.map(({ manifest: { kind, metadata } }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
    'Role kube-native-staging/kube-native-pod-access',
    'RoleBinding kube-native-staging/kube-native-pod-access',
  ]);
});
