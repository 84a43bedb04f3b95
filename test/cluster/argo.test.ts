import { App, Chart } from 'cdk8s';
import { loadAll } from 'js-yaml';
import { ArgoApplication, render, type Argo, type Manifest } from '../../lib/index';
import { clusterNeeds } from '../../lib/environment/needs';
import { build, facts, production } from '../support/stack';
import { vary, type Variation } from '../support/vary';

const repository = 'https://github.com/acme/shop-stack.git';

function told(argo: Argo, change: Variation = {}) {
  const app = build(vary(production, { delivery: 'argo', argo }, change), new App(), facts);
  const { faults, files, apart } = render(app);
  const [file] = apart;
  const [project, application] = file ? (loadAll(file.text) as Manifest[]) : [];
  return { app, faults, files, file, project, application };
}

describe('what Argo CD is told of an environment', () => {
  const { faults, file, files, project, application, app } = told({ repository, revision: 'main', automated: true });

  test('is a file of its own, of the cluster of Argo CD', () => {
    expect(faults).toEqual([]);
    expect([file?.folder, file?.file]).toEqual(['argo', undefined]);
    expect(file?.text).not.toContain('cdk8s-phoenix/cluster');
    expect([...files.values()].join('\n')).toContain('cdk8s-phoenix/cluster: production');
    expect(JSON.stringify(clusterNeeds(app))).not.toMatch(/appproject|application\.argoproj/);
  });

  test('names the one folder, and applies what changes there where it is asked to', () => {
    expect(application?.['spec']).toEqual({
      project: 'kube-native-production',
      source: { repoURL: repository, path: 'dist/production', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'kube-native-production' },
      syncPolicy: { automated: { prune: true }, syncOptions: ['FailOnSharedResource=true'] },
    });
    expect(told({ repository }).application?.['spec'].syncPolicy).toEqual({ syncOptions: ['FailOnSharedResource=true'] });
  });

  test('allows the kinds and the namespace of its objects', () => {
    const { clusterResourceWhitelist, namespaceResourceWhitelist, destinations, sourceRepos } = project?.['spec'] as Manifest;
    expect([sourceRepos, clusterResourceWhitelist]).toEqual([[repository], [{ group: '', kind: 'Namespace' }]]);
    expect(destinations).toEqual([{ server: 'https://kubernetes.default.svc', namespace: 'kube-native-production' }]);
    const kinds = (namespaceResourceWhitelist as Manifest[]).map(({ group, kind }) => `${group}/${kind}`);
    const written = [...files.values()].flatMap((text) => loadAll(text) as Manifest[]).filter(({ kind }) => kind !== 'Namespace');
    const own = written.map(({ apiVersion, kind }) => `${/^(.*)\//.exec(String(apiVersion))?.[1] ?? ''}/${kind}`);
    expect(kinds).toEqual([...new Set(own)].sort());
    const more = told({ repository }, { podAccess: [{ group: 'oncall' }] }).project?.['spec'] as Manifest;
    expect(
      (more['namespaceResourceWhitelist'] as Manifest[]).filter((one) => !kinds.includes(`${one['group']}/${one['kind']}`)),
    ).toEqual([
      { group: 'rbac.authorization.k8s.io', kind: 'Role' },
      { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding' },
    ]);
  });

  test('may be elsewhere, or an artifact', () => {
    const spec = told({
      repository: 'oci://registry.example.com/shop',
      revision: 'production',
      server: 'https://10.0.0.1:6443',
      namespace: 'delivery',
    });
    expect(spec.faults).toEqual([]);
    expect(spec.application?.['metadata'].namespace).toBe('delivery');
    expect(spec.application?.['spec']).toMatchObject({
      source: { repoURL: 'oci://registry.example.com/shop', path: '.', targetRevision: 'production' },
      destination: { server: 'https://10.0.0.1:6443' },
    });
    expect(spec.project?.['spec'].sourceRepos).toEqual(['oci://registry.example.com/shop']);
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = told({ repository: 'oci://registry.example.com/shop', revision: digest });
    expect([pinned.faults, pinned.application?.['spec'].source.targetRevision]).toEqual([[], digest]);
  });
});

describe('Argo CD is told nothing', () => {
  test('of an environment that is delivered otherwise', () => {
    expect(told({ repository }, { delivery: 'flux' }).faults).toEqual([
      expect.stringContaining("'argo' must be left out where delivery is not 'argo', got \"flux\""),
    ]);
  });

  test.each([
    ['shop-stack', /'argo\.repository' must be the address of a repository/],
    ['https://ci:hunter2@git.example.com/shop.git', /'argo\.repository' must have no password in it, got "one with a password"/],
  ])('by the address %s', (address, fault) => {
    const { faults } = told({ repository: address });
    expect(faults).toContainEqual(expect.stringMatching(fault));
    expect(faults.join()).not.toContain('hunter2');
  });

  test('of a folder outside of the repository', () => {
    expect(told({ repository, path: '../dist' }).faults).toEqual([
      expect.stringMatching(/'argo\.path' must be a folder of the repository/),
    ]);
  });

  test.each([
    [{ repository: 'oci://ghcr.io/acme/shop:1', revision: 'production' }, "repository' must be a repository of a registry"],
    [{ repository: 'oci://ghcr.io/Acme/shop', revision: 'production' }, "repository' must be a repository of a registry"],
    [{ repository: 'oci://ghcr.io/acme/shop', revision: 'sha256:00' }, "revision' must be a digest"],
  ])('of an artifact that is none: %j', (source, sentence) => {
    expect(told(source).faults).toEqual([expect.stringContaining(sentence)]);
  });

  test.each([undefined, 'HEAD', 'latest'])('of an artifact by %s', (revision) => {
    expect(
      told({ repository: 'oci://registry.example.com/shop', ...(revision === undefined ? {} : { revision }) }).faults,
    ).toEqual([expect.stringContaining("'argo.revision' must name an artifact of the registry")]);
  });

  test('but by a chart of anybody', () => {
    const chart = new Chart(new App(), 'argo');
    const { project } = new ArgoApplication(chart, 'Argo', {
      name: 'shop',
      source: { repository: 'git@github.com:acme/shop.git' },
    });
    expect(project.toJson()).toMatchObject({ metadata: { name: 'shop', namespace: 'argocd' } });
  });
});
