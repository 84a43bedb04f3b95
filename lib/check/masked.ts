import type { FinishedObject } from '../checks/rule';
import { map, scalar } from '../checks/world/values';

/** Shorter values are words of any sentence. */
const SHORTEST = 6;
/** What many objects are called, and no password that is one. */
const NAME = /^[a-z][a-z_-]{0,15}$/;

/** Takes the values of Secrets out of a text: what is printed is read by more people than a Secret. */
export function maskOf(objects: readonly FinishedObject[]): (text: string) => string {
  const values = new Set(objects.filter(({ manifest }) => manifest['kind'] === 'Secret').flatMap(valuesOf));
  const long = [...values]
    .filter((value) => value.length >= SHORTEST && !NAME.test(value))
    .sort((one, other) => other.length - one.length);
  return (text) =>
    long.reduce(
      (shown, value) => (shown.includes(value) ? shown.replaceAll(value, `<${value.length} characters>`) : shown),
      text,
    );
}

function valuesOf({ manifest }: FinishedObject): string[] {
  const plain = Object.values(map(manifest['stringData'])).flatMap((value) => scalar(value)?.trim() ?? []);
  const encoded = Object.values(map(manifest['data'])).flatMap((value) => scalar(value) ?? []);
  return [...plain, ...encoded, ...encoded.map((value) => Buffer.from(value, 'base64').toString().trim())];
}
