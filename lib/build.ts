import { App } from 'cdk8s';
import { application, database, secretKeys } from './application';
import { requireEnvironment, type DatabaseInCluster, type Environment } from './environments/environment';
import {
  Checks,
  EnvironmentChart,
  KeyedSecret,
  ManagedPostgres,
  MigrationJob,
  NamespaceChart,
  NetworkFence,
  PhoenixRelease,
  PostgresChart,
  type DatabaseLink,
  type SecretKey,
} from './index';

/** What an environment is made of, for `amend`. */
export interface Charts {
  readonly namespace: NamespaceChart;
  /** Only where the database runs in the cluster. */
  readonly postgres?: PostgresChart;
  readonly migration: MigrationJob;
  readonly release: PhoenixRelease;
}

/** Turns one environment into an App: the one place where charts are created. Their ids are the names of the files. */
export function build(environment: Environment, app = new App()): App {
  requireEnvironment(app, environment);
  const { namespace, kubernetes, host, image, imagePullPolicy, exposure, replicas, resources, poolSize, quota } = environment;
  const { name: partOf } = application;
  const inNamespace = { namespace, partOf };
  const checks = Checks.of(app);
  checks.kubernetes = kubernetes;
  for (const [rule, optOut] of Object.entries(environment.optOuts)) checks.leaveOut(rule, optOut);

  const nodePorts = exposure === 'ClusterIP' ? 0 : 1;
  const namespaceChart = new NamespaceChart(app, '00-namespace', { ...inNamespace, kubernetes, quota, nodePorts });
  const secrets = new EnvironmentChart(app, '05-secrets', inNamespace);
  const { secrets: source, databasePassword } = environment;
  const secret = new KeyedSecret(secrets, 'Release', { name: partOf, keys: secretKeys, source });
  const password = new KeyedSecret(secrets, 'Database', {
    name: `${partOf}-postgresql`,
    keys: ['password'],
    source: databasePassword,
  });

  const { postgres, link } = databaseOf(environment, app, password.key('password'));
  const phoenix = new EnvironmentChart(app, '30-phoenix', inNamespace);
  const release = new PhoenixRelease(phoenix, 'Release', {
    ...{ application, image, imagePullPolicy, host, exposure, secret, database: link, poolSize, replicas, resources },
    priorityClassName: environment.priorityClassName,
  });
  const migrations = new EnvironmentChart(app, '20-migrate', inNamespace);
  const migration = new MigrationJob(migrations, 'Migration', { release });
  const fence = new EnvironmentChart(app, '08-network', inNamespace);
  new NetworkFence(fence, 'Fence', { clients: environment.clients, egress: environment.egress });
  environment.amend?.({ namespace: namespaceChart, postgres, migration, release });
  return app;
}

function databaseOf(environment: Environment, app: App, password: SecretKey): { postgres?: PostgresChart; link: DatabaseLink } {
  const { namespace, imagePullPolicy, database: engine } = environment;
  const { name: partOf } = application;
  if (runsHere(engine)) {
    const { image, storage, resources } = engine;
    const props = { namespace, partOf, name: `${partOf}-postgresql`, image, password, storage, resources, ...database };
    const postgres = new PostgresChart(app, '10-postgres', { ...props, imagePullPolicy: pullable(imagePullPolicy) });
    return { postgres, link: postgres.link };
  }
  const { host, connections, tls, cidr } = engine;
  const outside = new EnvironmentChart(app, '10-postgres', { namespace, partOf });
  return { link: new ManagedPostgres(outside, 'Managed', { host, connections, tls, cidr, password, ...database }).link };
}

function runsHere(engine: Environment['database']): engine is DatabaseInCluster {
  return 'image' in engine;
}

/** `Never` is for images built on the node; PostgreSQL's is not. */
function pullable(policy: Environment['imagePullPolicy']): Environment['imagePullPolicy'] {
  return policy === 'Never' ? 'IfNotPresent' : policy;
}
