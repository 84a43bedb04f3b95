import type { IConstruct } from 'constructs';
import type { PodSettings } from '../pod/pod-settings';
import { reject } from '../support/reject';
import type { Environment, Task, WebPods, WorkerPods } from './environment';

/** Names of an object, all of them: the compiler asks for each. */
type Names<T> = Readonly<Record<keyof T, true>>;

const pods: Names<PodSettings> = {
  ...{ imagePullSecrets: true, nodeSelector: true, tolerations: true, affinity: true, topologySpreadConstraints: true },
  ...{ hostAliases: true, dnsConfig: true, runtimeClassName: true, priorityClassName: true, hostUsers: true },
  ...{ user: true, group: true, labels: true, annotations: true },
};

const web: Names<WebPods> = {
  ...{ host: true, hosts: true, url: true, https: true, http2: true, exposure: true, replicas: true, resources: true },
  ...{ poolSize: true, connection: true, bootTime: true, rollout: true, probes: true, clients: true, config: true, pods: true },
  mounts: true,
};

const worker: Names<WorkerPods> = {
  ...{ replicas: true, resources: true, config: true, poolSize: true, connection: true, shutdown: true, bootTime: true },
  ...{ probes: true, ports: true, rollout: true, pods: true, mounts: true },
};

const task: Names<Task> = {
  ...{ schedule: true, timeZone: true, concurrency: true, startingDeadline: true, deadline: true, retries: true },
  ...{ suspend: true, resources: true, config: true, variables: true, pods: true, mounts: true, run: true },
};

const environment: Names<Environment> = {
  ...{ name: true, namespace: true, lifetime: true, cluster: true, operators: true, web: true, workers: true, tasks: true },
  ...{ beam: true, route: true, mesh: true, migrations: true, secrets: true, databasePassword: true, database: true },
  ...{ backup: true, quota: true, existing: true, optOuts: true, amend: true, pods: true, image: true, imagePullPolicy: true },
  ...{ kubernetes: true, config: true, variables: true, mounts: true, identity: true, erlangFlags: true, ipv6: true },
  ...{ readUrl: true, delivery: true, backingServices: true, dns: true, egress: true, monitoring: true },
};

/** A place that is nearer comes first. */
type Place = readonly [names: object, where: string];

/** Refuses what is written at another level than its own, and leaves it out, so that nothing else is said of it. */
export function withoutMisplaced(scope: IConstruct, given: Environment): Environment {
  if (!isObject(given)) return given;
  const top: Place[] = [
    [web, 'web'],
    [pods, 'pods'],
    [worker, 'workers.<name>'],
    [task, 'tasks.<name>'],
  ];
  const inside = (at: string): Place[] => [
    [pods, `${at}.pods`],
    [environment, ''],
  ];
  const whole = placed(scope, given, environment, top);
  const roles = <T>(of: string, all: Readonly<Record<string, T>> | undefined, own: object): typeof all =>
    isObject(all)
      ? Object.fromEntries(
          Object.entries(all).map(([name, one]) => [name, placed(scope, one, own, inside(`${of}.${name}`), `${of}.${name}.`)]),
        )
      : all;
  return {
    ...whole,
    ...('web' in whole ? { web: placed(scope, whole.web, web, inside('web'), 'web.') } : {}),
    ...('workers' in whole ? { workers: roles('workers', whole.workers, worker) } : {}),
    ...('tasks' in whole ? { tasks: roles('tasks', whole.tasks, task) } : {}),
  };
}

function placed<T>(scope: IConstruct, given: T, own: object, places: readonly Place[], prefix = ''): T {
  if (!isObject(given)) return given;
  const entries = Object.entries(given).filter(([name, value]) => {
    const place = value === undefined || name in own ? undefined : places.find(([names]) => name in names);
    if (place === undefined) return true;
    const [, where] = place;
    const must = where === '' ? 'stand in the environment itself' : `stand in '${where}'`;
    const fix = where === '' ? `write it beside 'web'` : `write it there: ${written(where, name)}`;
    reject(scope, { prop: `${prefix}${name}`, must, got: value, fix });
    return false;
  });
  return Object.fromEntries(entries) as T;
}

/** How a place is written: `web: { replicas: ... }`. */
function written(where: string, name: string): string {
  return where.split('.').reduceRight((inner, step) => `${step}: { ${inner} }`, `${name}: ...`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
