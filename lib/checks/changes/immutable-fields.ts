import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { map, maps } from '../world/values';
import { changesOf, groupKind, isSame } from './changes';

/** What of a kind stays as it was created. */
interface Frozen {
  /** Top-level field that the names stand in; the object itself where it is empty. */
  readonly within: string;
  /** The frozen fields. */
  readonly fields?: readonly string[];
  /** The fields that may change, where all others are frozen. */
  readonly but?: readonly string[];
  /** What the API server takes where a field is not given. */
  readonly defaults?: Manifest;
  /** Fields as the API server keeps them, where it fills something in below them. */
  readonly kept?: Readonly<Record<string, (value: unknown) => unknown>>;
  readonly fix: string;
  /** What to do about a field for which there is a better way. */
  readonly ways?: (difference: Difference, now: Manifest) => string | undefined;
}

const RENAME = 'give the object a new name, or take the change back';
const RECREATE = 'take the change back, or delete the object by hand first, which stops its pods';
const SELECTOR: Frozen = { within: 'spec', fields: ['selector'], fix: RECREATE };

const FROZEN: Readonly<Record<string, Frozen>> = {
  'apps/Deployment': SELECTOR,
  'apps/DaemonSet': SELECTOR,
  'apps/ReplicaSet': SELECTOR,
  'apps/StatefulSet': {
    within: 'spec',
    but: [
      ...['minReadySeconds', 'ordinals', 'persistentVolumeClaimRetentionPolicy', 'replicas', 'revisionHistoryLimit', 'template'],
      ...['updateStrategy'],
    ],
    defaults: { podManagementPolicy: 'OrderedReady' },
    kept: { volumeClaimTemplates: (value) => maps(value).map(keptTemplate) },
    fix: 'take the change back, or delete the StatefulSet with --cascade=orphan, which leaves its pods and volumes, and apply again',
    ways: (difference, now) => claimSize(difference, now) ?? madeAnew(difference, now),
  },
  'batch/Job': {
    within: 'spec',
    fields: [
      ...['backoffLimitPerIndex', 'completionMode', 'completions', 'managedBy', 'podFailurePolicy', 'selector'],
      ...['successPolicy', 'template'],
    ],
    defaults: { completionMode: 'NonIndexed', completions: 1 },
    fix: 'append a hash of the template to the name, so that each change makes a new Job',
  },
  PersistentVolumeClaim: {
    within: 'spec',
    but: ['resources', 'volumeAttributesClassName'],
    defaults: { volumeMode: 'Filesystem' },
    fix: 'make a claim with a new name, and copy the data',
  },
  Secret: { within: '', fields: ['type'], defaults: { type: 'Opaque' }, fix: RENAME },
  'rbac.authorization.k8s.io/RoleBinding': { within: '', fields: ['roleRef'], fix: RENAME },
  'rbac.authorization.k8s.io/ClusterRoleBinding': { within: '', fields: ['roleRef'], fix: RENAME },
  'storage.k8s.io/StorageClass': {
    within: '',
    fields: ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'],
    defaults: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
    fix: RENAME,
  },
  'scheduling.k8s.io/PriorityClass': { within: '', fields: ['value', 'preemptionPolicy'], fix: RENAME },
  'networking.k8s.io/IngressClass': { within: 'spec', fields: ['controller'], fix: RENAME },
  'postgresql.cnpg.io/Pooler': { within: 'spec', fields: ['cluster', 'serviceAccountName'], fix: RENAME },
  'postgresql.cnpg.io/ScheduledBackup': { within: 'spec', fields: ['cluster'], fix: RENAME },
  'postgresql.cnpg.io/Cluster': { within: 'spec', fields: ['serviceAccountName'], fix: 'take the change back' },
  'postgresql.cnpg.io/Database': {
    within: 'spec',
    fields: [
      ...['cluster', 'name', 'template', 'encoding', 'locale', 'localeProvider', 'localeCType', 'localeCollate', 'icuLocale'],
      ...['icuRules', 'builtinLocale', 'collationVersion'],
    ],
    fix: 'take the change back, or give the object a new name: the old database stays in the server',
  },
};

/** The API server keeps some fields as they were created, and refuses the whole object for a change to one. */
export const immutableFields: Rule = {
  name: 'immutable-fields',
  sentence: 'No change touches a field that the API server keeps as it was created.',
  why: 'kubectl apply stops at the object with "field is immutable", after those before it were changed.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates',
  *find(world: World): Iterable<Finding> {
    for (const { object, before } of changesOf(world).kept) {
      const now = object.manifest;
      if (isMadeAnew(now)) continue;
      const frozen = FROZEN[groupKind(now)];
      for (const fault of frozen ? changed(frozen, before, now) : []) yield { ...fault, object };
      const others = groupKind(now) === 'Service' ? [...address(before, now), ...balancer(before, now)] : data(before, now);
      for (const fault of others) yield { ...fault, object };
    }
  },
};

/** Argo CD and Helm remove a hook before they make it again. */
function isMadeAnew({ metadata }: Manifest): boolean {
  const annotations = map(map(metadata)['annotations']);
  return annotations['argocd.argoproj.io/hook'] !== undefined || annotations['helm.sh/hook'] !== undefined;
}

