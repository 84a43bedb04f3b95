import { keepsData } from '../checks/changes/left-behind';
import { groupOf, isClusterScoped, pluralOf } from '../model/kinds';
import { nameOf } from '../model/values';
import type { Manifest } from '../support/edit';
import { NAME_HASH } from '../support/forms';

/** A rule of a Role. */
export interface Right {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * What decides who may do what, and how much: whoever may change it, may give themselves the rest. An administrator applies it, and
 * who deploys reads it, so that an apply finds it unchanged.
 */
const KEPT: ReadonlySet<string> = new Set(['ResourceQuota', 'LimitRange', 'Role', 'RoleBinding']);

/** Kinds whose roll-out is waited for: `kubectl rollout status` and `kubectl wait` list and watch. */
const WAITED = /^(?:Deployment|StatefulSet|DaemonSet|Job|Cluster|Certificate)$/;

/** What says why a roll-out does not end: `kubectl get`, `describe` and `logs` of pods. */
const LOOKED_AT: readonly Right[] = [
  { apiGroups: [''], resources: ['pods', 'events'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
];

/** What may use a ConfigMap that is in no file any more, and tells whether it may go: pods, what makes them, and what did before. */
const USERS: readonly Right[] = [
  {
    apiGroups: ['apps'],
    resources: ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    verbs: ['get', 'list'],
  },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: ['get', 'list'] },
];

/** Who deploys may do so much: in the namespace, and to objects of the cluster. */
export interface DeployerRights {
  readonly namespaced: readonly Right[];
  readonly ofCluster: readonly Right[];
}

/** One kind, with the names of its objects. */
interface OfKind {
  readonly kind: string;
  readonly group: string;
  readonly names: readonly string[];
}

/**
 * The rights to apply objects again and again, to wait until they are there, to say why they are not, and to delete what is left of
 * former ones; no more than that. Names stand where the API server can hold to them: not for what is made anew, nor where a name ends
 * in the hash of the next content.
 */
export function deployerRights(manifests: readonly Manifest[]): DeployerRights {
  const kinds = kindsIn(manifests);
  const ofCluster = kinds.filter(({ kind }) => isClusterScoped(kind));
  const kept = kinds.filter(({ kind }) => KEPT.has(kind));
  const own = kinds.filter(({ kind }) => !KEPT.has(kind) && !isClusterScoped(kind));
  return {
    namespaced: [...merged([...kept.map(toRead), ...own.flatMap(rightsTo)]), ...LOOKED_AT, ...USERS],
    ofCluster: ofCluster.map(toRead),
  };
}

/** What is read by its name alone. */
function toRead(one: OfKind): Right {
  return right(one, ['get'], one.names);
}

function kindsIn(manifests: readonly Manifest[]): OfKind[] {
  const found = new Map<string, OfKind & { names: string[] }>();
  for (const manifest of manifests) {
    const [kind, group] = [String(manifest['kind']), groupOf(manifest)];
    const known = found.get(`${group}/${kind}`) ?? { kind, group, names: [] };
    known.names.push(nameOf(manifest) ?? '');
    found.set(`${group}/${kind}`, known);
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

function rightsTo(one: OfKind): Right[] {
  const isHashed = one.names.some((name) => NAME_HASH.test(name));
  const verbs = [
    'get',
    ...(WAITED.test(one.kind) ? ['list', 'watch'] : isHashed ? ['list'] : []),
    'patch',
    // What keeps data is deleted by hand.
    ...(keepsData(one.kind) ? [] : ['delete']),
  ];
  // Nothing is known of what is not there yet but its kind.
  return isHashed ? [right(one, ['create', ...verbs])] : [right(one, ['create']), right(one, verbs, one.names)];
}

function right({ kind, group }: OfKind, verbs: readonly string[], names?: readonly string[]): Right {
  const resourceNames = names && { resourceNames: [...names].sort() };
  return { apiGroups: [group], resources: [pluralOf(kind)], ...resourceNames, verbs };
}

/** Rights of the same verbs on whole kinds of one group are one; those by names stay apart. */
function merged(rights: readonly Right[]): Right[] {
  const whole = new Map<string, Right>();
  const named: Right[] = [];
  for (const one of rights) {
    if (one.resourceNames) {
      named.push(one);
      continue;
    }
    const key = `${one.apiGroups.join()} ${one.verbs.join()}`;
    const known = whole.get(key);
    whole.set(key, known ? { ...known, resources: [...known.resources, ...one.resources] } : one);
  }
  return [...whole.values(), ...named];
}
