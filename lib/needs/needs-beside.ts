import type { World } from '../model/world';
import { databaseUses } from '../model/databases';
import { inventoryOf, type Inventory } from '../model/inventory';
import { annotationsOf, grouped, map, maps, nameIn, nameOf, namespaceOf, placesOf, scalar, specOf } from '../model/values';
import { IDENTITY_ANNOTATIONS } from '../support/clouds';
import { isEncrypted, recipientsIn } from '../support/sops';

/** Annotations by which clouds find who the pods of a ServiceAccount are to them, with what must trust it. */
const IDENTITIES: readonly (readonly [annotation: string, what: string])[] = [
  [IDENTITY_ANNOTATIONS.aws, 'the role'],
  [IDENTITY_ANNOTATIONS.google, 'the service account'],
  [IDENTITY_ANNOTATIONS.azure, 'the managed identity'],
];

/** What must be there beside the objects that an environment names: nothing in the API server says that it is missing. */
export function needsBeside(world: World): string[] {
  const inventory = inventoryOf(world);
  return [
    ...databasesOf(world),
    ...decryptionsOf(inventory),
    ...identitiesOf(inventory),
    ...classOf(inventory),
    ...namespacesOf(inventory),
    ...nodesOf(inventory),
    ...metricsOf(inventory),
    ...hostsOf(inventory),
    ...rightsOf(inventory),
  ];
}

/** A database that a provider runs, and roles beside its owner: migrations make tables, and nobody makes these. */
function databasesOf(world: World): string[] {
  const places = grouped(databaseUses(world), ({ server, database }) => `${server}/${database}`);
  return [...places.values()].flatMap((uses) => {
    const owner = uses.find(({ object }) => object.manifest['kind'] === 'Job') ?? uses[0];
    const [host = '', database = ''] = owner?.shown.split('/') ?? [];
    const owned = owner?.user ? `, and the role ${decodeURIComponent(owner.user)} that owns it` : '';
    const others = new Set(uses.flatMap(({ user }) => (user && user !== owner?.user ? [decodeURIComponent(user)] : [])));
    const inIt = `of the database ${database} at ${host}, with the rights of its pods`;
    const roles = [...others].map((role) => `the role ${role} ${inIt}`);
    return owner?.inside ? roles : [`the database ${database} at ${host}${owned}`, ...roles];
  });
}

/** What opens Secrets that are in the YAML. */
function decryptionsOf(inventory: Inventory): string[] {
  const encrypted = inventory.ofKind('Secret').filter(({ manifest }) => isEncrypted(manifest));
  return encrypted.map(({ manifest }) => {
    const keys = recipientsIn(map(manifest['sops'])).map(({ kind, name }) => `${name} (${kind})`);
    return `whoever decrypts the Secret ${nameOf(manifest) ?? ''} with ${anyOf(keys)}`;
  });
}

function anyOf(keys: readonly string[]): string {
  return keys.length > 1 ? `one of these keys: ${keys.join(', ')}` : `the key ${keys.join('')}`;
}

function identitiesOf(inventory: Inventory): string[] {
  const trusts = inventory.ofKind('ServiceAccount').flatMap(({ manifest }) =>
    IDENTITIES.flatMap(([annotation, what]) => {
      const identity = scalar(annotationsOf(manifest)[annotation]);
      const account = `${namespaceOf(manifest)}/${nameOf(manifest) ?? ''}`;
      return identity === undefined ? [] : [{ whole: `${what} ${identity}`, account }];
    }),
  );
  return [...grouped(trusts, ({ whole }) => whole)].map(
    ([whole, all]) => `${whole}, which trusts the ServiceAccounts ${all.map(({ account }) => account).join(', ')}`,
  );
}

/** Volumes that name no class. */
function classOf(inventory: Inventory): string[] {
  const claims = [
    ...inventory.ofKind('PersistentVolumeClaim').map((object) => [object, specOf(object)] as const),
    ...inventory
      .ofKind('StatefulSet')
      .flatMap((object) => maps(specOf(object)['volumeClaimTemplates']).map((claim) => [object, map(claim['spec'])] as const)),
    ...inventory.ofKind('Cluster').map((object) => [object, map(specOf(object)['storage'])] as const),
  ];
  const unnamed = claims.filter(([, { storageClassName, storageClass }]) => (storageClassName ?? storageClass) === undefined);
  const owners = [...new Set(unnamed.map(([{ manifest }]) => nameOf(manifest) ?? ''))];
  return owners.length === 0 ? [] : [`a default StorageClass, for the volumes of ${owners.join(', ')}`];
}

