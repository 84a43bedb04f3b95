import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { requireClusterName } from '../support/cluster-name';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { CLUSTER_LABEL, GUARD } from '../support/cluster-label';

/** Properties of {@link ClusterGuard}. */
export interface ClusterGuardProps {
  /** Name of the cluster, as environments call it: `cluster`. At most 63 characters. */
  readonly cluster: string;
}

/**
 * Has a cluster refuse objects that are for another one: an environment's objects have the name of their cluster as a label, and who
 * applies production's YAML to another one is told so at the first object. Objects without the label pass, and so does a cluster
 * without this guard: it is applied to each, once, by somebody who administers it.
 *
 * Needs Kubernetes 1.30, where policies in CEL are there without a switch.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class ClusterGuard extends Construct {
  /** What objects must match. */
  readonly policy: ApiObject;
  /** What puts it in force. */
  readonly binding: ApiObject;

  constructor(scope: Construct, id: string, props: ClusterGuardProps) {
    super(scope, id);
    requireProps(this, props, 'ClusterGuardProps');
    const { cluster } = props;
    // It stands in an expression, between quotes.
    requireClusterName(this, cluster);
    const metadata = { name: GUARD, labels: labels({ application: GUARD, instance: GUARD, component: 'guard' }) };
    this.policy = new ApiObject(this, 'Policy', {
      ...ADMISSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: policyOf(cluster),
    });
    this.binding = new ApiObject(this, 'Binding', {
      ...ADMISSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: { policyName: GUARD, validationActions: ['Deny'] },
    });
  }
}

/** Where policies in CEL are. */
export const ADMISSION = { apiVersion: 'admissionregistration.k8s.io/v1' };

/**
 * The name is written out. As the parameter of a policy it would be read by a watch that API servers do not begin anew once the
 * policy was deleted: everything with the label would be refused until they are restarted.
 */
function policyOf(cluster: string) {
  const label = `['${CLUSTER_LABEL}']`;
  return {
    failurePolicy: 'Fail',
    matchConstraints: {
      objectSelector: { matchExpressions: [{ key: CLUSTER_LABEL, operator: 'Exists' }] },
      resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] }],
      // Controllers give them the labels of the Service, and pods come and go.
      excludeResourceRules: [
        { apiGroups: [''], apiVersions: ['*'], operations: ['*'], resources: ['endpoints'] },
        { apiGroups: ['discovery.k8s.io'], apiVersions: ['*'], operations: ['*'], resources: ['endpointslices'] },
      ],
    },
    // What is there may be changed, also by controllers, and may lose the label.
    matchConditions: [
      {
        name: 'says-another-cluster-than-before',
        expression: `has(object.metadata.labels) && '${CLUSTER_LABEL}' in object.metadata.labels && (oldObject == null || !has(oldObject.metadata.labels) || !('${CLUSTER_LABEL}' in oldObject.metadata.labels) || oldObject.metadata.labels${label} != object.metadata.labels${label})`,
      },
    ],
    validations: [
      {
        expression: `object.metadata.labels${label} == '${cluster}'`,
        messageExpression: `'this is the cluster ${cluster}, and the object is for ' + object.metadata.labels${label} + ': use the context of that one'`,
        reason: 'Forbidden',
      },
    ],
  };
}
