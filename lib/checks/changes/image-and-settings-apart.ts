import type { Finding, Rule, World } from '../rule';
import { map } from '../world/values';
import { changesOf, groupKind, isSame } from './changes';

/** Copies of two versions with two sets of settings could not follow each other. */
export const imageAndSettingsApart: Rule = {
  name: 'image-and-settings-apart',
  sentence: 'A Cluster of CloudNativePG that switches over changes its image or its settings, not both at once.',
  why: 'The operator refuses the whole change, and everything else that the same apply holds waits for it.',
  source: 'https://cloudnative-pg.io/documentation/current/rolling_update/',
  *find(world: World): Iterable<Finding> {
    for (const { object, before } of changesOf(world).kept) {
      if (groupKind(object.manifest) !== 'postgresql.cnpg.io/Cluster') continue;
      const [was, is] = [map(before['spec']), map(object.manifest['spec'])];
      if (is['primaryUpdateMethod'] !== 'switchover' || isSame(was['imageName'], is['imageName'])) continue;
      const [old, now] = [map(map(was['postgresql'])['parameters']), map(map(is['postgresql'])['parameters'])];
      const changed = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !isSame(old[name], now[name]));
      if (changed.length === 0) continue;
      const must = `stay ${String(was['imageName'])} while settings change: ${changed.sort().join(', ')}`;
      const fix = 'change one of them in a release of its own; the memory and maxConnections change settings';
      yield { object, field: 'spec.imageName', must, got: is['imageName'], fix };
    }
  },
};
