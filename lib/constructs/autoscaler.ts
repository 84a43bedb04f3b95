import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { writtenFrom } from '../support/declare';
import { reject } from '../support/reject';
import { requireProps } from '../support/props';
import { requireTypes } from '../support/types';
import { requireInteger } from '../support/values';

/** Pods that follow the load: as many as keep what they use near a target. */
export interface Autoscaling {
  /** Fewest pods, 1 to 1000: `minReplicas`. Fewer than two are an outage whenever one is replaced. */
  readonly minimum: number;
  /** Most pods, above the minimum; the quota and the database must bear them: `maxReplicas`. */
  readonly maximum: number;
  /** Percent of the requested CPU that the pods may use on average, 1 to 100. @default 70 */
  readonly cpu?: number;
  /**
   * Percent of the requested memory that the pods may use on average, 1 to 100. The BEAM gives memory back late, so
   * what was added for it stays long. @default - memory adds no pods
   */
  readonly memory?: number;
  /** What else they follow; of several the one that asks for most pods wins: `metrics`. @default [] */
  readonly metrics?: readonly k8s.MetricSpecV2[];
  /**
   * How fast they follow, one direction or both: `behavior`.
   * @default - up at once, by two pods or twofold a minute; down by one pod a minute, after five minutes of less load
   */
  readonly behavior?: k8s.HorizontalPodAutoscalerBehaviorV2;
}

/** Properties of {@link Autoscaler}. */
export interface AutoscalerProps extends Autoscaling {
  /** Name of what it scales; the autoscaler gets the same name. */
  readonly name: string;
  /** Its kind: `scaleTargetRef.kind`. @default 'Deployment' */
  readonly kind?: 'Deployment' | 'StatefulSet';
  /** Labels of the object. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Adds pods to a Deployment under load and takes them away when it is over, slowly: each pod that goes sends its
 * LiveView sockets to the others, all at once. The cluster needs a metrics server.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/
 */
export class Autoscaler extends Construct {
  /** The object. */
  readonly autoscaler: k8s.KubeHorizontalPodAutoscalerV2;

  constructor(scope: Construct, id: string, props: AutoscalerProps) {
    super(scope, id);
    requireProps(this, props, 'AutoscalerProps');
    const { name, kind = 'Deployment', labels, minimum, maximum, cpu = 70, memory, metrics = [], behavior = {} } = props;
    requireRange(this, { minimum, maximum }, 1);
    const percent = { minimum: 1, maximum: 100, fix: 'write the percent of the request that one pod may use, such as 70' };
    requireInteger(this, 'cpu', cpu, percent);
    if (memory !== undefined) requireInteger(this, 'memory', memory, percent);
    requireBehavior(this, behavior);
    this.autoscaler = new k8s.KubeHorizontalPodAutoscalerV2(this, 'Default', {
      metadata: { name, labels: { ...labels } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind, name },
        minReplicas: minimum,
        maxReplicas: maximum,
        metrics: [utilization('cpu', cpu), ...(memory === undefined ? [] : [utilization('memory', memory)]), ...metrics],
        behavior: behaviorOf(behavior),
      },
    });
    writtenFrom(this, this.autoscaler, { 'spec.behavior': 'behavior' });
  }
}

/** How pods follow the load where nothing else is said. */
const CALM: Required<k8s.HorizontalPodAutoscalerBehaviorV2> = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Percent', value: 100, periodSeconds: 60 },
      { type: 'Pods', value: 2, periodSeconds: 60 },
    ],
  },
  scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
};

/** What is asked for, and the usual for a direction that is not said. */
export function behaviorOf({
  scaleUp = CALM.scaleUp,
  scaleDown = CALM.scaleDown,
}: k8s.HorizontalPodAutoscalerBehaviorV2): k8s.HorizontalPodAutoscalerBehaviorV2 {
  return { scaleUp: { ...scaleUp }, scaleDown: { ...scaleDown } };
}

/** Refuses directions that there are not, which would be lost. What is said of each is left to the rules. */
export function requireBehavior(scope: Construct, behavior: k8s.HorizontalPodAutoscalerBehaviorV2): void {
  requireTypes(scope, behavior, { scaleUp: ['object', undefined], scaleDown: ['object', undefined] }, 'behavior.');
}

/** Refuses a range that has no room to scale in, or fewer pods than `least`. */
export function requireRange(
  scope: Construct,
  { minimum, maximum }: Pick<Autoscaling, 'minimum' | 'maximum'>,
  least: number,
): void {
  requireInteger(scope, 'minimum', minimum, { minimum: least, maximum: 1000, fix: 'write 2 or more where an outage hurts' });
  requireInteger(scope, 'maximum', maximum, { minimum: 1, maximum: 1000, fix: 'write what the quota and the database bear' });
  if (maximum > minimum || !(maximum >= 1)) return;
  const must = `be above the minimum of ${minimum}`;
  reject(scope, { prop: 'maximum', must, got: maximum, fix: "raise it, or write 'replicas' as one number" });
}

function utilization(name: 'cpu' | 'memory', averageUtilization: number): k8s.MetricSpecV2 {
  return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } };
}