/** Namespaces of others that the fence lets in or reaches, by the labels that it finds them by. */
function namespacesOf(inventory: Inventory): string[] {
  const own = inventory.ofKind('Namespace').map(({ manifest }) => nameOf(manifest));
  const selectors = inventory
    .ofKind('NetworkPolicy')
    .flatMap(({ manifest }) =>
      ['ingress[].from', 'egress[].to'].flatMap((path) => placesOf(manifest, `spec.${path}[].namespaceSelector`)),
    )
    .map(({ value }) => map(map(value)['matchLabels']));
  const names = selectors.flatMap((labels) => nameIn(labels['kubernetes.io/metadata.name']) ?? []);
  const others = [...new Set(names)].filter((name) => name !== 'kube-system' && !own.includes(name));
  const labels = selectors.flatMap((each) =>
    Object.entries(each).flatMap(([key, value]) =>
      key === 'kubernetes.io/metadata.name' ? [] : [`a namespace with the label ${key}=${scalar(value) ?? ''}`],
    ),
  );
  return [...others.map((name) => `the namespace ${name}, with the pods that are let in or reached there`), ...new Set(labels)];
}

/** Nodes that pods may run on, where they do not take any. */
function nodesOf(inventory: Inventory): string[] {
  const wanted = inventory.pods.map(({ spec }) =>
    Object.entries(map(spec['nodeSelector'])).map(([key, value]) => `${key}=${scalar(value) ?? ''}`),
  );
  const labels = new Set(wanted.filter((each) => each.length > 0).map((each) => each.join(',')));
  return [...labels].map((each) => `nodes with the label ${each}`);
}

/** What an autoscaler by CPU asks. */
function metricsOf(inventory: Inventory): string[] {
  const named = (kind: string, text: (names: string) => string): string[] => {
    const names = inventory.ofKind(kind).map(({ manifest }) => nameOf(manifest) ?? '');
    return names.length === 0 ? [] : [text(names.join(', '))];
  };
  const sized = (names: string) =>
    `the VerticalPodAutoscaler with metrics-server, for the sizes of ${names}; its recommender gives advice`;
  return [
    ...named('HorizontalPodAutoscaler', (names) => `metrics-server, for the autoscaler of ${names}`),
    ...named('VerticalPodAutoscaler', sized),
  ];
}

/** Hosts of routes: somebody, or external-dns, writes their records. */
function hostsOf(inventory: Inventory): string[] {
  // A name on a certificate is asked for too, before any is signed.
  const routes = inventory.ofKind('Ingress', 'HTTPRoute', 'GRPCRoute', 'VirtualService', 'Certificate');
  const found = routes.flatMap(({ manifest }) =>
    ['spec.rules[].host', 'spec.hostnames[]', 'spec.hosts[]', 'spec.dnsNames[]'].flatMap((path) => placesOf(manifest, path)),
  );
  const hosts = [...new Set(found.flatMap(({ value }) => nameIn(value) ?? []))];
  return hosts.length === 0 ? [] : [`DNS records for ${hosts.join(', ')}`];
}

/** Nobody gives a right that they do not have: the API server asks it of whoever writes a role or binds one. */
function rightsOf(inventory: Inventory): string[] {
  const called = (kind: unknown, name: unknown): string => `${scalar(kind) ?? ''} ${scalar(name) ?? ''}`;
  const own = inventory.ofKind('Role', 'ClusterRole').map(({ manifest }) => called(manifest['kind'], nameOf(manifest)));
  const bindings = inventory.ofKind('RoleBinding', 'ClusterRoleBinding').map(({ manifest }) => manifest);
  const bound = bindings.map(({ roleRef }) => called(map(roleRef)['kind'], map(roleRef)['name']));
  const people = bindings.flatMap(({ subjects }) => maps(subjects)).filter(({ kind }) => kind === 'Group' || kind === 'User');
  const roles = [...new Set([...own, ...bound])];
  return [
    ...roles.map((role) => `for whoever applies it all rights of the ${role}, or escalate and bind on roles`),
    ...new Set(people.map(({ kind, name }) => `the ${called(kind, name)}, by this name of whatever logs people in`)),
  ];
}
