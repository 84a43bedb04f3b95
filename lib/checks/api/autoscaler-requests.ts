import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, nameOf, namespaceOf, specOf } from '../world/values';

/** Utilization is a share of what was requested: of nothing there is none. */
export const autoscalerRequests: Rule = {
  name: 'autoscaler-requests',
  sentence: 'Where an autoscaler looks at utilization, every container requests that resource.',
  why: 'The autoscaler shows <unknown> and never adds a pod, however high the load is.',
  source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('HorizontalPodAutoscaler')) {
      const { scaleTargetRef, metrics } = specOf(object);
      const { kind, name } = map(scaleTargetRef);
      const targets = inventoryOf(world).pods.filter(
        (pod) => pod.kind === kind && nameOf(pod.object.manifest) === name && pod.namespace === namespaceOf(object.manifest),
      );
      for (const { resource, containerResource } of maps(metrics)) {
        const { name: wanted, container: only, target } = map(resource ?? containerResource);
        if (typeof wanted !== 'string' || map(target)['averageUtilization'] === undefined) continue;
        for (const pod of targets) {
          for (const { path, spec: container, init } of pod.containers) {
            if ((init && container['restartPolicy'] !== 'Always') || (only !== undefined && container['name'] !== only)) continue;
            const { requests, limits } = map(container['resources']);
            if (map(requests)[wanted] !== undefined || map(limits)[wanted] !== undefined) continue;
            const must = `be given for the autoscaler "${nameOf(object.manifest)}", which looks at their utilization`;
            const field = `${path}.resources.requests.${wanted}`;
            yield { object: pod.object, field, must, got: undefined, fix: 'request what the container uses' };
          }
        }
      }
    }
  },
};
