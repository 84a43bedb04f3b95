import type { FinishedObject } from './world';
import type { Inventory } from './inventory';
import { grouped, map, maps, nameOf, namespaceOf, numberOr, once, scalar, scalars, specOf, valueAt } from './values';
import type { Pod } from './pods';

/** A claim that one node, or one pod, may mount. */
export interface SingleClaim {
  readonly name: string;
  readonly namespace: string;
  /** Whether it is for one pod even where several are on one node: `ReadWriteOncePod`. */
  readonly onePod: boolean;
  /** Whether its volume is on one node, to which all pods go that mount it. */
  readonly pinned: boolean;
  /** The StatefulSet that makes it for one of its pods. */
  readonly owner?: FinishedObject;
}

/** How a workload uses a claim. */
export interface ClaimUse {
  readonly workload: Pod;
  /** Where the volume stands. */
  readonly field: string;
  /** Whether none of its containers may write. */
  readonly reads: boolean;
}

/** Claims for one node or one pod, and all who mount them. */
export const singleClaims = once((inventory: Inventory): ReadonlyMap<SingleClaim, readonly ClaimUse[]> => {
  const uses = grouped(inventory.pods.flatMap(usesOf), ({ workload, claim }) => `${workload.namespace}/${claim}`);
  const claims = [
    ...inventory.ofKind('PersistentVolumeClaim').map((object) => claimOf(object, inventory)),
    ...templates(inventory),
  ];
  return new Map(
    claims.flatMap((claim) => {
      const found = claim && uses.get(`${claim.namespace}/${claim.name}`);
      return claim && found ? [[claim, found] as const] : [];
    }),
  );
});

function usesOf(workload: Pod): (ClaimUse & { claim: string })[] {
  return maps(workload.spec['volumes']).flatMap(({ name, persistentVolumeClaim }, index) => {
    const { claimName, readOnly } = map(persistentVolumeClaim);
    const claim = scalar(claimName);
    if (claim === undefined) return [];
    const mounts = workload.containers
      .flatMap(({ spec }) => maps(spec['volumeMounts']))
      .filter((mount) => mount['name'] === name);
    const reads = readOnly === true || (mounts.length > 0 && mounts.every((mount) => mount['readOnly'] === true));
    return [{ claim, workload, reads, field: `${workload.path}.volumes[${index}].persistentVolumeClaim.claimName` }];
  });
}

function claimOf({ manifest }: FinishedObject, inventory: Inventory): SingleClaim | undefined {
  const name = nameOf(manifest) ?? '';
  const { accessModes, volumeName } = map(manifest['spec']);
  const volume = typeof volumeName === 'string' ? inventory.find('PersistentVolume', volumeName, '')?.object : undefined;
  const pinned = volume !== undefined && valueAt(specOf(volume), 'nodeAffinity.required') !== undefined;
  return single(accessModes, { name, namespace: namespaceOf(manifest), pinned });
}

/** The claims that StatefulSets make, which another pod may name too. */
function templates(inventory: Inventory): (SingleClaim | undefined)[] {
  return inventory.ofKind('StatefulSet').flatMap((owner) => {
    const { replicas, volumeClaimTemplates, ordinals } = specOf(owner);
    const [first, count] = [numberOr(0, map(ordinals)['start']), Math.min(numberOr(1, replicas), 1000)];
    return maps(volumeClaimTemplates).flatMap(({ metadata, spec }) =>
      Array.from({ length: Math.max(count, 0) }, (_, index) => {
        const name = `${String(map(metadata)['name'])}-${nameOf(owner.manifest)}-${first + index}`;
        return single(map(spec)['accessModes'], { name, namespace: namespaceOf(owner.manifest), pinned: false, owner });
      }),
    );
  });
}

function single(accessModes: unknown, claim: Omit<SingleClaim, 'onePod'>): SingleClaim | undefined {
  const modes = scalars(accessModes);
  const one = modes.length > 0 && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
  return one ? { ...claim, onePod: modes.includes('ReadWriteOncePod') } : undefined;
}
