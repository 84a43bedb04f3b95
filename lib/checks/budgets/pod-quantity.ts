import type { Pod, Container } from '../world/pods';
import { amountOf, type Effective } from './limit-ranges';

/**
 * What one pod asks for, as the scheduler and a quota count it: its containers and sidecars together, or an init
 * container with the sidecars that were started before it, whichever is more.
 *
 * @param resources those of all containers, with the defaults of their namespaces
 */
export function podQuantity(
  { containers, path }: Pod,
  part: keyof Effective,
  resource: string,
  resources: ReadonlyMap<Container, Effective>,
): number {
  const of = (container: Container): number => amountOf(resources.get(container)?.[part] ?? {}, resource) ?? 0;
  let sidecars = 0;
  let together = 0;
  let most = 0;
  for (const container of containers) {
    const asked = of(container);
    if (container.endsFirst) most = Math.max(most, sidecars + asked);
    else if (container.path.startsWith(`${path}.initContainers[`)) sidecars += asked;
    else together += asked;
  }
  return Math.max(most, sidecars + together);
}
