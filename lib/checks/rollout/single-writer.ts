import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { surgeOf } from '../world/rollout-pods';
import { map, maps, scalar, scalars } from '../world/values';
import type { Workload } from '../world/workloads';

/** A volume that one node alone may mount, under pods that may be on two. */
export const singleWriter: Rule = {
  name: 'single-writer',
  sentence: 'A Deployment with a volume for one node has one pod and replaces it by Recreate.',
  why: 'The new pod waits for the volume that the old one holds, and the old one waits for the new one to be ready.',
  source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes',
  *find(world: World): Iterable<Finding> {
    const inventory = inventoryOf(world);
    if (inventory.ofKind('PersistentVolumeClaim').length === 0) return;
    for (const workload of inventory.workloads) {
      if (workload.kind !== 'Deployment') continue;
      const claim = claimsOf(workload).find((name) => {
        const object = inventory.find('PersistentVolumeClaim', name, workload.namespace)?.object;
        return object && isForOne(object.manifest['spec']);
      });
      if (claim === undefined) continue;
      const { object, replicas } = workload;
      const holds = `while the claim ${claim} is for one node`;
      if (replicas.most > 1) {
        const fix = 'use a StatefulSet with claim templates, or a volume with ReadWriteMany';
        yield { object, field: 'spec.replicas', must: `be 1 ${holds}`, got: replicas.most, fix };
      } else if (surgeOf(workload) > 0) {
        const got = map(map(object.manifest['spec'])['strategy'])['type'] ?? 'RollingUpdate by default';
        const fix = 'set it to Recreate: the old pod goes before the new one comes';
        yield { object, field: 'spec.strategy.type', must: `start no second pod ${holds}`, got, fix };
      }
    }
  },
};

function claimsOf({ pod }: Workload): string[] {
  return maps(pod['volumes']).flatMap(({ persistentVolumeClaim }) => scalar(map(persistentVolumeClaim)['claimName']) ?? []);
}

function isForOne(spec: unknown): boolean {
  const modes = scalars(map(spec)['accessModes']);
  return modes.length > 0 && modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
}
