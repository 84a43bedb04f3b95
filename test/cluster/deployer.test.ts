import { ApiObject, App, Chart } from 'cdk8s';
import { Deployer, render, type AccessSubject, type Manifest, type NamedEnvironment } from '../../lib/index';
import { deployerRights, type Right } from '../../lib/delivery/deployer-rights';
import { pluralOf } from '../../lib/model/kinds';
import { clusterNeeds } from '../../lib/environment/needs';
import { needsText } from '../../lib/needs/needs-text';
import { invalidObjects } from '../support/models';
import { build, facts, production, staging } from '../support/stack';
import { vary, type Variation } from '../support/vary';

const ci: AccessSubject = { user: 'github:repo:acme/shop-stack:environment:production' };

/** The file of those who deploy, and what is wrong. */
function deployed(environment: NamedEnvironment, change: Variation = {}) {
  const app = build(vary(environment, { deployers: [ci] }, change), new App(), facts);
  const { faults, apart } = render(app);
  const [file] = apart;
  const objects = app.node
    .findAll()
    .filter((one): one is ApiObject => ApiObject.isApiObject(one))
    .filter(({ name }) => name.endsWith('kube-native-deployer'))
    .map((one) => one.toJson() as Manifest);
  return { app, faults, file, objects, of: (kind: string) => objects.find((one) => one['kind'] === kind) };
}

/** Rights as lines: `apps deployments[kube-native] get,patch`. */
const lines = (role: Manifest | undefined): string[] =>
  (role?.['rules'] as Right[]).map(({ apiGroups, resources, resourceNames, verbs }) => {
    return `${apiGroups.join()} ${resources.join()}${resourceNames ? `[${resourceNames.join()}]` : ''} ${verbs.join()}`;
  });

