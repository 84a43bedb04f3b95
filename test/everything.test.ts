import { Duration, Size, Yaml } from 'cdk8s';
import { ConcurrencyPolicy, ImagePullPolicy, Protocol } from 'cdk8s-plus-27';
import { Checks, CloudIdentity, DatabaseProxy, render, type Manifest, type StackFacts } from '../lib/index';
import { invalidObjects } from './support/models';
import { fetcher, shipper } from './support/sidecars';
import { build, facts, production } from './support/stack';
import { vary } from './support/vary';

// All that pods may have, at once, in the words of an environment: what goes with each alone must go together.
const of: StackFacts = {
  ...facts,
  application: { ...facts.application, health: { ready: '/ready', live: '/live', port: 4002 }, metrics: { port: 9568 } },
};
const proxy = DatabaseProxy.cloudSql({
  image:
    'gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.25.3@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978',
  instance: 'my-project:europe-west1:shop',
});
const whole = vary(production, {
  kubernetes: '1.33',
  imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT,
  labels: { 'example.com/cost-centre': '4711' },
  pods: { imagePullSecrets: ['registry'], nodeSelector: { pool: 'shop' }, priorityClassName: 'customers', hostUsers: false },
  identity: CloudIdentity.google({ serviceAccount: 'shop@my-project.iam.gserviceaccount.com' }),
  database: { managed: { connections: 300, cidr: '10.20.0.0/24', proxy } },
  sidecars: { shipper },
  mounts: [{ path: '/etc/gcloud', secret: 'gcloud', keys: ['gcloud.json'] }],
  existing: [
    { kind: 'Secret', name: 'gcloud', keys: ['gcloud.json'] },
    { kind: 'ConfigMap', name: 'banner', keys: ['banner.txt'] },
  ],
  web: {
    replicas: 3,
    stateful: { volume: { path: '/ledger', storage: Size.gibibytes(5), storageClass: 'fast' } },
    initContainers: { fetcher: { ...fetcher, mounts: [{ volume: 'geo', path: '/geo' }] } },
    mounts: [
      { path: '/app/banner.txt', configMap: 'banner', file: 'banner.txt' },
      { path: '/nx', memory: Size.mebibytes(64) },
      { path: '/geo', scratch: Size.mebibytes(32) },
    ],
    ports: {
      admin: { port: 4001, service: { port: 80 }, clients: [{ namespace: 'vpn', labels: { role: 'gate' } }] },
      turn: { port: 3478, protocol: Protocol.UDP, service: { exposure: { nodePort: 30478 } }, shutdown: Duration.minutes(2) },
    },
  },
  workers: {
    clock: {
      replicas: 1,
      singleton: true,
      poolSize: 2,
      config: { CLOCK: 'true' },
      sidecars: { shipper: { ...shipper, user: 10100 } },
    },
  },
  tasks: {
    nightly: {
      schedule: '0 4 * * *',
      timeZone: 'Europe/Berlin',
      concurrencyPolicy: ConcurrencyPolicy.REPLACE,
      run: 'Shop.run()',
    },
  },
  migrations: { gate: Duration.minutes(10), contract: true, seeds: 'once' },
  monitoring: [{ namespace: 'monitoring' }],
  quota: undefined,
});

const app = build(whole, undefined, of);
const { files, faults } = render(app);
const all = Object.fromEntries(
  Checks.of(app).world.objects.map(({ manifest }) => [
    `${manifest['kind']} ${String(manifest['metadata'].name).replace(/-[0-9a-f]{10}$/, '')}`,
    manifest,
  ]),
);
const podOf = (name: string): Manifest => {
  const { kind, spec } = all[name] as { kind: string; spec: Manifest };
  return (kind === 'CronJob' ? spec['jobTemplate'].spec : spec)['template'].spec as Manifest;
};
const namesIn = (list: unknown): unknown[] => ((list ?? []) as Manifest[]).map(({ name }): unknown => name);

describe('an environment whose pods have everything', () => {
  test('is refused nowhere, and is what the API takes', () => {
    expect(faults).toEqual([]);
    expect(invalidObjects([...files.values()])).toEqual([]);
  });

  test('has web pods whose names stay, with volumes, files, containers, ports and a proxy', () => {
    const { template, ...spec } = all['StatefulSet kube-native']?.['spec'] as Manifest;
    const { containers, initContainers, ...pod } = template.spec as Manifest &
      Record<'containers' | 'initContainers', Manifest[]>;
    // How each container is hardened, and what the scripts say, is looked at elsewhere.
    const few = ({ name, restartPolicy, ports, volumeMounts, startupProbe, lifecycle }: Manifest): Manifest =>
      JSON.parse(JSON.stringify({ name, restartPolicy, ports, volumeMounts, startupProbe, lifecycle })) as Manifest;
    expect(
      Yaml.stringify({
        ...spec,
        template: { spec: { ...pod, initContainers: initContainers.map(few), containers: containers.map(few) } },
      }),
    ).toMatchSnapshot();
  });

  test('starts what the others wait for first, in every pod that connects', () => {
    const proxied = 'cloud-sql-proxy';
    expect(
      Object.fromEntries(
        Object.keys(all)
          .filter((name) => /^(?:StatefulSet|Deployment|Job|CronJob) /.test(name))
          .map((name) => [name, namesIn(podOf(name)['initContainers'])]),
      ),
    ).toEqual({
      'StatefulSet kube-native': [proxied, 'shipper', 'fetcher', 'wait-for-migrations'],
      'Deployment kube-native-clock': [proxied, 'shipper', 'wait-for-migrations'],
      'CronJob kube-native-nightly': [proxied, 'shipper', 'wait-for-migrations'],
      'Job kube-native-migrate': [proxied, 'shipper', 'wait-for-database', 'still-wanted'],
      'Job kube-native-seed': [proxied, 'shipper', 'wait-for-migrations', 'still-wanted'],
      'Job kube-native-contract': [proxied, 'shipper', 'wait-for-migrations', 'still-wanted'],
    });
  });

  test('has a Service for each port that asks for one, and lets in those who were named', () => {
    const services = Object.entries(all).filter(([name]) => name.startsWith('Service kube-native'));
    expect(
      Yaml.stringify(Object.fromEntries(services.map(([name, { spec }]) => [name, (spec as Manifest)['ports']]))),
    ).toMatchSnapshot();
    expect(Yaml.stringify((all['NetworkPolicy kube-native']?.['spec'] as Manifest)['ingress'])).toMatchSnapshot();
  });

  test('tells every object whose it is', () => {
    const without = Object.entries(all).filter(([, { metadata }]) => metadata.labels?.['example.com/cost-centre'] !== '4711');
    expect(without.map(([name]) => name)).toEqual([]);
  });
});
