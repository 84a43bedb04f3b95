import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import { asServed } from '../../model/served-pod';
import { map, maps } from '../../model/values';
import { onlyInLiteral, remedy, type Remedy } from '../../model/remedy';

/** What of a kind stays as it was created. */
export interface Frozen {
  /** Top-level field that the names stand in; the object itself where it is empty. */
  readonly within: string;
  /** The frozen fields. */
  readonly fields?: readonly string[];
  /** The fields that may change, where all others are frozen. */
  readonly but?: readonly string[];
  /** What the API server takes where a field is not given. */
  readonly defaults?: Manifest;
  /** Fields as the API server keeps them, where it fills something in below them; `before` is all that was given beside them. */
  readonly kept?: Readonly<Record<string, (value: unknown, before: Manifest) => unknown>>;
  readonly fix: string;
  /** What to do about a field for which there is a better way. */
  readonly ways?: (difference: Difference, now: Manifest) => Remedy | undefined;
}

/** What to do where nothing keeps data. */
export const RENAME = 'give the object a new name, or take the change back';
const RECREATE = 'take the change back, or delete the object by hand first, which stops its pods';
const SELECTOR: Frozen = { within: 'spec', fields: ['selector'], fix: RECREATE };
const RBAC = 'rbac.authorization.k8s.io';
const BINDING: Frozen = {
  within: '',
  fields: ['roleRef'],
  kept: { roleRef: (value) => ({ apiGroup: RBAC, ...map(value) }) },
  fix: RENAME,
};

/** What stays, by the kind. */
export const FROZEN: Readonly<Record<string, Frozen>> = {
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
    kept: { template: (value, { suspend }) => (suspend === true ? withoutPlace(map(value)) : asServed(map(value))) },
    fix: 'append a hash of the template to the name, so that each change makes a new Job',
  },
  Pod: {
    within: 'spec',
    but: ['activeDeadlineSeconds', 'tolerations'],
    defaults: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30, enableServiceLinks: true },
    kept: { containers: keptContainers, initContainers: keptContainers },
    fix: 'delete the Pod by hand first, or make it part of a Deployment, which replaces it',
  },
  PersistentVolumeClaim: {
    within: 'spec',
    but: ['resources', 'volumeAttributesClassName'],
    defaults: { volumeMode: 'Filesystem' },
    fix: 'make a claim with a new name, and copy the data',
  },
  Secret: { within: '', fields: ['type'], defaults: { type: 'Opaque' }, fix: RENAME },
  'rbac.authorization.k8s.io/RoleBinding': BINDING,
  'rbac.authorization.k8s.io/ClusterRoleBinding': BINDING,
  'storage.k8s.io/StorageClass': {
    within: '',
    fields: ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'],
    defaults: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
    fix: RENAME,
  },
  'scheduling.k8s.io/PriorityClass': {
    within: '',
    fields: ['value', 'preemptionPolicy'],
    defaults: { preemptionPolicy: 'PreemptLowerPriority' },
    fix: RENAME,
  },
  'node.k8s.io/RuntimeClass': { within: '', fields: ['handler'], fix: RENAME },
  ResourceQuota: { within: 'spec', fields: ['scopes'], fix: RENAME },
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

/** A value that is another one. */
export interface Difference {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** Who writes the defaults of a template for claims, or leaves them out, has changed nothing. */
function keptTemplate({ metadata, spec }: Manifest): Manifest {
  return asServed({ metadata, spec: { volumeMode: 'Filesystem', ...map(spec) } });
}

/** Containers of a pod that is there: another image takes their place within it. */
function keptContainers(value: unknown): unknown {
  return maps(map(asServed({ spec: { containers: value } })['spec'])['containers']).map(({ image, ...others }) => others);
}

/** The template of a Job that waits: where its pods run may change until they start. */
function withoutPlace(template: Manifest): Manifest {
  const { metadata, spec, ...others } = asServed(template);
  const { nodeSelector, affinity, tolerations, schedulingGates, ...kept } = map(spec);
  return { ...others, spec: kept };
}

/** A claim grows though the template that it was made from cannot change, and the template follows. */
function claimSize({ path, was, is }: Difference, now: Manifest): Remedy | undefined {
  const [, index] = /^spec\.volumeClaimTemplates\[(\d+)\]\.spec\.resources\.requests\.storage$/.exec(path) ?? [];
  const [old, size] = [parseQuantity(was), parseQuantity(is)];
  if (index === undefined || old === undefined || size === undefined) return undefined;
  if (size < old)
    return { fix: 'take the change back: a volume never shrinks; a smaller one has another name, and the data are copied' };
  const claim = maps(map(now['spec'])['volumeClaimTemplates'])[Number(index)] ?? {};
  const names = `${map(claim['metadata'])['name']}-${map(now['metadata'])['name']}`;
  const data = `{"spec":{"resources":{"requests":{"storage":"${String(is)}"}}}}`;
  return remedy`grow each claim, "kubectl patch pvc ${names}-0 -p '${data}'", then delete the StatefulSet with --cascade=orphan and apply, with this rule left out for one release`;
}

/** How a StatefulSet is made anew around its pod, which has no part in the field: it runs on. */
function madeAnew({ path, is }: Difference, now: Manifest): Remedy | undefined {
  if (path !== 'spec.podManagementPolicy' || is !== 'Parallel') return undefined;
  const { name, namespace = 'default' } = map(now['metadata']);
  const command = `kubectl -n ${namespace} delete statefulset ${name} --cascade=orphan`;
  const more = onlyInLiteral(': docs/changes.md');
  return remedy`run "${command}", which leaves its pods and volumes, then apply, with this rule left out for one release${more}`;
}
