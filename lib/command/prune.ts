import { RootConstruct } from 'constructs';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { itemsOf, readObjects } from '../app-checks/previous';
import { annotationsOf, labelsOf, map, namespaceOf, text } from '../model/values';
import { isOf, keyOf, leftoversOf, titleOf, type Home } from '../prune/leftovers';
import { isHashed } from '../prune/marks';
import { pruneText } from '../prune/prune-text';
import { uses } from '../prune/users';
import { CLUSTER_LABEL } from '../support/cluster-label';
import type { Manifest } from '../support/edit';
import { readYaml } from '../support/read-yaml';
import { reject, rejections } from '../support/reject';
import { environmentIn, environmentsIn, type Refuse } from './environment-folder';
import { listLive, type Listed } from './kubectl-list';
import type { Planned } from './plan';
import { savedObjects } from './saved';

/** What the command line says of what is left behind. */
export interface PruneOptions {
  /** The folder with the output. */
  readonly dist: string;
  /** Whether nothing but ConfigMaps and Jobs with a hash in their names is meant. @default false */
  readonly hashed?: boolean;
  /** A file with what kubectl has read, `-` for the standard input. @default - kubectl is asked */
  readonly from?: string;
  /** The context of kubectl. @default - the current one */
  readonly context?: string;
  /** The program that reads the cluster. @default 'kubectl' */
  readonly kubectl?: string;
}

/** What is taken where nothing else is said. */
export const PRUNE_DEFAULTS = { dist: 'dist' } as const;

/**
 * Finds what an environment has left in its namespace by names that changed, and writes the commands that delete it. It reads, and
 * deletes nothing.
 *
 * @param environment its folder in that of the output
 */
export function prune(environment: string, options: PruneOptions): Planned {
  const { dist, from, context, hashed = false } = options;
  const root = new RootConstruct('prune');
  const refuse: Refuse = (prop, must, got, fix) => {
    reject(root, { prop, must, got, fix });
  };
  if (from !== undefined && context !== undefined)
    refuse('--context', 'be left out with --from', context, 'nothing is asked then');
  const folder = environmentIn(dist, environment, refuse);
  const own = folder === undefined ? [] : readObjects(root, folder, readYaml, (path) => `environment ${path}`);
  const home = homeOf(own);
  if (rejections(root).length > 0 || folder === undefined) return { faults: rejections(root), text: '' };
  if (!home) {
    const fix = 'synthesize it: objects are found by the labels app.kubernetes.io/part-of and managed-by';
    refuse('environment', 'be what synth has written', `${folder}, whose objects have no labels of it`, fix);
    return { faults: rejections(root), text: '' };
  }
  const beside = besideIn(dist, refuse);
  const listed = from === undefined ? asked(home, options, refuse) : saved(from, home, { own, hashed }, refuse);
  if (listed) requireSame({ folder, own, home, listed }, refuse);
  const faults = rejections(root);
  if (faults.length > 0 || !listed) return { faults, text: '' };
  const live = once(listed.objects.filter((object) => namespaceOf(object) === home.namespace));
  const manager = delivererOf(own);
  const leftovers = leftoversOf({ home, written: [...own, ...beside], live, manager, hashed, unread: listed.unread });
  const elsewhere = own.map(namespaceOf).filter((one) => one !== '' && one !== home.namespace);
  const { unread } = listed;
  const said = { environment, folder, home, context, manager, unread, elsewhere: [...new Set(elsewhere)].sort() };
  return { faults, text: pruneText(leftovers, said) };
}

