import type { KnownFacts } from '../../support/facts';
import type { World } from '../rule';
import type { WorkloadContainer } from './workloads';

/** What is known of the image that a container runs; undefined where nobody has said anything. */
export function knownOf({ images = [] }: World, { spec }: WorkloadContainer): KnownFacts | undefined {
  return images.find(({ image }) => image === spec['image']);
}
