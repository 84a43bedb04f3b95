import type { Manifest } from './edit';
import { isMap } from './is-map';

/** What sops makes of a value (https://getsops.io/docs/#encryption-protocol): the text, and of what type it is again. */
const VALUE = /^ENC\[AES256_GCM,data:[A-Za-z0-9+/]+={0,2},iv:[A-Za-z0-9+/]+={0,2},tag:[A-Za-z0-9+/]+={0,2},type:([a-z]+)\]$/;

/** The fields of a Secret that hold its values. */
const FIELDS = ['data', 'stringData'] as const;

/** Who may open a document: where sops keeps them, and which of their fields name one. */
const KEEPERS: Readonly<Record<string, readonly string[]>> = {
  age: ['recipient'],
  pgp: ['fp'],
  kms: ['arn'],
  gcp_kms: ['resource_id'],
  hckms: ['key_id'],
  azure_kv: ['vault_url', 'name'],
  hc_vault: ['vault_address', 'engine_path', 'key_name'],
};

/** A key that opens a document. Its name is no secret. */
export interface Recipient {
  /** What kind of key it is, as sops calls it: `age`, `pgp`, `kms`. */
  readonly kind: string;
  readonly name: string;
}

/** The type that a value had before it was encrypted, such as `str`; undefined where it is not encrypted. */
export function encryptedType(value: unknown): string | undefined {
  return typeof value === 'string' ? VALUE.exec(value)?.[1] : undefined;
}

/** The values of a Secret, each with its field: `stringData`. */
export function valuesIn(manifest: Manifest): { readonly field: string; readonly key: string; readonly value: unknown }[] {
  return FIELDS.flatMap((field) => {
    const values: unknown = manifest[field];
    return isMap(values) ? Object.entries(values).map(([key, value]) => ({ field, key, value: value as unknown })) : [];
  });
}

/** Whether a finished object is a Secret of which sops has encrypted every value. */
export function isEncrypted(manifest: Manifest): boolean {
  if (manifest['kind'] !== 'Secret' || !isMap(manifest['sops'])) return false;
  return valuesIn(manifest).every(({ value }) => encryptedType(value) !== undefined);
}

/**
 * Whether nothing may be changed or added without the key: sops computes its MAC over the values of the whole document, in their
 * order, unless `mac_only_encrypted` says otherwise (https://getsops.io/docs/#message-authentication-code).
 */
export function isFixed(manifest: Manifest): boolean {
  return isEncrypted(manifest) && manifest['sops'].mac_only_encrypted !== true;
}

/** The keys of which one opens the document, or one of each group. */
export function recipientsIn(sops: Manifest): Recipient[] {
  const groups: unknown[] = Array.isArray(sops['key_groups']) ? sops['key_groups'] : [];
  return [sops, ...groups].flatMap((group) =>
    isMap(group) ? Object.entries(KEEPERS).flatMap(([kind, fields]) => recipientsOf(group[kind], kind, fields)) : [],
  );
}

/** Those that have the document's own key, encrypted for them. */
function recipientsOf(keys: unknown, kind: string, fields: readonly string[]): Recipient[] {
  if (!Array.isArray(keys)) return [];
  return keys.flatMap((key: unknown) => {
    if (!isMap(key) || typeof key['enc'] !== 'string' || key['enc'] === '') return [];
    const names = fields.map((field): unknown => key[field]);
    return names.every((name) => typeof name === 'string' && name !== '') ? [{ kind, name: names.join('/') }] : [];
  });
}