/** The application and the namespace that most objects of an environment are of. */
function homeOf(objects: readonly Manifest[]): Home | undefined {
  const counts = new Map<string, { readonly home: Home; readonly count: number }>();
  for (const object of objects) {
    const application = text(labelsOf(object)['app.kubernetes.io/part-of']);
    const namespace = namespaceOf(object);
    if (application === undefined || namespace === '' || !isOf(object, { application, namespace })) continue;
    const key = JSON.stringify([application, namespace]);
    counts.set(key, { home: { application, namespace }, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((one, other) => other.count - one.count)[0]?.home;
}

/** Who delivers an environment, where that deletes by itself. */
function delivererOf(objects: readonly Manifest[]): string | undefined {
  if (objects.some(({ apiVersion }) => String(apiVersion).startsWith('kustomize.toolkit.fluxcd.io/'))) return 'Flux';
  const names = new Set(objects.flatMap((object) => Object.keys(annotationsOf(object))));
  if (names.has('argocd.argoproj.io/hook')) return 'Argo CD';
  return names.has('helm.sh/hook') ? 'Helm' : undefined;
}

/** What stands beside the environments, such as a Livebook and the rights of those who deploy: it is in the namespace, too. */
function besideIn(dist: string, refuse: Refuse): Manifest[] {
  const environments = environmentsIn(dist);
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ya?ml$/.test(path));
  const beside = files.filter((path) => !environments.includes(path.split(sep)[0] ?? '') && statSync(join(dist, path)).isFile());
  return beside.sort().flatMap((path) => {
    try {
      return readYaml(readFileSync(join(dist, path), 'utf8'))
        .flatMap(itemsOf)
        .map(map);
    } catch {
      refuse('--dist', 'hold files that can be read', join(dist, path), 'synthesize again, or remove it');
      return [];
    }
  });
}

function asked(home: Home, { hashed = false, context, kubectl }: PruneOptions, refuse: Refuse): Listed | undefined {
  const listed = listLive(home, hashed, { context, kubectl });
  if (listed.failure === undefined) return listed;
  const fix = `name the cluster with --context, or let whoever may read it run ${saving(home)} and pass --from live.json`;
  refuse('prune', 'be able to read the namespace with kubectl', listed.failure, fix);
  return undefined;
}

interface Wanted {
  readonly own: readonly Manifest[];
  readonly hashed: boolean;
}

/** The command that writes a file for `--from`: without Secrets, whose values nobody needs, and what controllers write all the time. */
function saving({ namespace }: Home): string {
  const kinds = "kubectl api-resources --namespaced --verbs=list,delete -o name | grep -vE '^(secrets$|events|endpoint|leases)'";
  return `kubectl get -n ${namespace} "$(${kinds} | paste -sd, -)" -o json > live.json`;
}

function saved(file: string, home: Home, { own, hashed }: Wanted, refuse: Refuse): Listed | undefined {
  const { objects = [], wrong } = savedObjects(file);
  const lacks = own.some(({ kind }) => kind === 'Deployment') && !objects.some(({ kind }) => kind === 'ReplicaSet');
  const got = wrong ?? (lacks ? `${file}, without ReplicaSets` : undefined);
  const isWhole = hashed || objects.some(({ kind }) => kind === 'Secret');
  if (got === undefined) return { objects, unread: isWhole ? [] : ['secrets'] };
  refuse('--from', 'be all that kubectl has read from the namespace', got, `write it with ${saving(home)}`);
  return undefined;
}

interface Same {
  readonly folder: string;
  readonly own: readonly Manifest[];
  readonly home: Home;
  readonly listed: Listed;
}

/** Refuses another cluster, and one in which the files are not applied yet: what is in no file may be what serves. */
function requireSame(same: Same, refuse: Refuse): void {
  const { folder, own, home, listed } = same;
  const { objects } = listed;
  const there = new Set(objects.filter((object) => namespaceOf(object) === home.namespace).map(keyOf));
  const clusterOf = (object: Manifest): unknown => labelsOf(object)[CLUSTER_LABEL];
  const cluster = own.map(clusterOf).find((one) => one !== undefined);
  const other = objects.filter((object) => isOf(object, home)).map(clusterOf);
  const wrong = other.find((one) => one !== undefined && cluster !== undefined && one !== cluster);
  if (wrong !== undefined) {
    const fix = 'name the cluster of the environment with --context';
    refuse('--context', `lead to the cluster ${String(cluster)}`, `objects of ${String(wrong)}`, fix);
    return;
  }
  const running = own.filter((one) => isOf(one, home) && RUNNING.test(String(one['kind'])));
  const [first, ...rest] = running.filter((one) => !there.has(keyOf(one)));
  if (!first) {
    requireRunning(same, refuse);
    return;
  }
  const got = `${titleOf(first)}${rest.length === 0 ? '' : ` and ${rest.length} more`} in ${folder} alone`;
  const fix = 'apply it first, or name its cluster with --context: until then, what is in no file may be what serves';
  refuse('environment', 'be in the cluster as it is written', got, fix);
}

/** Refuses files that are not those that run: an older checkout lacks what was added since, and serves. */
function requireRunning({ folder, own, home, listed: { objects } }: Same, refuse: Refuse): void {
  const known = new Set(own.map(keyOf));
  const users = objects.filter((one) => RUNNING.test(String(one['kind'])) && known.has(keyOf(one)));
  const others = objects.filter((one) => isOf(one, home) && isHashed(one) && !known.has(keyOf(one)));
  for (const user of users) {
    const used = others.find((one) => uses(user, one));
    if (!used) continue;
    const got = `${titleOf(user)} with ${titleOf(used)}, which is not in ${folder}`;
    const fix = 'synthesize what runs there, or apply these files first: until then, what is in no file may be what serves';
    refuse('environment', 'be in the cluster as it is written', got, fix);
    return;
  }
}

/** Kinds whose objects stay for as long as they are written. */
const RUNNING = /^(?:Deployment|StatefulSet|DaemonSet|CronJob)$/;

/** Each object once: some are asked for twice. */
function once(objects: readonly Manifest[]): Manifest[] {
  return [...new Map(objects.map((object) => [keyOf(object), object])).values()];
}
