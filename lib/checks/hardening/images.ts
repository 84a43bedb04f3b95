import { IMAGE_FORM, namesVersion, parseImage, unreadable } from '../../support/image';
import { eachContainer } from '../each';

export const imageDigest = eachContainer({
  name: 'image-digest',
  sentence: 'Every image is named by its digest.',
  why: 'A tag can be pushed again, and then the pods of one rollout run different programs, and a rollback runs neither.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  severity: 'warning',
  policy: true,
  *each({ path, spec: { image } }) {
    // What names no version at all is refused by `image-version`.
    if (!namesVersion(image) || parseImage(image)?.digest) return;
    const fix = 'append the digest that the registry printed at the push: name:1.4.2@sha256:<64 hex digits>';
    yield { field: `${path}.image`, must: 'name a digest', got: image, fix };
  },
});

export const imageVersion = eachContainer({
  name: 'image-version',
  sentence: 'Every image names a version, by a tag other than latest or by a digest.',
  why: 'What "latest" runs changes with the next restart of a pod, without a review, and a rollback starts the same image again.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  severity: 'warning',
  *each({ path, spec: { image } }) {
    if (namesVersion(image)) return;
    // A digest says that a version is meant: then it is the digest that nobody can read.
    const must = String(image).includes('@') ? unreadable(String(image)) : 'be an image with a tag other than latest';
    yield { field: `${path}.image`, must, got: image, fix: IMAGE_FORM };
  },
});

export const pullPolicy = eachContainer({
  name: 'pull-policy',
  sentence: 'Every container says when its image is pulled, and an image of a registry may be pulled.',
  why: 'With "Never" a node that has no copy yet cannot start the pod: a drained or an added node stays without it.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy',
  severity: 'warning',
  policy: true,
  *each({ path, spec: { image, imagePullPolicy: got } }) {
    const at = { field: `${path}.imagePullPolicy`, got };
    const fix = 'write Always, or IfNotPresent for an image with a digest: the default depends on the tag';
    if (got === undefined || got === null) yield { ...at, must: 'be set', fix };
    else if (got === 'Never' && isOfRegistry(image))
      yield { ...at, must: `be Always or IfNotPresent for ${image}`, fix: 'keep Never for images built on the node itself' };
  },
});

/** Whether the image's name starts with a registry's host: it has a dot or a port. */
function isOfRegistry(image: unknown): image is string {
  const repository = typeof image === 'string' ? parseImage(image)?.repository : undefined;
  return repository !== undefined && /^[^/]*[.:][^/]*\//.test(repository);
}
