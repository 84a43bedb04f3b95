import { parseImage } from '../../support/image';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { everyContainer } from '../world/pods';
import { namesVersion } from './image-version';

/** A tag can be pushed again: two pods of one Deployment may then run different programs. */
export const imageDigest: Rule = {
  name: 'image-digest',
  sentence: 'Every image is named by its digest.',
  why: 'A tag can be pushed again, and then the pods of one rollout run different programs, and a rollback runs neither.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      for (const { path, spec: container } of everyContainer(pod)) {
        const { image } = container;
        // What names no version at all is refused by `image-version`.
        if (!namesVersion(image) || parseImage(image)?.digest) continue;
        const fix = 'append the digest that the registry printed at the push: name:1.4.2@sha256:<64 hex digits>';
        yield { object: pod.object, field: `${path}.image`, must: 'name a digest', got: image, fix };
      }
    }
  },
};
