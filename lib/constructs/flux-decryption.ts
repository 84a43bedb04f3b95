import type { IConstruct } from 'constructs';
import { declaredIn } from '../support/declare';
import type { Manifest } from '../support/edit';
import type { EncryptedSecret } from '../support/facts';
import { folderOf } from '../support/folder';
import { OptOut } from '../support/opt-out';
import type { Refusal } from '../support/reject';

/**
 * A Kustomization that decrypts what is encrypted in its folder, and one that has nothing to decrypt as it is.
 *
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#decryption
 */
export function withDecryption(manifest: Manifest, scope: IConstruct, folder: string): Manifest {
  const encrypted = encryptedIn(scope, folder);
  if (encrypted.length === 0) return manifest;
  const [name] = keySecrets(encrypted);
  const decryption = { provider: 'sops', ...(name === undefined ? {} : { secretRef: { name } }) };
  return { ...manifest, spec: { decryption, ...manifest['spec'] } };
}

/** A Kustomization reads one Secret with keys. */
export function severalKeySecrets(scope: IConstruct, folders: readonly string[]): Refusal[] {
  return folders.flatMap((folder) => {
    const names = keySecrets(encryptedIn(scope, folder));
    if (names.length < 2) return [];
    const fix = `put the keys of all into one, and write decryption: { secret: '${names[0]}' } for each`;
    return [{ prop: 'sops.decryption', must: 'name one Secret for all that one Kustomization decrypts', got: names, fix }];
  });
}

function encryptedIn(scope: IConstruct, folder: string): readonly EncryptedSecret[] {
  return declaredIn(scope).encrypted.filter(({ object }) => folderOf(object) === folder);
}

/** The Secrets with keys that are wanted, each once. The controller's own role opens what is encrypted for a cloud. */
function keySecrets(encrypted: readonly EncryptedSecret[]): string[] {
  const names = encrypted.flatMap(({ decryption, recipients }) => {
    if (decryption instanceof OptOut) return [];
    if (decryption) return [decryption.secret];
    const kinds = recipients.map(({ kind }) => kind);
    return kinds.includes('age') ? ['sops-age'] : kinds.includes('pgp') ? ['sops-gpg'] : [];
  });
  return [...new Set(names)];
}
