import type { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Drain } from '../pod/drain';
import { selector } from '../support/labels';
import { replicasField } from './replicas';
import { rolloutSpec } from './rollout';
import { statefulPods, type Stateful, type StatefulPods } from './stateful';

/** What keeps pods running: a Deployment, or a StatefulSet where their names stay. */
export type PodController = k8s.KubeDeployment | k8s.KubeStatefulSet;

/** What decides how pods are kept, whatever they run. */
export interface KeptPods extends Omit<StatefulPods, 'stateful' | 'template'> {
  readonly singleton: boolean;
  readonly stateful?: Stateful;
  readonly drain: Drain;
  /** The longest that a pod takes to start. */
  readonly start: Duration;
}

/** What keeps pods of a template running, under `scope`. */
export function podController(scope: Construct, kept: KeptPods, template: k8s.PodTemplateSpec): PodController {
  const { name, labels, replicas, stateful, start } = kept;
  if (stateful) return statefulPods(scope, { ...kept, stateful, template });
  return new k8s.KubeDeployment(scope, 'Deployment', {
    metadata: { name, labels: { ...labels } },
    spec: {
      ...replicasField(replicas),
      selector: { matchLabels: selector(name) },
      ...rolloutSpec(scope, kept, start),
      template,
    },
  });
}
