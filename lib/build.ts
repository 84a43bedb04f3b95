import { App, Duration } from 'cdk8s';
import { application, database, secretKeys } from './application';
import { requireEnvironment, type Charts, type Environment, type WorkerPods } from './environments/environment';
import {
  BeamCluster,
  Checks,
  DatabaseBackup,
  EnvironmentChart,
  FluxKustomizations,
  GatewayRoute,
  inFolder,
  IstioRoute,
  KeyedSecret,
  MIGRATION_LIMIT,
  MigrationJob,
  NamespaceChart,
  NetworkFence,
  OptOut,
  PhoenixRelease,
  reject,
  PostgresChart,
  RestoreDrill,
  ServiceMesh,
  WebIngress,
  Worker,
  type DatabaseLink,
  type EnvironmentChartProps,
  type Replicas,
} from './index';

/** Turns one environment into an App: the one place where charts are created. Their ids are the names of the files. */
export function build(environment: Environment, app = new App()): App {
  requireEnvironment(app, environment);
  const { kubernetes, quota, lifetime, optOuts, clients, dns, egress, monitoring } = environment;
  const checks = Checks.of(app);
  checks.kubernetes = kubernetes;
  checks.cluster = environment.kubernetesCluster;
  checks.operators = environment.operators ?? {};
  for (const [rule, optOut] of Object.entries(optOuts)) checks.leaveOut(rule, optOut);

  const temporary = lifetime === 'permanent' ? {} : { temporary: lifetime };
  const secrets = chartOf(environment, app, '05-secrets');
  const postgres = postgresOf(environment, app, secrets);
  const { link } = postgres;
  backupsOf(environment, app, link);
  const phoenix = chartOf(environment, app, '30-phoenix');
  const release = releaseOf(environment, phoenix, secrets, link);
  const worker = workerOf(environment, phoenix, release, link);
  const migration = jobsOf(environment, app, release);
  const { nodePorts, loadBalancers } = release.web.service ?? {};
  const budget = { kubernetes, quota, nodePorts, loadBalancers };
  const namespace = new NamespaceChart(app, '00-namespace', { ...within(environment), ...budget, ...temporary });
  const route = routeOf(environment, app, release);
  environment.amend?.({ namespace, postgres, migration, release, worker, route });
  if (environment.mesh !== 'none') {
    // It changes the pods that are there by now.
    new ServiceMesh(chartOf(environment, app, '07-mesh'), 'Mesh', { ...environment.mesh, kubernetes });
  }
  // Last, because it opens what all others declared.
  new NetworkFence(chartOf(environment, app, '08-network'), 'Fence', { clients, dns, egress, monitoring });
  if (environment.delivery === 'flux') deliverByFlux(environment, app);
  return app;
}

function within({ namespace }: Environment): EnvironmentChartProps {
  return { namespace, partOf: application.name };
}

function chartOf(environment: Environment, app: App, id: string): EnvironmentChart {
  return new EnvironmentChart(app, id, within(environment));
}

const DATABASE = `${application.name}-postgresql`;

function postgresOf(environment: Environment, app: App, secrets: EnvironmentChart): PostgresChart {
  const { databasePassword: source, database: engine } = environment;
  const name = DATABASE;
  const password =
    source instanceof OptOut
      ? undefined
      : new KeyedSecret(secrets, 'Database', { name, keys: ['password'], source }).key('password');
  return new PostgresChart(app, '10-postgres', { ...within(environment), name, password, ...database, engine });
}

function backupsOf(environment: Environment, app: App, database: DatabaseLink): void {
  const { backup } = environment;
  if (backup instanceof OptOut) return;
  const backups = chartOf(environment, app, '15-backup');
  const { drill, schedule, timeZone, keep, ...task } = backup;
  const common = { ...task, name: DATABASE, database };
  new DatabaseBackup(backups, 'Backup', { ...common, schedule, timeZone, keep });
  if (!(drill instanceof OptOut)) new RestoreDrill(backups, 'Drill', { ...common, timeZone, ...drill });
}

