import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { requireName } from '../support/values';
import { RBAC, requireSubjects, subjectOf, type AccessSubject } from './access-subject';

/** Properties of {@link PodAccess}. */
export interface PodAccessProps {
  /** Name of the application; the Role and the RoleBinding are `<name>-pod-access`. At most 52 characters. */
  readonly name: string;
  /** Who it is. Nobody makes no object. */
  readonly subjects: readonly AccessSubject[];
}

/**
 * The right of people to look into the pods of a namespace: their logs, commands in them, ports forwarded from them. Whoever
 * has it, owns the application: the cookie and every password are variables of its pods.
 *
 * Commands and ports have two verbs, because kubectl asks for them by `create` or, as a WebSocket, by `get`, and API servers from
 * 1.35 ask for `create` there too. Containers cannot be added (`kubectl debug`): those may read any Secret of the namespace.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/
 */
export class PodAccess extends Construct {
  /** What they may do; where there are any. */
  readonly role?: k8s.KubeRole;
  /** Who they are; where there are any. */
  readonly binding?: k8s.KubeRoleBinding;

  constructor(scope: Construct, id: string, props: PodAccessProps) {
    super(scope, id);
    requireProps(this, props, 'PodAccessProps');
    const { name: application, subjects } = props;
    requireName(this, application, 52);
    requireSubjects(this, 'subjects', subjects);
    if (subjects.length === 0) return;
    const name = `${application}-pod-access`;
    const metadata = { name, labels: labels({ application, instance: name, component: 'access' }) };
    this.role = new k8s.KubeRole(this, 'Role', { metadata, rules: RULES });
    this.binding = new k8s.KubeRoleBinding(this, 'Binding', {
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: subjects.map(subjectOf),
    });
  }
}

/** kubectl finds the pod of `deploy/<name>` by its owner. */
const RULES: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods/exec', 'pods/attach', 'pods/portforward'], verbs: ['get', 'create'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs: ['get'] },
];
