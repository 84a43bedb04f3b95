import type { Manifest } from '../../support/edit';
import { parseQuantity } from '../../support/parse-quantity';
import type { Finding, Rule, World } from '../rule';
import { inventoryOf } from '../../model/inventory';
import { map, maps, nameOf, namespaceOf, specOf } from '../../model/values';
import { always, askedAt, atLeast, between, is, isGiven, where, type Condition, type Fault, type TypeRule } from './condition';

/** How fast pods follow in one direction. */
const SCALING_RULES: readonly Condition[] = [
  is('stabilizationWindowSeconds', between(0, 3600), 'write seconds, as in 300'),
  where(
    'policies',
    'have one policy or more',
    "leave them out for the default, or write selectPolicy: 'Disabled'",
    (got, { selectPolicy }) => !Array.isArray(got) || got.length > 0 || selectPolicy === 'Disabled',
  ),
  is('policies[].value', atLeast(1), 'write the pods or percent of one step'),
  is('policies[].periodSeconds', between(1, 1800), 'write seconds, as in 60'),
];

/** How far and how fast an autoscaler goes. KEDA takes any speed, and the autoscaler that it makes of it is refused. */
export const autoscalerFields: TypeRule = {
  name: 'autoscaler-fields',
  sentence: 'An autoscaler says what it scales, has at least one pod, at most as many as it may have, and policies that move.',
  why: 'The API server refuses the autoscaler, and the Deployment, which leaves its replicas to it, stays at one pod.',
  source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior',
  types: {
    HorizontalPodAutoscalerSpec: [
      is('minReplicas', atLeast(1), 'scaling to none is behind a feature gate'),
      where(
        'maxReplicas',
        (_got, { minReplicas }) => `be at least the minReplicas of ${minReplicas ?? 1}`,
        'raise it, or lower minReplicas',
        (got, { minReplicas }) => typeof got !== 'number' || !(got < Math.max(1, minReplicas ?? 1)),
      ),
      always(
        'scaleTargetRef.apiVersion',
        'name a group and a version',
        "write 'apps/v1' for a Deployment",
        (got, { scaleTargetRef }) =>
          map(scaleTargetRef)['kind'] === 'ReplicationController' || /^[a-z][a-z0-9.-]*\/v\d\w*$/.test(String(got)),
      ),
    ],
    HPAScalingRules: SCALING_RULES,
  },
  find: askedAt({
    'ScaledObject spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp': SCALING_RULES,
    'ScaledObject spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleDown': SCALING_RULES,
  }),
};

/** The source of each type of a metric, and the targets that the API server takes there. */
const METRICS: Readonly<Record<string, { readonly source: string; readonly targets: readonly string[] }>> = {
  Resource: { source: 'resource', targets: ['averageUtilization', 'averageValue'] },
  ContainerResource: { source: 'containerResource', targets: ['averageUtilization', 'averageValue'] },
  Pods: { source: 'pods', targets: ['averageValue'] },
  Object: { source: 'object', targets: ['value', 'averageValue'] },
  External: { source: 'external', targets: ['value', 'averageValue'] },
};

/** What an autoscaler looks at. */
export const autoscalerMetrics: TypeRule = {
  name: 'autoscaler-metrics',
  sentence: 'Every metric of an autoscaler has the source of its type, and one target above 0.',
  why: 'The API server refuses the autoscaler, and the pods stay as few as they are while the load grows.',
  source:
    'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#autoscaling-on-multiple-metrics-and-custom-metrics',
  types: { MetricSpec: [oneSource] },
};

function* oneSource(metric: Manifest): Iterable<Fault> {
  const { type } = metric;
  const known = METRICS[String(type)];
  if (!known) return;
  const { source, targets } = known;
  const sources = Object.values(METRICS).map((one) => one.source);
  const given = sources.filter((name) => isGiven(metric[name]));
  if (given.join() === source) yield* oneTarget(`${source}.target`, map(map(metric[source])['target']), targets);
  else {
    const got = given.join(' and ') || undefined;
    yield { field: '', must: `have ${source} alone, as its type ${type} says`, got, fix: 'make a metric for each source' };
  }
}

function* oneTarget(field: string, target: Manifest, allowed: readonly string[]): Iterable<Fault> {
  const targets = ['averageUtilization', 'averageValue', 'value'].filter((name) => isGiven(target[name]));
  const [only = ''] = targets;
  if (targets.length !== 1 || !allowed.includes(only)) {
    const must = `have ${allowed.join(' or ')}, one target in all`;
    yield { field, must, got: targets.join(' and ') || undefined, fix: 'leave the one that you scale by' };
    return;
  }
  const got: unknown = target[only];
  const isAmount = typeof got === 'number' || (typeof got === 'string' && only !== 'averageUtilization');
  if (!isAmount || (parseQuantity(got) ?? 1) > 0) return;
  yield { field: `${field}.${only}`, must: 'be above 0', got, fix: 'write the load of one pod at work, as in 60 percent' };
}

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
          for (const { path, spec: container, endsFirst } of pod.containers) {
            if (endsFirst || (only !== undefined && container['name'] !== only)) continue;
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
