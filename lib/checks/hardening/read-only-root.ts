import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { everyContainer, onWindows } from '../world/pods';
import { valueAt } from '../world/values';

/** What is written beside the program is lost at the next restart, or is an attacker's. */
export const readOnlyRoot: Rule = {
  name: 'read-only-root',
  sentence: 'No container writes to its image.',
  why: 'Whoever gets a request to write a file can replace code of the release, and files that pile up there fill the disk of the node.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context-1',
  severity: 'warning',
  policy: true,
  *find(world: World): Iterable<Finding> {
    for (const pod of inventoryOf(world).pods) {
      if (onWindows(pod)) continue;
      for (const { path, spec: container } of everyContainer(pod)) {
        const got = valueAt(container, 'securityContext.readOnlyRootFilesystem');
        if (got === true) continue;
        const fix = 'set it, and mount an emptyDir with a sizeLimit where the program writes, such as /tmp';
        yield { object: pod.object, field: `${path}.securityContext.readOnlyRootFilesystem`, must: 'be true', got, fix };
      }
    }
  },
};
