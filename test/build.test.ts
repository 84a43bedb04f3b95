import { ApiObject, App, Chart, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { build, environments, development, production, staging } from './support/stack';
import { type NamedEnvironment, OptOut, render, Resources, type Manifest } from '../lib/index';
import { faultsOf, objectsOf } from './support/environments';
import { vary, type Variation } from './support/vary';

describe.each(environments.map((environment) => ({ name: environment.name, environment })))('$name', ({ environment }) => {
  test('gives the same bytes a second time', () => {
    expect([...render(build(environment)).files]).toEqual([...render(build(environment)).files]);
  });

  test('keeps the selectors that clusters know, because they cannot change', () => {
    const selectors = objectsOf(environment)
      .filter(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind))
      .map(({ kind, metadata, spec }) => [kind, metadata.name, spec.selector]);
    const web = ['Deployment', 'kube-native', { matchLabels: { 'app.kubernetes.io/instance': 'kube-native' } }];
    const database = [
      'StatefulSet',
      'kube-native-postgresql',
      { matchLabels: { 'app.kubernetes.io/instance': 'kube-native-postgresql' } },
    ];
    const worker = ['Deployment', 'kube-native-worker', { matchLabels: { 'app.kubernetes.io/instance': 'kube-native-worker' } }];
    expect(selectors).toEqual(
      { development: [database, web], staging: [database, web, worker], production: [web, worker] }[environment.name],
    );
  });
});

test('gives every object the same name in all environments', () => {
  const names = (environment: NamedEnvironment): string[] =>
    objectsOf(environment)
      .filter(({ kind }) => kind !== 'Namespace')
      .map(({ kind, metadata }) => `${kind} ${String(metadata.name).replace(/-[0-9a-f]{10}$/, '')}`);
  const ours = names(staging);
  expect(ours).toHaveLength(29);
  const scaled = ['HorizontalPodAutoscaler kube-native', 'PodDisruptionBudget kube-native-worker'];
  expect(names(production).filter((name) => !ours.includes(name))).toEqual(scaled);
  expect(names(development).filter((name) => !ours.includes(name))).toEqual([
    'Secret kube-native-postgresql',
    'Secret kube-native',
  ]);
});

test('puts every object except the namespace into the namespace', () => {
  for (const environment of environments) {
    for (const { kind, metadata } of objectsOf(environment)) {
      expect(`${kind} in ${metadata.namespace}`).toBe(`${kind} in ${kind === 'Namespace' ? undefined : environment.namespace}`);
    }
  }
});

test('keeps literal secrets out of staging and production', () => {
  expect([staging, production].flatMap(objectsOf).filter(({ kind }) => kind === 'Secret')).toEqual([]);
});

/** Lines that one changed knob changes, of all files together, names of hashed objects set aside. */
function changedLines(change: Variation): string[] {
  const lines = (environment: NamedEnvironment): string[] =>
    [...render(build(environment)).files.values()]
      .join('')
      .replace(/-[0-9a-f]{10}$/gm, '-<hash>')
      .split('\n');
  const before = lines(staging);
  const after = lines(vary(staging, change));
  expect(after).toHaveLength(before.length);
  return after.filter((line, index) => line !== before[index]).map((line) => line.trim());
}

test('changes one line for another number of pods', () => {
  expect(changedLines({ web: { replicas: 3 } })).toEqual(['replicas: 3']);
});

test('changes the host where it is said, in the configuration and in the job', () => {
  expect(changedLines({ web: { host: 'next.example.com' } })).toEqual([
    'PHX_HOST: next.example.com',
    'PHX_HOST: next.example.com',
    'value: next.example.com',
    'value: next.example.com',
    '- next.example.com',
    '- next.example.com',
  ]);
});

test('changes the image and its version where they run', () => {
  const image = `registry.example.com/kube-native:1.0.1@sha256:${'a'.repeat(64)}`;
  const version = 'app.kubernetes.io/version: 1.0.1';
  expect(changedLines({ image })).toEqual([
    ...[version, version, `image: ${image}`, `image: ${image}`],
    ...[version, version, `image: ${image}`, `image: ${image}`],
    ...[version, version, `image: ${image}`, `image: ${image}`, `image: ${image}`],
  ]);
});

