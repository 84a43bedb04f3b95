import { App } from 'cdk8s';
import { application, database, secretKeys } from './application';
import { requireEnvironment, type Environment, type WorkerPods } from './environments/environment';
import {
  BeamCluster,
  Checks,
  EnvironmentChart,
  KeyedSecret,
  MigrationJob,
  NamespaceChart,
  NetworkFence,
  OptOut,
  PhoenixRelease,
  PostgresChart,
  Worker,
  type DatabaseLink,
  type Replicas,
} from './index';

/** Turns one environment into an App: the one place where charts are created. Their ids are the names of the files. */
export function build(environment: Environment, app = new App()): App {
  requireEnvironment(app, environment);
  const { kubernetes, exposure, quota, optOuts, clients, egress } = environment;
  const inNamespace = { namespace: environment.namespace, partOf: application.name };
  const checks = Checks.of(app);
  checks.kubernetes = kubernetes;
  for (const [rule, optOut] of Object.entries(optOuts)) checks.leaveOut(rule, optOut);

  const nodePorts = exposure === 'ClusterIP' ? 0 : 1;
  const namespace = new NamespaceChart(app, '00-namespace', { ...inNamespace, kubernetes, quota, nodePorts });
  const secrets = new EnvironmentChart(app, '05-secrets', inNamespace);
  const postgres = postgresOf(environment, app, secrets);
  const { link } = postgres;
  const phoenix = new EnvironmentChart(app, '30-phoenix', inNamespace);
  const release = releaseOf(environment, phoenix, secrets, link);
  const worker = workerOf(environment, phoenix, release, link);
  const migrations = new EnvironmentChart(app, '20-migrate', inNamespace);
  const migration = new MigrationJob(migrations, 'Migration', { release });
  environment.amend?.({ namespace, postgres, migration, release, worker });
  // Last, because it opens what all others declared.
  new NetworkFence(new EnvironmentChart(app, '08-network', inNamespace), 'Fence', { clients, egress });
  return app;
}

function postgresOf(environment: Environment, app: App, secrets: EnvironmentChart): PostgresChart {
  const { namespace, databasePassword: source, database: engine } = environment;
  const { name: partOf } = application;
  const name = `${partOf}-postgresql`;
  const password = new KeyedSecret(secrets, 'Database', { name, keys: ['password'], source }).key('password');
  return new PostgresChart(app, '10-postgres', { namespace, partOf, name, password, ...database, engine });
}

function releaseOf(
  environment: Environment,
  chart: EnvironmentChart,
  secrets: EnvironmentChart,
  link: DatabaseLink,
): PhoenixRelease {
  const { image, imagePullPolicy, host, exposure, replicas, resources, poolSize, priorityClassName } = environment;
  const { name: partOf } = application;
  const secret = new KeyedSecret(secrets, 'Release', { name: partOf, keys: secretKeys, source: environment.secrets });
  const cookie = secret.key('RELEASE_COOKIE');
  const cluster =
    environment.cluster instanceof OptOut
      ? undefined
      : new BeamCluster(chart, 'Cluster', { ...environment.cluster, name: partOf, cookie });
  return new PhoenixRelease(chart, 'Release', {
    ...{ application, image, imagePullPolicy, host, exposure, secret, database: link, cluster, poolSize, replicas, resources },
    ...{ priorityClassName, kubernetes: environment.kubernetes },
  });
}

function workerOf(
  environment: Environment,
  chart: EnvironmentChart,
  release: PhoenixRelease,
  database: DatabaseLink,
): Worker | undefined {
  const { worker, priorityClassName, kubernetes } = environment;
  if (worker instanceof OptOut) return undefined;
  const { resources, shutdown } = worker;
  const replicas = replicasOf(worker, database);
  const config = { KUBE_NATIVE_MODE: 'worker' };
  return new Worker(chart, 'Worker', { release, replicas, resources, shutdown, config, priorityClassName, kubernetes });
}

/** An environment names the queues; where their jobs are is known here. */
function replicasOf({ replicas }: WorkerPods, database: DatabaseLink): Replicas {
  if (typeof replicas !== 'object' || !('oban' in replicas)) return replicas;
  const { minimum, maximum, behavior, oban } = replicas;
  return { minimum, maximum, behavior, oban: { ...oban, database } };
}
