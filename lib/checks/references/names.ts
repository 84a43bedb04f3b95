import type { Manifest } from '../../support/edit';
import type { FinishedObject } from '../rule';
import type { Inventory } from '../../model/inventory';
import { kindOf } from '../../model/kinds';
import { ROUTES } from '../../model/routes';
import { annotationsOf, map, nameIn, namespaceOf, once, placesOf, type Place } from '../../model/values';
import type { Reference } from './references';

/** A place where objects name others. */
interface Naming {
  /** Whose place it is: kinds, or `pod` for the spec of the pods that any kind makes. */
  readonly of: string;
  /** The name, or the mapping that has it. `[]` stands for every item of a list. @default - an annotation has it */
  readonly at?: string;
  /** The annotation whose value is the name. @default - `at` says where it is */
  readonly annotation?: string;
  /** The kind of the other one, where the mapping does not say it. */
  readonly kind: string;
  /** The API group of that kind, where the mapping does not say it. @default - that of the usual kind of this name */
  readonly group?: string;
  /** What the mapping calls the name. @default 'name' */
  readonly name?: string;
  /** The keys that are wanted, where the mapping has them. @default - none */
  readonly keys?: string;
  /** The key that is wanted where no place says one. @default - none */
  readonly key?: string;
  /** Kinds that the mapping may say; what names another is somebody else's affair. @default - any */
  readonly only?: readonly string[];
}

/** What containers and volumes take from a ConfigMap or a Secret. */
function sources(kind: 'ConfigMap' | 'Secret', stem: 'configMap' | 'secret', volumeName: string): Naming[] {
  const own = { of: 'pod', kind };
  return [
    ...['initContainers', 'containers'].flatMap((list) => [
      { ...own, at: `${list}[].env[].valueFrom.${stem}KeyRef`, keys: 'key' },
      { ...own, at: `${list}[].envFrom[].${stem}Ref` },
    ]),
    { ...own, at: `volumes[].${stem}`, name: volumeName, keys: 'items[].key' },
    { ...own, at: `volumes[].projected.sources[].${stem}`, keys: 'items[].key' },
  ];
}

const SECRETS = (of: string, ...places: string[]): Naming[] =>
  places.map((at) => ({ of, at, kind: 'Secret', keys: 'key', only: ['Secret'] }));
const BINDINGS = 'RoleBinding ClusterRoleBinding';
const CLAIM_CLASSES = 'volumeClaimTemplates[].spec.storageClassName';

/** What names what, by the rule that asks whether it exists. What stands under `needs` no rule asks for: clusters have it. */
const NAMES = {
  'config-reference': sources('ConfigMap', 'configMap', 'name'),
  'secret-reference': [
    ...sources('Secret', 'secret', 'secretName'),
    { of: 'pod', at: 'imagePullSecrets[]', kind: 'Secret' },
    ...SECRETS('Cluster', 'spec.superuserSecret', 'spec.managed.roles[].passwordSecret'),
    ...['initdb', 'recovery', 'pg_basebackup'].flatMap((method) => SECRETS('Cluster', `spec.bootstrap.${method}.secret`)),
    ...['password', 'sslKey', 'sslCert', 'sslRootCert'].flatMap((part) => SECRETS('Cluster', `spec.externalClusters[].${part}`)),
    ...['accessKeyId', 'secretAccessKey'].flatMap((part) => [
      ...SECRETS('Cluster', `spec.backup.barmanObjectStore.s3Credentials.${part}`),
      ...SECRETS('ObjectStore', `spec.configuration.s3Credentials.${part}`),
    ]),
    ...SECRETS('Gateway', 'spec.listeners[].tls.certificateRefs[]'),
    { of: 'Issuer', at: 'spec.ca', name: 'secretName', kind: 'Secret' },
    ...SECRETS('ServiceAccount', 'imagePullSecrets[]'),
    ...SECRETS('TriggerAuthentication', 'spec.secretTargetRef[]'),
    ...['ImageRepository', 'OCIRepository', 'Receiver'].flatMap((of) => SECRETS(of, 'spec.secretRef')),
    { of: 'Ingress', at: 'spec.tls[]', name: 'secretName', kind: 'Secret' },
  ],
  'service-account-exists': [
    { of: 'pod', at: 'serviceAccountName', kind: 'ServiceAccount' },
    { of: BINDINGS, at: 'subjects[]', kind: '', only: ['ServiceAccount'] },
  ],
  'claim-exists': [{ of: 'pod', at: 'volumes[].persistentVolumeClaim', name: 'claimName', kind: 'PersistentVolumeClaim' }],
  'priority-class-exists': [{ of: 'pod', at: 'priorityClassName', kind: 'PriorityClass' }],
  'gateway-exists': [{ of: ROUTES.join(' '), at: 'spec.parentRefs[]', kind: 'Gateway', group: 'gateway.networking.k8s.io' }],
  'backend-tls-target': [
    { of: 'BackendTLSPolicy', at: 'spec.targetRefs[]', kind: 'Service', only: ['Service'] },
    { of: 'BackendTLSPolicy', at: 'spec.validation.caCertificateRefs[]', kind: 'ConfigMap', key: 'ca.crt', only: ['ConfigMap'] },
  ],
  'scale-target-exists': [
    { of: 'HorizontalPodAutoscaler ScaledObject', at: 'spec.scaleTargetRef', kind: 'Deployment', group: 'apps' },
    { of: 'VerticalPodAutoscaler', at: 'spec.targetRef', kind: 'Deployment', group: 'apps' },
  ],
  'role-exists': [{ of: BINDINGS, at: 'roleRef', kind: '', only: ['Role', 'ClusterRole'] }],
  'issuer-exists': [
    { of: 'Certificate', at: 'spec.issuerRef', kind: 'Issuer', group: 'cert-manager.io' },
    { of: 'Ingress Gateway', annotation: 'cert-manager.io/issuer', kind: 'Issuer' },
    { of: 'Ingress Gateway', annotation: 'cert-manager.io/cluster-issuer', kind: 'ClusterIssuer' },
  ],
  'secret-store-exists': [
    ...['spec.secretStoreRef', 'spec.data[].sourceRef.storeRef', 'spec.dataFrom[].sourceRef.storeRef'].map((at) => {
      return { of: 'ExternalSecret', at, kind: 'SecretStore' };
    }),
    { of: 'PushSecret', at: 'spec.secretStoreRefs[]', kind: 'SecretStore' },
  ],
  needs: [
    { of: 'Ingress', at: 'spec.ingressClassName', kind: 'IngressClass' },
    { of: 'Gateway', at: 'spec.gatewayClassName', kind: 'GatewayClass' },
    { of: 'PersistentVolumeClaim', at: 'spec.storageClassName', kind: 'StorageClass' },
    { of: 'StatefulSet', at: `spec.${CLAIM_CLASSES}`, kind: 'StorageClass' },
    { of: 'Cluster', at: 'spec.storage.storageClass', kind: 'StorageClass' },
    { of: 'pod', at: 'runtimeClassName', kind: 'RuntimeClass' },
    { of: 'pod', at: 'volumes[].csi.volumeAttributes.secretProviderClass', kind: 'SecretProviderClass' },
    { of: 'pod', at: 'volumes[].ephemeral.volumeClaimTemplate.spec.storageClassName', kind: 'StorageClass' },
    { of: 'Kustomization', at: 'spec.sourceRef', kind: 'GitRepository' },
    { of: 'Kustomization', at: 'spec.decryption.secretRef', kind: 'Secret' },
  ],
} satisfies Readonly<Record<string, readonly Naming[]>>;

