/** Kinds that the API server serves without a feature gate, by `apiVersion`; `@33` stands for since 1.33. */
const SERVED: Readonly<Record<string, string>> = {
  v1: 'Binding ComponentStatus ConfigMap Endpoints Event LimitRange List Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  'admissionregistration.k8s.io/v1':
    'MutatingAdmissionPolicy@36 MutatingAdmissionPolicyBinding@36 MutatingWebhookConfiguration ValidatingAdmissionPolicy@30 ValidatingAdmissionPolicyBinding@30 ValidatingWebhookConfiguration',
  'apiextensions.k8s.io/v1': 'CustomResourceDefinition',
  'apiregistration.k8s.io/v1': 'APIService',
  'apps/v1': 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet',
  'authentication.k8s.io/v1': 'SelfSubjectReview@28 TokenRequest TokenReview',
  'authorization.k8s.io/v1': 'LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview',
  'autoscaling/v1': 'HorizontalPodAutoscaler Scale',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'batch/v1': 'CronJob Job',
  'certificates.k8s.io/v1': 'CertificateSigningRequest',
  'coordination.k8s.io/v1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'events.k8s.io/v1': 'Event',
  'flowcontrol.apiserver.k8s.io/v1': 'FlowSchema@29 PriorityLevelConfiguration@29',
  'networking.k8s.io/v1': 'IPAddress@33 Ingress IngressClass NetworkPolicy ServiceCIDR@33',
  'node.k8s.io/v1': 'RuntimeClass',
  'policy/v1': 'Eviction PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1': 'ClusterRole ClusterRoleBinding Role RoleBinding',
  'resource.k8s.io/v1': 'DeviceClass@34 ResourceClaim@34 ResourceClaimTemplate@34 ResourceSlice@34',
  'scheduling.k8s.io/v1': 'PriorityClass',
  'storage.k8s.io/v1': 'CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass@34',
};

/** Kinds that are served, but not for ever, and what to use instead. */
const DEPRECATED: Readonly<Record<string, string>> = {
  'v1/ComponentStatus': 'ask the health endpoints of the API server',
  'v1/Endpoints': 'write an EndpointSlice of discovery.k8s.io/v1, with the label kubernetes.io/service-name',
};

/** Kinds that are gone for good. */
const GONE: ReadonlyMap<string, string> = new Map([['PodSecurityPolicy', 'label the Namespace for Pod Security Admission']]);

interface Version {
  readonly apiVersion: string;
  readonly since: number;
}

const byKind = new Map<string, Version[]>();
for (const [apiVersion, line] of Object.entries(SERVED)) {
  for (const entry of line.split(' ')) {
    const [kind = '', since] = entry.split('@');
    byKind.set(kind, [...(byKind.get(kind) ?? []), { apiVersion, since: Number(since ?? 27) }]);
  }
}
const groups = new Set(['extensions', ...Object.keys(SERVED).map(groupOf)]);

/** The kinds of Kubernetes itself. */
export const builtInKinds: ReadonlySet<string> = new Set(byKind.keys());

/** Whether an `apiVersion` is of Kubernetes itself; no custom kind can have a group without a dot. */
export function isBuiltIn(apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  return groups.has(group) || !group.includes('.');
}

/** Since which minor release a kind is served under an `apiVersion`; undefined where it is not, or is not any more. */
export function servedSince(apiVersion: string, kind: string): number | undefined {
  return byKind.get(kind)?.find((version) => version.apiVersion === apiVersion)?.since;
}

/** What to use instead of a kind that the API server is about to lose. */
export function deprecation(apiVersion: string, kind: string): string | undefined {
  return DEPRECATED[`${apiVersion}/${kind}`];
}

/** What to write instead of an `apiVersion` that is not served. */
export function replacement(kind: string): string | undefined {
  const newest = byKind.get(kind)?.at(-1);
  return newest ? `write ${newest.apiVersion}` : GONE.get(kind);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
