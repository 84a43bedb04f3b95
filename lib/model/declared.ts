import type { Manifest } from '../support/edit';
import type { KnownFacts } from '../support/facts';
import type { FinishedObject, World } from './world';
import type { Container } from './pods';
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

/** What is known of the image that a container runs; undefined where nobody has said anything. */
export function knownOf({ images = [] }: World, { spec }: Container): KnownFacts | undefined {
  return images.find(({ image }) => image === spec['image']);
}
