import { App, ApiObject, Chart } from 'cdk8s';
import { ImageDeployer, OptOut, render, type AccessSubject, type Manifest, type NamedEnvironment } from '../../lib/index';
import type { Right } from '../../lib/delivery/deployer-rights';
import { invalidObjects } from '../support/models';
import { isAllowed } from '../support/rbac';
import { build, facts, production, staging } from '../support/stack';
import { vary, type Variation } from '../support/vary';
import { imageAlone, imageDeployer, ruledEnvironments } from './rights';
import { REPOSITORY } from './swaps';

const said = (change: Variation, environment: NamedEnvironment = production): readonly string[] =>
  render(build(vary(environment, imageAlone, { imageDeployers: [imageDeployer] }, change), new App(), facts)).faults;

/** The expressions of a policy, by what they are for. */
function policyOf(rights: readonly Manifest[]) {
  const policy = rights.find(({ kind }) => kind === 'ValidatingAdmissionPolicy') ?? {};
  const { matchConditions, matchConstraints, variables, validations } = policy['spec'] as Record<string, Manifest[]>;
  const all = [...(matchConditions ?? []), ...(variables ?? [])];
  const named = new Map(all.map(({ name, expression }) => [String(name), String(expression)]));
  return { policy, named, matchConstraints, expressions: (validations ?? []).map(({ expression }) => String(expression)) };
}

