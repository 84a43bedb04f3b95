import { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  ExternalSecret,
  ExternalSecretSpecSecretStoreRefKind as StoreKind,
  ExternalSecretSpecTargetCreationPolicy as CreationPolicy,
  ExternalSecretSpecTargetDeletionPolicy as DeletionPolicy,
  type ExternalSecretSpecDataRemoteRef,
} from '../../imports/external-secrets.io';
import { declare } from '../support/declare';
import { reject } from '../support/reject';
import { requireTypes } from '../support/types';
import { requireName, requireSeconds } from '../support/values';
import type { SecretShape } from './secret-shape';

/** A value in a vault: its name there, with more where one name holds several values or versions. */
export type RemoteValue =
  | string
  | {
      /** Its name: `remoteRef.key`. */
      readonly key: string;
      /** The field, where the value is a JSON object or a map: `remoteRef.property`. @default - the whole value */
      readonly property?: string;
      /** One version of it: `remoteRef.version`. @default - the newest */
      readonly version?: string;
    };

/** A Secret that the External Secrets Operator copies out of a vault. */
export interface ExternalSource<K extends string> {
  /** How the operator reaches the vault: `secretStoreRef`. One for the whole cluster is taken to be there. */
  readonly store: { readonly kind: 'SecretStore' | 'ClusterSecretStore'; readonly name: string };
  /** Where each key's value is: `data`. */
  readonly remote: Readonly<Record<K, RemoteValue>>;
  /** How often the vault is asked, once a minute at most: `refreshInterval`. @default Duration.hours(1) */
  readonly refresh?: Duration;
}

/**
 * Makes the ExternalSecret of a KeyedSecret. The Secret goes with it, and stays when the vault loses the value.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 */
export function makeExternalSecret(scope: Construct, secret: SecretShape, source: ExternalSource<string>): void {
  const { name, labels, keys } = secret;
  requireExternal(scope, keys, source);
  const { store, remote, refresh = Duration.hours(1) } = source;
  // A SecretStore of the namespace is part of the environment: a rule asks for it.
  if (store.kind === 'ClusterSecretStore') declare(scope, { externals: [{ kind: store.kind, name: store.name }] });
  new ExternalSecret(scope, 'Default', {
    metadata: { name, labels: { ...labels } },
    spec: {
      refreshInterval: goDuration(refresh),
      secretStoreRef: { kind: STORES[store.kind], name: store.name },
      target: { name, creationPolicy: CreationPolicy.OWNER, deletionPolicy: DeletionPolicy.RETAIN },
      data: keys.map((secretKey) => ({ secretKey, remoteRef: remoteRef(remote[secretKey]) })),
    },
  });
}

const STORES = { SecretStore: StoreKind.SECRET_STORE, ClusterSecretStore: StoreKind.CLUSTER_SECRET_STORE };

function requireExternal(scope: Construct, keys: readonly string[], source: ExternalSource<string>): void {
  const at = 'source.external';
  const { store, remote, refresh } = source;
  requireName(scope, store.name, 253, `${at}.store.name`);
  const fix = 'omit it to ask once an hour; each question costs money at most providers';
  if (refresh) requireSeconds(scope, `${at}.refresh`, refresh, { minimum: 60, fix });
  // The keys are those of this one Secret.
  requireTypes(scope, remote, Object.fromEntries(keys.map((key) => [key, ['string', 'object']] as const)), `${at}.remote.`);
  for (const key of keys) requireRemote(scope, `${at}.remote.${key}`, remote[key]);
}

function requireRemote(scope: Construct, prop: string, value: RemoteValue | undefined): void {
  for (const [field, text] of Object.entries(remoteRef(value))) {
    if (typeof text !== 'string' || text.trim() !== '') continue;
    const at = typeof value === 'object' ? `${prop}.${field}` : prop;
    reject(scope, { prop: at, must: 'not be empty', got: text, fix: 'write it as the vault shows it' });
  }
}

function remoteRef(value: RemoteValue = ''): ExternalSecretSpecDataRemoteRef {
  if (typeof value === 'string') return { key: value };
  const { key, property, version } = value;
  return { key, property, version };
}

/** A duration in Go's notation, in the largest unit that keeps it whole. */
function goDuration(duration: Duration): string {
  const seconds = duration.toMilliseconds() / 1000;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
