import { IMAGE_FORM, parseImage, unreadable } from '../../support/image';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { everyContainer } from '../world/pods';

/** `latest` is no version: nobody can say what runs, or go back to it. */
export const imageVersion: Rule = {
  name: 'image-version',
  sentence: 'Every image names a version, by a tag other than latest or by a digest.',
  why: 'What "latest" runs changes with the next restart of a pod, without a review, and a rollback starts the same image again.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      for (const { path, container } of everyContainer(pod)) {
        const { image } = container;
        if (namesVersion(image)) continue;
        // A digest says that a version is meant: then it is the digest that nobody can read.
        const must = String(image).includes('@') ? unreadable(String(image)) : 'be an image with a tag other than latest';
        yield { object: pod.object, field: `${path}.image`, must, got: image, fix: IMAGE_FORM };
      }
    }
  },
};

/** Whether the text is an image reference that names one build. */
export function namesVersion(image: unknown): image is string {
  const reference = typeof image === 'string' ? parseImage(image) : undefined;
  return reference !== undefined && (reference.digest !== undefined || (reference.tag ?? 'latest') !== 'latest');
}
