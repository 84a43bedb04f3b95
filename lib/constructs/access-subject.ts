import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { reject } from '../support/reject';
import { requireName } from '../support/values';

export const RBAC = 'rbac.authorization.k8s.io';

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

/** A subject as a binding has it. */
export function subjectOf(subject: AccessSubject): k8s.Subject {
  if ('group' in subject) return { apiGroup: RBAC, kind: 'Group', name: subject.group };
  if ('user' in subject) return { apiGroup: RBAC, kind: 'User', name: subject.user };
  return { kind: 'ServiceAccount', name: subject.serviceAccount, namespace: subject.namespace };
}

/** Refuses names that are no names, those that Kubernetes keeps, and one that is named twice. */
export function requireSubjects(scope: Construct, prop: string, subjects: readonly AccessSubject[]): void {
  const known = new Set<string>();
  for (const [index, subject] of subjects.entries()) {
    const at = `${prop}[${index}]`;
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
  } else if (name.includes('*')) {
    const fix = 'name each of them: Kubernetes compares names letter by letter';
    reject(scope, { prop, must: 'be one name', got: name, fix });
  } else if (name.startsWith('system:')) {
    const fix = "name your own, or a ServiceAccount as { serviceAccount: '...', namespace: '...' }";
    reject(scope, { prop, must: 'not be one of those that Kubernetes keeps, system:', got: name, fix });
  }
}