/** A name of a rule whose references stand in the table, or `needs`. */
export type NamesOf = keyof typeof NAMES;

/** A reference, and whether its object does without it. */
export interface Named extends Reference {
  readonly optional: boolean;
}

/** What objects name, by the rule that asks for it, optional names too. */
const byRule = once(
  (inventory: Inventory): ReadonlyMap<string, readonly Named[]> =>
    new Map(
      Object.entries<readonly Naming[]>(NAMES).map(([rule, rows]) => [rule, rows.flatMap((row) => [...read(row, inventory)])]),
    ),
);

/** The references that a rule asks for, optional ones too. */
export function namesOf(rule: NamesOf, inventory: Inventory): readonly Named[] {
  return byRule(inventory).get(rule) ?? [];
}

/** All that objects name. */
export const everyName = once((inventory: Inventory): readonly Named[] => [...byRule(inventory).values()].flat());

/** What pods take from ConfigMaps and Secrets: variables, files and logins to registries. */
export const sourcesOfPods = once((inventory: Inventory): readonly Named[] => {
  const pods = new Set(inventory.pods.map(({ object }) => object));
  const named = [...namesOf('config-reference', inventory), ...namesOf('secret-reference', inventory)];
  return named.filter(({ object }) => pods.has(object));
});

function* read(row: Naming, inventory: Inventory): Iterable<Named> {
  if (row.of !== 'pod') for (const object of inventory.ofKind(...row.of.split(' '))) yield* within(row, object, object.manifest);
  else for (const { object, spec, path } of inventory.pods) yield* within(row, object, spec, path);
}

function* within(row: Naming, object: FinishedObject, root: Manifest, path = ''): Iterable<Named> {
  const { name = 'name' } = row;
  for (const { field, value } of placesIn(row, root, path)) {
    const mapping = typeof value === 'string' ? { [name]: value } : map(value);
    const [own, named] = [nameIn(mapping[name]), nameIn(mapping['kind'])];
    const kind = named ?? row.kind;
    if (own === undefined || row.only?.includes(kind) === false) continue;
    const { apiVersion, group = row.group } = mapping as { readonly apiVersion?: string; readonly group?: string };
    const version = apiVersion ?? (group === undefined || group === '' ? undefined : `${group}/v1`);
    const section = nameIn(mapping['sectionName']);
    yield {
      object,
      field: typeof value === 'string' ? field : `${field}.${name}`,
      kind: kindOf({ apiVersion: version, kind }),
      name: own,
      namespace: nameIn(mapping['namespace']) ?? namespaceOf(object.manifest),
      keys: keysOf(row, mapping, field, name),
      ...(section === undefined ? {} : { section: { field: `${field}.sectionName`, key: section } }),
      optional: mapping['optional'] === true,
    };
  }
}

function keysOf({ keys, key }: Naming, mapping: Manifest, field: string, name: string): Reference['keys'] {
  if (key !== undefined) return [{ field: `${field}.${name}`, key }];
  if (keys === undefined) return [];
  return placesOf(mapping, keys, field).flatMap(({ field: at, value }) => {
    const wanted = nameIn(value);
    return wanted === undefined ? [] : [{ field: at, key: wanted }];
  });
}

function placesIn({ at, annotation = '' }: Naming, root: Manifest, path: string): readonly Place[] {
  if (at !== undefined) return placesOf(root, at, path);
  const annotations = annotationsOf(root);
  // Another group's issuers have kinds of their own.
  if (annotations['cert-manager.io/issuer-group'] !== undefined) return [];
  return [{ field: `metadata.annotations["${annotation}"]`, value: annotations[annotation] }];
}
