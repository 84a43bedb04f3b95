import type { World } from '../model/world';
import { inventoryOf } from '../model/inventory';
import { once } from '../model/values';
import type { Pod } from '../model/pods';
import type { Manifest } from '../support/edit';

const byManifest = once(
  (world: World): ReadonlyMap<Manifest, Pod> =>
    new Map(inventoryOf(world).pods.map((workload) => [workload.object.manifest, workload])),
);

/** The pods that an object of a world makes; undefined where it makes none. */
export function workloadOf(world: World, manifest: Manifest): Pod | undefined {
  return byManifest(world).get(manifest);
}
