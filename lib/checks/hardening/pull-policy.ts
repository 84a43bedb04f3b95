import { parseImage } from '../../support/image';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { everyContainer } from '../world/pods';

/** The default depends on the tag, and `Never` is for images that no registry has. */
export const pullPolicy: Rule = {
  name: 'pull-policy',
  sentence: 'Every container says when its image is pulled, and an image of a registry may be pulled.',
  why: 'With "Never" a node that has no copy yet cannot start the pod: a drained or an added node stays without it.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      for (const { path, spec: container } of everyContainer(pod)) {
        const { image, imagePullPolicy: got } = container;
        const at = { object: pod.object, field: `${path}.imagePullPolicy`, got };
        if (got === undefined || got === null) {
          const fix = 'write Always, or IfNotPresent for an image with a digest: the default depends on the tag';
          yield { ...at, must: 'be set', fix };
        } else if (got === 'Never' && isOfRegistry(image)) {
          yield { ...at, must: `be Always or IfNotPresent for ${image}`, fix: 'keep Never for images built on the node itself' };
        }
      }
    }
  },
};

/** Whether the image's name starts with a registry's host: it has a dot or a port. */
function isOfRegistry(image: unknown): image is string {
  const repository = typeof image === 'string' ? parseImage(image)?.repository : undefined;
  return repository !== undefined && /^[^/]*[.:][^/]*\//.test(repository);
}
