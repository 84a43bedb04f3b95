import type { Finding, Rule, World } from '../rule';
import { map } from '../world/values';

/** The API server's limit for all keys and values of one object. */
const MOST = 256 * 1024;

/** Annotations hold any text, but not any amount of it. */
export const annotationsFit: Rule = {
  name: 'annotations-fit',
  sentence: 'The annotations of an object have at most 256 KiB together.',
  why: 'The object is refused in the middle of an apply, and what comes after it never reaches the cluster.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/',
  *find({ objects }: World): Iterable<Finding> {
    for (const object of objects) {
      const annotations = Object.entries(map(map(object.manifest['metadata'])['annotations']));
      const size = annotations.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + sizeOf(value), 0);
      if (size <= MOST) continue;
      const must = `have at most ${MOST} bytes together`;
      const fix = 'move the text into a ConfigMap';
      yield { object, field: 'metadata.annotations', must, got: `${size} bytes`, fix };
    }
  },
};

/** What is no text is refused by another rule. */
function sizeOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0;
}