describe('who rolls out images', () => {
  const [, { rights, objects, namespace }] = ruledEnvironments(['whole', 'kube-native-production']);

  test('has a Role and the policy that holds them to it in a file of their own, the policy first', () => {
    const { faults, apart } = render(build(vary(production, imageAlone, { imageDeployers: [imageDeployer] }), new App(), facts));
    expect(faults).toEqual([]);
    expect(apart.map(({ folder, file }) => [folder, file])).toEqual([['cluster/production', 'production-image-deployers']]);
    expect(invalidObjects(apart.map(({ text }) => text))).toEqual([]);
    expect(rights.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`)).toEqual([
      'ValidatingAdmissionPolicy  kube-native-production.kube-native-image-deployer',
      'ValidatingAdmissionPolicyBinding  kube-native-production.kube-native-image-deployer',
      'Role kube-native-production kube-native-image-deployer',
      'RoleBinding kube-native-production kube-native-image-deployer',
    ]);
  });

  test('patches the controllers that run the image, and reads why a roll-out does not end', () => {
    const role = rights.find(({ kind }) => kind === 'Role');
    expect(role?.['rules'] as Right[]).toEqual([
      {
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: ['kube-native', 'kube-native-worker'],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
      { apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list', 'watch'] },
    ]);
  });

  test('is held to digests of one repository, in the containers that have the image', () => {
    const { policy, named, matchConstraints, expressions } = policyOf(rights);
    expect(policy['spec'].failurePolicy).toBe('Fail');
    expect(matchConstraints).toEqual({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      resourceRules: [
        {
          apiGroups: ['apps'],
          apiVersions: ['v1'],
          operations: ['*'],
          resources: ['deployments', 'deployments/*', 'statefulsets', 'statefulsets/*'],
        },
      ],
    });
    expect(named.get('is-an-image-deployer')).toBe('request.userInfo.username == "github:repo:acme/shop:environment:production"');
    expect(named.get('named')).toBe("{'deployments/kube-native': ['web'], 'deployments/kube-native-worker': ['worker']}");
    expect(expressions.at(-1)).toContain(String.raw`r'^registry\.example\.com/kube-native@sha256:[0-9a-f]{64}$'`);
    // All but the images is compared as a whole.
    expect(expressions).toHaveLength(7);
    expect(expressions.filter((one) => /command|env|volumes|replicas/.test(one))).toEqual([]);
  });

  test.each<[string, AccessSubject, string]>([
    [
      'a group',
      { group: 'shop "on" call' },
      String.raw`(has(request.userInfo.groups) && "shop \"on\" call" in request.userInfo.groups)`,
    ],
    [
      'a ServiceAccount',
      { serviceAccount: 'ci', namespace: 'build' },
      'request.userInfo.username == "system:serviceaccount:build:ci"',
    ],
  ])('may be %s', (_, subject, expression) => {
    const app = new App();
    const chart = new Chart(app, 'images', { namespace: 'shop' });
    new ApiObject(chart, 'Pods', statefulSet);
    const { policy } = new ImageDeployer(chart, 'Images', { name: 'shop', subjects: [subject], image: imageAlone.image });
    const spec = policyOf([policy.toJson() as Manifest]);
    expect(spec.named.get('is-an-image-deployer')).toBe(expression);
    expect(spec.named.get('named')).toBe("{'statefulsets/shop': ['app', 'first']}");
  });

  test('is what the YAML is once it has the same digest: nothing else changes, and no right', () => {
    const texts = (image: string): string => {
      const change = { ...imageAlone, image, imageDeployers: [imageDeployer] };
      const { faults, files, apart } = render(build(vary(production, change), new App(), facts));
      expect(faults).toEqual([]);
      return [...files.values(), ...apart.map(({ text }) => text)].join('---\n');
    };
    const other = `${REPOSITORY}@sha256:${'0'.repeat(64)}`;
    expect(texts(other)).toBe(texts(imageAlone.image).replaceAll(`image: ${imageAlone.image}`, `image: ${other}`));
    expect(texts(other)).not.toContain(imageAlone.image);
  });

  test('has pods and objects that say no version, which would be another one soon', () => {
    expect(JSON.stringify(objects)).not.toContain('app.kubernetes.io/version":');
    const told = { logs: {}, sentry: { host: 'o1.ingest.sentry.io', cidrs: 'everyone', dsn: { secret: 'sentry', key: 'dsn' } } };
    const existing = [{ kind: 'Secret', name: 'sentry' }];
    const traced = { tracing: { endpoint: 'http://collector.observability.svc:4318' } };
    expect(said({ ...told, ...traced, existing } as Variation)).toEqual([]);
  });
});

const statefulSet = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'shop' },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'app', image: imageAlone.image },
          { name: 'proxy', image: 'registry.example.com/proxy@sha256:00' },
        ],
        initContainers: [{ name: 'first', image: imageAlone.image }],
      },
    },
  },
};

describe('nobody rolls out images', () => {
  const other = expect.stringContaining("'imageDeployers' must roll out an image that nothing but the pods of the release has");

  test('before Kubernetes 1.30, which has no such policy', () => {
    const guard = OptOut.because('Kyverno asks for the same label');
    expect(said({ kubernetes: '1.29', guard })).toEqual([
      '[app] \'kubernetes\' must be 1.30 or newer for the policy of imageDeployers, got "1.29"; name the version that the cluster has, or leave them out: without a policy they could change everything',
    ]);
  });

  test('where a Job migrates for the image', () => {
    const faults = said({ migrations: {} });
    expect(faults).toEqual([other]);
    expect(faults[0]).toMatch(/Job kube-native-migrate-\w+ stays as it is, got "metadata\.|migrations: OptOut\.because/);
    expect(faults[0]).toContain('a new image is a new synth');
  });

  test('where a task runs it', () => {
    expect(said({ tasks: { nightly: { schedule: '0 4 * * *', run: 'Shop.run()' } } })).toEqual([
      expect.stringContaining('CronJob kube-native-nightly stays as it is'),
    ]);
  });

  test('where nodes are called after it, or a variable tells it', () => {
    expect(said({ beam: { discovery: 'dns', scope: 'release' } })).toEqual([other, other]);
    expect(said({ config: { SOURCE_IMAGE: `${REPOSITORY}:1.0.0` } })).toContainEqual(other);
    expect(said({ pods: { annotations: { 'example.com/image': imageAlone.image } } })).toContainEqual(other);
  });

  test('where a variable tells it with the scheme of a registry, but not where it tells another repository, or a host', () => {
    const digest = imageAlone.image.replace(`${REPOSITORY}@`, '');
    const told = (image: string, SOURCE: string) =>
      said({ image, config: { SOURCE } }).filter((one) => one.includes('imageDeployers'));
    for (const source of [`docker://${REPOSITORY}:1.0.0`, `${REPOSITORY}:412`, `from ${REPOSITORY}@sha256:00`])
      expect(told(imageAlone.image, source)).toContainEqual(other);
    for (const source of [`mirror.${REPOSITORY}:1.0.0`, `registry.example.com/${REPOSITORY}:1`])
      expect(told(imageAlone.image, source)).toEqual([]);
    // The image of a laptop is called as its Service.
    for (const source of [
      'http://kube-native:80',
      'kube-native:4000',
      'kube-native:4000/health',
      'ghcr.io/acme/kube-native:1.0.0',
    ])
      expect(told(`kube-native@${digest}`, source)).toEqual([]);
    for (const source of ['kube-native:1.0.0', 'kube-native:main', 'kube-native@sha256:00'])
      expect(told(`kube-native@${digest}`, source)).toContainEqual(other);
  });

  test('by a tag, which the YAML would bring back', () => {
    for (const image of [`${REPOSITORY}:1.0.0`, `${REPOSITORY}:1.0.0${imageAlone.image.replace(REPOSITORY, '')}`])
      expect(said({ image })).toContainEqual(expect.stringContaining("'image' must be named by its digest alone"));
  });

  test.each(['flux', 'argo', 'helm'] as const)('where %s applies', (delivery) => {
    expect(said({ delivery })).toContainEqual(
      expect.stringContaining("'imageDeployers' must be left out where delivery is not 'apply'"),
    );
  });

  test('where Flux writes the image, with a tag', () => {
    expect(said({ imageUpdates: { policy: { semver: '1.x' } } })).toEqual([
      expect.stringContaining("'imageUpdates' must be left out beside imageDeployers"),
    ]);
  });

  test('who deploys all of it, or is nobody', () => {
    expect(said({ deployers: [imageDeployer] })).toEqual([
      expect.stringContaining("'imageDeployers[0]' must not be one of the deployers"),
    ]);
    expect(said({ imageDeployers: [{ group: 'system:masters' }] })).toEqual([
      expect.stringContaining("'imageDeployers[0].group' must not be one of those"),
    ]);
    expect(said({ cluster: undefined })).toEqual([
      expect.stringContaining('\'imageDeployers\' must have a cluster, got "no cluster"'),
    ]);
  });

  test('where nothing runs the image', () => {
    const app = new App();
    const image = imageAlone.image;
    new ImageDeployer(new Chart(app, 'images'), 'Images', { name: 'shop', subjects: [imageDeployer], image });
    expect(render(app).faults).toContainEqual(
      expect.stringContaining("'subjects' must roll out an image that a Deployment or StatefulSet runs"),
    );
  });
});

describe('an environment that nothing migrates', () => {
  const migrations = OptOut.because('the stack of the back office migrates the schema');
  const kinds = (change: Variation): string[] => {
    const { faults, files } = render(build(vary(staging, change), new App(), facts));
    expect(faults).toEqual([]);
    const text = [...files.values()].join('\n');
    return ['kind: Job', 'wait-for-migrations', 'kube-native-migrate'].filter((one) => text.includes(one));
  };

  test('has no Job, no account for it, and pods that wait for none', () => {
    expect(kinds({})).toEqual(['kind: Job', 'wait-for-migrations', 'kube-native-migrate']);
    expect(kinds({ migrations })).toEqual([]);
    expect(kinds({ migrations, delivery: 'flux' })).toEqual([]);
  });

  test('says why, in the YAML too', () => {
    const text = [...render(build(vary(staging, { migrations }), new App(), facts)).files.values()].join('\n');
    expect(text).toContain('migrations: the stack of the back office migrates the schema');
    const { faults } = render(build(vary(staging, { migrations: OptOut.because('no') }), new App(), facts));
    expect(faults).toEqual([expect.stringContaining("'migrations' must give a reason of 10 or more characters")]);
  });

  test('hands no migration to amend', () => {
    const seen: unknown[] = [];
    const amend: NamedEnvironment['amend'] = ({ migration }) => void seen.push(migration);
    build(vary(staging, { migrations, amend }), new App(), facts);
    build(vary(staging, { amend }), new App(), facts);
    expect([seen[0], typeof seen[1]]).toEqual([undefined, 'object']);
  });
});

describe.each(ruledEnvironments(['compare-rights', 'compare-images']))('$who', ({ subject, rights, requests }) => {
  const line = (one: object): string => Object.values(one).join(' ');

  test(`may send ${requests.allowed.length} requests of the table`, () => {
    expect(requests.allowed.filter((one) => !isAllowed(rights, subject, one)).map(line)).toEqual([]);
  });

  test(`is refused ${requests.refused.length} others`, () => {
    expect(requests.refused.length).toBeGreaterThanOrEqual(30);
    expect(requests.refused.filter((one) => isAllowed(rights, subject, one)).map(line)).toEqual([]);
  });

  test('has them alone', () => {
    const all = [...requests.allowed, ...requests.refused];
    expect(all.filter((one) => isAllowed(rights, { user: 'somebody' }, one)).map(line)).toEqual([]);
  });
});

describe('the reading of rights in these tests', () => {
  const subject: AccessSubject = { group: 'team' };
  const metadata = { name: 'own', namespace: 'shop' };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'team' }];
  const binding = { kind: 'RoleBinding', metadata, roleRef: { kind: 'Role', name: 'own' }, subjects };
  const allows = (rule: Right, verb: string, resource: string, name?: string, namespace = 'shop'): boolean =>
    isAllowed([{ kind: 'Role', metadata, rules: [rule] }, binding], subject, { verb, resource, name, namespace });

  test('knows stars, names, groups and parts', () => {
    const all = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
    expect(allows(all, 'create', 'pods/exec')).toBe(true);
    expect(allows(all, 'get', 'secrets', 'own', 'other')).toBe(false);
    const scale = { apiGroups: ['apps'], resources: ['*/scale'], verbs: ['patch'] };
    expect([allows(scale, 'patch', 'deployments.apps/scale'), allows(scale, 'patch', 'deployments.apps')]).toEqual([true, false]);
    const pods = { apiGroups: [''], resources: ['pods'], resourceNames: ['one'], verbs: ['get', 'create'] };
    expect(['one', 'two', undefined].map((name) => allows(pods, 'get', 'pods', name))).toEqual([true, false, false]);
    expect([allows(pods, 'get', 'pods/log', 'one'), allows(pods, 'get', 'pods.metrics.k8s.io', 'one')]).toEqual([false, false]);
  });
});
