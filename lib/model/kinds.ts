import type { Manifest } from '../support/edit';
import type { World } from './world';
import { map, maps, nameIn, nameOf, once, scalar } from './values';

/** Names of kinds that several API groups use, and the group that is meant where none is said. */
const USUAL: ReadonlyMap<string, string> = new Map([
  ['Certificate', 'cert-manager.io'],
  ['Cluster', 'postgresql.cnpg.io'],
  ['Gateway', 'gateway.networking.k8s.io'],
  ['Ingress', 'networking.k8s.io'],
  ['Issuer', 'cert-manager.io'],
  ['NetworkPolicy', 'networking.k8s.io'],
  ['Service', ''],
]);

/** The API group of an object: empty for the core. */
export function groupOf({ apiVersion }: Manifest): string {
  const version = nameIn(apiVersion) ?? '';
  return version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
}

/** A kind as kubectl takes it, with its group where that is not the core: `deployment.apps`. */
export function resourceOf(manifest: Manifest): string {
  const group = groupOf(manifest);
  const kind = String(manifest['kind']).toLowerCase();
  return group === '' ? kind : `${kind}.${group}`;
}

/** An object as kubectl takes it: `deployment.apps/shop`. */
export function nameFor(manifest: Manifest): string {
  return `${resourceOf(manifest)}/${nameOf(manifest) ?? ''}`;
}

/** The kind of an object; with its group behind it where another group is meant by the bare name. */
export function kindOf(manifest: Manifest): string {
  const kind = nameIn(manifest['kind']) ?? '';
  const usual = USUAL.get(kind);
  // Where no group is written at all, nothing tells that another one is meant.
  if (usual === undefined || manifest['apiVersion'] === undefined) return kind;
  const group = groupOf(manifest);
  return usual === group ? kind : `${kind}.${group}`;
}

const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  ...['APIService', 'CSIDriver', 'CSINode', 'CertificateSigningRequest', 'ComponentStatus', 'CustomResourceDefinition'],
  ...['DeviceClass', 'FlowSchema', 'GatewayClass', 'IPAddress', 'IngressClass', 'MutatingAdmissionPolicy'],
  ...['MutatingAdmissionPolicyBinding', 'MutatingWebhookConfiguration', 'Namespace', 'Node', 'NodeClass', 'NodePool'],
  ...['EC2NodeClass', 'PersistentVolume', 'PriorityClass', 'PriorityLevelConfiguration', 'ResourceSlice', 'RuntimeClass'],
  ...['ServiceCIDR', 'StorageClass', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  ...['ValidatingWebhookConfiguration', 'VolumeAttachment', 'VolumeAttributesClass', 'VolumeSnapshotClass'],
  ...['VolumeSnapshotContent', 'AdminNetworkPolicy', 'BaselineAdminNetworkPolicy', 'CiliumClusterwideNetworkPolicy'],
  ...['GlobalNetworkPolicy', 'GlobalNetworkSet'],
]);

/** Whether objects of a kind are in no namespace. Authors of custom kinds put `Cluster` before the names of those. */
export function isClusterScoped(kind: string): boolean {
  return CLUSTER_SCOPED.has(kind) || /^Cluster[A-Z]/.test(kind);
}

const BUILT_IN = /^(?:|apps|batch|autoscaling|policy|[a-z.]+\.k8s\.io)$/;
const KNOWN: ReadonlySet<string> = new Set([
  ...['argoproj.io', 'bitnami.com', 'cert-manager.io', 'external-secrets.io', 'keda.sh', 'monitoring.coreos.com'],
  ...['networking.istio.io', 'security.istio.io'],
  ...['postgresql.cnpg.io', 'barmancloud.cnpg.io', 'traefik.io'],
]);

/** Whether an object is of a group that Kubernetes itself serves, or one of its own projects. */
export function isBuiltIn(manifest: Manifest): boolean {
  return BUILT_IN.test(groupOf(manifest));
}

/** Whether an object must be in a namespace. Of custom kinds that nobody here knows, nothing is said. */
export function isNamespaced(manifest: Manifest): boolean {
  const kind = nameIn(manifest['kind']);
  return kind !== undefined && !isClusterScoped(kind) && (isBuiltIn(manifest) || KNOWN.has(groupOf(manifest)));
}

/**
 * The resource of a kind, as Roles name it: `networkpolicies`. Kubernetes guesses it likewise where no definition says it, and all
 * kinds that are written here are called so.
 *
 * @see https://pkg.go.dev/k8s.io/apimachinery/pkg/api/meta#UnsafeGuessKindToResource
 */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  // The one that is plural already.
  if (singular === 'endpoints') return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? singular.replace(/y$/, 'ies') : `${singular}s`;
}

/** The custom kinds that an App brings along with their definitions: served versions, by `group/kind`. */
export const ownKinds = once(({ objects }: World): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>();
  for (const { manifest } of objects) {
    if (manifest['kind'] !== 'CustomResourceDefinition') continue;
    const { group, names, versions } = map(manifest['spec']);
    const served = maps(versions).flatMap(({ name, served: on = true }) => (on === false ? [] : (scalar(name) ?? [])));
    const key = `${scalar(group)}/${scalar(map(names)['kind'])}`;
    found.set(key, new Set([...(found.get(key) ?? []), ...served]));
  }
  return found;
});

/** Whether a kind's definition is declared to be in the cluster. Names of definitions begin with the kind's plural. */
export function isProvided({ externals }: World, group: string, kind: string): boolean {
  const stem = kind.toLowerCase().slice(0, -1);
  return externals.some(
    ({ kind: of, name }) => of === 'CustomResourceDefinition' && name.endsWith(`.${group}`) && name.startsWith(stem),
  );
}
