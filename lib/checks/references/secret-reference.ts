import type { Finding, Rule, World } from '../rule';
import { type Inventory, inventoryOf } from '../world/inventory';
import { map, nameIn, namespaceOf, placesOf } from '../world/values';
import { podReferences } from './pod-references';
import { dangling, type Reference } from './references';

/** Where objects other than pods name Secrets: the map with the name, and with the key where one is named. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  Cluster: [
    'spec.superuserSecret',
    ...['initdb', 'recovery', 'pg_basebackup'].map((method) => `spec.bootstrap.${method}.secret`),
    ...['password', 'sslKey', 'sslCert', 'sslRootCert'].map((part) => `spec.externalClusters[].${part}`),
    ...['accessKeyId', 'secretAccessKey'].map((part) => `spec.backup.barmanObjectStore.s3Credentials.${part}`),
    'spec.managed.roles[].passwordSecret',
  ],
  Gateway: ['spec.listeners[].tls.certificateRefs[]'],
  Issuer: ['spec.ca'],
  ObjectStore: ['accessKeyId', 'secretAccessKey'].map((part) => `spec.configuration.s3Credentials.${part}`),
  ServiceAccount: ['imagePullSecrets[]'],
  TriggerAuthentication: ['spec.secretTargetRef[]'],
  Ingress: ['spec.tls[]'],
};

/** Nothing waits as silently as a pod whose Secret is missing. */
export const secretReference: Rule = {
  name: 'secret-reference',
  sentence: 'Every Secret, and every key of one, that an object names exists.',
  why: 'Pods stay in CreateContainerConfigError, images are not pulled, and hosts answer with a certificate of nobody.',
  source: 'https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    yield* dangling(
      podReferences(inventory).filter(({ kind }) => kind === 'Secret'),
      inventory,
    );
    yield* dangling(others(inventory), inventory);
  },
};

function* others(inventory: Inventory): Iterable<Reference> {
  for (const [kind, places] of Object.entries(PLACES)) {
    for (const object of inventory.ofKind(kind)) {
      for (const { field: path, value } of places.flatMap((place) => placesOf(object.manifest, place))) {
        const { kind: named = 'Secret', name, secretName, namespace, key } = map(value);
        const secret = nameIn(name) ?? nameIn(secretName);
        if (secret === undefined || named !== 'Secret') continue;
        const keys = nameIn(key) === undefined ? [] : [{ field: `${path}.key`, key: String(key) }];
        const field = `${path}.${nameIn(name) === undefined ? 'secretName' : 'name'}`;
        const home = nameIn(namespace) ?? namespaceOf(object.manifest);
        yield { object, field, kind: 'Secret', name: secret, namespace: home, keys };
      }
    }
  }
}
