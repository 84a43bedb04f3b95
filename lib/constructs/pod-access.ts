import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { labels } from '../support/labels';
import { requireProps } from '../support/props';
import { reject } from '../support/reject';
import { requireName } from '../support/values';

/**
 * Who has rights: a group or a user, by the name that the API server knows them by, which its OIDC settings may begin with a
 * prefix; or a ServiceAccount, such as that of a bastion.
 *
 * @write { group: 'shop-oncall' }
 */
export type AccessSubject =
  | {
      /** Name of a group: `subjects[].name` of the kind `Group`. */
      readonly group: string;
    }
  | {
      /** Name of a user, often an address: `subjects[].name` of the kind `User`. */
      readonly user: string;
    }
  | {
      /** Name of a ServiceAccount that is none of the pods' here. */
      readonly serviceAccount: string;
      /** The namespace that it is in. */
      readonly namespace: string;
    };

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
    requireSubjects(this, subjects);
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

const RBAC = 'rbac.authorization.k8s.io';

/** kubectl finds the pod of `deploy/<name>` by its owner. */
const RULES: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['pods/exec', 'pods/attach', 'pods/portforward'], verbs: ['get', 'create'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs: ['get'] },
];

function subjectOf(subject: AccessSubject): k8s.Subject {
  if ('group' in subject) return { apiGroup: RBAC, kind: 'Group', name: subject.group };
  if ('user' in subject) return { apiGroup: RBAC, kind: 'User', name: subject.user };
  return { kind: 'ServiceAccount', name: subject.serviceAccount, namespace: subject.namespace };
}

function requireSubjects(scope: Construct, subjects: readonly AccessSubject[]): void {
  const known = new Set<string>();
  for (const [index, subject] of subjects.entries()) {
    const at = `subjects[${index}]`;
    if ('serviceAccount' in subject) {
      requireName(scope, subject.serviceAccount, 253, `${at}.serviceAccount`);
      requireName(scope, subject.namespace, 63, `${at}.namespace`);
    } else {
      const [kind, name] = 'group' in subject ? ['group', subject.group] : ['user', subject.user];
      requirePerson(scope, `${at}.${kind}`, name);
    }
    const text = JSON.stringify(subjectOf(subject));
    if (known.has(text)) reject(scope, { prop: at, must: 'be named once', got: text, fix: 'remove one of the two' });
    known.add(text);
  }
}

/** What Kubernetes calls by names of its own is no group of people: everyone who is logged in, all pods, the kubelets. */
function requirePerson(scope: Construct, prop: string, name: string): void {
  if (name.trim() !== name || name === '') {
    const fix = 'write it as the API server shows it: kubectl auth whoami';
    reject(scope, { prop, must: 'be a name without spaces round it', got: name, fix });
  } else if (name.startsWith('system:')) {
    const fix = "name your own, or a ServiceAccount as { serviceAccount: '...', namespace: '...' }";
    reject(scope, { prop, must: 'not be one of those that Kubernetes keeps, system:', got: name, fix });
  }
}