test('changes the pool where it is used', () => {
  expect(changedLines({ web: { poolSize: 7 } })).toEqual(['POOL_SIZE: "7"', 'POOL_SIZE: "7"']);
});

test('changes the emulator with the CPU', () => {
  const { memory } = staging.web.resources;
  const cpu = { request: Cpu.millis(250), limit: Cpu.units(2) };
  const flags = '+S 2:2 +Q 65536 +sbwt none +sbwtdcpu none +sbwtdio none';
  expect(changedLines({ web: { resources: Resources.burstable({ cpu, memory }) } })).toEqual([
    `ERL_FLAGS: ${flags}`,
    ...['cpu: "2"', `value: ${flags}`, 'cpu: "2"'],
    ...[`value: ${flags}`, 'cpu: "2"'],
    ...[`value: ${flags}`, 'cpu: "2"', 'cpu: "2"'],
  ]);
});

test('lets an environment differ in structure through amend', () => {
  const app = new App();
  build(vary(staging, { amend: ({ release }) => release.web.deployment.metadata.addAnnotation('team', 'shop') }), app);
  const [deployment] = [...render(app).files.values()].join('').match(/team: shop/g) ?? [];
  expect(deployment).toBe('team: shop');
});

test('runs a class of pods where the environment names one', () => {
  const pods = objectsOf(vary(production, { pods: { priorityClassName: 'system-cluster-critical' } }));
  const deployment = pods.find(({ kind }: Manifest) => kind === 'Deployment');
  expect(deployment?.['spec'].template.spec.priorityClassName).toBe('system-cluster-critical');
});

test('fails when production names its image by a tag', () => {
  expect(faultsOf(vary(production, { image: 'registry.example.com/kube-native:1.0.0' }))).toEqual([
    '[20-migrate/Migration/Job, 30-phoenix/Release/Web/Deployment, 30-phoenix/Worker/Pods/Deployment] \'spec.template.spec.containers[0].image\' and 2 more must name a digest, got "registry.example.com/kube-native:1.0.0"; append the digest that the registry printed at the push: name:1.4.2@sha256:<64 hex digits> (image-digest)',
  ]);
});

test('fails when production holds a literal secret', () => {
  expect(faultsOf(vary(production, { secrets: { literal: { SECRET_KEY_BASE: 'x'.repeat(64), RELEASE_COOKIE: 'x' } } }))).toEqual([
    '[05-secrets/Release/Default] \'data\' must not stand in the YAML, got "values for RELEASE_COOKIE, SECRET_KEY_BASE"; create the Secret in the cluster, and refer to it by name (literal-secrets)',
  ]);
});

test('fails when a rollout does not fit into the quota, and shows the sum', () => {
  const quota = { ...staging.quota, pods: 4 };
  expect(faultsOf(vary(staging, { quota }))).toEqual([
    '[00-namespace/ResourceQuota] \'spec.hard["pods"]\' must be at least 7, the sum of 1 x 1 kube-native-postgresql + 3 x 1 kube-native + 2 x 1 kube-native-worker + 1 x 1 kube-native-migrate, got "4"; raise the quota, or lower replicas, surge or requests (quota-fits)',
  ]);
});

test('fails when the environment itself is wrong, and reports all of it together', () => {
  const faults = faultsOf(
    vary(staging, {
      namespace: 'Kube_Native',
      web: {
        host: 'https://staging.example.com/',
        replicas: 0,
        poolSize: 0.5,
        resources: Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(8) }),
      },
      pods: { priorityClassName: OptOut.because('no') },
    }),
  );
  expect(faults.join('\n')).toContain(
    '[30-phoenix/Release] \'web.host\' must be a DNS host name in lower case, without scheme, port or path, got "https://staging.example.com/"; write it as app.example.com',
  );
  expect(faults.join('\n')).toContain("'web.replicas' must be a whole number from 1 to 1000, got 0");
  expect(faults.join('\n')).toContain("'web.poolSize' must be a whole number from 1 to 1000, got 0.5");
  expect(faults.join('\n')).toContain("'web.resources.memory.request' must be 16 MiB or more");
  expect(faults.join('\n')).toContain("'namespace' must be lower-case letters");
  expect(faults.join('\n')).toContain("'pods.priorityClassName' must give a reason of 10 or more characters");
  expect(new Set(faults).size).toBe(faults.length);
});

