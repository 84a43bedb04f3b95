import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf } from '../world/values';

/** A controller that goes takes its volumes along only where someone said so. */
export const volumesKept: Rule = {
  name: 'volumes-kept',
  sentence: 'Volumes outlive the StatefulSet that made them.',
  why: 'A renamed chart or a wrong prune deletes the StatefulSet, its claims go with it, and the data with them.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('StatefulSet')) {
      const { volumeClaimTemplates, persistentVolumeClaimRetentionPolicy } = specOf(object);
      if (maps(volumeClaimTemplates).length === 0) continue;
      for (const moment of ['whenDeleted', 'whenScaled'] as const) {
        const got: unknown = map(persistentVolumeClaimRetentionPolicy)[moment];
        if (got !== 'Delete') continue;
        const fix = 'write Retain, or leave the rule out with the reason why nobody will miss the data';
        yield { object, field: `spec.persistentVolumeClaimRetentionPolicy.${moment}`, must: 'be Retain', got, fix };
      }
    }
  },
};
