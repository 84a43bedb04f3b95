import { Duration, Size } from 'cdk8s';
import { CloudIdentity, DatabaseProxy, OptOut, render, type NamedEnvironment, type StackFacts } from '../lib/index';
import { invalidObjects } from './support/models';
import { fetcher, imgproxy, needed, shipper } from './support/sidecars';
import { build, facts, production } from './support/stack';
import { dumps } from './support/variants';

// What is right alone is right beside all that it can be beside: some of many combinations, the same ones each time.
type Change = { readonly [Key in keyof NamedEnvironment]?: unknown };

const of: StackFacts = {
  ...facts,
  application: { ...facts.application, health: { ready: '/ready', live: '/live', port: 4002 }, metrics: { port: 9568 } },
};
const proxy = DatabaseProxy.cloudSql({
  image: `gcr.io/cloud-sql-proxy:2.25.3@sha256:${'0b'.repeat(32)}`,
  instance: 'one:europe-west1:shop',
});
const identity = CloudIdentity.google({ serviceAccount: 'shop@one.iam.gserviceaccount.com' });
const files = { storage: Size.gibibytes(20), storageClass: 'files', accessModes: ['ReadWriteMany'] };
const spread = { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' };
const turn = {
  port: 3478,
  protocol: 'UDP',
  clients: 'everyone',
  service: { exposure: { nodePort: 30478 } },
  shutdown: Duration.minutes(2),
};

/** Changes of an environment; those of one list exclude each other. */
const choices: readonly Readonly<Record<string, Change>>[] = [
  {
    stateful: { web: { replicas: 3, stateful: { volume: { path: '/data', storage: Size.gibibytes(5) } } } },
    alone: { web: { replicas: 1, singleton: true } },
  },
  { 'a worker with a name': { workers: { worker: { stateful: {} } } } },
  { singleton: { workers: { clock: { replicas: 1, singleton: true, poolSize: 2, config: { CLOCK: 'true' } } } } },
  { sidecars: { sidecars: { shipper }, web: { sidecars: { imgproxy } }, initContainers: { fetcher }, existing: needed } },
  {
    proxy: { identity, database: { managed: { connections: 300, cidr: '10.20.0.0/24', proxy } } },
    ipv6: {
      ipv6: true,
      database: { managed: { host: 'db.example.com', connections: 300, cidr: 'fd00::/16', tls: 'public-authority' } },
    },
  },
  {
    files: {
      claims: { uploads: files },
      mounts: [{ path: '/app/banner.txt', configMap: 'banner', file: 'banner.txt' }],
      web: {
        mounts: [
          { path: '/uploads', claim: 'uploads' },
          { path: '/nx', memory: Size.mebibytes(64) },
        ],
      },
      existing: [{ kind: 'ConfigMap', name: 'banner', keys: ['banner.txt'] }],
    },
  },
  { ports: { web: { ports: { admin: { port: 4011, service: { port: 80 }, clients: [{ namespace: 'vpn' }] }, turn } } } },
  {
    jobs: { migrations: { contract: true, seeds: 'once' }, tasks: { nightly: { schedule: '0 4 * * *', run: 'Shop.run()' } } },
    'no gate': { migrations: { gate: OptOut.because('it is migrated by hand here') } },
  },
  { backup: { backup: dumps } },
  { openshift: { pods: { user: 'assigned' } }, user: { pods: { user: 20001, group: 20002 } } },
  {
    pods: {
      pods: {
        imagePullSecrets: ['registry'],
        nodeSelector: { pool: 'shop' },
        hostUsers: false,
        topologySpreadConstraints: [spread],
      },
      labels: { 'example.com/owner': 'shop' },
      scanners: ['polaris', 'kube-score', 'kube-linter', 'checkov'],
    },
  },
  {
    'no epmd': { beam: { epmd: false } },
    tls: { beam: { tls: { issuer: { kind: 'Issuer', name: 'mesh' } } }, existing: [{ kind: 'Issuer', name: 'mesh' }] },
    'no cluster': { beam: OptOut.because('each pod is alone here') },
  },
  { https: { web: { https: { secret: 'tls' } } } },
  { mesh: { mesh: { gateways: ['istio-ingress'] }, web: { clients: [{ namespace: 'istio-ingress' }] } } },
  { argo: { delivery: 'argo' }, helm: { delivery: 'helm' }, flux: { delivery: 'flux' } },
];

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** One laid over the other: mappings key by key, lists one behind the other. */
function laid(one: unknown, over: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(over)) return [...(one as unknown[]), ...(over as unknown[])];
  if (!isPlain(one) || !isPlain(over)) return over;
  const whole = new Set(['database', 'replicas']);
  return Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(over)])].map((key) => [
      key,
      key in over && key in one && !whole.has(key) ? laid(one[key], over[key]) : (over[key] ?? one[key]),
    ]),
  );
}

const plain = { ...production, kubernetes: '1.33', quota: undefined, monitoring: [{ namespace: 'monitoring' }] };

/** Numbers that look like chance and are always the same. */
function drawn(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % below;
  };
}

const combinations = Array.from({ length: 16 }, (_, round) => {
  const draw = drawn(round + 1);
  return choices.flatMap((choice) => {
    const named = Object.entries(choice);
    const [name, change] = named[draw(named.length)] ?? ['', {}];
    return draw(3) === 0 ? [] : [{ name, change }];
  });
});

test.each(combinations.map((all) => [all.map(({ name }) => name).join(', '), all] as const))('%s', (_, all) => {
  const environment = all.reduce<unknown>((before, { change }) => laid(before, change), plain) as NamedEnvironment;
  const { faults, files: written } = render(build(environment, undefined, of));
  expect(faults).toEqual([]);
  expect(invalidObjects([...written.values()])).toEqual([]);
});