function* changed(frozen: Frozen, before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const { within, fields, but = [], defaults = {}, kept = {}, fix, ways } = frozen;
  const [was, is] = within === '' ? [before, now] : [map(before[within]), map(now[within])];
  const names = fields ?? [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => !but.includes(name));
  for (const name of names) {
    const keep = kept[name] ?? ((value: unknown): unknown => value);
    const [old, given] = [keep(was[name]), keep(is[name])];
    if (isSame(old ?? defaults[name], given ?? defaults[name])) continue;
    if (name === 'completions' && is['completionMode'] === 'Indexed' && is['completions'] === is['parallelism']) continue; // may be scaled
    const difference = firstDifference(old, given, within === '' ? name : `${within}.${name}`);
    const way = ways?.(difference, now) ?? fix;
    yield { field: difference.path, must: `stay ${shown(difference.was)}`, got: difference.is, fix: way };
  }
}

/** Who writes the defaults of a template for claims, or leaves them out, has changed nothing. */
function keptTemplate({ metadata, spec }: Manifest): Manifest {
  return { metadata, spec: { volumeMode: 'Filesystem', ...map(spec) } };
}

/** A claim grows though the template that it was made from cannot change, and the template follows. */
function claimSize({ path, was, is }: Difference, now: Manifest): string | undefined {
  const [, index] = /^spec\.volumeClaimTemplates\[(\d+)\]\.spec\.resources\.requests\.storage$/.exec(path) ?? [];
  const [old, size] = [parseQuantity(was), parseQuantity(is)];
  if (index === undefined || old === undefined || size === undefined) return undefined;
  if (size < old) return 'take the change back: a volume never shrinks; a smaller one has another name, and the data are copied';
  const claim = maps(map(now['spec'])['volumeClaimTemplates'])[Number(index)] ?? {};
  const names = `${map(claim['metadata'])['name']}-${map(now['metadata'])['name']}`;
  const data = `{"spec":{"resources":{"requests":{"storage":"${String(is)}"}}}}`;
  return `grow each claim, "kubectl patch pvc ${names}-0 -p '${data}'", then delete the StatefulSet with --cascade=orphan and apply, with this rule left out for one release`;
}

/** How a StatefulSet is made anew around its pod, which has no part in the field: it runs on. */
function madeAnew({ path, is }: Difference, now: Manifest): string | undefined {
  if (path !== 'spec.podManagementPolicy' || is !== 'Parallel') return undefined;
  const { name, namespace = 'default' } = map(now['metadata']);
  const command = `kubectl -n ${namespace} delete statefulset ${name} --cascade=orphan`;
  return `run "${command}", which leaves its pods and volumes, then apply, with this rule left out for one release: docs/changes.md`;
}

/** A headless Service has no address, and cannot get one later; an address cannot be taken away or changed. */
function* address(before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const [was, is] = [map(before['spec']), map(now['spec'])];
  if (was['type'] === 'ExternalName' || is['type'] === 'ExternalName') return;
  const [old, given] = [was['clusterIP'], is['clusterIP']];
  // Where none is written the server keeps the one that it chose.
  if (isSame(old, given) || (old !== 'None' && given !== 'None' && (isSame(old, undefined) || isSame(given, undefined)))) return;
  yield {
    field: 'spec.clusterIP',
    must: `stay ${shown(old)}`,
    got: given,
    fix: 'give the Service a new name, or delete it by hand first',
  };
}

/** A load balancer stays with whoever made it. */
function* balancer(before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const [was, is] = [map(before['spec']), map(now['spec'])];
  if (was['type'] !== 'LoadBalancer' || is['type'] !== 'LoadBalancer') return;
  const [old, given] = [was['loadBalancerClass'], is['loadBalancerClass']];
  if (isSame(old, given)) return;
  const fix = 'delete the Service by hand first, which gives its address back';
  yield { field: 'spec.loadBalancerClass', must: `stay ${shown(old)}`, got: given, fix };
}

function* data(before: Manifest, now: Manifest): Iterable<Omit<Finding, 'object'>> {
  const kind = groupKind(now);
  if ((kind !== 'ConfigMap' && kind !== 'Secret') || before['immutable'] !== true) return;
  if (now['immutable'] !== true) yield { field: 'immutable', must: 'stay true', got: now['immutable'], fix: RENAME };
  const secret = kind === 'Secret';
  for (const field of ['data', 'binaryData', 'stringData']) {
    const [was, is] = [map(before[field]), map(now[field])];
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
      if (isSame(was[key], is[key])) continue;
      const got: unknown = secret ? 'another value' : is[key];
      const must = 'stay as it is: the object is immutable';
      yield { field: `${field}["${key}"]`, must, got, fix: 'append a hash of the data to the name' };
    }
  }
}

interface Difference {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** Goes down to the first value that differs, so that the sentence shows it and not the whole template. */
function firstDifference(was: unknown, is: unknown, path: string): Difference {
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) return { path, was, is };
  const list = Array.isArray(was) && Array.isArray(is);
  const [left, right] = [was as Manifest, is as Manifest];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const key = keys.find((name) => !isSame(left[name], right[name]));
  if (key === undefined) return { path, was, is };
  const step = list ? `[${key}]` : /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`;
  return firstDifference(left[key], right[key], path + step);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'out';
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
