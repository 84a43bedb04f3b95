import type { Construct, IConstruct } from 'constructs';
import { declaredIn } from '../support/declare';
import { reject, type Refusal } from '../support/reject';
import { shown } from '../support/wrong-type';
import { deployedIn } from './deployed';

/** Refuses what is no repository of a registry, such as one with a tag. */
export function requireRepository(scope: IConstruct, prop: string, url: string): void {
  if (/^oci:\/\/[a-z0-9][\w.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/.test(url)) return;
  const fix = 'write it in lower case, without tag and digest, as oci://ghcr.io/acme/shop-stack';
  reject(scope, { prop, must: 'be a repository of a registry', got: shown(prop, url), fix });
}

/** Refuses what names no artifact for ever. */
export function requireDigest(scope: IConstruct, prop: string, digest: string): void {
  if (/^sha256:[a-f0-9]{64}$/.test(digest)) return;
  const fix = 'write what deliver/push-artifact.sh has printed: sha256: and 64 hex digits';
  reject(scope, { prop, must: 'be a digest', got: digest, fix });
}

/** Secrets that everybody could read who reads the artifact. */
export function plainSecrets(scope: Construct, prop: string): Refusal[] {
  const encrypted = new Set(declaredIn(scope).encrypted.map(({ object }) => object));
  const plain = deployedIn(scope).filter((one) => one.kind === 'Secret' && !encrypted.has(one));
  const fix = "take its values from elsewhere, by 'existing', 'external', 'sealed' or 'sops'";
  return plain.map(({ name: got }) => ({
    prop,
    must: 'be for files without a Secret, which all could read who may pull',
    got,
    fix,
  }));
}
