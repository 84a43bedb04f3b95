import type { Manifest } from '../../support/edit';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../world/inventory';
import { map, maps, specOf } from '../world/values';
import { isBelow } from './numbers';

type Fault = Omit<Finding, 'object'>;

/** How far and how fast an autoscaler goes. */
export const autoscalerFields: Rule = {
  name: 'autoscaler-fields',
  sentence: 'An autoscaler says what it scales, has at least one pod, at most as many as it may have, and policies that move.',
  why: 'The API server refuses the autoscaler, and the Deployment, which leaves its replicas to it, stays at one pod.',
  source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior',
  *find(world: World): Iterable<Finding> {
    for (const object of inventoryOf(world).ofKind('HorizontalPodAutoscaler')) {
      const { minReplicas, maxReplicas, behavior, scaleTargetRef } = specOf(object);
      if (isBelow(minReplicas, 1))
        yield {
          object,
          field: 'spec.minReplicas',
          must: 'be 1 or more',
          got: minReplicas,
          fix: 'scaling to none is behind a feature gate',
        };
      const least: unknown = minReplicas ?? 1;
      if (typeof least === 'number' && isBelow(maxReplicas, Math.max(1, least))) {
        const must = `be at least the minReplicas of ${least}`;
        yield { object, field: 'spec.maxReplicas', must, got: maxReplicas, fix: 'raise it, or lower minReplicas' };
      }
      const { apiVersion, kind } = map(scaleTargetRef);
      if (kind !== 'ReplicationController' && !/^[a-z][a-z0-9.-]*\/v\d\w*$/.test(String(apiVersion)))
        yield {
          object,
          field: 'spec.scaleTargetRef.apiVersion',
          must: 'name a group and a version',
          got: apiVersion,
          fix: "write 'apps/v1' for a Deployment",
        };
      for (const direction of ['scaleUp', 'scaleDown']) {
        const rules = map(behavior)[direction];
        if (rules === undefined || rules === null) continue;
        for (const fault of ofDirection(map(rules)))
          yield { ...fault, object, field: `spec.behavior.${direction}.${fault.field}` };
      }
    }
  },
};

function* ofDirection({ stabilizationWindowSeconds: window, policies, selectPolicy }: Manifest): Iterable<Fault> {
  if (isBelow(window, 0) || window > 3600)
    yield { field: 'stabilizationWindowSeconds', must: 'be from 0 to 3600', got: window, fix: 'write seconds, as in 300' };
  if (Array.isArray(policies) && policies.length === 0 && selectPolicy !== 'Disabled')
    yield {
      field: 'policies',
      must: 'have one policy or more',
      got: policies,
      fix: "leave them out for the default, or write selectPolicy: 'Disabled'",
    };
  for (const [index, { value, periodSeconds }] of maps(policies).entries()) {
    const field = `policies[${index}]`;
    if (isBelow(value, 1))
      yield { field: `${field}.value`, must: 'be 1 or more', got: value, fix: 'write the pods or percent of one step' };
    if (!isBelow(periodSeconds, 1) && !(periodSeconds > 1800)) continue;
    yield { field: `${field}.periodSeconds`, must: 'be from 1 to 1800', got: periodSeconds, fix: 'write seconds, as in 60' };
  }
}
