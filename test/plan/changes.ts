import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { OptOut, Resources, type NamedEnvironment, type StackFacts } from '../../lib/index';
import { measured, observe, seen } from '../observe/watched';
import { facts, postgres, production, staging } from '../support/stack';
import { cloudNativePg, dumps, ingress } from '../support/variants';
import { vary } from '../support/vary';

/** One change, as somebody makes it in a literal. */
export interface EverydayChange {
  readonly before: NamedEnvironment;
  readonly now: NamedEnvironment;
  /** The facts of the application, on each side. */
  readonly of?: readonly [before: StackFacts, now: StackFacts];
}

const of = (before: NamedEnvironment, ...changes: Parameters<typeof vary>[1][]): EverydayChange => ({
  before,
  now: vary(before, ...changes),
});
const next = 'registry.example.com/kube-native:1.1.0@sha256:7c2b0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';
const large = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) });
const single = staging.database.single;
const named = (application: Partial<StackFacts['application']>): StackFacts => ({
  application: { ...facts.application, ...application },
});
const tasks = { sweep: { run: 'KubeNative.Sweep.run()', schedule: '15 4 * * *', resources: large } };
const roomy = { ...production.quota, cpu: Cpu.units(40), memory: Size.gibibytes(40), storage: Size.gibibytes(80), pods: 40 };

/** Changes as teams make them, by what they are about. */
export const everydayChanges: Readonly<Record<string, EverydayChange>> = {
  'a new image': of(production, { image: next }),
  'an environment variable': of(production, { web: { config: { FEATURE_CHECKOUT: 'on' } } }),
  'a number of pods': of(staging, { web: { replicas: 3 }, quota: { ...staging.quota, cpu: Cpu.units(8) } }),
  'a range of pods': of(production, { web: { replicas: { minimum: 4, maximum: 6 } }, quota: roomy }),
  resources: of(production, {
    web: { resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(2) }) },
    quota: roomy,
  }),
  'another namespace': of(production, { namespace: 'shop-production' }),
  'another name of the application': { ...of(production), of: [facts, named({ name: 'shop' })] },
  'a larger disk of the database': of(staging, {
    database: { single: { ...single, storage: Size.gibibytes(20) } },
    quota: roomy,
  }),
  'a smaller disk of the database': of(staging, { database: { single: { ...single, storage: Size.gibibytes(5) } } }),
  'another major version': of(staging, { database: { single: { ...single, image: postgres.replace(':18.6', ':17.6') } } }),
  'another engine': of(staging, {
    database: {
      cloudNativePg: {
        instances: 2,
        image: cloudNativePg.image,
        storage: Size.gibibytes(20),
        resources: cloudNativePg.resources,
        backup: OptOut.because('it is a rehearsal'),
        monitoring: false,
      },
    },
    databasePassword: undefined,
    quota: roomy,
  }),
  'a new key of the Secret': {
    ...of(production),
    of: [facts, { ...facts, secretKeys: ['SECRET_KEY_BASE', 'RELEASE_COOKIE', 'STRIPE_API_KEY'] }],
  },
  'a key of the Secret less': {
    ...of(production),
    of: [{ ...facts, secretKeys: ['SECRET_KEY_BASE', 'RELEASE_COOKIE', 'STRIPE_API_KEY'] }, facts],
  },
  'another host': of(production, { web: { host: 'shop.example.com' } }),
  'another kind of route': of(staging, { route: ingress('traefik'), existing: [{ kind: 'Secret', name: 'kube-native-tls' }] }),
  'another delivery': of(staging, { delivery: 'argo' }),
  'a worker more': of(vary(production, { database: { managed: { ...production.database.managed, connections: 400 } } }), {
    database: { managed: { ...production.database.managed, connections: 400 } },
    workers: { ...production.workers, mailer: { replicas: 1, resources: large, poolSize: 5 } },
    quota: roomy,
  }),
  'a worker less': of(production, { workers: {} }),
  'another schedule': {
    before: vary(production, { tasks }),
    now: vary(production, { tasks: { sweep: { ...tasks.sweep, schedule: '45 4 * * *' } } }),
  },
  'no gate': of(production, { migrations: { gate: OptOut.because('the pipeline waits for the Job') } }),
  'another pool': of(production, { web: { poolSize: 8 } }),
  'another quota': of(production, { quota: { ...production.quota, pods: 30 } }),
  'another Kubernetes': of(production, { kubernetes: '1.31' }),
  'a label': of(production, { labels: { 'example.com/owner': 'shop' } }),
  'a mesh': of(staging, {
    mesh: { gateways: ['istio-ingress'] },
    web: { clients: [{ namespace: 'istio-ingress' }] },
    quota: roomy,
  }),
  backups: of(staging, { backup: dumps, quota: roomy }),
  'no Erlang cluster': of(production, { beam: OptOut.because('each pod is alone') }),
  'another port': { ...of(production), of: [facts, named({ port: 4100 })] },
  'another path of the probe': { ...of(production), of: [facts, named({ health: { ready: '/healthz' } })] },
  'another time to drain': of(production, {
    workers: { worker: { ...production.workers.worker, shutdown: Duration.minutes(4) } },
  }),
  'a pull secret': of(production, { pods: { imagePullSecrets: ['registry'] } }),
  'two at once': of(production, { image: next, web: { poolSize: 8, host: 'shop.example.com' } }),
  nothing: of(production),
  'one pod alone': of(staging, { web: { replicas: 1 } }),
  'a singleton': of(production, { workers: { worker: { ...production.workers.worker, replicas: 1, singleton: true } } }),
  'an operator of Secrets': of(production, {
    secrets: {
      external: {
        store: { kind: 'ClusterSecretStore', name: 'vault' },
        remote: { SECRET_KEY_BASE: 'shop/base', RELEASE_COOKIE: 'shop/cookie' },
      },
    },
  }),
  'a way to a service': of(production, { egress: [{ peer: { cidr: '10.9.0.0/24' }, port: 6379 }] }),
  'metrics, alerts and dashboards': { ...of(staging, { monitoring: seen.monitoring, observe }), of: [facts, measured] },
  'another objective, and an alert less': {
    ...of(seen, {
      observe: { ...observe, objective: { availability: 99.5 }, alerts: { GateWaits: OptOut.because('seen by the pipeline') } },
    }),
    of: [measured, measured],
  },
  'a Service of type NodePort': of(staging, { web: { exposure: { nodePort: 30500 } } }),
};