test('fails when two routes lead to the application, or one that nobody knows', () => {
  const faults = (route: object): readonly string[] => faultsOf(vary(staging, { route: route as NamedEnvironment['route'] }));
  const refused = (got: string): string =>
    `[app] 'route' must be one of gatewayApi, ingress, istio, got ${got}; write one of them, or leave the route out`;
  const route: object = staging.route;
  expect(() => faults({ ...route, ingress: { controller: 'traefik' } })).toThrow(refused('"gatewayApi, ingress"'));
  expect(() => faults({ ingress: { controller: 'traefik' }, redirects: ['www.example.com'] })).toThrow(
    "[app] 'route.redirects' must be a prop that is known, got [\"www.example.com\"]; write it in 'route.ingress'",
  );
  expect(() => faults({ traefik: {} })).toThrow(refused('"traefik"'));
  expect(() => faults({})).toThrow(refused('nothing'));
  expect(() => faults({ ...route, ingress: undefined })).toThrow(refused('"gatewayApi, ingress"'));
});

test('fails when an object holds what no YAML can', () => {
  const holding = (odd: unknown): readonly string[] =>
    faultsOf(staging, ({ release }) => {
      new ApiObject(Chart.of(release), 'Odd', { apiVersion: 'example.com/v1', kind: 'Odd', spec: { odd } });
    });
  const fix = 'look at the values that were passed for it';
  expect(holding(OptOut.because('no'))).toEqual([
    `[30-phoenix/Odd] 'Odd' must hold plain data, got "can't render non-simple object of type 'OptOut'"; ${fix}`,
  ]);
  expect(holding(Symbol.iterator)).toEqual([
    `[30-phoenix] '30-phoenix.k8s.yaml' must hold plain data, got "unacceptable kind of an object to dump [object Symbol]"; ${fix}`,
  ]);
});

test('fails when an annotation of a custom resource is no text', () => {
  const metadata = { name: 'odd', annotations: { port: 8080 as unknown as string } };
  const odd = { apiVersion: 'example.com/v1', kind: 'Odd', metadata };
  expect(
    faultsOf(staging, ({ release }) => {
      new ApiObject(Chart.of(release), 'Odd', odd);
    }),
  ).toEqual(['[30-phoenix/Odd] \'metadata.annotations["port"]\' must be a text, got 8080; write it in quotes (valid-labels)']);
});

describe('a value that cannot be is called as it was written', () => {
  const tiny = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.mebibytes(8) });

  test.each<[string, Partial<NamedEnvironment>]>([
    ['web.poolSize', { web: { ...production.web, poolSize: 0.5 } }],
    ['web.rollout.surge', { web: { ...production.web, rollout: { surge: -1 } } }],
    ['web.resources.memory.request', { web: { ...production.web, resources: tiny } }],
    ['web.clients', { web: { ...production.web, clients: [{ cidr: 'x' }] } }],
    ['workers.media.shutdown', { workers: { media: { replicas: 1, shutdown: Duration.seconds(0) } } }],
    ['workers.media.resources.memory.request', { workers: { media: { replicas: 1, resources: tiny } } }],
    ['tasks.nightly.schedule', { tasks: { nightly: { schedule: 'soon', run: 'Shop.Nightly.run()' } } }],
    ['tasks.nightly.run', { tasks: { nightly: { schedule: '0 3 * * *', run: [] } } }],
    ['tasks.weekly.run', { tasks: { weekly: { schedule: '0 3 * * *', run: ' ' } } }],
    ['beam.port', { beam: { port: 0 } }],
    ['migrations.gate', { migrations: { gate: Duration.seconds(1) } }],
    ['database.managed.connections', { database: { managed: { ...production.database.managed, connections: 0 } } }],
    ['config', { config: { PORT: '1' } }],
  ])('%s', (prop, changed) => {
    const faults = faultsOf({ ...production, ...changed });
    expect(faults).toEqual(expect.arrayContaining([expect.stringContaining(`'${prop}`)]));
  });
});