describe('who deploys an environment', () => {
  const { faults, file, objects, of } = deployed(production);

  test('has rights in a file of its own, which is no part of the environment', () => {
    expect(faults).toEqual([]);
    expect([file?.folder, file?.file]).toEqual(['cluster/production', 'production-deployers']);
    expect(invalidObjects([file?.text ?? ''])).toEqual([]);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`)).toEqual([
      'Role kube-native-production kube-native-deployer',
      'RoleBinding kube-native-production kube-native-deployer',
      'ClusterRole  kube-native-production.kube-native-deployer',
      'ClusterRoleBinding  kube-native-production.kube-native-deployer',
    ]);
    expect(of('RoleBinding')?.['subjects']).toEqual([
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'github:repo:acme/shop-stack:environment:production' },
    ]);
  });

  test('may apply what is there by its name, and make anew what has a hash', () => {
    expect(lines(of('Role'))).toEqual([
      ' configmaps create,get,list,patch,delete',
      ' services,serviceaccounts create',
      'apps deployments create',
      'autoscaling horizontalpodautoscalers create',
      'batch jobs create,get,list,watch,patch,delete',
      'gateway.envoyproxy.io backendtrafficpolicies create',
      'gateway.networking.k8s.io httproutes create',
      'networking.k8s.io networkpolicies create',
      'policy poddisruptionbudgets create',
      ' limitranges[defaults] get',
      ' resourcequotas[budget] get',
      ' services[kube-native,kube-native-mesh] get,patch,delete',
      ' serviceaccounts[kube-native,kube-native-migrate,kube-native-worker] get,patch,delete',
      'apps deployments[kube-native,kube-native-worker] get,list,watch,patch,delete',
      'autoscaling horizontalpodautoscalers[kube-native] get,patch,delete',
      'gateway.envoyproxy.io backendtrafficpolicies[kube-native] get,patch,delete',
      'gateway.networking.k8s.io httproutes[kube-native,kube-native-http] get,patch,delete',
      'networking.k8s.io networkpolicies[default-deny,kube-native,kube-native-migrate,kube-native-worker] get,patch,delete',
      'policy poddisruptionbudgets[kube-native,kube-native-worker] get,patch,delete',
      ' pods,events get,list,watch',
      ' pods/log get',
      'apps controllerrevisions,daemonsets,deployments,replicasets,statefulsets get,list',
      'batch cronjobs,jobs get,list',
    ]);
    expect(lines(of('ClusterRole'))).toEqual([' namespaces[kube-native-production] get']);
  });

  test('may do exactly so much more as another object needs', () => {
    const budget = { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'old' } };
    const more = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', metadata: { name: 'shop' } };
    const before = deployerRights([budget as Manifest]).namespaced.map((one) => JSON.stringify(one));
    const now = deployerRights([budget, more] as Manifest[]).namespaced.filter((one) => !before.includes(JSON.stringify(one)));
    expect(now).toEqual([
      { apiGroups: ['monitoring.coreos.com'], resources: ['podmonitors'], verbs: ['create'] },
      {
        apiGroups: ['monitoring.coreos.com'],
        resources: ['podmonitors'],
        resourceNames: ['shop'],
        verbs: ['get', 'patch', 'delete'],
      },
    ]);
  });

  test('in an environment, too: a chart of amend is one of its objects', () => {
    const amend: NamedEnvironment['amend'] = ({ release }) => {
      new ApiObject(new Chart(release.node.root, '60-own', { namespace: 'kube-native-production' }), 'Own', {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PodMonitor',
        metadata: { name: 'own' },
        spec: {
          selector: { matchLabels: { 'app.kubernetes.io/instance': 'kube-native' } },
          podMetricsEndpoints: [{ port: 'http' }],
        },
      });
    };
    const own = lines(deployed(production, { amend }).of('Role')).filter((one) => !lines(of('Role')).includes(one));
    expect(own).toEqual(['monitoring.coreos.com podmonitors create', 'monitoring.coreos.com podmonitors[own] get,patch,delete']);
  });

  test('reads what decides about rights and amounts, and deletes no data', () => {
    const all = lines(deployed(staging, { cluster: 'rehearsal', podAccess: [{ group: 'oncall' }] }).of('Role'));
    expect(all).toContain('rbac.authorization.k8s.io roles[kube-native-pod-access] get');
    expect(all).toContain('rbac.authorization.k8s.io rolebindings[kube-native-pod-access] get');
    expect(all).toContain('apps statefulsets[kube-native-postgresql] get,list,watch,patch');
    expect(all.filter((one) => /secret|exec|portforward|escalate|bind\b|\*/.test(one))).toEqual([]);
  });

  test('deploys no Secret', () => {
    const literal = { secrets: { literal: { SECRET_KEY_BASE: 'x'.repeat(64), RELEASE_COOKIE: 'y'.repeat(32) } } };
    const { faults: said } = deployed(staging, { cluster: 'rehearsal', ...literal });
    expect(said).toContainEqual(expect.stringContaining('\'deployers\' must deploy no Secret, got "kube-native"'));
  });

  test('deploys what is of known kinds, to one namespace', () => {
    const amend = (kind: string, namespace: string): Variation => ({
      amend: ({ release }) => {
        const metadata = { name: 'own', namespace };
        new ApiObject(release, 'Own', { apiVersion: 'v1', kind, metadata, ...(kind === 'List' ? { items: [] } : { data: {} }) });
      },
    });
    expect(deployed(production, amend('List', 'kube-native-production')).faults).toContainEqual(
      expect.stringContaining("'deployers' must deploy objects of known kinds"),
    );
    expect(deployed(production, amend('ConfigMap', 'gateway')).faults).toContainEqual(
      expect.stringContaining("'deployers' must deploy to the namespace kube-native-production alone"),
    );
  });

  test.each(['flux', 'argo', 'helm'] as const)('has no business where %s applies', (delivery) => {
    expect(deployed(production, { delivery }).faults).toContainEqual(
      expect.stringContaining("'deployers' must be left out where delivery is not 'apply'"),
    );
  });

  test('is asked for no rights by who applies the environment', () => {
    const { app } = deployed(production);
    const needs = needsText('production', clusterNeeds(app));
    expect(needs).not.toMatch(/deployer|clusterrole/);
  });

  test('is somebody, once, and no name that Kubernetes keeps', () => {
    const said = (...deployers: AccessSubject[]) => deployed(production, { deployers }).faults;
    expect(said({ group: 'system:masters' })).toEqual([expect.stringContaining("'deployers[0].group' must not be one of those")]);
    expect(said({ user: 'github:repo:acme/shop-stack:*' })).toEqual([
      expect.stringContaining("'deployers[0].user' must be one name"),
    ]);
    expect(said(ci, ci)).toEqual([expect.stringContaining("'deployers[1]' must be named once")]);
    expect(deployed(staging).faults).toEqual([expect.stringContaining('\'deployers\' must have a cluster, got "no cluster"')]);
  });

  test('stands in a chart of anybody', () => {
    const app = new App();
    const chart = new Chart(app, 'deployers', { namespace: 'shop' });
    new ApiObject(chart, 'Service', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } });
    const { role } = new Deployer(chart, 'Deployer', {
      name: 'shop',
      subjects: [{ serviceAccount: 'flux', namespace: 'flux-system' }],
    });
    expect(lines(role.toJson() as Manifest)).toContain(' configmaps[settings] get,patch,delete');
  });
});

test.each([
  ['NetworkPolicy', 'networkpolicies'],
  ['Ingress', 'ingresses'],
  ['Gateway', 'gateways'],
  ['Endpoints', 'endpoints'],
  ['HTTPRoute', 'httproutes'],
  ['AuthorizationPolicy', 'authorizationpolicies'],
  ['Telemetry', 'telemetries'],
  ['Middleware', 'middlewares'],
  ['PersistentVolumeClaim', 'persistentvolumeclaims'],
])('the resource of %s is %s', (kind, resource) => {
  expect(pluralOf(kind)).toBe(resource);
});
