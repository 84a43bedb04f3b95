import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { requireName } from '../support/values';

/** Properties of {@link SizeAdvisor}. */
export interface SizeAdvisorProps {
  /** Name of what keeps the pods; the object gets the same one. */
  readonly name: string;
  /** Its kind: `targetRef.kind`. @default 'Deployment' */
  readonly kind?: 'Deployment' | 'StatefulSet';
  /** The application: `app.kubernetes.io/name`. */
  readonly application: string;
}

/**
 * Has the VerticalPodAutoscaler say what CPU and memory the containers of pods need, in the status of an object, and change none of
 * them: `updateMode: Off`. So it goes with every range of replicas. Needs its recommender and metrics-server.
 *
 * @see https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler
 */
export class SizeAdvisor extends Construct {
  /** What has the advice in its status. */
  readonly autoscaler: ApiObject;

  constructor(scope: Construct, id: string, props: SizeAdvisorProps) {
    super(scope, id);
    requireProps(this, props, 'SizeAdvisorProps');
    const { name, kind = 'Deployment', application } = props;
    requireName(this, name, 63);
    this.autoscaler = new ApiObject(this, 'Default', {
      apiVersion: 'autoscaling.k8s.io/v1',
      kind: 'VerticalPodAutoscaler',
      metadata: { name, labels: labels({ application, instance: name, component: 'advice' }) },
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind, name },
        // Unset, pods are evicted to be sized anew.
        updatePolicy: { updateMode: 'Off' },
      },
    });
  }
}
