import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { CloudIdentity } from '../../pod/cloud-identity';
import { type Resources } from '../../pod/resources';
import { reject } from '../../support/reject';
import type { SecretKey } from '../../support/secret-key';
import { requireKey, requireName } from '../../support/values';
import { clusterLabels } from './names';

/** Object storage that holds backups. */
export interface ObjectStorage {
  /**
   * Where in it: `s3://bucket/folder`, `gs://bucket/folder` or `https://account.blob.core.windows.net/container/folder`.
   * Each cluster has a folder of its own name below.
   */
  readonly destination: string;
  /** Who the pods are to it: a cloud identity, or a key in a Secret. */
  readonly credentials: CloudIdentity | StorageKey;
  /** URL of a server that speaks S3, where it is not Amazon's: `endpointURL`. @default - the provider's own */
  readonly endpoint?: string;
}

/**
 * A key to object storage.
 * @write { s3: { accessKeyId, secretAccessKey } }, or a CloudIdentity
 */
export type StorageKey =
  /** Of S3, and of what speaks it. */
  | { readonly s3: { readonly accessKeyId: SecretKey; readonly secretAccessKey: SecretKey } }
  /** The JSON file of a service account of Google Cloud. */
  | { readonly google: SecretKey }
  /** The connection string of a storage account of Azure. */
  | { readonly azure: SecretKey };

/** What of an ObjectStore is more than its place. */
export interface StoreSettings {
  /** How long a state can be restored, in days. @default - for ever */
  readonly days?: number;
  /** What the plugin's container beside each instance may use. */
  readonly sidecar: Resources;
}

/** An ObjectStore of the Barman Cloud plugin. */
export function makeStore(
  scope: Construct,
  id: string,
  { name, cluster }: { readonly name: string; readonly cluster: string },
  storage: ObjectStorage,
  { days, sidecar }: StoreSettings,
): ApiObject {
  const { destination, endpoint } = storage;
  return new ApiObject(scope, id, {
    apiVersion: 'barmancloud.cnpg.io/v1',
    kind: 'ObjectStore',
    metadata: { name, labels: clusterLabels(cluster) },
    spec: {
      ...(days === undefined ? {} : { retentionPolicy: `${days}d` }),
      configuration: {
        destinationPath: destination,
        ...(endpoint === undefined ? {} : { endpointURL: endpoint }),
        ...credentialsOf(storage),
        wal: { compression: 'gzip' },
        data: { compression: 'gzip' },
      },
      instanceSidecarConfiguration: { resources: plain(sidecar) },
    },
  });
}

/** Quantities of an object that no binding maps. */
function plain(resources: Resources): Record<string, Record<string, unknown>> {
  const texts = (quantities: object) => Object.fromEntries(Object.entries(quantities).map(([name, { value }]) => [name, value]));
  const { requests = {}, limits = {} } = resources.requirements();
  return { requests: texts(requests), limits: texts(limits) };
}

type Provider = 's3' | 'google' | 'azure';

function providerOf({ destination }: ObjectStorage): Provider | undefined {
  if (/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[^\s?#]*)?$/.test(destination)) return 's3';
  if (/^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](?:\/[^\s?#]*)?$/.test(destination)) return 'google';
  return /^https:\/\/[a-z0-9]{3,24}\.blob\.[a-z0-9.-]+\/[a-z0-9-]{3,63}(?:\/[^\s?#]*)?$/.test(destination) ? 'azure' : undefined;
}

function holderOf({ credentials }: ObjectStorage): Provider {
  if (!(credentials instanceof CloudIdentity)) return 's3' in credentials ? 's3' : 'google' in credentials ? 'google' : 'azure';
  return credentials.cloud === 'aws' ? 's3' : credentials.cloud;
}

const BY_IDENTITY: Readonly<Record<Provider, object>> = {
  s3: { s3Credentials: { inheritFromIAMRole: true } },
  google: { googleCredentials: { gkeEnvironment: true } },
  azure: { azureCredentials: { inheritFromAzureAD: true } },
};

function credentialsOf(storage: ObjectStorage): object {
  const { credentials } = storage;
  if (credentials instanceof CloudIdentity) return BY_IDENTITY[holderOf(storage)];
  if ('google' in credentials) return { googleCredentials: { applicationCredentials: selector(credentials.google) } };
  if ('azure' in credentials) return { azureCredentials: { connectionString: selector(credentials.azure) } };
  const { accessKeyId, secretAccessKey } = credentials.s3;
  return { s3Credentials: { accessKeyId: selector(accessKeyId), secretAccessKey: selector(secretAccessKey) } };
}

function selector({ secret, key }: SecretKey): { name: string; key: string } {
  return { name: secret, key };
}

/** What makes the identities of some storages that of the pods: annotations of their ServiceAccount, labels, and their way to them. */
export function identityOf(
  storages: readonly (ObjectStorage | undefined)[],
): Pick<CloudIdentity, 'annotations' | 'podLabels' | 'openings'> {
  const identities = storages.flatMap((storage) => (storage?.credentials instanceof CloudIdentity ? [storage.credentials] : []));
  return {
    annotations: Object.assign({}, ...identities.map(({ annotations }) => annotations)) as CloudIdentity['annotations'],
    podLabels: Object.assign({}, ...identities.map(({ podLabels }) => podLabels)) as CloudIdentity['podLabels'],
    openings: identities.flatMap(({ openings }) => openings),
  };
}

/** Port of the storage's server. */
export function storagePort({ endpoint }: ObjectStorage): number {
  const [, scheme, port] = ENDPOINT.exec(endpoint ?? '') ?? [];
  return port === undefined ? (scheme === 'http' ? 80 : 443) : Number(port);
}

const ENDPOINT = /^(https?):\/\/[a-z0-9][a-z0-9.-]*(?::(\d{1,5}))?\/?$/;

/** Refuses storage that is malformed, or credentials of another provider. */
export function requireStorage(scope: Construct, prop: string, storage: ObjectStorage): void {
  const { destination, endpoint, credentials } = storage;
  const provider = providerOf(storage);
  if (!provider) {
    const must = 'be s3://bucket/folder, gs://bucket/folder or https://account.blob.core.windows.net/container/folder';
    reject(scope, { prop: `${prop}.destination`, must, got: destination, fix: 'write s3://my-company-backups/shop' });
  }
  if (endpoint !== undefined && !ENDPOINT.test(endpoint)) {
    const fix = 'write it as https://objects.example.com';
    reject(scope, { prop: `${prop}.endpoint`, must: 'be a URL with a host and nothing behind it', got: endpoint, fix });
  }
  if (credentials instanceof CloudIdentity) credentials.require(scope);
  else requireStorageKey(scope, `${prop}.credentials`, credentials);
  const holder = holderOf(storage);
  if (provider && provider !== holder) {
    const fix = `give credentials for ${provider}, or write a destination of ${holder}`;
    reject(scope, { prop: `${prop}.credentials`, must: `fit the destination ${destination}`, got: holder, fix });
  }
}

function requireStorageKey(scope: Construct, prop: string, key: StorageKey): void {
  const keys: Readonly<Record<string, SecretKey>> =
    's3' in key ? { 's3.accessKeyId': key.s3.accessKeyId, 's3.secretAccessKey': key.s3.secretAccessKey } : { ...key };
  for (const [name, one] of Object.entries(keys)) {
    requireName(scope, one.secret, 253, `${prop}.${name}.secret`);
    requireKey(scope, `${prop}.${name}.key`, one.key);
  }
}
