import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { selector } from '../support/labels';
import { requireProps } from '../support/props';

/** Properties of {@link DisruptionBudget}. */
export interface DisruptionBudgetProps {
  /** Name of the controller whose pods are kept; the budget gets the same name. */
  readonly name: string;
  /** Labels of the object. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Lets a drained node take one pod of a controller at a time. Pods that are not ready may always be evicted,
 * so that a broken release does not block a node's maintenance.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
 */
export class DisruptionBudget extends Construct {
  /** The object. */
  readonly budget: k8s.KubePodDisruptionBudget;

  constructor(scope: Construct, id: string, props: DisruptionBudgetProps) {
    super(scope, id);
    requireProps(this, props, 'DisruptionBudgetProps');
    const { name, labels } = props;
    this.budget = new k8s.KubePodDisruptionBudget(this, 'Default', {
      metadata: { name, labels: { ...labels } },
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: selector(name) },
      },
    });
  }
}
