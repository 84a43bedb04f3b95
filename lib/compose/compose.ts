import type { World } from '../model/world';
import { databaseIn } from '../model/databases';
import { inventoryOf } from '../model/inventory';
import { map, text } from '../model/values';
import type { Pod } from '../model/pods';
import { yaml } from '../support/yaml';
import { databaseService } from './compose-database';
import { programService } from './compose-program';
import { Parts, type Service } from './compose-parts';
import type { ImageFiles } from '../image/written';

/** Where the image of the services is built. */
export interface ComposeBuild {
  /** The application's source, from the folder of compose.yaml. */
  readonly context: string;
  /** The Dockerfile, from the context. */
  readonly dockerfile: string;
}

/** What the finished objects of an environment do not say, and its compose.yaml needs. */
export interface ComposeFacts {
  /** The environment. */
  readonly environment: string;
  /** Name of the application, as its objects have it. */
  readonly application: string;
  /** How its image is built. @default - it is there, or it is pulled */
  readonly build?: ComposeBuild;
  /** Whether the image has busybox in the place of bash, to ask the endpoint with. @default false */
  readonly alpine?: boolean;
}

/** The environment on one machine, or why it cannot be. */
export interface Compose {
  /** Text of each file by its name. Empty where a container cannot be what the environment needs. */
  readonly files: ImageFiles['files'];
  /** What it needs that a container cannot be. */
  readonly missing?: string;
}

/** One-shot services, in the order in which each waits for those before it. */
const ONE_SHOT = ['migrate', 'contract', 'seed'];

/**
 * The files of `docker compose up`, made from the finished objects of an environment: the same image, commands, variables, user
 * and limits as its pods. What orders the pods there, gates and lists of wanted jobs, is the order of the services here.
 */
export function composeOf(world: World, facts: ComposeFacts): Compose {
  const { pods: workloads } = inventoryOf(world);
  const databases = workloads.filter(({ object }) => isServer(object.manifest));
  const programs = workloads.filter((workload) => isProgram(workload, facts));
  const parts = new Parts(world, facts, new Map([...databases, ...programs].map((one) => [one, nameOf(one, facts)])));
  const missing = parts.unreached(databases);
  if (missing !== undefined) return { files: new Map(), missing };
  for (const workload of workloads.filter((one) => !databases.includes(one) && !programs.includes(one))) parts.leave(workload);
  const servers = databases.map((one): [string, Service] => [parts.nameOf(one), databaseService(one, parts)]);
  const shots = programs.filter(({ kind }) => kind === 'Job').sort((one, other) => turn(one) - turn(other));
  const others = programs.filter(({ kind }) => kind !== 'Job');
  const before = new Map(servers.map(([name]) => [name, 'service_healthy']));
  const services: [string, Service][] = [...servers];
  for (const one of [...shots, ...others]) {
    const name = parts.nameOf(one);
    services.push([name, programService(one, new Map(before), parts)]);
    // Each waits for all before it; the seeds need the tables, and what serves needs both.
    if (one.kind === 'Job') before.set(name, 'service_completed_successfully');
  }
  const { volumes } = parts;
  const file = {
    name: facts.application,
    services: Object.fromEntries(services),
    ...(volumes.length > 0 ? { volumes: Object.fromEntries(volumes.map((name) => [name, {}])) } : {}),
  };
  return { files: new Map([['compose.yaml' as const, `${parts.header()}${yaml([file])}`], ...parts.files()]) };
}

/** A server that is written for this environment; one that someone added by hand may be anything. */
function isServer(manifest: Pod['spec']): boolean {
  const { labels } = map(manifest['metadata']);
  return map(labels)['app.kubernetes.io/component'] === 'database' && databaseIn(manifest) !== undefined;
}

function isProgram({ kind, labels }: Pod, { application }: ComposeFacts): boolean {
  return labels['app.kubernetes.io/name'] === application && kind !== 'CronJob';
}

/** `web`, `migrate`, the role of a worker; a server by what it is, and by its own name where there are several. */
function nameOf({ name, labels }: Pod, { application }: ComposeFacts): string {
  const component = text(labels['app.kubernetes.io/component']);
  const own = name.startsWith(`${application}-`) ? name.slice(application.length + 1) : name;
  return component === 'database' || component === undefined ? own : component;
}

function turn({ labels }: Pod): number {
  const at = ONE_SHOT.indexOf(text(labels['app.kubernetes.io/component']) ?? '');
  return at === -1 ? ONE_SHOT.length : at;
}
