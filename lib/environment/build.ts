import type { App } from 'cdk8s';
import type { EnvironmentChart } from '../charts/environment-chart';
import { NamespaceChart } from '../charts/namespace-chart';
import { BeamCluster } from '../constructs/beam-cluster';
import { KeyedSecret } from '../constructs/keyed-secret';
import { MigrationJob } from '../constructs/migration-job';
import { NetworkFence } from '../constructs/network-fence';
import { PhoenixRelease } from '../constructs/phoenix-release';
import type { ProbedDeployment } from '../constructs/probed-deployment';
import type { DatabaseLink } from '../pod/database-link';
import { MIGRATION_LIMIT } from '../release/migration-budget';
import { ServiceMesh } from '../routes/istio/service-mesh';
import type { Peer } from '../support/network';
import { inFolder } from '../support/folder';
import { OptOut } from '../support/opt-out';
import { reject, writtenAs } from '../support/reject';
import { accessOf, argoOf, deployersOf, imageDeployersOf } from './access';
import type { Charts, Environment, WebPods } from './environment';
import { claimsOf } from './claims';
import { backupsOf, databasesOf, postgresOf, usesOf } from './databases';
import { requireDecryption } from './encrypted';
import { deliverByFlux, requireFlux } from './flux';
import { imageUpdatesOf } from './image-updates';
import { inLiteral } from './in-literal';
import { observersOf } from './observe';
import { chartOf, migrationsIn, within, type NamedEnvironment, type Parts, type StackFacts } from './parts';
import { requireReasons } from './reasons';
import { seenIn } from './telemetry';
import { prepareChecks } from './prepare-checks';
import { tasksOf, workersOf } from './processes';
import { requireEnvironment, requireFacts } from './require-environment';
import { livebookOf } from './livebook';
import { routeOf } from './route';

/**
 * Makes the objects of one environment: a chart for each file, whose ids are the names of the files. Further charts may stand
 * beside them in the App.
 *
 * @throws Unbuildable where a value is of a type that the code after it could not handle
 */
export function buildEnvironment(app: App, facts: StackFacts, given: NamedEnvironment): Charts {
  requireFacts(app, facts);
  const environment = requireEnvironment(app, given);
  prepareChecks(app, environment);
  const parts = { app, facts, environment };
  const secrets = chartOf(parts, '05-secrets');
  const postgres = postgresOf(parts, secrets);
  const { link } = postgres;
  const databases = databasesOf(parts, secrets);
  backupsOf(parts, link, databases);
  const phoenix = chartOf(parts, '30-phoenix');
  const release = releaseOf(parts, phoenix, secrets, { link, databases });
  const workers = workersOf(parts, { chart: phoenix, secrets }, release, link);
  const tasks = tasksOf(parts, phoenix, release);
  const migration = migrationsOf(parts, release);
  const claims = claimsOf(parts, release, migration);
  const namespace = namespaceOf(parts, [release.web, ...Object.values(workers).map(({ pods }) => pods)]);
  const route = routeOf(parts, release);
  const seen = observersOf(parts, release, workers);
  const livebook = livebookOf(parts, release);
  const charts = { namespace, postgres, databases, migration, release, workers, tasks, claims, route, livebook, ...seen };
  requireReasons(environment, charts);
  environment.amend?.(charts);
  accessOf(parts);
  const { mesh, delivery, dns, egress, monitoring } = environment;
  if (mesh) new ServiceMesh(chartOf(parts, '07-mesh'), 'Mesh', mesh);
  const fence = chartOf(parts, '08-network');
  writtenAs(fence, 'Fence', inLiteral('web', 'WebPods'));
  new NetworkFence(fence, 'Fence', { clients: clientsOf(environment), dns, egress, monitoring });
  deployersOf(parts);
  imageDeployersOf(parts);
  argoOf(parts);
  imageUpdatesOf(parts);
  requireDecryption(parts);
  requireFlux(parts);
  if (delivery === 'flux') deliverByFlux(parts);
  return charts;
}

function namespaceOf(parts: Parts, pods: readonly ProbedDeployment[]): NamespaceChart {
  const { lifetime = 'permanent', quota, largestContainer, delivery } = parts.environment;
  const services = pods.flatMap(({ service, services: further }) => [...(service ? [service] : []), ...Object.values(further)]);
  const temporary = lifetime === 'permanent' ? undefined : lifetime;
  return new NamespaceChart(parts.app, '00-namespace', {
    ...within(parts),
    quota,
    largestContainer,
    nodePorts: sum(services.map(({ nodePorts }) => nodePorts)),
    loadBalancers: sum(services.map(({ loadBalancers }) => loadBalancers)),
    temporary,
    delivery,
  });
}

/** Where the data of a release are. */
interface Data {
  readonly link: DatabaseLink;
  readonly databases: Charts['databases'];
}

