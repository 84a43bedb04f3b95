import type { Manifest } from '../../support/edit';
import type { FinishedObject, World } from '../rule';
import { map } from './values';

/** Whether an object stands in the YAML encrypted, and somebody decrypts it before it is applied. */
export function isDecrypted({ construct }: FinishedObject, { encrypted = [] }: World): boolean {
  return encrypted.some(({ object }) => object === construct);
}

/** Such an object as the API server gets it, but for its values: texts, whose number and names are known. */
export function asDecrypted(manifest: Manifest): Manifest {
  const { sops: _, data, stringData, ...rest } = manifest;
  return { ...rest, stringData: { ...map(data), ...map(stringData) } };
}
