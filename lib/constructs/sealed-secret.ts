import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { SealedSecret } from '../../imports/bitnami.com';
import type { Manifest } from '../support/edit';
import { declare } from '../support/declare';
import { reject, type Refusal } from '../support/reject';
import { described, hashOf } from './encrypted-values';
import type { SecretShape } from './secret-shape';
import { isMap } from '../support/is-map';
import { map } from '../support/is-map';
import { readSecretFile } from './secret-file';

/** A Secret that the Sealed Secrets controller opens: encrypted for one name in one namespace of one cluster. */
export type SealedSource<K extends string> =
  | {
      /**
       * What `kubeseal --raw` printed for each key: `encryptedData`.
       * @told with the command that seals a value
       */
      readonly encrypted: Readonly<Record<K, string>>;
    }
  /** Path of a SealedSecret that `kubeseal` wrote. */
  | { readonly file: string };

/**
 * Makes the SealedSecret of a KeyedSecret.
 *
 * @returns a hash of what the Secret is made from; none of it is secret
 * @see https://github.com/bitnami-labs/sealed-secrets#scopes
 */
export function makeSealedSecret(scope: Construct, secret: SecretShape, source: SealedSource<string>): string | undefined {
  const sealed = 'file' in source ? fromFile(scope, source.file) : fromRecord(source);
  const refusals = sealed ? [...homeRefusals(scope, secret, sealed), ...keyRefusals(scope, secret, sealed)] : [];
  for (const refusal of refusals) reject(scope, refusal);
  if (!sealed || refusals.length > 0) {
    // One fault is enough: those who name the Secret are not at fault.
    declare(scope, { externals: [{ kind: 'Secret', name: secret.name, keys: secret.keys }] });
    return undefined;
  }
  const { template, annotations } = sealed;
  const { name, labels } = secret;
  new SealedSecret(scope, 'Default', {
    metadata: { name, labels: { ...labels }, ...(isMap(annotations) ? { annotations } : {}) },
    spec: { encryptedData: { ...sealed.encryptedData }, template: { ...template, metadata: templateMetadata(secret, template) } },
  });
  return hashOf({ ...map(template['data']), ...sealed.encryptedData });
}

const SEALED = {
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  must: 'hold one SealedSecret',
  fix: 'let kubeseal --format yaml write it',
};

/** What is in a SealedSecret, and where it was found. */
interface Sealed {
  /** The file and the SealedSecret in it. @default - the values are in the code */
  readonly file?: { readonly path: string; readonly manifest: Manifest };
  readonly encryptedData: Manifest;
  readonly template: Manifest;
  readonly annotations?: unknown;
}

function fromRecord(source: { readonly encrypted: Readonly<Record<string, string>> }): Sealed {
  return { encryptedData: source.encrypted, template: {} };
}

function fromFile(scope: Construct, path: string): Sealed | undefined {
  const manifest = readSecretFile(scope, path, SEALED);
  if (!manifest) return undefined;
  const { encryptedData, template } = map(manifest['spec']);
  const { annotations } = map(manifest['metadata']);
  return { file: { path, manifest }, encryptedData: map(encryptedData), template: map(template), annotations };
}

/** The controller opens a value for the name and the namespace that it was sealed for, and for no others. */
function homeRefusals(scope: Construct, { name }: SecretShape, { file, annotations }: Sealed): Refusal[] {
  if (!file) return [];
  const { path, manifest } = file;
  const { namespace = 'default' } = Chart.of(scope);
  const found = map(manifest['metadata']);
  const wide = ['namespace-wide', 'cluster-wide'].filter(
    (word) => map(annotations)[`sealedsecrets.bitnami.com/${word}`] === 'true',
  );
  return [
    ...Object.entries({ name, namespace })
      .filter(([field, wanted]) => found[field] !== wanted)
      .map(([field, wanted]) => ({
        prop: `${path}: metadata.${field}`,
        must: `be "${wanted}"`,
        got: found[field],
        fix: 'seal it again for this name and namespace',
      })),
    ...wide.map((got) => ({
      prop: `${path}: metadata.annotations`,
      must: 'be sealed for this name and namespace alone',
      got,
      fix: 'seal it again with kubeseal --scope strict',
    })),
  ];
}

function keyRefusals(scope: Construct, { name, keys }: SecretShape, { file, encryptedData, template }: Sealed): Refusal[] {
  const { namespace = 'default' } = Chart.of(scope);
  const fix = `seal it with kubeseal --raw --namespace ${namespace} --name ${name}`;
  const at = file ? `${file.path}: spec.encryptedData` : 'source.sealed.encrypted';
  return keys
    .filter((key) => !isSealed(encryptedData[key]) && !(encryptedData[key] === undefined && key in map(template['data'])))
    .map((key) => ({ key, value: encryptedData[key] as unknown }))
    .map(({ key, value }) => ({ prop: `${at}.${key}`, must: 'be a sealed value', got: described(value), fix }));
}

/**
 * Whether a value has the form of kubeseal's: the length of an encrypted key, that key, and the value with its tag of
 * 16 bytes (https://github.com/bitnami-labs/sealed-secrets/blob/main/docs/developer/crypto.md).
 */
function isSealed(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]{4,}={0,2}$/.test(value)) return false;
  const bytes = Buffer.from(value, 'base64');
  const key = bytes.length > 2 ? bytes.readUInt16BE(0) : 0;
  return key >= 128 && bytes.length >= 2 + key + 16;
}

function templateMetadata({ name, labels }: SecretShape, { metadata }: Manifest): Manifest {
  const { labels: ownLabels, annotations } = map(metadata);
  const all = { ...map(ownLabels), ...labels };
  return { name, ...(Object.keys(all).length > 0 ? { labels: all } : {}), ...(isMap(annotations) ? { annotations } : {}) };
}
