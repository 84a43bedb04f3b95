import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { everyContainer, onWindows, type Pod } from '../world/pods';
import { list, valueAt } from '../world/values';

/** Numbers below are those of the node's own users, and an image's user name is no number at all. */
export const highUserIds: Rule = {
  name: 'high-user-ids',
  sentence: 'Every container runs as a user and a group of 10000 or more.',
  why: 'A smaller number is also a user of the node: what breaks out of the container owns the files of that user there.',
  source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      if (onWindows(pod)) continue;
      for (const [field, got] of lowIds(pod)) {
        const fix = 'use 10001, or 65534 where the image needs no user of its own';
        yield { object: pod.object, field, must: 'be a number of 10000 or more', got, fix };
      }
    }
  },
};

function* lowIds(pod: Pod): Iterable<[field: string, got: unknown]> {
  const { path, spec } = pod;
  const context = `${path}.securityContext`;
  const containers = everyContainer(pod);
  for (const id of ['runAsUser', 'runAsGroup']) {
    const own = containers.map(({ path: at, spec: container }) => ({ at, got: valueAt(container, `securityContext.${id}`) }));
    for (const { at, got } of own) if (got !== undefined && !isHigh(got)) yield [`${at}.securityContext.${id}`, got];
    const shared = valueAt(spec, `securityContext.${id}`);
    if (own.some(({ got }) => got === undefined) && !isHigh(shared)) yield [`${context}.${id}`, shared];
  }
  const fsGroup = valueAt(spec, 'securityContext.fsGroup');
  if (fsGroup !== undefined && !isHigh(fsGroup)) yield [`${context}.fsGroup`, fsGroup];
  for (const [index, group] of list(valueAt(spec, 'securityContext.supplementalGroups')).entries()) {
    if (!isHigh(group)) yield [`${context}.supplementalGroups[${index}]`, group];
  }
}

function isHigh(id: unknown): boolean {
  return typeof id === 'number' && id >= 10000;
}