function releaseOf(
  environment: Environment,
  chart: EnvironmentChart,
  secrets: EnvironmentChart,
  link: DatabaseLink,
): PhoenixRelease {
  const { image, imagePullPolicy, host, exposure, replicas, resources, priorityClassName } = environment;
  const { poolSize, connection, readUrl, delivery, migrations, hosts, url, https, http2, backingServices } = environment;
  const { name: partOf } = application;
  const secret = new KeyedSecret(secrets, 'Release', { name: partOf, keys: secretKeys, source: environment.secrets });
  const cookie = secret.key('RELEASE_COOKIE');
  const cluster =
    environment.cluster instanceof OptOut
      ? undefined
      : new BeamCluster(chart, 'Cluster', { ...environment.cluster, name: partOf, cookie });
  return new PhoenixRelease(chart, 'Release', {
    ...{ application, image, imagePullPolicy, host, exposure, secret, database: link, cluster, poolSize, replicas, resources },
    ...{
      priorityClassName,
      kubernetes: environment.kubernetes,
      connection,
      ipv6: environment.ipv6,
      readUrl,
      delivery,
      hosts,
      url,
      http2,
      backingServices,
    },
    https: https === 'outside' ? undefined : https,
    migrationGate: migrations.gate instanceof OptOut ? undefined : migrations.gate,
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
  const { resources, shutdown, poolSize, connection } = worker;
  const replicas = replicasOf(worker, database);
  const config = { KUBE_NATIVE_MODE: 'worker' };
  const pods = { replicas, resources, shutdown, poolSize, connection };
  return new Worker(chart, 'Worker', { release, ...pods, config, priorityClassName, kubernetes });
}

function jobsOf(environment: Environment, app: App, release: PhoenixRelease): MigrationJob {
  const { migrations, delivery } = environment;
  const before = chartOf(environment, app, '20-migrate');
  if (migrations.seeds) {
    if (migrations.gate instanceof OptOut) {
      const fix = 'give it a limit, such as Duration.minutes(30)';
      reject(before, { prop: 'migrations.gate', must: 'be there for the seeds, which wait at it', got: 'none', fix });
    }
    new MigrationJob(before, 'Seeds', { release, phase: 'after', task: 'seed', command: application.release.seed });
  }
  if (migrations.contract) {
    const after = chartOf(environment, app, '50-after');
    new MigrationJob(after, 'Contract', { release, phase: 'after' });
    // Out of the way of `kubectl apply -f dist/<environment>`, which would not wait for the roll-out.
    if (delivery === 'apply') inFolder(after, 'after');
  }
  return new MigrationJob(before, 'Migration', { release });
}

function routeOf(environment: Environment, app: App, release: PhoenixRelease): Charts['route'] {
  const { route } = environment;
  if (route instanceof OptOut) return undefined;
  const routes = chartOf(environment, app, '40-routes');
  if ('gatewayApi' in route) {
    const { controller } = route.gatewayApi;
    const controllerVersion = new Map(Object.entries(Checks.of(app).operators)).get(controller ?? '');
    return new GatewayRoute(routes, 'Gateway', { ...route.gatewayApi, controllerVersion, release });
  }
  if ('ingress' in route) return new WebIngress(routes, 'Ingress', { ...route.ingress, release });
  return new IstioRoute(routes, 'Istio', { ...route.istio, release });
}

/** Which folder each file goes to, in the order in which Flux applies them; what has none of its own is the base. */
const STEPS: Readonly<Record<string, string>> = {
  '20-migrate': 'migrate',
  '30-phoenix': 'release',
  '40-routes': 'release',
  '50-after': 'after',
};

function deliverByFlux(environment: Environment, app: App): void {
  const { name } = environment;
  for (const chart of app.charts) inFolder(chart, STEPS[chart.node.id] ?? 'base');
  // A little longer than the jobs may take, and than a roll-out whose pods wait for nothing any more.
  const { gate } = environment.migrations;
  const jobs = Duration.seconds((gate instanceof OptOut ? MIGRATION_LIMIT : gate).toSeconds() + 60);
  const steps = [
    { folder: 'base' },
    { folder: 'migrate', timeout: jobs },
    { folder: 'release', timeout: Duration.minutes(30) },
    { folder: 'after', timeout: jobs },
  ];
  const used = new Set(app.charts.map(({ node }) => STEPS[node.id] ?? 'base'));
  const chart = inFolder(chartOf(environment, app, '90-flux'), 'flux');
  new FluxKustomizations(chart, 'Flux', {
    name: `${application.name}-${name}`,
    path: `dist/${name}`,
    steps: steps.filter(({ folder }) => used.has(folder)),
  });
}

/** An environment names the queues; where their jobs are is known here. */
function replicasOf({ replicas }: WorkerPods, database: DatabaseLink): Replicas {
  if (typeof replicas !== 'object' || replicas === null || !('oban' in replicas)) return replicas;
  return { ...replicas, oban: { ...replicas.oban, database } };
}
