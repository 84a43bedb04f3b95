import { type App, Duration } from 'cdk8s';
import { releasePropTypes } from '../constructs/phoenix-release-props';
import { taskPropTypes } from '../constructs/scheduled-task';
import { webAloneTypes } from '../constructs/web-alone';
import { workerPropTypes } from '../constructs/worker';
import { requirePodSettings } from '../pod/pod-settings';
import { OptOut } from '../support/opt-out';
import { abort } from '../support/reject';
import { requireOneProp, requireTypes, type PropTypes } from '../support/types';
import type { Environment, Migrations, Task, WebPods, WebRoute, WorkerPods } from './environment';
import { withoutMisplaced } from './misplaced';
import type { NamedEnvironment } from './parts';

const web: PropTypes<WebPods> = {
  ...pick(releasePropTypes, ['host', 'hosts', 'url', 'https', 'http2', 'exposure', 'replicas', 'resources', 'poolSize']),
  ...pick(releasePropTypes, ['connection', 'bootTime', 'rollout', 'probes']),
  clients: ['string', 'array', undefined],
  ...webAloneTypes,
};

const worker: PropTypes<WorkerPods> = pick(workerPropTypes, [
  ...(['replicas', 'resources', 'config', 'poolSize', 'connection', 'shutdown', 'bootTime', 'probes', 'ports'] as const),
  ...(['rollout', 'pods', 'mounts'] as const),
]);

const task: PropTypes<Task> = {
  ...pick(taskPropTypes, ['schedule', 'timeZone', 'concurrency', 'startingDeadline', 'deadline', 'retries', 'suspend']),
  ...pick(taskPropTypes, ['resources', 'config', 'variables', 'pods', 'mounts']),
  run: ['string', 'array'],
};

const migrations: PropTypes<Migrations> = {
  gate: [Duration, OptOut, undefined],
  contract: ['boolean', undefined],
  seeds: ['boolean', undefined],
  pods: ['object', undefined],
  mounts: ['array', undefined],
};

const types: PropTypes<Environment> = {
  ...pick(releasePropTypes, ['image', 'imagePullPolicy', 'config', 'variables', 'mounts', 'identity']),
  ...pick(releasePropTypes, ['erlangFlags', 'ipv6', 'readUrl', 'delivery', 'pods', 'backingServices']),
  ...{ name: ['string', undefined], namespace: ['string', undefined], lifetime: ['string', 'object', undefined] },
  ...{ kubernetes: ['string', undefined], cluster: ['string', undefined], operators: ['object', undefined], web: ['object'] },
  ...{ workers: ['object', undefined], tasks: ['object', undefined], beam: ['object', undefined] },
  ...{ route: ['object', undefined], mesh: ['object', undefined], migrations: ['object', undefined] },
  ...{ dns: ['array', undefined], egress: ['array', undefined], monitoring: ['array', OptOut, undefined] },
  ...{ secrets: ['object', undefined], databasePassword: ['object', undefined], database: ['object'] },
  ...{
    backup: ['object', undefined],
    quota: ['object', undefined],
    existing: ['array', undefined],
    optOuts: ['object', undefined],
    amend: ['function', undefined],
  },
};

/** Stops where a knob has a value of another type or a name that nobody knows, at every level that no construct looks at. */
export function requireEnvironment(app: App, given: NamedEnvironment): void {
  const environment = withoutMisplaced(app, given);
  requireTypes(app, environment, types);
  requireTypes(app, environment.web, web, 'web.');
  requireTypes(app, environment.migrations ?? {}, migrations, 'migrations.');
  for (const [name, pods] of Object.entries(environment.workers ?? {})) requireTypes(app, pods, worker, `workers.${name}.`);
  for (const [name, one] of Object.entries(environment.tasks ?? {})) requireTypes(app, one, task, `tasks.${name}.`);
  requirePodSettings(app, environment.pods ?? {});
  requireRoute(app, environment);
  const engines = ['single', 'managed', 'cloudNativePg'];
  requireOneProp(
    app,
    'database',
    environment.database,
    engines,
    'write { managed: { host, connections, cidr, tls } }, or another',
  );
  requireBackup(app, environment);
}

function requireRoute(app: App, { route }: Environment): void {
  if (route === undefined) return;
  const { proxies, certificate, ...way } = route;
  const common: PropTypes<Pick<WebRoute, 'proxies' | 'certificate'>> = {
    proxies: ['array', undefined],
    certificate: ['object', 'string', undefined],
  };
  requireTypes(app, { proxies, certificate }, common, 'route.');
  const ways = ['gatewayApi', 'ingress', 'istio'];
  const given = ways.filter((name) => name in way);
  const inside = Object.keys(way).filter((name) => !ways.includes(name));
  const [only] = given;
  if (given.length === 1 && inside.length > 0) {
    const must = 'be of the way, or one of proxies, certificate';
    abort(
      app,
      inside.map((name) => ({
        prop: `route.${name}`,
        must,
        got: Reflect.get(way, name) as unknown,
        fix: `write it in route.${only}, or remove it`,
      })),
    );
  }
  requireOneProp(app, 'route', way, ways, 'name one of them, or leave the route out');
}

/** Data in the cluster are kept, or left to be lost on purpose. */
function requireBackup(app: App, { backup, database }: Environment): void {
  if (backup !== undefined || !('single' in database)) return;
  const fix = "write what dumps it, or OptOut.because('...') where its data may be lost";
  abort(app, [{ prop: 'backup', must: 'be given where the database is in the cluster', got: backup, fix }]);
}

function pick<T extends object, K extends keyof T>(types: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, types[name]])) as Pick<T, K>;
}
