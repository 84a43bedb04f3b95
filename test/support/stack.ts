import { App, Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import {
  buildEnvironment,
  mixRelease,
  OptOut,
  phxNew,
  publicUrlReads,
  Resources,
  slug,
  type NamedEnvironment,
  type PhoenixApplication,
  type StackFacts,
  type WebRoute,
} from '../../lib/index';

// The application and the environments that the library is tested with. They are no one's: a stack changes its own as it likes.

const application: PhoenixApplication = {
  name: 'kube-native',
  release: mixRelease({ release: 'kube_native_umbrella', module: 'KubeNative.Release' }),
  reads: [
    ...phxNew.umbrella,
    ...publicUrlReads,
    'PGSSLROOTCERT',
    'DATABASE_READ_URL',
    'LIBCLUSTER_NODE_BASENAME',
    'LIBCLUSTER_SELECTOR',
  ],
  port: 4000,
  health: { ready: '/ready' },
  sockets: 1,
};

/** The facts of the application. */
export const facts = { application } satisfies StackFacts;
export { application };

/** The keys of its Secret, and the names in its database. */
export const secretKeys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'] as const;
export const database = { database: 'kube_native', user: 'kube_native' };

/** The objects of an environment, in an App of their own unless one is given. */
export function build(environment: NamedEnvironment, app = new App(), of: StackFacts = facts): App {
  buildEnvironment(app, of, environment);
  return app;
}

export const postgres =
  'docker.io/library/postgres:18.6-trixie@sha256:5a5a84b19854a9ffaa54082c166ff4ec27473a361e496e5ea167f298f2da9722';
const image = 'registry.example.com/kube-native:1.0.0@sha256:4d1f0e9a6c5b38277f1d2e3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978';

export const gatewayProxies = [{ namespace: 'envoy-gateway-system' }];
export const publicGateway = {
  gatewayApi: {
    gateway: { shared: { name: 'public', namespace: 'gateway', sectionName: 'https', httpSectionName: 'http' } },
    controller: 'envoy-gateway',
    tls: OptOut.because('the shared Gateway has the certificate'),
  },
} satisfies WebRoute;

const small = Resources.burstable({
  cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
  memory: { request: Size.mebibytes(256), limit: Size.mebibytes(512) },
});
const medium = Resources.burstable({
  cpu: { request: Cpu.millis(250), limit: Cpu.units(1) },
  memory: { request: Size.mebibytes(512), limit: Size.mebibytes(512) },
});
const large = Resources.guaranteed({ cpu: Cpu.units(1), memory: Size.gibibytes(1) });
const job = { shutdown: Duration.minutes(2), config: { KUBE_NATIVE_MODE: 'worker' } };

/** Everything inside, with a port of the node. */
export const development = {
  name: 'development',
  namespace: 'kube-native-development',
  kubernetes: '1.30',
  image: 'kube-native:development',
  imagePullPolicy: 'Never',
  web: { host: 'localhost', exposure: { nodePort: 30400 }, replicas: 1, resources: small, poolSize: 5 },
  secrets: { literal: { SECRET_KEY_BASE: 'for-development-alone-'.repeat(3), RELEASE_COOKIE: 'development' } },
  databasePassword: { literal: { password: 'development' } },
  database: { single: { image: postgres, imagePullPolicy: 'IfNotPresent', storage: Size.gibibytes(1), resources: small } },
  backup: OptOut.because('seeds and migrations make it again'),
  quota: { cpu: Cpu.units(1), memory: Size.gibibytes(3), storage: Size.gibibytes(2), pods: 10 },
  optOuts: {
    'literal-secrets': OptOut.because('nothing real is behind them'),
    'image-digest': OptOut.because('the image is rebuilt all day and has no digest in a registry'),
  },
} satisfies NamedEnvironment;

/** Two web pods that are a cluster, a worker and a database in the cluster. */
export const staging = {
  name: 'staging',
  namespace: 'kube-native-staging',
  kubernetes: '1.30',
  image,
  web: { host: 'staging.kube-native.example.com', replicas: 2, resources: medium, poolSize: 8, clients: gatewayProxies },
  workers: { worker: { replicas: 1, resources: medium, ...job } },
  beam: { discovery: 'dns' },
  route: publicGateway,
  migrations: { gate: Duration.minutes(30) },
  database: { single: { image: postgres, storage: Size.gibibytes(10), resources: large } },
  backup: OptOut.because('it is a rehearsal, and may be lost'),
  quota: { cpu: Cpu.units(4), memory: Size.gibibytes(6), storage: Size.gibibytes(20), pods: 12 },
} satisfies NamedEnvironment;

/** A range of web pods, two workers and a database of a provider. */
export const production = {
  name: 'production',
  namespace: 'kube-native-production',
  kubernetes: '1.30',
  cluster: 'production',
  image,
  web: {
    host: 'kube-native.example.com',
    replicas: { minimum: 3, maximum: 6 },
    resources: Resources.guaranteed({ cpu: Cpu.units(2), memory: Size.gibibytes(1) }),
    poolSize: 10,
    clients: gatewayProxies,
  },
  workers: { worker: { replicas: 2, resources: large, ...job } },
  beam: { discovery: 'dns' },
  route: publicGateway,
  migrations: { gate: Duration.minutes(30) },
  database: {
    managed: {
      host: 'kube-native.cluster-example.eu-central-1.rds.amazonaws.com',
      connections: 190,
      cidr: '10.0.0.0/16',
      tls: { authority: { configMap: 'database-ca', key: 'ca.pem' } },
    },
  },
  backup: OptOut.because('the provider keeps them'),
  quota: { cpu: Cpu.units(20), memory: Size.gibibytes(16), storage: Size.gibibytes(1), pods: 20 },
} satisfies NamedEnvironment;

const store = { kind: 'ClusterSecretStore', name: 'previews' } as const;

/** An environment for one pull request, with Secrets of an operator and seeds. */
export function preview(of: string | number, its: string): NamedEnvironment {
  const text = `${of}`;
  const short = slug(text);
  return {
    name: `preview-${short}`,
    namespace: `kube-native-preview-${short}`,
    lifetime: { of: text, ttl: Duration.days(3) },
    image: its,
    kubernetes: '1.30',
    web: {
      host: `${short}.preview.kube-native.example.com`,
      replicas: 1,
      resources: small,
      poolSize: 5,
      clients: gatewayProxies,
    },
    route: publicGateway,
    migrations: { seeds: true },
    secrets: {
      external: { store, remote: { SECRET_KEY_BASE: 'preview/secret-key-base', RELEASE_COOKIE: 'preview/cookie' } },
    },
    databasePassword: { external: { store, remote: { password: 'preview/database-password' } } },
    database: {
      single: {
        image: postgres,
        storage: Size.gibibytes(1),
        deleteVolume: OptOut.because('nobody will miss the data of a preview'),
        resources: small,
      },
    },
    backup: OptOut.because('nobody will miss the data of a preview'),
    quota: { cpu: Cpu.units(1), memory: Size.gibibytes(3), storage: Size.gibibytes(1), pods: 8 },
    optOuts: { 'image-digest': OptOut.because('the image is replaced at every push, and nobody relies on it') },
  };
}

export const environments: readonly NamedEnvironment[] = [development, staging, production];
