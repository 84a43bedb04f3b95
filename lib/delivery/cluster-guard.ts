import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { CLUSTER_LABEL } from '../support/cluster-label';

/** Properties of {@link ClusterGuard}. */
export interface ClusterGuardProps {
  /** Name of the cluster, as environments call it: `cluster`. At most 63 characters. */
  readonly cluster: string;
}

/** Objects of everybody's cluster have names that say whose they are. */
const NAME = 'cdk8s-phoenix-cluster';

/**
 * Has a cluster refuse objects that are for another one: an environment's objects have the name of their cluster as a label, the
 * cluster knows its own, and who applies production's YAML to another one is told so at the first object. Objects without the label
 * pass, and so does a cluster without this guard: it is applied to each, once, by somebody who administers it.
 *
 * Needs Kubernetes 1.30, where policies in CEL are there without a switch.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class ClusterGuard extends Construct {
  /** What the cluster is called, in `kube-system`. */
  readonly identity: k8s.KubeConfigMap;
  /** What objects must match. */
  readonly policy: ApiObject;
  /** Puts both together. */
  readonly binding: ApiObject;

  constructor(scope: Construct, id: string, props: ClusterGuardProps) {
    super(scope, id);
    requireProps(this, props, 'ClusterGuardProps');
    const metadata = { name: NAME, labels: labels({ application: NAME, instance: NAME, component: 'guard' }) };
    this.identity = new k8s.KubeConfigMap(this, 'Identity', {
      metadata: { ...metadata, namespace: 'kube-system' },
      data: { cluster: props.cluster },
    });
    this.policy = new ApiObject(this, 'Policy', { ...ADMISSION, kind: 'ValidatingAdmissionPolicy', metadata, spec: POLICY });
    this.binding = new ApiObject(this, 'Binding', {
      ...ADMISSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata,
      spec: {
        policyName: NAME,
        paramRef: { name: NAME, namespace: 'kube-system', parameterNotFoundAction: 'Deny' },
        validationActions: ['Deny'],
      },
    });
  }
}

const ADMISSION = { apiVersion: 'admissionregistration.k8s.io/v1' };
/** The label of an object; of one that has it no more, what the cluster is called: it may go. */
const OWN = `object.metadata.?labels[?'${CLUSTER_LABEL}'].orValue(params.data.cluster)`;

const POLICY = {
  failurePolicy: 'Fail',
  paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
  matchConstraints: {
    // A cluster whose identity is lost would refuse every object of everybody otherwise.
    objectSelector: { matchExpressions: [{ key: CLUSTER_LABEL, operator: 'Exists' }] },
    resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] }],
  },
  validations: [
    {
      expression: `${OWN} == params.data.cluster`,
      messageExpression: `'this is the cluster ' + params.data.cluster + ', and the object is for ' + ${OWN} + ': use the context of that one'`,
      reason: 'Forbidden',
    },
  ],
};
