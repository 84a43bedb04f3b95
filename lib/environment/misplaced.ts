import type { IConstruct } from 'constructs';
import { propsNamed } from '../support/props';
import { reject } from '../support/reject';
import type { Props } from '../support/shape';
import type { Environment } from './environment';

const pods = propsNamed('PodSettings');
const web = propsNamed('WebPods');
const worker = propsNamed('WorkerPods');
const task = propsNamed('Task');
const observe = propsNamed('Observe');
const environment = propsNamed('Environment');

/** A place that is nearer comes first. */
type Place = readonly [props: Props, where: string];

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
  const whole = withoutPeople(scope, placed(scope, given, environment, top));
  const roles = <T>(of: string, all: Readonly<Record<string, T>> | undefined, own: Props): typeof all =>
    isObject(all)
      ? Object.fromEntries(
          Object.entries(all).map(([name, one]) => [name, placed(scope, one, own, inside(`${of}.${name}`), `${of}.${name}.`)]),
        )
      : all;
  return {
    ...whole,
    ...('web' in whole ? { web: placed(scope, whole.web, web, inside('web'), 'web.') } : {}),
    ...('workers' in whole ? { workers: roles('workers', whole.workers, worker) } : {}),
    ...('observe' in whole ? { observe: placed(scope, whole.observe, observe, [[environment, '']], 'observe.') } : {}),
    ...('tasks' in whole ? { tasks: roles('tasks', whole.tasks, task) } : {}),
  };
}

/** Operators are programs here, as Kubernetes calls them; to others the word means people. */
function withoutPeople(scope: IConstruct, { operators, ...others }: Environment): Environment {
  if (operators === undefined) return others;
  if (!Array.isArray(operators)) return { ...others, operators };
  const fix = "people who look into pods stand in 'podAccess'";
  reject(scope, { prop: 'operators', must: 'be the releases of programs by their names', got: operators, fix });
  return others;
}

function placed<T>(scope: IConstruct, given: T, own: Props, places: readonly Place[], prefix = ''): T {
  if (!isObject(given)) return given;
  const entries = Object.entries(given).filter(([name, value]) => {
    const place = value === undefined || own.has(name) ? undefined : places.find(([props]) => props.has(name));
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