function releaseOf(parts: Parts, chart: EnvironmentChart, secrets: EnvironmentChart, { link, databases }: Data): PhoenixRelease {
  const { application, secretKeys = ['SECRET_KEY_BASE', 'RELEASE_COOKIE'] } = parts.facts;
  const { web, beam, imageDeployers = [], secrets: source = { existing: true } } = parts.environment;
  const { name } = application;
  writtenAs(secrets, 'Release', inLiteral('secrets', 'SecretSource', {}, { source: 'secrets', keys: 'secretKeys' }));
  writtenAs(chart, 'Release', inLiteral('web', 'WebPods', {}, { migrationGate: 'migrations.gate' }));
  const secret = new KeyedSecret<string>(secrets, 'Release', { name, keys: secretKeys, source });
  const cluster = clusterOf(chart, beam, name, secret);
  const { image, imagePullPolicy, config, variables, mounts, identity } = parts.environment;
  const { erlangFlags, ipv6, readUrl, delivery, pods, backingServices, logs, sidecars, initContainers } = parts.environment;
  const { alone, served } = ofWeb(web);
  const { gate = MIGRATION_LIMIT } = migrationsIn(parts.environment);
  return new PhoenixRelease(chart, 'Release', {
    ...served,
    application,
    secret,
    database: link,
    databases: usesOf(parts, databases),
    cluster,
    delivery,
    image,
    versioned: imageDeployers.length === 0,
    imagePullPolicy,
    config,
    variables,
    mounts,
    identity,
    erlangFlags,
    ipv6,
    readUrl,
    pods,
    backingServices,
    ...seenIn(parts.environment),
    logs,
    sidecars,
    initContainers,
    web: alone,
    migrationGate: gate instanceof OptOut ? undefined : gate,
  });
}

function clusterOf(
  chart: EnvironmentChart,
  beam: Environment['beam'],
  name: string,
  secret: KeyedSecret<string>,
): BeamCluster | undefined {
  if (beam === undefined || beam instanceof OptOut) return undefined;
  writtenAs(chart, 'Cluster', inLiteral('beam', 'BeamClusterProps', beam));
  return new BeamCluster(chart, 'Cluster', { ...beam, name, cookie: secret.key('RELEASE_COOKIE') });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What the web pods alone have, and how they are served. */
function ofWeb({ config, pods, ports, mounts, sidecars, initContainers, clients, ...served }: WebPods) {
  return { alone: { config, pods, ports, mounts, sidecars, initContainers }, served };
}

function migrationsOf(parts: Parts, release: PhoenixRelease): MigrationJob | undefined {
  const { migrations = {}, delivery = 'apply' } = parts.environment;
  if (migrations instanceof OptOut) return undefined;
  const { pods, mounts, sidecars, initContainers } = migrations;
  const own = { pods, mounts, sidecars, initContainers };
  const before = chartOf(parts, '20-migrate');
  const written = inLiteral('migrations', 'Migrations', migrations);
  for (const id of ['Migration', 'Seeds']) writtenAs(before, id, written);
  if (migrations.seeds) {
    if (migrations.gate instanceof OptOut) {
      const fix = 'give it a limit, such as Duration.minutes(30)';
      reject(before, { prop: 'migrations.gate', must: 'be there for the seeds, which wait at it', got: 'none', fix });
    }
    const command = seedsOf(before, migrations.seeds, release);
    new MigrationJob(before, 'Seeds', { release, phase: 'after', task: 'seed', command, ...own });
  }
  if (migrations.contract) {
    const after = chartOf(parts, '50-after');
    writtenAs(after, 'Contract', written);
    new MigrationJob(after, 'Contract', { release, phase: 'after', ...own });
    // Out of the way of `kubectl apply -f dist/<environment>`, which would not wait for the roll-out.
    if (delivery === 'apply') inFolder(after, 'after');
  }
  return new MigrationJob(before, 'Migration', { release, ...own });
}

/** What plants seeds, again and again or once. */
function seedsOf(scope: EnvironmentChart, seeds: true | 'once', { application }: PhoenixRelease): readonly string[] {
  const { seed, seedOnce } = application.release;
  if (seeds === true) return seed;
  if (seedOnce) return seedOnce;
  const fix = 'write true, and let the command look whether they are there';
  reject(scope, {
    prop: 'migrations.seeds',
    must: "be true or false for a release of this tool, which has no 'once'",
    got: seeds,
    fix,
  });
  return seed;
}

/** A port of nodes, or a load balancer, is there for whoever comes. */
function clientsOf({ web: { clients, exposure = 'ClusterIP' }, route }: Environment): 'everyone' | readonly Peer[] {
  if (clients !== undefined) return clients;
  return exposure === 'ClusterIP' ? (route?.proxies ?? []) : 'everyone';
}
