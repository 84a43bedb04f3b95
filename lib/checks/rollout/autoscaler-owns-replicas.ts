import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { nameOf } from '../world/objects';
import { map, scalar } from '../world/values';

/** A number in the YAML is applied again at every deployment. */
export const autoscalerOwnsReplicas: Rule = {
  name: 'autoscaler-owns-replicas',
  sentence: 'What an autoscaler scales has no number of replicas of its own.',
  why: 'Every deployment in the rush hour sets the pods back to the number in the YAML, and the rest of them carry the load.',
  source:
    'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling',
  severity: 'warning',
  *find(world: World): Iterable<Finding> {
    for (const { object, scaler } of inventoryOf(world).workloads) {
      const got: unknown = map(object.manifest['spec'])['replicas'];
      if (!scaler || scalar(got) === undefined) continue;
      const must = `be left to the ${String(scaler.manifest['kind'])} ${nameOf(scaler.manifest)}`;
      yield { object, field: 'spec.replicas', must, got, fix: 'remove it; the fewest pods are a field of the autoscaler' };
    }
  },
};
